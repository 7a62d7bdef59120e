//! One table at a time: the column kinds that repeat, and the keys and indexes that come with them.

use sea_orm_migration::prelude::*;

/// A table to create, with its indexes.
///
/// A link always brings its foreign key and its index, so that neither can be forgotten.
pub struct Rows {
    table: &'static str,
    create: TableCreateStatement,
    links: Vec<&'static str>,
    indexes: Vec<RowsIndex>,
}

/// An index as raw SQL, because sea-query has no expressions such as `lower(name)` that both
/// databases share.
struct RowsIndex {
    name: String,
    is_unique: bool,
    columns: &'static str,
    filter: Option<&'static str>,
}

impl Rows {
    /// A table with a key of its own.
    pub fn new(table: &'static str) -> Self {
        let mut rows = Self::empty(table);
        rows.create.col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key());
        rows
    }

    /// A table that holds nothing but pairs; a pair goes with either of its ends.
    pub fn pairs(
        table: &'static str,
        (first, first_table): (&'static str, &'static str),
        (second, second_table): (&'static str, &'static str),
    ) -> Self {
        let mut rows = Self::empty(table);
        rows.create.primary_key(Index::create().col(first).col(second));
        // The primary key begins with the first column, so only the second needs an index.
        rows.column(first, ColumnType::BigInteger, true)
            .references(first, first_table, Some(ForeignKeyAction::Cascade))
            .child_of(second, second_table)
    }

    /// A table that has exactly one row.
    pub fn single(table: &'static str) -> Self {
        let mut rows = Self::empty(table);
        rows.create.col(ColumnDef::new("id").big_integer().not_null().primary_key());
        rows.check("id = 1")
    }

    fn empty(table: &'static str) -> Self {
        Self { table, create: Table::create().table(table).take(), links: Vec::new(), indexes: Vec::new() }
    }

    fn column(mut self, name: impl IntoIden, kind: ColumnType, is_required: bool) -> Self {
        let mut column = ColumnDef::new_with_type(name, kind);
        if is_required {
            column.not_null();
        }
        self.create.col(column);
        self
    }

    fn columns(self, names: &[&'static str], kind: &ColumnType, is_required: bool) -> Self {
        names.iter().fold(self, |rows, name| rows.column(*name, kind.clone(), is_required))
    }

    fn references(mut self, column: &'static str, table: &'static str, on_delete: Option<ForeignKeyAction>) -> Self {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}_{column}", self.table)).from(self.table, column).to(table, "id");
        if let Some(action) = on_delete {
            key.on_delete(action);
        }
        self.create.foreign_key(&mut key);
        self
    }

    fn linked(
        mut self,
        column: &'static str,
        table: &'static str,
        is_required: bool,
        on_delete: Option<ForeignKeyAction>,
    ) -> Self {
        self.links.push(column);
        self.column(column, ColumnType::BigInteger, is_required).references(column, table, on_delete)
    }

    /// The company that owns the row.
    pub fn tenant(self) -> Self {
        self.required_link("tenant_id", "tenant")
    }

    pub fn required_link(self, column: &'static str, table: &'static str) -> Self {
        self.linked(column, table, true, None)
    }

    pub fn link(self, column: &'static str, table: &'static str) -> Self {
        self.linked(column, table, false, None)
    }

    pub fn links(self, columns: &[&'static str], table: &'static str) -> Self {
        columns.iter().fold(self, |rows, column| rows.link(column, table))
    }

    /// A row that cannot outlive the other one.
    pub fn child_of(self, column: &'static str, table: &'static str) -> Self {
        self.linked(column, table, true, Some(ForeignKeyAction::Cascade))
    }

    /// A row that cannot outlive the other one, if it has one.
    pub fn optional_child_of(self, column: &'static str, table: &'static str) -> Self {
        self.linked(column, table, false, Some(ForeignKeyAction::Cascade))
    }

    /// A row that belongs to exactly one party of these tables.
    pub fn child_of_one(self, tables: &[(&'static str, &'static str)]) -> Self {
        let count = tables
            .iter()
            .map(|(column, _)| format!("CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"))
            .collect::<Vec<_>>()
            .join(" + ");
        tables
            .iter()
            .fold(self, |rows, (column, table)| rows.optional_child_of(column, table))
            .check(format!("{count} = 1"))
    }

    /// The stage of a row, which must be a stage of the row's own pipeline.
    pub fn pipeline_and_stage(self) -> Self {
        let mut rows = self
            .link("pipeline_id", "pipeline")
            .link("stage_id", "stage")
            // A key of two columns is not checked while one is null.
            .check("stage_id IS NULL OR pipeline_id IS NOT NULL");
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}_stage_of_pipeline", rows.table))
            .from_tbl(rows.table)
            .from_col("stage_id")
            .from_col("pipeline_id")
            .to_tbl("stage")
            .to_col("id")
            .to_col("pipeline_id");
        rows.create.foreign_key(&mut key);
        rows
    }

    pub fn text(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Text, true)
    }

    pub fn optional_text(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Text, false)
    }

    pub fn integer(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Integer, true)
    }

    pub fn optional_integer(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Integer, false)
    }

    pub fn big_integer(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::BigInteger, true)
    }

    pub fn optional_big_integer(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::BigInteger, false)
    }

    /// A count that begins at zero.
    pub fn counter(mut self, name: &'static str) -> Self {
        self.create.col(ColumnDef::new(name).integer().not_null().default(0));
        self
    }

    pub fn optional_float(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Double, false)
    }

    pub fn instant(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::TimestampWithTimeZone, true)
    }

    pub fn optional_instant(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::TimestampWithTimeZone, false)
    }

    pub fn day(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Date, true)
    }

    pub fn optional_day(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::Date, false)
    }

    pub fn optional_json(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::JsonBinary, false)
    }

    pub fn json(self, names: &[&'static str]) -> Self {
        self.columns(names, &ColumnType::JsonBinary, true)
    }

    /// JSON lists that begin empty.
    pub fn list(mut self, names: &[&'static str]) -> Self {
        for name in names {
            self.create.col(ColumnDef::new(*name).json_binary().not_null().default("[]"));
        }
        self
    }

    pub fn flag(mut self, name: &'static str, default: bool) -> Self {
        self.create.col(ColumnDef::new(name).boolean().not_null().default(default));
        self
    }

    pub fn optional_flag(self, name: &'static str) -> Self {
        self.column(name, ColumnType::Boolean, false)
    }

    /// One of these words.
    pub fn one_of(self, name: &'static str, words: &[&str]) -> Self {
        self.column(name, ColumnType::Text, true).check_words(name, words)
    }

    /// One of these words; the first one unless said otherwise.
    pub fn one_of_or_first(mut self, name: &'static str, words: &[&'static str]) -> Self {
        self.create.col(ColumnDef::new(name).text().not_null().default(words[0]));
        self.check_words(name, words)
    }

    pub fn optional_one_of(self, name: &'static str, words: &[&str]) -> Self {
        self.column(name, ColumnType::Text, false).check_words(name, words)
    }

    fn check_words(self, name: &str, words: &[&str]) -> Self {
        self.check(format!("\"{name}\" IN ('{}')", words.join("', '")))
    }

    /// 1 is low, 4 is urgent; a number, so that it can be put in order.
    pub fn priority(self) -> Self {
        self.optional_integer(&["priority"]).between("priority", 1, 4)
    }

    pub fn between(self, name: &str, low: i32, high: i32) -> Self {
        self.check(format!("\"{name}\" BETWEEN {low} AND {high}"))
    }

    /// An amount and its currency, both or neither.
    pub fn money(self, name: &str) -> Self {
        self.column(format!("{name}_minor"), ColumnType::BigInteger, false)
            .column(format!("{name}_currency"), ColumnType::Text, false)
            .check(format!("({name}_minor IS NULL) = ({name}_currency IS NULL)"))
    }

    /// Sums that begin at zero.
    pub fn sums(mut self, names: &[&'static str]) -> Self {
        for name in names {
            self.create.col(ColumnDef::new(*name).big_integer().not_null().default(0));
        }
        self
    }

    /// A number in E.164, and as it was entered.
    pub fn phone(self, name: &str) -> Self {
        self.column(name.to_owned(), ColumnType::Text, false).column(format!("{name}_raw"), ColumnType::Text, false)
    }

    /// The lines of an address; its country is a link that the table names itself.
    pub fn address(self, name: &str) -> Self {
        ["line1", "line2", "line3", "line4", "municipality", "city", "region", "postal_code"]
            .iter()
            .fold(self, |rows, part| rows.column(format!("{name}_{part}"), ColumnType::Text, false))
    }

    pub fn created(self) -> Self {
        self.instant(&["created_at"])
    }

    pub fn changed(self) -> Self {
        self.instant(&["created_at", "updated_at"])
    }

    /// A row that is hidden, not removed.
    pub fn soft_delete(self) -> Self {
        self.optional_instant(&["deleted_at"])
    }

    pub fn check(mut self, condition: impl Into<String>) -> Self {
        self.create.check(Expr::cust(condition.into()));
        self
    }

    pub fn index(self, name: &str, columns: &'static str) -> Self {
        self.indexed("ix", name, columns, None)
    }

    pub fn unique(self, name: &str, columns: &'static str) -> Self {
        self.indexed("uq", name, columns, None)
    }

    /// Unique among the rows that meet the filter.
    pub fn unique_where(self, name: &str, columns: &'static str, filter: &'static str) -> Self {
        self.indexed("uq", name, columns, Some(filter))
    }

    fn indexed(mut self, prefix: &str, name: &str, columns: &'static str, filter: Option<&'static str>) -> Self {
        self.indexes.push(RowsIndex {
            name: format!("{prefix}_{}_{name}", self.table),
            is_unique: prefix == "uq",
            columns,
            filter,
        });
        self
    }

    /// Whether another index of all rows begins with the column.
    fn is_covered(&self, column: &str) -> bool {
        self.indexes.iter().any(|index| index.filter.is_none() && index.columns.split(',').next() == Some(column))
    }

    async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.create.clone()).await?;
        let connection = manager.get_connection();
        for column in &self.links {
            if !self.is_covered(column) {
                let sql = link_index(self.table, column);
                connection.execute_unprepared(&sql).await?;
            }
        }
        for index in &self.indexes {
            let kind = if index.is_unique { "UNIQUE INDEX" } else { "INDEX" };
            let filter = index.filter.map_or_else(String::new, |filter| format!(" WHERE {filter}"));
            let sql = format!("CREATE {kind} {} ON \"{}\" ({}){filter}", index.name, self.table, index.columns);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn link_index(table: &str, column: &str) -> String {
    format!("CREATE INDEX ix_{table}_{column} ON \"{table}\" ({column})")
}

/// Creates the tables, in this order.
pub async fn create(manager: &SchemaManager<'_>, tables: Vec<Rows>) -> Result<(), DbErr> {
    for rows in tables {
        rows.create(manager).await?;
    }
    Ok(())
}

/// Drops the tables, the last one first.
pub async fn drop(manager: &SchemaManager<'_>, tables: Vec<Rows>) -> Result<(), DbErr> {
    for rows in tables.into_iter().rev() {
        manager.drop_table(Table::drop().table(rows.table).take()).await?;
    }
    Ok(())
}

/// Adds a link to a table that did not exist when this one was created.
///
/// As a column of its own and in raw SQL, because `SQLite` can add a column that references a
/// table, but no foreign key to a column.
pub async fn add_link(manager: &SchemaManager<'_>, table: &str, column: &str, target: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let sql = format!("ALTER TABLE \"{table}\" ADD COLUMN {column} bigint REFERENCES \"{target}\" (id)");
    connection.execute_unprepared(&sql).await?;
    connection.execute_unprepared(&link_index(table, column)).await?;
    Ok(())
}

/// Takes back `add_link`.
pub async fn drop_link(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    // SQLite does not drop a column that an index uses.
    connection.execute_unprepared(&format!("DROP INDEX ix_{table}_{column}")).await?;
    connection.execute_unprepared(&format!("ALTER TABLE \"{table}\" DROP COLUMN {column}")).await?;
    Ok(())
}
