//! STUB

use crate::engine::{request::Request, collect::Selected, model::Object};
pub async fn connection(_: &Request<'_>, _: &Selected<'_>, _: &'static Object) -> Result<String, crate::error::Error> { Ok("{}".into()) }
