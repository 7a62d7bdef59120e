//! The word lists and profiles that seeding reads, embedded in the program. It must not know tables.

use serde::Deserialize;

/// A company to make up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    /// Unique in the group; also how the profile is named.
    pub namespace: String,
    pub url: String,
    /// Domain of the e-mail addresses of its staff.
    pub domain: String,
    region: String,
    pub base_currency: String,
    pub time_zone: String,
    /// Start of the random choices.
    pub start: u64,
    /// Namespaces of the companies below it.
    #[serde(default)]
    pub companies: Vec<String>,
    /// Range of the value of a deal, in whole units of the currency.
    pub deal_low: i64,
    pub deal_high: i64,
    /// What prices are rounded to, in minor units.
    pub price_step_minor: i64,
    #[serde(default)]
    pub counts: Counts,
    /// The first members of staff, in this order.
    pub people: Vec<Person>,
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    pub words: Words,
    pub products: Vec<Family>,
}

/// How many rows of what.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub staff: usize,
    pub leads: usize,
    pub deals: usize,
    pub tickets: usize,
    pub clients: usize,
    pub prospects: usize,
    pub products: usize,
    pub invoices: usize,
    pub tasks: usize,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            staff: 40,
            leads: 200,
            deals: 80,
            tickets: 60,
            clients: 60,
            prospects: 60,
            products: 100,
            invoices: 150,
            tasks: 90,
        }
    }
}

/// A member of staff whose name is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    pub role: String,
    pub position: String,
    #[serde(default)]
    pub is_administrator: bool,
}

/// An account of a member of staff in a company of the group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub person: String,
    pub namespace: String,
    pub number: i32,
    pub role: String,
}

/// The words of one trade. `{client}` is filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub deals: Vec<String>,
    /// Subject and message.
    pub tickets: Vec<(String, String)>,
    /// Subject and message.
    pub field_jobs: Vec<(String, String)>,
    /// Title and text.
    pub announcements: Vec<(String, String)>,
}

/// Products that come in the same variants; prices in whole units of the currency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    pub category: String,
    pub names: Vec<String>,
    pub variants: Vec<String>,
    /// Value of the look-up list of units.
    pub unit: String,
    pub low: i64,
    pub high: i64,
}

/// Names, places and numbers of a country.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// ISO 3166 code.
    pub country: String,
    pub calling_code: String,
    /// Length of the numbers of bank accounts.
    pub account_digits: usize,
    pub tax_basis_points: i64,
    pub given_names: Vec<String>,
    pub family_names: Vec<String>,
    /// With calling code.
    pub phone_prefixes: Vec<String>,
    /// Digits after the prefix.
    pub phone_digits: usize,
    pub company_words: Vec<String>,
    pub company_trades: Vec<String>,
    pub company_endings: Vec<String>,
    pub cities: Vec<City>,
}

/// A city with some of its streets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    pub name: String,
    pub region: String,
    pub postal_codes: Vec<String>,
    pub streets: Vec<String>,
    pub latitude: f64,
    pub longitude: f64,
}

/// What the desks of all companies look like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    pub positions: Vec<String>,
    pub teams: Vec<String>,
    pub lead_statuses: Vec<String>,
    pub lead_sources: Vec<String>,
    pub job_titles: Vec<String>,
    pub titles: Vec<String>,
    pub channels: Vec<String>,
    pub competitors: Vec<String>,
    pub pain_points: Vec<String>,
    pub budget_ranges: Vec<String>,
    pub next_actions: Vec<String>,
    pub annotations: Vec<String>,
    pub notes: Vec<String>,
    pub reminders: Vec<String>,
    pub tasks: Vec<String>,
    /// Kind and description.
    pub activities: Vec<(String, String)>,
    /// Type of the subject and text.
    pub notifications: Vec<(String, String)>,
    /// Subject, measure and target.
    pub goals: Vec<(String, String, String)>,
    pub departments: Vec<Department>,
    pub follow_up_categories: Vec<FollowUpCategory>,
    pub pipelines: Vec<Pipeline>,
    pub custom_fields: Vec<CustomField>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub name: String,
    /// Local part of its e-mail address.
    pub mailbox: String,
    #[serde(default)]
    pub is_hidden: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpCategory {
    pub key: String,
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    pub name: String,
    pub description: String,
    /// Name and phase.
    pub stages: Vec<(String, String)>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    pub name: String,
    pub kind: String,
    pub subject: String,
    /// Values to choose from, as text.
    pub values: Vec<String>,
}

const PROFILES: [(&str, &str); 4] = [
    ("harmattan", include_str!("data/harmattan.toml")),
    ("palmline", include_str!("data/palmline.toml")),
    ("veldtel", include_str!("data/veldtel.toml")),
    ("savanna", include_str!("data/savanna.toml")),
];
const REGIONS: [(&str, &str); 3] = [
    ("nigeria", include_str!("data/nigeria.toml")),
    ("south_africa", include_str!("data/south_africa.toml")),
    ("kenya", include_str!("data/kenya.toml")),
];

impl Profile {
    /// All of them, the head office first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        PROFILES.iter().map(|(_, text)| read(text)).collect()
    }

    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROFILES.iter().map(|(name, _)| *name)
    }

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PROFILES.iter().find(|(found, _)| *found == name).map(|(_, text)| read(text))
    }

    /// Where the company is.
    ///
    /// # Panics
    /// Never: a test reads all profiles with their regions.
    #[must_use]
    pub fn region(&self) -> Region {
        let (_, text) = REGIONS.iter().find(|(name, _)| *name == self.region).expect("each profile has a region");
        read(text)
    }

    /// The e-mail address of a member of staff.
    #[must_use]
    pub fn email(&self, name: &str) -> String {
        format!("{}@{}", mailbox(name), self.domain)
    }
}

impl Desk {
    /// The one there is.
    #[must_use]
    pub fn new() -> Self {
        read(include_str!("data/desk.toml"))
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads what is embedded.
///
/// # Panics
/// Never: a test reads all files.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> T {
    toml::from_str(text).expect("embedded word lists are well formed")
}

/// The part of an e-mail address before the at sign.
#[must_use]
pub fn mailbox(name: &str) -> String {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    let dot = if rest.is_empty() { "" } else { "." };
    format!("{}{dot}{}", letters(first), letters(rest))
}

/// Only the letters and digits of a name, small.
#[must_use]
pub fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
