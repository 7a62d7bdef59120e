//! What a REST call costs beside the same operation at /graphql, in CPU time of this process: at most 1.15 times as
//! much. `cargo bench --bench rest` prints both and fails beyond that.

use std::{collections::BTreeSet, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use groupgraph::{
    config::{Config, Layers},
    http::{self, serve::Stopping},
    instance,
    seed::{self, Plan, Profile},
};
use groupgraph_schema::identity::admin::{NewToken, Owner, create_token};
use serde_json::json;
use tower::ServiceExt;

const ROUNDS: u32 = 2_000;
const MOST: f64 = 1.15;
const PATH: &str = "/api/crm/prospects/list?length=50";

/// CPU time of all threads, in ticks of 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let fields: Vec<u64> =
        after_name.split_whitespace().skip(11).take(2).map(|text| text.parse().expect("ticks")).collect();
    Duration::from_millis(fields.iter().sum::<u64>() * 10)
}

async fn send(router: &Router, request: Request<Body>) -> String {
    let response = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    String::from_utf8(bytes.to_vec()).expect("text")
}

async fn measured(router: &Router, request: impl Fn() -> Request<Body>) -> Duration {
    for _ in 0..ROUNDS / 10 {
        send(router, request()).await;
    }
    let before = cpu();
    for _ in 0..ROUNDS {
        send(router, request()).await;
    }
    cpu().saturating_sub(before)
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("groupgraph-bench-{}", uuid::Uuid::new_v4()));
    let data = folder.to_string_lossy().into_owned();
    let flags = [("data_dir", data.as_str()), ("limits.requests_per_minute", "0"), ("telemetry.level", "error")];
    let config = Config::from_layers(Layers::default().flags(flags)).expect("good settings");
    let hub = instance::open(&config).await.expect("the instance opens");
    let profile = Profile::all().into_iter().next().expect("a profile");
    seed::company(&hub, &Plan { profile: &profile, scale: 1, prospects: 0, password: None }).await.expect("rows");
    let owner = Owner::Person(profile.email(&profile.people[0].name));
    let new = NewToken { owner, name: "bench".into(), permissions: None::<BTreeSet<String>>, expires_at: None };
    let (_, token) = create_token(&hub, new).await.expect("a token");
    let (_stop, stopping) = Stopping::channel();
    let router = http::app(hub, &config, stopping).expect("the files are good");
    let system = http::catalog().expect("the files are good").system("crm").expect("the CRM");
    let endpoint = system.endpoints.iter().find(|endpoint| endpoint.name == "CrmListProspects").expect("the list");
    let body = json!({ "query": endpoint.document, "variables": { "length": 50 } }).to_string();
    let bearer = format!("Bearer {token}");
    let rest = || Request::get(PATH).header(header::AUTHORIZATION, &bearer).body(Body::empty()).expect("a request");
    let graphql = || {
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        request.header(header::AUTHORIZATION, &bearer).body(Body::from(body.clone())).expect("a request")
    };
    assert!(send(&router, graphql()).await.contains("recordsFiltered"));
    assert!(send(&router, rest()).await.contains("recordsFiltered"));
    // In turn, so that neither has the warmer machine.
    let mut times = [Duration::ZERO; 2];
    for _ in 0..3 {
        times[0] += measured(&router, graphql).await;
        times[1] += measured(&router, rest).await;
    }
    let [graphql, rest] = times.map(|time| time.as_secs_f64() * 1_000_000.0 / f64::from(3 * ROUNDS));
    let ratio = rest / graphql;
    println!("GraphQL {graphql:.0} µs, REST {rest:.0} µs of CPU a call: {ratio:.3} times");
    let _ = std::fs::remove_dir_all(folder);
    assert!(ratio <= MOST, "at most {MOST}");
}
