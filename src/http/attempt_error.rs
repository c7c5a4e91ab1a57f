//! Why an attempt brought no usable response. Facts only: what they mean for the call is for `api` to say.

use std::error::Error as _;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::http::body::Sent;
use crate::http::cause::{Cause, chain, is_certificate_error};

/// A failed attempt.
#[derive(Debug)]
pub struct AttemptError {
    /// How far the attempt got.
    pub kind: AttemptErrorKind,
    /// What lies beneath.
    pub cause: Cause,
    /// Status and headers, if the start of a response had arrived.
    pub head: Option<Head>,
}

/// Status and headers of a response.
#[derive(Debug)]
pub struct Head {
    /// HTTP status.
    pub status: StatusCode,
    /// Response headers.
    pub headers: HeaderMap,
}

/// How far an attempt got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptErrorKind {
    /// The client could not be set up; trying again would end the same way.
    Setup,
    /// No connection, so nothing was sent.
    Unreachable,
    /// The server's certificate is not trusted, so nothing was sent.
    Untrusted,
    /// The connection broke after the body was handed to it and before a response came.
    Broken,
    /// The server said that it had not looked at the request (RFC 9113 §8.7).
    NotProcessed,
    /// The connection broke in the middle of the response.
    CutOff,
    /// The deadline passed before the body was handed to a connection.
    TimeoutUnsent,
    /// The deadline passed after the body was handed to a connection.
    TimeoutSent,
    /// The response is a redirect that must not or cannot be followed.
    Redirect,
}

impl AttemptError {
    /// Boxed, so that the success path does not carry the room for it.
    pub fn boxed(kind: AttemptErrorKind, cause: Cause, head: Option<Head>) -> Box<Self> {
        Box::new(Self { kind, cause, head })
    }

    /// The deadline passed; `what` had not happened by then.
    pub fn timeout(what: &str, kind: AttemptErrorKind) -> Box<Self> {
        Self::boxed(kind, Cause { message: what.to_owned(), code: Some("ETIMEDOUT") }, None)
    }

    /// The request failed before a response came.
    pub fn no_response(error: &reqwest::Error, sent: &Sent) -> Box<Self> {
        let kind = match sent.is_set() {
            false if is_certificate_error(error) => AttemptErrorKind::Untrusted,
            false => AttemptErrorKind::Unreachable,
            true if is_unprocessed(error) => AttemptErrorKind::NotProcessed,
            true => AttemptErrorKind::Broken,
        };
        Self::boxed(kind, innermost(error), None)
    }

    /// Whether the connection it happened on, if there was one, is of no further use.
    pub fn breaks_connection(&self) -> bool {
        use AttemptErrorKind as Kind;
        matches!(self.kind, Kind::Unreachable | Kind::Untrusted | Kind::Broken | Kind::NotProcessed | Kind::CutOff)
    }

    /// The response broke off.
    pub fn cut_off(error: &reqwest::Error) -> Box<Self> {
        Self::boxed(AttemptErrorKind::CutOff, innermost(error), None)
    }
}

/// From the source on: reqwest's own words are the URL, which the caller knows.
fn innermost(error: &reqwest::Error) -> Cause {
    Cause::of(error.source().unwrap_or(error))
}

/// RFC 9113 §8.7: a stream refused, or above the last one of the peer's GOAWAY, was not processed.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    chain(error).filter_map(|error| error.downcast_ref::<h2::Error>()).any(|error| {
        error.is_remote()
            && (error.is_go_away() || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    })
}
