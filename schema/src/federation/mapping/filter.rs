//! Which conditions of a question a foreign server applies itself, as values of its variables, and which are left to
//! the hub. It must not know answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Mapping;
use crate::federation::{
    condition::{Compared, Condition, Operator, Test},
    question::Question,
};

/// The conditions of a question, divided.
#[derive(Debug, Default)]
pub struct Filter {
    /// Variables of the operation.
    pub pushed: BTreeMap<String, Value>,
    /// What the hub tests.
    pub left: Option<Condition>,
}

impl Filter {
    /// Divides the conditions of a question to the source of a company.
    #[must_use]
    pub fn of(mapping: &Mapping, question: &Question, tenant: i64) -> Self {
        let mut filter = Self::default();
        let mut left = Vec::new();
        let own =
            question.viewer_numbers.as_ref().and_then(|numbers| numbers.get(&tenant)).map(|number| assigned(*number));
        for condition in question.condition.iter().chain(&own) {
            filter.divide(mapping, condition, &mut left);
        }
        filter.left = (!left.is_empty()).then_some(Condition::All(left));
        filter
    }

    /// Conditions that hold together can be divided; alternatives and negations stay whole.
    fn divide(&mut self, mapping: &Mapping, condition: &Condition, left: &mut Vec<Condition>) {
        match condition {
            Condition::All(inner) => inner.iter().for_each(|inner| self.divide(mapping, inner, left)),
            Condition::Test(test) if self.push(mapping, test).is_some() => {}
            other => left.push(other.clone()),
        }
    }

    fn push(&mut self, mapping: &Mapping, test: &Test) -> Option<()> {
        let variable = test.name.replace('.', "_");
        if !mapping.has_variable(&variable) || self.pushed.contains_key(&variable) {
            return None;
        }
        let conversion =
            test.paths.first().and_then(|path| mapping.leaves.get(path)).and_then(|leaf| leaf.conversion.as_deref());
        let revert = |value: &Value| match conversion {
            Some(conversion) => conversion.revert(value),
            None => Some(value.clone()),
        };
        let value = match &test.value {
            Value::Array(values) => Value::Array(values.iter().map(revert).collect::<Option<_>>()?),
            value => revert(value)?,
        };
        self.pushed.insert(variable, value);
        Some(())
    }
}

/// That rows are assigned to a person, by the number there.
fn assigned(number: i64) -> Condition {
    Condition::Test(Test {
        name: "assignees.number.eq".into(),
        paths: vec!["assignees.number".into()],
        operator: Operator::Equal,
        value: json!(number),
        kind: Compared::Number,
    })
}
