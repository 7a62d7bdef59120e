//! How much a JSON text holds, counted in one pass that keeps nothing of it. It must not know what it is for.

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Items of lists and members of objects, at every level.
    pub values: usize,
    /// Lists and objects within one another.
    pub depth: usize,
}

impl Extent {
    /// Counts a text that is JSON.
    pub fn of(json: &str) -> Self {
        let (mut extent, mut depth, mut is_opened) = (Self::default(), 0_usize, false);
        let mut bytes = json.bytes();
        while let Some(byte) = bytes.next() {
            if byte.is_ascii_whitespace() {
                continue;
            }
            let is_closing = matches!(byte, b']' | b'}');
            // The first of a list or object; each comma announces another.
            extent.values += usize::from(is_opened && !is_closing || byte == b',');
            is_opened = matches!(byte, b'[' | b'{');
            if is_opened {
                depth += 1;
                extent.depth = extent.depth.max(depth);
            }
            depth = depth.saturating_sub(usize::from(is_closing));
            if byte == b'"' {
                skip_text(&mut bytes);
            }
        }
        extent
    }
}

/// To the end of a text whose first quotation mark has been read.
fn skip_text(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection, prelude::*};
    use serde_json::{Value, json};

    use super::*;

    fn naive(value: &Value) -> Extent {
        let parts: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.values().collect(),
            _ => return Extent::default(),
        };
        let inner: Vec<Extent> = parts.into_iter().map(naive).collect();
        Extent {
            values: inner.len() + inner.iter().map(|part| part.values).sum::<usize>(),
            depth: 1 + inner.iter().map(|part| part.depth).max().unwrap_or(0),
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), ".*".prop_map(Value::from)];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                collection::btree_map(".*", inner, 0..6).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn as_many_as_when_read(value in values()) {
            prop_assert_eq!(Extent::of(&value.to_string()), naive(&value));
            prop_assert_eq!(Extent::of(&serde_json::to_string_pretty(&value).unwrap()), naive(&value));
        }
    }

    #[test]
    fn signs_in_texts_are_none() {
        assert_eq!(Extent::of(r#"{"a,[": "\\\",{", "b": [ ], "c": [1 , {}]}"#), Extent { values: 5, depth: 3 });
    }
}
