//! Tasks, news and goals of the staff, the activity log, and what ties rows to other systems.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    vec![
        task(),
        Rows::pairs("task_assignee", ("task_id", "task"), ("staff_id", "staff")),
        announcement(),
        notification(),
        goal(),
        activity_log(),
        custom_field(),
        external_ref(),
    ]
}

fn task() -> Rows {
    Rows::new("task")
        .tenant()
        .text(&["title"])
        .optional_text(&["description"])
        .one_of_or_first("status", &["NOT_STARTED", "IN_PROGRESS", "TESTING", "AWAITING_FEEDBACK", "COMPLETE"])
        .priority()
        .optional_day(&["start_on", "due_on"])
        .link("created_by_id", "staff")
        .changed()
        .soft_delete()
        .index("created_at", "created_at DESC, id")
}

fn announcement() -> Rows {
    Rows::new("announcement")
        .tenant()
        .text(&["title"])
        .optional_text(&["body_html"])
        .text(&["body_text"])
        .flag("is_published", false)
        .optional_instant(&["published_at"])
        .link("created_by_id", "staff")
        .changed()
        .soft_delete()
}

fn notification() -> Rows {
    Rows::new("notification")
        .tenant()
        .child_of("recipient_id", "staff")
        .text(&["text"])
        .optional_text(&["subject_type"])
        // No foreign key, because the subject may be a row of any table.
        .optional_big_integer(&["subject_id"])
        .flag("is_read", false)
        .created()
}

fn goal() -> Rows {
    Rows::new("goal")
        .tenant()
        .link("staff_id", "staff")
        .text(&["subject"])
        .one_of("measure", &["INCOME", "CONVERTED_LEADS", "NEW_CLIENTS", "WON_DEALS"])
        .day(&["start_on", "end_on"])
        .integer(&["target"])
}

fn activity_log() -> Rows {
    Rows::new("activity_log")
        .tenant()
        .optional_text(&["kind"])
        .text(&["description"])
        .link("staff_id", "staff")
        .optional_text(&["staff_name"])
        .instant(&["occurred_at"])
        .index("occurred_at", "occurred_at DESC, id")
}

fn custom_field() -> Rows {
    Rows::new("custom_field")
        .tenant()
        .text(&["name"])
        .one_of("kind", &["TEXT", "NUMBER", "DATE", "BOOLEAN"])
        .one_of("subject", &["CLIENT", "LEAD"])
        .unique("name", "tenant_id, subject, lower(name)")
}

fn external_ref() -> Rows {
    Rows::new("external_ref")
        .tenant()
        .text(&["system", "entity"])
        .big_integer(&["entity_id"])
        .text(&["external_id"])
        .unique("external_id", "tenant_id, system, entity, external_id")
        .unique("entity_id", "system, entity, entity_id")
        .index("entity_id", "entity, entity_id")
}
