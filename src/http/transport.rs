//! One attempt: a request out over a lane, an answer back, redirects where they are safe.

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
use crate::http::connector::Watch;
use crate::http::deadline::Deadline;
use crate::http::destination::Destination;
use crate::http::dns::{Resolver, SharedResolver};
use crate::http::pool::lanes::IDLE_TIMEOUT;
use crate::http::pool::{Permit, Pool};
use crate::http::redirect::{Redirect, redirect};
use crate::http::response::{Response, read};
use crate::http::tls::TlsConfig;
use crate::runtime;

/// Bounds connection attempts that outlive the request they were started for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Finds dead HTTP/2 connections: without an answer to a ping they are dropped.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const MAX_REDIRECTS: usize = 5;
/// Of a request within one attempt, where a server ends one connection after the other.
const MAX_RESENDS: usize = 100;

/// A request.
pub struct Post<'a> {
    /// Where to.
    pub url: &'a Url,
    /// All of them but those that the body implies.
    pub headers: &'a HeaderMap,
    /// What to send.
    pub body: Bytes,
    /// Tells, while the request is under way, whether the body has left.
    pub sent: Sent,
}

/// Connections to one destination, shared by all clients with the same settings.
pub struct Transport {
    destination: Destination,
    pool: Arc<Pool>,
    tls: TlsConfig,
    resolver: Arc<Resolver>,
    /// The current connection of each lane.
    lanes: Vec<Mutex<Option<Connection>>>,
}

/// All transports that a client still uses.
static SHARED: Mutex<Option<HashMap<Destination, Weak<Transport>>>> = Mutex::new(None);

impl Transport {
    /// The process's transport to a destination: clients with equal settings share their connections.
    pub fn shared(destination: Destination) -> Arc<Self> {
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
        let pool = Pool::new(destination.is_https(), destination.max_connections);
        let lanes = (0..destination.max_connections).map(|_| Mutex::default()).collect();
        let resolver = Resolver::new(destination.connect_port());
        Self { destination, pool, tls: TlsConfig::default(), resolver, lanes }
    }

    /// Sends a request and reads the response, all before `deadline`. What met the end of a connection that had been of use,
    /// and was not processed, goes out at once on another one.
    pub async fn post(&self, post: Post<'_>, mut deadline: Deadline) -> Result<Response, Box<AttemptError>> {
        let mut resends = 0;
        loop {
            let Some(permit) = deadline.in_time(self.pool.permit()).await else {
                return Err(AttemptError::timeout("no connection became free", AttemptErrorKind::TimeoutUnsent));
            };
            let Some(connection) = deadline.in_time(self.connection(&permit)).await else {
                return Err(AttemptError::timeout("certificates could not be read", AttemptErrorKind::TimeoutUnsent));
            };
            let connection = connection
                .map_err(|message| AttemptError::boxed(AttemptErrorKind::Setup, Cause::new(message, None), None))?;
            // It was lost after the permit had been given: another request leads now.
            let Some(connection) = connection else { continue };
            if permit.was_idle() {
                // Polls the sockets: the server may have closed the connection while this process was stopped.
                yield_now().await;
            }
            connection.begin();
            // Boxed, so that a call in the queue does not carry the state of one on the wire.
            let result = Box::pin(self.exchange(&connection.client, &permit, &post, &mut deadline)).await;
            let error = result.as_ref().err();
            if error.is_some_and(|error| error.breaks_connection()) {
                permit.lost();
                // It closes when those that are still on it are done.
                self.lane(&permit).take_if(|current| current.is(&connection));
            }
            let was_unprocessed = error.is_some_and(|error| match error.kind {
                AttemptErrorKind::Retired => true,
                // The connection ended before the request got onto it.
                AttemptErrorKind::Unreachable => !permit.leads(),
                _ => false,
            });
            if !permit.is_shared() {
                // The connection returns to the pool a moment after its response; the next request must not come before.
                runtime::defer(move || drop(permit));
            }
            if !was_unprocessed || resends == MAX_RESENDS || !connection.is_at_work_without().await {
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

    /// The lane's connection, if it has not been lost; a new one for a request that leads. What is still under way on an old
    /// one keeps that alive until it is done.
    async fn connection(&self, permit: &Permit) -> Result<Option<Connection>, String> {
        if !permit.leads() {
            return Ok(self.lane(permit).clone());
        }
        let tls = self.tls.get(&self.destination.tls, self.destination.uses_tls()).await?;
        let client = self.build_client(permit, tls)?;
        Ok(Some(self.lane(permit).insert(Connection::new(client)).clone()))
    }

    fn lane(&self, permit: &Permit) -> MutexGuard<'_, Option<Connection>> {
        self.lanes[permit.lane()].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build_client(&self, permit: &Permit, tls: ClientConfig) -> Result<Client, String> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(SharedResolver(Arc::clone(&self.resolver)))
            .connector_layer(Watch::new(&self.pool, permit, &self.resolver))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_INTERVAL)
            // Retries and redirects are decided here, once, by what the server can have done.
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy();
        if let Some(proxy) = &self.destination.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|error| error.to_string())?);
        }
        builder.build().map_err(|error| Cause::of(&error).message)
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
