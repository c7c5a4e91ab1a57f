//! Reasons of network failures, with the codes of Node's own network modules.

use std::error::Error as StdError;
use std::io;

use serde::Serialize;

/// The innermost reason of a failure, shaped like the errors of Node's own network modules.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cause {
    /// Human-readable chain of reasons, outermost first.
    pub(crate) message: String,
    /// The last of them alone; part of the failure's own message.
    #[serde(skip)]
    pub(crate) reason: String,
    /// Node's code for it (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, …), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
}

impl Cause {
    /// A cause without a cause of its own.
    pub(crate) fn new(message: String, code: Option<&'static str>) -> Self {
        Self { reason: message.clone(), message, code }
    }

    /// Reads the chain of sources of a transport error.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut messages: Vec<String> = Vec::new();
        let mut code = None;
        let mut reason = String::new();
        for error in chain(error) {
            let text = error.to_string();
            // Wrappers tend to repeat what they wrap.
            if !messages.iter().any(|seen| seen.contains(&text)) {
                messages.push(text);
            }
            reason = reason_of(error);
            if let Some(io) = error.downcast_ref::<io::Error>() {
                code = io_code(io).or(code);
            }
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                code = tls_code(tls).or(code);
            }
        }
        let message = messages.join(": ");
        if code.is_none() && message.contains("dns error") {
            code = Some("ENOTFOUND");
        }
        Self { message, reason, code }
    }

    /// The reason, and the code where there is one: `connection refused (ECONNREFUSED)`.
    pub(crate) fn describe(&self) -> String {
        let Self { reason, code, .. } = self;
        code.map_or_else(|| reason.clone(), |code| format!("{reason} ({code})"))
    }
}

/// An error and all its sources, including what `io::Error` hides from `source()`.
pub(crate) fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner: Option<&(dyn StdError + 'static)> =
            error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|inner| inner as _);
        inner.or_else(|| error.source())
    })
}

/// True for a certificate that will not become valid by trying again.
pub(crate) fn is_certificate_error(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| {
        matches!(
            error.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    })
}

/// An error's message, in the form that follows a colon.
fn reason_of(error: &(dyn StdError + 'static)) -> String {
    if let Some(io) = error.downcast_ref::<io::Error>()
        && kind_code(io.kind()).is_some()
    {
        // Not the system's message, which Windows translates.
        return io.kind().to_string();
    }
    match error.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::InvalidMessage(_)) => {
            return "no TLS is spoken there; if the port is one of plain HTTP, the URL has to begin with http://"
                .to_owned();
        }
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) => {
            return "its certificate is of an authority that is not trusted".to_owned();
        }
        _ => {}
    }
    let text = error.to_string();
    let text = ["failed to lookup address information: ", "invalid peer certificate: ", "tunnel error: "]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(&text);
    let text = text.split_once(" (os error").map_or(text, |(words, _)| words);
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

fn kind_code(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::ConnectionReset => "ECONNRESET",
        io::ErrorKind::ConnectionAborted => "ECONNABORTED",
        io::ErrorKind::UnexpectedEof => "ECONNRESET",
        io::ErrorKind::BrokenPipe => "EPIPE",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        io::ErrorKind::PermissionDenied => "EACCES",
        _ => return None,
    })
}

fn io_code(error: &io::Error) -> Option<&'static str> {
    // EMFILE and ENFILE have no stable ErrorKind; the numbers are the same on Linux, macOS and the BSDs.
    kind_code(error.kind()).or(match error.raw_os_error() {
        Some(24) if cfg!(unix) => Some("EMFILE"),
        Some(23) if cfg!(unix) => Some("ENFILE"),
        _ => None,
    })
}

/// Node's codes for the results of OpenSSL, so that code which reads `cause.code` keeps working.
fn tls_code(error: &rustls::Error) -> Option<&'static str> {
    use rustls::CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(reason) => Some(match reason {
            C::Expired | C::ExpiredContext { .. } => "CERT_HAS_EXPIRED",
            C::NotValidYet | C::NotValidYetContext { .. } => "CERT_NOT_YET_VALID",
            C::NotValidForName | C::NotValidForNameContext { .. } => "ERR_TLS_CERT_ALTNAME_INVALID",
            C::UnknownIssuer => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            C::Revoked => "CERT_REVOKED",
            C::BadSignature => "CERT_SIGNATURE_FAILURE",
            _ => "CERT_REJECTED",
        }),
        rustls::Error::AlertReceived(_) => Some("ERR_SSL_ALERT"),
        rustls::Error::InvalidMessage(_) => Some("ERR_SSL_WRONG_VERSION_NUMBER"),
        _ => None,
    }
}
