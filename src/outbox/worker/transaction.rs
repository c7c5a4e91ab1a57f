//! One transaction of the worker: changes that callers asked for, the results of attempts, and what the leader sends next.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime};

use crate::outbox::command::{Event, NewEntry, Reply, Settings};
use crate::outbox::delivery::effects::Effects;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::to_millis;
use crate::outbox::error::OutboxError;
use crate::outbox::failpoint;
use crate::outbox::leadership::LeaderRecord;
use crate::outbox::leadership::lock::LeaderLock;
use crate::outbox::store::writer::Recorded;
use crate::outbox::store::{Scope, Writer};
use crate::outbox::worker::file::Seen;
use crate::outbox::worker::relay::Relay;

/// The failure of an entry that was being sent when its leader ended.
const INTERRUPTED: &str = r#"{"kind":"outbox","code":"INTERRUPTED","attempts":1,"message":"The process ended while the request was on the wire: it may have been counted"}"#;

/// A change that a caller asked for.
pub(crate) enum Change {
    Record(NewEntry),
    Resend(String),
    Discard(String),
    Erase(String),
    Adopt,
    Resume,
}

/// The results of a transaction, which count once it is on the disk.
#[derive(Default)]
pub(crate) struct Committed {
    pub(super) replies: Vec<(u32, Result<Reply, OutboxError>)>,
    pub(super) effects: Effects,
    /// Of this process, if it is the leader.
    pub(super) record: Option<LeaderRecord>,
    /// Another process has become the leader.
    pub(super) is_deposed: bool,
}

/// The rights of this process to the file.
struct Authority {
    /// It may choose what is sent next.
    leads: bool,
    /// It may write how its attempts ended.
    may_write: bool,
}

impl Authority {
    const NONE: Self = Self { leads: false, may_write: false };
}

/// Everything that a transaction needs and may change.
pub(crate) struct Transaction<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) settings: &'a Settings,
    /// Of the file.
    pub(super) path: &'a Path,
    pub(super) scope: Scope,
    pub(super) seen: &'a mut Seen,
    pub(super) relay: Option<&'a mut Relay>,
    /// This process holds the leader's lock, and the outbox is not closing.
    pub(super) leads: bool,
    pub(super) wall: SystemTime,
    pub(super) now: Instant,
    pub(super) committed: Committed,
}

impl Transaction<'_> {
    /// Does all that is to be done to the file. If this or the commit fails, the schedule has to be read anew.
    pub(crate) fn run(mut self, changes: &[(u32, Change)]) -> rusqlite::Result<Committed> {
        let is_changed = self.seen.update(self.writer.reader().data_version()?);
        let Authority { leads, may_write } = self.check_epoch()?;
        if let Some(Relay { delivery, wants_deliveries, .. }) = self.relay.as_deref_mut() {
            let wants_deliveries = wants_deliveries.load(Ordering::Relaxed);
            let effects = &mut self.committed.effects;
            delivery.write_settled(self.writer, effects, may_write, wants_deliveries, self.wall, self.now)?;
            if leads {
                delivery.load(self.writer, is_changed, self.wall)?;
            }
        }
        for (token, change) in changes {
            let reply = self.apply(change)?;
            self.committed.replies.push((*token, reply));
        }
        if leads {
            self.deliver()?;
        }
        failpoint::reach("written");
        Ok(self.committed)
    }

    /// The rights of this process. A new leader takes over from the one before.
    fn check_epoch(&mut self) -> rusqlite::Result<Authority> {
        let Some(relay) = self.relay.as_deref_mut() else { return Ok(Authority::NONE) };
        let Some(mut record) = relay.leadership.record() else { return Ok(Authority::NONE) };
        let Self { writer, wall, leads, .. } = *self;
        let identity = relay.delivery.identity();
        let effects = &mut self.committed.effects;
        if let Some(epoch) = record.epoch {
            if writer.reader().epoch(identity)? != Some(epoch) {
                self.committed.is_deposed = true;
                return Ok(Authority::NONE);
            }
            let resumes = writer.reader().resumes(identity)?;
            if leads && resumes != record.resumes {
                effects.events.extend(relay.delivery.resume());
                record.resumes = resumes;
            }
            self.committed.record = Some(record);
            // While it closes, the leader finishes what it has begun.
            return Ok(Authority { leads, may_write: true });
        }
        if !leads {
            return Ok(Authority::NONE);
        }
        let takeover = writer.take_over(identity, INTERRUPTED, wall)?;
        record.epoch = Some(takeover.epoch);
        record.resumes = writer.reader().resumes(identity)?;
        self.committed.record = Some(record);
        effects.events.extend(takeover.parked.into_iter().map(Event::Parked));
        effects.needs_compaction = true;
        relay.delivery.unload();
        if self.settings.adopt {
            self.adopt()?;
        } else if !relay.has_reported_foreign {
            let foreign = writer.reader().foreign(identity)?;
            relay.has_reported_foreign = foreign > 0;
            effects.events.extend((foreign > 0).then_some(Event::Foreign(foreign)));
        }
        failpoint::reach("taken over");
        Ok(Authority { leads, may_write: true })
    }

    /// The leader's part: parks what is too old, marks what is sent next, and notes its pause.
    fn deliver(&mut self) -> rusqlite::Result<()> {
        let Self { writer, wall, now, .. } = *self;
        let Some(relay) = self.relay.as_deref_mut() else { return Ok(()) };
        let effects = &mut self.committed.effects;
        relay.delivery.sweep(writer, effects, wall, now)?;
        relay.delivery.pick(writer, effects, wall, now)?;
        if effects.has_parked {
            effects.needs_compaction |= writer.bound_parked(self.settings.max_entries, wall)?;
        }
        if relay.is_pause_news()
            && let Some(record) = &mut self.committed.record
        {
            let paused_until = relay.delivery.paused_until();
            writer.leaders().set_paused_until(relay.delivery.identity(), paused_until)?;
            record.paused_until = paused_until.map(to_millis);
        }
        Ok(())
    }

    fn apply(&mut self, change: &Change) -> rusqlite::Result<Result<Reply, OutboxError>> {
        let Self { writer, scope, wall, .. } = *self;
        Ok(Ok(match change {
            Change::Record(new) => return self.record(new),
            Change::Resend(id) => {
                let entry = writer.resend(id, scope, wall)?;
                if let (Some(relay), Some(entry)) = (&mut self.relay, entry) {
                    relay.delivery.add(entry, None);
                }
                Reply::Found(entry.is_some())
            }
            Change::Discard(id) => {
                let entry = writer.discard(id, scope, wall)?;
                self.removed(entry.as_slice());
                Reply::Found(entry.is_some())
            }
            Change::Erase(customer) => {
                let entries = writer.erase(customer)?;
                self.removed(&entries);
                Reply::Count(entries.len() as u64)
            }
            Change::Adopt => Reply::Count(self.adopt()?),
            Change::Resume => {
                let event = self.relay.as_mut().and_then(|relay| relay.delivery.resume());
                let is_other = writer.leaders().request_resume(scope)?;
                let is_own = event.is_some();
                self.committed.effects.events.extend(event);
                Reply::Found(is_own || is_other)
            }
        }))
    }

    fn record(&mut self, new: &NewEntry) -> rusqlite::Result<Result<Reply, OutboxError>> {
        let Self { writer, scope, wall, .. } = *self;
        let max = self.settings.max_entries;
        let room = match self.seen.room {
            Some(room) if room > 0 => room,
            _ => writer.reader().room(scope, max)?,
        };
        self.seen.room = Some(room);
        if room == 0 {
            return Ok(match &new.id {
                Some(id) if writer.is_known(id, scope)? => Ok(Reply::Recorded { id: id.clone(), is_duplicate: true }),
                _ => Err(OutboxError::Full(max)),
            });
        }
        Ok(Ok(match writer.record(new, scope, wall)? {
            Recorded::Added { id, entry } => {
                self.seen.room = Some(room - 1);
                if let Some(relay) = &mut self.relay {
                    relay.delivery.add(entry, new.deliver_at.filter(|time| *time > wall));
                }
                Reply::Recorded { id, is_duplicate: false }
            }
            Recorded::Duplicate(id) => Reply::Recorded { id, is_duplicate: true },
        }))
    }

    fn removed(&mut self, entries: &[ScheduledEntry]) {
        self.committed.effects.needs_compaction |= !entries.is_empty();
        if let Some(relay) = &mut self.relay {
            for entry in entries {
                relay.delivery.remove(*entry);
            }
        }
    }

    /// Takes over the entries of other identities, those of leaders that are gone included.
    fn adopt(&mut self) -> rusqlite::Result<u64> {
        let Self { writer, wall, .. } = *self;
        let Some(Relay { delivery, .. }) = self.relay.as_deref_mut() else { return Ok(0) };
        let effects = &mut self.committed.effects;
        let identity = delivery.identity();
        for other in writer.reader().identities()? {
            // Its lock is free, so it has no leader. One that takes the lock from here on finds what this transaction has written.
            if other != identity && LeaderLock::try_take(self.path, other).is_ok_and(|lock| lock.is_some()) {
                let takeover = writer.take_over(other, INTERRUPTED, wall)?;
                effects.events.extend(takeover.parked.into_iter().map(Event::Parked));
            }
        }
        let adopted = writer.adopt(identity)?;
        effects.needs_compaction |= adopted > 0;
        delivery.update(writer, wall)?;
        Ok(adopted)
    }
}
