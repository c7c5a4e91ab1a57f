//! Observes how the connection of one client is made, and reports its protocol or its delay to the pool. The client gets no
//! second connection: each generation of a slot is one connection.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::Connection;
use tokio::time::{Instant, sleep_until, timeout};
use tower_layer::Layer;
use tower_service::Service;

use crate::http::dns::Resolver;
use crate::http::pool::Pool;
use crate::http::pool::slots::Reservation;

/// HTTP/2 needs a moment after the connection is open. A request that comes meanwhile asks for a second connection; if it
/// waits this long, it finds the first one.
const HTTP2_SETUP: Duration = Duration::from_millis(50);
/// After this time, other requests do not wait for the connection any more.
const STALLED_AFTER: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Layer around the connector of one client.
#[derive(Clone)]
pub(crate) struct ConnectObserver(Arc<Observed>);

struct Observed {
    pool: Weak<Pool>,
    slot: usize,
    generation: u64,
    resolver: Arc<Resolver>,
    /// Whether the connection speaks HTTP/2 without negotiation.
    is_http2: bool,
    was_asked: AtomicBool,
    /// Set once an HTTP/2 connection is open.
    http2_since: OnceLock<Instant>,
}

impl ConnectObserver {
    /// Reports to `pool` on the connection that is opened for `reservation`. Holds the pool weakly, as the pool's owner owns
    /// the client.
    pub(crate) fn new(pool: &Arc<Pool>, reservation: Reservation, resolver: &Arc<Resolver>, is_http2: bool) -> Self {
        Self(Arc::new(Observed {
            pool: Arc::downgrade(pool),
            slot: reservation.slot,
            generation: reservation.generation,
            resolver: Arc::clone(resolver),
            is_http2,
            was_asked: AtomicBool::new(false),
            http2_since: OnceLock::new(),
        }))
    }
}

impl Observed {
    async fn connect<C: Connection>(
        &self,
        connecting: impl Future<Output = Result<C, BoxError>>,
    ) -> Result<C, BoxError> {
        if self.was_asked.swap(true, Ordering::Relaxed) {
            if let Some(&since) = self.http2_since.get() {
                sleep_until(since + HTTP2_SETUP).await;
            }
            return Err(ConnectionClosed.into());
        }
        let mut connecting = Box::pin(connecting);
        let connected = match timeout(STALLED_AFTER, &mut connecting).await {
            Ok(connected) => connected,
            Err(_) => {
                self.resolver.forget();
                if let Some(pool) = self.pool.upgrade() {
                    pool.stalled(self.slot, self.generation);
                }
                connecting.await
            }
        };
        let connection = connected.inspect_err(|_| self.resolver.forget())?;
        let is_http2 = self.is_http2 || connection.connected().is_negotiated_h2();
        if is_http2 {
            self.http2_since.get_or_init(Instant::now);
        }
        if let Some(pool) = self.pool.upgrade() {
            pool.connected(self.slot, self.generation, is_http2);
        }
        Ok(connection)
    }
}

impl<S> Layer<S> for ConnectObserver {
    type Service = ObservedConnector<S>;

    fn layer(&self, connector: S) -> ObservedConnector<S> {
        ObservedConnector { connector: Arc::new(connector), observed: Arc::clone(&self.0) }
    }
}

/// A connector that reports what it does.
pub(crate) struct ObservedConnector<S> {
    // Every request clones its client and the connector in it several times.
    connector: Arc<S>,
    observed: Arc<Observed>,
}

impl<S> Clone for ObservedConnector<S> {
    fn clone(&self) -> Self {
        Self { connector: Arc::clone(&self.connector), observed: Arc::clone(&self.observed) }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection was closed")]
struct ConnectionClosed;

impl<S, T> Service<T> for ObservedConnector<S>
where
    S: Service<T, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Response: Connection + Send,
    S::Future: Send + 'static,
    T: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    /// Always ready: `call` asks the connector itself.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: T) -> Self::Future {
        let mut connector = S::clone(&self.connector);
        let observed = Arc::clone(&self.observed);
        Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            observed.connect(connector.call(target)).await
        })
    }
}
