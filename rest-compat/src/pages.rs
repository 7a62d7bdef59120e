//! Older lists have no pages: all those of a connection are read one after the other and put together as text.

use std::ops::Range;

use async_graphql::{Name, Response, Value, Variables, indexmap::IndexMap};

use crate::{
    endpoint::{AllPages, Endpoint},
    execute::Executor,
    render::{self, cursor::Cursor},
};

/// Pages of one answer.
const MOST_PAGES: usize = 10;
/// The variable that says where a page begins.
pub const AFTER: &str = "after";

/// Reads the pages after the first one and adds their rows to it.
pub async fn rest<E: Executor>(
    endpoint: &Endpoint,
    pages: &AllPages,
    variables: &Variables,
    mut first: Response,
    executor: &E,
) -> Response {
    let Some(mut whole) = text(&first, &pages.root) else { return first };
    let mut page = whole.clone();
    for _ in 1..MOST_PAGES {
        let Some(after) = next(&page) else { break };
        let mut variables = variables.clone();
        variables.insert(Name::new(AFTER), after.into());
        let request = async_graphql::Request::new(endpoint.document.clone()).variables(variables);
        let response = executor.execute(request).await;
        let Some(more) = text(&response, &pages.root) else { return response };
        page = more;
        if !append(&mut whole, &page, &pages.rows) {
            break;
        }
    }
    let raw = IndexMap::from([(Name::new(async_graphql_value::RAW_VALUE_TOKEN), Value::String(whole))]);
    first.data = Value::Object(IndexMap::from([(Name::new(&pages.root), Value::Object(raw))]));
    first
}

/// The connection as JSON; none if there is none.
fn text(response: &Response, root: &str) -> Option<String> {
    let Value::Object(data) = &response.data else { return None };
    let json = render::json(data.get(root)?);
    (response.errors.is_empty() && json.starts_with('{')).then(|| json.into_owned())
}

/// Where the next page begins, if there is one.
fn next(page: &str) -> Option<String> {
    let info: serde_json::Value = serde_json::from_str(&page[member(page, PAGE_INFO)?]).ok()?;
    let has_next = info.get("hasNextPage")?.as_bool()?;
    info.get("endCursor")?.as_str().filter(|_| has_next).map(str::to_owned)
}

/// Response key of what a connection tells about its page.
pub const PAGE_INFO: &str = "_page";

/// Adds the rows of a page behind those that there are; false if there are none.
fn append(whole: &mut String, page: &str, rows: &str) -> bool {
    let (Some(known), Some(more)) = (member(whole, rows), member(page, rows)) else { return false };
    let added = inner(&page[more]);
    if added.is_empty() {
        return false;
    }
    let has_rows = !inner(&whole[known.clone()]).is_empty();
    whole.insert_str(known.end - 1, &format!("{}{added}", if has_rows { "," } else { "" }));
    true
}

/// What stands between the brackets of a list.
fn inner(list: &str) -> &str {
    list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or_default().trim()
}

/// Where the value of a member of an object stands.
pub fn member(object: &str, name: &str) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(object);
    cursor.eat(b'{').then_some(())?;
    while cursor.has_next(b'}').ok()? {
        let key = cursor.key().ok()?;
        cursor.peek();
        let start = cursor.at;
        cursor.raw().ok()?;
        if key == name {
            return Some(start..cursor.at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_pages_are_put_together() {
        let page = |rows: &str, info: &str| format!("{{\"data\": {rows}, \"errors\":[],\"_page\":{info}}}");
        let mut whole = page("[{\"a\":[1]}]", r#"{"hasNextPage":true,"endCursor":"x"}"#);
        assert_eq!(next(&whole).as_deref(), Some("x"));
        let last = page("[{\"a\":[2]},{\"a\":\"]\"}]", r#"{"hasNextPage":false,"endCursor":"y"}"#);
        assert_eq!(next(&last), None);
        assert!(append(&mut whole, &last, "data"));
        assert_eq!(&whole[member(&whole, "data").expect("rows")], r#"[{"a":[1]},{"a":[2]},{"a":"]"}]"#);
        let empty = page("[]", r#"{"hasNextPage":true,"endCursor":null}"#);
        assert!(!append(&mut whole, &empty, "data"));
        assert_eq!(next(&empty), None);
        let mut nothing = empty;
        assert!(append(&mut nothing, &last, "data"));
        assert_eq!(&nothing[member(&nothing, "data").expect("rows")], r#"[{"a":[2]},{"a":"]"}]"#);
    }
}
