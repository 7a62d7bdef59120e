//! groupgraph completions SHELL

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{CommandLine, Failure};

#[derive(Debug, Args)]
pub struct Options {
    shell: Shell,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut CommandLine::command(), "groupgraph", &mut script);
    Ok(std::io::Write::write_all(&mut std::io::stdout(), &script)?)
}
