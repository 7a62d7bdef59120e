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
//! A line `file NAME TYPE: TEXT` in the place of the body sends a form with the file, a line `field NAME: TEXT` adds a
//! field to it. In an expected answer `"*"` stands for any value.

use std::{fs, path::Path};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

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

async fn run(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a case file");
    let (rows, cases) = parse(&text);
    let app = TestApp::start().await;
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
    let mut wrong = Vec::new();
    for case in cases {
        let mut words = case.request.split(' ');
        let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let token = if words.next() == Some("as") { None } else { Some(TOKEN) };
        let (body, content_type) = body(&case.body);
        let method = method.parse().expect("a method");
        let call = Call { method, path: address.into(), token, content_type: &content_type, body, host: None };
        let answer = send(&app, call).await;
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
        let mut files: Vec<_> = fs::read_dir(system.expect("a folder").path())
            .expect("a folder")
            .map(|file| file.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
            .collect();
        files.sort();
        for file in files {
            wrong.extend(run(&file).await);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
