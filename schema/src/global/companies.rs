//! The companies as global fields name them, once for each row and report: plain selections are kept until a company
//! changes. It must not know sources.

use std::{collections::HashMap, fmt::Write, sync::Arc, time::Duration};

use async_graphql::parser::types::SelectionSet;
use moka::sync::Cache;

use crate::{
    engine::{
        collect::{Item, collect},
        model::Binding,
        request::Request,
        resolve::read_unscoped,
    },
    error::Error,
};

/// Selections that are kept.
const MOST: u64 = 1_000;
/// How long they are kept though no change was told.
const LIFE: Duration = Duration::from_secs(10);

/// Companies as JSON, by number; none for those that are gone.
type Written = HashMap<i64, Option<String>>;

/// Companies by selection, with the version of the companies that was read.
#[derive(Clone, Debug)]
pub struct Companies(Cache<String, (u64, Arc<Written>)>);

impl Default for Companies {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LIFE).build())
    }
}

impl Companies {
    /// The selected members of companies as JSON, in the order of the numbers.
    ///
    /// # Errors
    /// A bad argument within the selection, or a fault.
    pub async fn read(
        &self,
        request: &Request<'_>,
        sets: &[&SelectionSet],
        numbers: &[i64],
    ) -> Result<Vec<Option<String>>, Error> {
        let tenant = request.model().object("Tenant");
        let Some(key) = plain(request, sets) else {
            return read_unscoped(request, tenant, sets, numbers, Vec::new()).await;
        };
        let version = request.hub.events.tenants_version();
        let pick = |written: &Written| numbers.iter().map(|number| written.get(number).cloned()).collect();
        if let Some((_, written)) = self.0.get(&key).filter(|(known, _)| *known == version) {
            let picked: Option<Vec<Option<String>>> = pick(&written);
            if let Some(picked) = picked {
                return Ok(picked);
            }
        }
        let rows = read_unscoped(request, tenant, sets, numbers, Vec::new()).await?;
        let written = numbers.iter().copied().zip(rows.clone()).collect();
        self.0.insert(key, (version, Arc::new(written)));
        Ok(rows)
    }
}

/// What names a selection of leaves that all viewers may see and that take no arguments; none if it is another.
fn plain(request: &Request<'_>, sets: &[&SelectionSet]) -> Option<String> {
    let mut key = String::new();
    for item in collect(request, request.model().object("Tenant"), sets) {
        let (alias, name) = match &item {
            Item::Typename { key } => (*key, "__typename"),
            Item::Field(selected) => {
                let field = selected.field;
                let is_leaf = matches!(field.binding, Binding::Id | Binding::Leaf { .. });
                if !is_leaf || !field.needs.is_empty() || !selected.arguments.is_empty() {
                    return None;
                }
                (selected.key, field.name.as_str())
            }
        };
        write!(key, "{alias}:{name} ").expect("a String takes all text");
    }
    Some(key)
}
