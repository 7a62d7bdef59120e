//! REST calls as older apps send them: the case files in `tests/rest`, and what is true for all endpoints.

pub mod cases;
mod crm;
mod documents;
mod everywhere;
mod inventory;
mod maker;
mod stopped;
mod tenancy;
mod uploads;
mod walk;

use groupgraph::http::catalog;
use http::Method;

/// What a resource of the catalogue does beyond what follows from its description: method and path below the mount.
fn actions(base: &str) -> Vec<(Method, String)> {
    let of_catalog: Vec<_> = groupgraph_schema::catalog::catalog().resources.iter().flat_map(walk::endpoints).collect();
    let system = catalog().expect("the files are good").system("repzo").expect("the folder is there");
    let own = system.endpoints.iter().map(|endpoint| (endpoint.method.clone(), endpoint.path.clone()));
    own.filter(|found| found.1.starts_with(&format!("{base}/")) && !of_catalog.contains(found)).collect()
}
