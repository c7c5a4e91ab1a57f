//! Where requests go, and by which way.

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
}
