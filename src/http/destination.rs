//! Where requests go, and through which proxy.

use reqwest::Url;

use crate::http::tls::TlsSettings;

/// Clients with equal destinations share connections.
#[derive(PartialEq, Eq, Hash, Clone)]
pub(crate) struct Destination {
    /// `http://host:port` or `https://host:port`.
    pub(crate) origin: String,
    /// Proxy URL, credentials included.
    pub(crate) proxy: Option<String>,
    /// Maximum number of HTTP/1.1 connections.
    pub(crate) max_connections: usize,
    /// Whether the server is known to support HTTP/2. Matters only for plain HTTP, where it is not negotiated.
    pub(crate) http2: bool,
    /// Which certificates are trusted.
    pub(crate) tls: TlsSettings,
}

impl Destination {
    /// Whether the origin uses TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// Whether the origin or the proxy uses TLS.
    pub(crate) fn uses_tls(&self) -> bool {
        self.is_https() || self.proxy.as_deref().is_some_and(|proxy| proxy.starts_with("https:"))
    }

    /// Whether connections begin with HTTP/2, without negotiation.
    pub(crate) fn has_http2_prior_knowledge(&self) -> bool {
        self.http2 && !self.is_https() && self.proxy.is_none()
    }

    /// The origin and the proxy, for messages: without credentials.
    pub(crate) fn display_origin(&self) -> String {
        let proxy = self.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok());
        match proxy {
            Some(proxy) => format!("{} through the proxy {}", self.origin, proxy.origin().ascii_serialization()),
            None => self.origin.clone(),
        }
    }

    /// The port that connections are made to: the proxy's, or the origin's.
    pub(crate) fn connect_port(&self) -> u16 {
        let url = Url::parse(self.proxy.as_deref().unwrap_or(&self.origin)).ok();
        url.and_then(|url| url.port_or_known_default()).unwrap_or_default()
    }
}
