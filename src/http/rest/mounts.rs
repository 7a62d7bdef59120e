//! Which system a request is for: by host if one is configured, else by the start of the path.

use std::sync::LazyLock;

use groupgraph_rest_compat::{Catalog, System, problem::Problems, sources};

use super::{RestError, records};
use crate::{
    config::{Limits, Mount, Rest},
    http::allowance::Allowances,
};

/// The operation files of this program against its own schema.
static CATALOG: LazyLock<Result<Catalog, Problems>> = LazyLock::new(|| {
    let mut files = records::operations(groupgraph_schema::catalog::catalog());
    files.extend(sources::embedded());
    Catalog::check(&groupgraph_schema::sdl(), &files)
});

/// The checked operation files.
///
/// # Errors
/// Everything that is wrong with them.
pub fn catalog() -> Result<&'static Catalog, &'static Problems> {
    CATALOG.as_ref()
}

/// All systems that are served.
pub struct Mounts {
    pub catalog: &'static Catalog,
    mounts: Vec<Mounting>,
}

/// Where a system stands.
struct Mounting {
    system: &'static System,
    host: Option<String>,
    prefix: String,
    allowances: Allowances,
    quota_factor: u64,
}

/// A system that a request is for.
pub struct Mounted<'a> {
    pub system: &'static System,
    pub prefix: &'a str,
    /// The path below the prefix.
    pub path: &'a str,
    pub allowances: &'a Allowances,
    /// How many times the documented quotas callers get.
    pub quota_factor: u64,
}

/// A prefix that cannot be.
#[derive(Debug, thiserror::Error)]
#[error("rest.{0}.prefix must be empty, or begin with a slash and end without one")]
pub struct WrongMount(String);

impl Mounts {
    /// From the settings.
    ///
    /// # Errors
    /// Operation files or a prefix are wrong.
    pub fn new(settings: &Rest) -> Result<Self, RestError> {
        let catalog = catalog().map_err(RestError::Files)?;
        let mut mounts = Vec::new();
        for (name, mount) in settings.systems() {
            let Some(system) = catalog.system(name).filter(|_| mount.enabled) else { continue };
            mounts.push(Mounting::new(system, mount)?);
        }
        // The most definite one first.
        mounts.sort_by_key(|mounting| (mounting.host.is_none(), std::cmp::Reverse(mounting.prefix.len())));
        Ok(Self { catalog, mounts })
    }

    /// What is served, and below which prefix.
    pub fn systems(&self) -> impl Iterator<Item = (&'static System, &str)> {
        self.mounts.iter().map(|mounting| (mounting.system, mounting.prefix.as_str()))
    }

    /// The system that a request is for.
    pub fn find<'a>(&'a self, host: &str, path: &'a str) -> Option<Mounted<'a>> {
        let host = host.split(':').next().unwrap_or_default();
        self.mounts.iter().find_map(|mounting| {
            let below = path.strip_prefix(&mounting.prefix).filter(|below| below.starts_with('/'))?;
            let is_here = match &mounting.host {
                Some(own) => own.eq_ignore_ascii_case(host),
                // At the root it leaves alone what is not its own.
                None => !mounting.prefix.is_empty() || mounting.system.routes.owns(below),
            };
            let Mounting { system, prefix, allowances, quota_factor, .. } = mounting;
            is_here.then_some(Mounted { system, prefix, path: below, allowances, quota_factor: *quota_factor })
        })
    }
}

impl Mounting {
    fn new(system: &'static System, mount: &Mount) -> Result<Self, WrongMount> {
        let prefix = mount.prefix.clone().unwrap_or_else(|| system.settings.prefix.clone());
        let is_good = prefix.is_empty() || (prefix.starts_with('/') && !prefix.ends_with('/'));
        if !is_good {
            return Err(WrongMount(system.name.clone()));
        }
        let per_minute = mount.requests_per_minute;
        let limits =
            Limits { requests_per_minute: per_minute, anonymous_requests_per_minute: per_minute, ..Limits::default() };
        let quota_factor = mount.quota_factor.into();
        Ok(Self { system, host: mount.host.clone(), prefix, allowances: Allowances::new(&limits), quota_factor })
    }
}
