//! Companies, their staff, and the look-ups that all of them share.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await?;
        // Staff own files, and a file is the picture of staff.
        rows::add_link(manager, "staff", "avatar_file_id", "file").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::drop_link(manager, "staff", "avatar_file_id").await?;
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    let mut tables = shared();
    tables.extend([
        department(),
        team(),
        staff(),
        Rows::pairs("staff_department", ("staff_id", "staff"), ("department_id", "department")),
        Rows::pairs("team_member", ("team_id", "team"), ("staff_id", "staff")),
        staff_mapping(),
        file(),
    ]);
    tables
}

fn shared() -> Vec<Rows> {
    vec![
        Rows::new("country").text(&["code", "name"]).optional_text(&["calling_code"]).unique("code", "code"),
        Rows::new("lookup_category").text(&["name"]).unique("name", "lower(name)"),
        Rows::new("lookup_value")
            .child_of("category_id", "lookup_category")
            .text(&["name"])
            .optional_integer(&["position"])
            .flag("is_active", true)
            .optional_json(&["details"])
            .unique("name", "category_id, lower(name)"),
        Rows::new("tenant")
            .text(&["name", "namespace"])
            .optional_text(&["url"])
            .text(&["base_currency", "time_zone"])
            .link("country_id", "country")
            .flag("is_head_office", false)
            .flag("is_active", true)
            .changed()
            .unique("namespace", "lower(namespace)"),
        Rows::new("role").text(&["name"]).list(&["permissions"]),
        Rows::new("position").text(&["name"]),
    ]
}

fn department() -> Rows {
    Rows::new("department")
        .tenant()
        .text(&["name"])
        .optional_text(&["email"])
        .flag("is_hidden_from_clients", false)
        .unique("name", "tenant_id, lower(name)")
}

fn team() -> Rows {
    Rows::new("team")
        .tenant()
        .text(&["name"])
        .flag("is_active", true)
        .optional_json(&["attributes"])
        .changed()
        .soft_delete()
}

fn staff() -> Rows {
    Rows::new("staff")
        .tenant()
        .text(&["name"])
        .optional_text(&["given_name", "family_name", "username", "email"])
        .phone("phone")
        .optional_json(&["social_links"])
        .link("role_id", "role")
        .link("position_id", "position")
        .flag("is_active", true)
        .flag("is_administrator", false)
        .optional_json(&["attributes"])
        .optional_instant(&["last_signed_in_at"])
        .optional_text(&["password_hash"])
        .counter("session_epoch")
        .changed()
        .soft_delete()
        .unique_where("email", "tenant_id, lower(email)", "is_active AND deleted_at IS NULL AND email IS NOT NULL")
        // Signing in asks by the address alone.
        .index("email", "lower(email)")
}

fn staff_mapping() -> Rows {
    Rows::new("staff_mapping")
        .required_link("staff_id", "staff")
        .tenant()
        .integer(&["remote_staff_number"])
        .optional_text(&["role"])
        .unique("remote_staff_number", "tenant_id, remote_staff_number")
}

fn file() -> Rows {
    Rows::new("file")
        .tenant()
        .text(&["object_key", "name", "media_type"])
        .integer(&["size_in_bytes"])
        .link("created_by_id", "staff")
        .created()
        .unique("object_key", "object_key")
}
