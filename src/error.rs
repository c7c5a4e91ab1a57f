//! Why a call did not succeed, and what JavaScript is told about it.
//!
//! A failure crosses to JavaScript as data ([`Report`]), never as a sentence to be parsed; `lib/errors.js` owns
//! the classes and picks one from `kind` and `status`.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::io;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Serialize;

use crate::retry_after;

/// Longest response body that an error carries, in bytes; the rest is cut off.
pub const MAX_ERROR_BODY: usize = 16 * 1024;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The parameters or call options cannot be sent.
    /// JavaScript: `RefportValidationError`, status 422, code `VALIDATION_ERROR`; nothing was sent.
    #[error("{0}")]
    Validation(String),

    /// The API (or a gateway before it) answered with a status other than 2xx.
    /// JavaScript: the class of the status (contract §4), with the API's own code and message where it sent them.
    #[error("{}", message.as_deref().unwrap_or("Unknown error"))]
    Api {
        /// `error.code` of the body.
        code: Option<String>,
        /// `error.message` of the body.
        message: Option<String>,
        /// Why the body could not be read, if it is not JSON (a gateway's page).
        cause: Option<Cause>,
    },

    /// The answer is a redirect that must not or cannot be followed.
    /// JavaScript: `RefportError` with the redirect's status; the message names the location.
    #[error("{0}")]
    Redirect(String),

    /// A complete 2xx answer is not what the endpoint promises.
    /// JavaScript: `RefportError`, the real status, code `INVALID_RESPONSE`, `cause` set.
    #[error("{message}")]
    InvalidResponse {
        /// What was answered.
        message: String,
        /// What is wrong with it.
        cause: Cause,
    },

    /// No answer, or one that broke off: DNS, connect, TLS, reset, EOF, garbage instead of HTTP.
    /// JavaScript: `RefportConnectionError`, status 0 (or the real one if headers had arrived), `cause` set.
    #[error("{message}")]
    Connection {
        /// What was being done when it broke.
        message: String,
        /// The innermost reason.
        cause: Cause,
    },

    /// The attempt did not finish within `timeout`.
    /// JavaScript: `RefportTimeoutError`, code `TIMEOUT`, `cause` with the code `ETIMEDOUT`.
    #[error("{message}")]
    Timeout {
        /// How long, and for what.
        message: String,
        /// How far it had got.
        cause: Cause,
    },

    /// The caller's signal fired.
    /// JavaScript: `RefportAbortError`, code `ABORTED`, `cause` is the signal's reason.
    #[error("The call was aborted")]
    Aborted,

    /// A bug or a lack of resources on our side (a panic, no thread to be had).
    /// JavaScript: `RefportError`, status 0, code `INTERNAL_ERROR`.
    #[error("{0}")]
    Internal(String),
}

/// The innermost reason of a failure, shaped like the errors of Node's own network modules.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// Human-readable chain of reasons, outermost first.
    pub message: String,
    /// Node's code for it (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, …), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl Failure {
    /// Everything in it that may quote what a server said.
    pub fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Validation(text) | Self::Redirect(text) | Self::Internal(text) => vec![text],
            Self::Api { code, message, cause } => {
                code.iter_mut().chain(message).chain(cause.as_mut().map(|cause| &mut cause.message)).collect()
            }
            Self::InvalidResponse { message, cause }
            | Self::Connection { message, cause }
            | Self::Timeout { message, cause } => vec![message, &mut cause.message],
            Self::Aborted => Vec::new(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Validation(_) => "validation",
            Self::Api { .. } | Self::Redirect(_) => "api",
            Self::InvalidResponse { .. } => "invalidResponse",
            Self::Connection { .. } => "connection",
            Self::Timeout { .. } => "timeout",
            Self::Aborted => "aborted",
            Self::Internal(_) => "internal",
        }
    }

    fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Api { cause, .. } => cause.as_ref(),
            Self::InvalidResponse { cause, .. } | Self::Connection { cause, .. } | Self::Timeout { cause, .. } => {
                Some(cause)
            }
            Self::Validation(_) | Self::Redirect(_) | Self::Aborted | Self::Internal(_) => None,
        }
    }
}

/// What was known about the response when a call failed.
#[derive(Debug, Default)]
pub struct Context {
    /// HTTP status, 0 without a response.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// Start of the response body.
    pub body: Option<String>,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
}

impl Context {
    /// What the start of a response tells that cannot be handed to the caller.
    pub fn of_failure(status: StatusCode, headers: HeaderMap) -> Self {
        let retry_after = retry_after::from_headers(&headers, SystemTime::now());
        Self { status: status.as_u16(), headers, body: None, retry_after }
    }
}

/// A failure as JavaScript receives it: one JSON object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report<'a> {
    kind: &'static str,
    status: u16,
    message: String,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a Cause>,
}

impl<'a> Report<'a> {
    /// Puts a failure and what is known of its response into the shape that `lib/errors.js` reads.
    pub fn new(failure: &'a Failure, context: &'a Context, attempts: u32) -> Self {
        Self {
            kind: failure.kind(),
            status: context.status,
            message: failure.to_string(),
            attempts,
            code: match failure {
                Failure::Api { code, .. } => code.as_deref(),
                _ => None,
            },
            retry_after: context.retry_after.map(|wait| wait.as_secs_f64()),
            request_id: request_id(&context.headers),
            headers: (attempts > 0 && context.status != 0).then(|| header_object(&context.headers)),
            body: context.body.as_deref(),
            cause: failure.cause(),
        }
    }

    /// The JSON text that crosses.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Headers under which gateways and APIs return the identity of a request, most specific first.
const REQUEST_ID_HEADERS: [&str; 7] =
    ["x-request-id", "request-id", "x-amzn-requestid", "x-amz-request-id", "x-correlation-id", "x-vercel-id", "cf-ray"];

fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .find_map(|name| headers.get(*name))
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn header_object(headers: &HeaderMap) -> BTreeMap<String, String> {
    let joined = |name| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        values.join(", ")
    };
    headers.keys().map(|name| (name.as_str().to_owned(), joined(name))).collect()
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
