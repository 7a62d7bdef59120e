//! The instance as its callers meet it. `TEST_DATABASE_URL` moves all of it from `SQLite` to `PostgreSQL`.

mod connections;
mod faults;
mod filters;
mod idempotency;
mod nodes;
mod one_statement;
mod schema;
mod support;
mod visibility;
