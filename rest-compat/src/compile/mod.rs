//! From operations of a valid document to endpoints. It must not know requests.

mod parameter;

use std::collections::{BTreeMap, HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::Value,
    executable::{Operation, Selection, SelectionSet},
    name,
    parser::SourceSpan,
};

use self::parameter::parameter;
use crate::{
    directive::Arguments,
    endpoint::{AllPages, Batch, BodyKind, Endpoint, Parameter, Place},
    listing::Listing,
    literal,
    pages::{AFTER, PAGE_INFO},
    problem::Problem,
    shape::{self, Compiler, FAILURES},
    system::Settings,
};

/// The endpoints, and what is wrong with them.
pub fn endpoints(
    schema: &Schema,
    document: &ExecutableDocument,
    settings: &Settings,
    files: &BTreeMap<&String, &String>,
) -> (Vec<Endpoint>, Vec<Problem>) {
    let (mut endpoints, mut problems) = (Vec::new(), Vec::new());
    for operation in document.operations.iter() {
        let mut one = One { schema, document, settings, operation, problems: Vec::new() };
        let endpoint = one.endpoint(files);
        problems.extend(one.problems);
        endpoints.extend(endpoint);
    }
    (endpoints, problems)
}

/// One operation on its way to an endpoint.
struct One<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    settings: &'a Settings,
    operation: &'a Node<Operation>,
    problems: Vec<Problem>,
}

impl One<'_> {
    fn problem(&mut self, span: Option<SourceSpan>, message: impl Into<String>) {
        let span = span.or_else(|| self.operation.location());
        let sources = &self.document.sources;
        let file = span.and_then(|span| Some(sources.get(&span.file_id())?.path().to_string_lossy().into_owned()));
        let line = span.and_then(|span| span.line_column(sources)).map_or(0, |place| place.line);
        self.problems.push(Problem { file: file.unwrap_or_default(), line, message: message.into() });
    }

    fn endpoint(&mut self, files: &BTreeMap<&String, &String>) -> Option<Endpoint> {
        let Some(directive) = self.operation.directives.get("rest") else {
            self.problem(None, "The operation has no @rest.");
            return None;
        };
        let rest = Arguments(directive);
        let path = rest.text("path").unwrap_or_default();
        let method: http::Method = rest.text("method").unwrap_or_default().parse().unwrap_or_default();
        let status = rest.count("status").and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
        let mut shape = self.shape(rest.is("bare"));
        if rest.is("omitNulls") {
            shape::look_inside(&mut shape);
        }
        let all_pages = if rest.is("allPages") { self.all_pages(&mut shape) } else { None };
        let mut parameters = self.parameters(&method, &path);
        let listing = self.listing(&rest, &mut parameters);
        parameters.retain(|parameter| all_pages.is_none() || parameter.variable != AFTER);
        let failures = rest.text("failures");
        if let Some(table) = &failures
            && !self.settings.failures.contains_key(table)
        {
            self.problem(directive.location(), format!("system.toml has no table failures.{table}."));
        }
        if let Some(table) = rest.text("quota").filter(|table| !self.settings.quotas.contains_key(table)) {
            self.problem(directive.location(), format!("system.toml has no table quotas.{table}."));
        }
        let (file, text) = self.file(files);
        Some(Endpoint {
            name: self.operation.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            noun: file.split('/').rev().nth(1).unwrap_or_default().to_owned(),
            summary: summary(&text),
            body: body_kind(&rest, &parameters),
            is_large: rest.is("isLarge") || rest.text("body").as_deref() == Some("MULTIPART"),
            places: self.places(&parameters),
            document: self.text(all_pages.is_some()),
            all_pages,
            is_public: self.is_public(),
            status,
            with: rest.value("with").map(|value| literal::members(value)).unwrap_or_default(),
            under: rest.text("under"),
            is_bare: rest.is("bare"),
            omits_nulls: rest.is("omitNulls"),
            may_be_null: rest.is("mayBeNull"),
            method,
            path,
            parameters,
            shape,
            failures,
            needs: rest.text("needs"),
            wants_some: rest.is("someOf"),
            is_closed: rest.is("isClosed"),
            quota: rest.text("quota"),
            batch: rest.value("batch").map(|value| batch(value)),
            listing,
        })
    }

    /// A list by convention, whose variables come from nowhere else.
    fn listing(&mut self, rest: &Arguments<'_>, parameters: &mut [Parameter]) -> Option<Listing> {
        let envelope = rest.text("listing")?;
        for parameter in parameters.iter_mut().filter(|parameter| Listing::is_own(&parameter.variable)) {
            parameter.place = Place::Listing;
        }
        let variables = self.operation.variables.iter().map(|variable| &**variable);
        Listing::of(&envelope, variables).map_err(|message| self.problem(None, message)).ok()
    }

    fn file(&self, files: &BTreeMap<&String, &String>) -> (String, String) {
        let span = self.operation.location();
        let source = span.and_then(|span| self.document.sources.get(&span.file_id()));
        let path = source.map(|source| source.path().to_string_lossy().into_owned()).unwrap_or_default();
        let text = files.get(&path).map(ToString::to_string).unwrap_or_default();
        (path, text)
    }

    fn shape(&mut self, is_bare: bool) -> shape::Shape {
        let Self { schema, document, settings, operation, .. } = *self;
        let mut compiler = Compiler { schema, document, settings, problems: Vec::new() };
        let mut shape = compiler.set(&operation.selection_set);
        for (span, message) in compiler.problems {
            self.problem(span, message);
        }
        if operation.is_mutation() {
            for member in shape.iter_mut().filter(|member| !self.shows_failures(&member.key)) {
                let failures =
                    shape::Member { key: FAILURES.into(), node: shape::Node::default(), is_conditional: false };
                member.node.members.push(failures);
            }
            shape::mark_payloads(&mut shape);
        }
        if let Some(key) = shape::repeated(&shape) {
            self.problem(None, format!("The answer has two members {key}."));
        }
        if is_bare && shape.len() != 1 {
            self.problem(None, "`bare` takes the only root field.");
        }
        shape
    }

    /// Whether the payload behind a response key writes its failures itself.
    fn shows_failures(&self, key: &str) -> bool {
        let fields = self.operation.selection_set.fields();
        fields.filter(|field| field.response_key() == key).any(|field| {
            field.selection_set.fields().any(|field| field.name == "errors")
                || !has_errors(self.schema, field.ty().inner_named_type())
        })
    }

    /// The only root field and its rows; what it tells about its page is asked for, and not shown.
    fn all_pages(&mut self, shape: &mut shape::Shape) -> Option<AllPages> {
        let has_after = self.operation.variables.iter().any(|variable| variable.name == AFTER);
        let fields: Vec<_> = self.operation.selection_set.fields().collect();
        let rows = match &fields[..] {
            [root] if has_after => root.selection_set.fields().find(|field| field.name == "nodes"),
            _ => None,
        };
        let ([member], Some(rows)) = (&mut shape[..], rows) else {
            self.problem(None, "`allPages` takes one connection with `nodes`, and the variable $after.");
            return None;
        };
        let node = shape::Node { role: shape::Role::Hidden, ..shape::Node::default() };
        member.node.members.push(shape::Member { key: PAGE_INFO.into(), node, is_conditional: false });
        member.node.is_plain = false;
        Some(AllPages { root: member.key.clone(), rows: rows.response_key().to_string() })
    }

    /// What is executed: this operation and its fragments, without our directives, failures of payloads asked for.
    fn text(&self, asks_page: bool) -> String {
        let mut operation = Operation::clone(self.operation);
        operation.directives.0.clear();
        for variable in &mut operation.variables {
            variable.make_mut().directives.0.clear();
        }
        let mut names = HashSet::new();
        strip(&mut operation.selection_set, &mut names);
        if operation.is_mutation() {
            for selection in &mut operation.selection_set.selections {
                if let Selection::Field(field) = selection
                    && !self.shows_failures(field.response_key())
                {
                    let members = [name!("code"), name!("field"), name!("message")];
                    ask(&mut field.make_mut().selection_set, self.schema, (name!("errors"), FAILURES), members);
                }
            }
        }
        if asks_page {
            for selection in &mut operation.selection_set.selections {
                if let Selection::Field(field) = selection {
                    let members = [name!("hasNextPage"), name!("endCursor")];
                    ask(&mut field.make_mut().selection_set, self.schema, (name!("pageInfo"), PAGE_INFO), members);
                }
            }
        }
        let mut written = vec![operation.serialize().no_indent().to_string()];
        let mut pending: Vec<_> = names.iter().cloned().collect();
        while let Some(name) = pending.pop() {
            let Some(fragment) = self.document.fragments.get(&name) else { continue };
            let mut fragment = apollo_compiler::executable::Fragment::clone(fragment);
            let mut inner = HashSet::new();
            strip(&mut fragment.selection_set, &mut inner);
            pending.extend(inner.into_iter().filter(|name| names.insert(name.clone())));
            written.push(fragment.serialize().no_indent().to_string());
        }
        written.join("\n")
    }

    fn is_public(&self) -> bool {
        let mut fields = self.operation.selection_set.fields();
        fields.all(|field| field.definition.directives.has("anonymous"))
    }

    fn parameters(&mut self, method: &http::Method, path: &str) -> Vec<Parameter> {
        let in_path: Vec<String> = names_in(path);
        let has_body = !matches!(*method, http::Method::GET | http::Method::DELETE);
        let mut parameters = Vec::new();
        for variable in &self.operation.variables {
            match parameter(variable, (&in_path, has_body), self.settings) {
                Ok(parameter) => parameters.push(parameter),
                Err(message) => self.problem(variable.location(), message),
            }
        }
        for name in &in_path {
            if !parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == *name) {
                self.problem(None, format!("No variable takes {{{name}}} of the path."));
            }
        }
        for parameter in &parameters {
            let is_known = parameter.choices.as_ref().is_none_or(|table| self.settings.choices.contains_key(table));
            if !is_known {
                self.problem(None, format!("system.toml has no table choices for ${}.", parameter.variable));
            }
            if parameter.place == Place::Path && !in_path.contains(&parameter.name) {
                self.problem(None, format!("The path has no {{{}}}.", parameter.name));
            }
        }
        parameters
    }

    /// Where variables stand in arguments; `input` is left out as in the failures of mutations.
    fn places(&self, parameters: &[Parameter]) -> Vec<(Vec<String>, usize)> {
        let by_variable: HashMap<&str, usize> =
            parameters.iter().enumerate().map(|(index, found)| (found.variable.as_str(), index)).collect();
        let mut places = Vec::new();
        for field in self.operation.root_fields(self.document) {
            for argument in &field.arguments {
                let path = if argument.name == "input" { Vec::new() } else { vec![argument.name.to_string()] };
                find_variables(&argument.value, &path, &by_variable, &mut places);
            }
        }
        places.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        places
    }
}

/// Removes `@as` and collects the names of fragments.
fn strip(set: &mut SelectionSet, fragments: &mut HashSet<Name>) {
    for selection in &mut set.selections {
        match selection {
            Selection::Field(field) => {
                let field = field.make_mut();
                field.directives.0.retain(|directive| directive.name != "as");
                strip(&mut field.selection_set, fragments);
            }
            Selection::InlineFragment(inline) => strip(&mut inline.make_mut().selection_set, fragments),
            Selection::FragmentSpread(spread) => {
                fragments.insert(spread.fragment_name.clone());
            }
        }
    }
}

/// Adds a field with an alias and its members to a selection.
fn ask<const N: usize>(
    set: &mut SelectionSet,
    schema: &Schema,
    (field, alias): (Name, &'static str),
    members: [Name; N],
) {
    let Ok(mut field) = set.new_field(schema, field) else { return };
    for member in members {
        if let Ok(member) = field.selection_set.new_field(schema, member) {
            field.selection_set.push(member);
        }
    }
    set.push(field.with_alias(Name::new_unchecked(alias)));
}

fn has_errors(schema: &Schema, payload: &str) -> bool {
    schema.get_object(payload).is_some_and(|object| object.fields.contains_key("errors"))
}

/// The names in braces.
pub fn names_in(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

fn summary(text: &str) -> String {
    let comment = text.lines().take_while(|line| line.starts_with('#'));
    comment.map(|line| line.trim_start_matches('#').trim()).collect::<Vec<_>>().join(" ")
}

fn body_kind(rest: &Arguments<'_>, parameters: &[Parameter]) -> BodyKind {
    match rest.text("body").as_deref() {
        Some("FORM") => BodyKind::Form,
        Some("MULTIPART") => BodyKind::Multipart,
        Some("NONE") => BodyKind::None,
        _ if parameters.iter().any(|found| matches!(found.place, Place::Body | Place::WholeBody)) => BodyKind::Json,
        _ => BodyKind::None,
    }
}

fn batch(value: &Value) -> Batch {
    let members = literal::members(value);
    let text = |name: &str| {
        let found = members.iter().find(|(known, _)| known == name);
        found.map_or_else(|| name.to_owned(), |(_, text)| text.trim_matches('"').to_owned())
    };
    Batch {
        counts: text("counts").split('.').map(str::to_owned).collect(),
        accepted: text("accepted"),
        rejected: text("rejected"),
    }
}

fn find_variables(
    value: &Value,
    path: &[String],
    known: &HashMap<&str, usize>,
    places: &mut Vec<(Vec<String>, usize)>,
) {
    let below = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
    match value {
        Value::Variable(name) => places.extend(known.get(name.as_str()).map(|index| (path.to_vec(), *index))),
        Value::Object(members) => {
            for (name, value) in members {
                find_variables(value, &below(name), known, places);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                find_variables(item, &below(&index.to_string()), known, places);
            }
        }
        _ => {}
    }
}
