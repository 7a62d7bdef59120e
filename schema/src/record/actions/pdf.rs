//! A document as a PDF: its members as lines of text, on as many pages as it takes. The file is kept like any other,
//! and reached by a signed link.

use chrono::Duration;
use futures_util::future::BoxFuture;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use serde_json::{Map, Value, json};

use crate::{
    catalog::catalog,
    engine::{compare::stamp, model::capitalized, record_id},
    error::{Code, Error},
    record::{
        document,
        store::{self, Row},
    },
    upload,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Kinds of documents, and the resources that they may be, the likeliest first.
const KINDS: [(&str, &[&str]); 5] = [
    ("invoice", &["FullInvoice", "Proforma"]),
    ("proforma", &["Proforma"]),
    ("order", &["Proforma", "FullInvoice"]),
    ("quote", &["Proforma"]),
    ("receipt", &["Payment", "Refund", "Settlement"]),
];

/// Hours for which the link opens.
const HOURS: i64 = 24;
/// Points between lines, and from the edges.
const LINE: f32 = 14.0;
const EDGE: f32 = 56.0;
/// Letters of a line.
const WIDTH: usize = 90;

/// `convertToPdf`
pub fn convert<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let kind = call.text("documentType").unwrap_or_default();
        let kinds = KINDS.iter().find(|(name, _)| *name == kind);
        let (_, names) = kinds
            .ok_or_else(|| fault(Code::Invalid, "documentType", "documentType is not one of those that there are."))?;
        let id = call.text("documentId").unwrap_or_default();
        let tx = call.begin().await?;
        let mut found = None;
        for name in *names {
            let resource = catalog().resource(name).expect("the catalogue has it");
            if found.is_none() && record_id::is_id(id) && call.viewer.may(resource.rights().0) {
                found = store::find(call, &tx, resource, id).await?.map(|row| (resource, row));
            }
        }
        let Some((resource, row)) = found else {
            return Err(fault(Code::NotFound, "documentId", "There is no such document, or you may not see it."));
        };
        let shown = document::document(call.hub, resource, &row);
        let (content, pages) = pdf(&resource.plain(), &shown, page_size(call));
        let size = content.len();
        let (file, name) = keep(call, &tx, &row, (kind, content)).await?;
        call.commit(tx).await?;
        let (now, until) = (call.now(), call.now() + Duration::hours(HOURS));
        Ok(Payload::new().plain(
            "conversion",
            json!({
                "pdfUrl": call.hub.files.link(file, until), "filename": name, "size": size, "pages": pages,
                "generatedAt": stamp(now), "expiresAt": stamp(until),
            }),
        ))
    })
}

/// Stores the file; its number and name.
async fn keep(
    call: &Call<'_>,
    tx: &sea_orm::DatabaseTransaction,
    row: &Row,
    (kind, content): (&str, Vec<u8>),
) -> Result<(i64, String), Failure> {
    let name = format!("{kind}-{}.pdf", row.object_id);
    let accepted = call.hub.files.accept("documentId", &name, &content)?;
    let size_in_bytes = i32::try_from(content.len()).map_err(Error::internal)?;
    let object_key = call.hub.files.put(content).await.map_err(Error::internal)?;
    let stored = upload::Stored { accepted, object_key, size_in_bytes };
    let number = upload::insert(call, tx, &stored, row.tenant, None).await?;
    Ok((number, stored.accepted.name))
}

/// Width and height in points.
fn page_size(call: &Call<'_>) -> (f32, f32) {
    let option = |name: &str| match call.member("options") {
        Some(async_graphql::Value::Object(options)) => match options.get(name) {
            Some(async_graphql::Value::String(text)) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    };
    let (width, height) = match option("format") {
        Some("A3") => (842.0, 1191.0),
        Some("Letter") => (612.0, 792.0),
        _ => (595.0, 842.0),
    };
    if option("orientation") == Some("landscape") { (height, width) } else { (width, height) }
}

/// The file, and how many pages it has.
fn pdf(title: &str, document: &Map<String, Value>, (width, height): (f32, f32)) -> (Vec<u8>, usize) {
    let mut lines = vec![capitalized(title), String::new()];
    write(&mut lines, document, 0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lines of a page are few")]
    let per_page = ((height - 2.0 * EDGE) / LINE).max(1.0) as usize;
    let pages: Vec<&[String]> = lines.chunks(per_page).collect();
    let (catalog, tree, font) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let at = |place: usize, part: usize| Ref::new(i32::try_from(4 + place * 2 + part).unwrap_or(i32::MAX));
    let mut file = Pdf::new();
    file.catalog(catalog).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    file.pages(tree).kids((0..pages.len()).map(|place| at(place, 0))).count(count);
    file.type1_font(font).base_font(Name(b"Helvetica"));
    for (place, lines) in pages.iter().enumerate() {
        let mut page = file.page(at(place, 0));
        page.parent(tree).media_box(Rect::new(0.0, 0.0, width, height)).contents(at(place, 1));
        page.resources().fonts().pair(Name(b"F"), font);
        page.finish();
        let mut content = Content::new();
        content.begin_text().set_font(Name(b"F"), 10.0).set_leading(LINE).next_line(EDGE, height - EDGE);
        for line in *lines {
            content.show(Str(&latin(line))).next_line_using_leading();
        }
        content.end_text();
        file.stream(at(place, 1), &content.finish());
    }
    (file.finish(), pages.len())
}

/// Members as lines, those within others indented.
fn write(lines: &mut Vec<String>, members: &Map<String, Value>, depth: usize) {
    let indent = "    ".repeat(depth);
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                lines.push(format!("{indent}{name}"));
                write(lines, inner, depth + 1);
            }
            Value::Array(items) => {
                lines.push(format!("{indent}{name}"));
                for (place, item) in items.iter().enumerate() {
                    let one = match item {
                        Value::Object(inner) => inner.clone(),
                        other => Map::from_iter([((place + 1).to_string(), other.clone())]),
                    };
                    write(lines, &one, depth + 1);
                }
            }
            Value::String(text) => wrap(lines, &format!("{indent}{name}: {text}")),
            other => wrap(lines, &format!("{indent}{name}: {other}")),
        }
    }
}

fn wrap(lines: &mut Vec<String>, text: &str) {
    let letters: Vec<char> = text.chars().collect();
    lines.extend(letters.chunks(WIDTH).map(|line| line.iter().collect::<String>()));
}

/// The letters that the font has.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}
