//! Watches the connection of one client being made: tells the pool when it stands and which protocol it speaks, and when
//! it takes long. There is no second one: each generation of a lane is one connection.

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
use crate::http::pool::{Permit, Pool};

/// A connection stands a moment before HTTP/2 has been set up on it; requests that come meanwhile ask for another one, and
/// find this one if they wait.
const HTTP2_SETUP: Duration = Duration::from_millis(50);
/// After so long, others do not wait for this connection any more.
const STALLED_AFTER: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Layer around the connector of one client.
#[derive(Clone)]
pub struct Watch(Arc<Watched>);

struct Watched {
    pool: Weak<Pool>,
    lane: usize,
    generation: u64,
    resolver: Arc<Resolver>,
    was_asked: AtomicBool,
    /// Set once an HTTP/2 connection stands.
    http2_since: OnceLock<Instant>,
}

impl Watch {
    /// Reports to `pool` on the lane that `permit` leads; holds it weakly, as the pool's owner owns the client.
    pub fn new(pool: &Arc<Pool>, permit: &Permit, resolver: &Arc<Resolver>) -> Self {
        Self(Arc::new(Watched {
            pool: Arc::downgrade(pool),
            lane: permit.lane(),
            generation: permit.generation(),
            resolver: Arc::clone(resolver),
            was_asked: AtomicBool::new(false),
            http2_since: OnceLock::new(),
        }))
    }
}

impl Watched {
    async fn connect<C: Connection>(
        &self,
        connecting: impl Future<Output = Result<C, BoxError>>,
    ) -> Result<C, BoxError> {
        if self.was_asked.swap(true, Ordering::Relaxed) {
            if let Some(&since) = self.http2_since.get() {
                sleep_until(since + HTTP2_SETUP).await;
            }
            return Err(Ended.into());
        }
        let mut connecting = Box::pin(connecting);
        let connected = match timeout(STALLED_AFTER, &mut connecting).await {
            Ok(connected) => connected,
            Err(_) => {
                self.resolver.forget();
                if let Some(pool) = self.pool.upgrade() {
                    pool.stalled(self.lane, self.generation);
                }
                connecting.await
            }
        };
        let connection = connected.inspect_err(|_| self.resolver.forget())?;
        let is_http2 = connection.connected().is_negotiated_h2();
        if is_http2 {
            self.http2_since.get_or_init(Instant::now);
        }
        if let Some(pool) = self.pool.upgrade() {
            pool.connected(self.lane, self.generation, is_http2);
        }
        Ok(connection)
    }
}

impl<S> Layer<S> for Watch {
    type Service = WatchedConnector<S>;

    fn layer(&self, connector: S) -> WatchedConnector<S> {
        WatchedConnector { connector: Arc::new(connector), watched: Arc::clone(&self.0) }
    }
}

/// A connector that is being watched.
pub struct WatchedConnector<S> {
    // Every request clones its client, connector included, several times over; hardly any connects.
    connector: Arc<S>,
    watched: Arc<Watched>,
}

impl<S> Clone for WatchedConnector<S> {
    fn clone(&self) -> Self {
        Self { connector: Arc::clone(&self.connector), watched: Arc::clone(&self.watched) }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection has ended")]
struct Ended;

impl<S, T> Service<T> for WatchedConnector<S>
where
    S: Service<T, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Response: Connection + Send,
    S::Future: Send + 'static,
    T: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    /// Always: the connector is asked when it is needed.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: T) -> Self::Future {
        let mut connector = S::clone(&self.connector);
        let watched = Arc::clone(&self.watched);
        Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            watched.connect(connector.call(target)).await
        })
    }
}
