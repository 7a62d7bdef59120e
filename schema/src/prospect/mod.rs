//! STUB
use crate::{rule::Rules, verb::Verb};
pub const VERBS: &[(&str, Verb)] = &[];
pub const RULES: &[(&str, Rules)] = &[];

use crate::engine::{collect::Selected, request::Request};
pub async fn board(_: &Request<'_>, _: &Selected<'_>) -> Result<String, crate::error::Error> {
    Ok("[]".into())
}
pub async fn import_preview(_: &Request<'_>, _: &Selected<'_>) -> Result<String, crate::error::Error> {
    Ok("{}".into())
}
