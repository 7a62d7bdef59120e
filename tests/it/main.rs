//! The instance as its callers meet it. `TEST_DATABASE_URL` moves all of it from `SQLite` to `PostgreSQL`.

mod one_statement;
mod support;
