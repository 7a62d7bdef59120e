//! Signed statements of who asks, kept for some seconds: signing anew for each call would cost more than the call.
//! It must not know how they are signed.

use std::sync::Arc;

use moka::sync::Cache;

/// How long a statement is used, in seconds. It must hold that much longer than a call takes.
const LIFE: i64 = 20;
const MOST: u64 = 50_000;

/// Statements by who asks and which address is asked.
#[derive(Clone, Debug)]
pub struct Statements(Cache<(String, String), (Arc<str>, i64)>);

impl Default for Statements {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Statements {
    /// The statement for an address; `now` in seconds.
    #[must_use]
    pub fn get(&self, subject: &str, address: &str, now: i64, sign: impl FnOnce() -> String) -> Arc<str> {
        let key = (subject.to_owned(), address.to_owned());
        if let Some((statement, at)) = self.0.get(&key)
            && (at..at + LIFE).contains(&now)
        {
            return statement;
        }
        let statement: Arc<str> = sign().into();
        self.0.insert(key, (statement.clone(), now));
        statement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_signed_once_in_a_while_for_each_pair() {
        let statements = Statements::default();
        let get =
            |subject, address, now| statements.get(subject, address, now, || format!("{subject} {address} {now}"));
        assert_eq!(&*get("a", "x", 100), "a x 100");
        assert_eq!(&*get("a", "x", 119), "a x 100");
        assert_eq!(&*get("b", "x", 119), "b x 119");
        assert_eq!(&*get("a", "y", 119), "a y 119");
        assert_eq!(&*get("a", "x", 120), "a x 120");
        assert_eq!(&*get("a", "x", 90), "a x 90", "the clock was set back");
    }
}
