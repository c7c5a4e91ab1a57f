//! Why the network failed, in the words and codes of Node's own network modules.

use std::error::Error as StdError;
use std::io;

use serde::Serialize;

/// The innermost reason of a failure, shaped like the errors of Node's own network modules.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// Human-readable chain of reasons, outermost first.
    pub message: String,
    /// Node's code for it (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, …), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl Cause {
    /// Reads the chain of sources of a transport error.
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut messages: Vec<String> = Vec::new();
        let mut code = None;
        for error in chain(error) {
            let text = error.to_string();
            // Wrappers tend to repeat what they wrap.
            if !messages.iter().any(|seen| seen.contains(&text)) {
                messages.push(text);
            }
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
        Self { message, code }
    }
}

/// An error and all its sources, including what `io::Error` hides from `source()`.
pub fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner: Option<&(dyn StdError + 'static)> =
            error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|inner| inner as _);
        inner.or_else(|| error.source())
    })
}

/// True for a certificate that will not become valid by trying again.
pub fn is_certificate_error(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| {
        matches!(
            error.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    })
}

fn io_code(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
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
        // EMFILE and ENFILE have no stable ErrorKind; the numbers are the same on Linux, macOS and the BSDs.
        _ => match error.raw_os_error() {
            Some(24) if cfg!(unix) => "EMFILE",
            Some(23) if cfg!(unix) => "ENFILE",
            _ => return None,
        },
    })
}

/// Node's codes for OpenSSL's verdicts, so that code which looks at `cause.code` keeps working.
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
