//! Kept connections to sources. One that speaks HTTP/1.1 rests between calls and belongs to the call that uses it; one
//! that speaks HTTP/2 is shared. It must not know what is sent.

use std::{
    collections::HashMap,
    error::Error,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{Connection as _, HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower_service::Service;

use super::address::{AddressRules, CheckedResolver};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a connection may rest.
const REST: Duration = Duration::from_secs(50);

type Opened = Result<MaybeHttpsStream<TokioIo<TcpStream>>, Box<dyn Error + Send + Sync>>;
/// Bytes from and to a source, whether sealed or not.
pub type Stream = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// All connections of a process to sources.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    connector: HttpsConnector<HttpConnector<CheckedResolver>>,
    resting: Mutex<HashMap<Arc<str>, Vec<Resting>>>,
    /// One for each connection that may be open, resting ones included.
    places: Arc<Semaphore>,
    /// Calls that wait for a place.
    waiting: AtomicUsize,
}

/// A connection that can be used.
pub struct Connection {
    origin: Arc<str>,
    pub way: Way,
    /// Whether it has served a call before: then the other side may have closed it meanwhile.
    pub is_kept: bool,
}

/// How a connection is used.
pub enum Way {
    /// By one call at a time.
    Single(Box<Single>),
    Shared(http2::SendRequest<Full<Bytes>>),
}

/// A connection that speaks HTTP/1.1.
pub struct Single {
    pub stream: Stream,
    _place: OwnedSemaphorePermit,
}

impl Single {
    /// While it rests nothing may come, not even its end.
    fn is_alive(&mut self) -> bool {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        Pin::new(&mut self.stream).poll_read(&mut Context::from_waker(Waker::noop()), &mut buffer).is_pending()
    }
}

struct Resting {
    way: Way,
    since: Instant,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub struct Unconnected(#[source] pub Box<dyn Error + Send + Sync>);

impl fmt::Debug for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.resting().values().map(Vec::len).sum::<usize>();
        formatter.debug_struct("Connections").field("resting", &open).finish_non_exhaustive()
    }
}

impl Connections {
    /// At most so many, to addresses that the rules allow.
    ///
    /// # Panics
    /// The TLS library cannot start.
    #[must_use]
    pub fn new(rules: AddressRules, most: usize) -> Self {
        let mut plain = HttpConnector::new_with_resolver(CheckedResolver(rules));
        plain.enforce_http(false);
        plain.set_nodelay(true);
        plain.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(rustls::crypto::aws_lc_rs::default_provider())
            .expect("the certificates of the system can be read")
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(plain);
        Self(Arc::new(Shared {
            connector,
            resting: Mutex::default(),
            places: Arc::new(Semaphore::new(most.max(1))),
            waiting: AtomicUsize::new(0),
        }))
    }

    fn resting(&self) -> MutexGuard<'_, HashMap<Arc<str>, Vec<Resting>>> {
        self.0.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that rested, if one is alive.
    #[must_use]
    pub fn kept(&self, origin: &Arc<str>) -> Option<Connection> {
        loop {
            let Resting { mut way, since } = self.take(origin)?;
            let is_alive = match &mut way {
                Way::Single(single) => single.is_alive(),
                Way::Shared(sender) => !sender.is_closed(),
            };
            if is_alive && since.elapsed() < REST {
                return Some(Connection { origin: origin.clone(), way, is_kept: true });
            }
            if let Way::Shared(_) = way {
                self.resting().remove(origin);
            }
        }
    }

    /// The one that rested last; shared ones stay for others.
    fn take(&self, origin: &Arc<str>) -> Option<Resting> {
        let mut resting = self.resting();
        let kept = resting.get_mut(origin)?;
        match kept.last()? {
            Resting { way: Way::Shared(sender), since } => {
                Some(Resting { way: Way::Shared(sender.clone()), since: *since })
            }
            Resting { way: Way::Single(_), .. } => kept.pop(),
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn open(&self, origin: &Arc<str>, uri: &Uri) -> Result<Connection, Unconnected> {
        let place = self.place().await;
        let mut connector = self.0.connector.clone();
        poll_fn(|context| connector.poll_ready(context)).await.map_err(Unconnected)?;
        let stream: Opened = connector.call(uri.clone()).await;
        let stream = stream.map_err(Unconnected)?;
        let way = if stream.connected().is_negotiated_h2() {
            let shared = http2::handshake(TokioExecutor::new(), stream).await;
            let (sender, driver) = shared.map_err(|error| Unconnected(error.into()))?;
            tokio::spawn(async move {
                if let Err(error) = driver.await {
                    tracing::debug!(%error, "a shared connection to a source broke");
                }
                drop(place);
            });
            self.rest(origin, Way::Shared(sender.clone()));
            Way::Shared(sender)
        } else {
            Way::Single(Box::new(Single { stream: TokioIo::new(stream), _place: place }))
        };
        Ok(Connection { origin: origin.clone(), way, is_kept: false })
    }

    /// Room for one more connection; one that rests makes way.
    async fn place(&self) -> OwnedSemaphorePermit {
        if let Ok(place) = self.0.places.clone().try_acquire_owned() {
            return place;
        }
        // Counted before one is closed: whoever rests a connection afterwards sees that it is needed.
        let _waiting = Waiting::new(&self.0.waiting);
        self.close_one();
        self.0.places.clone().acquire_owned().await.expect("places are never closed")
    }

    fn close_one(&self) {
        let mut resting = self.resting();
        let single = |kept: &&mut Vec<Resting>| matches!(kept.last(), Some(Resting { way: Way::Single(_), .. }));
        let closed = resting.values_mut().find(single).and_then(Vec::pop);
        drop(resting);
        drop(closed);
    }

    fn rest(&self, origin: &Arc<str>, way: Way) {
        self.resting().entry(origin.clone()).or_default().push(Resting { way, since: Instant::now() });
    }

    /// Takes a connection back whose answer was read to its end.
    pub fn keep(&self, connection: Connection) {
        match connection.way {
            Way::Single(single) => {
                self.rest(&connection.origin, Way::Single(single));
                if self.0.waiting.load(Ordering::SeqCst) > 0 {
                    self.close_one();
                }
            }
            // Shared ones rest from the start.
            Way::Shared(_) => {}
        }
    }
}

/// Counts a call that waits, however its waiting ends.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
