//! STUB

use crate::engine::{collect::Selected, model::Object, request::Request};
pub async fn connection(_: &Request<'_>, _: &Selected<'_>, _: &'static Object) -> Result<String, crate::error::Error> {
    Ok("{}".into())
}
