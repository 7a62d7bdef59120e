//! Records that no app can create: settings, and stock that a first delivery has left in a warehouse.

use groupgraph_entities::record;
use groupgraph_schema::engine::record_id;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::{book::Book, company::Company};

/// Settings that every company has: key, category, description and value.
const SETTINGS: [(&str, &str, &str, &str); 3] = [
    ("default_currency", "sales", "Currency of documents that name none", "company"),
    ("visit_radius_meters", "visits", "How far from a client a visit may begin", "200"),
    ("return_without_invoice", "sales", "Whether goods come back without their invoice", "false"),
];

/// Adds the settings of a company.
pub fn settings(book: &mut Book, tenant: i64, now: chrono::DateTime<chrono::Utc>) {
    for (key, category, description, value) in SETTINGS {
        let body = json!({ "key": key, "category": category, "description": description, "value": value });
        add(book, "Settings", (tenant, now), body);
    }
}

/// The id that the vendor's samples have; the demo has a document of that id, so that the samples work.
const SAMPLE: &str = "64f1c2a9e4b0d3a7c8e91b20";

/// Adds a warehouse with some of each product, and a document to try the samples with.
pub fn stock(company: &mut Company) {
    let (tenant, now) = (company.tenant, company.ago(30));
    let body = json!({ "name": "Main warehouse", "type": "main", "disabled": false });
    let warehouse = add(&mut company.book, "Warehouse", (tenant, now), body);
    let mark = record_id::mark("product").unwrap_or_default();
    for place in 0..company.products.len() {
        let quantity = 20 + (place * 7) % 60;
        let body = json!({
            "product": record_id::of_number(mark, company.products[place].number),
            "warehouse": warehouse,
            "quantity": quantity,
            "reservedQuantity": 0,
            "availableQuantity": quantity,
        });
        add(&mut company.book, "InventoryItem", (tenant, now), body);
    }
    sample(company, &warehouse);
    let body = json!({
        "name": "Invoices", "ocrEngine": "custom", "documentType": "invoice", "isActive": true, "isDefault": true,
        "extractionRules": { "lineItems": { "enabled": true } },
        "postprocessingSettings": { "confidenceThreshold": 0.8, "validationRules": [
            { "field": "number", "rule": "required", "message": "An invoice has a number" },
            { "field": "amounts.currency", "rule": "currency", "message": "The currency is not known" },
        ] },
    });
    add(&mut company.book, "OcrInvoiceJobTemplate", (tenant, now), body);
}

fn sample(company: &mut Company, warehouse: &str) {
    let now = company.ago(10);
    let body = json!({ "serial": "PRO-1", "warehouse": warehouse, "status": "open", "total": 0, "items": [] });
    add(&mut company.book, "Proforma", (company.tenant, now), body);
    let last = company.book.record.next() - 1;
    company.book.record.row(last).object_id = Set(SAMPLE.to_owned());
}

fn add(book: &mut Book, kind: &str, (tenant, now): (i64, chrono::DateTime<chrono::Utc>), body: Value) -> String {
    let id = book.record.next();
    let object_id = format!("{:08x}{id:016x}", now.timestamp());
    book.record.push(record::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant),
        kind: Set(kind.to_owned()),
        object_id: Set(object_id.clone()),
        body: Set(body),
        revision: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
    });
    object_id
}
