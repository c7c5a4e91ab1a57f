//! A complete, bounded answer, read before its deadline.

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::error::Context;
use crate::gate::Pass;
use crate::problem::Problem;
use crate::retry::Class;

/// Longest response body that is read, in bytes. The API's answers are under 1 KiB.
pub const MAX_BODY: usize = 1 << 20;

/// A complete answer, whatever its status.
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Response headers.
    pub headers: HeaderMap,
    /// At most [`MAX_BODY`] bytes.
    pub body: Bytes,
    /// The body was longer than that and the rest was not read.
    pub is_cut: bool,
}

/// Reads the answer that came over the lane of `pass`.
pub async fn read(mut response: Response, deadline: Instant, pass: &Pass) -> Result<Reply, Box<Problem>> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Chunks::default();
    let mut problem = loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                if body.push(chunk) {
                    continue;
                }
                return Ok(Reply { status, headers, body: body.into_bytes(), is_cut: true });
            }
            Ok(Ok(None)) => return Ok(Reply { status, headers, body: body.into_bytes(), is_cut: false }),
            Ok(Err(error)) => {
                let mut problem = Problem::lost(&error, pass, "The connection broke before the answer was complete");
                problem.class = Class::Ambiguous;
                break problem;
            }
            Err(_) => break Problem::timeout("the answer was not complete", Class::AmbiguousTimeout),
        }
    };
    // The status tells more than how its body broke off, unless it is the success that is now in doubt.
    if !status.is_success() {
        return Ok(Reply { status, headers, body: body.into_bytes(), is_cut: true });
    }
    problem.context = Context::of_failure(status, headers);
    Err(problem)
}

/// A body of one chunk, as nearly all are, is not copied.
#[derive(Default)]
struct Chunks {
    first: Bytes,
    all: BytesMut,
}

impl Chunks {
    /// False when the bound is reached; what is over it is left out.
    fn push(&mut self, mut chunk: Bytes) -> bool {
        let room = MAX_BODY - self.first.len().max(self.all.len());
        let fits = chunk.len() <= room;
        chunk.truncate(room);
        if self.first.is_empty() && self.all.is_empty() {
            self.first = chunk;
        } else {
            if self.all.is_empty() {
                self.all.extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.all.extend_from_slice(&chunk);
        }
        fits
    }

    fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}
