//! The `groupgraph` program.

use std::process::ExitCode;

use clap::Parser;
use groupgraph::cli::{self, CommandLine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    Box::pin(cli::run(CommandLine::parse())).await
}
