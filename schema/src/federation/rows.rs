//! The rows of one source's page, as references into the answer's bytes: which parts make up each row, what stands
//! between them, and by what it is ordered. It must not know where answers come from.

use std::{cmp::Ordering, fmt::Write, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    cursor::Cursor,
    key::{Key, OrderKey, Rank, Span},
};

/// Part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Of the answer, copied as it came.
    Answer(Span),
    /// Of what was written here because the answer had another form.
    Written(Span),
    /// One of the texts that the hub puts into every row.
    Filling(u32),
}

/// An order value of a row.
#[derive(Clone, Copy, Debug)]
struct Value {
    rank: Rank<Span>,
    /// Where it stands in JSON.
    json: Piece,
}

/// Where a row ends, and its number.
#[derive(Clone, Copy, Debug)]
struct Mark {
    end: usize,
    number: i64,
}

/// A page of one source.
#[derive(Clone, Debug)]
pub struct Rows {
    pub tenant: i64,
    answer: Arc<String>,
    written: String,
    lower_case: String,
    fillings: Vec<String>,
    pieces: Vec<Piece>,
    /// As many for each row as the order has keys.
    values: Vec<Value>,
    marks: Vec<Mark>,
}

impl Rows {
    /// No rows yet, out of an answer; `fillings` are the texts that stand in every row.
    #[must_use]
    pub fn of(answer: Arc<String>, tenant: i64, fillings: Vec<String>) -> Self {
        Self {
            tenant,
            answer,
            written: String::new(),
            lower_case: String::new(),
            fillings,
            pieces: Vec::new(),
            values: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Rows that are finished already.
    #[must_use]
    pub fn finished(rows: &[(Cursor, String)], order: &[OrderKey], tenant: i64) -> Self {
        let mut out = Self::of(Arc::default(), tenant, Vec::new());
        for (cursor, json) in rows {
            for (key, order) in cursor.keys().iter().zip(order) {
                out.write_value(key.json(), order);
            }
            out.write(json);
            out.end(cursor.number());
        }
        out
    }

    /// Makes room for rows of so many pieces.
    pub fn reserve(&mut self, rows: usize, pieces: usize, values: usize) {
        self.marks.reserve(rows);
        self.pieces.reserve(rows * pieces);
        self.values.reserve(rows * values);
    }

    /// Adds a part of the answer to the row that is being made.
    pub fn copy(&mut self, start: usize, end: usize) {
        if start < end {
            self.pieces.push(Piece::Answer(Span::new(start, end)));
        }
    }

    /// Adds one of the hub's texts.
    pub fn fill(&mut self, filling: usize) {
        self.pieces.push(Piece::Filling(u32::try_from(filling).unwrap_or(u32::MAX)));
    }

    /// Adds text of another form than the answer's.
    pub fn write(&mut self, json: &str) {
        let start = self.written.len();
        self.written.push_str(json);
        self.pieces.push(Piece::Written(Span::new(start, self.written.len())));
    }

    /// Adds an order value that stands in the answer; none if it is of another kind.
    pub fn value(&mut self, start: usize, end: usize, order: &OrderKey) -> Option<()> {
        let span = Span::new(start, end);
        let rank = Rank::read(span.of(&self.answer), &order.kind, &mut self.lower_case)?;
        self.values.push(Value { rank, json: Piece::Answer(span) });
        Some(())
    }

    /// Adds an order value that stands elsewhere; none if it is of another kind.
    pub fn write_value(&mut self, json: &str, order: &OrderKey) -> Option<()> {
        let rank = Rank::read(json, &order.kind, &mut self.lower_case)?;
        let start = self.written.len();
        self.written.push_str(json);
        self.values.push(Value { rank, json: Piece::Written(Span::new(start, self.written.len())) });
        Some(())
    }

    /// Adds an order value that is a whole number and stands elsewhere.
    pub fn write_whole(&mut self, number: i64) {
        let start = self.written.len();
        write!(self.written, "{number}").expect("a String takes all text");
        let json = Piece::Written(Span::new(start, self.written.len()));
        self.values.push(Value { rank: Rank::Whole(number), json });
    }

    /// Adds the end of a global id: at most two bytes and a number in base64, and what follows.
    pub fn write_id(&mut self, tail: &[u8], number: i64, after: &str) {
        let (mut bytes, mut text) = ([0; 24], [0; 32]);
        let (mut at, mut left) = (bytes.len(), number.unsigned_abs());
        loop {
            at -= 1;
            bytes[at] = b'0' + u8::try_from(left % 10).expect("one digit");
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            bytes[at] = b'-';
        }
        at -= tail.len();
        bytes[at..at + tail.len()].copy_from_slice(tail);
        let len = BASE64_URL_SAFE_NO_PAD.encode_slice(&bytes[at..], &mut text).expect("four letters for three bytes");
        let start = self.written.len();
        self.written.push_str(str::from_utf8(&text[..len]).expect("base64 is ASCII"));
        self.written.push('"');
        self.written.push_str(after);
        self.pieces.push(Piece::Written(Span::new(start, self.written.len())));
    }

    /// Ends the row that was being made.
    pub fn end(&mut self, number: i64) {
        self.marks.push(Mark { end: self.pieces.len(), number });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Keeps the first rows, with as many order values each.
    pub fn truncate(&mut self, rows: usize, width: usize) {
        let Some(last) = rows.checked_sub(1).and_then(|last| self.marks.get(last)) else {
            *self = Self::of(Arc::default(), self.tenant, Vec::new());
            return;
        };
        self.pieces.truncate(last.end);
        self.values.truncate(rows * width);
        self.marks.truncate(rows);
        self.pieces.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    /// Bytes of memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.answer.capacity() + self.written.capacity() + size_of_val(&*self.pieces) + size_of_val(&*self.values)
    }

    /// Bytes of the answer that they came in.
    #[must_use]
    pub fn answer_len(&self) -> usize {
        self.answer.len()
    }

    /// Appends a row to an answer.
    pub fn copy_row(&self, row: usize, out: &mut String) {
        for piece in self.pieces(row) {
            out.push_str(self.text(*piece));
        }
    }

    /// Length of a row in bytes.
    #[must_use]
    pub fn row_len(&self, row: usize) -> usize {
        let len = |piece: &Piece| match piece {
            Piece::Answer(span) | Piece::Written(span) => span.bytes(),
            Piece::Filling(filling) => self.fillings[*filling as usize].len(),
        };
        self.pieces(row).iter().map(len).sum()
    }

    /// Which of two rows comes first: by order values, then company, then number.
    #[must_use]
    pub fn compare(&self, row: usize, other: &Self, other_row: usize, order: &[OrderKey]) -> Ordering {
        let (one, two) = (self.values(row, order.len()), other.values(other_row, order.len()));
        for ((one, two), key) in one.iter().zip(two).zip(order) {
            let (one, two) = (one.rank.within(&self.lower_case), two.rank.within(&other.lower_case));
            let found = one.order(two, key.is_descending);
            if found.is_ne() {
                return found;
            }
        }
        let place = |rows: &Self, row: usize| (rows.tenant, rows.marks[row].number);
        place(self, row).cmp(&place(other, other_row))
    }

    /// The place of a row.
    #[must_use]
    pub fn cursor(&self, row: usize, order: &[OrderKey]) -> Cursor {
        let values = self.values(row, order.len()).iter().zip(order);
        let keys = values.map(|(value, order)| {
            Key::read_leaf(self.text(value.json), order).expect("a value that was read can be read again")
        });
        Cursor::new(keys.collect(), self.tenant, self.marks[row].number)
    }

    fn values(&self, row: usize, width: usize) -> &[Value] {
        &self.values[row * width..(row + 1) * width]
    }

    fn pieces(&self, row: usize) -> &[Piece] {
        let start = row.checked_sub(1).map_or(0, |before| self.marks[before].end);
        &self.pieces[start..self.marks[row].end]
    }

    fn text(&self, piece: Piece) -> &str {
        match piece {
            Piece::Answer(span) => span.of(&self.answer),
            Piece::Written(span) => span.of(&self.written),
            Piece::Filling(filling) => &self.fillings[filling as usize],
        }
    }
}
