//! Which endpoint a path means. Parameters have no names here, so that two files may call one differently.

use std::collections::HashMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{compile::names_in, endpoint::Endpoint};

/// The paths of a system.
#[derive(Debug, Default)]
pub struct Routes {
    paths: matchit::Router<usize>,
    /// Endpoints by method, for each path.
    methods: Vec<HashMap<Method, usize>>,
    /// The first segments of all paths.
    first_segments: Vec<String>,
}

/// What a path means.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// An endpoint, and the texts of the parameters in their order.
    Endpoint(usize, Vec<String>),
    /// There is something, but not for this method; the methods that there are.
    OtherMethods(Vec<Method>),
    Nothing,
}

impl Routes {
    /// The table of these endpoints.
    ///
    /// # Errors
    /// Sentences about endpoints that are in each other's way.
    pub fn new(endpoints: &[Endpoint]) -> Result<Self, Vec<String>> {
        let (mut routes, mut problems) = (Self::default(), Vec::new());
        for (index, endpoint) in endpoints.iter().enumerate() {
            if let Err(problem) = routes.add(endpoint, index, endpoints) {
                problems.push(problem);
            }
        }
        if problems.is_empty() { Ok(routes) } else { Err(problems) }
    }

    fn add(&mut self, endpoint: &Endpoint, index: usize, all: &[Endpoint]) -> Result<(), String> {
        let path = canonical(&endpoint.path);
        let place = match self.paths.at(&path) {
            Ok(found) if canonical(&all[self.any(*found.value)].path) == path => *found.value,
            _ => {
                let place = self.methods.len();
                self.paths.insert(path, place).map_err(|error| format!("{}: {error}", endpoint.name))?;
                self.methods.push(HashMap::new());
                place
            }
        };
        let first = endpoint.path.split('/').nth(1).unwrap_or_default().to_owned();
        if !self.first_segments.contains(&first) {
            self.first_segments.push(first);
        }
        match self.methods[place].insert(endpoint.method.clone(), index) {
            None => Ok(()),
            Some(other) => Err(format!("{} and {} have the same route.", all[other].name, endpoint.name)),
        }
    }

    /// Any endpoint of a path.
    fn any(&self, place: usize) -> usize {
        self.methods[place].values().next().copied().unwrap_or_default()
    }

    /// Whether the first segment of a path is one of the system's.
    #[must_use]
    pub fn owns(&self, path: &str) -> bool {
        path.split('/').nth(1).is_some_and(|first| self.first_segments.iter().any(|own| own == first))
    }

    /// Looks a path up. Values are decoded after it has been taken apart, so that `%2F` is part of a value.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Found {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let Ok(found) = self.paths.at(path) else { return Found::Nothing };
        let methods = &self.methods[*found.value];
        let Some(endpoint) = methods.get(method) else {
            let mut methods: Vec<_> = methods.keys().cloned().collect();
            methods.sort_by(|left, right| left.as_str().cmp(right.as_str()));
            return Found::OtherMethods(methods);
        };
        let decoded = |(_, text): (&str, &str)| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Found::Endpoint(*endpoint, found.params.iter().map(decoded).collect())
    }
}

/// The path with parameters named by position.
fn canonical(path: &str) -> String {
    let numbered = names_in(path).into_iter().enumerate();
    numbered
        .fold(path.to_owned(), |path, (index, name)| path.replacen(&format!("{{{name}}}"), &format!("{{p{index}}}"), 1))
}
