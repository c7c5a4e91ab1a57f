//! Checks the proxy that JavaScript chose, by option or environment.

use reqwest::Url;

/// A proxy URL that cannot be used; the message never contains its credentials.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    /// It is not a URL.
    #[error("proxy is not a URL ({0}): pass http://[user:password@]host:port")]
    NotUrl(<Url as std::str::FromStr>::Err),
    /// It has another scheme.
    #[error("proxy must be an http or https URL, not {0}: other kinds of proxy are not supported")]
    Unsupported(String),
}

/// Checks and normalises a proxy URL.
pub(crate) fn check(proxy: &str) -> Result<String, ProxyError> {
    let url = Url::parse(proxy).map_err(ProxyError::NotUrl)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(ProxyError::Unsupported(url.scheme().to_owned()));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_proxy_are_refused_without_showing_credentials() {
        let message = check("socks5://user:secret@host:1").expect_err("must be refused").to_string();
        assert!(message.contains("socks5") && !message.contains("secret"), "{message}");
    }
}
