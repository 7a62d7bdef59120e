//! How an answer is written, compiled from the selection of an operation and its `@as`. It must not know requests.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    ExecutableDocument, Schema,
    executable::{Field, Selection, SelectionSet},
    schema::ExtendedType,
};

use crate::{
    directive::{Arguments, form_names},
    literal,
    system::Settings,
};

/// Members of an object, in the order of the selection.
pub type Shape = Vec<Member>;

/// A member of an object of the answer, by its response key.
#[derive(Clone, Debug)]
pub struct Member {
    pub key: String,
    pub node: Node,
    /// Whether it can be absent: `@include` or `@skip`.
    pub is_conditional: bool,
}

/// What happens to a value.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each form stands for itself")]
pub struct Node {
    pub role: Role,
    pub is_spread: bool,
    pub is_pick: bool,
    pub is_keyed: bool,
    pub leaves: Vec<Leaf>,
    /// JSON in the place of null.
    pub if_null: Option<String>,
    pub members: Shape,
    /// Whether all of it is copied as it is.
    pub is_plain: bool,
    pub of: Output,
}

/// Whether a value is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Shown,
    /// The payload of a mutation without a form: only its failures matter.
    Hidden,
    /// The failures of a mutation.
    Failures,
}

/// What is done to a scalar.
#[derive(Clone, Debug)]
pub enum Leaf {
    Number,
    Flag,
    /// JSON by name.
    Word(Arc<HashMap<String, String>>),
    Day,
    Local,
    /// What stands before the number.
    Prefix(String),
}

/// The type of a value in the schema, for the documentation and for missing rows.
#[derive(Clone, Debug, Default)]
pub struct Output {
    pub name: String,
    pub is_list: bool,
    pub is_nullable: bool,
    pub description: Option<String>,
}

/// Compiles selections of one operation.
pub struct Compiler<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    pub settings: &'a Settings,
    /// What is wrong, with the field that it is about.
    pub problems: Vec<(Option<apollo_compiler::parser::SourceSpan>, String)>,
}

impl Compiler<'_> {
    /// The members of a selection.
    pub fn set(&mut self, set: &SelectionSet) -> Shape {
        let mut shape = Shape::new();
        self.add(set, false, &mut shape);
        shape
    }

    /// Adds the members of a selection, fragments written out; equal keys are one member.
    fn add(&mut self, set: &SelectionSet, is_conditional: bool, shape: &mut Shape) {
        for selection in &set.selections {
            let directives = selection.directives();
            let is_conditional = is_conditional || directives.has("include") || directives.has("skip");
            match selection {
                Selection::Field(field) => {
                    let node = self.node(field);
                    let key = field.response_key().to_string();
                    match shape.iter_mut().find(|member| member.key == key) {
                        Some(known) => known.node.members.extend(
                            node.members
                                .into_iter()
                                .filter(|new| known.node.members.iter().all(|old| old.key != new.key))
                                .collect::<Vec<_>>(),
                        ),
                        None => shape.push(Member { key, node, is_conditional }),
                    }
                }
                Selection::InlineFragment(inline) => self.add(&inline.selection_set, is_conditional, shape),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.add(&fragment.selection_set, is_conditional, shape);
                    }
                }
            }
        }
    }

    fn node(&mut self, field: &Field) -> Node {
        let mut node = Node { of: output(field), members: self.set(&field.selection_set), ..Node::default() };
        if let Some(directive) = field.directives.get("as") {
            let arguments = Arguments(directive);
            node.if_null = arguments.value("ifNull").map(|value| literal::json(value));
            for form in form_names(directive) {
                self.apply(&form, field, &arguments, &mut node);
            }
        }
        if node.is_pick {
            self.push_down(field, &mut node);
        }
        node.is_plain = is_plain(&node);
        node
    }

    fn apply(&mut self, form: &str, field: &Field, arguments: &Arguments<'_>, node: &mut Node) {
        match form {
            "SPREAD" => node.is_spread = true,
            "PICK" => node.is_pick = true,
            "KEYED" => node.is_keyed = true,
            "NUMBER" => node.leaves.push(Leaf::Number),
            "FLAG" => node.leaves.push(Leaf::Flag),
            "DAY" => node.leaves.push(Leaf::Day),
            "LOCAL" => node.leaves.push(Leaf::Local),
            "PREFIX" => node.leaves.push(Leaf::Prefix(arguments.text("prefix").unwrap_or_default())),
            _ => {
                let table = arguments.text("words").unwrap_or_else(|| node.of.name.clone());
                match self.words(&table, field) {
                    Ok(words) => node.leaves.push(Leaf::Word(Arc::new(words))),
                    Err(problem) => self.problems.push((field.name.location(), problem)),
                }
            }
        }
        if node.is_spread && node.of.is_list {
            self.problems.push((field.name.location(), format!("{}: a list cannot be spread.", field.name)));
        }
    }

    /// The words of a table, complete for the values that the field can have.
    fn words(&self, table: &str, field: &Field) -> Result<HashMap<String, String>, String> {
        let Some(words) = self.settings.words.get(table) else {
            return Err(format!("system.toml has no table words.{table}."));
        };
        if let Some(ExtendedType::Enum(of)) = self.schema.types.get(field.ty().inner_named_type()) {
            let missing: Vec<_> = of.values.keys().filter(|value| !words.contains_key(value.as_str())).collect();
            if !missing.is_empty() && !words.contains_key(OTHERS) {
                return Err(format!("words.{table} lacks {missing:?}."));
            }
        }
        Ok(words.iter().map(|(name, word)| (name.clone(), word.to_string())).collect())
    }

    /// What is done to a picked value is done to the member that is picked.
    fn push_down(&mut self, field: &Field, node: &mut Node) {
        let leaves = std::mem::take(&mut node.leaves);
        let [member] = &mut node.members[..] else {
            let message = format!("{}: PICK takes the only member of an object.", field.name);
            self.problems.push((field.name.location(), message));
            return;
        };
        member.node.leaves.extend(leaves);
        if member.node.if_null.is_none() {
            member.node.if_null.clone_from(&node.if_null);
        }
        member.node.is_plain = is_plain(&member.node);
    }
}

fn is_plain(node: &Node) -> bool {
    let is_changed = node.is_spread || node.is_pick || node.is_keyed || node.if_null.is_some();
    let is_whole = |member: &Member| member.node.is_plain && member.node.role == Role::Shown;
    !is_changed && node.leaves.is_empty() && node.members.iter().all(is_whole)
}

fn output(field: &Field) -> Output {
    Output {
        name: field.ty().inner_named_type().to_string(),
        is_list: field.ty().is_list(),
        is_nullable: !field.ty().is_non_null(),
        description: field.definition.description.as_ref().map(ToString::to_string),
    }
}

/// The name that stands for all values that a table of words does not name.
pub const OTHERS: &str = "*";

/// Adds what the answer of a mutation must be asked for besides: its failures. Root fields without a form are hidden.
pub fn mark_payloads(shape: &mut Shape) {
    for member in shape {
        let node = &mut member.node;
        if !node.is_spread && !node.is_pick {
            node.role = Role::Hidden;
        }
        for inner in &mut node.members {
            if inner.key == FAILURES {
                inner.node.role = Role::Failures;
            }
        }
        node.is_plain = false;
    }
}

/// Has all objects looked into, since members of them may be left out.
pub fn look_inside(shape: &mut Shape) {
    for node in shape.iter_mut().map(|member| &mut member.node).filter(|node| !node.members.is_empty()) {
        node.is_plain = false;
        look_inside(&mut node.members);
    }
}

/// Response key of the failures of a mutation.
pub const FAILURES: &str = "_failures";

/// The keys that an object has in the end, spread members written out; the second of two equal ones is a problem.
#[must_use]
pub fn repeated(shape: &Shape) -> Option<String> {
    let mut seen = HashMap::new();
    find_repeated(shape, false, &mut seen).or_else(|| {
        shape.iter().filter(|member| !member.node.is_spread).find_map(|member| repeated(&member.node.members))
    })
}

fn find_repeated(shape: &Shape, is_conditional: bool, seen: &mut HashMap<String, bool>) -> Option<String> {
    shape.iter().filter(|member| member.node.role == Role::Shown).find_map(|member| {
        let is_conditional = is_conditional || member.is_conditional;
        if member.node.is_spread {
            return find_repeated(&member.node.members, is_conditional, seen);
        }
        let known = seen.insert(member.key.clone(), is_conditional);
        (known == Some(false) || (known.is_some() && !is_conditional)).then(|| member.key.clone())
    })
}
