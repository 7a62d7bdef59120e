//! Budgets as people enter them: two whole numbers with a hyphen.

/// The upper end of a budget such as "50000-100000", in major units; none if it is no such range.
#[must_use]
pub fn upper_end(range: &str) -> Option<i64> {
    let (low, high) = range.trim().split_once('-')?;
    let number = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?
    };
    let (low, high) = (number(low)?, number(high)?);
    (low <= high).then_some(high)
}

#[cfg(test)]
mod tests {
    use super::upper_end;

    #[test]
    fn budgets_have_an_upper_end() {
        for (range, expected) in [
            ("50000-100000", Some(100_000)),
            (" 10 - 10 ", Some(10)),
            ("20-10", None),
            ("10", None),
            ("-10", None),
            ("10-", None),
            ("10-20-30", None),
            ("1e3-2e3", None),
            ("0-99999999999999999999", None),
        ] {
            assert_eq!(upper_end(range), expected, "{range}");
        }
    }
}
