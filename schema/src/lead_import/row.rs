//! A lead as a provider gives it, read and checked. Pure: it must not know the database.

use async_graphql::Value;
use serde_json::Value as Json;

use crate::{
    email,
    error::{Code, UserError},
    members,
};

/// Longest text of a lead.
const LONGEST: usize = 500;

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// As it was given; compared in lower case.
    pub email: Option<String>,
    pub company_name: Option<String>,
    pub job_title: Option<String>,
    pub phone: Option<String>,
    pub custom_fields: Option<Json>,
}

impl Row {
    /// Reads a row; blank texts count as absent.
    pub fn read(input: &Value) -> Self {
        let text = |name: &str| members::words(input, name).map(str::to_owned);
        let custom = members::json(input, "customFields");
        Self {
            given_name: text("givenName"),
            family_name: text("familyName"),
            email: text("email"),
            company_name: text("companyName"),
            job_title: text("jobTitle"),
            phone: text("phone"),
            custom_fields: custom.filter(|custom| custom.as_object().is_some_and(|members| !members.is_empty())),
        }
    }

    /// All that is wrong with it; `path` is where it is in the input.
    pub fn faults(&self, path: &str) -> Vec<UserError> {
        let at = |member: &str| if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") };
        let mut faults = Vec::new();
        if self.given_name.is_none() {
            faults.push(UserError::new(Code::Required, &at("givenName"), "First name is required"));
        }
        match &self.email {
            None => faults.push(UserError::new(Code::Required, &at("email"), "Email address is required")),
            Some(address) if !email::is_valid(address) => {
                faults.push(UserError::new(Code::Invalid, &at("email"), "Invalid email address format"));
            }
            Some(_) => {}
        }
        let texts = [
            ("givenName", &self.given_name),
            ("familyName", &self.family_name),
            ("companyName", &self.company_name),
            ("jobTitle", &self.job_title),
            ("phone", &self.phone),
        ];
        for (name, text) in texts {
            if text.as_ref().is_some_and(|text| text.len() > LONGEST || text.contains('\0')) {
                faults.push(UserError::new(Code::Invalid, &at(name), "The text is too long or has a NUL character"));
            }
        }
        faults
    }

    /// The address as it is compared.
    pub fn key(&self) -> Option<String> {
        self.email.as_ref().map(|email| email.to_lowercase())
    }

    /// What would make it better.
    pub fn suggestions(&self) -> Vec<&'static str> {
        let wanted = [
            (&self.phone, "Consider adding phone number for better contact rate"),
            (&self.company_name, "Consider adding company for better qualification"),
        ];
        wanted.into_iter().filter(|(text, _)| text.is_none()).map(|(_, says)| says).collect()
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn a_lead_needs_a_first_name_and_an_address() {
        let codes = |input: &Value| {
            let faults = Row::read(input).faults("");
            faults.into_iter().map(|fault| (fault.code, fault.field.join("."))).collect::<Vec<_>>()
        };
        assert_eq!(codes(&value!({ "givenName": "John", "email": "john@example.com" })), []);
        let none = codes(&value!({ "givenName": " ", "familyName": "Doe" }));
        assert_eq!(none, [(Code::Required, "givenName".to_owned()), (Code::Required, "email".to_owned())]);
        let bad = codes(&value!({ "givenName": "John", "email": "invalid-email" }));
        assert_eq!(bad, [(Code::Invalid, "email".to_owned())]);
    }

    #[test]
    fn what_is_missing_is_suggested() {
        let row = Row::read(&value!({ "givenName": "John", "email": "j@example.com", "companyName": "Tech" }));
        assert_eq!(row.suggestions(), ["Consider adding phone number for better contact rate"]);
    }
}
