//! Makes one attempt: sends a request over a pooled connection, reads the answer, follows safe redirects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Request, Url};
use rustls::ClientConfig;
use tokio::task::yield_now;

use crate::http::attempt_error::{AttemptError, AttemptErrorKind, Head};
use crate::http::body::{Sent, TrackedBody};
use crate::http::cause::Cause;
use crate::http::connection::Connection;
use crate::http::connector::ConnectObserver;
use crate::http::deadline::Deadline;
use crate::http::destination::Destination;
use crate::http::dns::{Resolver, SharedResolver};
use crate::http::pool::slots::{IDLE_TIMEOUT, Reservation};
use crate::http::pool::{Permit, Pool};
use crate::http::redirect::{Redirect, redirect};
use crate::http::response::{Response, read};
use crate::http::tls::{TlsConfig, TlsError};
use crate::runtime;

/// Limit for connection attempts that outlive their request.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// An HTTP/2 connection that does not answer a ping is dropped.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const MAX_REDIRECTS: usize = 5;
/// Limit for one attempt, if a server closes one connection after the other.
const MAX_RESENDS: usize = 100;

/// A request.
pub(crate) struct Post<'a> {
    /// Where to.
    pub(crate) url: &'a Url,
    /// All headers except those that follow from the body.
    pub(crate) headers: &'a HeaderMap,
    /// The request's body.
    pub(crate) body: Bytes,
    /// Reports whether the body was handed to a connection.
    pub(crate) sent: Sent,
}

/// A connection cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum SetupError {
    Tls(#[from] TlsError),
    Client(#[from] reqwest::Error),
}

impl From<SetupError> for Cause {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Tls(error) => Self::new(error.to_string(), None),
            SetupError::Client(error) => Self::new(Self::of(&error).message, None),
        }
    }
}

/// Connections to one destination, shared by all clients with the same settings.
pub(crate) struct Transport {
    destination: Destination,
    pool: Arc<Pool>,
    tls: TlsConfig,
    resolver: Arc<Resolver>,
    /// The current connection of each slot of the pool.
    connections: Vec<Mutex<Option<Connection>>>,
}

/// All transports that have a client.
static SHARED: Mutex<Option<HashMap<Destination, Weak<Transport>>>> = Mutex::new(None);

impl Transport {
    /// The process's transport to a destination.
    pub(crate) fn shared(destination: Destination) -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = shared.get_or_insert_default();
        shared.retain(|_, transport| transport.strong_count() > 0);
        if let Some(transport) = shared.get(&destination).and_then(Weak::upgrade) {
            return transport;
        }
        let transport = Arc::new(Self::new(destination.clone()));
        shared.insert(destination, Arc::downgrade(&transport));
        transport
    }

    /// Nothing is opened, read or started before the first request.
    fn new(destination: Destination) -> Self {
        let may_be_http2 = destination.is_https() || destination.has_http2_prior_knowledge();
        let pool = Pool::new(may_be_http2, destination.max_connections);
        let connections = (0..destination.max_connections).map(|_| Mutex::default()).collect();
        let resolver = Resolver::new(destination.connect_port());
        Self { destination, pool, tls: TlsConfig::default(), resolver, connections }
    }

    /// Sends a request and reads the response, all before `deadline`. A request that hit a closing connection and provably
    /// was not processed is resent at once on another one.
    pub(crate) async fn post(&self, post: Post<'_>, mut deadline: Deadline) -> Result<Response, Box<AttemptError>> {
        let mut resends = 0;
        loop {
            let Some(permit) = deadline.in_time(self.pool.permit()).await else {
                return Err(AttemptError::timeout("no connection became free", AttemptErrorKind::TimeoutUnsent));
            };
            let reservation = permit.reservation();
            let Some(connection) = deadline.in_time(self.connection(reservation)).await else {
                return Err(AttemptError::timeout("certificates could not be read", AttemptErrorKind::TimeoutUnsent));
            };
            let connection =
                connection.map_err(|error| AttemptError::boxed(AttemptErrorKind::Setup, error.into(), None))?;
            // It was lost after the permit was given: another request opens the next one.
            let Some(connection) = connection else { continue };
            if reservation.was_idle {
                // Polls the sockets: the server may have closed the connection while this process was stopped.
                yield_now().await;
            }
            connection.begin();
            // Boxed, so that a call in the queue does not carry the state of one on the wire.
            let result = Box::pin(self.exchange(&connection.client, &permit, &post, &mut deadline)).await;
            let error = result.as_ref().err();
            if error.is_some_and(|error| error.breaks_connection()) {
                permit.lost();
                // It closes when its other requests are done.
                self.current(reservation).take_if(|current| current.is(&connection));
            }
            let was_unprocessed = error.is_some_and(|error| match error.kind {
                AttemptErrorKind::Retired => true,
                // The connection was closed before the request got onto it.
                AttemptErrorKind::Unreachable => !reservation.opens_connection,
                _ => false,
            });
            if !permit.is_multiplexed() {
                // hyper gives the connection back a moment after its response; the next request must not come before.
                runtime::defer(move || drop(permit));
            }
            if !was_unprocessed || resends == MAX_RESENDS || !connection.has_other_requests().await {
                return result;
            }
            resends += 1;
            post.sent.clear();
        }
    }

    async fn exchange(
        &self,
        client: &Client,
        permit: &Permit,
        post: &Post<'_>,
        deadline: &mut Deadline,
    ) -> Result<Response, Box<AttemptError>> {
        let mut sent = post.sent.clone();
        let mut redirected: Option<Url> = None;
        let mut redirects = 0;
        loop {
            let url = redirected.as_ref().unwrap_or(post.url);
            let mut request = Request::new(Method::POST, url.clone());
            *request.headers_mut() = post.headers.clone();
            *request.body_mut() = Some(reqwest::Body::wrap(TrackedBody::new(post.body.clone(), sent.clone())));

            let response = match deadline.in_time(client.execute(request)).await {
                Some(Ok(response)) => response,
                Some(Err(error)) => return Err(AttemptError::no_response(&error, &sent)),
                None if sent.is_set() => {
                    return Err(AttemptError::timeout("the server did not answer", AttemptErrorKind::TimeoutSent));
                }
                None => {
                    let kind = AttemptErrorKind::TimeoutUnsent;
                    return Err(AttemptError::timeout("no connection could be made", kind));
                }
            };
            if let Some(announced) = announced_keep_alive(response.headers()) {
                permit.keep_alive(announced);
            }
            match redirect(response.status().as_u16(), response.headers(), url, &self.destination.origin) {
                Redirect::No => return read(response, deadline).await,
                Redirect::Follow(next) if redirects == MAX_REDIRECTS => {
                    let message = format!("The API redirects again and again, last to {next}. Check baseUrl");
                    return Err(refused_redirect(response, message));
                }
                Redirect::Follow(next) => {
                    redirects += 1;
                    redirected = Some(next);
                    sent = Sent::default();
                }
                Redirect::Refuse(message) => return Err(refused_redirect(response, message)),
            }
        }
    }

    /// The connection that was reserved, unless it was lost; a new one for a request that opens it. Requests on an old one
    /// keep that alive until they are done.
    async fn connection(&self, reservation: Reservation) -> Result<Option<Connection>, SetupError> {
        if !reservation.opens_connection {
            return Ok(self.current(reservation).clone());
        }
        let tls = self.tls.get(&self.destination.tls, self.destination.uses_tls()).await?;
        let client = self.build_client(reservation, tls)?;
        Ok(Some(self.current(reservation).insert(Connection::new(client)).clone()))
    }

    fn current(&self, reservation: Reservation) -> MutexGuard<'_, Option<Connection>> {
        self.connections[reservation.slot].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build_client(&self, reservation: Reservation, tls: ClientConfig) -> Result<Client, reqwest::Error> {
        let is_http2 = self.destination.has_http2_prior_knowledge();
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(SharedResolver(Arc::clone(&self.resolver)))
            .connector_layer(ConnectObserver::new(&self.pool, reservation, &self.resolver, is_http2))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_INTERVAL)
            // Retries and redirects are decided in one place, by what the server may have done.
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy();
        if is_http2 {
            builder = builder.http2_prior_knowledge();
        }
        if let Some(proxy) = &self.destination.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy)?);
        }
        builder.build()
    }
}

/// `Keep-Alive: timeout=5, max=100` of HTTP/1.1 servers: how long they keep an idle connection, in whole seconds.
fn announced_keep_alive(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("keep-alive")?.to_str().ok()?;
    let seconds = text.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().trim_matches('"').parse().ok())?
    })?;
    Some(Duration::from_secs(seconds))
}

fn refused_redirect(mut response: reqwest::Response, message: String) -> Box<AttemptError> {
    let head = Head { status: response.status(), headers: std::mem::take(response.headers_mut()) };
    AttemptError::boxed(AttemptErrorKind::Redirect, Cause::new(message, None), Some(head))
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;
