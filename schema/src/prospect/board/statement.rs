//! The one statement of a board. Its rows hold, one after the other: the columns of a category, its number and place,
//! its sums, and the columns of a prospect in it with the number of the category again; of a category without
//! prospects there is one row, which ends in nulls.

use std::collections::HashMap;

use sea_orm::{DbBackend, QueryResult};

use super::super::tally;
use crate::{
    engine::{
        fetch::{self, Group},
        limit::{FEW, among_few, limit},
        order::{self, Term},
        page::MOST_SETTINGS,
        plan::{Plan, ROOT},
        request::Request,
        sql::{Piece, column},
        tree::Child,
    },
    error::Error,
};

/// Alias of the follow-up that puts a prospect into its category.
pub const PLACE: &str = "place";

/// Categories with the first pages of their prospects.
pub struct Statement<'a> {
    plan: &'a Plan,
}

/// Which categories, in which order, and what is summed up in them.
pub struct Wanted {
    pub categories: Vec<Piece>,
    pub terms: Vec<Term>,
    /// Rows of category, count and value.
    pub sums: Option<Piece>,
}

impl<'a> Statement<'a> {
    /// Of a plan whose first child, if any, is read with it.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// Columns before those of a prospect.
    pub fn width(&self) -> usize {
        self.plan.columns.count() + 4
    }

    pub fn sql(&self, request: &Request<'_>, wanted: Wanted) -> Piece {
        let (paged, is_summed) = (self.plan.children.first(), wanted.sums.is_some());
        let mut piece = Piece::text("SELECT board.*, ");
        piece.push(if is_summed {
            "COALESCE(sums.prospects, 0), COALESCE(sums.minor, 0)"
        } else {
            "CAST(0 AS bigint), CAST(0 AS bigint)"
        });
        piece.push(if paged.is_some() { ", page.* FROM (" } else { " FROM (" });
        piece.append(self.categories(wanted.categories, &wanted.terms));
        piece.push(") board");
        if let Some(sums) = wanted.sums {
            piece.push(" LEFT JOIN (");
            piece.append(sums);
            piece.push(") sums ON sums.category_id = board.board_number");
        }
        match paged {
            Some(child) => {
                piece.append(pages(request, child, is_summed));
                piece.push(" ORDER BY board.board_place, page.page_place");
            }
            None => piece.push(" ORDER BY board.board_place"),
        }
        piece
    }

    fn categories(&self, conditions: Vec<Piece>, terms: &[Term]) -> Piece {
        let (columns, key) = (self.plan.columns.list(), column(ROOT, "id"));
        let order = order::clause(terms, &key, false);
        let mut piece = Piece::text(format!(
            "SELECT {columns}, {key} AS board_number, row_number() OVER ({order}) AS board_place \
             FROM \"follow_up_category\" {ROOT}{}",
            self.plan.joins.sql()
        ));
        piece.append(fetch::wheres(conditions));
        piece.push(&format!("{order} LIMIT {MOST_SETTINGS}"));
        piece
    }

    /// The number of a row's category.
    pub fn number(&self, row: &QueryResult) -> Result<i64, Error> {
        Ok(row.try_get_by_index(self.plan.columns.count())?)
    }

    /// Count and value of a row's category.
    pub fn sums(&self, row: &QueryResult) -> Result<(i64, i64), Error> {
        let first = self.plan.columns.count() + 2;
        Ok((row.try_get_by_index(first)?, row.try_get_by_index(first + 1)?))
    }

    /// The prospects among the rows, by category.
    pub fn groups(&self, rows: &[QueryResult]) -> Result<HashMap<i64, Group>, Error> {
        let Some(child) = self.plan.children.first() else { return Ok(HashMap::new()) };
        let page = child.page.as_ref().expect("prospects have a page");
        fetch::group(rows, self.width() + child.plan.columns.count(), (0, page.size), page.is_backward)
    }
}

/// The page of each category, joined to it; if they are summed up, read in the way that suits their number.
fn pages(request: &Request<'_>, child: &Child, is_summed: bool) -> Piece {
    let page = child.page.as_ref().expect("prospects have a page");
    let key = column(ROOT, "id");
    let mut conditions = child.conditions.clone();
    conditions.extend(page.keyset.as_ref().map(|keyset| order::beyond(&child.terms, keyset, &key, page.is_backward)));
    let order = order::clause(&child.terms, &key, page.is_backward);
    let mut columns = child.plan.columns.list();
    if !columns.is_empty() {
        columns.push_str(", ");
    }
    let select = format!("SELECT {columns}{PLACE}.category_id AS page_parent");
    let from = format!(
        " FROM follow_up {PLACE} JOIN prospect {ROOT} ON {key} = {PLACE}.prospect_id{}",
        child.plan.joins.sql()
    );
    if request.backend() == DbBackend::Postgres {
        conditions.insert(0, Piece::text(format!("{PLACE}.category_id = board.board_number")));
        let rows = |bounds: Option<String>| {
            let mut piece = Piece::text(format!("{select}{from}"));
            piece
                .append(fetch::wheres(bounds.into_iter().map(Piece::text).chain(conditions.iter().cloned()).collect()));
            piece.push(&order);
            piece
        };
        let first = |bounds| {
            let mut piece = rows(bounds);
            piece.push(&limit(page));
            piece
        };
        let mut piece = Piece::text(" LEFT JOIN LATERAL (SELECT page.*, row_number() OVER () AS page_place FROM (");
        if is_summed {
            let (skip, few) = (page.skip, FEW);
            let others = rows(Some(format!("sums.prospects > {skip} AND sums.prospects <= {few}")));
            piece.append(first(Some(format!("sums.prospects > GREATEST({skip}, {few})"))));
            piece.push(") page UNION ALL SELECT page.*, row_number() OVER () FROM (");
            piece.append(among_few(others, page));
        } else {
            piece.append(first(None));
        }
        piece.push(") page) page ON TRUE");
        return piece;
    }
    let mut piece = Piece::text(" LEFT JOIN (");
    piece.push(&format!("{select}, row_number() OVER (PARTITION BY {PLACE}.category_id{order}) AS page_place{from}"));
    piece.append(fetch::wheres(conditions));
    let (first, last) = (page.skip, page.skip + page.size + 1);
    piece.push(&format!(
        ") page ON page.page_parent = board.board_number AND page.page_place > {first} AND page.page_place <= {last}"
    ));
    piece
}

/// Count and value by category, out of the tally if there are conditions on it; amounts in other currencies are not
/// added.
pub fn sums(tallied: Option<Vec<Piece>>, conditions: Vec<Piece>, currency: &str) -> Piece {
    let (alias, one, from) = if tallied.is_some() {
        (ROOT, format!("sum({ROOT}.prospects)"), tally::ROWS.to_owned())
    } else {
        let key = column(ROOT, "id");
        let joined = format!("prospect {ROOT} JOIN follow_up {PLACE} ON {PLACE}.prospect_id = {key}");
        (PLACE, "count(*)".to_owned(), joined)
    };
    let mut piece = Piece::with(
        &format!(
            "SELECT {alias}.category_id, CAST({one} AS bigint) AS prospects, \
             CAST(COALESCE(sum(CASE WHEN {alias}.account_value_currency = ? THEN {alias}.account_value_minor END), 0) \
             AS bigint) AS minor FROM {from}"
        ),
        [currency.into()],
    );
    let mut conditions = tallied.unwrap_or(conditions);
    conditions.push(Piece::text(format!("{alias}.category_id IS NOT NULL")));
    piece.append(fetch::wheres(conditions));
    piece.push(&format!(" GROUP BY {alias}.category_id"));
    piece
}
