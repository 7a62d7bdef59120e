//! How a statement is bounded to a page. PostgreSQL expects that rows which fulfil conditions are spread evenly, and
//! reads in the wanted order until a page is full: to the end of the table where they are few.

use super::{page::Page, sql::Piece};

/// Up to so many rows are better found by their conditions, and put in order then.
pub const FEW: i64 = 1_000;

/// The part of a statement that bounds a page and shows whether more follows. Literals: a bound LIMIT makes
/// PostgreSQL plan anew or badly.
#[must_use]
pub fn limit(page: &Page) -> String {
    let skip = if page.skip > 0 { format!(" OFFSET {}", page.skip) } else { String::new() };
    format!(" LIMIT {}{skip}", page.size + 1)
}

/// The first rows if they fill the page, else the others, which are not read before that is known.
#[must_use]
pub fn first_or(first: Piece, others: Piece, size: usize) -> Piece {
    let mut piece = Piece::text("WITH first AS MATERIALIZED (");
    piece.append(first);
    piece.push(&format!(") SELECT * FROM first WHERE (SELECT count(*) FROM first) > {size} UNION ALL SELECT * FROM ("));
    piece.append(others);
    piece.push(&format!(") others WHERE (SELECT count(*) FROM first) <= {size}"));
    piece
}

/// A page of these rows, which are in order, all of them read before.
#[must_use]
pub fn among_few(rows: Piece, page: &Page) -> Piece {
    let mut piece = Piece::text("WITH few AS MATERIALIZED (");
    piece.append(rows);
    piece.push(") SELECT * FROM few");
    piece.push(&limit(page));
    piece
}
