//! The text that crosses the boundary, one for a whole batch in each direction.
//!
//! Towards Rust a line per call: `id \t operation \t options \t params \n`, options and params being JSON text as
//! `JSON.stringify` writes it, which has neither raw tabs nor raw line breaks in it. Options may be empty.
//! `lib/bridge.js` writes it.
//!
//! Towards JavaScript one JSON array with five members a result: `[id, kind, status, attempts, payload, id, …]`; see
//! [`Kind`]. A body has been checked to be JSON before it gets here, so that it cannot spoil the batch.

use std::fmt::{Display, Formatter};

use bytes::Bytes;

use crate::api::operation::Operation;

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An error report (`crate::api::error::Report`).
    Failure = 0,
    /// The response body.
    Success = 1,
}

/// One call of a batch.
#[derive(Debug, PartialEq, Eq)]
pub struct SubmittedCall {
    /// The caller's number for it.
    pub id: u32,
    /// Which call.
    pub operation: Operation,
    /// JSON text of the options, or empty.
    pub options: Bytes,
    /// JSON text of the parameters.
    pub params: Bytes,
}

/// Splits a batch without copying it. A line of another form ends the iteration: `lib/bridge.js` and this file
/// disagree then, and the caller rejects what is missing.
pub fn submitted_calls(batch: Bytes) -> impl Iterator<Item = SubmittedCall> {
    let mut rest = batch;
    std::iter::from_fn(move || {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let line = rest.split_to(end + 1).slice(..end);
        let mut fields = line.splitn(4, |&byte| byte == b'\t').map(|field| line.slice_ref(field));
        let mut text = || fields.next();
        let (id, operation, options, params) = (text()?, text()?, text()?, text()?);
        Some(SubmittedCall {
            id: std::str::from_utf8(&id).ok()?.parse().ok()?,
            operation: Operation::from_digit(std::str::from_utf8(&operation).ok()?)?,
            options,
            params,
        })
    })
}

/// One result.
pub struct CallResult<'a> {
    /// The caller's number for the call.
    pub id: u32,
    /// What `payload` is.
    pub kind: Kind,
    /// HTTP status, 0 without a response.
    pub status: u16,
    /// How many requests were made.
    pub attempts: u32,
    /// JSON text.
    pub payload: &'a str,
}

impl Display for CallResult<'_> {
    /// Its members but the payload.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { id, kind, status, attempts, .. } = *self;
        write!(formatter, "{id},{},{status},{attempts}", kind as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_split_without_looking_into_them() {
        let batch = Bytes::from_static("7\t0\t\t{\"a\":\"\\t\\n\u{e9}\"}\n8\t2\t{\"timeout\":5}\t{}\n".as_bytes());
        let calls: Vec<_> = submitted_calls(batch).collect();
        assert_eq!(calls.len(), 2);
        assert_eq!((calls[0].id, calls[0].operation, calls[0].options.len()), (7, Operation::Lead, 0));
        assert_eq!(calls[0].params, "{\"a\":\"\\t\\n\u{e9}\"}");
        assert_eq!((calls[1].id, calls[1].operation), (8, Operation::EmbedToken));
        assert_eq!(calls[1].options, "{\"timeout\":5}");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".*") {
            let _ = submitted_calls(Bytes::from(text)).count();
        }
    }
}
