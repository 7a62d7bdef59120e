//! groupgraph schema print

use clap::Subcommand;

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the schema in the GraphQL schema definition language
    Print,
}

pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Print => Ok(std::io::Write::write_all(&mut std::io::stdout(), groupgraph_schema::sdl().as_bytes())?),
    }
}
