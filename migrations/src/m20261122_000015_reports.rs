//! Reports of misconduct, requests for call records, and who looked at what is sensitive.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await?;
        rows::add_link(manager, "file", "whistle_report_id", "whistle_report").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop_link(manager, "file", "whistle_report_id").await?;
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    vec![whistle_report(), call_record_request(), call_record(), access_audit()]
}

fn whistle_report() -> Rows {
    Rows::new("whistle_report")
        .tenant()
        .text(&["title", "body"])
        .day(&["occurred_on"])
        .required_link("reported_id", "staff")
        .flag("is_anonymous", true)
        // Who filed it, for the list of one's own; the reporter that others see is empty if anonymous.
        .link("filed_by_id", "staff")
        .link("reporter_id", "staff")
        .one_of_or_first("status", &["OPEN", "IN_REVIEW", "CLOSED"])
        .created()
}

fn call_record_request() -> Rows {
    Rows::new("call_record_request")
        .tenant()
        .text(&["phone"])
        .one_of_or_first("status", &["PENDING", "COMPLETED"])
        .required_link("requester_id", "staff")
        .link("completed_by_id", "staff")
        .changed()
}

fn call_record() -> Rows {
    Rows::new("call_record")
        .child_of("request_id", "call_record_request")
        .text(&["called_number", "calling_number"])
        .integer(&["call_count"])
}

fn access_audit() -> Rows {
    Rows::new("access_audit")
        .tenant()
        .link("staff_id", "staff")
        .link("token_id", "access_token")
        .one_of("subject", &["IDENTITY", "ACCOUNT_HOLDER", "CALL_RECORDS", "WHISTLE_REPORT"])
        .optional_text(&["masked_key", "purpose"])
        .instant(&["occurred_at"])
        .index("occurred_at", "occurred_at DESC, id")
}
