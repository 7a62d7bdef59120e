//! The answer of the federation as a connection: rows are copied as they came, around them stand cursors, page and
//! the report of each source.

use std::fmt::Write;

use async_graphql::Value;

use super::question::Asked;
use crate::{
    engine::{
        collect::{Item, Selected, begin, collect},
        plan::{pairs, quoted},
        request::Request,
        write::{quote, rfc3339},
    },
    error::Error,
    federation::question::{Answer, Report},
};

/// The connection as JSON.
///
/// # Errors
/// The companies of the reports cannot be read.
pub async fn write(
    request: &Request<'_>,
    selected: &Selected<'_>,
    (asked, answer): (&Asked, &Answer),
) -> Result<String, Error> {
    let object = request.model().object(&selected.field.of.name);
    let mut out = String::with_capacity(answer.rows_len() + answer.len() + 512);
    out.push('{');
    for item in collect(request, object, &selected.sets) {
        let Some(inner) = begin(&mut out, object, item) else { continue };
        match inner.field.name.as_str() {
            "nodes" => nodes(&mut out, answer),
            "edges" => edges(request, &mut out, &inner, answer),
            "pageInfo" => page_info(request, &mut out, &inner, answer),
            "totalCount" => match answer.total {
                Some(total) => {
                    let _ = write!(out, "{total}");
                }
                None => out.push_str("null"),
            },
            _ => sources(request, &mut out, &inner, &answer.reports).await?,
        }
    }
    debug_assert!(answer.len() <= asked.question.first);
    out.push('}');
    Ok(out)
}

fn nodes(out: &mut String, answer: &Answer) {
    out.push('[');
    for index in 0..answer.len() {
        if index > 0 {
            out.push(',');
        }
        answer.copy_row(index, out);
    }
    out.push(']');
}

fn edges(request: &Request<'_>, out: &mut String, selected: &Selected<'_>, answer: &Answer) {
    let object = request.model().object(&selected.field.of.name);
    let items = collect(request, object, &selected.sets);
    out.push('[');
    for row in 0..answer.len() {
        out.push_str(if row > 0 { ",{" } else { "{" });
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            match item {
                Item::Typename { key } => {
                    let _ = write!(out, "{}\"{}\"", quoted(key), object.name);
                }
                Item::Field(inner) if inner.field.name == "cursor" => {
                    let _ = write!(out, "{}\"{}\"", quoted(inner.key), answer.cursor(row).unwrap_or_default());
                }
                Item::Field(inner) => {
                    out.push_str(&quoted(inner.key));
                    answer.copy_row(row, out);
                }
            }
        }
        out.push('}');
    }
    out.push(']');
}

fn page_info(request: &Request<'_>, out: &mut String, selected: &Selected<'_>, answer: &Answer) {
    out.push('{');
    for (index, (key, name)) in pairs(request, "PageInfo", &selected.sets).into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&key);
        match name.as_str() {
            "hasNextPage" => out.push_str(if answer.has_next_page { "true" } else { "false" }),
            // Paging goes forward only.
            "hasPreviousPage" => out.push_str("false"),
            "startCursor" => optional(out, answer.cursor(0).as_deref()),
            "endCursor" => optional(out, answer.cursor(answer.len().wrapping_sub(1)).as_deref()),
            _ => out.push_str("\"PageInfo\""),
        }
    }
    out.push('}');
}

fn optional(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => quote(out, text),
        None => out.push_str("null"),
    }
}

/// The report of each source.
///
/// # Errors
/// The companies cannot be read.
pub(super) async fn sources(
    request: &Request<'_>,
    out: &mut String,
    selected: &Selected<'_>,
    reports: &[Report],
) -> Result<(), Error> {
    let object = request.model().object("SourceReport");
    let items = collect(request, object, &selected.sets);
    let wanted = match selected.arguments.get("isFailed") {
        Some(Value::Boolean(is_failed)) => Some(*is_failed),
        _ => None,
    };
    let reports: Vec<&Report> =
        reports.iter().filter(|report| wanted.is_none_or(|wanted| wanted == report.is_failed())).collect();
    let numbers: Vec<i64> = reports.iter().map(|report| report.tenant).collect();
    let mut tenants = Vec::new();
    for item in &items {
        if let Item::Field(inner) = item
            && inner.field.name == "tenant"
        {
            let rows = request.hub.companies().read(request, &inner.sets, &numbers).await?;
            tenants.push((inner.key, rows));
        }
    }
    out.push('[');
    for (index, report) in reports.iter().enumerate() {
        out.push_str(if index > 0 { ",{" } else { "{" });
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            match item {
                Item::Typename { key } => {
                    let _ = write!(out, "{}\"SourceReport\"", quoted(key));
                }
                Item::Field(inner) => {
                    out.push_str(&quoted(inner.key));
                    let tenant = tenants.iter().find(|(key, _)| *key == inner.key);
                    let tenant = tenant.and_then(|(_, rows)| rows[index].as_deref());
                    member(out, report, &inner.field.name, tenant);
                }
            }
        }
        out.push('}');
    }
    out.push(']');
    Ok(())
}

fn member(out: &mut String, report: &Report, name: &str, tenant: Option<&str>) {
    match name {
        "tenant" => out.push_str(tenant.unwrap_or("null")),
        "status" => quote(out, report.status.word()),
        "tookMs" => {
            let _ = write!(out, "{}", report.took_ms);
        }
        "rowCount" => {
            let _ = write!(out, "{}", report.row_count);
        }
        "code" => optional(out, report.code),
        "message" => optional(out, report.message.as_deref()),
        "missingFields" => out.push_str(&serde_json::to_string(&report.missing_fields).expect("texts are JSON")),
        _ => optional(out, report.cached_at.map(rfc3339).as_deref()),
    }
}
