//! The entries that are being sent, and how their attempts ended, until the file says so.

use std::collections::HashMap;

use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::policy::Classification;

/// An entry that is being sent.
#[derive(Clone, Copy)]
pub(crate) struct Sending {
    pub(crate) entry: ScheduledEntry,
    pub(crate) is_repeatable: bool,
}

/// How an attempt ended.
pub(crate) struct Settled {
    pub(crate) entry: ScheduledEntry,
    pub(crate) classification: Classification,
    /// JSON text of the failure.
    pub(crate) error: Option<String>,
    pub(crate) may_be_counted: bool,
    /// JSON text of the API's response.
    pub(crate) body: String,
    pub(crate) requests: u32,
}

/// Entries from the moment they are sent until the file says how that ended.
#[derive(Default)]
pub(crate) struct OnWire {
    /// The settled ones included.
    entries: HashMap<i64, Sending>,
    settled: Vec<Settled>,
}

impl OnWire {
    /// An entry is being sent.
    pub(crate) fn add(&mut self, entry: ScheduledEntry, is_repeatable: bool) {
        self.entries.insert(entry.seq, Sending { entry, is_repeatable });
    }

    /// The entry with this number.
    pub(crate) fn get(&self, seq: i64) -> Option<Sending> {
        self.entries.get(&seq).copied()
    }

    /// An attempt has ended.
    pub(crate) fn settle(&mut self, settled: Settled) {
        self.settled.push(settled);
    }

    /// The attempts that have ended.
    pub(crate) fn settled(&self) -> &[Settled] {
        &self.settled
    }

    /// Whether there is nothing: the file says how everything ended.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many requests have not ended.
    pub(crate) fn unsettled_count(&self) -> usize {
        self.entries.len() - self.settled.len()
    }

    /// The entries whose requests have not ended.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = ScheduledEntry> {
        let is_settled = |seq: i64| self.settled.iter().any(|settled| settled.entry.seq == seq);
        self.entries.values().map(|sending| sending.entry).filter(move |entry| !is_settled(entry.seq))
    }

    /// The file says how all attempts ended.
    pub(crate) fn forget_settled(&mut self) {
        for settled in self.settled.drain(..) {
            self.entries.remove(&settled.entry.seq);
        }
    }
}
