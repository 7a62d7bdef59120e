//! Whose pay, and for which month: what the rows of both sides are unique by.

use async_graphql::Value;
use serde_json::json;

use crate::{
    engine::MODEL,
    error::Code,
    members,
    verb::{Failure, fault},
};

const YEARS: std::ops::RangeInclusive<i64> = 1970..=2999;

/// A person at a company, and a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PayMonth {
    /// The person's key at the company.
    pub staff: i32,
    /// 1 to 12.
    pub month: i32,
    pub year: i32,
}

impl PayMonth {
    /// Reads `remoteStaffNumber`, `month` and `year`.
    ///
    /// # Errors
    /// `INVALID`, naming the member.
    pub fn read(input: &Value) -> Result<Self, Failure> {
        let staff = members::integer(input, "remoteStaffNumber").and_then(|number| i32::try_from(number).ok());
        let staff = staff.filter(|number| *number > 0);
        let staff =
            staff.ok_or_else(|| fault(Code::Invalid, "remoteStaffNumber", "The number there is at least 1."))?;
        let word = members::text(input, "month").unwrap_or_default();
        let place = MODEL.enums["Month"].iter().position(|month| month.name == word);
        let month = place.and_then(|place| i32::try_from(place + 1).ok());
        let month = month.ok_or_else(|| fault(Code::Required, "month", "Say which month."))?;
        let year = members::integer(input, "year").filter(|year| YEARS.contains(year));
        let year = year.and_then(|year| i32::try_from(year).ok());
        let year = year.ok_or_else(|| fault(Code::Invalid, "year", "A year has four digits, such as 2026."))?;
        Ok(Self { staff, month, year })
    }

    /// The same three as an input of the receiving side.
    #[must_use]
    pub fn json(self) -> serde_json::Map<String, serde_json::Value> {
        let place = usize::try_from(self.month - 1).unwrap_or_default();
        let word = MODEL.enums["Month"].get(place).map(|month| month.name.clone());
        let json = json!({ "remoteStaffNumber": self.staff, "month": word, "year": self.year });
        json.as_object().cloned().unwrap_or_default()
    }
}
