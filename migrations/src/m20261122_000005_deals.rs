//! Deals and tickets.

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
    vec![deal(), Rows::pairs("deal_member", ("deal_id", "deal"), ("staff_id", "staff")), ticket()]
}

fn deal() -> Rows {
    Rows::new("deal")
        .tenant()
        .text(&["title"])
        .optional_text(&["description"])
        .money("value")
        .one_of_or_first("status", &["OPEN", "WON", "LOST"])
        .pipeline_and_stage()
        .link("source_id", "lead_source")
        .link("owner_id", "staff")
        .link("client_id", "client")
        .link("prospect_id", "prospect")
        .optional_integer(&["probability"])
        .between("probability", 0, 100)
        .optional_text(&["competitors"])
        .optional_day(&["expected_close_on"])
        .optional_instant(&["closed_at"])
        .link("created_by_id", "staff")
        .changed()
        .index("created_at", "created_at DESC, id")
        .index("value_minor", "value_minor, id")
}

fn ticket() -> Rows {
    Rows::new("ticket")
        .tenant()
        .one_of_or_first("kind", &["SUPPORT", "FIELD_JOB"])
        .text(&["key", "subject"])
        .optional_text(&["message"])
        .one_of_or_first("status", &["OPEN", "IN_PROGRESS", "ANSWERED", "ON_HOLD", "CLOSED"])
        .priority()
        .link("department_id", "department")
        .link("client_id", "client")
        .link("contact_id", "contact")
        .links(&["assignee_id", "opened_by_id"], "staff")
        .optional_instant(&["due_at", "closed_at"])
        .optional_json(&["attributes"])
        .changed()
        .unique("key", "\"key\"")
        .index("created_at", "created_at DESC, id")
}
