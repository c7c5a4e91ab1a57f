//! Failures of calls. They cross to JavaScript as data ([`Report`]); JavaScript picks the error class from `kind` and
//! `status`.

use std::collections::BTreeMap;
use std::ops::Not;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Serialize;

use crate::api::retry::RetryDecision;
use crate::api::retry_after;
use crate::http::cause::Cause;

/// Maximum number of body bytes that an error carries.
const MAX_ERROR_BODY: usize = 16 * 1024;

/// The reason why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The API (or a gateway before it) answered with a status other than 2xx.
    /// JavaScript: the class of the status, with the API's own code and message where it sent them.
    #[error("{}", message.as_deref().unwrap_or("Unknown error"))]
    Api {
        /// `error.code` of the body.
        code: Option<String>,
        /// `error.message` of the body.
        message: Option<String>,
        /// Why the body could not be read, if it is not JSON (a gateway's page).
        cause: Option<Cause>,
    },

    /// The answer is a redirect that cannot be followed.
    /// JavaScript: `RefportError` with the redirect's status; the message names the location.
    #[error("{0}")]
    Redirect(String),

    /// A complete 2xx answer is not what the endpoint promises.
    /// JavaScript: `RefportError`, the real status, code `INVALID_RESPONSE`, `cause` set.
    #[error("{message}")]
    InvalidResponse {
        /// Names the status and the reason.
        message: String,
        /// The reason alone.
        cause: Cause,
    },

    /// No answer or half an answer: DNS, connect, TLS, reset, EOF, garbage instead of HTTP.
    /// JavaScript: `RefportConnectionError`, status 0 (or the real one if headers had arrived), `cause` set.
    #[error("{message}")]
    Connection {
        /// Names the step that failed, and the reason.
        message: String,
        /// The reason alone.
        cause: Cause,
    },

    /// The attempt did not finish within `timeout`.
    /// JavaScript: `RefportTimeoutError`, code `TIMEOUT`, `cause` with the code `ETIMEDOUT`.
    #[error("{message}")]
    Timeout {
        /// Names the time, and the step that had not happened.
        message: String,
        /// That step alone.
        cause: Cause,
    },

    /// The caller's signal fired.
    /// JavaScript: `RefportAbortError`, code `ABORTED`, `cause` is the signal's reason.
    #[error("The call was aborted")]
    Aborted,

    /// A bug in this SDK, or no thread could be started.
    /// JavaScript: `RefportError`, status 0, code `INTERNAL_ERROR`.
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    /// All texts that may quote a server.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Redirect(text) | Self::Internal(text) => vec![text],
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
            Self::Redirect(_) | Self::Aborted | Self::Internal(_) => None,
        }
    }
}

/// The last response, as far as one arrived.
#[derive(Debug, Default)]
pub(crate) struct ResponseInfo {
    /// HTTP status, 0 without a response.
    pub(crate) status: u16,
    /// Response headers.
    pub(crate) headers: HeaderMap,
    /// The response body, or its start.
    pub(crate) body: Option<String>,
    /// How long the server asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl ResponseInfo {
    /// Of a response that is not handed to the caller.
    pub(crate) fn of_failure(status: StatusCode, headers: HeaderMap) -> Self {
        let retry_after = retry_after::from_headers(&headers, SystemTime::now());
        Self { status: status.as_u16(), headers, body: None, retry_after }
    }

    /// Limits the body to what an error carries.
    pub(crate) fn truncate_body(&mut self) {
        if let Some(body) = &mut self.body {
            let end = (0..=MAX_ERROR_BODY.min(body.len())).rev().find(|&end| body.is_char_boundary(end));
            body.truncate(end.unwrap_or(0));
        }
    }
}

/// A failure as JavaScript receives it, without status and attempts: one JSON object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Not::not")]
    ambiguous: bool,
    #[serde(skip_serializing_if = "Not::not")]
    retryable: bool,
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
    /// Combines a failure and its response.
    pub(crate) fn new(failure: &'a Failure, response: &'a ResponseInfo, decision: RetryDecision) -> Self {
        Self {
            kind: failure.kind(),
            message: failure.to_string(),
            code: match failure {
                Failure::Api { code, .. } => code.as_deref(),
                _ => None,
            },
            ambiguous: decision.ambiguous,
            retryable: decision.retryable,
            retry_after: response.retry_after.map(|wait| wait.as_secs_f64()),
            request_id: request_id(&response.headers),
            headers: (response.status != 0).then(|| header_object(&response.headers)),
            body: response.body.as_deref(),
            cause: failure.cause(),
        }
    }

    /// The JSON text that crosses.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Headers that carry the id of a request, most specific first.
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
