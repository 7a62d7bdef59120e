//! Walks over JSON that is known to be valid, without building anything.

use memchr::memchr2;

/// A place in a text.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    pub text: &'a str,
    /// Bytes before it.
    pub at: usize,
}

/// The text is not the JSON that it should be.
pub const BROKEN: &str = "The answer is not JSON.";

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no space; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Goes over a byte if it comes next.
    pub fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes over the comma before the next member or item; whether there is one.
    pub fn has_next(&mut self, end: u8) -> Result<bool, &'static str> {
        if self.eat(end) {
            return Ok(false);
        }
        self.eat(b',');
        if self.peek() == 0 { Err(BROKEN) } else { Ok(true) }
    }

    /// A key without its quotes, as it is written, and its colon.
    pub fn key(&mut self) -> Result<&'a str, &'static str> {
        let text = self.raw()?;
        let is_key = text.starts_with('"') && self.eat(b':');
        if is_key { Ok(&text[1..text.len() - 1]) } else { Err(BROKEN) }
    }

    /// A whole value, as it is written.
    pub fn raw(&mut self) -> Result<&'a str, &'static str> {
        let first = self.peek();
        let start = self.at;
        match first {
            b'"' => self.string()?,
            b'{' | b'[' => self.nested()?,
            0 => return Err(BROKEN),
            _ => self.plain(),
        }
        Ok(&self.text[start..self.at])
    }

    /// A number, or a word.
    fn plain(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| !b",]} \n\r\t".contains(byte)) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<(), &'static str> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            let found = memchr2(b'"', b'\\', bytes.get(self.at..).ok_or(BROKEN)?).ok_or(BROKEN)?;
            self.at += found + 1;
            if bytes[self.at - 1] == b'"' {
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn nested(&mut self) -> Result<(), &'static str> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        loop {
            match bytes.get(self.at).ok_or(BROKEN)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_ends_where_it_ends(value in value(), is_pretty: bool) {
            let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.expect("JSON");
            let list = format!("[ {text} ,{text}]");
            let mut cursor = Cursor::new(&list);
            prop_assert!(cursor.eat(b'['));
            for _ in 0..2 {
                prop_assert!(cursor.has_next(b']').expect("JSON"));
                prop_assert_eq!(cursor.raw().expect("JSON"), text.as_str());
            }
            prop_assert!(!cursor.has_next(b']').expect("JSON"));
        }
    }
}
