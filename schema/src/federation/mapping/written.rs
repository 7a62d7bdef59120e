//! The operations of a mapping for its last questions: programs ask the same again and again, and an operation depends
//! on little of a question. It must not know answers.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::{
    Mapping,
    document::{Identity, MappedDocument},
    numbers::Numbers,
};
use crate::federation::{
    condition::Condition,
    question::{Fault, Member, Question},
};

/// How many are kept.
const MOST: usize = 8;

/// Operations by what they depend on; the one used last comes first.
#[derive(Debug, Default)]
pub struct Written(Mutex<VecDeque<(Asked, Arc<MappedDocument>)>>);

/// What an operation and the reading of its answers depend on, apart from the mapping.
#[derive(Debug)]
struct Asked {
    condition: Option<Condition>,
    search: Option<String>,
    /// Words and directions; a word stands for one path.
    order: Vec<(String, bool)>,
    members: Vec<Member>,
    wants_total: bool,
    viewer_number: Option<i64>,
    tenant: i64,
    instance: Uuid,
    numbers: Arc<Numbers>,
}

impl Clone for Written {
    /// A changed mapping writes anew.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Written {
    /// The operation for a question.
    ///
    /// # Errors
    /// The source cannot answer it, neither itself nor with the hub's help.
    pub fn get(
        &self,
        mapping: &Mapping,
        question: &Question,
        identity: Identity<'_>,
    ) -> Result<Arc<MappedDocument>, Fault> {
        if let Some(known) = self.known(question, identity) {
            return Ok(known);
        }
        let document = Arc::new(MappedDocument::write(mapping, question, identity)?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.truncate(MOST - 1);
        all.push_front((Asked::of(question, identity), document.clone()));
        Ok(document)
    }

    fn known(&self, question: &Question, identity: Identity<'_>) -> Option<Arc<MappedDocument>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|(asked, _)| asked.is_of(question, identity))?;
        if place > 0 {
            let found = all.remove(place)?;
            all.push_front(found);
        }
        Some(all.front()?.1.clone())
    }
}

impl Asked {
    fn of(question: &Question, identity: Identity<'_>) -> Self {
        Self {
            condition: question.condition.clone(),
            search: question.search.clone(),
            order: question.order.iter().map(|key| (key.field.clone(), key.is_descending)).collect(),
            members: question.members.clone(),
            wants_total: question.wants_total,
            viewer_number: viewer_number(question, identity.tenant),
            tenant: identity.tenant,
            instance: identity.instance,
            numbers: identity.numbers.clone(),
        }
    }

    fn is_of(&self, question: &Question, identity: Identity<'_>) -> bool {
        let order = question.order.iter().map(|key| (key.field.as_str(), key.is_descending));
        self.wants_total == question.wants_total
            && self.viewer_number == viewer_number(question, identity.tenant)
            && (self.tenant, self.instance) == (identity.tenant, identity.instance)
            && Arc::ptr_eq(&self.numbers, identity.numbers)
            && self.order.iter().map(|(word, is_descending)| (word.as_str(), *is_descending)).eq(order)
            && self.search == question.search
            && self.condition == question.condition
            && self.members == question.members
    }
}

fn viewer_number(question: &Question, tenant: i64) -> Option<i64> {
    question.viewer_numbers.as_ref().and_then(|numbers| numbers.get(&tenant).copied())
}
