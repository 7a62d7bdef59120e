//! groupgraph doctor: checks what the server needs and says what to do about what is missing. Changes nothing.

use std::{io::Write, path::PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_migrations::Migrator;
use groupgraph_schema::{database::Database, hub::Clock};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait;
use tokio::net::TcpListener;

use super::{Failure, SettingFlags};
use crate::config::{Config, redacted_url, secret};

/// No clock that is right shows a time before this program was written.
const EARLIEST: DateTime<Utc> = DateTime::from_timestamp(1_763_000_000, 0).expect("a time in range");
/// Clocks of server and database may differ by this much.
const TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// What a check found.
enum Finding {
    Good(String),
    /// Works, but deserves attention: what, and what to do.
    Warning(String, String),
    /// The server will not start: what, and what to do.
    Bad(String, String),
}

pub async fn run(settings: &SettingFlags) -> Result<(), Failure> {
    let config = settings.load([])?;
    let mut findings = vec![
        ("configuration", Finding::Good("all settings are known and of the right type".into())),
        ("data folder", data_folder(&config)),
        ("secret", secret_present(&config)),
        ("port", port(&config).await),
    ];
    let clock = Clock::system();
    findings.extend(database(&config, &clock).await);
    let mut output = std::io::stdout();
    for (subject, finding) in &findings {
        let (mark, text, advice) = match finding {
            Finding::Good(text) => ("ok  ", text, None),
            Finding::Warning(text, advice) => ("note", text, Some(advice)),
            Finding::Bad(text, advice) => ("FAIL", text, Some(advice)),
        };
        writeln!(output, "{mark}  {subject:<14} {text}")?;
        if let Some(advice) = advice {
            writeln!(output, "      {:<14} → {advice}", "")?;
        }
    }
    match findings.iter().filter(|(_, finding)| matches!(finding, Finding::Bad(..))).count() {
        0 => Ok(()),
        count => Err(Failure::Told(format!("{count} of {} checks failed", findings.len()))),
    }
}

fn data_folder(config: &Config) -> Finding {
    let folder = &config.data_dir;
    let shown = folder.display();
    if !folder.exists() {
        return Finding::Warning(format!("{shown} is not there"), "`groupgraph serve` makes it".into());
    }
    let probe = folder.join(".doctor");
    match std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::Good(format!("{shown} can be written")),
        Err(error) => Finding::Bad(
            format!("{shown} cannot be written: {error}"),
            "give the user of the server the right to write there, or set data_dir".into(),
        ),
    }
}

fn secret_present(config: &Config) -> Finding {
    let path = secret::path(config);
    if config.auth.secret.is_none() && !path.exists() {
        let advice = "`groupgraph serve` makes one; with several replicas set GROUPGRAPH_AUTH__SECRET in all of them";
        return Finding::Warning(format!("there is none in {}", path.display()), advice.into());
    }
    match secret::obtain(config) {
        Ok(_) if config.auth.secret.is_some() => Finding::Good("set by auth.secret".into()),
        Ok(_) => Finding::Good(format!("in {}; keep a copy, without it sealed credentials are lost", path.display())),
        Err(error) => {
            Finding::Bad(error.to_string(), "restore it, or remove the file and enter all credentials again".into())
        }
    }
}

async fn port(config: &Config) -> Finding {
    let address = &config.server.listen;
    match TcpListener::bind(address).await {
        Ok(_) => Finding::Good(format!("{address} is free")),
        Err(error) => Finding::Bad(
            format!("cannot listen on {address}: {error}"),
            "stop what listens there, or choose another one with server.listen".into(),
        ),
    }
}

async fn database(config: &Config, clock: &Clock) -> Vec<(&'static str, Finding)> {
    let url = &config.database.url;
    let shown = redacted_url(url);
    if sqlite_file(url).is_some_and(|path| !path.exists()) {
        let finding = Finding::Warning(format!("{shown} is not there"), "`groupgraph serve` makes it".into());
        return vec![("database", finding), ("clock", clock_alone(clock))];
    }
    match Database::connect(url, 1).await {
        Ok(database) => vec![
            ("database", Finding::Good(format!("{shown} answers"))),
            ("migrations", migrations(config, &database).await),
            ("clock", clock_beside(&database, clock).await),
        ],
        Err(error) => {
            let advice = "check database.url, that the server runs, and its password";
            let finding = Finding::Bad(format!("{shown}: {error}"), advice.into());
            vec![("database", finding), ("clock", clock_alone(clock))]
        }
    }
}

fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.split('?').next()?;
    (!path.contains(":memory:")).then(|| path.strip_prefix("//").unwrap_or(path).into())
}

async fn migrations(config: &Config, database: &Database) -> Finding {
    match Migrator::get_pending_migrations_read_only(&database.read).await.map(|pending| pending.len()) {
        Ok(0) => Finding::Good("none pending".into()),
        Ok(count) if config.database.migrate_at_start => {
            Finding::Warning(format!("{count} pending"), "`groupgraph serve` applies them".into())
        }
        Ok(count) => Finding::Bad(format!("{count} pending"), "run `groupgraph migrate`".into()),
        Err(error) => Finding::Bad(error.to_string(), "the user of the database needs rights on its tables".into()),
    }
}

fn clock_alone(clock: &Clock) -> Finding {
    let now = clock.now();
    if now < EARLIEST {
        return Finding::Bad(format!("it is not {now}"), "set the clock of this machine: tokens depend on it".into());
    }
    Finding::Good(format!("{now}"))
}

async fn clock_beside(database: &Database, clock: &Clock) -> Finding {
    if database.backend() != DbBackend::Postgres {
        return clock_alone(clock);
    }
    match database_time(database).await {
        Ok(there) if (there - clock.now()).abs() > TOLERANCE => {
            let text = format!("here it is {}, at the database {there}", clock.now());
            Finding::Warning(text, "let both machines keep their time by NTP".into())
        }
        Ok(_) => clock_alone(clock),
        Err(error) => Finding::Warning(format!("the database does not tell its time: {error}"), "see its log".into()),
    }
}

async fn database_time(database: &Database) -> Result<DateTime<Utc>, DbErr> {
    let select = Statement::from_string(database.backend(), "SELECT now() AS now");
    let row = database.read.query_one_raw(select).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("now()".into()))?.try_get("", "now")
}
