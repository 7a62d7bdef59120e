//! The published SDL: the document without the directives that bind it to tables. It must not know tables.

use std::fmt::Write;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ConstDirective, DirectiveDefinition, FieldDefinition, InputValueDefinition, SchemaDefinition, TypeDefinition,
    TypeKind, TypeSystemDefinition,
};

use super::document::Document;

/// Directives that clients may see; all others bind the schema to tables and are left out.
const PUBLIC: [&str; 5] = ["needs", "anonymous", "key", "shareable", "link"];

/// Public directives that may stand several times; the parser takes every directive for one.
const REPEATABLE: [&str; 3] = ["needs", "key", "shareable"];

/// The whole schema as SDL.
#[must_use]
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    for other in &document.others {
        match other {
            TypeSystemDefinition::Schema(found) => schema(&mut out, &found.node),
            TypeSystemDefinition::Directive(found) if PUBLIC.contains(&found.node.name.node.as_str()) => {
                directive(&mut out, &found.node);
            }
            _ => {}
        }
    }
    for name in document.order.iter().filter(|name| !is_federation(name)) {
        definition(&mut out, &document.types[name]);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What routers of Apollo Federation add to every subgraph themselves.
fn is_federation(name: &str) -> bool {
    name.starts_with('_')
}

fn schema(out: &mut String, found: &SchemaDefinition) {
    out.push_str("schema");
    directives(out, &found.directives);
    out.push_str(" {\n");
    let roots = [("query", &found.query), ("mutation", &found.mutation), ("subscription", &found.subscription)];
    for (kind, name) in roots {
        if let Some(name) = name {
            let _ = writeln!(out, "  {kind}: {}", name.node);
        }
    }
    out.push_str("}\n\n");
}

fn directive(out: &mut String, found: &DirectiveDefinition) {
    description(out, "", found.description.as_ref());
    let _ = write!(out, "directive @{}", found.name.node);
    arguments(out, "", &found.arguments);
    out.push_str(if REPEATABLE.contains(&found.name.node.as_str()) { " repeatable on " } else { " on " });
    // The parser's own names of locations are in camel case.
    let places: Vec<String> = found.locations.iter().map(|place| upper_snake(&format!("{:?}", place.node))).collect();
    let _ = writeln!(out, "{}\n", places.join(" | "));
}

fn upper_snake(camel: &str) -> String {
    let mut out = String::new();
    for (index, letter) in camel.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

fn definition(out: &mut String, found: &TypeDefinition) {
    description(out, "", found.description.as_ref());
    let keyword = match &found.kind {
        TypeKind::Scalar => "scalar",
        TypeKind::Object(_) => "type",
        TypeKind::Interface(_) => "interface",
        TypeKind::Union(_) => "union",
        TypeKind::Enum(_) => "enum",
        TypeKind::InputObject(_) => "input",
    };
    let _ = write!(out, "{keyword} {}", found.name.node);
    match &found.kind {
        TypeKind::Scalar | TypeKind::Union(_) => {
            directives(out, &found.directives);
            out.push_str("\n\n");
            return;
        }
        TypeKind::Object(object) => {
            implements(out, &object.implements);
            directives(out, &found.directives);
            out.push_str(" {\n");
            let fields = object.fields.iter().filter(|found| !is_federation(&found.node.name.node));
            fields.for_each(|found| field(out, &found.node));
        }
        TypeKind::Interface(interface) => {
            implements(out, &interface.implements);
            directives(out, &found.directives);
            out.push_str(" {\n");
            interface.fields.iter().for_each(|found| field(out, &found.node));
        }
        TypeKind::Enum(choice) => {
            directives(out, &found.directives);
            out.push_str(" {\n");
            for value in &choice.values {
                description(out, "  ", value.node.description.as_ref());
                let _ = writeln!(out, "  {}", value.node.value.node);
            }
        }
        TypeKind::InputObject(input) => {
            directives(out, &found.directives);
            out.push_str(" {\n");
            for member in &input.fields {
                description(out, "  ", member.node.description.as_ref());
                out.push_str("  ");
                value(out, &member.node);
                out.push('\n');
            }
        }
    }
    out.push_str("}\n\n");
}

fn implements(out: &mut String, names: &[Positioned<async_graphql::Name>]) {
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(|name| name.node.as_str()).collect();
        let _ = write!(out, " implements {}", names.join(" & "));
    }
}

fn field(out: &mut String, found: &FieldDefinition) {
    description(out, "  ", found.description.as_ref());
    let _ = write!(out, "  {}", found.name.node);
    arguments(out, "  ", &found.arguments);
    let _ = write!(out, ": {}", found.ty.node);
    directives(out, &found.directives);
    out.push('\n');
}

fn arguments(out: &mut String, indent: &str, found: &[Positioned<InputValueDefinition>]) {
    if found.is_empty() {
        return;
    }
    let is_long = found.iter().any(|argument| argument.node.description.is_some());
    out.push('(');
    for (index, argument) in found.iter().enumerate() {
        if is_long {
            out.push('\n');
            description(out, &format!("{indent}  "), argument.node.description.as_ref());
            let _ = write!(out, "{indent}  ");
        } else if index > 0 {
            out.push_str(", ");
        }
        value(out, &argument.node);
    }
    if is_long {
        let _ = write!(out, "\n{indent}");
    }
    out.push(')');
}

fn value(out: &mut String, found: &InputValueDefinition) {
    let _ = write!(out, "{}: {}", found.name.node, found.ty.node);
    if let Some(default) = &found.default_value {
        let _ = write!(out, " = {}", default.node);
    }
}

fn directives(out: &mut String, found: &[Positioned<ConstDirective>]) {
    for directive in found.iter().map(|found| &found.node).filter(|found| PUBLIC.contains(&found.name.node.as_str())) {
        let _ = write!(out, " @{}", directive.name.node);
        if !directive.arguments.is_empty() {
            let arguments: Vec<String> =
                directive.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node)).collect();
            let _ = write!(out, "({})", arguments.join(", "));
        }
    }
}

fn description(out: &mut String, indent: &str, text: Option<&Positioned<String>>) {
    if let Some(text) = text {
        let text = text.node.trim().replace("\"\"\"", "\\\"\"\"");
        // A quotation mark at the end would run into the closing ones.
        let end = if text.ends_with('"') { " " } else { "" };
        let _ = writeln!(out, "{indent}\"\"\"{text}{end}\"\"\"");
    }
}
