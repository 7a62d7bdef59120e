//! groupgraph user create | list | password | deactivate

use std::io::{BufRead, Write};

use clap::{Args, Subcommand};
use groupgraph_schema::identity::admin::{self, NewUser};

use super::{Failure, SettingFlags, table};
use crate::{instance, seed};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a staff account; prints its first password
    Create(Create),
    /// List staff accounts
    List,
    /// Set a new password, print it, and sign the person out everywhere
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
    email: String,
    #[arg(long, value_name = "NAME")]
    given_name: String,
    #[arg(long, value_name = "NAME")]
    family_name: String,
    /// Name of a role, which gives the permissions; none without it
    #[arg(long)]
    role: Option<String>,
    /// Company, by name or namespace; the head office if not given
    #[arg(long)]
    tenant: Option<String>,
    /// May do everything
    #[arg(long)]
    administrator: bool,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    stdin: bool,
}

pub async fn run(command: Command, settings: &SettingFlags) -> Result<(), Failure> {
    let hub = instance::open(&settings.load([])?).await?;
    let mut output = std::io::stdout();
    match command {
        Command::Create(options) => {
            // The first user of an empty database needs a company to belong to.
            seed::base(&hub).await?;
            hub.directory.load(&hub.database.read).await?;
            let password = typed(options.stdin)?;
            let user = NewUser {
                email: options.email,
                given_name: options.given_name,
                family_name: options.family_name,
                role: options.role,
                is_administrator: options.administrator,
                tenant: options.tenant,
                password,
            };
            let created = admin::create_user(&hub, user).await?;
            writeln!(output, "number    {}\npassword  {}", created.number, created.password)?;
        }
        Command::List => {
            let lines = admin::list_users(&hub).await?.into_iter().map(|user| {
                let state = if user.is_active { "active" } else { "closed" };
                let role = if user.is_administrator { Some("administrator".to_owned()) } else { user.role };
                let signed_in = table::minute(user.last_signed_in_at);
                let email = table::or_dash(user.email);
                [user.number.to_string(), email, user.name, user.tenant, table::or_dash(role), state.into(), signed_in]
            });
            table::print(["NUMBER", "EMAIL", "NAME", "COMPANY", "ROLE", "STATE", "SIGNED IN"], lines)?;
        }
        Command::Password { email, stdin } => {
            writeln!(output, "{}", admin::set_password(&hub, &email, typed(stdin)?).await?)?;
        }
        Command::Deactivate { email } => admin::deactivate(&hub, &email).await?,
    }
    Ok(())
}

/// The first line of standard input, if asked for.
fn typed(is_asked: bool) -> Result<Option<String>, Failure> {
    if !is_asked {
        return Ok(None);
    }
    let line = std::io::stdin().lock().lines().next().transpose()?;
    line.filter(|line| !line.is_empty())
        .map(Some)
        .ok_or_else(|| Failure::Told("standard input holds no password".into()))
}
