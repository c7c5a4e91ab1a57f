//! One attempt: a request out over a lane, an answer back, redirects where they are safe.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Method, Request, Response, Url};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::body::{Sent, TrackedBody};
use crate::config::Destination;
use crate::connector::Watch;
use crate::error::{Cause, Context, Failure};
use crate::gate::{Gate, Pass};
use crate::lanes::IDLE_TIMEOUT;
use crate::problem::Problem;
use crate::reply::{Reply, read};
use crate::retry::Class;
use crate::runtime;
use crate::trust;

/// Bounds connection attempts that outlive the request they were started for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Finds dead HTTP/2 connections: without an answer to a ping they are dropped.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const MAX_REDIRECTS: usize = 5;

/// Connections to one destination, shared by all clients with the same settings.
pub struct Transport {
    destination: Destination,
    gate: Arc<Gate>,
    tls: OnceLock<Result<ClientConfig, String>>,
    lanes: Vec<OnceLock<Client>>,
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
        let gate = Gate::new(destination.is_https(), destination.max_connections);
        let lanes = (0..gate.lane_count()).map(|_| OnceLock::new()).collect();
        Self { destination, gate, tls: OnceLock::new(), lanes }
    }

    /// Sends a POST and reads the answer, all before `deadline`.
    pub async fn post(
        &self,
        url: &Url,
        headers: &HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Reply, Box<Problem>> {
        let Ok(pass) = timeout_at(deadline, self.gate.pass()).await else {
            return Err(Problem::timeout("no connection became free", Class::NotProcessed));
        };
        let client = self.client(pass.lane())?;
        // Boxed, so that a call in the queue does not carry the state of one on the wire.
        let result = Box::pin(self.exchange(client, &pass, url, headers, body, deadline)).await;
        if !pass.is_shared() {
            // The connection returns to the pool a moment after its response; the next request must not come before.
            runtime::later(move || drop(pass));
        }
        result
    }

    async fn exchange(
        &self,
        client: &Client,
        pass: &Pass,
        url: &Url,
        headers: &HeaderMap,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Reply, Box<Problem>> {
        let mut redirected: Option<Url> = None;
        let mut redirects = 0;
        loop {
            let sent = Sent::default();
            let url = redirected.as_ref().unwrap_or(url);
            let mut request = Request::new(Method::POST, url.clone());
            *request.headers_mut() = headers.clone();
            *request.body_mut() = Some(reqwest::Body::wrap(TrackedBody::new(body.clone(), sent.clone())));

            let response = match timeout_at(deadline, client.execute(request)).await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return Err(Problem::broken(&error, &sent, pass)),
                Err(_) if sent.is_set() => {
                    return Err(Problem::timeout("the server did not answer", Class::AmbiguousTimeout));
                }
                Err(_) => return Err(Problem::timeout("no connection could be made", Class::NotProcessed)),
            };
            match redirect(&response, url, &self.destination.origin) {
                Redirect::No => return read(response, deadline, pass).await,
                Redirect::Follow(next) if redirects == MAX_REDIRECTS => {
                    let message = format!("The API redirects again and again, last to {next}. Check baseUrl");
                    return Err(refused_redirect(&response, message));
                }
                Redirect::Follow(next) => {
                    redirects += 1;
                    redirected = Some(next);
                }
                Redirect::Refuse(message) => return Err(refused_redirect(&response, message)),
            }
        }
    }

    fn client(&self, lane: usize) -> Result<&Client, Box<Problem>> {
        let slot = &self.lanes[lane];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build_client(lane).map_err(|reason| {
            let message = format!("The connection could not be set up: {reason}");
            let cause = Cause { message: reason, code: None };
            Problem::boxed(Failure::Connection { message, cause }, Context::default(), Class::Final)
        })?;
        Ok(slot.get_or_init(|| client))
    }

    fn build_client(&self, lane: usize) -> Result<Client, String> {
        let tls = self.tls.get_or_init(|| {
            let proxy_is_https = self.destination.proxy.as_deref().is_some_and(|proxy| proxy.starts_with("https:"));
            if self.destination.is_https() || proxy_is_https {
                trust::client_config(&self.destination.trust)
            } else {
                trust::unused_config()
            }
        });
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls.clone()?)
            .connector_layer(Watch::new(&self.gate, lane))
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

enum Redirect {
    No,
    Follow(Url),
    Refuse(String),
}

fn redirect(response: &Response, url: &Url, origin: &str) -> Redirect {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Redirect::No;
    }
    let Some(location) = response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes())) else {
        return Redirect::No;
    };
    if status < 304 {
        return Redirect::Refuse(format!(
            "The API answered with a redirect to {location} that would drop the request's body (HTTP {status}): \
             nothing was recorded. Check baseUrl"
        ));
    }
    match url.join(&location) {
        Ok(next) if next.origin().ascii_serialization() == origin => Redirect::Follow(next),
        _ => Redirect::Refuse(format!(
            "The API redirects to {location}, outside of {origin}: not followed, so that the API key stays with \
             its origin. Check baseUrl"
        )),
    }
}

fn refused_redirect(response: &Response, message: String) -> Box<Problem> {
    let context = Context::of_failure(response.status(), response.headers().clone());
    Problem::boxed(Failure::Redirect(message), context, Class::Final)
}
