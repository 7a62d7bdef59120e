//! The catalogue: resources of the long tail, each a file of data in `resources/`. All files are checked together
//! before anything is served, and all problems are listed. It must not know how rows are kept or how requests arrive.

mod check;
mod convert;
pub mod resource;
mod sdl;
mod sdl_inputs;

use std::sync::LazyLock;

use rust_embed::Embed;

pub use self::{
    convert::Conversion,
    resource::{Access, Family, Field, Kind, Namespace, Operation, Referred, Resource},
};
use crate::engine::model::capitalized;

#[derive(Embed)]
#[folder = "src/catalog/resources"]
struct Files;

/// The checked resources, by name.
#[derive(Debug)]
pub struct Catalog {
    pub resources: Vec<Resource>,
}

static CATALOG: LazyLock<Result<Catalog, Vec<String>>> = LazyLock::new(|| {
    let read = |path: &str| Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let mut files: Vec<(String, String)> =
        Files::iter().filter_map(|path| Some((path.to_string(), read(&path)?))).collect();
    files.sort();
    Catalog::load(&files)
});

/// The catalogue of this program.
///
/// # Errors
/// Everything that is wrong with its files.
pub fn checked() -> Result<&'static Catalog, &'static Vec<String>> {
    CATALOG.as_ref()
}

/// The catalogue of this program; a fault in its files is found by the tests, before a release.
#[must_use]
pub fn catalog() -> &'static Catalog {
    CATALOG.as_ref().unwrap_or_else(|problems| panic!("the catalogue is faulty:\n{}", problems.join("\n")))
}

impl Catalog {
    /// Reads and checks files: name and text.
    ///
    /// # Errors
    /// Every problem found, with its file.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<String>> {
        let (mut resources, mut problems) = (Vec::new(), Vec::new());
        for (path, text) in files {
            match toml::from_str::<Resource>(text) {
                Ok(resource) => resources.push(Resource { name: name_of(path), ..resource }),
                Err(error) => {
                    let line = error.span().map_or(0, |span| text[..span.start].lines().count());
                    problems.push(format!("{path}:{line}: {}", error.message()));
                }
            }
        }
        problems.extend(check::problems(&resources));
        if problems.is_empty() { Ok(Self { resources }) } else { Err(problems) }
    }

    /// The resource of that name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.binary_search_by(|found| found.name.as_str().cmp(name)).ok().map(|place| &self.resources[place])
    }

    /// The resource behind a GraphQL type.
    #[must_use]
    pub fn of_type(&self, of: &str) -> Option<&Resource> {
        self.resources.iter().find(|found| found.type_name() == of)
    }

    /// The types, roots and inputs of all resources, bound to their rows.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.resources.iter().map(|resource| sdl::of(self, resource)).collect()
    }
}

/// `asset_unit.toml` is `AssetUnit`.
fn name_of(path: &str) -> String {
    let parts = path.trim_end_matches(".toml").split('_');
    parts.map(capitalized).collect()
}

#[cfg(test)]
mod tests;
