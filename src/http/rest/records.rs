//! Operation files for the resources of the catalogue: what is plain follows from a resource and its family. What a
//! resource does beyond that is an operation file of its own. It must not know how records are kept.

use groupgraph_rest_compat::sources::Sources;
use groupgraph_schema::{
    catalog::{Catalog, Family, Operation, Resource},
    engine::model::capitalized,
};

/// The system whose resources these are.
const SYSTEM: &str = "repzo";

/// The operation files, by path.
#[must_use]
pub fn operations(catalog: &Catalog) -> Sources {
    let mut sources = Sources::new();
    for resource in &catalog.resources {
        for (suffix, base) in
            std::iter::once(("", &resource.path)).chain(resource.also.as_ref().map(|also| ("Also", also)))
        {
            for (verb, text) in of(resource, suffix, base) {
                sources.insert(format!("{SYSTEM}/{}/{verb}{suffix}.graphql", resource.singular()), text);
            }
        }
    }
    sources
}

/// The operations of a resource at a path, by verb.
fn of(resource: &Resource, suffix: &str, base: &str) -> Vec<(&'static str, String)> {
    let one = Names { resource, suffix, base };
    let mut files = vec![("list", one.list())];
    if resource.has(Operation::Create) {
        files.push(("create", one.create()));
    }
    if resource.has(Operation::Get) {
        files.push(("get", one.get()));
    }
    if resource.has(Operation::Update) {
        files.push(("update", one.update("update", "PUT")));
        // The client sends PUT; descriptions say PATCH of some.
        files.push(("patch", one.update("patch", "PATCH")));
    }
    if resource.has(Operation::Remove) {
        files.push(("remove", one.remove()));
    }
    if resource.bulk {
        files.push(("remove_many", one.remove_many()));
    }
    files
}

/// What the texts of a resource are made of.
struct Names<'a> {
    resource: &'a Resource,
    suffix: &'a str,
    base: &'a str,
}

/// How a family answers one record: arguments of `@rest`, and the member that holds it; none if it stands alone.
fn envelope(family: Family) -> (&'static str, Option<&'static str>) {
    match family {
        Family::A | Family::E | Family::H => (", bare: true", None),
        Family::B | Family::C | Family::F => (", with: { success: true }", Some("data")),
        Family::D => ("", Some("data")),
        Family::G => (", with: { success: true }", Some("result")),
    }
}

impl Names<'_> {
    fn list(&self) -> String {
        let (of, root, family) = (self.resource.type_name(), &self.resource.root, self.resource.family);
        format!(
            "# A page of {plural}.\n\
             query list{of}{suffix}($filter: {of}Filter, $search: String, $orderBy: [{of}Order!], $first: Int, $skip: Int, \
             $populate: [String!]) @rest(method: GET, path: \"{base}\", listing: {family:?}) {{\n  \
             {root}(filter: $filter, search: $search, orderBy: $orderBy, first: $first, skip: $skip) {{ \
             nodes {{ document(populate: $populate) }} totalCount }}\n}}\n",
            plural = self.resource.plural,
            suffix = self.suffix,
            base = self.base,
        )
    }

    fn get(&self) -> String {
        let (around, member) = envelope(self.resource.family);
        let alias = member.map_or(String::new(), |member| format!("{member}: "));
        format!(
            "# One of the {plural}.\n\
             query get{of}{suffix}($id: ID!, $populate: [String!] @param(name: \"populatedKeys\")) \
             @rest(method: GET, path: \"{base}/{{id}}\"{around}) {{\n  \
             {alias}{one}(recordId: $id) @as(form: PICK) {{ document(populate: $populate) }}\n}}\n",
            plural = self.resource.plural,
            of = self.resource.type_name(),
            suffix = self.suffix,
            base = self.base,
            one = self.resource.singular(),
        )
    }

    fn create(&self) -> String {
        let of = self.resource.type_name();
        let variables = format!("$input: Create{of}Input! @param(in: WHOLE_BODY)");
        let call = self.written(&format!("create{of}(input: $input)"));
        let (around, _) = envelope(self.resource.family);
        let rest = format!("method: POST, path: \"{}\", status: 201{around}", self.base);
        self.mutation("Creates", "create", (&variables, &rest), &call)
    }

    fn update(&self, verb: &str, method: &str) -> String {
        let of = self.resource.type_name();
        let variables = format!("$id: ID!, $changes: {of}Changes! @param(in: WHOLE_BODY)");
        let call = self.written(&format!("update{of}(input: {{ recordId: $id, changes: $changes }})"));
        let (around, _) = envelope(self.resource.family);
        let rest = format!("method: {method}, path: \"{}/{{id}}\"{around}", self.base);
        self.mutation("Changes", verb, (&variables, &rest), &call)
    }

    fn remove(&self) -> String {
        let of = self.resource.type_name();
        let call = format!("remove{of}(input: {{ recordId: $id }})");
        let hidden = format!("{call} {{ {} {{ recordId }} }}", self.resource.singular());
        let (around, call) = match self.resource.family {
            Family::B => (", with: { success: true, message: \"Removed.\" }", hidden),
            Family::C | Family::D => (", with: { success: true }", hidden),
            family => (envelope(family).0, self.written(&call)),
        };
        let rest = format!("method: DELETE, path: \"{}/{{id}}\"{around}", self.base);
        self.mutation("Removes", "remove", ("$id: ID!", &rest), &call)
    }

    fn remove_many(&self) -> String {
        let root = &self.resource.root;
        let call = format!("remove{}(input: {{ ids: $ids }}) {{ removed }}", capitalized(root));
        let rest = format!("method: POST, path: \"{}/remove\", with: {{ success: true }}", self.base);
        self.mutation("Removes several", "removeMany", ("$ids: [ID!]!", &rest), &call)
    }

    /// A call whose payload is shown as the family shows one record.
    fn written(&self, call: &str) -> String {
        let one = self.resource.singular();
        match envelope(self.resource.family).1 {
            Some(member) => format!("{call} @as(form: SPREAD) {{ {member}: {one} @as(form: PICK) {{ document }} }}"),
            None => format!("{call} @as(form: PICK) {{ {one} @as(form: PICK) {{ document }} }}"),
        }
    }

    fn mutation(&self, does: &str, verb: &str, (variables, rest): (&str, &str), call: &str) -> String {
        let Resource { plural, .. } = self.resource;
        let name = format!("{verb}{}{}", self.resource.type_name(), self.suffix);
        format!("# {does} {plural}.\nmutation {name}({variables}) @rest({rest}) {{\n  {call}\n}}\n")
    }
}
