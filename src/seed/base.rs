//! What every instance needs, whatever the company: countries, roles and look-up lists.
//! It must not know people.

use std::collections::HashMap;

use groupgraph_entities::{country, lookup_category, lookup_value, role};
use groupgraph_schema::permission;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use serde_json::json;

use super::{book::Book, words::read};

/// One country a line: ISO 3166 code, calling code, name.
const COUNTRIES: &str = include_str!("data/countries.txt");

/// Numbers of the rows that others refer to.
#[derive(Default)]
pub struct Base {
    countries: HashMap<String, i64>,
    roles: HashMap<String, i64>,
    /// Values in the order of their lists, by category.
    lookups: HashMap<String, Vec<(String, i64)>>,
    /// Banks by country, with their first branch code.
    banks: HashMap<String, Vec<(i64, String)>>,
}

impl Base {
    /// The country of an ISO code.
    #[must_use]
    pub fn country(&self, code: &str) -> Option<i64> {
        self.countries.get(code).copied()
    }

    /// The role of a name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<i64> {
        self.roles.get(name).copied()
    }

    /// All values of a list.
    #[must_use]
    pub fn values(&self, category: &str) -> Vec<i64> {
        self.lookups.get(category).into_iter().flatten().map(|(_, number)| *number).collect()
    }

    /// The value of a name.
    #[must_use]
    pub fn value(&self, category: &str, name: &str) -> Option<i64> {
        let values = self.lookups.get(category)?;
        values.iter().find(|(found, _)| found == name).map(|(_, number)| *number)
    }

    /// Banks of a country with a branch code each.
    #[must_use]
    pub fn banks(&self, country: &str) -> &[(i64, String)] {
        self.banks.get(country).map_or(&[], Vec::as_slice)
    }
}

#[derive(Deserialize)]
struct Roles {
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    name: String,
    /// Permission words; an asterisk for all of them.
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Lookups {
    first: Vec<First>,
    /// Values with data of their own, of lists that may have others already.
    details: Vec<First>,
    categories: Vec<Category>,
    banks: Vec<Bank>,
}

#[derive(Deserialize)]
struct First {
    category: String,
    name: String,
    details: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Category {
    name: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
struct Bank {
    name: String,
    country: String,
    branch_codes: Vec<String>,
}

/// Puts everything into an empty book.
pub fn write(book: &mut Book) -> Base {
    let mut base = Base::default();
    countries(book, &mut base);
    roles(book, &mut base);
    lookups(book, &mut base);
    base
}

fn countries(book: &mut Book, base: &mut Base) {
    for line in COUNTRIES.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(code), Some(calling_code), Some(name)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let number = book.country.next();
        book.country.push(country::ActiveModel {
            id: Set(number),
            code: Set(code.into()),
            name: Set(name.into()),
            calling_code: Set(Some(calling_code.into())),
        });
        base.countries.insert(code.into(), number);
    }
}

fn roles(book: &mut Book, base: &mut Base) {
    for Role { name, permissions } in read::<Roles>(include_str!("data/roles.toml")).roles {
        let words: Vec<&str> = if permissions.iter().any(|word| word == "*") {
            permission::WORDS.iter().map(|(word, _)| *word).collect()
        } else {
            permissions.iter().map(String::as_str).collect()
        };
        let number = book.role.next();
        book.role.push(role::ActiveModel { id: Set(number), name: Set(name.clone()), permissions: Set(json!(words)) });
        base.roles.insert(name, number);
    }
}

fn lookups(book: &mut Book, base: &mut Base) {
    let Lookups { first, details, categories, banks } = read(include_str!("data/lookups.toml"));
    let mut list = Lists { book, base, categories: HashMap::new() };
    for First { category, name, details } in first {
        list.add(&category, name, details);
    }
    for Category { name, values } in categories {
        for value in values {
            list.add(&name, value, None);
        }
    }
    for First { category, name, details } in details {
        list.describe(&category, name, details);
    }
    for Bank { name, country, branch_codes } in banks {
        let Some(code) = branch_codes.first().cloned() else { continue };
        let details = json!({ "country": country, "branchCodes": branch_codes });
        let number = list.add("Banks", name, Some(details));
        list.base.banks.entry(country).or_default().push((number, code));
    }
}

struct Lists<'a> {
    book: &'a mut Book,
    base: &'a mut Base,
    categories: HashMap<String, i64>,
}

impl Lists<'_> {
    /// Gives a value its data; one that is not in its list is added.
    fn describe(&mut self, category: &str, name: String, details: Option<serde_json::Value>) {
        match self.base.value(category, &name) {
            Some(number) => self.book.lookup_value.row(number).details = Set(details),
            None => drop(self.add(category, name, details)),
        }
    }

    /// Adds a value at the end of its list, which is made if it is new.
    fn add(&mut self, category: &str, name: String, details: Option<serde_json::Value>) -> i64 {
        let list = *self.categories.entry(category.to_owned()).or_insert_with(|| {
            let number = self.book.lookup_category.next();
            let row = lookup_category::ActiveModel { id: Set(number), name: Set(category.into()) };
            self.book.lookup_category.push(row)
        });
        let known = self.base.lookups.entry(category.to_owned()).or_default();
        let number = self.book.lookup_value.next();
        self.book.lookup_value.push(lookup_value::ActiveModel {
            id: Set(number),
            category_id: Set(list),
            name: Set(name.clone()),
            position: Set(i32::try_from(known.len() + 1).ok()),
            is_active: Set(true),
            details: Set(details),
            list_number: Set(i32::try_from(known.len() + 1).ok()),
        });
        known.push((name, number));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_hold_known_words_only() {
        for role in read::<Roles>(include_str!("data/roles.toml")).roles {
            for word in role.permissions {
                assert!(word == "*" || permission::is_known(&word), "{}: {word}", role.name);
            }
        }
    }

    #[test]
    fn older_applications_find_their_numbers() {
        let base = write(&mut Book::default());
        assert_eq!(base.value("Locales", "English"), Some(1));
        assert_eq!(base.values("Weight Ranges").first(), Some(&2));
        assert_eq!(base.values("Ecommerce Types").first(), Some(&3));
        for (list, number) in
            [("Ecommerce Types", 3), ("Content Types", 1), ("Partner Types", 2), ("Partner Origins", 1)]
        {
            assert!(base.values(list).len() >= number, "{list} has a value {number}");
        }
    }
}
