//! Products with variants and prices. It must not know who buys them.

use groupgraph_entities::{price, price_list, product, product_category, variant};
use sea_orm::ActiveValue::Set;

use super::{
    company::{Article, Company},
    words::{Family, letters},
};

/// How far the price of each variant is on the way from the lowest to the highest, in percent.
const STEPS: [i64; 5] = [0, 8, 24, 52, 100];
/// What the wholesale list takes off, in percent.
const DISCOUNT: i64 = 12;

/// Adds the price lists, the categories and the products.
pub fn products(company: &mut Company) {
    for (name, is_default) in [("Standard prices", true), ("Wholesale prices", false)] {
        let id = company.book.price_list.next();
        company.book.price_list.push(price_list::ActiveModel {
            id: Set(id),
            tenant_id: Set(company.tenant),
            name: Set(name.into()),
            currency: Set(company.currency()),
            is_default: Set(is_default),
        });
    }
    for (family, position) in company.profile.products.iter().zip(1..) {
        let category = company.book.product_category.next();
        company.book.product_category.push(product_category::ActiveModel {
            id: Set(category),
            tenant_id: Set(company.tenant),
            name: Set(family.category.clone()),
            position: Set(Some(position)),
            is_active: Set(true),
            ..Default::default()
        });
        for name in &family.names {
            for (place, variant) in family.variants.iter().enumerate() {
                if company.products.len() < company.counts.products {
                    add(company, (family, category), name, (place, variant));
                }
            }
        }
    }
}

fn add(company: &mut Company, (family, category): (&Family, i64), name: &str, (place, variant): (usize, &str)) {
    let number = company.book.product.next();
    let name = format!("{name}, {variant}");
    let amount = amount(company, family, place);
    let prefix: String = letters(&family.category).chars().take(3).collect::<String>().to_uppercase();
    let sku = format!("{prefix}-{:04}", 1000 + number);
    let (created, currency) = (company.ago(360), company.currency());
    let updated = company.since(200, created);
    company.book.product.push(product::ActiveModel {
        id: Set(number),
        tenant_id: Set(company.tenant),
        name: Set(name.clone()),
        description: Set(Some(format!("{name}. Sold by {}.", family.unit.to_lowercase()))),
        category_id: Set(Some(category)),
        sku: Set(Some(sku.clone())),
        price_minor: Set(Some(amount)),
        price_currency: Set(Some(currency.clone())),
        is_active: Set(true),
        created_at: Set(created),
        updated_at: Set(updated),
        ..Default::default()
    });
    let default = company.book.variant.next();
    company.book.variant.push(variant::ActiveModel {
        id: Set(default),
        product_id: Set(number),
        name: Set("Default".into()),
        sku: Set(Some(sku)),
        is_default: Set(true),
        is_active: Set(true),
        ..Default::default()
    });
    let step = company.profile.price_step_minor;
    for (list, amount) in [(1, amount), (2, (amount * (100 - DISCOUNT) / 100 / step).max(1) * step)] {
        let id = company.book.price.next();
        company.book.price.push(price::ActiveModel {
            id: Set(id),
            variant_id: Set(default),
            price_list_id: Set(list),
            amount_minor: Set(amount),
            currency: Set(currency.clone()),
        });
    }
    company.products.push(Article { number, name, price: amount });
}

/// A price in minor units, with some difference between products of a family.
fn amount(company: &mut Company, family: &Family, place: usize) -> i64 {
    let step = company.profile.price_step_minor;
    let way = STEPS[place.min(STEPS.len() - 1)];
    let plain = family.low * 100 + (family.high - family.low) * way;
    (plain * company.draw.between(85, 118) / 100 / step).max(1) * step
}
