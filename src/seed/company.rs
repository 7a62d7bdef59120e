//! A company while it is made up: its words, its rows so far, and who and what later rows refer to.
//! It must not know single tables.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    base::Base,
    book::Book,
    calendar::Calendar,
    draw::Draw,
    words::{City, Counts, Desk, Profile, Region, letters, mailbox},
};

/// What seeding works on.
pub struct Company<'a> {
    pub profile: &'a Profile,
    pub region: &'a Region,
    pub desk: &'a Desk,
    pub base: Base,
    pub counts: Counts,
    pub draw: Draw,
    pub calendar: Calendar,
    pub book: Book,
    /// Hash of the password of all staff, if they have one.
    pub password_hash: Option<String>,
    pub tenant: i64,
    pub country: i64,
    /// Names that are given away.
    taken: HashSet<String>,
    pub staff: Vec<Named>,
    /// Those of the staff who sell.
    pub sellers: Vec<i64>,
    /// Those of the staff who answer tickets.
    pub supporters: Vec<i64>,
    pub statuses: Vec<i64>,
    pub sources: Vec<i64>,
    /// Pipelines with their stages.
    pub pipelines: Vec<(i64, Vec<i64>)>,
    pub products: Vec<Article>,
    /// Leads that become clients, and those that become prospects.
    pub won_leads: Vec<Origin>,
    pub worked_leads: Vec<Origin>,
    pub clients: Vec<Customer>,
    pub prospects: Vec<Named>,
    /// Subscriptions to be collected for.
    pub collections: Vec<Due>,
}

/// What a subscription costs each month, in minor units.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub subscription: i64,
    pub client: i64,
    pub amount: i64,
}

/// A row with its name.
#[derive(Clone, Debug)]
pub struct Named {
    pub number: i64,
    pub name: String,
}

/// A product with its price in minor units.
#[derive(Clone, Debug)]
pub struct Article {
    pub number: i64,
    pub name: String,
    pub price: i64,
}

/// A lead that something comes of.
#[derive(Clone, Debug)]
pub struct Origin {
    pub lead: i64,
    pub company: String,
    pub person: Human,
    pub owner: i64,
    /// When it was converted.
    pub at: DateTime<Utc>,
    pub days_ago: i64,
}

/// A client as others refer to it.
#[derive(Clone, Debug)]
pub struct Customer {
    pub number: i64,
    pub name: String,
    pub contact: i64,
    pub person: String,
    pub owner: i64,
    /// Age in days.
    pub days_ago: i64,
}

/// A person outside the company.
#[derive(Clone, Debug)]
pub struct Human {
    pub given: String,
    pub family: String,
    pub phone: Phone,
}

impl Human {
    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// The address in the company of that name.
    #[must_use]
    pub fn email(&self, company: &str) -> String {
        format!("{}@{}", mailbox(&self.name()), domain(company))
    }
}

/// A phone number.
#[derive(Clone, Debug)]
pub struct Phone {
    pub e164: String,
    /// As people dial it.
    pub raw: String,
}

impl<'a> Company<'a> {
    /// Nothing but the words yet.
    #[must_use]
    pub fn new(
        profile: &'a Profile,
        (region, desk): (&'a Region, &'a Desk),
        (now, zone): (DateTime<Utc>, Tz),
        scale: usize,
    ) -> Self {
        let Counts { leads, deals, prospects, clients, .. } = profile.counts;
        let counts = Counts {
            leads: leads * scale,
            deals: deals * scale,
            prospects: prospects * scale,
            clients: clients * scale,
            ..profile.counts
        };
        Self {
            profile,
            region,
            desk,
            base: Base::default(),
            counts,
            draw: Draw::new(profile.start),
            calendar: Calendar::new(now, zone),
            book: Book::default(),
            password_hash: None,
            tenant: 0,
            country: 0,
            taken: HashSet::new(),
            staff: Vec::new(),
            sellers: Vec::new(),
            supporters: Vec::new(),
            statuses: Vec::new(),
            sources: Vec::new(),
            pipelines: Vec::new(),
            products: Vec::new(),
            won_leads: Vec::new(),
            worked_leads: Vec::new(),
            clients: Vec::new(),
            prospects: Vec::new(),
            collections: Vec::new(),
        }
    }

    /// Keeps a name from being made up again; whether it was free.
    pub fn take(&mut self, name: &str) -> bool {
        self.taken.insert(letters(name))
    }

    /// Somebody whose name nobody has yet.
    pub fn human(&mut self) -> Human {
        let region = self.region;
        for attempt in 0.. {
            let given = self.draw.pick(&region.given_names).clone();
            let mut family = self.draw.pick(&region.family_names).clone();
            // The lists are short beside a large scale; then people have two family names.
            if attempt > 20 {
                family = format!("{family}-{}", self.draw.pick(&region.family_names));
            }
            if given != family && self.take(&format!("{given} {family}")) {
                return Human { given, family, phone: self.phone() };
            }
        }
        unreachable!("the loop has no end")
    }

    /// A company whose name no other has yet.
    pub fn company_name(&mut self) -> String {
        let region = self.region;
        for attempt in 0.. {
            let mut name =
                format!("{} {}", self.draw.pick(&region.company_words), self.draw.pick(&region.company_trades));
            if attempt > 20 {
                name = format!("{name} {}", self.draw.pick(&region.cities).name);
            }
            if attempt > 40 {
                name = format!("{name} {}", self.draw.pick(&region.family_names));
            }
            // The ending is no part of what must differ: addresses are made without it.
            if self.take(&name) {
                return format!("{name} {}", self.draw.pick(&region.company_endings));
            }
        }
        unreachable!("the loop has no end")
    }

    /// A mobile number of the country.
    pub fn phone(&mut self) -> Phone {
        let region = self.region;
        let prefix = self.draw.pick(&region.phone_prefixes);
        let e164 = format!("{prefix}{}", self.draw.digits(region.phone_digits));
        let raw = format!("0{}", &e164[region.calling_code.len() + 1..]);
        Phone { e164, raw }
    }

    /// A city; the first ones are more frequent.
    pub fn city(&mut self) -> &'a City {
        let cities = &self.region.cities;
        let reach = if self.draw.chance(50) { 2 } else { cities.len() };
        self.draw.pick(&cities[..reach.min(cities.len())])
    }

    /// House number and street.
    pub fn street(&mut self, city: &City) -> String {
        format!("{} {}", self.draw.between(1, 214), self.draw.pick(&city.streets))
    }

    /// The value of a deal in minor units, rounded as people round.
    pub fn deal_value(&mut self) -> i64 {
        let step = self.profile.deal_low / 20;
        let value = self.draw.skewed(self.profile.deal_low, self.profile.deal_high);
        value / step * step * 100
    }

    /// A working hour so many days ago.
    pub fn ago(&mut self, days: i64) -> DateTime<Utc> {
        self.calendar.instant(days, &mut self.draw)
    }

    /// A later working hour than that of a row of this age.
    pub fn since(&mut self, days_ago: i64, created: DateTime<Utc>) -> DateTime<Utc> {
        let days = self.draw.between(0, days_ago);
        self.ago(days).max(created)
    }

    /// A working day so many days ahead.
    #[must_use]
    pub fn due(&self, days: i64) -> NaiveDate {
        self.calendar.day(-days)
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> String {
        self.profile.base_currency.clone()
    }
}

/// The age in days of the n-th of so many rows: the first is the oldest.
#[must_use]
pub fn age_of(index: usize, count: usize, oldest: i64) -> i64 {
    let left = i64::try_from(count - index).unwrap_or(1);
    left * oldest / i64::try_from(count.max(1)).unwrap_or(1)
}

/// A domain that nobody can own, made of the name of a company without its ending.
#[must_use]
pub fn domain(company: &str) -> String {
    let plain = company.split_once(" (").map_or(company, |(name, _)| name);
    format!("{}.example", letters(plain))
}
