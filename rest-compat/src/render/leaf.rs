//! What is done to a scalar.

use chrono_tz::Tz;

use crate::{
    format,
    shape::{Leaf, OTHERS},
};

/// Writes a scalar that is no null.
pub fn write(leaves: &[Leaf], text: &str, zone: Tz, out: &mut String) {
    match leaves.first() {
        None => out.push_str(text),
        Some(leaf) => match one(leaf, text, zone) {
            Some(changed) => out.push_str(&changed),
            // A value of a form that the schema does not promise is shown as it is.
            None => out.push_str(text),
        },
    }
}

fn one(leaf: &Leaf, text: &str, zone: Tz) -> Option<String> {
    let inner = text.trim_matches('"');
    match leaf {
        Leaf::Number => format::is_decimal(inner).then(|| short(inner).to_owned()),
        Leaf::Flag => match text {
            "true" => Some("1".to_owned()),
            "false" => Some("0".to_owned()),
            _ => None,
        },
        Leaf::Word(words) => words.get(inner).or_else(|| words.get(OTHERS)).cloned(),
        Leaf::Day => Some(format!("\"{}\"", format::as_day(inner, zone)?)),
        Leaf::Prefix(prefix) => Some(crate::literal::quoted(&format!("{prefix}{inner}"))),
        Leaf::Local => Some(format!("\"{}\"", format::as_local(inner, zone)?)),
    }
}

/// Without zeros that say nothing: 150000.00 is 150000.
fn short(number: &str) -> &str {
    match number.split_once('.') {
        Some((_, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            number.trim_end_matches('0').trim_end_matches('.')
        }
        _ => number,
    }
}
