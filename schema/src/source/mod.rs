//! STUB
use crate::{rule::Rules, verb::Verb};
pub const VERBS: &[(&str, Verb)] = &[];
pub const RULES: &[(&str, Rules)] = &[];
