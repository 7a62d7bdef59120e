//! The text of a document before it is parsed: how long it is, of how many tokens, how deeply bracketed. All of that in
//! one pass without recursion, so that the parser behind it never meets more than it can carry.

use apollo_parser::{Lexer, TokenKind};
use async_graphql::Pos;

use super::refusal::{Limit, Refusal};
use crate::settings::Graphql;

/// Checks the text.
///
/// # Errors
/// The text is too long, too deep, of too many tokens, or has something that is no token.
pub fn check(text: &str, limits: &Graphql) -> Result<(), Refusal> {
    at_most(Limit::QueryTooLong, limits.max_query_bytes, text.len())?;
    let (mut tokens, mut depth, mut deepest) = (0_usize, 0_usize, 0_usize);
    for token in Lexer::new(text) {
        let token = token.map_err(|error| Refusal::Syntax {
            message: error.message().to_owned(),
            position: Some(position(text, error.index())),
        })?;
        match token.kind() {
            TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma | TokenKind::Eof => continue,
            TokenKind::LCurly | TokenKind::LParen | TokenKind::LBracket => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            TokenKind::RCurly | TokenKind::RParen | TokenKind::RBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        tokens += 1;
    }
    at_most(Limit::TooManyTokens, limits.max_tokens, tokens)?;
    at_most(Limit::TooDeep, limits.max_nesting, deepest)
}

/// Whether `found` is within `most`.
///
/// # Errors
/// It is not.
pub fn at_most(limit: Limit, most: usize, found: impl TryInto<u64>) -> Result<(), Refusal> {
    let found = found.try_into().unwrap_or(u64::MAX);
    if usize::try_from(found).is_ok_and(|found| found <= most) {
        return Ok(());
    }
    Err(Refusal::Limit { limit, most: u64::try_from(most).unwrap_or(u64::MAX), found })
}

/// Line and column, both from 1, of a byte.
fn position(text: &str, index: usize) -> Pos {
    let before = text.get(..index).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Pos { line, column }
}
