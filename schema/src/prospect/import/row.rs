//! Rows of an import as they are sent, brought into the form in which they are compared and kept. Pure: it must not
//! know the database.

use async_graphql::Value;

use crate::{
    amount::decimal,
    company::Company,
    email,
    error::{Code, UserError},
    members, phone,
    prospect::naming::{Names, display_name},
};

/// A row of an import.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub contact_name: Option<String>,
    pub company_name: Option<String>,
    /// Trimmed and in lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Digits as they were sent.
    pub phone_raw: Option<String>,
    /// Value of `ProspectKind`.
    pub kind: String,
    pub locale: Option<i64>,
    pub category: Option<i64>,
    pub shipments: Option<i32>,
    pub shipments_label: Option<String>,
    /// What is wrong with the row by itself.
    pub fault: Option<UserError>,
}

impl Row {
    /// The name to show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        display_name(Names {
            contact: self.contact_name.as_deref(),
            company: self.company_name.as_deref(),
            email: self.email.as_deref(),
            phone: self.phone.as_deref(),
        })
    }
}

/// Reads a row. Whatever is wrong with it is kept in it.
#[must_use]
pub fn read(input: &Value, company: &Company) -> Row {
    let mut row = Row {
        contact_name: members::words(input, "contactName").map(str::to_owned),
        company_name: members::words(input, "companyName").map(str::to_owned),
        email: members::words(input, "email").map(str::to_lowercase),
        kind: members::text(input, "kind").unwrap_or("PROSPECT").to_owned(),
        locale: members::integer(input, "locale"),
        category: members::integer(input, "followUpCategory"),
        ..Row::default()
    };
    (row.shipments, row.shipments_label) = shipments(members::present(input, "monthlyShipments"));
    if let Some(number) = members::present(input, "phoneNumber") {
        row.phone_raw = digits(number);
        let code = members::present(input, "phoneCountryCode");
        let (code, is_code) = (code.and_then(digits), code.is_none_or(|code| digits(code).is_some()));
        let number = row.phone_raw.as_deref().filter(|_| is_code);
        row.phone = number.and_then(|number| e164(number, code.as_deref(), company));
        if row.phone.is_none() {
            row.fault = Some(UserError::new(Code::Invalid, "phoneNumber", "That is no phone number."));
        }
    }
    if row.email.as_deref().is_some_and(|address| !email::is_valid(address)) {
        row.fault = Some(UserError::new(Code::Invalid, "email", "That is no e-mail address."));
    }
    if row.fault.is_none() && row.name().is_none() {
        let message = "Give at least one of contact name, company name, e-mail and phone.";
        row.fault = Some(UserError::new(Code::Required, "", message));
    }
    row
}

fn digits(number: &Value) -> Option<String> {
    match number {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &u64| *number > 0)
    .map(|number| number.to_string())
}

/// Numbers that no numbering plan has are kept too, if they could be one: the rows come from people.
fn e164(number: &str, code: Option<&str>, company: &Company) -> Option<String> {
    let code = code.or(company.calling_code.as_deref())?;
    let planned = phone::parse(number, Some(code), None);
    planned.ok().or_else(|| Some(format!("+{code}{number}")).filter(|text| (8..=16).contains(&text.len())))
}

/// Shipments a month: the number, or the lower end of a range, and the label to show.
fn shipments(value: Option<&Value>) -> (Option<i32>, Option<String>) {
    let label = match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return (None, None),
    };
    let whole = |text: &str| {
        let number = decimal(&Value::String(text.trim().to_owned()))?;
        number.to_string().parse::<i32>().ok().filter(|count| *count >= 0)
    };
    let low = label.split_once('-').map_or(label.as_str(), |(low, _)| low);
    (whole(low), Some(label).filter(|label| !label.is_empty()))
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn company() -> Company {
        Company { number: 1, currency: "NGN".into(), zone: chrono_tz::Tz::UTC, calling_code: Some("234".into()) }
    }

    #[test]
    fn shipments_are_a_number_or_a_range() {
        let cases = [
            (value!(250), (Some(250), Some("250"))),
            (value!("250"), (Some(250), Some("250"))),
            (value!("100-500"), (Some(100), Some("100-500"))),
            (value!("many"), (None, Some("many"))),
            (value!(""), (None, None)),
            (value!([1]), (None, None)),
        ];
        for (value, (count, label)) in cases {
            assert_eq!(shipments(Some(&value)), (count, label.map(str::to_owned)), "{value}");
        }
    }

    #[test]
    fn rows_are_brought_into_one_form() {
        let row = read(&value!({ "email": " Amina@Sahel.Example ", "phoneNumber": 8_011_223_344_i64 }), &company());
        assert!(row.fault.is_none());
        assert_eq!(row.email.as_deref(), Some("amina@sahel.example"));
        assert_eq!(row.phone.as_deref(), Some("+2348011223344"));
        assert_eq!(row.name(), Some("amina@sahel.example"));
        assert_eq!(row.kind, "PROSPECT");
    }

    #[test]
    fn malformed_rows_say_why() {
        let cases = [
            (value!({}), Code::Required),
            (value!({ "contactName": "  " }), Code::Required),
            (value!({ "email": "amina" }), Code::Invalid),
            (value!({ "contactName": "Amina", "phoneNumber": -5 }), Code::Invalid),
            (value!({ "contactName": "Amina", "phoneNumber": 12 }), Code::Invalid),
        ];
        for (input, code) in cases {
            assert_eq!(read(&input, &company()).fault.map(|fault| fault.code), Some(code), "{input}");
        }
    }
}
