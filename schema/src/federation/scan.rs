//! Reads an answer that keeps to the question, in one walk over its bytes: syntax, kinds and nulls are checked, rows
//! become references to their bytes, order values are read. Whatever is not as expected is left to `read`, which
//! says what is wrong. It must not know HTTP.

use super::{
    json::Walk,
    key::OrderKey,
    layout::{Form, Layout, Slot, What},
    question::Kind,
    rows::Rows,
};

/// Where the parts of a page lie in an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paths<'a> {
    pub rows: Option<&'a [&'a str]>,
    pub has_more: Option<&'a [&'a str]>,
    pub total: Option<&'a [&'a str]>,
}

/// What stands around the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Around {
    pub has_more: Option<bool>,
    pub total: Option<i64>,
    has_rows: bool,
}

/// Reads a whole answer; none if it is not as expected. Then `rows` holds nothing of worth.
pub fn answer(
    body: &str,
    (layout, order): (&Layout, &[OrderKey]),
    paths: Paths<'_>,
    rows: &mut Rows,
) -> Option<Around> {
    let mut around = Around::default();
    let mut walk = Walk::of(body);
    walk.space();
    walk.members(|walk, key| match key {
        b"data" if !around.has_rows => envelope(walk, (layout, order), paths, rows, &mut around),
        b"extensions" => walk.value(),
        b"errors" => walk.literal("[]"),
        _ => None,
    })?;
    walk.end()?;
    around.has_rows.then_some(around)
}

/// An object that holds parts of the page, or holds objects that do.
fn envelope(
    walk: &mut Walk<'_>,
    asked: (&Layout, &[OrderKey]),
    paths: Paths<'_>,
    rows: &mut Rows,
    around: &mut Around,
) -> Option<()> {
    walk.members(|walk, key| {
        let below =
            Paths { rows: step(paths.rows, key), has_more: step(paths.has_more, key), total: step(paths.total, key) };
        match below {
            Paths { rows: Some([]), .. } if !around.has_rows => {
                around.has_rows = true;
                walk.elements(|walk| row(walk, asked, rows))
            }
            Paths { has_more: Some([]), .. } if around.has_more.is_none() => {
                around.has_more = Some(walk.peek()? == b't');
                walk.literal(if around.has_more? { "true" } else { "false" })
            }
            Paths { total: Some([]), .. } if around.total.is_none() => {
                if walk.peek()? == b'n' {
                    return walk.literal("null");
                }
                around.total = Some(walk.whole()?);
                Some(())
            }
            Paths { rows: None, has_more: None, total: None } => walk.value(),
            _ => envelope(walk, asked, below, rows, around),
        }
    })
}

/// The rest of a path, if it leads through a key.
fn step<'a>(path: Option<&'a [&'a str]>, key: &[u8]) -> Option<&'a [&'a str]> {
    let (first, rest) = path?.split_first()?;
    (first.as_bytes() == key).then_some(rest)
}

fn row(walk: &mut Walk<'_>, (layout, order): (&Layout, &[OrderKey]), rows: &mut Rows) -> Option<()> {
    let mut scan = Scan { walk: *walk, from: None, order, rows, number: None };
    scan.object(layout)?;
    let end = scan.walk.at;
    scan.pause(end);
    let number = scan.number?;
    *walk = scan.walk;
    rows.end(number);
    Some(())
}

struct Scan<'a, 'b> {
    walk: Walk<'a>,
    /// Where the part that is being copied began; none while nothing is.
    from: Option<usize>,
    order: &'b [OrderKey],
    rows: &'b mut Rows,
    number: Option<i64>,
}

impl Scan<'_, '_> {
    /// Copies what came up to a place, and nothing after it.
    fn pause(&mut self, end: usize) {
        if let Some(start) = self.from.take() {
            self.rows.copy(start, end);
        }
    }

    /// Copies what comes.
    fn go_on(&mut self) {
        self.from.get_or_insert(self.walk.at);
    }

    /// White space is never copied.
    fn space(&mut self) {
        let start = self.walk.at;
        if self.walk.space() && self.from.is_some() {
            self.pause(start);
            self.go_on();
        }
    }

    fn object(&mut self, layout: &Layout) -> Option<()> {
        self.go_on();
        self.walk.byte(b'{')?;
        let mut is_first = true;
        for slot in &layout.slots {
            if let What::Filling(filling) = slot.what {
                self.pause(self.walk.at);
                self.rows.fill(filling);
                continue;
            }
            if let What::Id { filling, tail, after } = &slot.what {
                self.pause(self.walk.at);
                self.id(*filling, tail, after)?;
                continue;
            }
            self.begin(slot, is_first)?;
            self.member(slot)?;
            is_first = false;
        }
        self.space();
        self.go_on();
        self.walk.byte(b'}')
    }

    /// Comma and key.
    fn begin(&mut self, slot: &Slot, is_first: bool) -> Option<()> {
        let is_copied = matches!(slot.what, What::Leaf { .. } | What::Object { .. });
        if !is_copied {
            self.pause(self.walk.at);
        }
        self.space();
        if !is_first {
            if is_copied && slot.follows {
                self.go_on();
            }
            self.walk.byte(b',')?;
            self.space();
        }
        if is_copied {
            self.go_on();
        }
        self.walk.literal(&slot.key)
    }

    fn member(&mut self, slot: &Slot) -> Option<()> {
        self.space();
        match &slot.what {
            What::Leaf { form, kind } => self.formed(*form, |scan| scan.leaf(kind)),
            What::Object { form, layout } => self.formed(*form, |scan| scan.object(layout)),
            What::Number => {
                self.number = Some(i32::try_from(self.walk.whole()?).ok()?.into());
                Some(())
            }
            What::Order(index) => {
                let (start, end) = self.innermost(0)?;
                self.rows.value(start, end, &self.order[*index])
            }
            What::Ignored => self.walk.string().map(|_| ()),
            What::TrailingDigits { is_order } => {
                let number = trailing_digits(self.walk.string()?)?;
                if *is_order {
                    self.rows.write_whole(number.into());
                }
                self.number = Some(number.into());
                Some(())
            }
            What::Filling(_) | What::Id { .. } => None,
        }
    }

    /// A global id of the row; its number is known by now.
    fn id(&mut self, filling: usize, tail: &[u8], after: &str) -> Option<()> {
        self.rows.fill(filling);
        self.rows.write_id(tail, self.number?, after);
        Some(())
    }

    /// A value that may be null or a list.
    fn formed(&mut self, form: Form, mut value: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.walk.peek()? == b'n' {
            return form.is_nullable.then(|| self.walk.literal("null"))?;
        }
        if !form.is_list {
            return value(self);
        }
        self.walk.byte(b'[')?;
        self.space();
        if self.walk.byte(b']').is_some() {
            return Some(());
        }
        loop {
            value(self)?;
            self.space();
            match self.walk.peek()? {
                b',' => self.walk.at += 1,
                b']' => break,
                _ => return None,
            }
            self.space();
        }
        self.walk.at += 1;
        Some(())
    }

    fn leaf(&mut self, kind: &Kind) -> Option<()> {
        match kind {
            Kind::Text => self.walk.string().map(|_| ()),
            Kind::Int => i32::try_from(self.walk.whole()?).ok().map(|_| ()),
            Kind::Long => self.walk.whole().map(|_| ()),
            Kind::Float => self.walk.number().map(|_| ()),
            Kind::Boolean if self.walk.peek()? == b't' => self.walk.literal("true"),
            Kind::Boolean => self.walk.literal("false"),
            Kind::Enum(words) => {
                let word = self.walk.string()?;
                words.iter().any(|known| known.as_bytes() == word).then_some(())
            }
            Kind::Json if self.walk.peek()? == b'n' => None,
            Kind::Json => self.walk.value(),
        }
    }

    /// The leaf that stands for an object, if it is one: the only member of its only member.
    fn innermost(&mut self, depth: usize) -> Option<(usize, usize)> {
        let start = self.walk.at;
        if self.walk.byte(b'{').is_none() {
            self.walk.leaf()?;
            return Some((start, self.walk.at));
        }
        if depth > 8 {
            return None;
        }
        self.walk.space();
        self.walk.string()?;
        self.walk.space();
        self.walk.byte(b':')?;
        self.walk.space();
        let leaf = self.innermost(depth + 1)?;
        self.walk.space();
        self.walk.byte(b'}')?;
        Some(leaf)
    }
}

/// The whole number at the end of a text.
fn trailing_digits(text: &[u8]) -> Option<i32> {
    let start = text.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
    std::str::from_utf8(&text[start..]).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "tests/scan.rs"]
mod tests;
