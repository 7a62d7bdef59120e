//! Leads, and the pipelines and lists that sort them.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await?;
        rows::add_link(manager, "file", "lead_id", "lead").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop_link(manager, "file", "lead_id").await?;
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    vec![
        Rows::new("lead_status")
            .tenant()
            .text(&["name"])
            .optional_integer(&["position"])
            .flag("is_client_status", false)
            .unique("name", "tenant_id, lower(name)"),
        Rows::new("lead_source").tenant().text(&["name"]).unique("name", "tenant_id, lower(name)"),
        Rows::new("pipeline").tenant().text(&["name"]).optional_text(&["description"]).optional_integer(&["position"]),
        Rows::new("stage")
            .child_of("pipeline_id", "pipeline")
            .text(&["name"])
            .optional_integer(&["position"])
            .optional_one_of("phase", &["DISCOVERY", "PROPOSAL", "NEGOTIATION"])
            // What a lead or a deal refers to, so that its stage is one of its pipeline.
            .unique("id_pipeline_id", "id, pipeline_id"),
        lead(),
        Rows::new("reminder")
            .tenant()
            .optional_child_of("lead_id", "lead")
            .required_link("staff_id", "staff")
            .text(&["text"])
            .day(&["due_on"])
            .flag("is_notified", false)
            .index("due_on", "due_on, id"),
        Rows::new("follow_up_category")
            .tenant()
            .text(&["key", "name"])
            .optional_integer(&["position"])
            .unique("key", "tenant_id, \"key\""),
    ]
}

fn lead() -> Rows {
    Rows::new("lead")
        .tenant()
        .text(&["name"])
        .optional_text(&["given_name", "middle_name", "family_name"])
        .optional_text(&["job_title", "company_name", "email"])
        .phone("phone")
        .link("country_id", "country")
        .money("value")
        .one_of_or_first("state", &["OPEN", "CONVERTED", "LOST", "JUNK"])
        .link("status_id", "lead_status")
        .link("source_id", "lead_source")
        .pipeline_and_stage()
        .link("owner_id", "staff")
        .flag("is_public", false)
        .optional_json(&["custom_fields"])
        .optional_instant(&["last_contacted_at", "converted_at"])
        .link("created_by_id", "staff")
        .changed()
        .soft_delete()
        .index("created_at", "created_at DESC, id")
        // Not unique: whether two leads may share an address is a setting of the tenant.
        .index("email", "tenant_id, lower(email)")
        .index("phone", "tenant_id, phone")
}
