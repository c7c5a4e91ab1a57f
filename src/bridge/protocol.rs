//! The texts of calls and results: one for a whole batch in each direction.
//!
//! Towards Rust a line per call: `id \t operation \t idempotent \t options \t params \n`. `idempotent` is 1 if the call is
//! safe to send twice, else 0. Options and params are JSON text as `JSON.stringify` writes it, which has neither raw tabs
//! nor raw line breaks in it. Options may be empty. JavaScript has checked both.
//!
//! Towards JavaScript a JSON array with five members a result: `[id, kind, status, attempts, payload, id, …]`; see [`Kind`].
//! The payload was checked to be JSON, so that it cannot spoil the batch.

use std::fmt::{Display, Formatter};

use bytes::Bytes;

use crate::api::client::{Call, CallOptions};
use crate::api::operation::{Idempotency, Operation};

/// The kind of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An error report (`crate::api::error::Report`).
    Failure = 0,
    /// The response body.
    Success = 1,
}

/// Reads a batch without copying parameters: the number of each call, and the call or why it cannot be read. A line of
/// another form ends the iteration.
pub(crate) fn submitted_calls(batch: Bytes) -> impl Iterator<Item = (u32, serde_json::Result<Call>)> {
    let mut rest = batch;
    std::iter::from_fn(move || {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let line = rest.split_to(end + 1).slice(..end);
        let mut fields = line.splitn(5, |&byte| byte == b'\t');
        let mut field = || fields.next();
        let id = std::str::from_utf8(field()?).ok()?.parse().ok()?;
        let operation = Operation::from_digit(field()?)?;
        let idempotency = Idempotency::from_digit(field()?)?;
        let options = match field()? {
            b"" => Ok(CallOptions::default()),
            text => serde_json::from_slice(text),
        };
        let params = line.slice_ref(field()?);
        Some((id, options.map(|options| Call { operation, idempotency, options, params })))
    })
}

/// One result without its payload.
pub(crate) struct CallResult {
    /// The number of the call.
    pub(crate) id: u32,
    /// The kind of the payload.
    pub(crate) kind: Kind,
    /// HTTP status, 0 without a response.
    pub(crate) status: u16,
    /// Number of requests that were made.
    pub(crate) attempts: u32,
}

impl Display for CallResult {
    /// The members before the payload.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { id, kind, status, attempts } = *self;
        write!(formatter, "{id},{},{status},{attempts}", kind as u8)
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test fails by it")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_split_without_looking_into_parameters() {
        let batch = "7\t0\t0\t\t{\"a\":\"\\t\\n\u{e9}\"}\n8\t2\t1\t{\"timeout\":5}\t{}\n9\t1\t1\t{\"no\":1}\t{}\n";
        let calls: Vec<_> = submitted_calls(Bytes::from_static(batch.as_bytes())).collect();
        let [(7, Ok(lead)), (8, Ok(token)), (9, Err(_))] = &calls[..] else { panic!("{calls:?}") };
        assert_eq!((lead.operation, lead.idempotency), (Operation::Lead, Idempotency::NotIdempotent));
        assert_eq!(lead.params, "{\"a\":\"\\t\\n\u{e9}\"}");
        assert_eq!((token.operation, token.idempotency), (Operation::EmbedToken, Idempotency::Idempotent));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-2\t\n{}a]{0,30}|.*") {
            let _ = submitted_calls(Bytes::from(text)).count();
        }
    }
}
