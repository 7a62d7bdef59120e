//! Opens an instance: data folder, secret, database with current tables, and the identity that its ids carry.

use std::path::PathBuf;

use groupgraph_entities::instance;
use groupgraph_migrations::Migrator;
use groupgraph_schema::{
    background, catalog,
    database::Database,
    directory::Directory,
    error::Error,
    events::Events,
    federation::Federation,
    files::Files,
    hub::{Clock, Hub, Parts},
    identity::{self, Identity},
    mail::{MailError, Mailer},
    outside::Outside,
    record,
    sealing::Sealing,
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
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
    #[error("mail: {0}")]
    Mail(#[from] MailError),
    #[error("cannot use files.directory: {0}")]
    Files(std::io::Error),
    #[error("cannot use the signing keys: {0}; was the secret changed?")]
    Keys(#[from] Error),
    #[error("{0} migrations are pending: run `groupgraph migrate`")]
    Pending(usize),
}

/// Opens the instance that the configuration describes, bringing its tables up to date if so configured.
///
/// # Errors
/// Data folder, secret or database are out of reach, or migrations are pending.
pub async fn open(config: &Config) -> Result<Hub, OpenError> {
    open_on(config, connect(config).await?, Clock::system()).await
}

/// Opens the instance on connections and with a clock that are there already.
///
/// # Errors
/// Secret or database are out of reach, or migrations are pending.
pub async fn open_on(config: &Config, database: Database, clock: Clock) -> Result<Hub, OpenError> {
    if config.database.migrate_at_start {
        Migrator::up(&database.write, None).await?;
    }
    match Migrator::get_pending_migrations_read_only(&database.read).await?.len() {
        0 => {}
        pending => return Err(OpenError::Pending(pending)),
    }
    let settings = config.settings();
    let sealing = Sealing::new(secret::obtain(config)?.expose().as_bytes());
    let hub = Hub::new(Parts {
        instance: uuid(&database, &clock).await?,
        mailer: Mailer::new(&settings.mail)?,
        files: Files::new(&settings.files, sealing.clone()).map_err(OpenError::Files)?,
        identity: Identity::default(),
        directory: Directory::default(),
        federation: Federation::new(&settings.sources, clock.clone()),
        outside: Outside::new(&settings.outside),
        events: Events::default(),
        database,
        settings,
        clock,
        sealing,
    });
    record::index::ensure(&hub.database, catalog::catalog()).await?;
    identity::start(&hub).await?;
    background::start(&hub).await?;
    Ok(hub)
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
async fn uuid(database: &Database, clock: &Clock) -> Result<Uuid, DbErr> {
    let fresh =
        instance::ActiveModel { id: Set(1), uuid: Set(Uuid::new_v4().to_string()), created_at: Set(clock.now()) };
    let unless_there = OnConflict::column(instance::Column::Id).do_nothing().to_owned();
    instance::Entity::insert(fresh).on_conflict(unless_there).exec_without_returning(&database.write).await?;
    let row = instance::Entity::find_by_id(1).one(&database.write).await?;
    let text = row.ok_or_else(|| DbErr::RecordNotFound("instance".into()))?.uuid;
    text.parse().map_err(|error| DbErr::Type(format!("instance.uuid: {error}")))
}
