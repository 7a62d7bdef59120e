//! Look-up lists and custom fields. It must not know who asks: the engine checks rights.

mod choices;
mod rules;

pub use choices::choice_list;

use crate::rule::Rules;

/// What look-up values and custom fields add to the generic mutations.
pub const RULES: &[(&str, Rules)] = &[
    ("saveLookupValue", Rules { before: Some(rules::check_value), after: None }),
    ("saveCustomField", Rules { before: Some(rules::check_field), after: None }),
];
