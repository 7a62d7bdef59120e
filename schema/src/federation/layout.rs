//! How the rows of an answer look if the source keeps to the question: which members come in which order, which are
//! copied, and what the hub puts between them. Worked out once per question; it must not know any answer.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    document::Aliases,
    mapping::value::Made,
    question::{Kind, Member, Question},
};

/// An object as it is expected.
#[derive(Debug, PartialEq)]
pub struct Layout {
    pub slots: Vec<Slot>,
}

/// A member of an object.
#[derive(Debug, PartialEq)]
pub struct Slot {
    /// With quotes and colon: `"name":`; empty for what the hub writes.
    pub key: String,
    pub what: What,
    /// Whether something is written before it, so that it follows a comma.
    pub follows: bool,
}

/// What a member is.
#[derive(Debug, PartialEq)]
pub enum What {
    /// A leaf that is copied.
    Leaf { form: Form, kind: Kind },
    /// An object that is copied member by member.
    Object { form: Form, layout: Layout },
    /// A text of the hub's.
    Filling(usize),
    /// The row's number, which is not copied.
    Number,
    /// An order value, which is not copied.
    Order(usize),
    /// The row's number as the digits at the end of a text, which is not copied; the rows may be ordered by it.
    TrailingDigits { is_order: bool },
    /// A global id: its beginning is a text of the hub's, then come these bytes and the row's number.
    Id { filling: usize, tail: Vec<u8>, after: &'static str },
    /// A text that is not copied.
    Ignored,
}

/// Around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub is_nullable: bool,
    pub is_list: bool,
}

/// A text of the hub's that stands in each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Comma and key.
    before: String,
    value: Value,
    /// A comma, if the answer has none there.
    after: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    /// The beginning of a global id.
    Id(String),
    /// The company as it was selected.
    Tenant(usize),
}

impl Layout {
    /// The rows of an answer, and the texts that belong into them. Number and order values come first.
    #[must_use]
    pub fn of(question: &Question, members: &[Member], aliases: &Aliases) -> (Self, Vec<Filling>) {
        let orders: Vec<String> = (0..question.order.len()).map(|index| aliases.order(index)).collect();
        Self::led_by((&aliases.number(), What::Number), &orders, members)
    }

    /// The same with the keys of number and order values, and what the number is.
    #[must_use]
    pub fn led_by((number, what): (&str, What), orders: &[String], members: &[Member]) -> (Self, Vec<Filling>) {
        let mut slots = vec![slot(number, what, false)];
        slots.extend(orders.iter().enumerate().map(|(index, key)| slot(key, What::Order(index), false)));
        let mut fillings = Vec::new();
        let layout = object(slots, members, &mut fillings);
        (layout, fillings)
    }
}

fn slot(key: &str, what: What, follows: bool) -> Slot {
    Slot { key: format!("\"{key}\":"), what, follows }
}

fn object(mut slots: Vec<Slot>, members: &[Member], fillings: &mut Vec<Filling>) -> Layout {
    // Whether the answer has a member before this place, and whether anything is written there.
    let (mut is_answered, mut is_written) = (!slots.is_empty(), false);
    for (index, member) in members.iter().enumerate() {
        let mut what = match member {
            Member::Scalar { field, kind, .. } => {
                What::Leaf { form: Form { is_nullable: field.is_nullable, is_list: field.is_list }, kind: kind.clone() }
            }
            Member::Object { field, members, .. } => What::Object {
                form: Form { is_nullable: field.is_nullable, is_list: field.is_list },
                layout: object(Vec::new(), members, fillings),
            },
            Member::Typename { name, .. } => own(fillings, Value::Text(format!("\"{name}\""))),
            Member::Tenant { slot, .. } => own(fillings, Value::Tenant(*slot)),
            Member::Missing { .. } => own(fillings, Value::Text("null".to_owned())),
            Member::Made { made, .. } => made_here(fillings, made),
        };
        if let What::Filling(filling) | What::Id { filling, .. } = what {
            let comma = if is_written { "," } else { "" };
            fillings[filling].before = format!("{comma}\"{}\":", member.key());
            let is_next_asked = members.get(index + 1).is_some_and(is_asked);
            fillings[filling].after = if is_next_asked && !is_answered { "," } else { "" };
            if let What::Id { after, .. } = &mut what {
                *after = fillings[filling].after;
            }
            slots.push(Slot { key: String::new(), what, follows: is_written });
        } else {
            slots.push(slot(member.key(), what, is_written));
            is_answered = true;
        }
        is_written = true;
    }
    if !is_answered {
        // Nothing is asked of the object but whether it is there.
        slots.push(slot("__typename", What::Ignored, false));
    }
    Layout { slots }
}

fn own(fillings: &mut Vec<Filling>, value: Value) -> What {
    fillings.push(Filling { before: String::new(), value, after: "" });
    What::Filling(fillings.len() - 1)
}

/// What the hub makes; ids of rows only, for all else depends on the answer.
fn made_here(fillings: &mut Vec<Filling>, made: &Made) -> What {
    match made {
        Made::Constant(json) => own(fillings, Value::Text(json.clone())),
        Made::Id { prefix, .. } => {
            // What comes in threes is written the same for all rows.
            let (same, tail) = prefix.as_bytes().split_at(prefix.len() - prefix.len() % 3);
            let beginning = format!("\"{}", BASE64_URL_SAFE_NO_PAD.encode(same));
            fillings.push(Filling { before: String::new(), value: Value::Id(beginning), after: "" });
            What::Id { filling: fillings.len() - 1, tail: tail.to_vec(), after: "" }
        }
        Made::Leaf(_) | Made::Object { .. } => What::Ignored,
    }
}

fn is_asked(member: &Member) -> bool {
    matches!(member, Member::Scalar { .. } | Member::Object { .. })
}

impl Filling {
    /// The text for the rows of one company.
    #[must_use]
    pub fn text(&self, question: &Question, tenant: i64) -> String {
        let value = match &self.value {
            Value::Text(text) => text,
            Value::Id(beginning) => return format!("{}{beginning}", self.before),
            Value::Tenant(slot) => question.tenant_json.get(&(*slot, tenant)).map_or("null", String::as_str),
        };
        format!("{}{value}{}", self.before, self.after)
    }
}
