//! Accepts connections, cuts slow ones, and drains when told to stop; the outbox runs beside.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, http};
use groupgraph_schema::{delivery::Runner, hub::Hub};
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal,
    sync::watch,
    task::JoinSet,
};
use tower::ServiceExt;

use super::slow_reader::Timed;

/// Time for the head of a request to arrive; also how long an unused connection stays.
const HEAD_WAIT: Duration = Duration::from_secs(12);
/// Wait after a failed accept: mostly there are too many open files, and some will close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Whether the process is to stop; cheap to clone.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// With the sender that says so.
    #[must_use]
    pub fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Says so on SIGTERM or Ctrl-C. A second signal ends the process at once.
    ///
    /// # Errors
    /// The operating system does not let the process listen to signals.
    pub fn on_signals() -> io::Result<Self> {
        let (sender, stopping) = Self::channel();
        #[cfg(unix)]
        let mut terminations = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::spawn(async move {
            for _ in 0..2 {
                #[cfg(unix)]
                tokio::select! {
                    _ = terminations.recv() => {}
                    _ = signal::ctrl_c() => {}
                }
                #[cfg(not(unix))]
                let _ = signal::ctrl_c().await;
                if sender.send_replace(true) {
                    std::process::exit(130);
                }
            }
        });
        Ok(stopping)
    }

    /// Whether it has been said.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Until it is said; forever if nobody can say it any more.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|is_stopping| *is_stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Bounds of serving.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections open at the same time.
    pub connections: usize,
    /// Time that running requests get to finish when the server stops.
    pub grace: Duration,
    /// Time that sending an answer may wait for its reader.
    pub reader_wait: Duration,
}

/// Serves until told to stop; then running requests get the grace time to finish.
pub async fn serve(listener: TcpListener, router: Router, mut stopping: Stopping, bounds: Bounds) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() >= bounds.connections => refuse(&stream),
                Ok((stream, address)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "answers may wait for more bytes");
                    }
                    let stream = Timed::new(stream, bounds.reader_wait);
                    connections.spawn(connection(stream, address, router.clone(), stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            // Ended ones would pile up otherwise.
            Some(_) = connections.join_next() => {}
            () = stopping.wait() => break,
        }
    }
    drop(listener);
    tracing::info!(connections = connections.len(), "stopping: running requests may finish");
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(bounds.grace, drained).await.is_err() {
        tracing::warn!("requests were cut at the end of the grace time");
    }
}

/// Sends what the outbox holds until told to stop.
pub async fn deliver(hub: Hub, mut stopping: Stopping) {
    Runner::new(hub).run(async move { stopping.wait().await }).await;
}

/// Tells a connection that there are too many, if it can be told without waiting.
fn refuse(stream: &TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    if let Err(error) = stream.try_write(ANSWER) {
        tracing::debug!(%error, "a connection too many was not told");
    }
}

async fn connection(stream: Timed<TcpStream>, address: SocketAddr, router: Router, mut stopping: Stopping) {
    let service = router.map_request(move |mut request: http::Request<_>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request
    });
    // Without TLS nobody negotiates HTTP/2, and waiting for its preface would have no time limit.
    let connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopping.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
