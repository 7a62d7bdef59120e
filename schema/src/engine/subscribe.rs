//! What can be watched: committed changes, as far as the viewer may see the rows.

use std::fmt::Write;

use async_graphql::Value;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::broadcast::error::RecvError;

use super::{
    collect::{Selected, begin, collect},
    filter::Rows,
    find, id,
    model::Object,
    plan::{self, ROOT},
    request::Request,
    resolve::{authorize, own_conditions, read},
};
use crate::{
    error::Error,
    events::{Change, ChangeKind},
    global,
};

/// The answers to a subscription's root field, as they come.
///
/// # Errors
/// Rights, or a bad filter.
pub fn watch<'a>(request: Request<'a>, selected: Selected<'a>) -> Result<BoxStream<'a, Result<String, Error>>, Error> {
    authorize(&request, selected.field)?;
    if let Some(answers) = global::watch(request, &selected) {
        return Ok(answers);
    }
    let watched = watched(&request, selected.field.of.name.as_str())?;
    // A bad filter is told at once, not at the first change.
    plan::conditions(&request, Rows { object: watched, alias: ROOT }, &selected)?;
    for argument in selected.field.arguments.iter().filter(|argument| argument.of.name == "Reference") {
        if let Some(Value::Object(members)) = selected.arguments.get(argument.name.as_str()) {
            // Nothing would ever come.
            if find::named(&request, watched, members)?.is_none() {
                return Err(Error::bad_input(format!("{} names no {}.", argument.name, watched.name)));
            }
        }
    }
    let receiver = request.hub.events.watch();
    let changes = stream::unfold(receiver, |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(change) => return Some((change, receiver)),
                // Whoever is too slow misses changes; the next ones still come.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let answers = changes.filter(move |change| std::future::ready(change.of == watched.name)).then(move |change| {
        let selected = Selected {
            key: selected.key,
            field: selected.field,
            arguments: selected.arguments.clone(),
            sets: selected.sets.clone(),
        };
        async move { answer(&request, &selected, watched, &change).await.transpose() }
    });
    Ok(answers.filter_map(std::future::ready).boxed())
}

/// The row type behind a change type.
fn watched(request: &Request<'_>, of: &str) -> Result<&'static Object, Error> {
    let name = of.strip_suffix("Change").unwrap_or(of);
    let found = request.model().rows(name).map(|(object, _)| object);
    found.ok_or_else(|| Error::internal(format!("{of} cannot be watched")))
}

async fn answer(
    request: &Request<'_>,
    selected: &Selected<'_>,
    watched: &'static Object,
    change: &Change,
) -> Result<Option<String>, Error> {
    let is_row = selected.field.of.name == watched.name;
    if change.kind == ChangeKind::Deleted {
        let is_visible = change.tenant.is_some_and(|tenant| request.viewer.sees_tenant(tenant));
        return if is_visible && !is_row { wrapped(request, selected, change, None).await.map(Some) } else { Ok(None) };
    }
    let rows = Rows { object: watched, alias: ROOT };
    let mut conditions = plan::conditions(request, rows, selected)?;
    conditions.extend(own_conditions(request, rows, selected.field, &selected.arguments).await?);
    if is_row {
        // Of what is received only the arrival is told; of what changes every step.
        if change.kind != ChangeKind::Created && !selected.field.name.ends_with("Changed") {
            return Ok(None);
        }
        let found = read(request, watched, selected, &[change.number], conditions).await?;
        return Ok(found.into_iter().next().flatten());
    }
    wrapped_if_visible(request, selected, change, (watched, conditions)).await
}

async fn wrapped_if_visible(
    request: &Request<'_>,
    selected: &Selected<'_>,
    change: &Change,
    (watched, conditions): (&'static Object, Vec<super::sql::Piece>),
) -> Result<Option<String>, Error> {
    let nothing = Selected { sets: Vec::new(), arguments: selected.arguments.clone(), ..*selected };
    let found = read(request, watched, &nothing, &[change.number], conditions).await?;
    match found.into_iter().next().flatten() {
        Some(_) => wrapped(request, selected, change, Some(watched)).await.map(Some),
        None => Ok(None),
    }
}

/// A change object; its row is read again with what is selected of it.
async fn wrapped(
    request: &Request<'_>,
    selected: &Selected<'_>,
    change: &Change,
    row: Option<&'static Object>,
) -> Result<String, Error> {
    let object = request.model().object(&selected.field.of.name);
    let mut out = String::from("{");
    for item in collect(request, object, &selected.sets) {
        let Some(inner) = begin(&mut out, object, item) else { continue };
        match (inner.field.name.as_str(), row) {
            ("change", _) => out.push_str(&serde_json::to_string(&change.kind).expect("a kind is JSON")),
            ("id", _) => {
                let _ = write!(out, "\"{}\"", id::encode(&change.of, request.hub.instance, change.number));
            }
            (_, Some(row)) => {
                let found = read(request, row, &inner, &[change.number], Vec::new()).await?;
                out.push_str(found.first().and_then(Option::as_deref).unwrap_or("null"));
            }
            _ => out.push_str("null"),
        }
    }
    out.push('}');
    Ok(out)
}
