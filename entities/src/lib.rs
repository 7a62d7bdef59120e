//! The tables of the database, one module each, and a description of them that code can walk.

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable};

/// A table, for code that works on any table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
    pub is_nullable: bool,
}

/// What a column holds, whatever the database calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// 64 bits: keys and amounts.
    Integer,
    /// 32 bits.
    SmallInteger,
    Text,
    Boolean,
    Instant,
    Day,
    Json,
    Float,
}

impl ColumnKind {
    /// # Panics
    /// If no column of these tables may have the type.
    fn of(column: &ColumnType) -> Self {
        match column {
            ColumnType::BigInteger => Self::Integer,
            ColumnType::Integer => Self::SmallInteger,
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Boolean => Self::Boolean,
            ColumnType::TimestampWithTimeZone => Self::Instant,
            ColumnType::Date => Self::Day,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            ColumnType::Double => Self::Float,
            other => panic!("no column may be of the type {other:?}"),
        }
    }
}

fn table<E: EntityTrait>(entity: E) -> Table {
    let columns = E::Column::iter()
        .map(|column| {
            let definition = column.def();
            Column {
                name: column.as_str().to_owned(),
                kind: ColumnKind::of(definition.get_column_type()),
                is_nullable: definition.is_null(),
            }
        })
        .collect();
    Table { name: entity.table_name(), columns }
}

/// Names each table once, so that no list can miss one.
macro_rules! tables {
    ($($table:ident),+ $(,)?) => {
        $(pub mod $table;)+

        /// All tables, by name.
        #[must_use]
        pub fn tables() -> Vec<Table> {
            vec![$(table($table::Entity)),+]
        }

        #[cfg(test)]
        async fn read_each(database: &sea_orm::DatabaseConnection) -> Result<(), sea_orm::DbErr> {
            $($table::Entity::find().one(database).await?;)+
            Ok(())
        }
    };
}

tables! {
    access_audit,
    access_token,
    activity_log,
    announcement,
    bank_account,
    call_record,
    call_record_request,
    client,
    client_integration,
    client_owner,
    client_subscription,
    client_user,
    contact,
    country,
    custom_field,
    deal,
    deal_member,
    debit_batch,
    delivery,
    delivery_attempt,
    department,
    enrolment_token,
    error_log,
    external_ref,
    file,
    follow_up,
    follow_up_category,
    follow_up_role_holder,
    goal,
    idempotency_key,
    identity_check,
    import_attempt,
    import_batch,
    import_provider,
    import_setting,
    instance,
    invoice,
    invoice_line,
    launcher_token,
    lead,
    lead_source,
    lead_status,
    location,
    lookup_category,
    lookup_value,
    measurement,
    note,
    notification,
    opt_out,
    partner_profile,
    password_code,
    pay_line,
    payment,
    payment_allocation,
    payroll_entry,
    payslip,
    pipeline,
    position,
    price,
    price_list,
    product,
    product_category,
    prospect,
    prospect_lifecycle_change,
    prospect_service,
    received_key,
    record,
    refresh_token,
    reminder,
    request_quota,
    request_slot,
    role,
    sign_in_failure,
    signing_key,
    source,
    source_collection,
    staff,
    staff_department,
    staff_mapping,
    stage,
    subscription_item,
    task,
    task_assignee,
    team,
    team_member,
    tenant,
    ticket,
    told_source_state,
    variant,
    wallet,
    wallet_entry,
    webhook,
    whistle_report,
    workflow_item,
}

#[cfg(test)]
mod tests {
    use super::*;
    use groupgraph_migrations::Migrator;
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
    use sea_orm_migration::MigratorTrait;

    async fn migrated() -> DatabaseConnection {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection to a memory database has a database of its own.
        options.max_connections(1);
        let database = Database::connect(options).await.expect("SQLite opens");
        Migrator::up(&database, None).await.expect("up");
        database
    }

    /// The tables as the database describes them.
    async fn catalogue(database: &DatabaseConnection) -> Vec<Table> {
        let sql = "SELECT t.name, c.name, c.type, c.\"notnull\" \
                   FROM sqlite_master t, pragma_table_info(t.name) c \
                   WHERE t.type = 'table' AND t.name NOT IN ('seaql_migrations', 'sqlite_sequence') \
                   ORDER BY t.name, c.cid";
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(statement).await.expect("columns");
        let mut tables: Vec<(String, Vec<Column>)> = Vec::new();
        for row in rows {
            let (table, name, kind, is_required): (String, String, String, bool) = (
                row.try_get_by_index(0).expect("a table"),
                row.try_get_by_index(1).expect("a name"),
                row.try_get_by_index(2).expect("a type"),
                row.try_get_by_index(3).expect("a flag"),
            );
            let kind = match kind.to_ascii_lowercase().as_str() {
                "integer" | "bigint" => ColumnKind::Integer,
                "text" => ColumnKind::Text,
                "boolean" => ColumnKind::Boolean,
                "timestamp_with_timezone_text" => ColumnKind::Instant,
                "date_text" => ColumnKind::Day,
                "jsonb_text" => ColumnKind::Json,
                "double" => ColumnKind::Float,
                other => panic!("{table}.{name} is of the type {other}"),
            };
            let column = Column { name, kind, is_nullable: !is_required };
            match tables.last_mut() {
                Some((last, columns)) if *last == table => columns.push(column),
                _ => tables.push((table, vec![column])),
            }
        }
        tables.into_iter().map(|(name, columns)| Table { name: name.leak(), columns }).collect()
    }

    #[tokio::test]
    async fn entities_are_the_migrated_tables() {
        let database = migrated().await;
        read_each(&database).await.expect("each table can be read");
        let (mut entities, migrated) = (tables(), catalogue(&database).await);
        // SQLite does not tell the widths apart.
        for column in entities.iter_mut().flat_map(|table| &mut table.columns) {
            if column.kind == ColumnKind::SmallInteger {
                column.kind = ColumnKind::Integer;
            }
        }
        for (entity, table) in entities.iter().zip(&migrated) {
            assert_eq!(entity, table);
        }
        assert_eq!(entities.len(), migrated.len());
    }
}
