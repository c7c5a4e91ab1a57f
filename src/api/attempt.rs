//! Decides what the result of an attempt means for its call.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::IgnoredAny;

use crate::api::error::{Failure, ResponseInfo};
use crate::api::json::members;
use crate::api::operation::Operation;
use crate::api::retry::RetryClass;
use crate::http::attempt_error::{AttemptError, AttemptErrorKind, Head};
use crate::http::cause::Cause;
use crate::http::destination::Destination;
use crate::http::response::{MAX_BODY, Response};

/// A failed attempt.
pub(crate) struct FailedAttempt {
    /// The failure as JavaScript gets it.
    pub(crate) failure: Failure,
    /// The response, as far as one arrived.
    pub(crate) response: ResponseInfo,
    /// Whether it may be sent again.
    pub(crate) class: RetryClass,
}

impl FailedAttempt {
    /// Classifies the failure of an attempt at `destination`.
    pub(crate) fn of(error: AttemptError, destination: &Destination, timeout: Duration) -> Box<Self> {
        let AttemptError { kind, cause, head } = error;
        let origin = destination.display_origin();
        let reason = match kind {
            AttemptErrorKind::Broken if destination.has_http2_prior_knowledge() => {
                format!("{}. If this server has no HTTP/2 without TLS, remove the option http2", cause.describe())
            }
            _ => cause.describe(),
        };
        let connection =
            |message: String, cause| Failure::Connection { message: format!("{message}: {reason}"), cause };
        let broken = |when, cause| connection(format!("The connection to {origin} broke before {when}"), cause);
        let timeout = |cause: Cause| {
            let message =
                format!("The request to {origin} timed out after {} ms: {}", timeout.as_millis(), cause.reason);
            Failure::Timeout { message, cause }
        };
        let (failure, class) = match kind {
            AttemptErrorKind::Setup => {
                (connection(format!("The connection to {origin} could not be set up"), cause), RetryClass::Final)
            }
            AttemptErrorKind::Unreachable => {
                (connection(format!("Could not reach {origin}"), cause), RetryClass::NotProcessed)
            }
            AttemptErrorKind::Untrusted => (connection(format!("Could not reach {origin}"), cause), RetryClass::Final),
            AttemptErrorKind::StreamRefused | AttemptErrorKind::Retired => {
                (broken("an answer came", cause), RetryClass::NotProcessed)
            }
            AttemptErrorKind::Broken | AttemptErrorKind::StreamReset => {
                (broken("an answer came", cause), RetryClass::Ambiguous)
            }
            AttemptErrorKind::ResponseTruncated | AttemptErrorKind::StreamTruncated => {
                (broken("the answer was complete", cause), RetryClass::Ambiguous)
            }
            AttemptErrorKind::TimeoutUnsent => (timeout(cause), RetryClass::NotProcessed),
            AttemptErrorKind::TimeoutSent => (timeout(cause), RetryClass::AmbiguousTimeout),
            AttemptErrorKind::Redirect => (Failure::Redirect(cause.message), RetryClass::Final),
        };
        let response = head
            .map_or_else(ResponseInfo::default, |Head { status, headers }| ResponseInfo::of_failure(status, headers));
        Box::new(Self { failure, response, class })
    }
}

/// Turns a response into the caller's result or a failed attempt.
pub(crate) fn classify_response(
    operation: Operation,
    response: Response,
) -> Result<(String, ResponseInfo), Box<FailedAttempt>> {
    let Response { status, headers, body, is_truncated } = response;
    let text = decode(&body);
    if !status.is_success() {
        return Err(refused(status, headers, text));
    }
    let reason = if is_truncated {
        format!("longer than {} KiB", MAX_BODY / 1024)
    } else {
        match operation.check_response(&text) {
            Ok(()) => return Ok((text, ResponseInfo { status: status.as_u16(), headers, ..ResponseInfo::default() })),
            Err(broken) => broken.to_string(),
        }
    };
    let response = ResponseInfo { body: Some(text), ..ResponseInfo::of_failure(status, headers) };
    let failure = invalid_response(response.status, reason);
    Err(Box::new(FailedAttempt { failure, response, class: RetryClass::AmbiguousFinal }))
}

fn refused(status: StatusCode, headers: HeaderMap, text: String) -> Box<FailedAttempt> {
    let error = api_error(&text);
    let cause = serde_json::from_str::<IgnoredAny>(&text)
        .err()
        .map(|error| Cause::new(format!("The body of the answer is not JSON: {error}"), None));
    let classify = if error.is_some() { RetryClass::of_status } else { RetryClass::of_gateway_status };
    let (code, message) = error.unwrap_or_default();
    let response = ResponseInfo { body: Some(text), ..ResponseInfo::of_failure(status, headers) };
    let class = classify(response.status, response.retry_after.is_some());
    Box::new(FailedAttempt { failure: Failure::Api { code, message, cause }, response, class })
}

/// A 2xx response without the promised body.
fn invalid_response(status: u16, reason: String) -> Failure {
    let message = format!("The API answered with HTTP {status}, but its body is not as promised: {reason}");
    Failure::InvalidResponse { message, cause: Cause::new(reason, None) }
}

/// Decodes as `Response.json()` does: UTF-8 with replacement characters, without a byte order mark.
fn decode(body: &[u8]) -> String {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    // Checking first is many times faster than `from_utf8_lossy` alone.
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// `code` and `message` of the API's JSON `error`, if the body has one.
fn api_error(body: &str) -> Option<(Option<String>, Option<String>)> {
    let [error] = members(body, ["error"]).ok()?;
    let [code, message] = members(error.object()?, ["code", "message"]).ok()?;
    Some((code.text(), message.text()))
}
