//! Proxies, as Node understands them: the variables count only where Node was told to read them.

use std::net::Ipv4Addr;

use reqwest::Url;
use serde::Deserialize;

/// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; lower-case spellings have been preferred already.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProxyVariables {
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
}

impl ProxyVariables {
    /// The proxy through which a URL is reached, if any.
    pub fn proxy_for(&self, url: &Url) -> Option<String> {
        let proxy = if url.scheme() == "https" { &self.https_proxy } else { &self.http_proxy };
        let proxy = proxy.as_deref().map(str::trim).filter(|proxy| !proxy.is_empty())?;
        if self.no_proxy.as_deref().is_some_and(|list| is_excluded(list, url)) {
            return None;
        }
        Some(proxy.to_owned())
    }
}

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

/// Node's rules for `NO_PROXY`: a comma- or space-separated list of `*`, `host`, `.suffix`, `*.suffix`, each with
/// an optional `:port`, and IPv4 ranges `a.b.c.d-e.f.g.h`.
fn is_excluded(list: &str, url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let port = url.port_or_known_default();
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        if entry == "*" {
            return true;
        }
        if let Some((from, to)) = entry.split_once('-')
            && let (Ok(from), Ok(to), Ok(address)) =
                (from.parse::<Ipv4Addr>(), to.parse::<Ipv4Addr>(), host.parse::<Ipv4Addr>())
        {
            return (from..=to).contains(&address);
        }
        let (name, entry_port) = match entry.rsplit_once(':') {
            // More than one colon and no brackets is an IPv6 address, not a port.
            Some((name, digits)) if !name.contains(':') || name.ends_with(']') => match digits.parse::<u16>() {
                Ok(number) => (name, Some(number)),
                Err(_) => return false,
            },
            _ => (entry.as_str(), None),
        };
        if entry_port.is_some() && entry_port != port {
            return false;
        }
        let name = name.trim_start_matches('[').trim_end_matches(']');
        match name.strip_prefix("*.").or_else(|| name.strip_prefix('.')) {
            Some(suffix) => host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.')),
            None => host == name,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded(list: &str, url: &str) -> bool {
        is_excluded(list, &Url::parse(url).expect("a URL"))
    }

    #[test]
    fn no_proxy_entries() {
        let url = "https://app.refport.co/api";
        for list in ["*", "app.refport.co", "x, APP.refport.co", ".refport.co", "*.refport.co", "app.refport.co:443"] {
            assert!(excluded(list, url), "{list}");
        }
        for list in ["", "refport.co", "pp.refport.co", "app.refport.co:80", "app.refport.co.evil", ".port.co"] {
            assert!(!excluded(list, url), "{list}");
        }
        assert!(excluded("10.0.0.1-10.0.0.9", "http://10.0.0.5/"));
        assert!(!excluded("10.0.0.1-10.0.0.9", "http://10.0.0.10/"));
        assert!(excluded("::1", "http://[::1]:8080/"));
        assert!(excluded("[::1]:8080", "http://[::1]:8080/"));
        assert!(!excluded("[::1]:8081", "http://[::1]:8080/"));
    }

    #[test]
    fn the_scheme_picks_the_variable() {
        let variables =
            ProxyVariables { http_proxy: Some("http://plain:1".into()), https_proxy: Some(" ".into()), no_proxy: None };
        assert_eq!(variables.proxy_for(&Url::parse("http://a/").expect("a URL")).as_deref(), Some("http://plain:1"));
        assert_eq!(variables.proxy_for(&Url::parse("https://a/").expect("a URL")), None);
    }

    #[test]
    fn other_kinds_of_proxy_are_refused_without_showing_credentials() {
        let message = check("socks5://user:secret@host:1").expect_err("must be refused");
        assert!(message.contains("socks5") && !message.contains("secret"), "{message}");
    }
}
