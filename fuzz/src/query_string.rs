//! Query strings of GET, and the same bytes as a JSON body. What can be read is a request whose variables are within
//! the limit.

use async_graphql::Value;
use groupgraph::http::parameters::Parameters;

/// Values that variables may hold here.
const MOST: usize = 20;

/// Runs one input.
pub fn run(data: &[u8]) {
    let by_query = std::str::from_utf8(data).ok().and_then(|text| Parameters::from_query_string(text).ok());
    for parameters in by_query.into_iter().chain(Parameters::from_json(data)) {
        if let Ok(Some(hash)) = parameters.hash() {
            assert!(parameters.names_document() && !hash.bytes().any(|byte| byte.is_ascii_uppercase()));
        }
        if let Ok(request) = parameters.into_request(String::new(), MOST) {
            let variables = request.variables.into_value();
            assert!(count(&variables) <= MOST, "{variables}");
        }
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len() + items.iter().map(count).sum::<usize>(),
        Value::Object(members) => members.len() + members.values().map(count).sum::<usize>(),
        _ => 0,
    }
}
