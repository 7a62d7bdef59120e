//! Rows put straight into the tables, so that a test says only what it is about.

use std::{
    collections::HashMap,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
};

use groupgraph_entities::{Column, ColumnKind, tables};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::{Value as Json, json};

use super::app::{HEAD_OFFICE, TestApp};

static TABLES: LazyLock<HashMap<&str, Vec<Column>>> =
    LazyLock::new(|| tables().into_iter().map(|table| (table.name, table.columns)).collect());
static SERIAL: AtomicI64 = AtomicI64::new(1);

impl TestApp {
    /// Inserts a row; answers its number. Company, times, uuids and whatever a table insists on have values of
    /// their own unless given.
    pub async fn insert(&self, table: &str, row: Json) -> i64 {
        self.insert_all(table, vec![row]).await[0]
    }

    /// Inserts rows with the same columns in one statement; answers their numbers in order.
    pub async fn insert_all(&self, table: &str, rows: Vec<Json>) -> Vec<i64> {
        let columns = TABLES.get(table).unwrap_or_else(|| panic!("there is no table {table}"));
        let rows: Vec<Json> = rows.into_iter().map(|row| self.completed(table, columns, &row)).collect();
        let used: Vec<&Column> = columns.iter().filter(|column| rows[0].get(&column.name).is_some()).collect();
        for name in rows[0].as_object().expect("a row is an object").keys() {
            assert!(used.iter().any(|column| column.name == *name), "{table} has no column {name}");
        }
        let backend = self.hub.database.backend();
        let mut values: Vec<Value> = Vec::new();
        let mut tuples = Vec::new();
        for row in &rows {
            let mut holes = Vec::new();
            for column in &used {
                values.push(value(column.kind, &row[&column.name]));
                holes.push(format!("${}", values.len()));
            }
            tuples.push(format!("({})", holes.join(", ")));
        }
        let names: Vec<String> = used.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let returned = if columns.iter().any(|column| column.name == "id") { "id" } else { "CAST(0 AS bigint)" };
        let sql =
            format!("INSERT INTO \"{table}\" ({}) VALUES {} RETURNING {returned}", names.join(", "), tuples.join(", "));
        let statement = Statement::from_sql_and_values(backend, sql.clone(), values);
        let found = self.hub.database.write.query_all_raw(statement).await;
        let found = found.unwrap_or_else(|error| panic!("{sql}: {error}"));
        found.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect()
    }

    /// Runs a statement on the tables, such as `UPDATE lead SET …`.
    pub async fn execute(&self, sql: &str) {
        self.hub.database.write.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The one number that a statement answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.hub.database.backend(), sql);
        let row = self.hub.database.write.query_one_raw(statement).await;
        let row = row.unwrap_or_else(|error| panic!("{sql}: {error}")).expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    fn completed(&self, table: &str, columns: &[Column], row: &Json) -> Json {
        let mut complete = usual(table);
        for column in columns {
            let value = match column.name.as_str() {
                "tenant_id" if table != "access_token" => json!(HEAD_OFFICE),
                "created_at" | "updated_at" => json!(self.now().to_rfc3339()),
                "uuid" if table != "instance" => json!(uuid::Uuid::new_v4().to_string()),
                _ => continue,
            };
            complete[&column.name] = value;
        }
        for (name, value) in row.as_object().expect("a row is an object") {
            complete[name] = value.clone();
        }
        complete
    }
}

/// What a table insists on and most tests do not care about.
fn usual(table: &str) -> Json {
    // Unique where it must be, and the same in each run as far as one test can tell.
    let serial = || SERIAL.fetch_add(1, Ordering::Relaxed);
    match table {
        "deal" => json!({ "title": "A deal" }),
        "lead" => json!({ "name": "A lead", "is_public": true }),
        "client" | "contact" | "product" | "prospect" | "variant" => json!({ "name": format!("A {table}") }),
        "country" => json!({ "code": format!("X{}", serial()) }),
        "invoice" => {
            json!({ "document_number": format!("I-{}", serial()), "currency": "EUR", "issued_on": "2026-05-01" })
        }
        "lead_source" | "lead_status" | "lookup_category" | "lookup_value" | "department" => {
            json!({ "name": format!("{table} {}", serial()) })
        }
        "follow_up_category" => json!({ "name": "A category", "key": format!("KEY{}", serial()) }),
        "note" | "notification" => json!({ "text": "A text" }),
        "payment" => json!({ "amount_minor": 100, "currency": "EUR", "paid_on": "2026-05-01" }),
        "reminder" => json!({ "text": "A reminder", "due_on": "2026-06-01" }),
        "task" => json!({ "title": "A task" }),
        "ticket" => json!({ "subject": "A ticket", "key": format!("T-{}", serial()) }),
        "announcement" => json!({ "title": "News", "body_text": "Text" }),
        "activity_log" => json!({ "description": "Something", "occurred_at": "2026-05-01T00:00:00Z" }),
        "file" => {
            json!({ "object_key": format!("k{}", serial()), "name": "a.txt", "media_type": "text/plain", "size_in_bytes": 1 })
        }
        "bank_account" => {
            json!({ "branch_code": "123456", "holder_name": "Holder", "account_number": "0123456789" })
        }
        "payroll_entry" => json!({ "pushed_at": "2026-05-01T00:00:00Z" }),
        "payslip" => json!({ "uploaded_at": "2026-05-01T00:00:00Z" }),
        "webhook" => json!({ "url": "https://receiver.example/", "events": ["LEAD_CREATED"], "secret_sealed": "x" }),
        "delivery" => {
            json!({ "status": "DELIVERED", "target": "nobody", "idempotency_key": format!("key {}", serial()) })
        }
        _ => json!({}),
    }
}

/// A JSON value as the column wants it.
fn value(kind: ColumnKind, json: &Json) -> Value {
    let text = json.as_str();
    match kind {
        ColumnKind::Integer => Value::BigInt(json.as_i64()),
        ColumnKind::SmallInteger => Value::Int(json.as_i64().map(|number| i32::try_from(number).expect("32 bits"))),
        ColumnKind::Text => Value::String(text.map(str::to_owned)),
        ColumnKind::Boolean => Value::Bool(json.as_bool()),
        ColumnKind::Instant => Value::ChronoDateTimeUtc(text.map(|text| text.parse().expect("an instant"))),
        ColumnKind::Day => Value::ChronoDate(text.map(|text| text.parse().expect("a day"))),
        ColumnKind::Json if json.is_null() => Value::Json(None),
        ColumnKind::Json => Value::Json(Some(Box::new(json.clone()))),
        ColumnKind::Float => Value::Double(json.as_f64()),
    }
}
