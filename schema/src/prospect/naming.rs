//! How a prospect is called. Pure: it must not know the database.

/// What a prospect may be called by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    pub contact: Option<&'a str>,
    pub company: Option<&'a str>,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
}

/// The name to show: contact, else company, else e-mail, else phone; none if there is nothing.
#[must_use]
pub fn display_name(names: Names<'_>) -> Option<&str> {
    [names.contact, names.company, names.email, names.phone]
        .into_iter()
        .flatten()
        .map(str::trim)
        .find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_there() {
        let all = Names {
            contact: Some("Amina Yusuf"),
            company: Some("Sahel Logistics"),
            email: Some("amina@sahel.example"),
            phone: Some("+2348011223344"),
        };
        let cases = [
            (all, Some("Amina Yusuf")),
            (Names { contact: Some("  "), ..all }, Some("Sahel Logistics")),
            (Names { contact: None, company: None, ..all }, Some("amina@sahel.example")),
            (Names { phone: all.phone, ..Names::default() }, Some("+2348011223344")),
            (Names::default(), None),
        ];
        for (names, expected) in cases {
            assert_eq!(display_name(names), expected);
        }
    }
}
