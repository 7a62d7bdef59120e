//! A page of rows as a connection: nodes, edges with their cursors, and where the page stands.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    fetch::Fetched,
    model::Leaf,
    order::{self, Term},
    page::{EdgeMember, Page, Part},
    plan::{Plan, ROOT},
    request::Request,
    sql::column,
    write::{Writer, get, rfc3339},
};
use crate::error::Error;

/// A page of rows and what surrounds it.
pub struct Written<'a> {
    pub plan: &'a Plan,
    pub fetched: &'a Fetched,
    /// Rows of the page.
    pub rows: &'a [usize],
    pub has_more: bool,
    pub page: &'a Page,
    pub terms: &'a [Term],
    pub total: Option<i64>,
}

impl Writer<'_> {
    /// A page as a connection.
    ///
    /// # Errors
    /// A column has not the type that the model says.
    pub fn connection(&mut self, parts: &[Part], written: &Written<'_>) -> Result<(), Error> {
        self.out.push('{');
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            match part {
                Part::Typename { key, name } => {
                    self.out.push_str(key);
                    self.text(name);
                }
                Part::Nodes { key, view } => {
                    self.out.push_str(key);
                    self.list(written.plan, *view, written.fetched, written.rows)?;
                }
                Part::Edges { key, members } => {
                    self.out.push_str(key);
                    self.edges(members, written)?;
                }
                Part::PageInfo { key, members } => {
                    self.out.push_str(key);
                    self.page_info(members, written)?;
                }
                Part::TotalCount { key } => {
                    let _ = write!(self.out, "{key}{}", written.total.unwrap_or_default());
                }
                Part::Code { key, .. } => {
                    let _ = write!(self.out, "{key}null");
                }
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn edges(&mut self, members: &[EdgeMember], written: &Written<'_>) -> Result<(), Error> {
        self.out.push('[');
        for (index, row) in written.rows.iter().enumerate() {
            self.out.push_str(if index > 0 { ",{" } else { "{" });
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    self.out.push(',');
                }
                match member {
                    EdgeMember::Cursor(key) => {
                        self.out.push_str(key);
                        let cursor = cursor(&self.request, written, *row)?;
                        self.text(&cursor);
                    }
                    EdgeMember::Node(key, view) => {
                        self.out.push_str(key);
                        self.row(written.plan, *view, written.fetched, *row)?;
                    }
                    EdgeMember::Typename(key, name) => {
                        self.out.push_str(key);
                        self.text(name);
                    }
                }
            }
            self.out.push('}');
        }
        self.out.push(']');
        Ok(())
    }

    fn page_info(&mut self, members: &[(String, String)], written: &Written<'_>) -> Result<(), Error> {
        let page = written.page;
        let is_inside = page.keyset.is_some() || page.skip > 0;
        let (next, previous) =
            if page.is_backward { (is_inside, written.has_more) } else { (written.has_more, is_inside) };
        let ends = [written.rows.first(), written.rows.last()];
        let mut cursors = [None, None];
        if members.iter().any(|(_, name)| name.ends_with("Cursor")) {
            for (cursor, row) in cursors.iter_mut().zip(ends) {
                *cursor = row.map(|row| self::cursor(&self.request, written, *row)).transpose()?;
            }
        }
        self.object(members, |writer, name| match name {
            "hasNextPage" => writer.out.push_str(if next { "true" } else { "false" }),
            "hasPreviousPage" => writer.out.push_str(if previous { "true" } else { "false" }),
            "startCursor" => writer.optional(cursors[0].as_deref()),
            "endCursor" => writer.optional(cursors[1].as_deref()),
            _ => writer.text("PageInfo"),
        });
        Ok(())
    }
}

/// The cursor of a row: its order values as they are answered, and its number.
fn cursor(request: &Request<'_>, written: &Written<'_>, row: usize) -> Result<String, Error> {
    let row = &written.fetched.rows[row];
    let mut values = Vec::with_capacity(written.terms.len() + 1);
    for term in written.terms {
        let sql = term.leaf.selected(term.sql.clone(), request.backend());
        let place = written.plan.columns.find(&sql).expect("cursors are planned");
        values.push(match &term.leaf {
            Leaf::Text | Leaf::Key | Leaf::Stamp => get::<String>(row, place)?.into(),
            Leaf::Instant => get::<DateTime<Utc>>(row, place)?.map(rfc3339).into(),
            Leaf::Day => get::<NaiveDate>(row, place)?.map(|day| day.to_string()).into(),
            Leaf::Float => get::<f64>(row, place)?.into(),
            Leaf::Boolean => get::<bool>(row, place)?.into(),
            Leaf::Ordinal(of) => {
                let number = get::<i64>(row, place)?.and_then(|number| usize::try_from(number - 1).ok());
                number.and_then(|place| request.model().enums[of].get(place)).map(|word| word.name.clone()).into()
            }
            _ => get::<i64>(row, place)?.into(),
        });
    }
    let place = written.plan.columns.find(&column(ROOT, "id")).expect("cursors are planned");
    values.push(get::<i64>(row, place)?.into());
    Ok(order::encode(&values))
}
