//! Writes values by their nodes: copies what stays, changes the rest.

use chrono_tz::Tz;

use super::{
    cursor::{BROKEN, Cursor},
    key, leaf,
};
use crate::shape::{Member, Node, Role, Shape};

type Written = Result<(), &'static str>;

/// What has been written.
pub struct Writer {
    pub out: String,
    /// Whether the next member of the current object is its first.
    pub is_first: bool,
    /// Lists of failures that were met, as JSON.
    pub failures: Vec<String>,
    zone: Tz,
    omits_nulls: bool,
}

impl Writer {
    pub fn new(zone: Tz, omits_nulls: bool) -> Self {
        Self { out: String::with_capacity(1024), is_first: true, failures: Vec::new(), zone, omits_nulls }
    }

    /// The comma, and a key.
    pub fn key(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(',');
        }
        self.out.push_str(&key(name));
    }

    /// A whole value.
    pub fn value(&mut self, node: &Node, text: &str) -> Written {
        self.write(node, &mut Cursor::new(text))
    }

    /// A member of the current object, or several, or none.
    pub fn member(&mut self, member: &Member, text: &str) -> Written {
        self.place(member, &mut Cursor::new(text))
    }

    fn place(&mut self, member: &Member, cursor: &mut Cursor<'_>) -> Written {
        let node = &member.node;
        match node.role {
            Role::Failures => {
                self.note(cursor.raw()?);
                return Ok(());
            }
            Role::Hidden => return self.skim(&node.members, cursor),
            Role::Shown if node.is_spread => return self.spread(node, cursor),
            Role::Shown => {}
        }
        let (length, was_first) = (self.out.len(), self.is_first);
        self.key(&member.key);
        let start = self.out.len();
        self.write(node, cursor)?;
        if self.omits_nulls && &self.out[start..] == "null" {
            self.out.truncate(length);
            self.is_first = was_first;
        }
        Ok(())
    }

    fn note(&mut self, failures: &str) {
        if failures != "[]" && failures != "null" {
            self.failures.push(failures.to_owned());
        }
    }

    /// A payload that is not shown: only its failures matter.
    fn skim(&mut self, members: &Shape, cursor: &mut Cursor<'_>) -> Written {
        if !cursor.eat(b'{') {
            return cursor.raw().map(|_| ());
        }
        while cursor.has_next(b'}')? {
            let name = cursor.key()?;
            let is_failures = members.iter().any(|member| member.key == name && member.node.role == Role::Failures);
            let text = cursor.raw()?;
            if is_failures {
                self.note(text);
            }
        }
        Ok(())
    }

    fn spread(&mut self, node: &Node, cursor: &mut Cursor<'_>) -> Written {
        if cursor.peek() == b'{' {
            return self.members(&node.members, cursor);
        }
        // There is nothing to spread: all its members are null.
        cursor.raw()?;
        self.nulls(&node.members);
        Ok(())
    }

    fn nulls(&mut self, members: &Shape) {
        for Member { key, node, .. } in members.iter().filter(|member| member.node.role == Role::Shown) {
            match &node.if_null {
                _ if node.is_spread => self.nulls(&node.members),
                None if self.omits_nulls => {}
                instead => {
                    self.key(key);
                    self.out.push_str(instead.as_deref().unwrap_or("null"));
                }
            }
        }
    }

    /// The members of an object, put into the current one.
    fn members(&mut self, members: &Shape, cursor: &mut Cursor<'_>) -> Written {
        if !cursor.eat(b'{') {
            return Err(BROKEN);
        }
        // Answers have the order of the selection.
        let mut next = 0;
        while cursor.has_next(b'}')? {
            let name = cursor.key()?;
            let ahead = members.get(next).filter(|member| member.key == name);
            if let Some(member) = ahead.or_else(|| members.iter().find(|member| member.key == name)) {
                self.place(member, cursor)?;
            } else {
                // JSON of any shape is spread as it is.
                let text = cursor.raw()?;
                self.key(&serde_json::from_str::<String>(&format!("\"{name}\"")).map_err(|_| BROKEN)?);
                self.out.push_str(text);
            }
            next += 1;
        }
        Ok(())
    }

    fn write(&mut self, node: &Node, cursor: &mut Cursor<'_>) -> Written {
        let may_omit = self.omits_nulls && !node.members.is_empty();
        if node.is_plain && !may_omit {
            self.out.push_str(cursor.raw()?);
            return Ok(());
        }
        match cursor.peek() {
            b'n' => {
                cursor.raw()?;
                self.out.push_str(node.if_null.as_deref().unwrap_or("null"));
                Ok(())
            }
            b'[' if node.is_keyed => self.keyed(node, cursor),
            b'[' => self.list(node, cursor),
            b'{' if node.is_pick => self.pick(node, cursor),
            b'{' => {
                self.out.push('{');
                let was_first = std::mem::replace(&mut self.is_first, true);
                self.members(&node.members, cursor)?;
                self.is_first = was_first;
                self.out.push('}');
                Ok(())
            }
            _ => {
                let text = cursor.raw()?;
                leaf::write(&node.leaves, text, self.zone, &mut self.out);
                Ok(())
            }
        }
    }

    fn list(&mut self, node: &Node, cursor: &mut Cursor<'_>) -> Written {
        cursor.eat(b'[');
        self.out.push('[');
        let mut is_first = true;
        while cursor.has_next(b']')? {
            if !std::mem::take(&mut is_first) {
                self.out.push(',');
            }
            self.write(node, cursor)?;
        }
        self.out.push(']');
        Ok(())
    }

    /// The only member of an object.
    fn pick(&mut self, node: &Node, cursor: &mut Cursor<'_>) -> Written {
        cursor.eat(b'{');
        let mut picked = false;
        while cursor.has_next(b'}')? {
            let name = cursor.key()?;
            match node.members.iter().find(|member| member.key == name) {
                Some(member) if member.node.role == Role::Failures => self.note(cursor.raw()?),
                Some(member) if member.node.role == Role::Hidden => drop(cursor.raw()?),
                Some(member) => {
                    self.write(&member.node, cursor)?;
                    picked = true;
                }
                None => return Err(BROKEN),
            }
        }
        if !picked {
            self.out.push_str("null");
        }
        Ok(())
    }

    /// A list of objects as one object: the first member is the key, the rest the value.
    fn keyed(&mut self, node: &Node, cursor: &mut Cursor<'_>) -> Written {
        cursor.eat(b'[');
        self.out.push('{');
        let was_first = std::mem::replace(&mut self.is_first, true);
        while cursor.has_next(b']')? {
            let mut row = Writer::new(self.zone, self.omits_nulls);
            row.out.push('{');
            row.members(&node.members, cursor)?;
            row.out.push('}');
            let mut inner = Cursor::new(&row.out);
            inner.eat(b'{');
            inner.key()?;
            let first = inner.raw()?;
            self.key(&serde_json::from_str::<String>(first).unwrap_or_else(|_| first.to_owned()));
            self.rest(inner, node.members.len() <= 2)?;
        }
        self.is_first = was_first;
        self.out.push('}');
        Ok(())
    }

    /// What is left of an object: alone if there is never more than one member.
    fn rest(&mut self, mut inner: Cursor<'_>, is_single: bool) -> Written {
        let mut members = Vec::new();
        while inner.has_next(b'}')? {
            members.push((inner.key()?, inner.raw()?));
        }
        if let ([(_, only)], true) = (&members[..], is_single) {
            self.out.push_str(only);
        } else {
            let written: Vec<_> = members.iter().map(|(name, text)| format!("\"{name}\":{text}")).collect();
            self.out.push('{');
            self.out.push_str(&written.join(","));
            self.out.push('}');
        }
        Ok(())
    }
}
