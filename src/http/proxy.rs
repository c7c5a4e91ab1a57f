//! Which proxies can be used. Which one is meant, by the environment, is for `lib/engine/proxy.js` to say.

use reqwest::Url;

/// Checks a proxy URL; the message never contains its credentials.
pub fn check(proxy: &str) -> Result<String, String> {
    let url = Url::parse(proxy)
        .map_err(|reason| format!("proxy is not a URL ({reason}): pass http://[user:password@]host:port"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!(
            "proxy must be an http or https URL, not {}: other kinds of proxy are not supported",
            url.scheme()
        ));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_proxy_are_refused_without_showing_credentials() {
        let message = check("socks5://user:secret@host:1").expect_err("must be refused");
        assert!(message.contains("socks5") && !message.contains("secret"), "{message}");
    }
}
