//! STUB
use crate::{rule::Rules, verb::Verb};
pub const VERBS: &[(&str, Verb)] = &[];
pub const RULES: &[(&str, Rules)] = &[];

pub async fn progress(_: &crate::hub::Hub, _: i64) -> Result<serde_json::Value, crate::error::Error> {
    Ok(serde_json::Value::Null)
}
pub async fn units_achieved(_: &crate::hub::Hub, _: i64, _: i64) -> Result<i64, crate::error::Error> {
    Ok(0)
}
