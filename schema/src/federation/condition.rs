//! The filter of a question as plain tests of fields, for sources that cannot apply it themselves.
//! It must not know where values come from.

use serde_json::{Value, value::RawValue};

use super::key::{Key, KeyKind, OrderKey};
use crate::database::lower;

/// What rows must fulfil.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test(Test),
    /// Something that only the system that holds the rows can tell; the member of the filter.
    Unknown(String),
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The condition as the filter names it, such as `createdAt.gte`.
    pub name: String,
    /// Fields, as paths from the row, one of which must pass; for negative operators all.
    pub paths: Vec<String>,
    pub operator: Operator,
    /// For `In` and `NotIn` a list.
    pub value: Value,
    pub kind: Compared,
}

/// How values of a test compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Without regard to case.
    Text,
    Number,
    Instant,
    Day,
    Flag,
    /// Words of an enum; equality only.
    Word,
}

/// What a test does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    In,
    NotIn,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    StartsWith,
    IsNull,
}

impl Operator {
    /// The operator of a filter.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "in" => Self::In,
            "notIn" => Self::NotIn,
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            "contains" => Self::Contains,
            "startsWith" => Self::StartsWith,
            "isNull" => Self::IsNull,
            _ => return None,
        })
    }

    fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotIn)
    }
}

impl Condition {
    /// Both conditions; none restricts nothing.
    #[must_use]
    pub fn and(self, other: Option<Self>) -> Self {
        match other {
            Some(other) => Self::All(vec![self, other]),
            None => self,
        }
    }

    /// Every test in it, and what cannot be tested.
    ///
    /// # Errors
    /// The member of the filter that only the system that holds the rows can tell.
    pub fn tests<'a>(&'a self, out: &mut Vec<&'a Test>) -> Result<(), &'a str> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().try_for_each(|inner| inner.tests(out)),
            Self::Not(inner) => inner.tests(out),
            Self::Test(test) => {
                out.push(test);
                Ok(())
            }
            Self::Unknown(name) => Err(name),
        }
    }

    /// The first member of the filter that is not among these.
    #[must_use]
    pub fn outside(&self, able: &[String]) -> Option<&str> {
        let member = match self {
            Self::All(inner) | Self::Any(inner) => return inner.iter().find_map(|inner| inner.outside(able)),
            Self::Not(inner) => return inner.outside(able),
            Self::Test(test) => test.name.split('.').next()?,
            Self::Unknown(name) => name,
        };
        (!able.iter().any(|able| able == member)).then_some(member)
    }

    /// Whether a row fulfils it; `value` gives the values of a field in JSON, several where a list is on the way.
    ///
    /// # Errors
    /// A value could not be given.
    pub fn holds<E>(&self, value: &mut dyn FnMut(&str) -> Result<Vec<String>, E>) -> Result<bool, E> {
        match self {
            Self::All(inner) => {
                for inner in inner {
                    if !inner.holds(value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(inner) => {
                for inner in inner {
                    if inner.holds(value)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(inner) => Ok(!inner.holds(value)?),
            Self::Test(test) => {
                let mut results = Vec::new();
                for path in &test.paths {
                    let values = value(path)?;
                    results.push(if test.operator == Operator::IsNull {
                        values.iter().all(|value| value == "null") == (test.value == Value::Bool(true))
                    } else if test.operator.is_negative() {
                        values.iter().all(|value| test.passes(value))
                    } else {
                        values.iter().any(|value| test.passes(value))
                    });
                }
                Ok(if test.operator.is_negative() { results.iter().all(|is| *is) } else { results.contains(&true) })
            }
            Self::Unknown(_) => Ok(false),
        }
    }
}

impl Test {
    fn passes(&self, json: &str) -> bool {
        if json == "null" {
            return self.operator.is_negative();
        }
        let equals = |value: &Value| self.order(json, value).is_some_and(std::cmp::Ordering::is_eq);
        match self.operator {
            Operator::Equal => equals(&self.value),
            Operator::NotEqual => !equals(&self.value),
            Operator::In => self.value.as_array().is_some_and(|values| values.iter().any(equals)),
            Operator::NotIn => !self.value.as_array().is_some_and(|values| values.iter().any(equals)),
            Operator::Greater => self.order(json, &self.value).is_some_and(std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => self.order(json, &self.value).is_some_and(std::cmp::Ordering::is_ge),
            Operator::Less => self.order(json, &self.value).is_some_and(std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => self.order(json, &self.value).is_some_and(std::cmp::Ordering::is_le),
            Operator::Contains => self.with_text(json, |text, part| text.contains(part)),
            Operator::StartsWith => self.with_text(json, |text, part| text.starts_with(part)),
            Operator::IsNull => false,
        }
    }

    fn with_text(&self, json: &str, test: impl Fn(&str, &str) -> bool) -> bool {
        let Ok(whole) = serde_json::from_str::<String>(json) else { return false };
        let Some(part) = self.value.as_str() else { return false };
        test(&lower(&whole).collect::<String>(), &lower(part).collect::<String>())
    }

    fn order(&self, json: &str, value: &Value) -> Option<std::cmp::Ordering> {
        let kind = match self.kind {
            Compared::Text => KeyKind::Text,
            Compared::Number => KeyKind::Number,
            Compared::Instant => KeyKind::Instant,
            Compared::Day => KeyKind::Day,
            Compared::Flag => KeyKind::Flag,
            Compared::Word => {
                let word: String = serde_json::from_str(json).ok()?;
                return (value.as_str() == Some(word.as_str())).then_some(std::cmp::Ordering::Equal);
            }
        };
        let order = OrderKey { field: String::new(), is_descending: false, path: String::new(), kind };
        let read = |json: &str| Key::read(serde_json::from_str::<&RawValue>(json).ok()?, &order);
        Some(read(json)?.cmp(&read(&value.to_string())?))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;

    fn test(path: &str, operator: &str, value: Value, kind: Compared) -> Condition {
        let operator = Operator::from_word(operator).expect("an operator");
        Condition::Test(Test { name: path.into(), paths: vec![path.into()], operator, value, kind })
    }

    fn holds(condition: &Condition, row: &Value) -> bool {
        let mut value = |path: &str| -> Result<Vec<String>, Infallible> {
            let found = row.get(path).cloned().unwrap_or_default();
            Ok(match found {
                Value::Array(items) => items.iter().map(Value::to_string).collect(),
                one => vec![one.to_string()],
            })
        };
        condition.holds(&mut value).expect("values are there")
    }

    #[test]
    fn tests_mean_what_filters_mean() {
        let row = json!({"name": "Ada ÉCOLE", "number": 7, "at": "2026-01-01T10:00:00Z", "on": "2026-01-01",
            "is": true, "word": "OPEN", "amount": "12.50", "none": null, "all": ["a", "B"]});
        let table = [
            ("name", "eq", json!("ada école"), Compared::Text, true),
            ("name", "contains", json!("éc"), Compared::Text, true),
            ("name", "startsWith", json!("école"), Compared::Text, false),
            ("name", "in", json!(["x", "ADA école"]), Compared::Text, true),
            ("name", "notIn", json!(["ada école"]), Compared::Text, false),
            ("number", "gt", json!(7), Compared::Number, false),
            ("number", "gte", json!(7), Compared::Number, true),
            ("amount", "lt", json!("13"), Compared::Number, true),
            ("at", "gte", json!("2026-01-01T11:00:00+01:00"), Compared::Instant, true),
            ("on", "lte", json!("2025-12-31"), Compared::Day, false),
            ("is", "eq", json!(true), Compared::Flag, true),
            ("word", "in", json!(["OPEN", "WON"]), Compared::Word, true),
            ("word", "ne", json!("OPEN"), Compared::Word, false),
            ("none", "eq", json!("x"), Compared::Text, false),
            ("none", "ne", json!("x"), Compared::Text, true),
            ("none", "notIn", json!([]), Compared::Text, true),
            ("none", "isNull", json!(true), Compared::Text, true),
            ("name", "isNull", json!(false), Compared::Text, true),
            ("all", "eq", json!("b"), Compared::Text, true),
            ("all", "ne", json!("b"), Compared::Text, false),
        ];
        for (path, operator, value, kind, expected) in table {
            assert_eq!(holds(&test(path, operator, value.clone(), kind), &row), expected, "{path} {operator} {value}");
        }
        let yes = || test("is", "eq", json!(true), Compared::Flag);
        let no = || Condition::Not(Box::new(yes()));
        assert!(holds(&Condition::All(vec![]), &row) && !holds(&Condition::Any(vec![]), &row));
        assert!(holds(&Condition::Any(vec![no(), yes()]), &row) && !holds(&yes().and(Some(no())), &row));
        assert!(holds(&Condition::Not(Box::new(test("none", "eq", json!("x"), Compared::Text))), &row));
    }
}
