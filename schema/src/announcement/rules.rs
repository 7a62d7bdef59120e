//! Rules of createAnnouncement and updateAnnouncement.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::body;
use crate::{
    check,
    error::Code,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Stores markup only sanitised, and the text beside it.
pub(super) fn check<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "title", "title")?;
        check::filled(draft, "body_html", "bodyHtml")?;
        if let Some(html) = draft.text("body_html").map(body::sanitised) {
            if html.is_empty() {
                return Err(fault(Code::Required, "bodyHtml", "Nothing that may be shown is left of the text."));
            }
            draft.set("body_text", body::plain(&html));
            draft.set("body_html", html);
        }
        Ok(())
    })
}
