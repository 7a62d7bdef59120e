//! The REST interfaces of older systems: finds the endpoint, runs its operation for the caller, and answers in the
//! system's own form. It must not know what the endpoints do.

mod body;
mod caller;
pub mod documents;
mod instance_token;
mod mounts;
mod quota;
mod records;
mod uploads;

use std::{sync::Arc, time::Instant};

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use groupgraph_rest_compat::{
    bind::Incoming,
    endpoint::Endpoint,
    failure::{self, Circumstances, Failure},
    problem::Problems,
    route::Found,
};

pub use self::{
    instance_token::InstanceTokens,
    mounts::{Mounted, Mounts, WrongMount, catalog},
};
use groupgraph_schema::performance::Sample;

use super::{App, allowance::Standing, nothing_here, observe};

/// Answers what no other route takes.
pub async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(parts.uri.host());
    let Some(mounted) = app.rest.find(host.unwrap_or_default(), parts.uri.path()) else {
        body::finish(&parts.headers, body).await;
        return nothing_here().await;
    };
    let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
    match mounted.system.routes.find(method, mounted.path) {
        Found::Nothing => {
            body::finish(&parts.headers, body).await;
            let nothing = Failure::new(failure::NOT_FOUND, "There is nothing at this address.");
            let mut response = refused(&app, &mounted, None, &parts, &[nothing]);
            quota::tell(&app, &mounted, None, response.headers_mut());
            response
        }
        Found::OtherMethods(methods) => {
            body::finish(&parts.headers, body).await;
            let mut response = other_methods(&app, &mounted, &parts, &methods);
            quota::tell(&app, &mounted, None, response.headers_mut());
            response
        }
        Found::Endpoint(index, path) => {
            let endpoint = &mounted.system.endpoints[index];
            let (started, sent) = (Instant::now(), length(&parts.headers));
            let mut response = match call(&app, &mounted, (endpoint, &path), &parts, body).await {
                Ok(response) => response,
                Err(stop) => {
                    let mut response = refused(&app, &mounted, Some(endpoint), &parts, &stop.failures);
                    if let Some(standing) = stop.standing {
                        standing.tell(response.headers_mut());
                    }
                    quota::tell(&app, &mounted, stop.quota, response.headers_mut());
                    quota::tell_wait(stop.wait, response.headers_mut());
                    response
                }
            };
            let sample = Sample {
                took: started.elapsed(),
                is_failed: response.status().is_server_error(),
                bytes: sent + response.body().size_hint().lower(),
            };
            app.hub.performance().add(app.hub.clock.now(), &mounted.system.name, &endpoint.path, sample);
            let route = format!("{}{}", mounted.prefix, endpoint.path);
            response.extensions_mut().insert(observe::Operation { name: endpoint.name.clone(), route });
            response
        }
    }
}

/// Bytes of a body, as far as they are told.
fn length(headers: &HeaderMap) -> u64 {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    told.unwrap_or_default()
}

/// Why a call was not answered.
#[derive(Default)]
pub struct Stop {
    failures: Vec<Failure>,
    /// What is left to a caller who has asked too often.
    standing: Option<Standing>,
    /// What is left of the documented quota.
    quota: Option<quota::Left>,
    /// Seconds to wait.
    wait: Option<i64>,
}

impl From<Vec<Failure>> for Stop {
    fn from(failures: Vec<Failure>) -> Self {
        Self { failures, ..Self::default() }
    }
}

async fn call(
    app: &Arc<App>,
    mounted: &Mounted<'_>,
    (endpoint, path): (&Endpoint, &[String]),
    parts: &Parts,
    body: Body,
) -> Result<Response, Stop> {
    let Some(_place) = app.places.take() else {
        return Err(vec![Failure::new("OVERLOADED", "The server is busy; ask again in a moment.")].into());
    };
    let (caller, standing) = match caller::admit(app, mounted, endpoint, parts).await {
        Ok(admitted) => admitted,
        Err(stop) => {
            body::finish(&parts.headers, body).await;
            return Err(stop);
        }
    };
    let used = match quota::take(app, mounted, endpoint, caller.counted()).await {
        Ok(used) => used,
        Err((stop, quota)) => {
            body::finish(&parts.headers, body).await;
            return Err(Stop { quota, ..stop });
        }
    };
    let quota = used.standing;
    let failed = |failures: Vec<Failure>| Stop { quota, ..failures.into() };
    let (body, arrived) = body::read(app, endpoint, &parts.headers, body).await.map_err(failed)?;
    let caller = caller.with(arrived);
    let query = parts.uri.query().unwrap_or_default();
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let incoming = Incoming { path, query, address, headers: Some(&parts.headers), body };
    let answer = groupgraph_rest_compat::call(app.rest.catalog, mounted.system, endpoint, incoming, &caller).await;
    let answer = answer.map_err(failed)?;
    drop(used);
    let mut response = json(answer.status, answer.body);
    quota::tell(app, mounted, quota, response.headers_mut());
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    Ok(response)
}

fn json(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    (status, headers, body).into_response()
}

fn refused(
    app: &App,
    mounted: &Mounted<'_>,
    endpoint: Option<&Endpoint>,
    parts: &Parts,
    failures: &[Failure],
) -> Response {
    let (id, now) = (observe::id(&parts.extensions), app.hub.clock.now().to_rfc3339());
    let around = Circumstances { request_id: &id, now: &now };
    let table = endpoint.and_then(|endpoint| endpoint.failures.as_deref());
    let refusal = failure::refuse(&mounted.system.settings, table, failures, around);
    let mut response = json(refusal.status, refusal.body);
    let headers = response.headers_mut();
    match refusal.status {
        401 => drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        // What is left of the body would be taken for the next request.
        408 | 413 => drop(headers.insert(header::CONNECTION, HeaderValue::from_static("close"))),
        503 => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"))),
        _ => {}
    }
    response
}

fn other_methods(app: &App, mounted: &Mounted<'_>, parts: &Parts, methods: &[Method]) -> Response {
    let failure = Failure::new("METHOD_NOT_ALLOWED", "This address does not take this method.");
    let mut response = refused(app, mounted, None, parts, &[failure]);
    let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// Why the interfaces cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    #[error("operation files are wrong:\n{0}")]
    Files(&'static Problems),
    #[error(transparent)]
    Mount(#[from] WrongMount),
}
