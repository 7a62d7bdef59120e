//! Our fields in a foreign operation: an alias names each, `owner__name` or `owner { name }` a member of an object.
//! It must not know answers.

use std::{collections::BTreeMap, sync::Arc};

use super::{MappingFault, conversion::Conversion, operation::Selected};
use crate::federation::{
    collection::Collection,
    contract::{self, Place},
    question::Kind,
};

/// Where one of our leaves is found.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Foreign fields from the row down to the value, with their arguments; none for a constant.
    pub steps: Vec<String>,
    pub conversion: Option<Arc<Conversion>>,
    pub kind: Kind,
    pub is_nullable: bool,
    pub is_list: bool,
}

/// The leaves that are selected of a row, and those that are constant.
///
/// # Errors
/// A name is none of ours, or a conversion cannot yield its field.
pub fn leaves(
    collection: Collection,
    selected: &[Selected],
    mut conversions: BTreeMap<String, Conversion>,
) -> Result<BTreeMap<String, Leaf>, MappingFault> {
    let mut found = BTreeMap::new();
    let mut walk = Walk { collection, found: &mut found, conversions: &mut conversions };
    for field in selected {
        walk.field(field, "", &[])?;
    }
    for (path, conversion) in conversions {
        let Conversion::Constant(_) = conversion else {
            return Err(MappingFault::new("conversions", format!("The document has no field {path} to convert.")));
        };
        let Some(Place::Leaf { kind, is_list, is_nullable }) = contract::place(collection, &path) else {
            return Err(no_field(collection, "conversions", &path));
        };
        let json = conversion.apply("null").unwrap_or_default();
        if is_list || !kind.holds(&json) {
            return Err(MappingFault::new("conversions", format!("{json} is no value of {path}.")));
        }
        let conversion = Some(Arc::new(conversion));
        found.insert(path, Leaf { steps: Vec::new(), conversion, kind, is_nullable, is_list });
    }
    Ok(found)
}

struct Walk<'a> {
    collection: Collection,
    found: &'a mut BTreeMap<String, Leaf>,
    conversions: &'a mut BTreeMap<String, Conversion>,
}

impl Walk<'_> {
    fn field(&mut self, field: &Selected, within: &str, steps: &[String]) -> Result<(), MappingFault> {
        let name = field.key.replace("__", ".");
        let path = if within.is_empty() { name } else { format!("{within}.{name}") };
        let steps = [steps, std::slice::from_ref(&field.call)].concat();
        match contract::place(self.collection, &path) {
            None => Err(no_field(self.collection, "document", &path)),
            Some(Place::Object) if field.members.is_empty() => {
                Err(MappingFault::new("document", format!("{path} is an object: select its members.")))
            }
            Some(Place::Object) => field.members.iter().try_for_each(|member| self.field(member, &path, &steps)),
            Some(Place::Leaf { kind, is_list, is_nullable }) => {
                let conversion = self.conversions.remove(&path);
                if let Some(conversion) = &conversion {
                    check_conversion(conversion, &kind, is_list, &path)?;
                }
                let steps = down(field, steps, &path)?;
                let conversion = conversion.map(Arc::new);
                self.found.insert(path, Leaf { steps, conversion, kind, is_nullable, is_list });
                Ok(())
            }
        }
    }
}

/// Steps into objects that hold nothing but the value.
fn down(field: &Selected, mut steps: Vec<String>, path: &str) -> Result<Vec<String>, MappingFault> {
    let mut current = field;
    while let Some(only) = current.members.first() {
        if current.members.len() > 1 {
            return Err(MappingFault::new("document", format!("{path} is one value: select one member only.")));
        }
        steps.push(only.call.clone());
        current = only;
    }
    Ok(steps)
}

fn check_conversion(conversion: &Conversion, kind: &Kind, is_list: bool, path: &str) -> Result<(), MappingFault> {
    let is_fit = match (conversion, kind) {
        _ if is_list => false,
        (Conversion::Words(words), _) => {
            words.values().all(|word| kind.holds(&serde_json::Value::from(word.as_str()).to_string()))
        }
        (Conversion::AssignedNumber, Kind::Int) => path == "number" || path.ends_with(".number"),
        (Conversion::Number, Kind::Int | Kind::Long | Kind::Float)
        | (Conversion::TrailingDigits, Kind::Int | Kind::Long)
        | (Conversion::MinorUnits(_), Kind::Long)
        | (Conversion::Boolean, Kind::Boolean)
        | (
            Conversion::Text
            | Conversion::UnixSeconds
            | Conversion::UnixMilliseconds
            | Conversion::Utc
            | Conversion::Day
            | Conversion::MajorUnits(_),
            Kind::Text,
        ) => true,
        _ => false,
    };
    if is_fit { Ok(()) } else { Err(MappingFault::new("conversions", format!("This cannot make values of {path}."))) }
}

fn no_field(collection: Collection, member: &'static str, path: &str) -> MappingFault {
    MappingFault::new(member, format!("{} has no field {path} that sources answer.", collection.type_name()))
}
