//! Rules of createTenant and updateTenant.

use chrono_tz::Tz;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    check,
    error::Code,
    money,
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A name, a namespace that fits into an address, a currency and a time zone that exist.
pub(super) fn check<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check::filled(draft, "name", "name")?;
        check::filled(draft, "namespace", "namespace")?;
        if let Some(namespace) = draft.text("namespace").map(str::to_lowercase) {
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            if !namespace.chars().all(is_plain) {
                return Err(fault(Code::Invalid, "namespace", "Use letters a to z, digits, hyphens and underscores."));
            }
            draft.set("namespace", namespace);
        }
        check::filled(draft, "base_currency", "baseCurrency")?;
        if draft.text("base_currency").is_some_and(|currency| money::exponent(currency).is_none()) {
            return Err(fault(Code::Invalid, "baseCurrency", "ISO 4217 has no such currency."));
        }
        check::filled(draft, "time_zone", "timeZone")?;
        if draft.text("time_zone").is_some_and(|zone| zone.parse::<Tz>().is_err()) {
            return Err(fault(Code::Invalid, "timeZone", "IANA has no such time zone; write it like Africa/Lagos."));
        }
        Ok(())
    })
}
