//! Lists whose query strings name fields: every other parameter is a condition, a page or an order by convention, and
//! the envelope is one of nine. It must not know single endpoints.

mod conditions;
mod envelope;
mod page;

use apollo_compiler::ast::VariableDefinition;
use async_graphql::{Name, Value as Graphql, Variables};
use serde_json::{Map, Value};

pub use self::{envelope::Envelope, page::Page};
use crate::{
    bind::text,
    failure::{Failure, WRONG},
    input::{Inputs, Named},
};

/// The variables of such a list; what else an operation declares comes from where it says.
const VARIABLES: [&str; 6] = ["filter", "orderBy", "first", "skip", "search", "populate"];

/// A list by convention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub envelope: Envelope,
    /// Input types of the conditions and of the order; none where the list has none.
    pub filter: Option<String>,
    pub order: Option<String>,
}

impl Listing {
    /// Of an operation's envelope and variables.
    ///
    /// # Errors
    /// A sentence: there is no such envelope, or the list cannot be paged.
    pub fn of<'a>(envelope: &str, variables: impl Iterator<Item = &'a VariableDefinition>) -> Result<Self, String> {
        let envelope = Envelope::named(envelope).ok_or_else(|| format!("There is no envelope {envelope}."))?;
        let variables: Vec<_> = variables.collect();
        let find = |name: &str| variables.iter().find(|variable| variable.name == name);
        let of = |name: &str| find(name).map(|variable| variable.ty.inner_named_type().to_string());
        if find("first").is_none() || find("skip").is_none() {
            return Err("`listing` takes the variables $first and $skip.".to_owned());
        }
        Ok(Self { envelope, filter: of("filter"), order: of("orderBy") })
    }

    /// Whether a variable is one of the convention.
    #[must_use]
    pub fn is_own(variable: &str) -> bool {
        VARIABLES.contains(&variable)
    }

    /// The variables that a query string means, and the page.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn bind(
        &self,
        inputs: &Inputs,
        query: &Map<String, Value>,
        is_other: impl Fn(&str) -> bool,
    ) -> Result<(Variables, Page), Vec<Failure>> {
        let page = page::read(self.envelope, query)?;
        let mut variables = Variables::default();
        let mut set = |name: &str, value: Graphql| variables.insert(Name::new(name), value);
        set("first", page.size.into());
        set("skip", page.skip.into());
        if let Some(Value::String(text)) = query.get("search").filter(|text| **text != "") {
            set("search", text.clone().into());
        }
        let mut populate = query.get("populatedKeys").map(conditions::texts).unwrap_or_default();
        populate.extend(query.iter().filter(|(name, value)| is_shown_with(name, value)).map(|(name, _)| name.clone()));
        set("populate", Graphql::List(populate.into_iter().map(Graphql::from).collect()));
        if let Some(filter) = &self.filter {
            set("filter", conditions::read(inputs, filter, query, is_other)?);
        }
        if let Some(order) = &self.order {
            set("orderBy", self.order(inputs, order, query)?);
        }
        Ok((variables, page))
    }

    /// The order: `sortBy` as a list of fields, or `sort` with a direction beside it.
    fn order(&self, inputs: &Inputs, order: &str, query: &Map<String, Value>) -> Result<Graphql, Vec<Failure>> {
        let field_type = order.strip_suffix("Order").unwrap_or(order).to_owned() + "OrderField";
        let Some(Named::Enum(known)) = inputs.get(&field_type) else { return Ok(Graphql::List(Vec::new())) };
        let term = |name: &str, is_down: bool| {
            let word = word(name);
            let direction = if is_down { "DESC" } else { "ASC" };
            known.contains(&word).then(|| {
                let members = [("field", word.as_str()), ("direction", direction)];
                let members = members.map(|(name, word)| (Name::new(name), Graphql::Enum(Name::new(word))));
                Graphql::Object(members.into_iter().collect())
            })
        };
        let mut terms = Vec::new();
        for (name, is_down) in page::sorts(query)? {
            let wrong =
                || vec![Failure::of(WRONG, "sort", &format!("names {name}, which this list cannot be sorted by"))];
            terms.push(term(&name, is_down).ok_or_else(wrong)?);
        }
        if terms.is_empty() {
            terms.extend(term("_id", self.envelope != Envelope::A));
        }
        Ok(Graphql::List(terms))
    }
}

/// Whether a parameter such as `withFamily=true` asks for what refers to the records.
fn is_shown_with(name: &str, value: &Value) -> bool {
    let is_named = name.strip_prefix("with").is_some_and(|rest| rest.starts_with(|letter: char| letter.is_uppercase()));
    is_named && ["true", "1"].contains(&text::of(value).as_str())
}

/// A field as the schema's enum writes it; rows have their numbers in the order of their making.
fn word(name: &str) -> String {
    match name {
        "_id" => return "NUMBER".to_owned(),
        "modifiedAt" | "updated_at" => return "UPDATED_AT".to_owned(),
        _ => {}
    }
    let mut word = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}
