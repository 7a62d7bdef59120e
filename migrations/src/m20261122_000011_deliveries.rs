//! What leaves for other systems, and what they send: pay, payslips, webhooks, and the outbox that carries them.

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
        payroll_entry(),
        pay_line(),
        payslip(),
        received_key(),
        webhook(),
        told_source_state(),
        delivery(),
        delivery_attempt(),
    ]
}

fn payroll_entry() -> Rows {
    Rows::new("payroll_entry")
        .tenant()
        .integer(&["remote_staff_number", "month", "year"])
        .between("month", 1, 12)
        .big_integer(&["net_salary_minor"])
        .text(&["net_salary_currency"])
        .link("pushed_by_id", "staff")
        .instant(&["pushed_at"])
        .unique("month", "tenant_id, remote_staff_number, year, month")
        .index("pushed_at", "pushed_at")
}

fn pay_line() -> Rows {
    Rows::new("pay_line")
        .child_of("payroll_entry_id", "payroll_entry")
        .one_of("kind", &["BONUS", "DEDUCTION"])
        .integer(&["position"])
        .text(&["title"])
        .big_integer(&["amount_minor"])
        .text(&["amount_currency"])
        .optional_json(&["details"])
}

/// Either stored here (a file) or linked by the hub that stored it (an address).
fn payslip() -> Rows {
    Rows::new("payslip")
        .tenant()
        .integer(&["remote_staff_number", "month", "year"])
        .between("month", 1, 12)
        .text(&["file_name"])
        .link("file_id", "file")
        .optional_text(&["link"])
        .check("(file_id IS NULL) <> (link IS NULL)")
        .link("uploaded_by_id", "staff")
        .instant(&["uploaded_at"])
        .optional_instant(&["synced_at"])
        .unique("month", "tenant_id, remote_staff_number, year, month")
        .index("uploaded_at", "uploaded_at")
}

/// Keys under which others have sent something that was taken in; the same key never acts twice.
fn received_key() -> Rows {
    Rows::new("received_key").text(&["key", "kind"]).big_integer(&["subject_id"]).created().unique("key", "key")
}

/// Without a company it hears of all.
fn webhook() -> Rows {
    Rows::new("webhook")
        .link("tenant_id", "tenant")
        .text(&["url"])
        .list(&["events"])
        .flag("is_active", true)
        .text(&["secret_sealed"])
        .optional_text(&["previous_secret_sealed"])
        .optional_instant(&["previous_secret_until"])
        .optional_json(&["retry_after_seconds"])
        .optional_instant(&["failing_since", "disabled_at"])
        .link("created_by_id", "staff")
        .changed()
}

/// The state of a source that webhooks were told of last.
fn told_source_state() -> Rows {
    Rows::new("told_source_state").child_of("source_id", "source").text(&["state"]).unique("source_id", "source_id")
}

fn delivery() -> Rows {
    Rows::new("delivery")
        .one_of("kind", &["PAYROLL", "PAYSLIP", "WEBHOOK", "MAIL"])
        .one_of_or_first("status", &["PENDING", "DELIVERED", "FAILED", "CANCELLED"])
        .link("tenant_id", "tenant")
        .optional_child_of("payroll_entry_id", "payroll_entry")
        .optional_child_of("payslip_id", "payslip")
        .optional_child_of("webhook_id", "webhook")
        .optional_text(&["event", "subject_type"])
        .optional_big_integer(&["subject_id"])
        // Whom it goes to: so that one that hangs does not hold up the others.
        .text(&["target"])
        // Of one lane only the oldest is on its way, so that nothing old overtakes something new.
        .optional_text(&["lane"])
        .text(&["idempotency_key"])
        .optional_text(&["payload_sealed"])
        .link("created_by_id", "staff")
        .counter("attempt_count")
        .optional_instant(&["next_attempt_at"])
        .optional_text(&["lease"])
        .optional_instant(&["leased_until", "expires_at", "delivered_at"])
        .optional_text(&["last_error"])
        .created()
        .check("(status = 'PENDING') = (next_attempt_at IS NOT NULL)")
        .unique("idempotency_key", "idempotency_key")
        .index("due", "status, next_attempt_at")
        .index("lane", "lane, id")
        .index("webhook", "webhook_id, created_at")
        .index("created_at", "created_at")
}

fn delivery_attempt() -> Rows {
    Rows::new("delivery_attempt")
        .child_of("delivery_id", "delivery")
        .instant(&["started_at"])
        .integer(&["took_ms"])
        .optional_integer(&["status_code"])
        .optional_text(&["error"])
}
