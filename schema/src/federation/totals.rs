//! Counts and sums of the whole group: each source counts its own rows, the hub adds up. Where a source has a schema of
//! its own, the hub counts its rows itself, within bounds. It must not know HTTP.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    time::Duration,
};

use serde_json::Value;

use super::{
    collection::Collection,
    condition::Condition,
    contract,
    key::{KeyKind, OrderKey},
    question::{Fault, Field, Member, Question, Report, SourceErrorMode, Status},
    read::{data, wrong},
};

/// Most combinations that a source may answer.
const MOST_ROWS: usize = 5_000;

/// What is counted of a collection.
#[derive(Debug)]
pub struct Counted {
    pub collection: Collection,
    /// The field of `Query` at a source.
    pub field: &'static str,
    /// Dimension, word of its enum, and the path that holds it in a row.
    pub dimensions: &'static [(&'static str, &'static str, &'static str)],
    /// Sum, and the amount in a row that it adds up.
    pub sums: &'static [(&'static str, &'static str)],
}

/// All that can be counted.
pub const COUNTED: [Counted; 4] = [
    Counted {
        collection: Collection::Leads,
        field: "leadCounts",
        dimensions: &[
            ("state", "STATE", "state"),
            ("status", "STATUS", "status.name"),
            ("source", "SOURCE", "source.name"),
        ],
        sums: &[],
    },
    Counted {
        collection: Collection::Deals,
        field: "dealTotals",
        dimensions: &[
            ("status", "STATUS", "status"),
            ("phase", "PHASE", "phase"),
            ("pipeline", "PIPELINE", "pipeline.name"),
            ("stage", "STAGE", "stage.name"),
            ("owner", "OWNER", "owner.name"),
        ],
        sums: &[("value", "value")],
    },
    Counted {
        collection: Collection::Tickets,
        field: "ticketCounts",
        dimensions: &[
            ("status", "STATUS", "status"),
            ("priority", "PRIORITY", "priority"),
            ("department", "DEPARTMENT", "department.name"),
        ],
        sums: &[],
    },
    Counted {
        collection: Collection::Invoices,
        field: "invoiceTotals",
        dimensions: &[
            ("month", "MONTH", "issuedOn"),
            ("status", "STATUS", "status"),
            ("client", "CLIENT", "client.name"),
        ],
        sums: &[("invoiced", "total"), ("paid", "paidTotal"), ("outstanding", "balance")],
    },
];

/// What a global field counts.
#[derive(Debug)]
pub struct TotalsQuestion {
    pub counted: &'static Counted,
    /// Value of `filter` as a GraphQL literal.
    pub filter: Option<String>,
    pub condition: Option<Condition>,
    /// Positions in the dimensions of what is counted.
    pub dimensions: Vec<usize>,
    /// Positions in the sums of what is counted.
    pub sums: Vec<usize>,
    /// Whether companies are told apart.
    pub by_tenant: bool,
    pub visible: Option<Vec<i64>>,
    pub tenants: Option<Vec<i64>>,
    pub deadline: Duration,
    pub mode: SourceErrorMode,
}

/// One combination of dimensions and one currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub tenant: Option<i64>,
    /// Values of the dimensions in JSON, in the order of the question.
    pub values: Vec<String>,
    /// Currency of the sums; none without sums, and for rows without an amount.
    pub currency: Option<String>,
}

/// Count and sums in minor units of one combination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub count: i64,
    pub sums: Vec<i64>,
}

/// Totals by combination.
pub type Totals = BTreeMap<Group, Total>;

/// The totals of all sources.
#[derive(Debug)]
pub struct TotalsAnswer {
    pub totals: Totals,
    pub reports: Vec<Report>,
}

impl Counted {
    /// What a field of `Query` at a source counts.
    #[must_use]
    pub fn of(collection: Collection) -> Option<&'static Self> {
        COUNTED.iter().find(|counted| counted.collection == collection)
    }
}

impl TotalsQuestion {
    /// Each sum that is asked for, and the amount in a row that it adds up.
    fn sums(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.sums.iter().map(|index| self.counted.sums[*index])
    }

    /// The operation for a source; the hub's own rows are those of a company.
    #[must_use]
    pub fn text(&self, own: Option<i64>) -> String {
        let own = own.map(|tenant| format!("tenant:{{number:{{eq:{tenant}}}}}"));
        let filter = match (&self.filter, own) {
            (filter, None) => filter.clone(),
            (None, Some(own)) => Some(format!("{{{own}}}")),
            (Some(filter), Some(own)) => filter.trim_start().strip_prefix('{').map(|rest| format!("{{{own} {rest}")),
        };
        let mut text = format!("{{{}(", self.counted.field);
        if let Some(filter) = filter {
            write!(text, "filter:{filter},").expect("a String takes all text");
        }
        let dimensions = || self.dimensions.iter().map(|index| self.counted.dimensions[*index]);
        let words: Vec<&str> = dimensions().map(|(_, word, _)| word).collect();
        write!(text, "groupBy:[{}]){{count", words.join(",")).expect("a String takes all text");
        for (name, _, _) in dimensions() {
            write!(text, " {name}").expect("a String takes all text");
        }
        for (name, _) in self.sums() {
            write!(text, " {name}{{amountMinor currency}}").expect("a String takes all text");
        }
        text.push_str("}}");
        text
    }

    /// The question for the rows themselves, of a source that counts nothing.
    #[must_use]
    pub fn of_rows(&self, first: usize) -> Question {
        let mut members = Vec::new();
        let dimensions = self.dimensions.iter().map(|index| self.counted.dimensions[*index].2);
        let amounts =
            self.sums().flat_map(|(_, amount)| ["amountMinor", "currency"].map(|part| format!("{amount}.{part}")));
        for path in dimensions.map(str::to_owned).chain(amounts) {
            add(&mut members, self.counted.collection, "", &path);
        }
        let order = vec![OrderKey {
            field: "NUMBER".into(),
            is_descending: false,
            path: "number".into(),
            kind: KeyKind::Number,
        }];
        Question {
            filter: self.filter.clone(),
            condition: self.condition.clone(),
            mode: self.mode,
            ..Question::new(self.counted.collection, order, members, first, self.deadline)
        }
    }

    /// Adds up what a source answered.
    ///
    /// # Errors
    /// The answer is not what was asked for.
    pub fn read(&self, body: &str, tenant: i64) -> Result<(Totals, Option<Fault>), Fault> {
        let (data, error) = data(body)?;
        let answer: HashMap<String, Option<Vec<Value>>> =
            serde_json::from_str(data.get()).map_err(|_| wrong("The totals have the wrong form."))?;
        let rows = answer.into_values().next().flatten();
        let rows = rows.ok_or_else(|| error.clone().unwrap_or_else(|| wrong("The answer lacks the totals.")))?;
        if rows.len() > MOST_ROWS {
            let message = format!("{} totals came; at most {MOST_ROWS} are read.", rows.len());
            return Err(Fault::new(Status::Invalid, "TOO_MANY_ROWS", message));
        }
        let mut totals = Totals::new();
        for row in &rows {
            let count = row["count"].as_i64().ok_or_else(|| wrong("A total lacks its count."))?;
            let names = self.dimensions.iter().map(|index| self.counted.dimensions[*index].0);
            let values = names.map(|name| dimension(&row[name])).collect::<Result<_, _>>()?;
            let sums = self.sums().map(|(name, _)| &row[name]);
            self.add(&mut totals, (tenant, count), values, sums)?;
        }
        Ok((totals, error.map(|fault| Fault { status: Status::Partial, ..fault })))
    }

    /// Counts the rows of a source that counts nothing.
    ///
    /// # Errors
    /// A row is not what was asked for.
    pub fn count<'a>(&self, rows: impl Iterator<Item = &'a str>, tenant: i64) -> Result<Totals, Fault> {
        let mut totals = Totals::new();
        for json in rows {
            let row: Value = serde_json::from_str(json).map_err(|_| wrong("A row has the wrong form."))?;
            let dimensions = self.dimensions.iter().map(|index| self.counted.dimensions[*index]);
            let values = dimensions.map(|(name, _, path)| {
                let value = path.split('.').fold(&row, |value, step| &value[step]);
                let month = (name == "month").then(|| value.as_str().and_then(|day| day.get(..7))).flatten();
                month.map_or_else(|| dimension(value), |month| Ok(Value::from(month).to_string()))
            });
            let values = values.collect::<Result<_, _>>()?;
            let sums = self.sums().map(|(_, amount)| &row[amount]);
            self.add(&mut totals, (tenant, 1), values, sums)?;
        }
        Ok(totals)
    }

    fn add<'a>(
        &self,
        totals: &mut Totals,
        (tenant, count): (i64, i64),
        values: Vec<String>,
        sums: impl Iterator<Item = &'a Value>,
    ) -> Result<(), Fault> {
        let mut amounts = Vec::with_capacity(self.sums.len());
        let mut currency = None;
        for sum in sums {
            let own = sum["currency"].as_str().map(str::to_owned);
            if own.is_some() && currency.is_some() && own != currency {
                return Err(wrong("The sums of one total are in different currencies."));
            }
            currency = currency.or(own);
            amounts.push(match &sum["amountMinor"] {
                Value::Null => 0,
                amount => amount.as_i64().ok_or_else(|| wrong("A sum is no whole number."))?,
            });
        }
        let group = Group { tenant: self.by_tenant.then_some(tenant), values, currency };
        merge(totals, group, &Total { count, sums: amounts })
    }
}

/// Adds totals to others.
///
/// # Errors
/// A sum is too large.
pub fn add_up(totals: &mut Totals, more: Totals) -> Result<(), Fault> {
    more.into_iter().try_for_each(|(group, total)| merge(totals, group, &total))
}

fn merge(totals: &mut Totals, group: Group, more: &Total) -> Result<(), Fault> {
    let too_large = || wrong("A sum is too large.");
    let total = totals.entry(group).or_default();
    total.count = total.count.checked_add(more.count).ok_or_else(too_large)?;
    total.sums.resize(more.sums.len(), 0);
    for (sum, more) in total.sums.iter_mut().zip(&more.sums) {
        *sum = sum.checked_add(*more).ok_or_else(too_large)?;
    }
    Ok(())
}

fn dimension(value: &Value) -> Result<String, Fault> {
    match value {
        Value::Null | Value::String(_) => Ok(value.to_string()),
        _ => Err(wrong("A dimension is no text.")),
    }
}

/// Adds a leaf to a selection.
fn add(members: &mut Vec<Member>, collection: Collection, within: &str, path: &str) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let whole = if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") };
    let Some(of) = contract::field_at(collection, &whole) else { return };
    let field = Field {
        name: name.to_owned(),
        arguments: String::new(),
        is_nullable: of.of.is_nullable,
        is_list: of.of.is_list,
    };
    let known = members.iter().position(|member| member.key() == name);
    match (rest, contract::kind(&of.of.name)) {
        (None, Some(kind)) if known.is_none() => members.push(Member::Scalar { key: name.to_owned(), field, kind }),
        (Some(rest), _) => {
            let place = known.unwrap_or_else(|| {
                members.push(Member::Object { key: name.to_owned(), field, members: Vec::new() });
                members.len() - 1
            });
            if let Member::Object { members, .. } = &mut members[place] {
                add(members, collection, &whole, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "tests/totals.rs"]
mod tests;
