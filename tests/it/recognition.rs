//! Invoices that a service outside reads: the steps of a job, and what a service may do to it.

use std::net::SocketAddr;

use axum::{Json, Router, response::Redirect, routing::post};
use chrono::TimeDelta;
use groupgraph::demo::outside;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Actor, TestApp, app::Builder, receiver::Receiver};

const WORDS: [&str; 3] = ["records.read", "records.write", "settings.read"];

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn asking(url: &str) -> Builder {
    TestApp::builder()
        .set("outside.allow_private_addresses", "true")
        .set("outside.recognition.url", url)
        .set("outside.recognition.key", outside::KEY)
}

/// Record id of a new row of a resource.
async fn created(actor: &Actor, of: &str, input: &str) -> String {
    let one = format!("{}{}", of[..1].to_lowercase(), &of[1..]);
    let answer = actor
        .done(&format!("create{of}(input: {{ {input} }}) {{ {one} {{ recordId }} errors {{ code field message }} }}"))
        .await;
    answer.text(&format!("create{of}.{one}.recordId"))
}

/// A group, and a job of it for a document.
async fn job(actor: &Actor, url: &str) -> (String, String) {
    let rules = "{ field: \"number\", rule: \"required\" }, { field: \"amounts.total\", rule: \"numeric\" }, \
                 { field: \"dueDate\", rule: \"email\", message: \"No date\" }";
    let template = format!(
        "name: \"Invoices\", ocrEngine: \"custom\", documentType: \"invoice\", \
         extractionRules: {{ lineItems: {{ enabled: true }} }}, \
         postprocessingSettings: {{ confidenceThreshold: 0.99, validationRules: [{rules}] }}"
    );
    let template = created(actor, "OcrInvoiceJobTemplate", &template).await;
    let group = format!("name: \"May\", template: \"{template}\", processingSettings: {{ retryCount: 1 }}");
    let group = created(actor, "OcrInvoiceJobGroup", &group).await;
    let job = format!(
        "jobNumber: \"J-1\", documentName: \"invoice.pdf\", documentUrl: \"{url}\", template: \"{template}\", group: \"{group}\""
    );
    (group, created(actor, "OcrInvoiceJob", &job).await)
}

async fn process(actor: &Actor, job: &str) -> String {
    let process = format!(
        "processOcrInvoiceJob(input: {{ recordId: \"{job}\" }}) {{ work {{ status }} errors {{ code field message }} }}"
    );
    actor.done(&process).await.text("processOcrInvoiceJob.work.status")
}

/// Status, number of attempts that failed, and the last fault of a job.
async fn standing(actor: &Actor, job: &str) -> (String, Option<i64>, Option<String>) {
    let answer =
        actor.query(&format!("{{ ocrInvoiceJob(recordId: \"{job}\") {{ status retryCount errorLog }} }}")).await;
    let found = answer.data("ocrInvoiceJob");
    let text = |name: &str| found[name].as_str().map(str::to_owned);
    (text("status").unwrap_or_default(), found["retryCount"].as_i64(), text("errorLog"))
}

#[tokio::test]
async fn a_document_is_read_in_the_background() {
    let service = serve(outside::router()).await;
    let app = asking(&format!("http://{service}/recognition")).start().await;
    let actor = app.staff("Clerk", &WORDS).await;
    let (group, job) = job(&actor, &format!("http://{service}{}", outside::SAMPLE_PATH)).await;
    assert_eq!(standing(&actor, &job).await.0, "created");
    assert_eq!(process(&actor, &job).await, "queued");
    assert_eq!(process(&actor, &job).await, "queued", "a second call changes nothing");
    let counts = format!(
        "{{ ocrInvoiceJobGroup(recordId: \"{group}\") {{ status totalJobs pendingJobs completedJobs failedJobs }} }}"
    );
    let expected =
        json!({ "status": "processing", "totalJobs": 1, "pendingJobs": 1, "completedJobs": 0, "failedJobs": 0 });
    assert_eq!(*actor.query(&counts).await.data("ocrInvoiceJobGroup"), expected);
    assert_eq!(app.deliver().await, 1, "one call, however often it was queued");
    let read = actor
        .query(&format!(
            "{{ ocrInvoiceJob(recordId: \"{job}\") {{ status completedAt cost documentInfo {{ pages }} confidence {{ overall }} \
             validationResults {{ isValid errors {{ field message severity }} }} \
             extractedData {{ invoice {{ number dueDate amounts {{ total currency }} }} lineItems {{ description quantity }} }} }} }}"
        ))
        .await;
    let found = read.data("ocrInvoiceJob");
    assert_eq!((&found["status"], &found["documentInfo"]["pages"]), (&json!("completed"), &json!(1)), "{found}");
    let invoice =
        json!({ "number": "KM-2041", "dueDate": "2026-06-03", "amounts": { "total": 591_250, "currency": "NGN" } });
    assert_eq!(found["extractedData"]["invoice"], invoice);
    assert_eq!(found["extractedData"]["lineItems"][1], json!({ "description": "Door seal", "quantity": 4 }));
    // By the rules of the template: its threshold is higher, and a day is no mail address.
    let wrong = json!([
        { "field": "dueDate", "message": "No date", "severity": "error" },
        { "field": "confidence", "message": "is below 0.99", "severity": "warning" },
    ]);
    assert_eq!(found["validationResults"], json!({ "isValid": false, "errors": wrong }));
    let expected =
        json!({ "status": "completed", "totalJobs": 1, "pendingJobs": 0, "completedJobs": 1, "failedJobs": 0 });
    assert_eq!(*actor.query(&counts).await.data("ocrInvoiceJobGroup"), expected);
    let again = actor.failures(&format!("processOcrInvoiceJob(input: {{ recordId: \"{job}\" }})")).await;
    assert_eq!(again, [("WRONG_STATE".to_owned(), "recordId".to_owned())]);
}

#[tokio::test]
async fn a_page_is_read_by_itself() {
    let service = serve(outside::router()).await;
    let app = asking(&format!("http://{service}/recognition")).start().await;
    let actor = app.staff("Clerk", &WORDS).await;
    let url = format!("http://{service}{}", outside::SAMPLE_PATH);
    let (_, job) = job(&actor, &url).await;
    let page = format!("job: \"{job}\", pageNumber: 1, pageUrl: \"{url}\"");
    let page = created(&actor, "OcrInvoiceJobPage", &page).await;
    let process = format!(
        "processOcrInvoiceJobPage(input: {{ recordId: \"{page}\" }}) {{ work {{ status }} errors {{ code field }} }}"
    );
    assert_eq!(actor.done(&process).await.text("processOcrInvoiceJobPage.work.status"), "processing");
    assert_eq!(app.deliver().await, 1);
    let read = actor
        .query(&format!(
            "{{ ocrInvoiceJobPage(recordId: \"{page}\") {{ status ocrResults {{ confidence }} extractedFields }} }}"
        ))
        .await;
    let fields = json!({ "number": "KM-2041", "total": "591250.00" });
    let expected = json!({ "status": "completed", "ocrResults": { "confidence": 0.97 }, "extractedFields": fields });
    assert_eq!(*read.data("ocrInvoiceJobPage"), expected);
    assert_eq!(standing(&actor, &job).await.0, "created", "the job is no page");
}

#[tokio::test]
async fn a_service_that_fails_is_asked_again_and_then_given_up() {
    let service = Receiver::start().await;
    let app = asking(&service.url()).start().await;
    let actor = app.staff("Clerk", &WORDS).await;
    let (group, job) = job(&actor, "https://example.com/invoice.pdf").await;
    service.answer(503, None);
    process(&actor, &job).await;
    app.deliver().await;
    let (status, tried, error) = standing(&actor, &job).await;
    assert_eq!((status.as_str(), tried), ("queued", Some(1)));
    assert!(error.is_some_and(|error| error.starts_with("SERVER_ERROR")));
    app.pass(TimeDelta::minutes(1));
    app.deliver().await;
    assert_eq!(standing(&actor, &job).await.0, "failed", "the group allows one more attempt");
    let asked = service.take();
    assert_eq!(asked.len(), 2);
    let (first, second) = (asked[0].json(), asked[1].json());
    assert_eq!(first["key"], second["key"], "the service can tell that it is the same");
    assert_eq!(first["document"]["url"], "https://example.com/invoice.pdf");
    assert_eq!(first["template"]["ocrEngine"], "custom");
    assert_eq!(asked[0].header("authorization"), format!("Bearer {}", outside::KEY));
    let counts = actor.query(&format!("{{ ocrInvoiceJobGroup(recordId: \"{group}\") {{ status failedJobs }} }}")).await;
    assert_eq!(*counts.data("ocrInvoiceJobGroup"), json!({ "status": "failed", "failedJobs": 1 }));
    // A failed job may be queued again.
    assert_eq!(process(&actor, &job).await, "queued");
    assert_eq!(standing(&actor, &job).await.2, None);
}

/// What becomes of a job whose service does this, and what it says.
async fn after(service: Router, settings: &[(&str, &str)]) -> (String, String) {
    let address = serve(service).await;
    let mut builder = asking(&format!("http://{address}/read"));
    for (name, value) in settings {
        builder = builder.set(name, value);
    }
    let app = builder.start().await;
    let actor = app.staff("Clerk", &WORDS).await;
    let (_, job) = job(&actor, "https://example.com/invoice.pdf").await;
    process(&actor, &job).await;
    app.deliver().await;
    let (status, _, error) = standing(&actor, &job).await;
    (status, error.unwrap_or_default().split(':').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_service_cannot_do_what_it_likes() {
    let answering = |answer: Value| Router::new().route("/read", post(move || async move { Json(answer) }));
    let never = Router::new().route("/read", post(std::future::pending::<()>));
    let elsewhere = Router::new()
        .route("/read", post(|| async { Redirect::temporary("/elsewhere") }))
        .route("/elsewhere", post(|| async { Json(json!({ "cost": 1 })) }));
    let wrong = json!({ "extractedData": { "invoice": { "date": "yesterday" } } });
    let done = ("completed", "");
    for (what, service, settings, expected) in [
        ("slow", never, ("outside.recognition.timeout_ms", "50"), ("queued", "TIMED_OUT")),
        ("redirecting", elsewhere, ("outside.recognition.timeout_ms", "5000"), ("queued", "REDIRECT")),
        (
            "long",
            answering(json!({ "extractedData": {} })),
            ("outside.recognition.max_answer_bytes", "5"),
            ("failed", "TOO_LARGE"),
        ),
        ("wrong", answering(wrong), ("outside.recognition.timeout_ms", "5000"), ("failed", "MALFORMED")),
        (
            "without an object",
            answering(json!([])),
            ("outside.recognition.timeout_ms", "5000"),
            ("failed", "MALFORMED"),
        ),
        (
            "with more",
            answering(json!({ "status": "created", "cost": 1 })),
            ("outside.recognition.timeout_ms", "5000"),
            done,
        ),
        ("knowing nothing", Router::new(), ("outside.recognition.timeout_ms", "5000"), ("failed", "UNREADABLE")),
    ] {
        let (status, code) = after(service, &[settings]).await;
        assert_eq!((status.as_str(), code.as_str()), expected, "a service that is {what}");
    }
}

#[tokio::test]
async fn a_process_that_ends_loses_no_job() {
    let service = serve(outside::router()).await;
    let url = format!("http://{service}/recognition");
    let first = asking(&url).start().await;
    let actor = first.staff("Clerk", &WORDS).await;
    let (_, job) = job(&actor, &format!("http://{service}{}", outside::SAMPLE_PATH)).await;
    process(&actor, &job).await;
    // It has taken the job and told the service, and then it ends.
    first
        .execute("UPDATE delivery SET lease = 'of a process that is gone', leased_until = '2026-05-19T12:00:10Z'")
        .await;
    let second = asking(&url).beside(&first).start().await;
    assert_eq!(second.deliver().await, 0, "it is still the first one's");
    second.pass(TimeDelta::minutes(1));
    assert_eq!(second.deliver().await, 1);
    assert_eq!(standing(&actor.at(&second), &job).await.0, "completed");
}

#[tokio::test]
async fn without_a_service_somebody_hands_in_what_was_read() {
    let app = TestApp::start().await;
    let actor = app.staff("Clerk", &WORDS).await;
    let (_, job) = job(&actor, "https://example.com/invoice.pdf").await;
    process(&actor, &job).await;
    assert_eq!(app.deliver().await, 0);
    let hand_in =
        |data: &str| format!("recordOcrInvoiceResult(input: {{ recordId: \"{job}\", extractedData: {data} }})");
    let wrong = actor.failures(&hand_in("{ invoice: { date: \"yesterday\" } }")).await;
    assert_eq!(wrong, [("INVALID".to_owned(), "extractedData.invoice.date".to_owned())]);
    assert_eq!(actor.failures(&hand_in("{ invoice: { number: \"A-1\" } }")).await, []);
    assert_eq!(standing(&actor, &job).await.0, "completed");
}
