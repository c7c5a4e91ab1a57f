//! The consequences of a transaction, which wait until it is on the disk.

use crate::outbox::command::Event;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::{Entry, Outgoing};

/// What is to be done after the commit.
#[derive(Default)]
pub(crate) struct Effects {
    /// To be reported.
    pub(crate) events: Vec<Event>,
    /// To be sent.
    pub(crate) sends: Vec<(ScheduledEntry, Outgoing)>,
    /// Something was deleted.
    pub(crate) needs_compaction: bool,
    /// The policy has parked something.
    pub(crate) has_parked: bool,
}

impl Effects {
    /// An entry was parked, unless it was gone.
    pub(crate) fn parked(&mut self, entry: Option<Entry>) {
        self.has_parked |= entry.is_some();
        self.events.extend(entry.map(Event::Parked));
    }
}
