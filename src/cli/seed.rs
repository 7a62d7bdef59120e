//! groupgraph seed

use clap::{Args, builder::PossibleValuesParser};

use super::{Failure, SettingFlags};
use crate::{
    instance,
    seed::{self, Plan, Profile, Summary},
};

#[derive(Debug, Args)]
pub struct Options {
    /// Whose rows; the first one is the head office of a group, the others are companies of it
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Profile::names()), default_value = "palmline")]
    pub profile: String,
    /// Multiplies leads, deals, prospects and clients
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub scale: u16,
    /// Fills up to so many prospects with their follow-ups, such as 1000000, in a minute or two
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    pub prospects: u32,
    /// Only what every instance needs: countries, roles, look-up lists, a head office
    #[arg(long, conflicts_with_all = ["profile", "scale", "prospects"])]
    pub base: bool,
}

pub async fn run(options: &Options, settings: &SettingFlags) -> Result<(), Failure> {
    let hub = instance::open(&settings.load([])?).await?;
    let summary = if options.base {
        seed::base(&hub).await?
    } else {
        let profile = Profile::named(&options.profile);
        let profile = profile.ok_or_else(|| Failure::Told(format!("there is no profile {}", options.profile)))?;
        let prospects = usize::try_from(options.prospects).unwrap_or(usize::MAX);
        let plan = Plan { profile: &profile, scale: options.scale.into(), prospects, password: None };
        seed::company(&hub, &plan).await?
    };
    match &summary {
        Summary::Untouched => println!("The database has a company already; nothing was changed."),
        Summary::Written(tables) => {
            for (table, count) in tables.iter().filter(|(_, count)| *count > 0) {
                println!("{count:>7}  {table}");
            }
            println!("{:>7}  rows. Set a password with `groupgraph user password EMAIL`.", summary.rows());
        }
    }
    Ok(())
}
