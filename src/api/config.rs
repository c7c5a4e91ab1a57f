//! What a client is configured with, checked once at construction.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use serde::Deserialize;

use crate::api::redaction::ApiKey;
use crate::http::destination::Destination;
use crate::http::proxy;
use crate::http::tls::{self, TlsSettings};

/// Configuration as `lib/calls.js` sends it: types already checked, values not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawConfig {
    api_key: String,
    base_url: String,
    /// The JavaScript runtime, its version and the platform.
    runtime: String,
    timeout: u64,
    max_retries: u32,
    max_connections: usize,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// URL of the proxy, by the option or by the environment.
    #[serde(default)]
    proxy: Option<String>,
    /// Which certificates are trusted.
    tls: TlsSettings,
}

/// A bad option. JavaScript: thrown by the constructor with `code` being the option's name; `lib/calls.js` makes
/// it a `RefportAuthError` for `apiKey` and a `RefportValidationError` for all others.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// Name of the option.
    pub option: &'static str,
    /// What is wrong with it and what to pass; never contains the key.
    pub message: String,
}

impl ConfigError {
    fn new(option: &'static str, message: impl Into<String>) -> Self {
        Self { option, message: message.into() }
    }
}

/// A checked configuration.
pub struct Config {
    /// Also part of `headers`.
    pub api_key: ApiKey,
    /// Base URL without a trailing slash.
    pub base_url: String,
    /// Sent with every request: authorization, user agent, content type and the option `headers`.
    pub headers: HeaderMap,
    /// Per attempt.
    pub timeout: Duration,
    /// How often a call may be repeated.
    pub max_retries: u32,
    /// Where to.
    pub destination: Destination,
    /// Beginning of a digest of key and base URL.
    pub identity: Vec<u8>,
}

impl Config {
    /// Reads and checks the text that `lib/calls.js` sends.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let raw: RawConfig = serde_json::from_str(text)
            .map_err(|error| ConfigError::new("config", format!("the configuration is malformed: {error}")))?;

        let url = base_url(&raw.base_url)?;
        let mut headers = custom_headers(&raw.headers).map_err(|message| ConfigError::new("headers", message))?;
        headers.insert(reqwest::header::AUTHORIZATION, bearer(&raw.api_key)?);
        headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.entry(reqwest::header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if let Ok(agent) = HeaderValue::from_str(&format!("refport-node/{} {}", env!("REFPORT_VERSION"), raw.runtime)) {
            headers.entry(reqwest::header::USER_AGENT).or_insert(agent);
        }

        for pem in &raw.tls.ca {
            tls::check(pem).map_err(|message| ConfigError::new("ca", message))?;
        }
        let proxy = raw.proxy.as_deref().map(proxy::check).transpose();
        let proxy = proxy.map_err(|message| ConfigError::new("proxy", message))?;

        let base_url = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            identity: identity(&raw.api_key, &base_url),
            api_key: ApiKey::new(raw.api_key),
            base_url,
            headers,
            timeout: Duration::from_millis(raw.timeout),
            max_retries: raw.max_retries,
            destination: Destination {
                origin: url.origin().ascii_serialization(),
                proxy,
                max_connections: raw.max_connections,
                tls: raw.tls,
            },
        })
    }
}

fn identity(api_key: &str, base_url: &str) -> Vec<u8> {
    digest(&SHA256, format!("{api_key}\n{base_url}").as_bytes()).as_ref()[..8].to_vec()
}

fn base_url(text: &str) -> Result<Url, ConfigError> {
    let error = |problem: &str| {
        ConfigError::new("baseUrl", format!("baseUrl {problem}: pass an http(s) URL such as https://app.refport.co"))
    };
    let url = Url::parse(text).map_err(|reason| error(&format!("is not a URL ({reason})")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(error("must be an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(error("must not contain credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(error("must not contain a query or a fragment"));
    }
    Ok(url)
}

fn bearer(api_key: &str) -> Result<HeaderValue, ConfigError> {
    let mut value = Some(api_key)
        .filter(|key| key.bytes().all(|byte| (0x21..0x7f).contains(&byte)))
        .and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok())
        .ok_or_else(|| {
            ConfigError::new(
                "apiKey",
                "apiKey contains characters that cannot be sent in a header: pass the key alone, without \
                 spaces, line breaks or other control characters",
            )
        })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Headers that belong to the transport or identify the account.
const RESERVED_HEADERS: [&str; 8] =
    ["authorization", "connection", "content-length", "content-type", "expect", "host", "transfer-encoding", "upgrade"];

/// Checks the option `headers`, of the client or of one call.
pub fn custom_headers(headers: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.len() + 4);
    for (name, value) in headers {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("headers: {name:?} is not a valid header name"))?;
        if RESERVED_HEADERS.contains(&key.as_str()) {
            return Err(format!("headers: {key} is set by the SDK and cannot be replaced"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("headers: the value of {key} has characters that cannot be sent"))?;
        map.insert(key, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: &str) -> Result<Config, ConfigError> {
        let mut config = serde_json::json!({
            "apiKey": "rp_secret", "baseUrl": "https://example.test/prefix/", "runtime": "test",
            "timeout": 1000, "maxRetries": 2, "maxConnections": 64, "tls": {}
        });
        let change: serde_json::Map<String, serde_json::Value> = serde_json::from_str(change).expect("JSON");
        for (key, value) in change {
            config[key] = value;
        }
        Config::parse(&config.to_string())
    }

    #[test]
    fn a_path_prefix_and_a_trailing_slash_are_fine() {
        let config = parse("{}").expect("valid");
        assert_eq!(config.base_url, "https://example.test/prefix");
        assert_eq!(config.destination.origin, "https://example.test");
    }

    #[test]
    fn bad_options_are_named_and_the_key_is_not_shown() {
        for (change, option) in [
            (r#"{"apiKey":"rp_secret\nX: y"}"#, "apiKey"),
            (r#"{"apiKey":"rp_secret\u00e4"}"#, "apiKey"),
            (r#"{"baseUrl":"ftp://example.test"}"#, "baseUrl"),
            (r#"{"baseUrl":"example.test"}"#, "baseUrl"),
            (r#"{"baseUrl":"https://user@example.test"}"#, "baseUrl"),
            (r#"{"baseUrl":"https://example.test?x=1"}"#, "baseUrl"),
            (r#"{"headers":{"Authorization":"Bearer x"}}"#, "headers"),
            (r#"{"headers":{"a b":"x"}}"#, "headers"),
            (r#"{"headers":{"x-a":"x\r\ny: z"}}"#, "headers"),
            (r#"{"proxy":"socks5://localhost"}"#, "proxy"),
            (r#"{"tls":{"ca":["no pem"]}}"#, "ca"),
        ] {
            let error = parse(change).err().expect("must be refused");
            assert_eq!(error.option, option, "{change}");
            assert!(!error.message.contains("rp_secret"), "{change}");
        }
    }
}
