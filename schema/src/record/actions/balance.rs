//! What clients still owe on the invoices of a rep, in the currency of the company.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{count, shown, text};
use crate::{
    engine::{coerce::Arguments, fetch, record_id, request::Request, sql::Piece},
    error::Error,
    money,
};

/// `repBalanceSummaries`: one row for the rep, with the totals of all rows.
pub fn summaries<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let rep = match text(arguments, "rep") {
            Some(id) if record_id::is_id(id) => shown(request, "Rep", id).await?,
            _ => return Err(Error::bad_input("rep must be a record id.")),
        };
        let mut rows = Vec::new();
        let mut total = 0.0;
        if let Some(rep) = rep {
            total = outstanding(request, rep.tenant, rep.number).await?;
            rows.push(json!({ "document": {
                "_id": rep.object_id,
                "rep": rep.object_id,
                "rep_name": rep.text("name"),
                "total_outstanding_balance_of_invoices_created_by_rep": total,
            } }));
        }
        let all = rows.len();
        let (skip, first) = (count(arguments, "skip").unwrap_or(0), count(arguments, "first").unwrap_or(20));
        let page: Vec<Value> = rows.into_iter().skip(skip).take(first).collect();
        Ok(json!({
            "nodes": page,
            "totalCount": all,
            "totals": { "total_balances": total },
            "options": { "has_more": skip + first < all, "include_documents_count": false },
        }))
    })
}

async fn outstanding(request: &Request<'_>, tenant: i64, rep: i64) -> Result<f64, Error> {
    let currency = request.hub.directory.base_currency(Some(tenant));
    let sql = "SELECT CAST(COALESCE(SUM(balance_minor), 0) AS bigint) FROM invoice WHERE tenant_id = ? AND owner_id = ? \
               AND currency = ? AND deleted_at IS NULL AND status NOT IN ('DRAFT', 'CANCELLED')";
    let piece = Piece::with(sql, [tenant.into(), rep.into(), currency.clone().into()]);
    let rows = fetch::all(request, piece).await?;
    let minor: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(money::format_minor(minor, &currency).parse().unwrap_or_default())
}
