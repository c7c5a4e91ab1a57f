//! Reads a bounded response before a deadline.

use bytes::{Bytes, BytesMut};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::http::attempt_error::{AttemptError, AttemptErrorKind, Head};
use crate::http::deadline::Deadline;

/// Maximum number of body bytes that are read. The API's responses are under 1 KiB.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// A complete response, whatever its status.
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Response headers.
    pub(crate) headers: HeaderMap,
    /// At most [`MAX_BODY`] bytes.
    pub(crate) body: Bytes,
    /// Whether a part of the body is missing.
    pub(crate) is_truncated: bool,
}

/// Reads the rest of a response whose head has arrived.
pub(crate) async fn read(
    mut response: reqwest::Response,
    deadline: &mut Deadline,
) -> Result<Response, Box<AttemptError>> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Chunks::default();
    let mut error = loop {
        match deadline.in_time(response.chunk()).await {
            Some(Ok(Some(chunk))) => {
                if body.push(chunk) {
                    continue;
                }
                return Ok(Response { status, headers, body: body.into_bytes(), is_truncated: true });
            }
            Some(Ok(None)) => return Ok(Response { status, headers, body: body.into_bytes(), is_truncated: false }),
            Some(Err(error)) => break AttemptError::truncated(&error),
            None => break AttemptError::timeout("the answer was not complete", AttemptErrorKind::TimeoutSent),
        }
    };
    // A failure status matters more than its incomplete body; a success is in doubt without it.
    if !status.is_success() {
        return Ok(Response { status, headers, body: body.into_bytes(), is_truncated: true });
    }
    error.head = Some(Head { status, headers });
    Err(error)
}

/// A body of one chunk is not copied; nearly all are.
#[derive(Default)]
struct Chunks {
    first: Bytes,
    all: BytesMut,
}

impl Chunks {
    /// Returns false when the bound is reached; the rest is left out.
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
