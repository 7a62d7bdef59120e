//! groupgraph user create | list | password | deactivate

use clap::{Args, Subcommand};

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a staff account; prints its first password unless one is given
    Create(Create),
    /// List staff accounts
    List {
        /// Only those of one company, by namespace
        #[arg(long, value_name = "NAMESPACE")]
        tenant: Option<String>,
    },
    /// Set a new password and sign the person out everywhere
    Password {
        email: String,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        stdin: bool,
    },
    /// Close an account and revoke its tokens
    Deactivate { email: String },
}

#[derive(Debug, Args)]
pub struct Create {
    /// E-mail address to sign in with
    pub email: String,
    /// First and last name
    #[arg(long)]
    pub name: String,
    /// Name of a role
    #[arg(long)]
    pub role: Option<String>,
    /// Company, by namespace; the head office if not given
    #[arg(long, value_name = "NAMESPACE")]
    pub tenant: Option<String>,
    /// May do everything
    #[arg(long)]
    pub administrator: bool,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    pub stdin: bool,
}

pub fn run(command: &Command) -> Result<(), Failure> {
    Err(Failure::Unfinished(match command {
        Command::Create(_) => "groupgraph_schema::identity::create_user",
        Command::List { .. } => "groupgraph_schema::identity::users",
        Command::Password { .. } => "groupgraph_schema::identity::set_password",
        Command::Deactivate { .. } => "groupgraph_schema::identity::deactivate_user",
    }))
}
