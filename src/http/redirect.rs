//! Follows redirects that keep the method, the body and the origin.

use reqwest::Url;
use reqwest::header::{HeaderMap, LOCATION};

/// The decision about a response.
pub(crate) enum Redirect {
    /// It is not a redirect.
    No,
    /// Send the same request there.
    Follow(Url),
    /// A redirect that cannot be followed, and why.
    Refuse(String),
}

/// Checks the response to a request that went to `url` below `origin`.
pub(crate) fn redirect(status: u16, headers: &HeaderMap, url: &Url, origin: &str) -> Redirect {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Redirect::No;
    }
    let Some(location) = headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes())) else {
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
