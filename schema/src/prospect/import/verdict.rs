//! Which rows of an import become prospects. Pure: it must not know the database.

use std::collections::HashSet;

use super::{known::Known, row::Row};
use crate::{
    email::Party,
    error::{Code, UserError},
};

/// What becomes of a row.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// A new prospect.
    Insert,
    /// E-mail and phone are those of this prospect.
    Update(i64),
    Reject(UserError),
}

/// Judges rows in order.
#[must_use]
pub fn judge(rows: &[Row], known: &Known) -> Vec<Verdict> {
    let mut emails = HashSet::new();
    let mut phones = HashSet::new();
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(fault) = row.fault.clone().or_else(|| known.unknown_choice(row)) {
            verdicts.push(Verdict::Reject(fault));
            continue;
        }
        let repeats_email = row.email.as_deref().is_some_and(|email| !emails.insert(email));
        let repeats_phone = row.phone.as_deref().is_some_and(|phone| !phones.insert(phone));
        verdicts.push(match (repeats_email, repeats_phone) {
            (true, _) => reject(Code::DuplicateEmail, None),
            (_, true) => reject(Code::DuplicatePhone, None),
            _ => compare(row, known),
        });
    }
    verdicts
}

fn compare(row: &Row, known: &Known) -> Verdict {
    if let Some(party) = row.email.as_ref().and_then(|email| known.emails.get(email)) {
        return reject(Code::DuplicateEmail, Some(*party));
    }
    if let Some(party) = row.phone.as_ref().and_then(|phone| known.phones.get(phone)) {
        return reject(Code::DuplicatePhone, Some(*party));
    }
    let by_email = row.email.as_ref().and_then(|email| known.prospects_by_email.get(email)).copied();
    let by_phone = row.phone.as_ref().and_then(|phone| known.prospects_by_phone.get(phone));
    match (by_email, by_phone) {
        (Some(number), Some(numbers)) if numbers.contains(&number) => Verdict::Update(number),
        (Some(number), _) => reject(Code::DuplicateEmail, Some(("Prospect", number))),
        (None, Some(numbers)) => reject(Code::DuplicatePhone, numbers.first().map(|number| ("Prospect", *number))),
        (None, None) => Verdict::Insert,
    }
}

fn reject(code: Code, holder: Option<Party>) -> Verdict {
    Verdict::Reject(duplicate(code, holder))
}

/// The refusal of a row whose e-mail or phone is there already.
#[must_use]
pub fn duplicate(code: Code, holder: Option<Party>) -> UserError {
    let is_email = code == Code::DuplicateEmail;
    let (field, what) = if is_email { ("email", "e-mail address") } else { ("phoneNumber", "phone number") };
    let message = match holder {
        Some(_) => format!("Somebody else has this {what}."),
        None => format!("An earlier row has this {what}."),
    };
    UserError { conflicts_with: holder, ..UserError::new(code, field, message) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(email: Option<&str>, phone: Option<&str>) -> Row {
        Row {
            contact_name: Some("Amina".into()),
            email: email.map(Into::into),
            phone: phone.map(Into::into),
            ..Row::default()
        }
    }

    fn known() -> Known {
        Known {
            emails: [("user@x.example".to_owned(), ("ClientUser", 9))].into(),
            phones: [("+90".to_owned(), ("ClientUser", 9))].into(),
            prospects_by_email: [("one@x.example".to_owned(), 1), ("two@x.example".to_owned(), 2)].into(),
            prospects_by_phone: [("+1".to_owned(), vec![1]), ("+2".to_owned(), vec![2])].into(),
            ..Known::default()
        }
    }

    fn shown(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Insert => "insert".into(),
            Verdict::Update(number) => format!("update {number}"),
            Verdict::Reject(error) => {
                format!("{} {:?}", error.code.name(), error.conflicts_with.map(|(of, number)| format!("{of} {number}")))
            }
        }
    }

    #[test]
    fn rows_are_compared_with_what_is_there() {
        let cases = [
            (row(Some("new@x.example"), Some("+5")), "insert"),
            (row(None, None), "insert"),
            (row(Some("one@x.example"), Some("+1")), "update 1"),
            (row(Some("one@x.example"), None), "DUPLICATE_EMAIL Some(\"Prospect 1\")"),
            (row(Some("one@x.example"), Some("+2")), "DUPLICATE_EMAIL Some(\"Prospect 1\")"),
            (row(Some("new@x.example"), Some("+2")), "DUPLICATE_PHONE Some(\"Prospect 2\")"),
            (row(Some("user@x.example"), Some("+1")), "DUPLICATE_EMAIL Some(\"ClientUser 9\")"),
            (row(Some("one@x.example"), Some("+90")), "DUPLICATE_PHONE Some(\"ClientUser 9\")"),
        ];
        for (row, expected) in cases {
            assert_eq!(shown(&judge(std::slice::from_ref(&row), &known())[0]), expected, "{row:?}");
        }
    }

    #[test]
    fn the_first_of_two_equal_rows_wins() {
        let rows = [row(Some("a@x.example"), Some("+5")), row(Some("a@x.example"), Some("+6")), row(None, Some("+5"))];
        let verdicts: Vec<_> = judge(&rows, &known()).iter().map(shown).collect();
        assert_eq!(verdicts, ["insert", "DUPLICATE_EMAIL None", "DUPLICATE_PHONE None"]);
    }

    proptest! {
        #[test]
        fn what_is_inserted_is_unique(picks in prop::collection::vec((0..6_u8, 0..6_u8), 0..40)) {
            let rows: Vec<_> = picks
                .iter()
                .map(|(email, phone)| {
                    let email = (*email > 0).then(|| format!("{email}@x.example"));
                    let phone = (*phone > 0).then(|| format!("+{phone}"));
                    row(email.as_deref(), phone.as_deref())
                })
                .collect();
            let known = known();
            let (mut emails, mut phones) = (HashSet::new(), HashSet::new());
            for (row, verdict) in rows.iter().zip(judge(&rows, &known)) {
                if matches!(verdict, Verdict::Insert) {
                    prop_assert!(row.email.as_ref().is_none_or(|email| emails.insert(email.clone()) && !known.prospects_by_email.contains_key(email)));
                    prop_assert!(row.phone.as_ref().is_none_or(|phone| phones.insert(phone.clone()) && !known.prospects_by_phone.contains_key(phone)));
                }
            }
        }
    }
}
