//! Runs the case files. A file is one instance with its rows; its calls run one after the other as an administrator.
//!
//! ```text
//! row lead_status {"name": "New"}
//!
//! ## what is tested
//! POST /api/sales/leads as nobody
//! {"firstname": "Jane"}
//! => 401
//! {"message": "Unauthenticated."}
//! ```
//!
//! `as nobody` is without a token, `with the token` with that of an answer before. `{mailed}` is the code in the last
//! mail. A line `file NAME TYPE: TEXT` in the place of the body sends a form with the file, a line `field NAME: TEXT` adds a
//! field to it. In an expected answer `"*"` stands for any value.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use groupgraph::{demo::outside, http::catalog};
use groupgraph_rest_compat::{System, route::Found};
use groupgraph_schema::catalog::catalog as resources;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::walk;
use crate::support::{TestApp, app::HEAD_OFFICE};

const BOUNDARY: &str = "between-the-parts";
const TOKEN: &str = "ggp_case-files";

/// A request.
pub struct Call<'a> {
    pub method: Method,
    pub path: String,
    pub token: Option<&'a str>,
    pub host: Option<&'a str>,
    pub content_type: &'a str,
    pub body: String,
}

impl Default for Call<'_> {
    fn default() -> Self {
        let content_type = "application/json";
        Self { method: Method::GET, path: String::new(), token: None, host: None, content_type, body: String::new() }
    }
}

/// Its answer.
pub struct Answer {
    pub status: u16,
    pub allow: String,
    pub text: String,
    pub json: Value,
}

pub async fn send(app: &TestApp, call: Call<'_>) -> Answer {
    let mut request = Request::builder().method(call.method).uri(call.path);
    if let Some(token) = call.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(host) = call.host {
        request = request.header(header::HOST, host);
    }
    let request = request.header(header::CONTENT_TYPE, call.content_type).body(Body::from(call.body));
    let response = app.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let allow = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or_default().into();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status, allow, json: serde_json::from_str(&text).unwrap_or_default(), text }
}

/// A call of a file and what it should answer.
#[derive(Default)]
struct Case {
    title: String,
    request: String,
    body: Vec<String>,
    status: u16,
    expected: String,
}

fn parse(text: &str) -> (Vec<(String, Value)>, Vec<Case>) {
    let (mut rows, mut cases) = (Vec::new(), Vec::<Case>::new());
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//")) {
        if let Some(row) = line.strip_prefix("row ") {
            let (table, row) = row.split_once(' ').expect("row TABLE JSON");
            rows.push((table.to_owned(), serde_json::from_str(row).unwrap_or_else(|error| panic!("{line}: {error}"))));
            continue;
        }
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with ##");
        if case.request.is_empty() {
            line.clone_into(&mut case.request);
        } else if let Some(status) = line.strip_prefix("=> ") {
            case.status = status.trim().parse().expect("a status");
        } else if case.status == 0 {
            case.body.push(line.to_owned());
        } else {
            case.expected.push_str(line);
        }
    }
    (rows, cases)
}

/// The body and its type.
fn body(lines: &[String]) -> (String, String) {
    let is_form = lines.first().is_some_and(|line| line.starts_with("file ") || line.starts_with("field "));
    if !is_form {
        return (lines.join("\n"), "application/json".into());
    }
    let parts = lines.iter().map(|line| {
        let (head, text) = line.split_once(": ").expect("file NAME TYPE: TEXT, or field NAME: TEXT");
        let words: Vec<&str> = head.split(' ').collect();
        match words[..] {
            ["file", name, media_type] => format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: {media_type}\r\n\r\n{text}\r\n"
            ),
            _ => format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{text}\r\n", words[1]),
        }
    });
    let form = parts.collect::<String>() + &format!("--{BOUNDARY}--\r\n");
    (form, format!("multipart/form-data; boundary={BOUNDARY}"))
}

/// Whether an answer is the expected one, `"*"` standing for anything.
fn fits(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::String(any), _) if any == "*" => true,
        (Value::Object(expected), Value::Object(found)) => {
            expected.len() == found.len()
                && expected.iter().all(|(name, value)| found.get(name).is_some_and(|found| fits(value, found)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| fits(expected, found))
        }
        (Value::Number(expected), Value::Number(found)) => expected.as_f64() == found.as_f64(),
        _ => expected == found,
    }
}

/// An instance beside the stand-ins for outside services that the demo has.
async fn app() -> TestApp {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, outside::router()).await });
    let mut builder = TestApp::builder().set("outside.allow_private_addresses", "true");
    for (setting, path) in outside::SERVICES {
        builder = builder.set(&format!("{setting}.url"), &format!("{base}/{path}"));
        builder = builder.set(&format!("{setting}.key"), outside::KEY);
    }
    builder.start().await
}

/// The code in the last mail. Names of mails sort by time.
async fn mailed(app: &TestApp) -> String {
    app.deliver().await;
    let mails = fs::read_dir(&app.hub.settings.mail.folder).expect("a folder");
    let newest = mails.map(|mail| mail.expect("a mail").path()).max().expect("there are mails");
    let mail = fs::read_to_string(newest).expect("a mail");
    let text = mail.split_once("\r\n\r\n").expect("a text").1;
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit())).expect("a code").to_owned()
}

/// An endpoint that no case calls in one way.
fn uncalled(system: &System, calls: &HashSet<(usize, bool)>) -> Vec<String> {
    let ways = system.endpoints.iter().enumerate().flat_map(|(index, endpoint)| {
        [(true, "happy"), (false, "bad")].map(|(way, name)| (index, way, format!("{}: no {name} case", endpoint.name)))
    });
    ways.filter(|(index, way, _)| !calls.contains(&(*index, *way))).map(|(_, _, text)| text).collect()
}

#[test]
fn each_endpoint_has_a_happy_and_a_bad_case() {
    let mut missing = Vec::new();
    let of_catalog: Vec<_> = resources().resources.iter().flat_map(walk::endpoints).collect();
    for system in &catalog().expect("the files are good").systems {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest").join(&system.name);
        let mut calls = HashSet::new();
        // What follows from the catalogue is walked.
        for (method, path) in of_catalog.iter().filter(|_| system.name == "repzo") {
            let Found::Endpoint(index, _) = system.routes.find(method, path) else { panic!("{method} {path}") };
            calls.extend([(index, true), (index, false)]);
        }
        for file in files(&folder) {
            for case in parse(&fs::read_to_string(file).expect("a case file")).1 {
                let mut words = case.request.split(' ');
                let method: Method = words.next().unwrap_or_default().parse().expect("a method");
                let path = words.next().unwrap_or_default().split('?').next().unwrap_or_default();
                let path = path.strip_prefix(system.settings.prefix.as_str()).unwrap_or(path);
                match system.routes.find(&method, path) {
                    Found::Endpoint(index, _) => drop(calls.insert((index, case.status < 400))),
                    // The wrong way to call what takes nothing.
                    Found::OtherMethods(_) => {
                        let others = system.endpoints.iter().enumerate().filter(|(_, other)| other.path == path);
                        calls.extend(others.map(|(index, _)| (index, false)));
                    }
                    Found::Nothing => {}
                }
            }
        }
        missing.extend(uncalled(system, &calls));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The case files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "case")).collect();
    files.sort();
    files
}

async fn run(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a case file");
    let (rows, cases) = parse(&text);
    let app = app().await;
    let caller = app.with_token("Ada Obi", TOKEN).await;
    assert_eq!(caller, 1, "the caller of the case files has number 1");
    for (table, row) in rows {
        let number = app.insert(&table, row).await;
        if table == "country" {
            // Phone numbers without a country are read as those of the company's.
            app.execute(&format!("UPDATE tenant SET country_id = {number} WHERE id = {HEAD_OFFICE}")).await;
            app.hub.directory.load(&app.hub.database.read).await.expect("the companies are read");
        }
    }
    let (mut wrong, mut given) = (Vec::new(), String::new());
    for case in cases {
        let mut words = case.request.split(' ');
        let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let token = match words.next() {
            Some("as") => None,
            Some("with") => Some(given.as_str()),
            _ => Some(TOKEN),
        };
        let (mut body, content_type) = body(&case.body);
        if body.contains("{mailed}") {
            body = body.replace("{mailed}", &mailed(&app).await);
        }
        let method = method.parse().expect("a method");
        let call = Call { method, path: address.into(), token, content_type: &content_type, body, host: None };
        let answer = send(&app, call).await;
        if let Some(token) = answer.json["token"].as_str() {
            token.clone_into(&mut given);
        }
        let expected: Value = match case.expected.as_str() {
            "" => json!("*"),
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}: {text}", case.title)),
        };
        if answer.status != case.status || !fits(&expected, &answer.json) {
            let (file, title) = (path.display(), &case.title);
            wrong.push(format!(
                "{file}: {title}\n  expected {} {expected}\n  found    {} {}",
                case.status, answer.status, answer.text
            ));
        }
    }
    wrong
}

#[tokio::test]
async fn case_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest");
    let mut wrong = Vec::new();
    for system in fs::read_dir(root).expect("a folder") {
        for file in files(&system.expect("a folder").path()) {
            wrong.extend(run(&file).await);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
