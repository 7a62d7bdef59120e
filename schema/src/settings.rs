//! What an operator can set that this crate needs. It must not know where settings come from.
