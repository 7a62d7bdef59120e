//! A subsidiary: a whole instance of its own behind a door that a test programs.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::ServiceExt;

use super::{Actor, TestApp, actor::Answer, app::DAUGHTER};

/// How the subsidiary answers.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// As it should.
    Good,
    /// Never.
    Hang,
    /// It does what it is asked, but its answer gets lost.
    Forget,
    /// With a status and a body.
    Say(u16, &'static str),
}

struct Door {
    router: Router,
    behaviour: Mutex<Behaviour>,
    calls: AtomicUsize,
}

/// A subsidiary.
pub struct Subsidiary {
    pub app: TestApp,
    address: SocketAddr,
    door: Arc<Door>,
    server: JoinHandle<()>,
}

impl Drop for Subsidiary {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Subsidiary {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let behaviour = Mutex::new(Behaviour::Good);
        let door = Arc::new(Door { router: app.router.clone(), behaviour, calls: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().fallback(answer).with_state(door.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { app, address, door, server }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.door.behaviour.lock().expect("no panic") = behaviour;
    }

    /// Questions so far.
    pub fn calls(&self) -> usize {
        self.door.calls.load(Ordering::SeqCst)
    }

    /// Joins a hub as the system of a company, as subsidiaries do: with an enrolment token.
    pub async fn join(&self, hub: &TestApp, admin: &Actor, company: i64) {
        let answer = self.offer(hub, admin, company, Value::Null).await;
        assert_eq!(answer.data("registerSource.errors"), &json!([]), "{answer:?}");
        assert_eq!(answer.data("registerSource.source.state"), "ACTIVE");
    }

    /// Tries to join, with mappings if it is taken for a server with a schema of its own.
    pub async fn offer(&self, hub: &TestApp, admin: &Actor, company: i64, mappings: Value) -> Answer {
        let words = [
            "leads.read",
            "leads.all",
            "deals.read",
            "tickets.read",
            "clients.read",
            "invoices.read",
            "tasks.read",
            "activity.read",
            "crm.prospects",
            "crm.all_prospects",
            "payroll.receive",
        ];
        let credential = self.app.machine(&words).await.token.expect("machines have tokens");
        let token = admin
            .done(&format!(
                "createEnrolmentToken(input: {{tenant: {{number: {company}}}}}) {{ token errors {{ code field message }} }}"
            ))
            .await
            .text("createEnrolmentToken.token");
        let mutation = "mutation($input: RegisterSourceInput!) { registerSource(input: $input) \
            { source { state } errors { code field message } } }";
        let input = json!({
            "token": token, "endpoint": format!("http://{}/graphql", self.address), "credential": credential,
            "mappings": mappings,
        });
        hub.anonymous().query_with(mutation, json!({ "input": input })).await
    }
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    door.calls.fetch_add(1, Ordering::SeqCst);
    let behaviour = door.behaviour.lock().expect("no panic").clone();
    match behaviour {
        Behaviour::Good => door.router.clone().oneshot(request).await.into_response(),
        Behaviour::Forget => {
            let _ = door.router.clone().oneshot(request).await;
            StatusCode::BAD_GATEWAY.into_response()
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Say(status, body) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}

/// A hub with two subsidiaries: Daughter and Sister.
pub async fn group() -> (TestApp, Actor, [Subsidiary; 2]) {
    let hub = TestApp::start().await;
    let admin = hub.administrator().await;
    let tenant = json!({ "name": "Sister", "namespace": "sister", "base_currency": "EUR", "time_zone": "UTC" });
    let sister = hub.insert("tenant", tenant).await;
    hub.hub.directory.load(&hub.hub.database.read).await.expect("the companies are there");
    let subsidiaries = [Subsidiary::start().await, Subsidiary::start().await];
    for (subsidiary, company) in subsidiaries.iter().zip([DAUGHTER, sister]) {
        subsidiary.join(&hub, &admin, company).await;
    }
    (hub, admin, subsidiaries)
}
