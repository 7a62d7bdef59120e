//! The outline of a GraphQL schema: its types, fields and arguments, read from SDL or from an introspection answer.
//! It must not know which schema it is or what is required of it.

use std::collections::HashMap;

use apollo_parser::{
    Parser,
    cst::{self, CstNode, Definition},
};
use serde::Deserialize;

/// The standard query for everything that an outline holds; `includeDeprecated` because deprecated fields answer too.
pub const INTROSPECTION: &str = "{__schema{queryType{name}types{kind name \
    fields(includeDeprecated:true){name args{name type{...T}}type{...T}}inputFields{name type{...T}}\
    enumValues(includeDeprecated:true){name}}}}fragment T on __Type{kind name ofType{kind name ofType{kind name \
    ofType{kind name ofType{kind name}}}}}";
/// Deepest nesting that is read: definitions of a schema nest by a few levels.
const RECURSION_LIMIT: usize = 64;

/// A schema without descriptions.
#[derive(Debug, Default)]
pub struct Outline {
    query: String,
    types: HashMap<String, TypeOutline>,
}

/// A type: fields of objects, interfaces and inputs, or words of an enum; both empty for scalars and unions.
#[derive(Debug, Default)]
pub struct TypeOutline {
    pub fields: Vec<FieldOutline>,
    pub words: Vec<Word>,
}

/// A field or an argument.
#[derive(Debug)]
pub struct FieldOutline {
    pub name: String,
    pub of: TypeReference,
    pub arguments: Vec<FieldOutline>,
    /// Whether it is marked `@required`; SDL only.
    pub is_required: bool,
}

/// A value of an enum.
#[derive(Debug)]
pub struct Word {
    pub name: String,
    /// Whether it is marked `@required`; SDL only.
    pub is_required: bool,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeReference {
    pub name: String,
    pub is_list: bool,
    pub is_nullable: bool,
}

/// Text that is no schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The schema cannot be read: {0}")]
pub struct Unreadable(String);

impl Outline {
    /// Reads SDL.
    ///
    /// # Errors
    /// The text is no SDL, or nests too deeply.
    pub fn from_sdl(sdl: &str) -> Result<Self, Unreadable> {
        let tree = Parser::new(sdl).recursion_limit(RECURSION_LIMIT).parse();
        if let Some(error) = tree.errors().next() {
            return Err(Unreadable(error.message().to_owned()));
        }
        let mut outline = Self { query: "Query".into(), ..Self::default() };
        for definition in tree.document().definitions() {
            outline.define(&definition);
        }
        Ok(outline)
    }

    /// Reads the `data` of an answer to `INTROSPECTION`.
    ///
    /// # Errors
    /// The text is no such answer.
    pub fn from_introspection(data: &str) -> Result<Self, Unreadable> {
        let answer: Introspection = serde_json::from_str(data).map_err(|error| Unreadable(error.to_string()))?;
        let types = answer.schema.types.into_iter().map(|of| (of.name.clone(), of.into_outline()));
        Ok(Self { query: answer.schema.query_type.name, types: types.collect() })
    }

    /// A type by name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&TypeOutline> {
        self.types.get(name)
    }

    /// The type of what can be asked.
    #[must_use]
    pub fn query(&self) -> Option<&TypeOutline> {
        self.named(&self.query)
    }

    fn define(&mut self, definition: &Definition) {
        match definition {
            Definition::SchemaDefinition(schema) => {
                let roots = schema.root_operation_type_definitions();
                let mut queries = roots
                    .filter(|root| root.operation_type().is_some_and(|operation| operation.query_token().is_some()));
                if let Some(name) = queries.next().and_then(|root| root.named_type()).map(|of| text(&of)) {
                    self.query = name;
                }
            }
            Definition::ObjectTypeDefinition(of) => self.add(of.name(), fields(of.fields_definition())),
            Definition::ObjectTypeExtension(of) => self.add(of.name(), fields(of.fields_definition())),
            Definition::InterfaceTypeDefinition(of) => self.add(of.name(), fields(of.fields_definition())),
            Definition::InputObjectTypeDefinition(of) => {
                let members = of.input_fields_definition().into_iter();
                let members = members.flat_map(|members| members.input_value_definitions());
                self.add(of.name(), members.filter_map(|member| input(&member)).collect());
            }
            Definition::EnumTypeDefinition(of) => {
                let values = of.enum_values_definition().into_iter().flat_map(|values| values.enum_value_definitions());
                let words = values.filter_map(|value| {
                    Some(Word { name: text(&value.enum_value()?), is_required: is_required(value.directives()) })
                });
                let words = words.collect();
                if let Some(name) = of.name() {
                    self.types.insert(text(&name), TypeOutline { words, fields: Vec::new() });
                }
            }
            Definition::ScalarTypeDefinition(of) => self.add(of.name(), Vec::new()),
            _ => {}
        }
    }

    fn add(&mut self, name: Option<cst::Name>, fields: Vec<FieldOutline>) {
        if let Some(name) = name {
            self.types.entry(text(&name)).or_default().fields.extend(fields);
        }
    }
}

impl TypeOutline {
    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldOutline> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether it is an enum with this value.
    #[must_use]
    pub fn has_word(&self, name: &str) -> bool {
        self.words.iter().any(|word| word.name == name)
    }
}

impl TypeReference {
    /// Reads a type as it stands in SDL, such as `[Staff!]!`.
    fn read(text: &str) -> Self {
        let is_nullable = !text.ends_with('!');
        let name = text.chars().filter(|character| !"[]! \n\t".contains(*character)).collect();
        Self { name, is_list: text.starts_with('['), is_nullable }
    }
}

fn fields(definition: Option<cst::FieldsDefinition>) -> Vec<FieldOutline> {
    let fields = definition.into_iter().flat_map(|fields| fields.field_definitions());
    let outline = |field: cst::FieldDefinition| {
        let arguments = field.arguments_definition().into_iter();
        let arguments = arguments.flat_map(|arguments| arguments.input_value_definitions());
        Some(FieldOutline {
            name: text(&field.name()?),
            of: TypeReference::read(&text(&field.ty()?)),
            arguments: arguments.filter_map(|argument| input(&argument)).collect(),
            is_required: is_required(field.directives()),
        })
    };
    fields.filter_map(outline).collect()
}

fn input(value: &cst::InputValueDefinition) -> Option<FieldOutline> {
    Some(FieldOutline {
        name: text(&value.name()?),
        of: TypeReference::read(&text(&value.ty()?)),
        arguments: Vec::new(),
        is_required: is_required(value.directives()),
    })
}

fn is_required(directives: Option<cst::Directives>) -> bool {
    let mut names = directives.into_iter().flat_map(|all| all.directives()).filter_map(|directive| directive.name());
    names.any(|name| text(&name) == "required")
}

fn text(node: &impl CstNode) -> String {
    node.source_string().trim().to_owned()
}

#[derive(Deserialize)]
struct Introspection {
    #[serde(rename = "__schema")]
    schema: SchemaAnswer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemaAnswer {
    query_type: NamedAnswer,
    types: Vec<TypeAnswer>,
}

#[derive(Deserialize)]
struct NamedAnswer {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeAnswer {
    name: String,
    fields: Option<Vec<FieldAnswer>>,
    input_fields: Option<Vec<FieldAnswer>>,
    enum_values: Option<Vec<NamedAnswer>>,
}

#[derive(Deserialize)]
struct FieldAnswer {
    name: String,
    #[serde(rename = "type")]
    of: ReferenceAnswer,
    #[serde(default)]
    args: Vec<FieldAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceAnswer {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<ReferenceAnswer>>,
}

impl TypeAnswer {
    fn into_outline(self) -> TypeOutline {
        let fields = self.fields.or(self.input_fields).unwrap_or_default();
        let words = self.enum_values.unwrap_or_default();
        TypeOutline {
            fields: fields.into_iter().map(FieldAnswer::into_outline).collect(),
            words: words.into_iter().map(|word| Word { name: word.name, is_required: false }).collect(),
        }
    }
}

impl FieldAnswer {
    fn into_outline(self) -> FieldOutline {
        FieldOutline {
            name: self.name,
            of: self.of.into_reference(),
            arguments: self.args.into_iter().map(Self::into_outline).collect(),
            is_required: false,
        }
    }
}

impl ReferenceAnswer {
    fn into_reference(self) -> TypeReference {
        let is_nullable = self.kind != "NON_NULL";
        let mut is_list = false;
        let mut current = self;
        loop {
            is_list |= current.kind == "LIST";
            match current.of_type {
                Some(inner) => current = *inner,
                None => return TypeReference { name: current.name.unwrap_or_default(), is_list, is_nullable },
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/outline.rs"]
mod tests;
