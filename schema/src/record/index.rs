//! Indexes on members of bodies, as the catalogue wants them: made at start where they are missing, so that a new
//! resource needs no migration. Fields of the same name share one, whatever the resource.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::{
    catalog::{Catalog, Kind, Resource},
    database::Database,
    engine::model::snake,
};

/// How names of indexes begin that keep values apart.
pub const UNIQUE: &str = "uq_record_";

/// Makes the indexes that are missing.
///
/// # Errors
/// The database failed, or there are rows already that are not unique.
pub async fn ensure(database: &Database, catalog: &Catalog) -> Result<(), DbErr> {
    let known = known(database).await?;
    for (name, sql) in wanted(catalog, database.backend()) {
        if !known.contains(&name) {
            database.write.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}

async fn known(database: &Database) -> Result<Vec<String>, DbErr> {
    let sql = match database.backend() {
        DbBackend::Postgres => {
            "SELECT CAST(indexname AS text) FROM pg_indexes WHERE tablename = 'record' \
             UNION ALL SELECT CAST(stxname AS text) FROM pg_statistic_ext WHERE stxrelid = to_regclass('record')"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'record'",
    };
    let rows = database.write.query_all_raw(Statement::from_string(database.backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Name and statement of each index and, for PostgreSQL, of the statistics on its values: those that it has of partial
/// indexes do not count, and it would read whatever index comes first.
fn wanted(catalog: &Catalog, backend: DbBackend) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    for resource in catalog.resources.iter().filter(|resource| resource.table.is_none()) {
        for (name, field) in resource.indexed() {
            let plain = format!("(\"body\" ->> '{name}')");
            // Conditions on text ignore case; those on record ids do not.
            let is_text = field.target.is_none() && field.kind == Kind::Text;
            let value = if is_text { format!("lower({plain})") } else { plain };
            let of = format!("record_live_{}{}", snake(name), if is_text { "_text" } else { "" });
            let index = format!("ix_{of}");
            let columns = format!("\"kind\", \"tenant_id\", ({value}), \"id\"");
            // Without removed records, so that what fits can be counted in the index alone.
            let live = format!("{value} IS NOT NULL AND \"deleted_at\" IS NULL");
            let sql = format!("CREATE INDEX \"{index}\" ON \"record\" ({columns}) WHERE {live}");
            wanted.insert(index, sql);
            if backend == DbBackend::Postgres {
                let sql = format!("CREATE STATISTICS \"st_{of}\" ON ({value}) FROM \"record\"");
                wanted.insert(format!("st_{of}"), sql);
            }
        }
        if !resource.unique.is_empty() {
            let (index, sql) = unique(resource);
            wanted.insert(index, sql);
        }
    }
    wanted
}

fn unique(resource: &Resource) -> (String, String) {
    let index = format!("{UNIQUE}{}", snake(&resource.name));
    let values: Vec<String> = resource.unique.iter().map(|name| format!("(lower(\"body\" ->> '{name}'))")).collect();
    let sql = format!(
        "CREATE UNIQUE INDEX \"{index}\" ON \"record\" (\"tenant_id\", {}) WHERE \"kind\" = '{}' AND \"deleted_at\" IS NULL",
        values.join(", "),
        resource.name
    );
    (index, sql)
}
