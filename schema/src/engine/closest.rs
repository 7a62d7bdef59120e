//! `closestClient`: the client that fits best by exact name, then prefix, fragment, similarity.

use async_graphql::Value;

use super::{
    coerce::Arguments,
    compare, fetch,
    plan::ROOT,
    request::Request,
    scope,
    sql::{Piece, column},
};
use crate::{compare::key, error::Error};

/// Candidates that are compared for similarity.
const CANDIDATES: usize = 200;
/// Least share of common trigrams that counts as similar.
const SIMILAR: f64 = 0.3;
/// Most letters of a name that are looked at.
const LONGEST: usize = 100;

/// The number of the client that meets all given arguments; none if nothing fits.
///
/// # Errors
/// No argument is given, or the database failed.
pub async fn find(request: &Request<'_>, arguments: &Arguments) -> Result<Option<i64>, Error> {
    let text = |name: &str| match arguments.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    };
    let exact =
        [("uuid", "uuid"), ("registrationNumber", "registration_number")].into_iter().filter_map(|(name, stored)| {
            Some(Piece::with(&format!("lower({}) = lower(?)", column(ROOT, stored)), [text(name)?.into()]))
        });
    let exact = Piece::join(exact.collect(), " AND ");
    let name = text("name").map(|name| key(&name).chars().take(LONGEST).collect::<String>());
    match (exact, name) {
        (None, None) => Err(Error::bad_input("Give name, registrationNumber or uuid.")),
        (Some(exact), None) => best(request, &[exact]).await,
        (exact, Some(name)) => by_name(request, exact, &name).await,
    }
}

/// The name in the form in which both databases compare it alike.
fn stored() -> String {
    format!("COALESCE({}, lower({}))", column(ROOT, "name_key"), column(ROOT, "name"))
}

/// Exact, then prefix, then fragment, then similarity; the latest change of those that fit equally well.
async fn by_name(request: &Request<'_>, exact: Option<Piece>, name: &str) -> Result<Option<i64>, Error> {
    let like = |is_inside: bool| {
        let pattern = compare::pattern(name, is_inside);
        Piece::with(&format!("{} LIKE ? ESCAPE '\\'", stored()), [pattern.into()])
    };
    let is = Piece::with(&format!("{} = ?", stored()), [name.to_owned().into()]);
    for step in [is, like(false), like(true)] {
        let conditions: Vec<Piece> = exact.iter().cloned().chain([step]).collect();
        if let Some(number) = best(request, &conditions).await? {
            return Ok(Some(number));
        }
    }
    similar(request, exact, name).await
}

async fn best(request: &Request<'_>, conditions: &[Piece]) -> Result<Option<i64>, Error> {
    let condition = Piece::join(conditions.to_vec(), " AND ").unwrap_or_default();
    Ok(candidates(request, condition, Piece::default(), 1).await?.into_iter().next().map(|(number, _)| number))
}

/// Names share trigrams as `pg_trgm` counts them. Candidates are those that hold most trigrams of the text, so that
/// both databases compare the same ones.
async fn similar(request: &Request<'_>, exact: Option<Piece>, name: &str) -> Result<Option<i64>, Error> {
    let wanted = trigrams(name);
    let mut inner: Vec<String> =
        wanted.iter().map(|part| part.trim().to_owned()).filter(|part| part.chars().count() > 1).collect();
    inner.sort();
    let holds = |part: &String| {
        let pattern = compare::pattern(part, true);
        Piece::with(&format!("CASE WHEN {} LIKE ? ESCAPE '\\' THEN 1 ELSE 0 END", stored()), [pattern.into()])
    };
    let Some(count) = Piece::join(inner.iter().map(holds).collect(), " + ") else { return Ok(None) };
    let mut condition = Piece::text("(");
    condition.append(count.clone());
    condition.push(") > 0");
    if let Some(exact) = exact {
        condition.push(" AND ");
        condition.append(exact);
    }
    let found = candidates(request, condition, count, CANDIDATES).await?;
    let score = |name: &str| {
        let have = trigrams(name);
        let common = have.iter().filter(|part| wanted.contains(*part)).count();
        let [common, all] = [common, (have.len() + wanted.len() - common).max(1)]
            .map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        common / all
    };
    let best = found.into_iter().map(|(number, name)| (score(&name), number)).filter(|(score, _)| *score >= SIMILAR);
    // The first of equals is the latest change.
    Ok(best.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, number)| number))
}

/// Three letters each, of each word with two spaces before and one after it.
fn trigrams(text: &str) -> std::collections::HashSet<String> {
    let mut parts = std::collections::HashSet::new();
    for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = format!("  {word} ").chars().collect();
        parts.extend(letters.windows(3).map(|part| part.iter().collect::<String>()));
    }
    parts
}

async fn candidates(
    request: &Request<'_>,
    condition: Piece,
    weight: Piece,
    most: usize,
) -> Result<Vec<(i64, String)>, Error> {
    let (_, table) = request.model().rows("Client").expect("clients are rows");
    let mut piece = Piece::text(format!("SELECT {ROOT}.id, {ROOT}.name FROM client {ROOT} WHERE "));
    piece.append(condition);
    for visible in scope::visible(request, table, ROOT) {
        piece.push(" AND ");
        piece.append(visible);
    }
    piece.push(" ORDER BY ");
    if !weight.is_empty() {
        piece.append(weight);
        piece.push(" DESC, ");
    }
    piece.push(&format!("{ROOT}.updated_at DESC, {ROOT}.id LIMIT {most}"));
    let rows = fetch::all(request, piece).await?;
    Ok(rows
        .iter()
        .map(|row| Ok::<_, sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect::<Result<_, _>>()?)
}
