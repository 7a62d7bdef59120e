//! A call from its request to its answer. Who executes the operation, and for whom, is left to the server.

use std::future::Future;

use async_graphql::{Request, Response};
use chrono_tz::Tz;

use crate::{
    batch,
    bind::{self, Incoming},
    catalog::{Catalog, System},
    endpoint::Endpoint,
    failure::Failure,
    pages, render,
};

/// Runs operations for one caller.
pub trait Executor {
    /// Executes one; its document is an operation file's own.
    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send;

    /// Zone in which the caller reads times.
    fn time_zone(&self) -> Tz;
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Answers a call.
///
/// # Errors
/// What is wrong with the request, or what the schema refused.
pub async fn call<E: Executor>(
    catalog: &Catalog,
    system: &System,
    endpoint: &Endpoint,
    incoming: Incoming<'_>,
    executor: &E,
) -> Result<Answer, Vec<Failure>> {
    let zone = executor.time_zone();
    let address = incoming.address.to_owned();
    let bound = bind::bind(catalog, system, endpoint, incoming, zone)?;
    let mut request = Request::new(endpoint.document.clone()).variables(bound.variables.clone());
    for (variable, file) in bound.files {
        request.set_upload(&format!("variables.{variable}"), file);
    }
    let mut response = executor.execute(request).await;
    if let Some(pages) = &endpoint.all_pages {
        response = pages::rest(endpoint, pages, &bound.variables, response, executor).await;
    }
    let mut body = match (&endpoint.listing, bound.page) {
        (Some(listing), Some(page)) => render::listing(listing, &response, page, &address)?,
        _ => render::body(endpoint, &response, zone)?,
    };
    if let (Some(batch), Some(aside)) = (&endpoint.batch, &bound.aside) {
        body = batch::write(system, (endpoint, batch), &body, aside)?;
    }
    Ok(Answer { status: endpoint.status, body })
}
