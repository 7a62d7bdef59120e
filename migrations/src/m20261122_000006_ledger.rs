//! Products and prices, subscriptions, invoices and payments.

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
        product_category(),
        product(),
        variant(),
        price_list(),
        price(),
        client_subscription(),
        subscription_item(),
        opt_out(),
        invoice(),
        invoice_line(),
        payment(),
        payment_allocation(),
    ]
}

fn product_category() -> Rows {
    Rows::new("product_category")
        .tenant()
        .text(&["name"])
        .optional_text(&["local_name"])
        .link("parent_id", "product_category")
        .link("image_file_id", "file")
        .optional_integer(&["position"])
        .flag("is_active", true)
        .optional_json(&["attributes"])
}

fn product() -> Rows {
    Rows::new("product")
        .tenant()
        .text(&["name"])
        .optional_text(&["local_name", "description"])
        .link("category_id", "product_category")
        .optional_text(&["sku", "barcode", "brand"])
        // That of the default variant in the default list, kept here to filter and order by.
        .money("price")
        .money("recommended_price")
        .link("image_file_id", "file")
        .flag("is_active", true)
        .optional_json(&["attributes"])
        .changed()
        .soft_delete()
        .index("name", "lower(name)")
        .index("sku", "tenant_id, sku")
}

fn variant() -> Rows {
    Rows::new("variant")
        .child_of("product_id", "product")
        .text(&["name"])
        .optional_text(&["sku", "barcode"])
        .flag("is_default", false)
        .flag("is_active", true)
        .unique_where("default", "product_id", "is_default")
}

fn price_list() -> Rows {
    Rows::new("price_list").tenant().text(&["name", "currency"]).flag("is_default", false).unique_where(
        "default",
        "tenant_id",
        "is_default",
    )
}

fn price() -> Rows {
    Rows::new("price")
        .child_of("variant_id", "variant")
        .required_link("price_list_id", "price_list")
        .big_integer(&["amount_minor"])
        .text(&["currency"])
        .unique("price_list_id", "variant_id, price_list_id")
}

fn client_subscription() -> Rows {
    Rows::new("client_subscription")
        .tenant()
        .text(&["uuid"])
        .required_link("client_id", "client")
        .one_of_or_first("status", &["PENDING", "ACTIVE", "DISABLED", "ENDED"])
        .link("payment_method_id", "lookup_value")
        .link("bank_account_id", "bank_account")
        .integer(&["billing_day"])
        .between("billing_day", 1, 31)
        .day(&["start_on"])
        .optional_day(&["end_on"])
        .changed()
        .unique("uuid", "uuid")
}

fn subscription_item() -> Rows {
    Rows::new("subscription_item")
        .child_of("subscription_id", "client_subscription")
        .required_link("product_id", "product")
        .link("unit_id", "lookup_value")
        .big_integer(&["price_minor"])
        .text(&["currency"])
        .optional_text(&["receiver_identity_number"])
        .link("agent_id", "staff")
        .links(&["branch_id", "project_id"], "lookup_value")
        .optional_text(&["reference_number"])
}

fn opt_out() -> Rows {
    Rows::new("opt_out")
        .tenant()
        .one_of("channel", &["SMS", "PHONE"])
        .text(&["phone"])
        .optional_text(&["phone_raw", "name"])
        .day(&["flagged_on"])
        .unique("phone", "tenant_id, channel, phone")
}

fn invoice() -> Rows {
    Rows::new("invoice")
        .tenant()
        .text(&["uuid", "document_number"])
        .one_of_or_first("status", &["UNPAID", "DRAFT", "PARTIALLY_PAID", "PAID", "OVERDUE", "CANCELLED"])
        .link("client_id", "client")
        .optional_text(&["client_name"])
        .link("owner_id", "staff")
        .sums(&["subtotal_minor", "tax_total_minor", "total_minor"])
        .sums(&["paid_total_minor", "balance_minor"])
        .text(&["currency"])
        .day(&["issued_on"])
        .optional_day(&["due_on"])
        .optional_json(&["attributes"])
        .changed()
        .soft_delete()
        .unique("uuid", "uuid")
        .unique_where("document_number", "tenant_id, document_number", "deleted_at IS NULL")
        .index("issued_on", "issued_on DESC, id")
}

fn invoice_line() -> Rows {
    Rows::new("invoice_line")
        .child_of("invoice_id", "invoice")
        .integer(&["position"])
        .text(&["description"])
        .link("product_id", "product")
        .big_integer(&["quantity_millionths", "unit_price_minor"])
        .sums(&["tax_minor"])
        .big_integer(&["total_minor"])
        .text(&["currency"])
        .unique("position", "invoice_id, position")
}

fn payment() -> Rows {
    Rows::new("payment")
        .tenant()
        .text(&["uuid"])
        .big_integer(&["amount_minor"])
        .text(&["currency"])
        .one_of_or_first("status", &["SETTLED", "PENDING", "FAILED", "REVERSED"])
        .link("invoice_id", "invoice")
        .link("client_id", "client")
        .link("subscription_id", "client_subscription")
        .optional_text(&["method", "reference", "description"])
        .link("received_by_id", "staff")
        .day(&["paid_on"])
        .optional_json(&["attributes"])
        .changed()
        .soft_delete()
        .unique("uuid", "uuid")
        .index("paid_on", "paid_on DESC, id")
}

fn payment_allocation() -> Rows {
    Rows::new("payment_allocation")
        .child_of("payment_id", "payment")
        .required_link("invoice_id", "invoice")
        .big_integer(&["amount_minor"])
        .text(&["currency"])
        .unique("invoice_id", "payment_id, invoice_id")
}
