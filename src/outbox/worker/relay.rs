//! The half of an outbox that delivers: the deliveries of its client, and whether this process makes them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use crate::api::client::Client;
use crate::outbox::command::{Message, Settings};
use crate::outbox::delivery::Delivery;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::{Identity, Outgoing, to_millis};
use crate::outbox::error::{OutboxError, StoreProblem};
use crate::outbox::leadership::{LeaderRecord, Leadership};
use crate::outbox::store::Store;

/// How often to look for what other processes have done, where no peer notifies this one.
pub(crate) const POLL: Duration = Duration::from_millis(250);

/// Delivers for one identity, or follows the process that does.
pub(crate) struct Relay {
    pub(super) delivery: Delivery,
    pub(super) leadership: Leadership,
    /// Whether `Event::Delivered` is wanted.
    pub(super) wants_deliveries: Arc<AtomicBool>,
    pub(super) has_reported_foreign: bool,
}

impl Relay {
    /// Leads and sends nothing yet.
    pub(crate) fn new(
        client: Arc<Client>,
        settings: &Settings,
        messages: &Sender<Message>,
        wants_deliveries: Arc<AtomicBool>,
    ) -> Self {
        let delivery = Delivery::new(client, settings, messages.clone());
        let leadership = Leadership::new(delivery.identity(), messages.clone());
        Self { delivery, leadership, wants_deliveries, has_reported_foreign: false }
    }

    /// Becomes the leader if there is none. `identities` are those that the file lists; this one is added.
    pub(crate) fn elect(
        &mut self,
        store: &mut Store,
        identities: &mut Vec<Identity>,
        now: Instant,
    ) -> Result<(), OutboxError> {
        let identity = self.delivery.identity();
        if !identities.contains(&identity) {
            // The order in the file decides which socket is whose.
            *identities = store.write(|writer| {
                writer.leaders().register(identity)?;
                writer.reader().identities()
            })?;
        }
        self.leadership.elect(store.path(), identities, now).map_err(|error| StoreProblem::from(error).at(store.path()))
    }

    /// Whether the file does not say until when this leader pauses.
    pub(crate) fn is_pause_news(&self) -> bool {
        let paused_until = self.delivery.paused_until().map(to_millis);
        self.leadership.record().is_some_and(|record| record.paused_until != paused_until)
    }

    /// Sends a probe if it is time, or lets another process deliver if this one's key is refused.
    pub(crate) fn proceed(&mut self, now: Instant) {
        if !self.leadership.is_leader() {
            return;
        }
        if let Some(until) = self.delivery.yields_until().filter(|until| *until > now) {
            self.step_down(Some(until));
        } else {
            self.delivery.probe(now);
        }
    }

    /// Sends what a transaction has marked, now that it is on the disk, and keeps what it has found out about the leader.
    pub(crate) fn commit(
        &mut self,
        sends: Vec<(ScheduledEntry, Outgoing)>,
        record: Option<LeaderRecord>,
        is_deposed: bool,
    ) {
        self.delivery.send(sends);
        if is_deposed {
            self.step_down(None);
        } else if let Some(record) = record {
            self.leadership.set_record(record);
        }
    }

    fn step_down(&mut self, until: Option<Instant>) {
        self.delivery.unload();
        self.leadership.step_down(until);
    }

    /// When to wake up, if no message comes before.
    pub(crate) fn next_wake(&self, is_closing: bool, now: Instant) -> Option<Instant> {
        let leads = self.leadership.is_leader();
        let delivery = if leads && !is_closing { self.delivery.next_wake(now) } else { None };
        let poll = (!is_closing && self.leadership.must_poll()).then_some(now + POLL);
        [delivery, self.leadership.yields_until(), poll].into_iter().flatten().min()
    }
}
