//! Records as rows of the table `record`: found within what the viewer may see, written with their revision. Rows of
//! the hub's own tables are left to `own`. It must not know single resources.

use chrono::{DateTime, Utc};
use groupgraph_entities::record;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, QueryFilter, QueryResult, QuerySelect, SqlErr, sea_query::Expr,
};
use serde_json::{Map, Value};

use super::own;
use crate::{
    catalog::Resource,
    engine::{
        plan::ROOT,
        record_id,
        request::Request,
        scope,
        sql::{Piece, column},
    },
    error::{Code, Error},
    events::ChangeKind,
    verb::{Call, Failure, fault},
};

/// A record.
#[derive(Clone, Debug)]
pub struct Row {
    pub number: i64,
    pub tenant: i64,
    pub object_id: String,
    pub body: Map<String, Value>,
    pub revision: i32,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl Row {
    /// A row that is not there yet.
    #[must_use]
    pub fn new(call: &Call<'_>, tenant: i64, body: Map<String, Value>) -> Self {
        let object_id = record_id::fresh(call.now());
        Self { number: 0, tenant, object_id, body, revision: 0, created_at: None, updated_at: None }
    }

    /// Text of a member.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// Number of a member; 0 where there is none.
    #[must_use]
    pub fn amount(&self, name: &str) -> f64 {
        self.body.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body.insert(name.to_owned(), value.into());
    }
}

/// The record of that id, locked until the transaction ends; none if there is none, or if it is hidden.
///
/// # Errors
/// The database failed.
pub async fn find(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    id: &str,
) -> Result<Option<Row>, Failure> {
    let request = call.request();
    let (_, table) = request.model().rows(resource.type_name()).expect("resources have rows");
    let Some(named) = record_id::condition(table, ROOT, id) else { return Ok(None) };
    let conditions = std::iter::once(named).chain(scope::visible(&request, table, ROOT)).collect();
    let lock = if request.backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    Ok(select(&request, tx, resource, conditions, lock).await?.into_iter().next())
}

/// The records that meet conditions and that the viewer may see, in order of their numbers.
///
/// # Errors
/// The database failed.
pub async fn all<C: ConnectionTrait>(
    request: &Request<'_>,
    db: &C,
    resource: &'static Resource,
    mut conditions: Vec<Piece>,
) -> Result<Vec<Row>, Error> {
    let (_, table) = request.model().rows(resource.type_name()).expect("resources have rows");
    conditions.extend(scope::visible(request, table, ROOT));
    select(request, db, resource, conditions, "").await
}

/// Those of them that have one of these ids.
///
/// # Errors
/// The database failed.
pub async fn named<C: ConnectionTrait>(
    request: &Request<'_>,
    db: &C,
    resource: &'static Resource,
    ids: &[&str],
) -> Result<Vec<Row>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (_, table) = request.model().rows(resource.type_name()).expect("resources have rows");
    all(request, db, resource, vec![record_id::among(request.backend(), table, ROOT, ids)]).await
}

/// The first of them.
///
/// # Errors
/// The database failed.
pub async fn some<C: ConnectionTrait>(
    request: &Request<'_>,
    db: &C,
    resource: &'static Resource,
    mut conditions: Vec<Piece>,
    most: usize,
) -> Result<Vec<Row>, Error> {
    let (_, table) = request.model().rows(resource.type_name()).expect("resources have rows");
    conditions.extend(scope::visible(request, table, ROOT));
    select(request, db, resource, conditions, &format!(" LIMIT {most}")).await
}

/// The records that meet conditions, whoever may see them.
///
/// # Errors
/// The database failed.
pub async fn select<C: ConnectionTrait>(
    request: &Request<'_>,
    db: &C,
    resource: &'static Resource,
    conditions: Vec<Piece>,
    end: &str,
) -> Result<Vec<Row>, Error> {
    let columns = if resource.table.is_some() { own::columns(resource) } else { COLUMNS.to_owned() };
    let mut piece = Piece::text(format!("SELECT {columns} FROM \"{}\" {ROOT} WHERE ", resource.storage().0));
    piece.append(Piece::join(conditions, " AND ").unwrap_or_else(|| Piece::text("TRUE")));
    piece.push(&format!(" ORDER BY {}", column(ROOT, "id")));
    piece.push(end);
    metrics::counter!("groupgraph_statements_total").increment(1);
    let rows = db.query_all_raw(piece.statement(request.backend())).await?;
    rows.iter().map(|row| if resource.table.is_some() { own::row(resource, row) } else { plain(row) }).collect()
}

const COLUMNS: &str = "t0.\"id\", t0.\"tenant_id\", t0.\"object_id\", CAST(t0.\"body\" AS TEXT), t0.\"revision\", \
                       t0.\"created_at\", t0.\"updated_at\"";

fn plain(row: &QueryResult) -> Result<Row, Error> {
    let body: String = row.try_get_by_index(3)?;
    Ok(Row {
        number: row.try_get_by_index(0)?,
        tenant: row.try_get_by_index(1)?,
        object_id: row.try_get_by_index(2)?,
        body: serde_json::from_str(&body).map_err(Error::internal)?,
        revision: row.try_get_by_index(4)?,
        created_at: row.try_get_by_index(5)?,
        updated_at: row.try_get_by_index(6)?,
    })
}

/// A record of the table `record`, whoever may see it, locked until the transaction ends; of any company without one.
///
/// # Errors
/// The database failed.
pub async fn load(
    tx: &DatabaseTransaction,
    kind: &str,
    tenant: impl Into<Option<i64>>,
    object_id: &str,
) -> Result<Option<Row>, DbErr> {
    let found = record::Entity::find()
        .filter(record::Column::ObjectId.eq(object_id))
        .filter(record::Column::Kind.eq(kind))
        .filter(record::Column::DeletedAt.is_null());
    let found = found.lock_exclusive().one(tx).await?;
    let tenant = tenant.into();
    Ok(found.filter(|found| tenant.is_none_or(|tenant| tenant == found.tenant_id)).map(|found| Row {
        number: found.id,
        tenant: found.tenant_id,
        object_id: found.object_id,
        body: if let Value::Object(body) = found.body { body } else { Map::new() },
        revision: found.revision,
        created_at: Some(found.created_at),
        updated_at: Some(found.updated_at),
    }))
}

/// Writes a new record, and notes that; its number and id are set.
///
/// # Errors
/// A value that must be unique is taken, or the database failed.
pub async fn insert(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    if resource.table.is_some() {
        return own::insert(call, tx, resource, row).await;
    }
    let now = call.now();
    let new = record::ActiveModel {
        tenant_id: Set(row.tenant),
        kind: Set(resource.name.clone()),
        object_id: Set(row.object_id.clone()),
        body: Set(row.body.clone().into()),
        revision: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.number = new.insert(tx).await.map_err(|error| taken(resource, error))?.id;
    call.changed(ChangeKind::Created, resource.type_name(), row.number);
    Ok(())
}

/// Writes a record that was found, as its next revision, and notes that.
///
/// # Errors
/// Somebody else has changed it since, a value is taken, or the database failed.
pub async fn save(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    if resource.table.is_some() {
        return own::save(call, tx, resource, row).await;
    }
    if !update(tx, row, call.now()).await.map_err(|error| taken(resource, error))? {
        return Err(fault(Code::Conflict, "revision", "Somebody else has changed it since."));
    }
    call.changed(ChangeKind::Updated, resource.type_name(), row.number);
    Ok(())
}

/// Writes a record of the table `record` as its next revision; false if somebody else has changed it since.
///
/// # Errors
/// A value is taken, or the database failed.
pub async fn update(tx: &DatabaseTransaction, row: &mut Row, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let body: Value = row.body.clone().into();
    let update = record::Entity::update_many()
        .col_expr(record::Column::Body, Expr::value(body))
        .col_expr(record::Column::Revision, Expr::value(row.revision + 1))
        .col_expr(record::Column::UpdatedAt, Expr::value(now))
        .filter(record::Column::Id.eq(row.number))
        .filter(record::Column::Revision.eq(row.revision));
    row.revision += 1;
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Hides a record, and notes that; its row stays, for those that name it.
///
/// # Errors
/// The database failed, or other rows still need it.
pub async fn remove(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &Row,
) -> Result<(), Failure> {
    if resource.table.is_some() {
        return own::remove(call, tx, resource, row).await;
    }
    let update = record::Entity::update_many()
        .col_expr(record::Column::DeletedAt, Expr::value(call.now()))
        .filter(record::Column::Id.eq(row.number));
    update.exec(tx).await?;
    call.deleted(resource.type_name(), row.number, Some(row.tenant));
    Ok(())
}

/// What an index of unique values says, by the fields that it is about.
fn taken(resource: &Resource, error: DbErr) -> Failure {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(text)) if text.contains(super::index::UNIQUE) => {
            let field = resource.unique.first().map_or("", String::as_str);
            fault(Code::Conflict, field, format!("There is one with the same {} already.", resource.unique.join(", ")))
        }
        _ => Failure::Error(error.into()),
    }
}
