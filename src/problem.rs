//! A failed attempt, and what the server can have seen of it.

use std::error::Error as _;

use crate::body::Sent;
use crate::error::{Cause, Context, Failure, chain, is_certificate_error};
use crate::gate::Pass;
use crate::retry::Class;

/// A failed attempt.
pub struct Problem {
    /// What JavaScript is told.
    pub failure: Failure,
    /// What is known of the response.
    pub context: Context,
    /// What may be done about it.
    pub class: Class,
}

impl Problem {
    /// Boxed, so that the way of success does not carry the room for it.
    pub fn boxed(failure: Failure, context: Context, class: Class) -> Box<Self> {
        Box::new(Self { failure, context, class })
    }

    /// It was not over in time.
    pub fn timeout(what: &str, class: Class) -> Box<Self> {
        let cause = Cause { message: what.to_owned(), code: Some("ETIMEDOUT") };
        Self::boxed(Failure::Timeout { message: what.to_owned(), cause }, Context::default(), class)
    }

    /// `execute` failed: by how far the request got.
    pub fn broken(error: &reqwest::Error, sent: &Sent, pass: &Pass) -> Box<Self> {
        if !sent.is_set() {
            let mut problem = Self::lost(error, pass, "The API could not be reached");
            problem.class = if is_certificate_error(error) { Class::Final } else { Class::NotProcessed };
            return problem;
        }
        let mut problem = Self::lost(error, pass, "The connection broke before an answer came");
        problem.class = if was_refused_by_http2(error) { Class::NotProcessed } else { Class::Ambiguous };
        problem
    }

    /// The connection broke, or could not be made.
    pub fn lost(error: &reqwest::Error, pass: &Pass, what: &str) -> Box<Self> {
        pass.lost();
        // From the source on: reqwest's own words are the URL, which the caller knows.
        let cause = Cause::of(error.source().unwrap_or(error));
        let failure = Failure::Connection { message: format!("{what}: {}", cause.message), cause };
        Self::boxed(failure, Context::default(), Class::Final)
    }
}

/// RFC 9113 §8.7: a stream refused, or above the last one of the peer's GOAWAY, was not processed.
fn was_refused_by_http2(error: &reqwest::Error) -> bool {
    chain(error).filter_map(|error| error.downcast_ref::<h2::Error>()).any(|error| {
        error.is_remote()
            && (error.is_go_away() || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    })
}
