//! Texts for JavaScript: JSON arrays of bounded size, so that the event loop gets a turn between two of them.

use std::collections::VecDeque;
use std::fmt::{Display, Write as _};

/// Maximum number of messages in a text.
const CHUNK_MESSAGES: usize = 256;

/// One text.
#[derive(Default)]
pub(crate) struct ResultChunk {
    text: String,
    messages: usize,
    ids: Vec<u32>,
}

impl ResultChunk {
    /// Adds a message: its members but the last, separated by commas, and the last, which is JSON text. `id`: the request that
    /// it replies to.
    pub(crate) fn push(&mut self, id: Option<u32>, members: impl Display, payload: &str) {
        self.text.push(if self.messages == 0 { '[' } else { ',' });
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{members},");
        self.text.push_str(payload);
        self.messages += 1;
        self.ids.extend(id);
    }

    /// The JSON text, and the requests that it replies to.
    pub(crate) fn into_parts(mut self) -> (String, Vec<u32>) {
        self.text.push_str(if self.messages == 0 { "[]" } else { "]" });
        (self.text, self.ids)
    }
}

/// The texts that JavaScript has not collected yet.
pub(crate) struct ResultChunks {
    waiting: VecDeque<ResultChunk>,
    max_bytes: usize,
    is_woken: bool,
}

impl ResultChunks {
    /// Starts a new chunk beyond `max_bytes`: parsing takes milliseconds, and V8 limits the length of strings. A larger
    /// message gets a chunk of its own.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { waiting: VecDeque::new(), max_bytes, is_woken: false }
    }

    /// Adds a message, as [`ResultChunk::push`] does.
    pub(crate) fn push(&mut self, id: Option<u32>, members: impl Display, payload: &str) {
        let is_full =
            |chunk: &ResultChunk| chunk.messages >= CHUNK_MESSAGES || chunk.text.len() + payload.len() > self.max_bytes;
        if self.waiting.back().is_none_or(is_full) {
            self.waiting.push_back(ResultChunk::default());
        }
        if let Some(chunk) = self.waiting.back_mut() {
            chunk.push(id, members, payload);
        }
    }

    /// Number of messages that wait.
    pub(crate) fn messages(&self) -> usize {
        self.waiting.iter().map(|chunk| chunk.messages).sum()
    }

    /// Whether JavaScript must be woken: messages wait, and it was not woken yet. Afterwards it counts as woken.
    #[must_use]
    pub(crate) fn wakes(&mut self) -> bool {
        let wakes = !self.is_woken && !self.waiting.is_empty();
        self.is_woken |= wakes;
        wakes
    }

    /// The oldest chunk, and whether there are more. JavaScript then fetches the next by itself, so it counts as woken.
    pub(crate) fn take(&mut self) -> Option<(ResultChunk, bool)> {
        let chunk = self.waiting.pop_front();
        self.is_woken = !self.waiting.is_empty();
        chunk.map(|chunk| (chunk, self.is_woken))
    }

    /// Whether no message waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Drops all messages.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.is_woken = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BYTES: usize = 1000;

    /// The texts that JavaScript gets for messages of these sizes that all came while it was busy.
    fn chunks(sizes: &[usize]) -> Vec<Vec<u32>> {
        let mut chunks = ResultChunks::new(BYTES);
        for (id, &size) in (0..).zip(sizes) {
            chunks.push(Some(id), format_args!("{id},1"), &"7".repeat(size));
        }
        std::iter::from_fn(|| chunks.take()).map(|(chunk, _)| chunk.into_parts().1).collect()
    }

    #[test]
    fn chunks_are_bounded_by_number_and_bytes() {
        assert_eq!(chunks(&[1; 100]).len(), 1);
        let mut many = ResultChunks::new(usize::MAX);
        for id in 0..300 {
            many.push(Some(id), format_args!("{id}"), "1");
        }
        let counts = std::iter::from_fn(|| many.take()).map(|(chunk, has_more)| (chunk.messages, has_more));
        assert_eq!(counts.collect::<Vec<_>>(), [(256, true), (44, false)]);
        assert_eq!(chunks(&[500, 400, 200, 500]), [vec![0, 1], vec![2, 3]]);
        assert_eq!(chunks(&[10, 3 * BYTES, 10]), [vec![0], vec![1], vec![2]]);
    }

    #[test]
    fn javascript_is_woken_once_for_what_waits() {
        let mut chunks = ResultChunks::new(BYTES);
        assert!(!chunks.wakes());
        chunks.push(None, format_args!("0"), "1");
        assert!(chunks.wakes());
        chunks.push(None, format_args!("0"), "1");
        assert!(!chunks.wakes());
        assert!(chunks.take().is_some_and(|(chunk, has_more)| chunk.messages == 2 && !has_more));
        chunks.push(None, format_args!("0"), "1");
        assert!(chunks.wakes());
    }

    proptest! {
        #[test]
        fn messages_stay_one_json_array(bodies in prop::collection::vec("[ -~]{0,20}", 0..20)) {
            let mut chunk = ResultChunk::default();
            for (id, body) in (0..).zip(&bodies) {
                chunk.push(Some(id), format_args!("{id},1,200"), &serde_json::json!(body).to_string());
            }
            let parsed: Vec<serde_json::Value> = serde_json::from_str(&chunk.into_parts().0).expect("JSON");
            prop_assert_eq!(parsed.len(), bodies.len() * 4);
        }
    }
}
