//! One instance of the demo: its folder, its settings, its rows. It must not know the others.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use groupgraph_schema::hub::Hub;

use super::{DemoError, Options, configure, outside};
use crate::{
    config::Config,
    instance,
    seed::{self, Plan, Profile, Summary},
};

/// Password of everybody in the demo.
pub const PASSWORD: &str = "demo-password";
/// Folder of the mails of all instances.
const MAIL: &str = "mail";
/// What is kept of accounts and tokens.
pub const CREDENTIALS: &str = "credentials.json";
/// Failed sign-ins that are allowed: the checks of applications come from one address, in a few seconds.
/// Whoever tries the demo should not have to wait for the next hour.
const QUOTA_FACTOR: &str = "1000";
const ATTEMPTS: &str = "100000";

/// An open instance.
pub struct Place {
    pub profile: Profile,
    pub config: Config,
    pub hub: Hub,
}

impl Place {
    /// Its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.hub.settings.public_url
    }
}

/// Where mails go.
#[must_use]
pub fn mail(data_dir: &Path) -> PathBuf {
    data_dir.join(MAIL)
}

/// Throws away what the demo has put into its folder, and nothing else.
///
/// # Errors
/// Something cannot be removed.
pub fn reset(data_dir: &Path, profiles: &[Profile]) -> Result<(), DemoError> {
    let names = profiles.iter().map(|profile| profile.namespace.as_str());
    for path in names.chain([MAIL]).map(|name| data_dir.join(name)) {
        gone(fs::remove_dir_all(&path), path)?;
    }
    let path = data_dir.join(CREDENTIALS);
    gone(fs::remove_file(&path), path)
}

fn gone(removed: std::io::Result<()>, path: PathBuf) -> Result<(), DemoError> {
    match removed {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(DemoError::File { path, source }),
        _ => Ok(()),
    }
}

/// Opens an instance and fills it if it is new, telling so.
///
/// # Errors
/// Its folder or database is out of reach.
pub async fn open(options: &Options, profile: Profile, port: u16) -> Result<Place, DemoError> {
    let config = settings(options, &profile, port)?;
    let name = profile.name.clone();
    let hub = instance::open(&config).await.map_err(|error| DemoError::Open(name.clone(), error))?;
    let begun = Instant::now();
    if !seed::is_filled(&hub).await? {
        let mut output = std::io::stdout();
        write!(output, "Filling {name} … ")?;
        output.flush()?;
        let plan = Plan { profile: &profile, scale: 1, prospects: 0, password: Some(PASSWORD) };
        let written = seed::company(&hub, &plan).await.map_err(|error| DemoError::Seed(name.clone(), error))?;
        if let Summary::Written(_) = written {
            writeln!(output, "{} rows in {:.1} s", written.rows(), begun.elapsed().as_secs_f32())?;
        }
    }
    Ok(Place { profile, config, hub })
}

/// Where the stand-ins for outside services are, and the key that they want.
fn services(options: &Options) -> Vec<(String, String)> {
    let base = format!("http://127.0.0.1:{}", outside::port(options.port));
    let mut settings = vec![("outside.allow_private_addresses".to_owned(), "true".to_owned())];
    for (setting, path) in outside::SERVICES {
        settings.push((format!("{setting}.url"), format!("{base}/{path}")));
        settings.push((format!("{setting}.key"), outside::KEY.to_owned()));
    }
    settings
}

fn settings(options: &Options, profile: &Profile, port: u16) -> Result<Config, DemoError> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let own = [
        ("data_dir", text(options.data_dir.join(&profile.namespace))),
        ("server.listen", format!("127.0.0.1:{port}")),
        ("mail.transport", "folder".into()),
        ("mail.folder", text(mail(&options.data_dir))),
        ("mail.from", format!("{} <no-reply@{}>", profile.name, profile.domain)),
        ("sources.allow_private_addresses", "true".into()),
        ("halopsa.allow_private_addresses", "true".into()),
        ("halopsa.accepts_instance_tokens", "true".into()),
        ("halopsa.client_id", super::halopsa::CLIENT.into()),
        ("halopsa.client_secret", super::halopsa::SECRET.into()),
        ("rest.halopsa.quota_factor", QUOTA_FACTOR.into()),
        ("auth.sign_in_attempts_per_account", ATTEMPTS.into()),
        ("auth.sign_in_attempts_per_address", ATTEMPTS.into()),
    ];
    let own = own.into_iter().map(|(name, text)| (name.to_owned(), text));
    let all: Vec<(String, String)> =
        services(options).into_iter().chain(options.settings.iter().cloned()).chain(own).collect();
    Ok(configure(&all)?)
}
