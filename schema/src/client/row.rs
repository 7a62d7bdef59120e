//! A row of a batch as its sender means it, before anything is checked. Pure: it must not know the database.

use async_graphql::{Name, Value, indexmap::IndexMap};

use crate::members;

/// Amounts of a row: the object that they are in, if any, and their own name.
const AMOUNTS: [(Option<&str>, &str); 4] =
    [(None, "openingBalance"), (None, "creditLimit"), (Some("deal"), "value"), (Some("subscription"), "price")];
/// Members of a subscription that make it more than a day.
const PRODUCT: [&str; 5] = ["product", "price", "unit", "startOn", "referenceNumber"];

/// A row with what follows from its other members: the currency of amounts that name none, the billing day that
/// serves for product and client, the scheme of a web address.
#[must_use]
pub(super) fn complete(row: &Value, currency: Option<&str>) -> Value {
    let mut row = row.clone();
    let Value::Object(members) = &mut row else { return row };
    if let Some(currency) = currency {
        for (outer, name) in AMOUNTS {
            let within = match outer {
                Some(outer) => object(members, outer),
                None => Some(&mut *members),
            };
            if let Some(amount) = within.and_then(|members| object(members, name))
                && has_amount(amount)
            {
                amount.entry(Name::new("currency")).or_insert_with(|| currency.into());
            }
        }
    }
    one_billing_day(members);
    if let Some(Value::String(site)) = members.get_mut("website")
        && !site.contains("://")
        && site.contains('.')
    {
        *site = format!("https://{}", site.trim());
    }
    row
}

fn object<'a>(members: &'a mut IndexMap<Name, Value>, name: &str) -> Option<&'a mut IndexMap<Name, Value>> {
    match members.get_mut(name) {
        Some(Value::Object(inner)) => Some(inner),
        _ => None,
    }
}

fn has_amount(amount: &IndexMap<Name, Value>) -> bool {
    ["amount", "amountMinor"].iter().any(|name| amount.get(*name).is_some_and(|value| *value != Value::Null))
}

/// A billing day without a product is that of the client.
fn one_billing_day(members: &mut IndexMap<Name, Value>) {
    let Some(subscription) = members.get("subscription") else { return };
    let has_product = PRODUCT.iter().any(|name| members::present(subscription, name).is_some());
    let Some(day) = members::present(subscription, "billingDay").cloned() else { return };
    if !has_product {
        members.shift_remove("subscription");
        members.entry(Name::new("defaultBillingDay")).or_insert(day);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn amounts_get_a_currency() {
        let row =
            value!({ "openingBalance": { "amount": "5" }, "deal": { "value": { "amount": "1", "currency": "USD" } } });
        let expected = value!({
            "openingBalance": { "amount": "5", "currency": "ZAR" },
            "deal": { "value": { "amount": "1", "currency": "USD" } },
        });
        assert_eq!(complete(&row, Some("ZAR")), expected);
        assert_eq!(complete(&row, None), row);
    }

    #[test]
    fn a_day_without_a_product_is_the_clients() {
        let row = value!({ "subscription": { "billingDay": 5 } });
        assert_eq!(complete(&row, None), value!({ "defaultBillingDay": 5 }));
        let both = value!({ "subscription": { "billingDay": 5, "product": { "name": "A" } } });
        assert_eq!(complete(&both, None), both);
    }

    #[test]
    fn a_web_address_gets_a_scheme() {
        for (given, kept) in [
            ("www.a.example", "https://www.a.example"),
            ("http://a.example", "http://a.example"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(complete(&value!({ "website": (given) }), None), value!({ "website": (kept) }));
        }
    }
}
