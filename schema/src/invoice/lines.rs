//! The lines of an invoice: read from the input, with what the product says where the input is silent.

use async_graphql::Value;
use groupgraph_entities::{invoice_line, product};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Set};

use super::arithmetic::{self, Sums};
use crate::{
    amount::{self, Amount},
    error::{Code, Error},
    members,
    verb::{Call, Failure, fault},
};

/// Lines that fit together.
#[derive(Debug)]
pub struct Lines {
    pub items: Vec<Line>,
    pub currency: String,
    pub sums: Sums,
}

/// One line, amounts in minor units of the invoice's currency.
#[derive(Clone, Debug)]
pub struct Line {
    pub product: Option<i64>,
    pub description: String,
    pub quantity_millionths: i64,
    pub unit_price: i64,
    pub tax: i64,
    pub total: i64,
}

/// Reads member `lines`; `currency` counts where an amount names none.
///
/// # Errors
/// Faults by line, such as `lines.0.quantity`.
pub async fn read(call: &Call<'_>, tx: &DatabaseTransaction, currency: &str) -> Result<Lines, Failure> {
    let inputs = members::list(call.input, "lines").unwrap_or_default();
    if inputs.is_empty() {
        return Err(fault(Code::Required, "lines", "An invoice has at least one line."));
    }
    let mut lines = Vec::with_capacity(inputs.len());
    let mut common = None;
    for (index, input) in inputs.iter().enumerate() {
        let path = format!("lines.{index}");
        let (line, currency) = line(call, tx, input, &path, currency).await?;
        if *common.get_or_insert_with(|| currency.clone()) != currency {
            return Err(fault(Code::Invalid, &format!("{path}.unitPrice"), "All lines are in one currency."));
        }
        lines.push(line);
    }
    let sums = arithmetic::sums(lines.iter().map(|line| (line.total, line.tax)))
        .filter(|sums| sums.total >= 0)
        .ok_or_else(|| fault(Code::Invalid, "lines", "The total must be zero or more, and fit 64 bits."))?;
    Ok(Lines { items: lines, currency: common.unwrap_or_default(), sums })
}

async fn line(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    input: &Value,
    path: &str,
    currency: &str,
) -> Result<(Line, String), Failure> {
    let product = product_of(call, tx, input, path).await?;
    let description = match (members::words(input, "description"), &product) {
        (Some(text), _) => text.to_owned(),
        (None, Some(product)) => product.name.clone(),
        (None, None) => return Err(fault(Code::Required, &format!("{path}.description"), "Say what is billed.")),
    };
    let price = price(input, path, product.as_ref(), currency)?;
    let quantity_millionths = quantity(input, path)?;
    let total = arithmetic::line_total(quantity_millionths, price.minor)
        .ok_or_else(|| fault(Code::Invalid, &format!("{path}.quantity"), "The price of all does not fit 64 bits."))?;
    let line = Line {
        product: product.map(|product| product.id),
        description,
        quantity_millionths,
        unit_price: price.minor,
        tax: tax(input, path, &price.currency)?,
        total,
    };
    Ok((line, price.currency))
}

async fn product_of(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    input: &Value,
    path: &str,
) -> Result<Option<product::Model>, Failure> {
    let Some(value) = members::present(input, "product") else { return Ok(None) };
    let field = format!("{path}.product");
    let number = call.resolve(tx, value, &field, "Product").await?;
    Ok(product::Entity::find_by_id(number).one(tx).await?)
}

fn quantity(input: &Value, path: &str) -> Result<i64, Failure> {
    members::present(input, "quantity")
        .and_then(amount::decimal)
        .and_then(arithmetic::millionths)
        .filter(|quantity| *quantity > 0)
        .ok_or_else(|| {
            let message = "A quantity is greater than zero and has at most six decimal places.";
            fault(Code::Invalid, &format!("{path}.quantity"), message)
        })
}

fn price(input: &Value, path: &str, product: Option<&product::Model>, currency: &str) -> Result<Amount, Failure> {
    let field = format!("{path}.unitPrice");
    if let Some(value) = members::present(input, "unitPrice") {
        return amount::read(value, &field, currency);
    }
    let own = product.and_then(|product| Some((product.price_minor?, product.price_currency.clone()?)));
    match own {
        Some((minor, currency)) => Ok(Amount { minor, currency }),
        None => Err(fault(Code::Required, &field, "Say the price of one; the product has none.")),
    }
}

fn tax(input: &Value, path: &str, currency: &str) -> Result<i64, Failure> {
    let Some(value) = members::present(input, "tax") else { return Ok(0) };
    let field = format!("{path}.tax");
    let tax = amount::read(value, &field, currency)?;
    if tax.currency != currency || tax.minor < 0 {
        return Err(fault(Code::Invalid, &field, "Tax is zero or more, in the currency of the price."));
    }
    Ok(tax.minor)
}

/// Puts lines in place of those that an invoice has.
///
/// # Errors
/// The database is out of reach.
pub async fn replace(tx: &DatabaseTransaction, invoice: i64, lines: &Lines) -> Result<(), Error> {
    invoice_line::Entity::delete_many().filter(invoice_line::Column::InvoiceId.eq(invoice)).exec(tx).await?;
    let rows = lines.items.iter().zip(1..).map(|(line, position)| invoice_line::ActiveModel {
        invoice_id: Set(invoice),
        position: Set(position),
        description: Set(line.description.clone()),
        product_id: Set(line.product),
        quantity_millionths: Set(line.quantity_millionths),
        unit_price_minor: Set(line.unit_price),
        tax_minor: Set(line.tax),
        total_minor: Set(line.total),
        currency: Set(lines.currency.clone()),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    // Databases limit the parameters of one statement.
    for some in rows.chunks(500) {
        invoice_line::Entity::insert_many(some.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}
