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
use crate::error::Error;

/// Candidates that are compared for similarity.
const CANDIDATES: usize = 200;
/// Least share of common trigrams that counts as similar.
const SIMILAR: f64 = 0.3;

/// The number of the client; none if nothing fits.
///
/// # Errors
/// No argument is given, or the database failed.
pub async fn find(request: &Request<'_>, arguments: &Arguments) -> Result<Option<i64>, Error> {
    let text = |name: &str| match arguments.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    };
    for (name, stored) in [("uuid", "uuid"), ("registrationNumber", "registration_number")] {
        if let Some(text) = text(name) {
            let exact = Piece::with(&format!("lower({}) = lower(?)", column(ROOT, stored)), [text.into()]);
            return Ok(candidates(request, exact, 1).await?.into_iter().next().map(|(number, _)| number));
        }
    }
    let Some(name) = text("name") else {
        return Err(Error::bad_input("Give name, registrationNumber or uuid."));
    };
    let stored = column(ROOT, "name");
    for pattern in [compare::pattern(&name, false), compare::pattern(&name, true)] {
        let like = format!("lower({stored}) LIKE lower(?) ESCAPE '\\'");
        let mut found = candidates(request, Piece::with(&like, [pattern.into()]), CANDIDATES).await?;
        // The exact name first; the rest as they came, latest change first.
        found.sort_by_key(|(_, found)| found.to_lowercase() != name.to_lowercase());
        if let Some((number, _)) = found.first() {
            return Ok(Some(*number));
        }
    }
    similar(request, &name).await
}

async fn similar(request: &Request<'_>, name: &str) -> Result<Option<i64>, Error> {
    let wanted = trigrams(name);
    // Whatever is similar shares the beginning of at least one word.
    let pieces = name
        .split_whitespace()
        .filter_map(|word| word.get(..word.len().min(3)))
        .map(|start| {
            let like = format!("lower({}) LIKE lower(?) ESCAPE '\\'", column(ROOT, "name"));
            Piece::with(&like, [compare::pattern(start, true).into()])
        })
        .collect();
    let Some(condition) = Piece::join(pieces, " OR ") else { return Ok(None) };
    let found = candidates(request, condition, CANDIDATES).await?;
    let score = |name: &str| {
        let have = trigrams(name);
        let common = have.iter().filter(|part| wanted.contains(*part)).count();
        common as f64 / (have.len() + wanted.len() - common).max(1) as f64
    };
    let best = found.into_iter().map(|(number, name)| (score(&name), number)).filter(|(score, _)| *score >= SIMILAR);
    // The first of equals is the latest change.
    Ok(best.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, number)| number))
}

fn trigrams(text: &str) -> std::collections::HashSet<String> {
    let letters: Vec<char> = format!("  {} ", text.to_lowercase()).chars().collect();
    letters.windows(3).map(|part| part.iter().collect()).collect()
}

async fn candidates(request: &Request<'_>, condition: Piece, most: usize) -> Result<Vec<(i64, String)>, Error> {
    let (_, table) = request.model().rows("Client").expect("clients are rows");
    let mut piece = Piece::text(format!("SELECT {ROOT}.id, {ROOT}.name FROM client {ROOT} WHERE "));
    piece.append(condition);
    for visible in scope::visible(request, table, ROOT) {
        piece.push(" AND ");
        piece.append(visible);
    }
    piece.push(&format!(" ORDER BY {ROOT}.updated_at DESC, {ROOT}.id LIMIT {most}"));
    let rows = fetch::all(request, piece).await?;
    Ok(rows
        .iter()
        .map(|row| Ok::<_, sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect::<Result<_, _>>()?)
}
