//! Checks of persons at outside registries, and the money that pays for them.

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
    vec![identity_check(), wallet(), wallet_entry()]
}

fn identity_check() -> Rows {
    Rows::new("identity_check")
        .tenant()
        .link("staff_id", "staff")
        .one_of("kind", &["DOCUMENT", "NUMBER", "PHONE", "ACCOUNT"])
        // The number itself is nowhere: keyed, to find it again, and masked, to be read.
        .text(&["key_hash", "masked_key"])
        .one_of_or_first("status", &["PENDING", "FOUND", "FAILED"])
        .big_integer(&["cost_minor"])
        .text(&["currency"])
        .optional_text(&["result_sealed"])
        .optional_instant(&["expires_at"])
        .created()
        .index("key", "key_hash, kind, tenant_id, expires_at")
        .index("created_at", "created_at")
}

fn wallet() -> Rows {
    Rows::new("wallet")
        .tenant()
        .required_link("staff_id", "staff")
        .sums(&["balance_minor"])
        .text(&["currency"])
        .changed()
        .check("balance_minor >= 0")
        .unique("staff", "staff_id")
}

fn wallet_entry() -> Rows {
    Rows::new("wallet_entry")
        .tenant()
        .child_of("wallet_id", "wallet")
        .big_integer(&["amount_minor"])
        .text(&["currency", "reason"])
        .created()
}
