//! Why an attempt brought no usable response. `api` decides what that means for the call.

use std::error::Error as _;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::http::body::Sent;
use crate::http::cause::{Cause, chain, is_certificate_error};

/// A failed attempt.
#[derive(Debug)]
pub(crate) struct AttemptError {
    /// How far the attempt got.
    pub(crate) kind: AttemptErrorKind,
    /// The reason.
    pub(crate) cause: Cause,
    /// Status and headers, if the start of a response had arrived.
    pub(crate) head: Option<Head>,
}

/// Status and headers of a response.
#[derive(Debug)]
pub(crate) struct Head {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Response headers.
    pub(crate) headers: HeaderMap,
}

/// How far an attempt got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptErrorKind {
    /// The client could not be set up; trying again would end the same way.
    Setup,
    /// No connection, so nothing was sent.
    Unreachable,
    /// The server's certificate is not trusted, so nothing was sent.
    Untrusted,
    /// The connection broke after the body was handed to it and before a response came.
    Broken,
    /// The server refused the stream without looking at it (REFUSED_STREAM, RFC 9113 §8.7).
    StreamRefused,
    /// The server retired the connection before it looked at the request (GOAWAY, RFC 9113 §6.8).
    Retired,
    /// The server, or the protocol, reset the stream; the connection stays open.
    StreamReset,
    /// The connection broke in the middle of the response.
    ResponseTruncated,
    /// The stream ended in the middle of the response; the connection stays open.
    StreamTruncated,
    /// The deadline passed before the body was handed to a connection.
    TimeoutUnsent,
    /// The deadline passed after the body was handed to a connection.
    TimeoutSent,
    /// The response is a redirect that must not or cannot be followed.
    Redirect,
}

impl AttemptError {
    /// Boxed, so that the success path does not carry its size.
    pub(crate) fn boxed(kind: AttemptErrorKind, cause: Cause, head: Option<Head>) -> Box<Self> {
        Box::new(Self { kind, cause, head })
    }

    /// The deadline passed; `what` had not happened by then.
    pub(crate) fn timeout(what: &str, kind: AttemptErrorKind) -> Box<Self> {
        Self::boxed(kind, Cause::new(what.to_owned(), Some("ETIMEDOUT")), None)
    }

    /// The request failed before a response came.
    pub(crate) fn no_response(error: &reqwest::Error, sent: &Sent) -> Box<Self> {
        let kind = if sent.is_set() {
            sent_kind(error, AttemptErrorKind::Broken)
        } else if is_certificate_error(error) {
            AttemptErrorKind::Untrusted
        } else {
            AttemptErrorKind::Unreachable
        };
        Self::boxed(kind, innermost(error), None)
    }

    /// Whether its connection, if it had one, cannot be used any more.
    pub(crate) fn breaks_connection(&self) -> bool {
        use AttemptErrorKind as Kind;
        !matches!(
            self.kind,
            Kind::Setup | Kind::StreamRefused | Kind::StreamReset | Kind::StreamTruncated | Kind::Redirect
        )
    }

    /// The response is incomplete.
    pub(crate) fn truncated(error: &reqwest::Error) -> Box<Self> {
        let kind = match sent_kind(error, AttemptErrorKind::ResponseTruncated) {
            AttemptErrorKind::ResponseTruncated => AttemptErrorKind::ResponseTruncated,
            _ => AttemptErrorKind::StreamTruncated,
        };
        Self::boxed(kind, innermost(error), None)
    }
}

/// Leaves out reqwest's own words: they are the URL, which the caller knows.
fn innermost(error: &reqwest::Error) -> Cause {
    Cause::of(error.source().unwrap_or(error))
}

/// The kind of failure of a request whose body was handed over: what HTTP/2 reports of its stream, else `otherwise`.
fn sent_kind(error: &reqwest::Error, otherwise: AttemptErrorKind) -> AttemptErrorKind {
    let Some(error) = chain(error).find_map(|error| error.downcast_ref::<h2::Error>()) else { return otherwise };
    if error.is_go_away() && error.is_remote() {
        AttemptErrorKind::Retired
    } else if error.is_reset() && error.is_remote() && error.reason() == Some(h2::Reason::REFUSED_STREAM) {
        AttemptErrorKind::StreamRefused
    } else if error.is_reset() {
        AttemptErrorKind::StreamReset
    } else {
        otherwise
    }
}
