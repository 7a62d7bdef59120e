//! Imports of prospects: rows are judged by one set of rules, whether the import is tried or made.

mod create_prospects;
mod known;
mod report;
mod row;
mod verdict;

pub use create_prospects::create_prospects;

use async_graphql::Value;
use sea_orm::ConnectionTrait;

use self::{known::Known, report::Reported, row::Row, verdict::Verdict};
use crate::{
    company::{self, Company},
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
    hub::Hub,
    verb::Failure,
    viewer::Viewer,
};

/// Most rows of one import.
const MOST: usize = 10_000;

/// The answer of query `prospectImportPreview`.
///
/// # Errors
/// Those of `preview`.
pub async fn import_preview(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let rows = match selected.arguments.get("rows") {
        Some(Value::List(rows)) => rows.as_slice(),
        _ => &[],
    };
    let found = preview(request.hub, request.viewer, rows).await?;
    value(request, selected, &found).await
}

/// What an import of these rows would do; writes nothing. The answer has the form of `ProspectImportPreview`, rows
/// of tables given as `{"__row": number}`.
///
/// # Errors
/// `BAD_USER_INPUT` for more than 10,000 rows, or a viewer without company.
pub async fn preview(hub: &Hub, viewer: &Viewer, rows: &[Value]) -> Result<serde_json::Value, Error> {
    if rows.len() > MOST {
        return Err(Error::bad_input(format!("An import has at most {MOST} rows.")));
    }
    let Ok(tenant) = company::own(hub, viewer) else {
        return Err(Error::bad_input("You belong to no company that prospects could be imported into."));
    };
    let db = &hub.database.read;
    let company = Company::find(db, tenant).await?;
    let judged = judge(db, &company, rows).await?;
    let (mut inserts, mut updates, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (input, (_, verdict))) in rows.iter().zip(judged).enumerate() {
        match verdict {
            Verdict::Insert => inserts.push(report::row(index, input, Reported::Nothing)),
            Verdict::Update(number) => updates.push(report::row(index, input, Reported::Prospect(number))),
            Verdict::Reject(refusal) => rejected.push(report::row(index, input, Reported::Refusal(&refusal))),
        }
    }
    Ok(serde_json::json!({ "inserts": inserts, "updates": updates, "rejected": rejected }))
}

/// Reads and judges rows, in order.
async fn judge<C: ConnectionTrait>(db: &C, company: &Company, rows: &[Value]) -> Result<Vec<(Row, Verdict)>, Error> {
    let mut rows: Vec<_> = rows.iter().map(|input| row::read(input, company)).collect();
    let known = Known::load(db, company.number, &rows).await?;
    let verdicts = verdict::judge(&rows, &known);
    for row in &mut rows {
        row.locale = row.locale.and_then(|number| known.locales.get(&number).copied());
    }
    Ok(rows.into_iter().zip(verdicts).collect())
}

/// A fault that has nothing to do with a single row, as the failure of a mutation.
fn too_large() -> Failure {
    crate::verb::fault(crate::error::Code::TooLarge, "rows", format!("An import has at most {MOST} rows."))
}
