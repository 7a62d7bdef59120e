//! groupgraph check

use super::Failure;
use crate::http;

pub fn run() -> Result<(), Failure> {
    groupgraph_schema::catalog::checked().map_err(|problems| Failure::Told(problems.join("\n")))?;
    let catalog = http::catalog().map_err(|problems| Failure::Told(problems.to_string()))?;
    let mut out = std::io::stdout();
    for system in &catalog.systems {
        std::io::Write::write_fmt(&mut out, format_args!("{}: {} endpoints\n", system.name, system.endpoints.len()))?;
    }
    Ok(())
}
