//! Types of the document as the model has them. It must not know what stands behind fields.

use async_graphql::parser::types::{BaseType, Type as Written};

use crate::engine::{derive::base, model::Type};

/// A type as the engine cares for it.
pub fn of(found: &Written) -> Type {
    let has_nulls = matches!(&found.base, BaseType::List(item) if item.nullable);
    Type { name: base(found).to_owned(), is_list: is_list(found), is_required: !found.nullable, has_nulls }
}

/// Whether there may be several values.
pub fn is_list(found: &Written) -> bool {
    matches!(found.base, BaseType::List(_))
}

/// The row type of a field, and whether the field is a connection.
pub fn row_type(found: &Written) -> (String, bool) {
    let name = base(found);
    match name.strip_suffix("Connection") {
        Some(of) => (of.to_owned(), true),
        None => (name.to_owned(), false),
    }
}
