//! Opens an instance: data folder, secret, database with current tables, and the identity that its ids carry.

use std::path::PathBuf;

use groupgraph_migrations::Migrator;
use groupgraph_schema::{
    database::Database,
    events::Events,
    hub::{Clock, Hub, Parts},
};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use crate::config::{
    Config,
    secret::{self, SecretError},
};

/// Why an instance cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot make the data folder {}: {source}", path.display())]
    DataFolder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("cannot use the database: {0}")]
    Database(#[from] DbErr),
    #[error("{0} migrations are pending: run `groupgraph migrate`")]
    Pending(usize),
}

/// Opens the instance that the configuration describes, bringing its tables up to date if so configured.
///
/// # Errors
/// Data folder, secret or database are out of reach, or migrations are pending.
pub async fn open(config: &Config) -> Result<Hub, OpenError> {
    let database = connect(config).await?;
    if config.database.migrate_at_start {
        Migrator::up(&database.write, None).await?;
    }
    match Migrator::get_pending_migrations_read_only(&database.read).await?.len() {
        0 => {}
        pending => return Err(OpenError::Pending(pending)),
    }
    let mut settings = config.settings();
    settings.auth.secret = Some(secret::obtain(config)?);
    let clock = Clock::system();
    let instance = identity(&database, &clock).await?;
    Ok(Hub::new(Parts { database, instance, settings, events: Events::default(), clock }))
}

/// Connects to the database, whatever tables it has.
///
/// # Errors
/// Data folder or database are out of reach.
pub async fn connect(config: &Config) -> Result<Database, OpenError> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|source| OpenError::DataFolder { path: config.data_dir.clone(), source })?;
    Ok(Database::connect(&config.database.url, config.database.max_connections).await?)
}

/// The uuid of this database, made when it is first asked for.
async fn identity(database: &Database, clock: &Clock) -> Result<Uuid, DbErr> {
    let backend = database.backend();
    let values = [Uuid::new_v4().to_string().into(), clock.now().into()];
    let insert = "INSERT INTO instance (id, uuid, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING";
    database.write.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    let select = Statement::from_string(backend, "SELECT uuid FROM instance");
    let row = database.write.query_one_raw(select).await?;
    let text: String = row.ok_or_else(|| DbErr::RecordNotFound("instance".into()))?.try_get("", "uuid")?;
    text.parse().map_err(|error| DbErr::Type(format!("instance.uuid: {error}")))
}
