//! REST calls as older apps send them: the case files in `tests/rest`, and what is true for all endpoints.

mod cases;
mod crm;
mod documents;
mod everywhere;
mod inventory;
mod stopped;
mod uploads;
