//! Texts on their way to JavaScript: JSON arrays of bounded size, so that the event loop gets a turn between two of them.

use std::collections::VecDeque;
use std::fmt::{Display, Write as _};

/// So many messages are given to JavaScript in one go.
const CHUNK_MESSAGES: usize = 256;

/// One text.
#[derive(Default)]
pub struct Chunk {
    text: String,
    messages: usize,
    ids: Vec<u32>,
}

impl Chunk {
    /// Adds a message: its members but the last, separated by commas, and the last, which is JSON text. `id`: of the call that
    /// it settles.
    pub fn push(&mut self, id: Option<u32>, members: impl Display, payload: &str) {
        self.text.push(if self.messages == 0 { '[' } else { ',' });
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{members},");
        self.text.push_str(payload);
        self.messages += 1;
        self.ids.extend(id);
    }

    /// The whole as JSON, and what it settles.
    pub fn into_parts(mut self) -> (String, Vec<u32>) {
        self.text.push_str(if self.messages == 0 { "[]" } else { "]" });
        (self.text, self.ids)
    }
}

/// Those that JavaScript has not collected yet.
pub struct Chunks {
    waiting: VecDeque<Chunk>,
    most_bytes: usize,
    is_woken: bool,
}

impl Chunks {
    /// None. Beyond `most_bytes` of text another chunk begins: parsing them takes milliseconds, and a JavaScript string has a
    /// longest length. A larger message goes alone.
    pub fn new(most_bytes: usize) -> Self {
        Self { waiting: VecDeque::new(), most_bytes, is_woken: false }
    }

    /// Adds a message, as [`Chunk::push`] does.
    pub fn push(&mut self, id: Option<u32>, members: impl Display, payload: &str) {
        let is_full =
            |chunk: &Chunk| chunk.messages >= CHUNK_MESSAGES || chunk.text.len() + payload.len() > self.most_bytes;
        if self.waiting.back().is_none_or(is_full) {
            self.waiting.push_back(Chunk::default());
        }
        if let Some(chunk) = self.waiting.back_mut() {
            chunk.push(id, members, payload);
        }
    }

    /// Whether there are so many messages that JavaScript should not wait for more.
    pub fn has(&self, messages: usize) -> bool {
        self.waiting.len() > 1 || self.waiting.front().is_some_and(|chunk| chunk.messages >= messages)
    }

    /// Whether JavaScript has to be woken: there is something, and it has not been woken yet. From then on it has.
    #[must_use]
    pub fn wakes(&mut self) -> bool {
        let wakes = !self.is_woken && !self.waiting.is_empty();
        self.is_woken |= wakes;
        wakes
    }

    /// The oldest, once for each time that JavaScript was woken, and whether there are more. Then JavaScript counts as
    /// woken until it has come for the next by itself.
    pub fn take(&mut self) -> Option<(Chunk, bool)> {
        let chunk = self.waiting.pop_front();
        self.is_woken = !self.waiting.is_empty();
        chunk.map(|chunk| (chunk, self.is_woken))
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Throws everything away.
    pub fn clear(&mut self) {
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
        let mut chunks = Chunks::new(BYTES);
        for (id, &size) in (0..).zip(sizes) {
            chunks.push(Some(id), format_args!("{id},1"), &"7".repeat(size));
        }
        std::iter::from_fn(|| chunks.take()).map(|(chunk, _)| chunk.into_parts().1).collect()
    }

    #[test]
    fn chunks_are_bounded_by_number_and_bytes() {
        assert_eq!(chunks(&[1; 100]).len(), 1);
        let mut many = Chunks::new(usize::MAX);
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
        let mut chunks = Chunks::new(BYTES);
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
            let mut chunk = Chunk::default();
            for (id, body) in (0..).zip(&bodies) {
                chunk.push(Some(id), format_args!("{id},1,200"), &serde_json::json!(body).to_string());
            }
            let parsed: Vec<serde_json::Value> = serde_json::from_str(&chunk.into_parts().0).expect("JSON");
            prop_assert_eq!(parsed.len(), bodies.len() * 4);
        }
    }
}
