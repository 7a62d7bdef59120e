//! Clients and prospects, and what belongs to one of them.

use sea_orm_migration::prelude::*;

use crate::rows::{self, Rows};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Links between tables that refer to one another, so that one of the two comes first.
const LATE_LINKS: [(&str, &str, &str); 3] = [
    ("lead", "client_id", "client"),
    ("lead", "prospect_id", "prospect"),
    ("client", "debit_account_id", "bank_account"),
];

const PROSPECT: (&str, &str) = ("prospect_id", "prospect");
const CLIENT: (&str, &str) = ("client_id", "client");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rows::create(manager, tables()).await?;
        for (table, column, target) in LATE_LINKS {
            rows::add_link(manager, table, column, target).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, _) in LATE_LINKS {
            rows::drop_link(manager, table, column).await?;
        }
        rows::drop(manager, tables()).await
    }
}

fn tables() -> Vec<Rows> {
    vec![
        client(),
        Rows::pairs("client_owner", CLIENT, ("staff_id", "staff")),
        client_integration(),
        client_user(),
        bank_account(),
        prospect(),
        Rows::pairs("prospect_service", PROSPECT, ("lookup_value_id", "lookup_value")),
        prospect_lifecycle_change(),
        contact(),
        location(),
        follow_up(),
        follow_up_role_holder(),
        partner_profile(),
        note(),
    ]
}

fn client() -> Rows {
    Rows::new("client")
        .tenant()
        .text(&["uuid"])
        .one_of_or_first("kind", &["ACCOUNT", "OUTLET", "PARTNER"])
        .text(&["name"])
        .optional_text(&["local_name", "trading_name", "code"])
        .link("legal_form_id", "lookup_value")
        .optional_text(&["registration_number", "tax_number"])
        .optional_flag("is_taxable")
        .link("default_tax_id", "lookup_value")
        .optional_text(&["description", "email"])
        .phone("phone")
        .phone("mobile")
        .optional_text(&["fax", "website"])
        .link("logo_file_id", "file")
        .optional_json(&["social_links"])
        .link("language_id", "lookup_value")
        .address("address")
        .link("address_country_id", "country")
        .address("mailing_address")
        .link("mailing_address_country_id", "country")
        .link("parent_id", "client")
        .links(&["owner_id", "agent_id"], "staff")
        .links(&["branch_id", "project_id", "visibility_id"], "lookup_value")
        .optional_json(&["attribution", "consent"])
        .flag("is_active", true)
        .flag("is_blacklisted", false)
        .money("balance")
        .money("opening_balance")
        .optional_day(&["opening_balance_on"])
        .money("credit_limit")
        .optional_integer(&["default_billing_day"])
        .between("default_billing_day", 0, 31)
        .optional_day(&["closed_on", "expires_on"])
        .optional_text(&["onboarding_status"])
        .optional_json(&["onboarding_answers"])
        .link("lead_id", "lead")
        .optional_json(&["custom_fields", "attributes"])
        .link("created_by_id", "staff")
        .changed()
        .soft_delete()
        .unique("uuid", "uuid")
        .index("created_at", "created_at DESC, id")
        .index("name", "lower(name)")
        .index("email", "tenant_id, lower(email)")
}

fn client_integration() -> Rows {
    Rows::new("client_integration")
        .child_of("client_id", "client")
        .text(&["name"])
        .flag("is_active", true)
        .optional_json(&["details"])
        .unique("name", "client_id, lower(name)")
}

fn client_user() -> Rows {
    Rows::new("client_user")
        .tenant()
        .link("client_id", "client")
        .text(&["name"])
        .optional_text(&["email"])
        .phone("phone")
        .changed()
        .unique_where("email", "tenant_id, lower(email)", "email IS NOT NULL")
}

fn bank_account() -> Rows {
    Rows::new("bank_account")
        .tenant()
        .required_link("client_id", "client")
        .link("bank_id", "lookup_value")
        .text(&["branch_code", "holder_name", "account_number"])
        .link("kind_id", "lookup_value")
        .one_of_or_first("verification", &["UNVERIFIED", "PASSED"])
        .optional_text(&["verified_with"])
        .flag("is_active", true)
        .changed()
}

const LIFECYCLE: [&str; 6] = ["NEW", "CONTACTED", "NURTURING", "QUALIFIED", "DISQUALIFIED", "CONVERTED"];

fn prospect() -> Rows {
    Rows::new("prospect")
        .tenant()
        .one_of_or_first("kind", &["PROSPECT", "CLIENT", "PARTNER"])
        .text(&["name"])
        .optional_text(&["contact_name", "company_name", "email"])
        .phone("phone")
        .link("locale_id", "lookup_value")
        .flag("is_active", true)
        .flag("is_verified", false)
        .optional_text(&["tier"])
        .money("balance")
        .link("owner_id", "staff")
        .link("lead_id", "lead")
        .link("client_id", "client")
        .one_of_or_first("lifecycle", &LIFECYCLE)
        .optional_text(&["qualification_pain_points", "qualification_budget_range"])
        .optional_flag("qualification_is_decision_maker")
        .optional_integer(&["qualification_fit_score"])
        .between("qualification_fit_score", 0, 100)
        .optional_text(&["next_action"])
        .optional_day(&["next_action_on"])
        .changed()
        .soft_delete()
        .index("created_at", "created_at DESC, id")
        .index("phone", "tenant_id, phone")
        .unique_where("email", "tenant_id, lower(email)", "deleted_at IS NULL AND email IS NOT NULL")
}

fn prospect_lifecycle_change() -> Rows {
    Rows::new("prospect_lifecycle_change")
        .child_of("prospect_id", "prospect")
        .optional_one_of("from", &LIFECYCLE)
        .one_of("to", &LIFECYCLE)
        .optional_text(&["reason"])
        .link("changed_by_id", "staff")
        .instant(&["changed_at"])
}

fn contact() -> Rows {
    Rows::new("contact")
        .tenant()
        .child_of_one(&[PROSPECT, CLIENT])
        .text(&["name"])
        .optional_text(&["given_name", "family_name", "title", "job_title", "email"])
        .phone("phone")
        .flag("is_primary", false)
        .flag("is_active", true)
        .changed()
        .soft_delete()
        .unique_where("email", "tenant_id, lower(email)", "deleted_at IS NULL AND email IS NOT NULL")
        .unique_where(
            "primary_of_prospect",
            "prospect_id",
            "is_primary AND deleted_at IS NULL AND prospect_id IS NOT NULL",
        )
        .unique_where("primary_of_client", "client_id", "is_primary AND deleted_at IS NULL AND client_id IS NOT NULL")
}

fn location() -> Rows {
    Rows::new("location")
        .tenant()
        .child_of_one(&[PROSPECT, CLIENT])
        .text(&["name"])
        .one_of("kind", &["OFFICE", "WAREHOUSE", "RETAIL", "BRANCH", "HEADQUARTERS", "DISTRIBUTION_CENTER", "OTHER"])
        .optional_text(&["url"])
        .address("address")
        .link("address_country_id", "country")
        .optional_float(&["latitude", "longitude"])
        .flag("is_primary", false)
        .changed()
}

fn follow_up() -> Rows {
    Rows::new("follow_up")
        .tenant()
        .child_of_one(&[PROSPECT, CLIENT])
        .link("category_id", "follow_up_category")
        .optional_instant(&["category_changed_at"])
        .optional_text(&["channel"])
        .optional_one_of("account_type", &["INDIVIDUAL", "STARTUP", "SME", "ENTERPRISE", "CORPORATE"])
        .money("account_value")
        .optional_integer(&["monthly_shipments"])
        .optional_text(&["monthly_shipments_label"])
        .links(
            &["ecommerce_type_id", "weight_range_id", "content_type_id", "plan_type_id", "campaign_id", "locale_id"],
            "lookup_value",
        )
        .optional_text(&["lead_status", "annotations"])
        .flag("has_recharge", false)
        .optional_instant(&["first_contact_at", "last_contact_at"])
        .optional_day(&["next_contact_on", "estimated_close_on"])
        .optional_day(&["commercial_offer_on"])
        .unique("prospect_id", "prospect_id")
        .unique("client_id", "client_id")
}

fn follow_up_role_holder() -> Rows {
    Rows::new("follow_up_role_holder")
        .child_of("follow_up_id", "follow_up")
        .required_link("role_id", "lookup_value")
        .required_link("staff_id", "staff")
        .unique("role_id_staff_id", "follow_up_id, role_id, staff_id")
}

fn partner_profile() -> Rows {
    Rows::new("partner_profile")
        .child_of_one(&[PROSPECT, CLIENT])
        .optional_text(&["url"])
        .links(&["partner_type_id", "partner_origin_id", "locale_id"], "lookup_value")
        .optional_integer(&["rating"])
        .between("rating", 1, 5)
        .optional_text(&["social_network"])
        .unique("prospect_id", "prospect_id")
        .unique("client_id", "client_id")
}

fn note() -> Rows {
    Rows::new("note")
        .tenant()
        .child_of_one(&[("lead_id", "lead"), PROSPECT, CLIENT])
        .text(&["text"])
        .optional_one_of("action", &["CALL", "WHATSAPP", "EMAIL", "MEETING", "SMS", "OTHER"])
        .link("follow_up_category_id", "follow_up_category")
        .optional_instant(&["scheduled_at"])
        .link("created_by_id", "staff")
        .created()
        .index("created_at", "created_at, id")
        .index("scheduled_at", "scheduled_at, id")
}
