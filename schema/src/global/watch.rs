//! `globalLeadCreated` and `globalTicketChanged`: what sources tell, each row asked for as the viewer may see it; and
//! `sourceStatusChanged`. It must not know how sources are reached.

use std::{collections::HashMap, fmt::Write as _, time::Duration};

use async_graphql::parser::types::SelectionSet;
use futures_util::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::{sync::broadcast::error::RecvError, time::interval};

use super::{local, members, question};
use crate::{
    engine::{
        collect::{Selected, begin, collect},
        id,
        model::Object,
        request::Request,
        resolve::read,
    },
    error::Error,
    federation::{
        collection::Collection,
        fanout::Means,
        question::Question,
        relay::{RemoteChange, Watch},
    },
    source::{assertion, numbers},
};

/// How often it is seen to that all sources are listened to, and whether their state has changed.
const LOOK: Duration = Duration::from_secs(5);
/// How often states are compared.
const STATES: Duration = Duration::from_millis(500);

type Answers<'a> = BoxStream<'a, Result<String, Error>>;

/// The answers to a subscription over all sources; none for other subscriptions. The viewer's rights were checked.
#[must_use]
pub fn watch<'a>(request: Request<'a>, selected: &Selected<'a>) -> Option<Answers<'a>> {
    let selected = again(selected);
    match selected.field.name.as_str() {
        "sourceStatusChanged" => Some(states(request, selected).boxed()),
        "globalLeadCreated" => Some(rows(request, selected, Collection::Leads).boxed()),
        "globalTicketChanged" => Some(rows(request, selected, Collection::Tickets).boxed()),
        _ => None,
    }
}

fn again<'a>(selected: &Selected<'a>) -> Selected<'a> {
    Selected {
        key: selected.key,
        field: selected.field,
        arguments: selected.arguments.clone(),
        sets: selected.sets.clone(),
    }
}

/// Sources whose state or breaker is another than before.
fn states<'a>(request: Request<'a>, selected: Selected<'a>) -> impl Stream<Item = Result<String, Error>> + Send + 'a {
    let ticks = stream::unfold(interval(STATES), |mut ticks| async move {
        ticks.tick().await;
        Some(((), ticks))
    });
    let mut known = as_now(request);
    let changed = ticks.map(move |()| {
        let now = as_now(request);
        let numbers: Vec<i64> =
            now.iter().filter(|(number, state)| known.get(number) != Some(state)).map(|(number, _)| *number).collect();
        known = now;
        stream::iter(numbers)
    });
    changed
        .flatten()
        .then(move |number| {
            let selected = again(&selected);
            async move {
                let object = request.model().object("Source");
                let found = read(&request, object, &selected, &[number], Vec::new()).await;
                found.map(|rows| rows.into_iter().next().flatten()).transpose()
            }
        })
        .filter_map(std::future::ready)
}

fn as_now(request: Request<'_>) -> HashMap<i64, (String, &'static str)> {
    let sources = request.hub.federation.registry.sources();
    let state = |number: i64, state: &str, breaker: &'static str| (number, (state.to_owned(), breaker));
    sources.iter().map(|source| state(source.number, &source.state, source.live.figures().1.word())).collect()
}

enum Told {
    Remote(RemoteChange),
    Own { number: i64, kind: String },
    Tick,
}

fn rows<'a>(
    request: Request<'a>,
    selected: Selected<'a>,
    collection: Collection,
) -> impl Stream<Item = Result<String, Error>> + Send + 'a {
    let relay = &request.hub.federation.relay;
    let remote = stream::unfold(relay.watch(), |mut watch: Watch| async move {
        let change = watch.next().await?;
        Some((Told::Remote(change), watch))
    });
    let own = stream::unfold(request.hub.events.watch(), move |mut changes| async move {
        loop {
            match changes.recv().await {
                Ok(change) if change.of == collection.type_name() => {
                    let kind = serde_json::to_value(change.kind).ok()?.as_str()?.to_owned();
                    return Some((Told::Own { number: change.number, kind }, changes));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let ticks = stream::unfold(interval(LOOK), |mut ticks| async move {
        ticks.tick().await;
        Some((Told::Tick, ticks))
    });
    let tenants = question::tenants(&request, &selected);
    let told = stream::select(stream::select(remote.boxed(), own.boxed()), ticks.boxed());
    let changes = told
        .map(move |told| {
            let sources = request.hub.federation.registry.sources();
            let changes = match told {
                Told::Tick => {
                    request.hub.federation.relay.listen(&sources, collection);
                    Vec::new()
                }
                Told::Remote(change) => vec![change],
                // The hub's own rows are of the companies that are sources here; the row itself tells which.
                Told::Own { number, kind } => {
                    let own = sources.iter().filter(|source| source.is_local());
                    let id = id::encode(collection.type_name(), request.hub.instance, number);
                    own.map(|source| RemoteChange {
                        tenant: source.tenant,
                        collection,
                        kind: kind.clone(),
                        id: id.clone(),
                        number,
                    })
                    .collect()
                }
            };
            stream::iter(changes)
        })
        .flatten();
    let wanted = changes.filter(move |change| {
        let is_asked = tenants.as_ref().is_none_or(|tenants| tenants.contains(&change.tenant));
        let is_new = selected_kind(collection).is_none_or(|kind| change.kind == kind);
        let is_visible = request.viewer.sees_tenant(change.tenant);
        std::future::ready(change.collection == collection && is_asked && is_new && is_visible)
    });
    wanted
        .then(move |change| {
            let selected = again(&selected);
            async move { answer(&request, &selected, &change).await.transpose() }
        })
        .filter_map(std::future::ready)
}

/// Of leads only new ones are told.
fn selected_kind(collection: Collection) -> Option<&'static str> {
    (collection == Collection::Leads).then_some("CREATED")
}

/// What the subscription gives for a change; none if the viewer may not see the row.
async fn answer(
    request: &Request<'_>,
    selected: &Selected<'_>,
    change: &RemoteChange,
) -> Result<Option<String>, Error> {
    let object = request.model().object(change.collection.type_name());
    if selected.field.of.name == object.name {
        return row(request, object, &selected.sets, change).await;
    }
    let outer = request.model().object(&selected.field.of.name);
    let is_gone = change.kind == "DELETED";
    if !is_gone && row(request, object, &[], change).await?.is_none() {
        return Ok(None);
    }
    let mut out = String::from("{");
    for item in collect(request, outer, &selected.sets) {
        let Some(inner) = begin(&mut out, outer, item) else { continue };
        match inner.field.name.as_str() {
            "change" => {
                let _ = write!(out, "{}", serde_json::Value::from(change.kind.as_str()));
            }
            "id" => {
                let _ = write!(out, "{}", serde_json::Value::from(change.id.as_str()));
            }
            _ if is_gone => out.push_str("null"),
            _ => out.push_str(row(request, object, &inner.sets, change).await?.as_deref().unwrap_or("null")),
        }
    }
    out.push('}');
    Ok(Some(out))
}

/// The row at its source, with what is selected of it.
async fn row<'a>(
    request: &Request<'a>,
    object: &'static Object,
    sets: &[&'a SelectionSet],
    change: &RemoteChange,
) -> Result<Option<String>, Error> {
    let mut tenants = members::Tenants::default();
    let members = members::of(request, object, sets, &mut tenants);
    let mut asked: Question = question::one(request, (change.collection, object), members, change)?;
    asked.tenant_json = question::tenant_json(request, &tenants).await?;
    let subject = assertion::subject(request.viewer);
    let assert = assertion::maker(request.hub, &subject).await?;
    let local = |text: String| -> BoxFuture<'_, String> { Box::pin(local::answer(request.hub, request.viewer, text)) };
    let assign = |tenant, of, keys| -> BoxFuture<'_, _> { Box::pin(numbers::assign(request.hub, tenant, of, keys)) };
    let means = Means { assert: &assert, subject: &subject, local: &local, assign: &assign };
    let answer = request.hub.federation.answer(&asked, means).await;
    let Ok(answer) = answer else { return Ok(None) };
    if answer.is_empty() {
        return Ok(None);
    }
    let mut out = String::new();
    answer.copy_row(0, &mut out);
    Ok(Some(out))
}
