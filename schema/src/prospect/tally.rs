//! Counts of prospects out of the tally that PostgreSQL keeps (see the migration `prospect_board`): its rows have the
//! columns of prospects and follow-ups by which lists are filtered, one of them a row (the facet) beside company, kind,
//! owner, category and currency. So conditions are written as on the tables themselves. Whatever goes beyond one facet
//! is counted row by row.

use std::time::Duration;

use async_graphql::{Name, Value, indexmap::IndexMap};
use chrono::{NaiveDate, Timelike};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use crate::{
    engine::{
        coerce::Arguments,
        collect::Selected,
        compare, fetch,
        filter::{self, Rows},
        model::{Object, Table},
        plan::ROOT,
        request::Request,
        scope,
        sql::Piece,
    },
    error::Error,
    hub::Hub,
};

/// Rows of the tally, with what scopes ask of prospects: those that are deleted are not in it.
pub const ROWS: &str = "(SELECT *, CAST(NULL AS timestamptz) AS deleted_at FROM prospect_tally) t0";

/// Members of a filter on follow-ups that are facets.
const FACETS: [&str; 12] = [
    "accountType",
    "monthlyShipments",
    "ecommerceType",
    "weightRange",
    "contentType",
    "planType",
    "campaign",
    "leadStatus",
    "hasRecharge",
    "nextContactOn",
    "estimatedCloseOn",
    "commercialOfferOn",
];
/// The facet of the time of creation, in hours.
const CREATED: &str = "createdAt";
/// Members of a filter on prospects that every row of the tally can tell.
const COMMON: [&str; 6] = ["kind", "tenant", "owner", "and", "or", "not"];

const EVERY: Duration = Duration::from_secs(30);
/// Rows that are not summed up yet, before they are.
const MOST_UNFOLDED: i64 = 10_000;

/// Conditions on the rows that the tally has for a list of prospects; none if they must be counted one by one.
///
/// # Errors
/// A bad filter.
pub fn conditions(request: &Request<'_>, arguments: &Arguments) -> Result<Option<Vec<Piece>>, Error> {
    let is_searched = matches!(arguments.get("search"), Some(Value::String(text)) if !text.trim().is_empty());
    if request.backend() != DbBackend::Postgres || is_searched {
        return Ok(None);
    }
    let (_, table) = request.model().rows("Prospect").expect("prospects are rows");
    let mut asked = Asked::of(request, table);
    if let Some(Value::Object(filter)) = arguments.get("filter") {
        for (name, value) in filter {
            match (name.as_str(), value) {
                ("followUp", Value::Object(members)) => asked.follow_up(request, members)?,
                _ => asked.prospect(request, name, value)?,
            }
        }
    }
    Ok(asked.conditions())
}

/// How many rows a list of prospects has, if the tally can tell: `is_whole` says that the arguments are all there is to
/// the question.
///
/// # Errors
/// A bad filter, or the database failed.
pub async fn count(
    request: &Request<'_>,
    object: &Object,
    selected: &Selected<'_>,
    is_whole: bool,
) -> Result<Option<i64>, Error> {
    if object.name != "Prospect" || !is_whole {
        return Ok(None);
    }
    let Some(conditions) = conditions(request, &selected.arguments)? else { return Ok(None) };
    let mut piece = Piece::text(format!("SELECT CAST(COALESCE(sum({ROOT}.prospects), 0) AS bigint) FROM {ROWS}"));
    piece.append(fetch::wheres(conditions));
    let rows = fetch::all(request, piece).await?;
    Ok(rows.first().map(|row| row.try_get_by_index(0)).transpose()?)
}

/// What is asked of the tally.
struct Asked {
    pieces: Vec<Piece>,
    facets: Vec<&'static str>,
    is_by_owner: bool,
    /// More than it knows.
    is_beyond: bool,
}

impl Asked {
    fn of(request: &Request<'_>, table: &Table) -> Self {
        Self {
            pieces: scope::visible(request, table, ROOT),
            facets: Vec::new(),
            is_by_owner: scope::allowed(request.viewer, table, ROOT).is_some(),
            is_beyond: false,
        }
    }

    /// A condition on prospects.
    fn prospect(&mut self, request: &Request<'_>, name: &Name, value: &Value) -> Result<(), Error> {
        let Some(piece) = one(request, ("Prospect", "ProspectFilter"), name, value)? else { return Ok(()) };
        self.pieces.push(piece);
        if name == CREATED {
            self.facets.push(CREATED);
            self.is_beyond |= !begins_with_hours(request, value);
        } else {
            self.is_beyond |= !is_common(name, value);
            self.is_by_owner |= names_owner(name, value);
        }
        Ok(())
    }

    /// Conditions on follow-ups.
    fn follow_up(&mut self, request: &Request<'_>, members: &IndexMap<Name, Value>) -> Result<(), Error> {
        for (name, value) in members {
            let Some(piece) = one(request, ("FollowUp", "FollowUpFilter"), name, value)? else { continue };
            self.pieces.push(piece);
            match FACETS.into_iter().find(|facet| name == facet) {
                Some(facet) => self.facets.push(facet),
                // A prospect without a follow-up has no category either, and is none of those asked for.
                None => self.is_beyond |= name != "category" || has_member(value, "isNull"),
            }
        }
        Ok(())
    }

    fn conditions(mut self) -> Option<Vec<Piece>> {
        let facet = match self.facets[..] {
            [] => "",
            [facet] => facet,
            _ => return None,
        };
        if self.is_beyond || (facet == CREATED && self.is_by_owner) {
            return None;
        }
        self.pieces.push(Piece::text(format!("{ROOT}.facet = '{facet}'")));
        Some(self.pieces)
    }
}

/// One member of a filter, as a condition on rows of the tally; none if it restricts nothing.
fn one(request: &Request<'_>, (of, input): (&str, &str), name: &Name, value: &Value) -> Result<Option<Piece>, Error> {
    let rows = Rows { object: request.model().object(of), alias: ROOT };
    let alone = Value::Object(IndexMap::from([(name.clone(), value.clone())]));
    filter::condition(request, rows, input, &alone, "filter")
}

/// Whether a condition, with all that it is made of, is on what every row of the tally can tell.
fn is_common(name: &str, value: &Value) -> bool {
    COMMON.contains(&name) && (!["and", "or", "not"].contains(&name) || within(value, is_common))
}

fn names_owner(name: &str, value: &Value) -> bool {
    name == "owner" || (["and", "or", "not"].contains(&name) && !within(value, |name, value| !names_owner(name, value)))
}

/// Whether all members of a filter, or of all filters in a list, are so.
fn within(value: &Value, is_so: fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| within(item, is_so)),
        Value::Object(members) => members.iter().all(|(name, value)| is_so(name, value)),
        _ => false,
    }
}

fn has_member(value: &Value, name: &str) -> bool {
    matches!(value, Value::Object(members) if members.contains_key(name))
}

/// Whether the days of a condition on an instant begin with a full hour, as they do in most time zones.
fn begins_with_hours(request: &Request<'_>, value: &Value) -> bool {
    let Value::Object(operators) = value else { return false };
    operators.iter().all(|(operator, value)| {
        let Value::String(text) = value else { return false };
        let day = match operator.as_str() {
            "onOrAfter" => text.parse::<NaiveDate>().ok(),
            "onOrBefore" => text.parse::<NaiveDate>().ok().and_then(|day| day.succ_opt()),
            _ => None,
        };
        day.map(|day| compare::start_of_day(request, day))
            .is_some_and(|start| (start.minute(), start.second()) == (0, 0))
    })
}

/// Sums the tally up whenever much was added; never ends.
pub async fn keep(hub: Hub) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = fold(&hub).await {
            tracing::error!(%error, "the tally of prospects cannot be summed up");
        }
    }
}

async fn fold(hub: &Hub) -> Result<(), DbErr> {
    let unfolded = "SELECT count(*) FROM (SELECT 1 FROM prospect_tally WHERE NOT is_folded LIMIT ?) unfolded";
    let unfolded = Piece::with(unfolded, [MOST_UNFOLDED.into()]).statement(hub.database.backend());
    let row = hub.database.write.query_one_raw(unfolded).await?;
    if row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))? >= MOST_UNFOLDED {
        hub.database.write.execute_unprepared("SELECT fold_prospect_tally()").await?;
    }
    Ok(())
}
