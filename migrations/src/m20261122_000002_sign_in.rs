//! What proves who asks: tokens, keys, codes and failed attempts.

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
        Rows::single("instance").text(&["uuid"]).created().unique("uuid", "uuid"),
        access_token(),
        Rows::new("refresh_token")
            .child_of("access_token_id", "access_token")
            .text(&["token_hash"])
            .optional_instant(&["used_at"])
            .instant(&["expires_at", "created_at"])
            .unique("token_hash", "token_hash"),
        Rows::new("signing_key")
            .text(&["kid", "private_key_sealed", "public_key"])
            .created()
            .optional_instant(&["retired_at"])
            .unique("kid", "kid"),
        Rows::new("password_code")
            .required_link("staff_id", "staff")
            .text(&["code_hash"])
            .counter("attempts")
            .instant(&["mailed_at", "expires_at"])
            .optional_text(&["verified_token_hash"])
            .optional_instant(&["used_at"])
            .unique_where("verified_token_hash", "verified_token_hash", "verified_token_hash IS NOT NULL"),
        Rows::new("launcher_token")
            .required_link("staff_id", "staff")
            .text(&["token_hash"])
            .instant(&["expires_at"])
            .optional_instant(&["used_at"])
            .unique("token_hash", "token_hash"),
        Rows::new("sign_in_failure")
            .text(&["subject"])
            .instant(&["occurred_at"])
            .index("subject", "subject, occurred_at"),
    ]
}

fn access_token() -> Rows {
    Rows::new("access_token")
        .one_of("kind", &["DEVICE", "PERSONAL", "API_KEY"])
        .text(&["name"])
        .link("staff_id", "staff")
        .link("tenant_id", "tenant")
        .optional_text(&["secret_hash"])
        .optional_json(&["permissions"])
        .optional_instant(&["last_used_at", "expires_at", "revoked_at"])
        .created()
        .unique_where("secret_hash", "secret_hash", "secret_hash IS NOT NULL")
}
