//! What an operator can set that this crate needs. It must not know where settings come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything below, by section; the same names as in the configuration file.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {}
