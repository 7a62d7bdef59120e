//! What the demo prints once everything runs: addresses, sign-ins, and commands to copy.

use std::{fmt::Write as _, io::Write as _};

use super::{
    DemoError, Options,
    access::Access,
    outside,
    place::{self, Place},
};

/// One query over all companies; short enough to copy.
const GLOBAL: &str = "{ staff: globalStaff(first: 3, orderBy: {field: NUMBER}) { nodes { name tenant { name } } totalCount sources { tenant { name } status } } \
leads: globalLeads(first: 3, orderBy: {field: NUMBER, direction: DESC}) { nodes { name companyName tenant { name } } totalCount sources { tenant { name } status } } \
deals: globalDeals(first: 3, orderBy: {field: NUMBER, direction: DESC}) { nodes { title value { amount currency } tenant { name } } totalCount sources { tenant { name } status } } \
tickets: globalTickets(first: 3, orderBy: {field: NUMBER, direction: DESC}) { nodes { subject status tenant { name } } totalCount sources { tenant { name } status } } \
invoices: globalInvoices(first: 3, orderBy: {field: NUMBER, direction: DESC}) { nodes { documentNumber total { amount currency } tenant { name } } totalCount sources { tenant { name } status } } }";

/// Prints the report to standard output.
///
/// # Errors
/// Standard output is closed.
pub fn print(options: &Options, group: &[Place], access: &Access) -> Result<(), DemoError> {
    Ok(std::io::stdout().write_all(text(options, group, access).as_bytes())?)
}

fn text(options: &Options, group: &[Place], access: &Access) -> String {
    let mut text = String::from("\n");
    for (index, place) in group.iter().enumerate() {
        let role = if index == 0 { "hub" } else { "subsidiary" };
        let is_out = options.without.contains(&place.profile.namespace);
        let state = if is_out { format!("  (not served: {})", serve(place)) } else { String::new() };
        line(&mut text, &place.profile.name, &format!("{}/graphql  {role}{state}", place.url()));
    }
    let outside = outside::port(options.port);
    line(&mut text, "Outside services", &format!("http://127.0.0.1:{outside}  stand-ins"));
    line(&mut text, "Invoice to read", &format!("http://127.0.0.1:{outside}{}", outside::SAMPLE_PATH));
    line(&mut text, "Mail", &place::mail(&options.data_dir).display().to_string());
    text.push('\n');
    for (who, account) in
        [("Administrator", &access.admin), ("Staff", &access.staff), ("Password reset", &access.otp_staff)]
    {
        line(&mut text, who, &format!("{}  {}", account.email, account.password));
    }
    text.push_str("\nIs it well?\n");
    command(&mut text, &format!("curl -s {}/readyz", access.url));
    text.push_str("\nSign in:\n");
    let sign_in = format!(
        "mutation {{ signIn(input: {{email: \\\"{}\\\", password: \\\"{}\\\"}}) {{ accessToken staff {{ name }} errors {{ message }} }} }}",
        access.staff.email, access.staff.password
    );
    command(&mut text, &post(&access.url, None, &sign_in));
    text.push_str("\nAsk all companies at once:\n");
    command(&mut text, &post(&access.url, Some(&access.admin_token), GLOBAL));
    let _ = write!(text, "\nCtrl-C ends everything. The data stays in {}.\n", options.data_dir.display());
    text
}

fn line(text: &mut String, name: &str, what: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name:<21} {what}");
}

fn command(text: &mut String, command: &str) {
    let _ = writeln!(text, "  {command}");
}

fn post(url: &str, token: Option<&str>, query: &str) -> String {
    let token = token.map_or_else(String::new, |token| format!(" -H 'authorization: Bearer {token}'"));
    format!("curl -s {url}/graphql -H 'content-type: application/json'{token} -d '{{\"query\":\"{query}\"}}'")
}

/// How to serve an instance as a process of its own.
fn serve(place: &Place) -> String {
    let (folder, listen) = (place.config.data_dir.display(), &place.config.server.listen);
    format!("groupgraph serve --data-dir {folder} --listen {listen}")
}
