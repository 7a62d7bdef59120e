//! All systems, from unchecked files to what may be served: every problem is found before anything is.

use std::collections::BTreeMap;

use apollo_compiler::{
    ExecutableDocument, Schema,
    diagnostic::ToCliReport,
    parser::{Parser, SourceMap},
    validation::{DiagnosticList, Valid, WithErrors},
};

use crate::{
    compile,
    endpoint::Endpoint,
    input::{self, Inputs},
    problem::{Problem, Problems},
    route::Routes,
    sources::Sources,
    system::Settings,
};

/// What operation files say beside GraphQL.
const DIRECTIVES: &str = include_str!("../directives.graphql");

/// Checked systems.
#[derive(Debug)]
pub struct Catalog {
    pub systems: Vec<System>,
    /// Types of what comes in.
    pub inputs: Inputs,
}

/// A checked system.
#[derive(Debug)]
pub struct System {
    /// Its folder.
    pub name: String,
    pub settings: Settings,
    pub endpoints: Vec<Endpoint>,
    pub routes: Routes,
}

impl Catalog {
    /// Checks all files against a schema.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn check(sdl: &str, sources: &Sources) -> Result<Self, Problems> {
        let schema = Schema::builder().parse(sdl, "schema.graphql").parse(DIRECTIVES, "directives.graphql");
        let schema = schema.build().and_then(Schema::validate).map_err(|failed| Problems(problems(&failed.errors)))?;
        let mut systems = Vec::new();
        let mut found = Vec::new();
        for name in names(sources) {
            match system(&schema, &name, sources) {
                Ok(system) => systems.push(system),
                Err(problems) => found.extend(problems),
            }
        }
        if !found.is_empty() {
            found.sort();
            found.dedup();
            return Err(Problems(found));
        }
        Ok(Self { systems, inputs: input::inputs(&schema) })
    }

    /// A system by its name.
    #[must_use]
    pub fn system(&self, name: &str) -> Option<&System> {
        self.systems.iter().find(|system| system.name == name)
    }
}

/// The folders.
fn names(sources: &Sources) -> Vec<String> {
    let mut names: Vec<String> = sources.keys().filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
    names.dedup();
    names
}

fn system(schema: &Valid<Schema>, name: &str, sources: &Sources) -> Result<System, Vec<Problem>> {
    let settings = settings(name, sources)?;
    let files: BTreeMap<&String, &String> = sources
        .iter()
        .filter(|(path, _)| path.ends_with(".graphql") && path.starts_with(&format!("{name}/")))
        .collect();
    let document = document(schema, &files)?;
    let (endpoints, mut problems) = compile::endpoints(schema, &document, &settings, &files);
    let routes = match Routes::new(&endpoints) {
        Ok(routes) => routes,
        Err(repeated) => {
            problems.extend(repeated.into_iter().map(|message| Problem { file: name.to_owned(), line: 0, message }));
            Routes::default()
        }
    };
    for rule in settings.failures.values().flatten() {
        if rule.body.as_ref().is_some_and(|body| serde_json::from_str::<serde_json::Value>(body).is_err()) {
            let message = format!("The body of the failures {:?} is no JSON.", rule.codes);
            problems.push(Problem { file: format!("{name}/system.toml"), line: 0, message });
        }
    }
    let named = settings.failures.keys();
    for unused in named.filter(|table| !endpoints.iter().any(|endpoint| endpoint.failures.as_ref() == Some(table))) {
        let message = format!("failures.{unused} is not used.");
        problems.push(Problem { file: format!("{name}/system.toml"), line: 0, message });
    }
    if problems.is_empty() { Ok(System { name: name.to_owned(), settings, endpoints, routes }) } else { Err(problems) }
}

fn settings(name: &str, sources: &Sources) -> Result<Settings, Vec<Problem>> {
    let file = format!("{name}/system.toml");
    let problem = |line, message: &str| vec![Problem { file: file.clone(), line, message: message.to_owned() }];
    let text = sources.get(&file).ok_or_else(|| problem(0, "The file is missing."))?;
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count());
        problem(line, error.message())
    })
}

/// All operations and fragments of a system as one document, valid against the schema.
fn document(
    schema: &Valid<Schema>,
    files: &BTreeMap<&String, &String>,
) -> Result<Valid<ExecutableDocument>, Vec<Problem>> {
    let mut errors = DiagnosticList::new(SourceMap::default());
    let mut builder = ExecutableDocument::builder(Some(schema), &mut errors);
    for (path, text) in files {
        Parser::new().parse_into_executable_builder(text.as_str(), path.as_str(), &mut builder);
    }
    let document = builder.build();
    match document.validate(schema) {
        Ok(document) if errors.is_empty() => Ok(document),
        Ok(_) => Err(problems(&errors)),
        Err(WithErrors { errors: more, .. }) => {
            let mut found = problems(&errors);
            found.extend(problems(&more));
            Err(found)
        }
    }
}

fn problems(errors: &DiagnosticList) -> Vec<Problem> {
    let mut found = Vec::with_capacity(errors.len());
    for diagnostic in errors.iter() {
        let place = diagnostic.error.location();
        let file = place.and_then(|span| diagnostic.sources.get(&span.file_id()));
        found.push(Problem {
            file: file.map(|file| file.path().to_string_lossy().into_owned()).unwrap_or_default(),
            line: diagnostic.line_column_range().map_or(0, |range| range.start.line),
            message: diagnostic.error.to_string(),
        });
    }
    found
}
