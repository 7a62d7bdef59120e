//! Comparing text as the unique indexes do. Both sides go through the database's own `lower`, so that a comparison
//! never disagrees with an index. It must not know any table.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

/// The condition that a column holds a text, ignoring case.
pub fn same<C: ColumnTrait>(column: C, text: &str) -> SimpleExpr {
    Func::lower(Expr::col(column.as_column_ref())).eq(Func::lower(Expr::val(text)))
}

/// A name as it is compared where databases must not differ: without outer spaces, in lower case.
#[must_use]
pub fn key(name: &str) -> String {
    name.trim().to_lowercase()
}
