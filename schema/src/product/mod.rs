//! Products, their variants and prices. It must not know who buys them.

mod category;
mod price;
mod price_list;
mod product_rules;
mod variants;

#[cfg(test)]
mod tests;

use crate::{rule::Rules, verb::Verb};

/// Hand-written mutations.
pub const VERBS: &[(&str, Verb)] = &[];

/// What generic mutations add.
pub const RULES: &[(&str, Rules)] = &[
    ("createProduct", Rules { before: Some(product_rules::before), after: Some(product_rules::after) }),
    ("updateProduct", Rules { before: Some(product_rules::before), after: Some(product_rules::after) }),
    ("saveProductCategory", Rules { before: Some(category::before), after: None }),
    ("savePriceList", Rules { before: Some(price_list::before), after: Some(price_list::after) }),
];
