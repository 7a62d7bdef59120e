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
