//! A complete, bounded response, read before its deadline.

use bytes::{Bytes, BytesMut};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::http::attempt_error::{AttemptError, AttemptErrorKind, Head};
use crate::http::deadline::Deadline;

/// Longest response body that is read, in bytes. The API's responses are under 1 KiB.
pub const MAX_BODY: usize = 1 << 20;

/// A complete response, whatever its status.
pub struct Response {
    /// HTTP status.
    pub status: StatusCode,
    /// Response headers.
    pub headers: HeaderMap,
    /// At most [`MAX_BODY`] bytes.
    pub body: Bytes,
    /// The body was longer than that and the rest was not read.
    pub is_cut: bool,
}

/// Reads the rest of a response whose head has arrived.
pub async fn read(mut response: reqwest::Response, deadline: &mut Deadline) -> Result<Response, Box<AttemptError>> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Chunks::default();
    let mut error = loop {
        match deadline.in_time(response.chunk()).await {
            Some(Ok(Some(chunk))) => {
                if body.push(chunk) {
                    continue;
                }
                return Ok(Response { status, headers, body: body.into_bytes(), is_cut: true });
            }
            Some(Ok(None)) => return Ok(Response { status, headers, body: body.into_bytes(), is_cut: false }),
            Some(Err(error)) => break AttemptError::cut_off(&error),
            None => break AttemptError::timeout("the answer was not complete", AttemptErrorKind::TimeoutSent),
        }
    };
    // The status tells more than how its body broke off, unless it is the success that is now in doubt.
    if !status.is_success() {
        return Ok(Response { status, headers, body: body.into_bytes(), is_cut: true });
    }
    error.head = Some(Head { status, headers });
    Err(error)
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
