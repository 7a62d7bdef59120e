//! What form of answer a caller takes: the `Accept` header, read as RFC 9110 asks. It must not know operations.

use axum::http::{HeaderMap, header};

/// The form of a single answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the operation ran.
    GraphqlResponse,
    /// `application/json`: 200 for whatever is a GraphQL answer.
    Json,
}

impl Media {
    /// As a `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// What a caller takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The best form of a single answer; none if it takes no such answer.
    pub single: Option<Media>,
    /// Whether it takes `text/event-stream`.
    pub events: bool,
    /// Whether it asks for a web page.
    pub page: bool,
}

impl Accepted {
    /// Reads the headers. Without `Accept`, and for `*/*`, it is plain JSON, as clients of old expect.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut lists = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if lists.peek().is_none() {
            return Self { single: Some(Media::Json), events: false, page: false };
        }
        let entries: Vec<(String, f32)> = lists.flat_map(|list| list.split(',')).filter_map(entry).collect();
        let weight = |name: &str| entries.iter().find(|(entry, _)| entry == name).map(|(_, weight)| *weight);
        let any = weight("application/*").or_else(|| weight("*/*")).unwrap_or(0.0);
        let graphql = weight("application/graphql-response+json").unwrap_or(0.0);
        let json = weight("application/json").unwrap_or(any);
        let single = match (graphql > 0.0, json > 0.0) {
            (true, _) if graphql >= json => Some(Media::GraphqlResponse),
            (_, true) => Some(Media::Json),
            _ => None,
        };
        let takes = |name| weight(name).is_some_and(|weight| weight > 0.0);
        Self { single, events: takes("text/event-stream"), page: takes("text/html") }
    }
}

/// Media type and weight of one entry; none if it is malformed.
fn entry(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=").map(str::trim));
    Some((name, weight.map_or(Ok(1.0), str::parse).ok()?))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_form_wins() {
        for (accept, single, events) in [
            ("application/json", Some(Media::Json), false),
            ("application/graphql-response+json", Some(Media::GraphqlResponse), false),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::GraphqlResponse), false),
            ("application/json, application/graphql-response+json; q=0.5", Some(Media::Json), false),
            ("application/json, Application/GraphQL-Response+JSON", Some(Media::GraphqlResponse), false),
            ("*/*", Some(Media::Json), false),
            ("text/html, */*;q=0.8", Some(Media::Json), false),
            ("application/graphql-response+json, */*;q=0.1", Some(Media::GraphqlResponse), false),
            ("application/json;q=0, */*", None, false),
            ("text/event-stream", None, true),
            ("text/event-stream, application/json", Some(Media::Json), true),
            ("text/html", None, false),
            ("application/json; q=x", None, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]);
            let accepted = Accepted::of(&headers);
            assert_eq!((accepted.single, accepted.events), (single, events), "{accept}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new()).single, Some(Media::Json));
    }
}
