//! The entries that are due, as far as this process has read the file.

use std::time::{Duration, Instant, SystemTime};

use crate::outbox::delivery::on_wire::OnWire;
use crate::outbox::delivery::schedule::{Schedule, ScheduledEntry};
use crate::outbox::entry::Identity;
use crate::outbox::store::{Reader, Scope, Writer};

/// How long to sleep at most until an entry becomes due: the clock on the wall may be set.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// Which entry is next, and up to where the file was read.
pub(crate) struct Backlog {
    pub(super) schedule: Schedule,
    /// The highest number that was read.
    last_seq: i64,
    /// When the file was last searched for entries that are due.
    searched_at: SystemTime,
    /// When the next held entry becomes due.
    next_held: Option<SystemTime>,
}

impl Backlog {
    /// Reads everything that is due.
    pub(crate) fn read(
        writer: &Writer<'_>,
        identity: Identity,
        on_wire: &OnWire,
        wall: SystemTime,
    ) -> rusqlite::Result<Self> {
        // Entries that a failed transaction has marked, as far as the file knows, were never sent.
        writer.release_unsent(identity, |seq| on_wire.get(seq).is_some())?;
        let due = writer.reader().due(Scope::Of(identity), 0, wall)?;
        Ok(Self {
            last_seq: due.last().map_or(0, |entry| entry.seq),
            schedule: Schedule::resume(due, on_wire.unsettled()),
            searched_at: wall,
            next_held: writer.reader().next_held(wall)?,
        })
    }

    /// Reads what is new since the last time.
    pub(crate) fn update(&mut self, reader: &Reader<'_>, identity: Identity, wall: SystemTime) -> rusqlite::Result<()> {
        let scope = Scope::Of(identity);
        for entry in reader.due(scope, self.last_seq, wall)? {
            self.last_seq = entry.seq;
            self.schedule.add(entry);
        }
        for entry in reader.newly_due(scope, self.searched_at, wall)? {
            self.schedule.add(entry);
        }
        // A clock that was set back must not make entries due twice.
        self.searched_at = self.searched_at.max(wall);
        self.next_held = reader.next_held(self.searched_at)?;
        Ok(())
    }

    /// Adds an entry that this process has written.
    pub(crate) fn add(&mut self, entry: ScheduledEntry, deliver_at: Option<SystemTime>) {
        self.last_seq = self.last_seq.max(entry.seq);
        match deliver_at {
            Some(time) => self.next_held = Some(self.next_held.map_or(time, |next| next.min(time))),
            None => self.schedule.add(entry),
        }
    }

    /// Whether the file must be searched again because a held entry has become due.
    pub(crate) fn is_held_due(&self, wall: SystemTime) -> bool {
        self.next_held.is_some_and(|time| time <= wall)
    }

    /// When to look for held entries that have become due.
    pub(crate) fn next_search(&self, now: Instant) -> Option<Instant> {
        let until_due = |time: SystemTime| time.duration_since(SystemTime::now()).unwrap_or_default();
        self.next_held.map(|time| now + until_due(time).min(LONGEST_HOLD))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use crate::outbox::command::NewEntry;
    use crate::outbox::delivery::Delivery;
    use crate::outbox::delivery::effects::Effects;
    use crate::outbox::store::{Scope, Store};
    use crate::outbox::testing::{TemporaryFolder, client, lead, settings};

    use super::*;

    #[test]
    fn a_held_entry_becomes_due_although_the_clock_was_set_back_before_the_file_was_read_again() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        let mut store = Store::open(&path, true).expect("a file");
        let mut delivery = Delivery::new(client("http://127.0.0.1:1", "rp_key"), &settings(&path), mpsc::channel().0);
        let start = SystemTime::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let held = NewEntry { deliver_at: Some(at(95)), ..lead("user_1") };
        let sent = store.write(|writer| {
            delivery.load(writer, true, at(100))?;
            writer.record(&held, Scope::Of(delivery.identity()), start)?;
            delivery.unload();
            delivery.load(writer, true, at(90))?;
            delivery.load(writer, false, at(96))?;
            let mut effects = Effects::default();
            delivery.pick(writer, &mut effects, at(96), Instant::now())?;
            Ok(effects.sends.len())
        });
        assert_eq!(sent.expect("read"), 1);
    }
}
