//! Texts of a batch that must be values of look-up lists, and custom fields that must be known.

use async_graphql::{Name, Value};
use groupgraph_entities::{client, custom_field, lookup_value};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::{
    choice,
    compare::key,
    error::{Code, Error, UserError},
    members,
};

/// The object that a text is in, its name, and its list.
const LISTED: [(&str, &str, &str); 3] = [
    ("primaryContact", "title", "Titles"),
    ("address", "region", "Regions"),
    ("address", "municipality", "Municipalities"),
];

/// A row with its texts as their lists have them, and faults for those that are no values; a municipality must be one
/// of the region.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn resolve(
    tx: &DatabaseTransaction,
    row: &Value,
    stored: Option<&client::Model>,
) -> Result<(Value, Vec<UserError>), Error> {
    let (mut row, mut faults) = (row.clone(), Vec::new());
    let mut region = stored.and_then(|client| client.address_region.clone());
    for (outer, name, category) in LISTED {
        let Some(text) = members::present(&row, outer).and_then(|outer| members::words(outer, name)) else { continue };
        let path = format!("{outer}.{name}");
        let Some(value) = choice::named(tx, category, text).await? else {
            faults.push(UserError::new(Code::UnknownValue, &path, format!("\"{category}\" has no such value.")));
            continue;
        };
        if name == "municipality" && !is_within(&value, region.as_deref()) {
            faults.push(UserError::new(Code::UnknownValue, &path, "The municipality is in another region."));
        }
        if name == "region" {
            region = Some(value.name.clone());
        }
        put(&mut row, (outer, name), value.name);
    }
    Ok((row, faults))
}

fn put(row: &mut Value, (outer, name): (&str, &str), text: String) {
    if let Value::Object(members) = row
        && let Some(Value::Object(inner)) = members.get_mut(outer)
    {
        inner.insert(Name::new(name), text.into());
    }
}

fn is_within(municipality: &lookup_value::Model, region: Option<&str>) -> bool {
    let own = municipality.details.as_ref().and_then(|details| details.get("region")?.as_str());
    match (own, region) {
        (Some(own), Some(region)) => key(own) == key(region),
        _ => true,
    }
}

/// Custom fields that clients of the company do not have, or whose values are of another kind.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn custom_fields(tx: &DatabaseTransaction, row: &Value, tenant: i64) -> Result<Vec<UserError>, Error> {
    let Some(given) = members::present(row, "customFields") else { return Ok(Vec::new()) };
    let Value::Object(given) = given else {
        return Ok(vec![UserError::new(Code::Invalid, "customFields", "Custom fields are an object.")]);
    };
    let known = custom_field::Entity::find()
        .filter(custom_field::Column::TenantId.eq(tenant))
        .filter(custom_field::Column::Subject.eq("CLIENT"))
        .all(tx)
        .await?;
    let fault = |(name, value): (&Name, &Value)| {
        let path = format!("customFields.{name}");
        match known.iter().find(|field| field.name == name.as_str()) {
            None => Some(UserError::new(Code::UnknownValue, &path, format!("There is no custom field \"{name}\"."))),
            Some(field) if !fits(&field.kind, value) => {
                let kind = field.kind.to_lowercase();
                Some(UserError::new(Code::Invalid, &path, format!("The custom field \"{name}\" is a {kind}.")))
            }
            Some(_) => None,
        }
    };
    Ok(given.iter().filter_map(fault).collect())
}

fn fits(kind: &str, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null)
        | ("NUMBER", Value::Number(_))
        | ("BOOLEAN", Value::Boolean(_))
        | ("TEXT", Value::String(_)) => true,
        ("DATE", Value::String(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::fits;

    #[test]
    fn values_are_of_their_kind() {
        for (kind, value, expected) in [
            ("TEXT", value!("a"), true),
            ("TEXT", value!(1), false),
            ("NUMBER", value!(1.5), true),
            ("NUMBER", value!("1"), false),
            ("DATE", value!("2026-05-19"), true),
            ("DATE", value!("soon"), false),
            ("BOOLEAN", value!(true), true),
            ("BOOLEAN", value!("yes"), false),
            ("BOOLEAN", value!(null), true),
        ] {
            assert_eq!(fits(kind, &value), expected, "{kind} {value}");
        }
    }
}
