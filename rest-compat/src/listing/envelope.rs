//! The envelopes of lists, lettered as their vendor's families. A list comes as a connection whose rows each hold one
//! member, the document; its bytes are copied.

use std::fmt::Write;

use serde_json::json;

use super::Page;
use crate::render::cursor::{BROKEN, Cursor};

/// An envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Rows, counts and addresses of pages.
    A,
    /// Rows and their total.
    B,
    /// Rows and `paging`.
    C,
    /// Rows and `meta`.
    D,
    /// As A, without addresses.
    E,
    /// Rows and `pagination` with the pages beside this one.
    F,
    /// `result` and `pagination`.
    G,
    /// As A, with totals over all pages.
    H,
}

impl Envelope {
    /// By its letter.
    #[must_use]
    pub fn named(letter: &str) -> Option<Self> {
        let all = [("A", Self::A), ("B", Self::B), ("C", Self::C), ("D", Self::D), ("E", Self::E), ("F", Self::F)];
        all.into_iter().chain([("G", Self::G), ("H", Self::H)]).find(|(name, _)| *name == letter).map(|(_, own)| own)
    }

    /// The body for a page of a connection; `address` is what was called, with its query.
    ///
    /// # Errors
    /// The connection has not the form that it should.
    pub fn write(self, connection: &str, page: Page, address: &str) -> Result<String, &'static str> {
        let parts = Parts::read(connection)?;
        let (total, pages) = (parts.total, parts.total.div_ceil(page.size));
        let rows = match self {
            Self::G => "result",
            _ => "data",
        };
        let mut out = String::with_capacity(connection.len() + 512);
        out.push('{');
        if matches!(self, Self::B | Self::C | Self::F | Self::G) {
            out.push_str("\"success\":true,");
        }
        let _ = write!(out, "\"{rows}\":[{}]", parts.rows.join(","));
        let around = match self {
            Self::B => json!({ "total": total }),
            Self::C => {
                json!({ "paging": { "total": total, "page": page.number, "per_page": page.size, "pages": pages } })
            }
            Self::D => {
                json!({ "meta": { "total": total, "page": page.number, "per_page": page.size, "pages": pages } })
            }
            Self::F => json!({ "pagination": {
                "page": page.number,
                "per_page": page.size,
                "pre_page": page.number.saturating_sub(1).max(1),
                "next_page": (page.number + 1).min(pages.max(1)),
                "total": total,
                "total_page": pages,
            } }),
            Self::G => json!({ "pagination": {
                "total": total, "page": page.number, "per_page": page.size, "total_pages": pages,
            } }),
            Self::A | Self::E | Self::H => counts(self, &parts, page, (pages, address)),
        };
        let around = around.to_string();
        let _ = write!(out, ",{}", &around[1..]);
        Ok(out)
    }
}

fn counts(envelope: Envelope, parts: &Parts<'_>, page: Page, (pages, address): (usize, &str)) -> serde_json::Value {
    let mut counts = json!({
        "total_result": parts.total,
        "current_count": parts.rows.len(),
        "total_pages": pages,
        "current_page": page.number,
        "per_page": page.size,
    });
    if envelope != Envelope::E {
        let at = |number: usize| with_page(address, number);
        let is_last = page.number >= pages;
        counts["first_page_url"] = at(1).into();
        counts["last_page_url"] = at(pages.max(1)).into();
        counts["next_page_url"] = if is_last { None } else { Some(at(page.number + 1)) }.into();
        counts["prev_page_url"] = if page.number > 1 { Some(at(page.number - 1)) } else { None }.into();
        counts["path"] = address.split('?').next().unwrap_or_default().into();
    }
    for (name, text) in &parts.others {
        counts[*name] = serde_json::from_str(text).unwrap_or_default();
    }
    counts
}

/// The address with another page.
fn with_page(address: &str, page: usize) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let others = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("page="));
    let query: Vec<String> = others.map(str::to_owned).chain([format!("page={page}")]).collect();
    format!("{path}?{}", query.join("&"))
}

/// The parts of a connection.
struct Parts<'a> {
    rows: Vec<&'a str>,
    total: usize,
    /// Members beside rows and total, as they are.
    others: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn read(connection: &'a str) -> Result<Self, &'static str> {
        let mut cursor = Cursor::new(connection);
        let mut parts = Self { rows: Vec::new(), total: 0, others: Vec::new() };
        if !cursor.eat(b'{') {
            return Err(BROKEN);
        }
        while cursor.has_next(b'}')? {
            match cursor.key()? {
                "nodes" => parts.nodes(&mut cursor)?,
                "totalCount" => parts.total = cursor.raw()?.parse().map_err(|_| BROKEN)?,
                name => parts.others.push((name, cursor.raw()?)),
            }
        }
        Ok(parts)
    }

    fn nodes(&mut self, cursor: &mut Cursor<'a>) -> Result<(), &'static str> {
        if !cursor.eat(b'[') {
            return Err(BROKEN);
        }
        while cursor.has_next(b']')? {
            if !cursor.eat(b'{') {
                return Err(BROKEN);
            }
            while cursor.has_next(b'}')? {
                cursor.key()?;
                self.rows.push(cursor.raw()?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const CONNECTION: &str = r#"{"nodes":[{"document":{"_id":"a"}},{"document":{"_id":"b"}}],"totalCount":5}"#;

    fn written(letter: &str) -> Value {
        let page = Page { size: 2, skip: 2, number: 2 };
        let text = Envelope::named(letter).expect("known").write(CONNECTION, page, "/x?a=1&page=2").expect("written");
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn each_family_has_its_own() {
        let rows = json!([{ "_id": "a" }, { "_id": "b" }]);
        assert_eq!(written("B"), json!({ "success": true, "data": rows, "total": 5 }));
        let paging = json!({ "total": 5, "page": 2, "per_page": 2, "pages": 3 });
        assert_eq!(written("C"), json!({ "success": true, "data": rows, "paging": paging }));
        assert_eq!(written("D"), json!({ "data": rows, "meta": paging }));
        let first = written("A");
        assert_eq!(first["next_page_url"], "/x?a=1&page=3");
        assert_eq!((&first["prev_page_url"], &first["path"]), (&json!("/x?a=1&page=1"), &json!("/x")));
        assert_eq!((&first["total_pages"], &first["current_count"]), (&json!(3), &json!(2)));
        assert!(written("E").get("path").is_none());
        assert_eq!(written("F")["pagination"]["next_page"], 3);
        assert_eq!(written("G")["result"], rows);
    }
}
