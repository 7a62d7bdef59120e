//! `globalLeadCounts` and its like: counts and sums of all companies, added up. It must not know how sources are
//! reached.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use async_graphql::Value;
use futures_util::future::BoxFuture;

use super::{answer, conditions, local, question};
use crate::{
    engine::{
        collect::{Item, Selected, collect},
        computed::Computed,
        filter::Rows,
        model::Object,
        plan::{self, pairs, quoted},
        request::Request,
        write::Writer,
    },
    error::{ClientError, Error},
    federation::{
        collection::Collection,
        fanout::Means,
        totals::{Counted, Group, Total, TotalsAnswer, TotalsQuestion},
    },
    source::{assertion, numbers},
};

/// The type of rows that a global field counts; none for other fields.
#[must_use]
pub fn of(type_name: &str) -> Option<&'static str> {
    Some(match type_name {
        "GlobalLeadCounts" => "Lead",
        "GlobalDealTotals" => "Deal",
        "GlobalTicketCounts" => "Ticket",
        "GlobalInvoiceTotals" => "Invoice",
        _ => return None,
    })
}

/// The totals of all companies as JSON.
///
/// # Errors
/// Bad arguments, a fault, or a source that failed where none may.
pub async fn write<'a>(request: &Request<'a>, selected: &Selected<'a>, of: &'static str) -> Result<String, Error> {
    let (object, _) = request.model().rows(of).expect("counted types are rows");
    plan::conditions(request, Rows { object, alias: plan::ROOT }, selected)?;
    let asked = asked(request, selected, object).await?;
    let subject = assertion::subject(request.viewer);
    let assert = assertion::maker(request.hub, &subject).await?;
    let local = |text: String| -> BoxFuture<'_, String> { Box::pin(local::answer(request.hub, request.viewer, text)) };
    let assign = |tenant, of, keys| -> BoxFuture<'_, _> { Box::pin(numbers::assign(request.hub, tenant, of, keys)) };
    let means = Means { assert: &assert, subject: &subject, local: &local, assign: &assign };
    let found = request.hub.federation.totals(&asked, means).await;
    let found = found.map_err(|failed| ClientError::SourceFailed(failed.to_string()))?;
    tracing::info!(
        field = selected.field.name,
        rows = found.totals.len(),
        sources = found.reports.len(),
        failed = found.reports.iter().filter(|report| report.is_failed()).count(),
        "global totals"
    );
    shown(request, selected, (&asked, &found)).await
}

async fn asked<'a>(
    request: &Request<'a>,
    selected: &Selected<'a>,
    object: &'static Object,
) -> Result<TotalsQuestion, Error> {
    let collection = Collection::all().find(|collection| collection.type_name() == object.name);
    let counted = collection.and_then(Counted::of).ok_or_else(|| Error::internal("nothing is counted of this type"))?;
    let (filter, tenants) = question::narrowed(request, selected).await?;
    let (mut dimensions, mut by_tenant) = (Vec::new(), false);
    if let Some(Value::List(words)) = selected.arguments.get("groupBy") {
        for word in words {
            let Value::Enum(word) = word else { continue };
            let place = counted.dimensions.iter().position(|(_, known, _)| *known == word.as_str());
            by_tenant |= word == "TENANT";
            dimensions.extend(place.filter(|place| !dimensions.contains(place)));
        }
    }
    Ok(TotalsQuestion {
        counted,
        condition: filter.as_ref().map(|filter| conditions::of(request, object, filter)),
        filter: filter.map(|filter| Value::Object(filter).to_string()),
        dimensions,
        sums: sums(request, selected, counted),
        by_tenant,
        visible: question::visible(request),
        tenants,
        deadline: question::deadline(request, selected),
        mode: question::mode(selected),
    })
}

/// The sums that are selected; others are not added up.
fn sums<'a>(request: &Request<'a>, selected: &Selected<'a>, counted: &Counted) -> Vec<usize> {
    let rows = fields(request, selected).into_iter().filter(|field| field.field.name == "rows");
    let names: HashSet<&str> =
        rows.flat_map(|rows| fields(request, &rows)).map(|sum| sum.field.name.as_str()).collect();
    (0..counted.sums.len()).filter(|index| names.contains(counted.sums[*index].0)).collect()
}

fn fields<'a>(request: &Request<'a>, selected: &Selected<'a>) -> Vec<Selected<'a>> {
    let items = collect(request, request.model().object(&selected.field.of.name), &selected.sets);
    items.into_iter().filter_map(|item| if let Item::Field(inner) = item { Some(inner) } else { None }).collect()
}

async fn shown(
    request: &Request<'_>,
    selected: &Selected<'_>,
    (asked, found): (&TotalsQuestion, &TotalsAnswer),
) -> Result<String, Error> {
    let object = request.model().object(&selected.field.of.name);
    let computed = Computed::default();
    let mut writer = Writer { request: *request, out: String::from("{"), computed: &computed };
    for (index, item) in collect(request, object, &selected.sets).into_iter().enumerate() {
        if index > 0 {
            writer.out.push(',');
        }
        let inner = match item {
            Item::Typename { key } => {
                writer.out.push_str(&quoted(key));
                writer.text(&object.name);
                continue;
            }
            Item::Field(inner) => inner,
        };
        writer.out.push_str(&quoted(inner.key));
        match inner.field.name.as_str() {
            "rows" => rows(&mut writer, &inner, (asked, found)).await?,
            "total" => {
                let total: i64 = found.totals.values().map(|total| total.count).sum();
                let _ = write!(writer.out, "{total}");
            }
            _ => answer::sources(request, &mut writer.out, &inner, &found.reports).await?,
        }
    }
    writer.out.push('}');
    Ok(writer.out)
}

async fn rows(
    writer: &mut Writer<'_>,
    selected: &Selected<'_>,
    (asked, found): (&TotalsQuestion, &TotalsAnswer),
) -> Result<(), Error> {
    let request = writer.request;
    let object = request.model().object(&selected.field.of.name);
    let items = collect(&request, object, &selected.sets);
    let mut numbers: Vec<i64> = found.totals.keys().filter_map(|group| group.tenant).collect();
    numbers.dedup();
    let mut tenants: HashMap<(&str, i64), String> = HashMap::new();
    for item in &items {
        if let Item::Field(inner) = item
            && inner.field.name == "tenant"
        {
            let found = request.hub.companies().read(&request, &inner.sets, &numbers).await?;
            let named = numbers.iter().zip(found);
            tenants.extend(named.filter_map(|(number, json)| Some(((inner.key, *number), json?))));
        }
    }
    writer.out.push('[');
    for (index, (group, total)) in found.totals.iter().enumerate() {
        writer.out.push_str(if index > 0 { ",{" } else { "{" });
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                writer.out.push(',');
            }
            match item {
                Item::Typename { key } => {
                    writer.out.push_str(&quoted(key));
                    writer.text(&object.name);
                }
                Item::Field(inner) if inner.field.name == "tenant" => {
                    let json = group.tenant.and_then(|tenant| tenants.get(&(inner.key, tenant)));
                    writer.out.push_str(&quoted(inner.key));
                    writer.out.push_str(json.map_or("null", String::as_str));
                }
                Item::Field(inner) => {
                    writer.out.push_str(&quoted(inner.key));
                    member(writer, inner, asked, (group, total));
                }
            }
        }
        writer.out.push('}');
    }
    writer.out.push(']');
    Ok(())
}

fn member(writer: &mut Writer<'_>, inner: &Selected<'_>, asked: &TotalsQuestion, (group, total): (&Group, &Total)) {
    let request = writer.request;
    let name = inner.field.name.as_str();
    if name == "count" {
        let _ = write!(writer.out, "{}", total.count);
    } else if let Some(sum) = asked.sums.iter().position(|index| asked.counted.sums[*index].0 == name) {
        // Rows without an amount have no currency either: nothing, in the base currency.
        let base = || request.hub.directory.base_currency(request.viewer.tenant);
        let currency = group.currency.clone().unwrap_or_else(base);
        let members = pairs(&request, "Money", &inner.sets);
        writer.amount(total.sums.get(sum).copied().unwrap_or(0), &currency, &members);
    } else {
        let place = asked.dimensions.iter().position(|index| asked.counted.dimensions[*index].0 == name);
        writer.out.push_str(place.and_then(|place| group.values.get(place)).map_or("null", String::as_str));
    }
}
