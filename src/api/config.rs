//! The configuration of a client. JavaScript has checked all of it but `ca` and `proxy`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::api::redaction::ApiKey;
use crate::http::destination::Destination;
use crate::http::proxy;
use crate::http::tls::{self, TlsSettings};

/// Configuration as JavaScript sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RawConfig {
    api_key: String,
    /// As `new URL()` writes it, without slashes at its end.
    base_url: String,
    /// The JavaScript runtime, its version and the platform, for the user agent.
    runtime: String,
    timeout: u64,
    max_retries: u32,
    max_connections: usize,
    #[serde(default, deserialize_with = "header_map")]
    headers: HeaderMap,
    /// URL of the proxy, from the option or the environment.
    #[serde(default)]
    proxy: Option<String>,
    /// The option `http2`.
    #[serde(default)]
    http2: bool,
    /// Which certificates are trusted.
    tls: TlsSettings,
}

/// A bad option. JavaScript gets it as an error whose `code` is the option's name, or `config` for a bug in the SDK.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ConfigError {
    /// Name of the option.
    pub(crate) option: &'static str,
    /// Names the problem and the remedy; never contains the key.
    pub(crate) message: String,
}

impl ConfigError {
    fn new(option: &'static str, message: impl Into<String>) -> Self {
        Self { option, message: message.into() }
    }

    /// A bug in the SDK: JavaScript should have refused it.
    pub(crate) fn malformed(reason: impl Display) -> Self {
        Self::new("config", format!("The configuration is malformed: {reason}"))
    }
}

/// A checked configuration.
pub(crate) struct Config {
    /// Also part of `headers`.
    pub(crate) api_key: ApiKey,
    /// Base URL without a trailing slash.
    pub(crate) base_url: String,
    /// Sent with every request: authorization, user agent, content type and the option `headers`.
    pub(crate) headers: HeaderMap,
    /// Per attempt.
    pub(crate) timeout: Duration,
    /// Maximum number of retries.
    pub(crate) max_retries: u32,
    /// Where to.
    pub(crate) destination: Destination,
    /// The first bytes of a digest of key and base URL.
    pub(crate) identity: Vec<u8>,
}

impl Config {
    /// Reads the text that JavaScript sends.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let raw: RawConfig = serde_json::from_str(text).map_err(ConfigError::malformed)?;
        let url = Url::parse(&raw.base_url).map_err(ConfigError::malformed)?;
        let mut headers = raw.headers;
        headers.insert(reqwest::header::AUTHORIZATION, bearer(&raw.api_key)?);
        headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.entry(reqwest::header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if let Ok(agent) = HeaderValue::from_str(&format!("refport-node/{} {}", env!("REFPORT_VERSION"), raw.runtime)) {
            headers.entry(reqwest::header::USER_AGENT).or_insert(agent);
        }

        for pem in &raw.tls.ca {
            tls::check(pem).map_err(|error| ConfigError::new("ca", error.to_string()))?;
        }
        let proxy = raw.proxy.as_deref().map(proxy::check).transpose();
        let proxy = proxy.map_err(|error| ConfigError::new("proxy", error.to_string()))?;

        Ok(Self {
            identity: identity(&raw.api_key, &raw.base_url),
            api_key: ApiKey::new(&raw.api_key),
            base_url: raw.base_url,
            headers,
            timeout: Duration::from_millis(raw.timeout),
            max_retries: raw.max_retries,
            destination: Destination {
                origin: url.origin().ascii_serialization(),
                proxy,
                max_connections: raw.max_connections,
                http2: raw.http2,
                tls: raw.tls,
            },
        })
    }
}

fn identity(api_key: &str, base_url: &str) -> Vec<u8> {
    digest(&SHA256, format!("{api_key}\n{base_url}").as_bytes()).as_ref()[..8].to_vec()
}

fn bearer(api_key: &str) -> Result<HeaderValue, ConfigError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {api_key}")).map_err(ConfigError::malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads the option `headers`, of the client or of one call.
pub(crate) fn header_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderMap, D::Error> {
    let mut map = HeaderMap::new();
    for (name, value) in BTreeMap::<String, String>::deserialize(deserializer)? {
        map.insert(
            HeaderName::try_from(name).map_err(D::Error::custom)?,
            HeaderValue::try_from(value).map_err(D::Error::custom)?,
        );
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: &str) -> Result<Config, ConfigError> {
        let mut config = serde_json::json!({
            "apiKey": "rp_secret", "baseUrl": "https://example.test/prefix", "runtime": "test",
            "timeout": 1000, "maxRetries": 2, "maxConnections": 64, "tls": {}
        });
        let change: serde_json::Map<String, serde_json::Value> = serde_json::from_str(change).expect("JSON");
        for (key, value) in change {
            config[key] = value;
        }
        Config::parse(&config.to_string())
    }

    #[test]
    fn a_base_url_may_have_a_path() {
        let config = parse("{}").expect("valid");
        assert_eq!(config.base_url, "https://example.test/prefix");
        assert_eq!(config.destination.origin, "https://example.test");
    }

    #[test]
    fn bad_options_are_named_and_the_key_is_not_shown() {
        for (change, option) in [
            (r#"{"proxy":"socks5://localhost"}"#, "proxy"),
            (r#"{"tls":{"ca":["no pem"]}}"#, "ca"),
            (r#"{"apiKey":"rp_secret\nX: y"}"#, "config"),
            (r#"{"baseUrl":"example.test"}"#, "config"),
            (r#"{"headers":{"a b":"x"}}"#, "config"),
            (r#"{"headers":{"x-a":"x\r\ny: z"}}"#, "config"),
            (r#"{"new":1}"#, "config"),
        ] {
            let error = parse(change).err().expect("must be refused");
            assert_eq!(error.option, option, "{change}");
            assert!(!error.message.contains("rp_secret"), "{change}");
        }
    }
}
