//! Watches connections being made: tells the pool when one stands and which protocol it speaks.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::Connection;
use tower_layer::Layer;
use tower_service::Service;

use crate::http::pool::Pool;

/// How long a connection that is no longer needed lets the request that asked for it find the one that is there.
const SUPERSEDED_GRACE: Duration = Duration::from_secs(1);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Layer around the connector of one lane.
#[derive(Clone)]
pub struct Watch {
    pool: Weak<Pool>,
    lane: usize,
}

impl Watch {
    /// Reports to `pool`; holds it weakly, as the pool's owner owns the client.
    pub fn new(pool: &Arc<Pool>, lane: usize) -> Self {
        Self { pool: Arc::downgrade(pool), lane }
    }
}

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched { connector: Arc::new(connector), watch: self.clone() }
    }
}

/// A connector that is being watched.
#[derive(Clone)]
pub struct Watched<S> {
    // Every request clones its client, connector included, several times over; hardly any connects.
    connector: Arc<S>,
    watch: Watch,
}

#[derive(Debug, thiserror::Error)]
#[error("another connection was made meanwhile")]
struct Superseded;

impl<S, T> Service<T> for Watched<S>
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
        let Watch { pool, lane } = self.watch.clone();
        Box::pin(async move {
            poll_fn(|context| connector.poll_ready(context)).await?;
            let connecting = connector.call(target);
            let Some(pool) = pool.upgrade() else { return connecting.await };
            let Some(_turn) = pool.turn_to_connect(lane).await else {
                tokio::time::sleep(SUPERSEDED_GRACE).await;
                return Err(Superseded.into());
            };
            let connection = connecting.await?;
            pool.connected(lane, connection.connected().is_negotiated_h2());
            Ok(connection)
        })
    }
}
