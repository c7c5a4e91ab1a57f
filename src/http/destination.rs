//! Where requests go, and by which way.

use reqwest::Url;

use crate::http::tls::TlsSettings;

/// What decides whether two clients can share connections: they can if it is equal.
#[derive(PartialEq, Eq, Hash, Clone)]
pub struct Destination {
    /// `http://host:port` or `https://host:port`.
    pub origin: String,
    /// Proxy URL, credentials included.
    pub proxy: Option<String>,
    /// At most so many HTTP/1.1 connections.
    pub max_connections: usize,
    /// Certificates.
    pub tls: TlsSettings,
}

impl Destination {
    /// True where TLS is spoken.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// True where TLS is spoken on the way, if only with the proxy.
    pub fn uses_tls(&self) -> bool {
        self.is_https() || self.proxy.as_deref().is_some_and(|proxy| proxy.starts_with("https:"))
    }

    /// The origin, and the proxy before it, for people to read: without credentials.
    pub fn place(&self) -> String {
        let proxy = self.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok());
        match proxy {
            Some(proxy) => format!("{} through the proxy {}", self.origin, proxy.origin().ascii_serialization()),
            None => self.origin.clone(),
        }
    }

    /// The port that connections are made to: the proxy's, or the origin's.
    pub fn connect_port(&self) -> u16 {
        let url = Url::parse(self.proxy.as_deref().unwrap_or(&self.origin)).ok();
        url.and_then(|url| url.port_or_known_default()).unwrap_or_default()
    }
}
