//! Who calls an endpoint, and the operations that are run for that caller.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{Request, Response};
use axum::http::{StatusCode, request::Parts};
use chrono_tz::Tz;
use groupgraph_rest_compat::{
    Executor,
    endpoint::Endpoint,
    failure::{Failure, INTERNAL},
};
use groupgraph_schema::{
    gate::{Checked, Trusted},
    upload::Arrived,
    verb::CallerAddress,
    viewer::{Reach, Viewer},
};

use super::{Mounted, Stop};
use crate::http::{
    App,
    allowance::Standing,
    caller::{self, Caller},
};

/// A caller who may call.
pub struct Admitted {
    app: Arc<App>,
    viewer: Viewer,
    address: Option<IpAddr>,
    arrived: Option<Arc<Arrived>>,
}

impl Admitted {
    /// The same with files that have been stored.
    pub fn with(self, arrived: Option<Arrived>) -> Self {
        Self { arrived: arrived.map(Arc::new), ..self }
    }
}

/// Finds out who calls, and whether that caller may call this endpoint now.
///
/// # Errors
/// No credential where one is needed, or too many requests.
pub async fn admit(
    app: &Arc<App>,
    mounted: &Mounted<'_>,
    endpoint: &Endpoint,
    parts: &Parts,
) -> Result<(Admitted, Option<Standing>), Stop> {
    let address = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for);
    let settings = &mounted.system.settings;
    let key = settings.key_header.as_ref().and_then(|name| parts.headers.get(name)?.to_str().ok());
    let mut found = match key {
        Some(key) => caller::behind(&app.hub, Some(key)).await,
        None => caller::viewer(&app.hub, &parts.headers).await,
    };
    if settings.accepts_instance_tokens
        && matches!(&found, Err(response) if response.status() == StatusCode::UNAUTHORIZED)
        && let Some(token) = caller::token(&parts.headers)
        && let Some(viewer) = app.instance_tokens.viewer(&app.hub, token).await.map_err(|failure| vec![failure])?
    {
        found = Ok(viewer);
    }
    let counted = Caller::of(found.as_ref().unwrap_or(&Viewer::default()), address);
    let standing = match (app.allowances.take(counted), mounted.allowances.take(counted)) {
        (Ok(all), Ok(own)) => own.or(all),
        (Err(standing), _) | (_, Err(standing)) => {
            let message = format!("Too many requests: wait {} s.", standing.wait());
            let failures = vec![Failure::new("RATE_LIMITED", message)];
            return Err(Stop { failures, standing: Some(standing), ..Stop::default() });
        }
    };
    let viewer = match found {
        Ok(viewer) => viewer,
        // A token that means nothing does not matter where none is needed.
        Err(_) if endpoint.is_public => Viewer::default(),
        Err(response) if response.status().is_server_error() => {
            return Err(vec![Failure::new(INTERNAL, "Something went wrong.")].into());
        }
        Err(_) => return Err(unauthenticated()),
    };
    let viewer = if settings.is_of_one_company { of_one_company(app, viewer) } else { viewer };
    if !endpoint.is_public && !viewer.is_signed_in() && viewer.password_code.is_none() {
        return Err(unauthenticated());
    }
    if let Some(word) = endpoint.needs.as_ref().filter(|word| !viewer.may(word)) {
        return Err(vec![Failure::new("FORBIDDEN", format!("You need the permission {word}."))].into());
    }
    Ok((Admitted { app: app.clone(), viewer, address, arrived: None }, standing))
}

/// The viewer without the rows of other companies.
fn of_one_company(app: &App, viewer: Viewer) -> Viewer {
    let own = viewer.tenant.or_else(|| app.hub.directory.head_office());
    Viewer { tenant: own, tenants: Reach::Some(own.into_iter().collect()), ..viewer }
}

fn unauthenticated() -> Stop {
    vec![Failure::new("UNAUTHENTICATED", "Sign in first.")].into()
}

impl Admitted {
    /// To whom its calls are counted.
    pub fn counted(&self) -> Caller {
        Caller::of(&self.viewer, self.address)
    }
}

impl Executor for Admitted {
    async fn execute(&self, request: Request) -> Response {
        let mut request = request.data(Trusted).data(Checked).data(self.viewer.clone());
        if let Some(address) = self.address {
            request = request.data(CallerAddress(address));
        }
        if let Some(arrived) = &self.arrived {
            request = request.data(arrived.clone());
        }
        let response = self.app.schema.execute(request).await;
        let is_unexplained = |error: &&async_graphql::ServerError| error.extensions.is_none() && error.path.is_empty();
        if let Some(error) = response.errors.iter().find(is_unexplained) {
            tracing::error!(%error, "an operation file does not run");
        }
        response
    }

    fn time_zone(&self) -> Tz {
        self.app.hub.directory.time_zone(self.viewer.tenant)
    }
}
