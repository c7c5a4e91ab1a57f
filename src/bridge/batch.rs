//! The text that crosses the boundary, one for a whole batch in each direction.
//!
//! Towards Rust a line per call: `id \t operation \t options \t params \n`, options and params being JSON text as
//! `JSON.stringify` writes it, which has neither raw tabs nor raw line breaks in it. Options may be empty.
//! `lib/bridge.js` writes it.
//!
//! Towards JavaScript one JSON array: `[id, kind, payload, id, kind, payload, …]`; see [`Kind`]. A body has been
//! checked to be JSON before it gets here, so that it cannot spoil the batch.

use std::fmt::Write as _;

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

/// Splits a batch without copying it. A line that is no frame ends the iteration: `lib/bridge.js` and this file
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

/// Results on their way to JavaScript.
#[derive(Default)]
pub struct Results {
    text: String,
    count: u32,
}

impl Results {
    /// Adds one; `payload` must be JSON.
    pub fn push(&mut self, id: u32, kind: Kind, payload: &str) {
        self.text.push(if self.count == 0 { '[' } else { ',' });
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{id},{},", kind as u8);
        self.text.push_str(payload);
        self.count += 1;
    }

    /// How many results there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The whole as JSON.
    pub fn into_json(mut self) -> String {
        self.text.push_str(if self.count == 0 { "[]" } else { "]" });
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_are_split_without_looking_into_them() {
        let batch = Bytes::from_static("7\t0\t\t{\"a\":\"\\t\\n\u{e9}\"}\n8\t2\t{\"timeout\":5}\t{}\n".as_bytes());
        let submitted_calls: Vec<_> = submitted_calls(batch).collect();
        assert_eq!(submitted_calls.len(), 2);
        assert_eq!(
            (submitted_calls[0].id, submitted_calls[0].operation, submitted_calls[0].options.len()),
            (7, Operation::Lead, 0)
        );
        assert_eq!(submitted_calls[0].params, "{\"a\":\"\\t\\n\u{e9}\"}");
        assert_eq!((submitted_calls[1].id, submitted_calls[1].operation), (8, Operation::EmbedToken));
        assert_eq!(submitted_calls[1].options, "{\"timeout\":5}");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".*") {
            let _ = submitted_calls(Bytes::from(text)).count();
        }

        #[test]
        fn results_stay_one_json_array(bodies in prop::collection::vec("[ -~]{0,20}", 0..20)) {
            let mut results = Results::default();
            for (id, body) in (0..).zip(&bodies) {
                results.push(id, Kind::Success, &serde_json::json!(body).to_string());
            }
            let parsed: Vec<serde_json::Value> = serde_json::from_str(&results.into_json()).expect("JSON");
            prop_assert_eq!(parsed.len(), bodies.len() * 3);
        }
    }
}
