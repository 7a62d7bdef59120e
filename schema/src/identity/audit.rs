//! Lines of the activity log about signing in and credentials.

use chrono::{DateTime, Utc};
use groupgraph_entities::{activity_log, staff, tenant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// What a line is about; the value of `kind`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Sessions begin and end.
    Session,
    /// Credentials are made, changed, guessed or stolen.
    Security,
}

/// Writes a line about a person.
pub(super) async fn note(
    connection: &impl ConnectionTrait,
    kind: Kind,
    person: &staff::Model,
    description: impl Into<String>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let line = activity_log::ActiveModel {
        staff_id: Set(Some(person.id)),
        staff_name: Set(Some(person.name.clone())),
        ..line(kind, person.tenant_id, description.into(), now)
    };
    activity_log::Entity::insert(line).exec(connection).await.map(drop)
}

/// Writes a line about what a machine did; a machine of all companies leaves it with the head office.
pub(super) async fn note_machine(
    connection: &impl ConnectionTrait,
    tenant: Option<i64>,
    description: impl Into<String>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let tenant = match tenant {
        Some(tenant) => Some(tenant),
        None => head_office(connection).await?,
    };
    if let Some(tenant) = tenant {
        let line = line(Kind::Security, tenant, description.into(), now);
        activity_log::Entity::insert(line).exec(connection).await?;
    }
    Ok(())
}

/// The head office; the first company where none is marked.
pub(super) async fn head_office(connection: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
    tenant::Entity::find()
        .select_only()
        .column(tenant::Column::Id)
        .filter(tenant::Column::IsActive.eq(true))
        .order_by_desc(tenant::Column::IsHeadOffice)
        .order_by_asc(tenant::Column::Id)
        .into_tuple()
        .one(connection)
        .await
}

fn line(kind: Kind, tenant: i64, description: String, now: DateTime<Utc>) -> activity_log::ActiveModel {
    let kind = match kind {
        Kind::Session => "session",
        Kind::Security => "security",
    };
    activity_log::ActiveModel {
        tenant_id: Set(tenant),
        kind: Set(Some(kind.into())),
        description: Set(description),
        occurred_at: Set(now),
        ..Default::default()
    }
}
