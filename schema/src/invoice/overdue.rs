//! Invoices whose due day passes while nobody touches them.

use groupgraph_entities::invoice;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use crate::hub::Hub;

/// Marks the unpaid invoices of every company whose due day lies before today there; answers how many.
///
/// # Errors
/// The database is out of reach.
pub async fn mark_overdue(hub: &Hub) -> Result<u64, DbErr> {
    let now = hub.clock.now();
    let mut marked = 0;
    for tenant in hub.directory.numbers() {
        let today = hub.directory.today(now, Some(tenant));
        let done = invoice::Entity::update_many()
            .col_expr(invoice::Column::Status, Expr::value("OVERDUE"))
            .col_expr(invoice::Column::UpdatedAt, Expr::value(now))
            .filter(invoice::Column::TenantId.eq(tenant))
            .filter(invoice::Column::Status.eq("UNPAID"))
            .filter(invoice::Column::DueOn.lt(today))
            .exec(&hub.database.write)
            .await?;
        marked += done.rows_affected;
    }
    Ok(marked)
}
