//! The instance as its callers meet it. `TEST_DATABASE_URL` moves all of it from `SQLite` to `PostgreSQL`.

mod bounded;
mod connections;
mod entities;
mod faults;
mod filters;
mod fuzz;
mod gate;
mod global;
mod idempotency;
mod live;
mod mapped;
mod mutations;
mod nodes;
mod one_statement;
mod payroll;
mod relay;
mod rest;
mod rights;
mod sales_verbs;
mod schema;
mod sign_in;
mod subscriptions;
mod support;
mod uploads;
mod visibility;
mod webhooks;
