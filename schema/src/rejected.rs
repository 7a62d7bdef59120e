//! Expected failures inside finished values, such as the refused rows of a batch.

use serde_json::{Value, json};

use crate::error::UserError;

impl UserError {
    /// The failure in the form of `UserError`; the row that it conflicts with as `{"__row", "__of"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let holder = self.conflicts_with.map(|(of, number)| json!({ "__row": number, "__of": of }));
        let field = (!self.field.is_empty()).then_some(&self.field);
        json!({ "code": self.code.name(), "field": field, "message": self.message, "conflictsWith": holder })
    }
}
