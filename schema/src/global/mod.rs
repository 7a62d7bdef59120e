//! Global fields: what a client asks of one becomes a question to all sources, and their rows its answer.
//! It must not know how sources are reached.

mod answer;
mod companies;
mod conditions;
mod local;
mod members;
mod question;
pub mod totals;
mod watch;

use futures_util::future::BoxFuture;

pub use self::{companies::Companies, watch::watch};
use crate::{
    engine::{collect::Selected, filter::Rows, model::Object, plan, request::Request},
    error::{ClientError, Error},
    federation::fanout::Means,
    source::{assertion, numbers},
};

/// A page of the rows of all companies, as a connection.
///
/// # Errors
/// Bad arguments, a fault, or a source that failed where none may.
pub async fn connection(
    request: &Request<'_>,
    selected: &Selected<'_>,
    object: &'static Object,
) -> Result<String, Error> {
    // A bad condition is the caller's fault; the sources would be blamed for it.
    plan::conditions(request, Rows { object, alias: plan::ROOT }, selected)?;
    let asked = question::of(request, selected, object).await?;
    let subject = assertion::subject(request.viewer);
    let assert = assertion::maker(request.hub, &subject).await?;
    let local = |text: String| -> BoxFuture<'_, String> { Box::pin(local::answer(request.hub, request.viewer, text)) };
    let assign = |tenant, of, keys| -> BoxFuture<'_, _> { Box::pin(numbers::assign(request.hub, tenant, of, keys)) };
    let means = Means { assert: &assert, subject: &subject, local: &local, assign: &assign };
    let answer = request.hub.federation.answer(&asked.question, means).await;
    let answer = answer.map_err(|failed| ClientError::SourceFailed(failed.to_string()))?;
    tracing::info!(
        field = selected.field.name,
        rows = answer.len(),
        sources = answer.reports.len(),
        failed = answer.reports.iter().filter(|report| report.is_failed()).count(),
        "global field"
    );
    answer::write(request, selected, (&asked, &answer)).await
}
