//! Where the rows of the other companies are asked for.

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
    vec![source(), source_collection(), enrolment_token()]
}

fn source() -> Rows {
    Rows::new("source")
        .tenant()
        .text(&["name"])
        .optional_text(&["endpoint"])
        .one_of("mode", &["NATIVE", "MAPPED", "LOCAL"])
        .one_of_or_first("state", &["PENDING", "ACTIVE", "SUSPENDED", "FAILED"])
        .optional_text(&["credential_sealed", "instance"])
        .integer(&["timeout_ms"])
        .big_integer(&["max_answer_bytes"])
        .integer(&["max_concurrency", "cache_seconds"])
        .optional_instant(&["lease_expires_at", "checked_at"])
        .optional_text(&["last_error"])
        .list(&["drifted_fields"])
        .changed()
        .unique("tenant_id", "tenant_id")
}

fn source_collection() -> Rows {
    Rows::new("source_collection")
        .child_of("source_id", "source")
        .one_of(
            "collection",
            &[
                "STAFF",
                "LEADS",
                "DEALS",
                "TASKS",
                "TICKETS",
                "ANNOUNCEMENTS",
                "ACTIVITY_LOGS",
                "INVOICES",
                "PAYMENTS",
                "CLIENTS",
                "PRODUCTS",
                "PROSPECTS",
            ],
        )
        .flag("is_offered", false)
        .list(&["missing_fields", "filterable_fields", "orderable_fields"])
        .one_of("paging", &["KEYSET", "CURSOR", "OFFSET", "NONE"])
        .optional_text(&["message", "mapping_document", "mapping_rows_path"])
        .optional_json(&["mapping_conversions"])
        .unique("collection", "source_id, collection")
}

fn enrolment_token() -> Rows {
    Rows::new("enrolment_token")
        .tenant()
        .text(&["token_hash"])
        .instant(&["expires_at"])
        .optional_instant(&["used_at"])
        .unique("token_hash", "token_hash")
}
