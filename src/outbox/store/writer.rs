//! Writes to the file: table `entry`, and the way to those of the other tables.

use std::time::SystemTime;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::api::operation::Idempotency;
use crate::outbox::command::NewEntry;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::{Entry, Identity, Outgoing, Reason, State, from_millis, to_millis};
use crate::outbox::store::finished::Finished;
use crate::outbox::store::leaders::Leaders;
use crate::outbox::store::reader::{Reader, operation, scheduled};
use crate::outbox::store::scope::{Scope, in_scope};

type Result<T> = rusqlite::Result<T>;

/// The result of recording a conversion.
pub(crate) enum Recorded {
    /// It is stored.
    Added {
        /// Its id.
        id: String,
        /// Its place in the order.
        entry: ScheduledEntry,
    },
    /// An entry of this id is or was there.
    Duplicate(String),
}

/// The result of a takeover.
pub(crate) struct Takeover {
    /// Its epoch.
    pub(crate) epoch: i64,
    /// Entries that the previous leader was sending, and that may have been counted.
    pub(crate) parked: Vec<Entry>,
}

/// How an attempt ended that did not deliver its entry.
pub(crate) struct Attempt<'a> {
    /// JSON text of the failure.
    pub(crate) error: Option<&'a str>,
    /// How many requests were made.
    pub(crate) requests: u32,
    /// Whether one of them may have been counted.
    pub(crate) may_be_counted: bool,
}

impl Attempt<'_> {
    /// No request was made.
    pub(crate) const NONE: Attempt<'static> = Attempt { error: None, requests: 0, may_be_counted: false };
}

/// Writes, within a transaction.
pub(crate) struct Writer<'c>(Transaction<'c>);

impl<'c> Writer<'c> {
    pub(super) fn new(transaction: Transaction<'c>) -> Self {
        Self(transaction)
    }

    pub(super) fn commit(self) -> Result<()> {
        self.0.commit()
    }

    /// Reads within the transaction.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader(&self.0)
    }

    /// Writes about leaders.
    pub(crate) fn leaders(&self) -> Leaders<'_> {
        Leaders(&self.0)
    }

    /// The ids of entries that are gone.
    pub(crate) fn finished(&self) -> Finished<'_> {
        Finished(&self.0)
    }

    /// Adds a conversion, unless its id is known.
    pub(crate) fn record(&self, new: &NewEntry, scope: Scope, now: SystemTime) -> Result<Recorded> {
        if let Some(id) = &new.id
            && self.is_known(id, scope)?
        {
            return Ok(Recorded::Duplicate(id.clone()));
        }
        let id = new.id.clone().unwrap_or_else(|| random_id(now));
        let customer = customer_number(&new.customer);
        let deliver_at = new.deliver_at.filter(|time| *time > now);
        self.0
            .prepare_cached(
                "INSERT INTO entry (id, is_named, call, customer, identity, is_idempotent, retry_ambiguous, state, attempts,
                 may_be_counted, recorded_at, waits_since, deliver_at, params)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                id,
                new.id.is_some(),
                new.operation as i64,
                customer,
                scope.parameter(),
                new.idempotency == Idempotency::Idempotent,
                new.retry_ambiguous,
                State::Pending as i64,
                to_millis(now),
                to_millis(deliver_at.unwrap_or(now)),
                deliver_at.map(to_millis),
                new.params
            ])?;
        Ok(Recorded::Added { id, entry: ScheduledEntry { seq: self.0.last_insert_rowid(), customer } })
    }

    /// Whether an entry of this id is or was there.
    pub(crate) fn is_known(&self, id: &str, scope: Scope) -> Result<bool> {
        let mut select = self.0.prepare_cached(concat!("SELECT 1 FROM entry WHERE id = ?1 AND ", in_scope!(2)))?;
        if select.exists((id, scope.parameter()))? {
            return Ok(true);
        }
        let identities = match scope {
            Scope::Of(identity) => vec![identity],
            Scope::Everybody => self.reader().identities()?,
        };
        self.finished().contains(id, identities)
    }

    /// Marks a pending entry as being sent by the leader of `identity`; `None` if it is not pending any more, or belongs to
    /// another.
    pub(crate) fn mark_sending(&self, seq: i64, Identity(identity): Identity) -> Result<Option<Outgoing>> {
        let mut update = self.0.prepare_cached(
            "UPDATE entry SET state = ?3, sender = ?2 WHERE seq = ?1 AND state = ?4 AND (identity IS NULL OR identity = ?2)
             RETURNING call, is_idempotent, retry_ambiguous, params, waits_since",
        )?;
        let parameters = (seq, identity, State::Sending as i64, State::Pending as i64);
        update
            .query_row(parameters, |row| {
                let (is_idempotent, retry_ambiguous): (bool, bool) = (row.get(1)?, row.get(2)?);
                Ok(Outgoing {
                    seq,
                    operation: operation(row.get(0)?),
                    idempotency: if is_idempotent { Idempotency::Idempotent } else { Idempotency::NotIdempotent },
                    is_repeatable: is_idempotent || retry_ambiguous,
                    params: row.get(3)?,
                    due_at: from_millis(row.get(4)?),
                })
            })
            .optional()
    }

    /// An attempt failed, and another may follow. Returns how many were made so far.
    pub(crate) fn make_pending(&self, seq: i64, attempt: &Attempt<'_>) -> Result<Option<u32>> {
        let mut update = self.0.prepare_cached(
            "UPDATE entry SET state = ?2, sender = NULL, error = coalesce(?3, error), attempts = attempts + ?4,
             may_be_counted = may_be_counted OR ?5 WHERE seq = ?1 AND state = ?6 RETURNING attempts",
        )?;
        let Attempt { error, requests, may_be_counted } = attempt;
        let parameters = (seq, State::Pending as i64, error, requests, may_be_counted, State::Sending as i64);
        update.query_row(parameters, |row| row.get(0)).optional()
    }

    /// Parks an entry; without an error it keeps its last one.
    pub(crate) fn park(
        &self,
        seq: i64,
        reason: Reason,
        attempt: &Attempt<'_>,
        now: SystemTime,
    ) -> Result<Option<Entry>> {
        let Attempt { error, requests, may_be_counted } = attempt;
        let parked = self
            .0
            .prepare_cached(
                "UPDATE entry SET state = ?2, sender = NULL, reason = ?3, error = coalesce(?4, error), attempts = attempts + ?5,
                 may_be_counted = may_be_counted OR ?6, parked_at = ?7, deliver_at = NULL WHERE seq = ?1 AND state <> ?2",
            )?
            .execute((seq, State::Parked as i64, reason as i64, error, requests, may_be_counted, to_millis(now)))?;
        if parked == 0 { Ok(None) } else { self.reader().entry(seq, now) }
    }

    /// Removes an entry and remembers its id.
    pub(crate) fn finish(&self, seq: i64, now: SystemTime) -> Result<bool> {
        let mut delete = self.0.prepare_cached("DELETE FROM entry WHERE seq = ?1 RETURNING id, is_named, identity")?;
        let gone: Option<(String, bool, Option<i64>)> = delete.query_row([seq], |row| row.try_into()).optional()?;
        let Some((id, is_named, identity)) = gone else { return Ok(false) };
        if is_named {
            self.finished().add(&id, identity.map(Identity), now)?;
        }
        Ok(true)
    }

    /// Makes a parked entry the last of those that wait.
    pub(crate) fn resend(&self, id: &str, scope: Scope, now: SystemTime) -> Result<Option<ScheduledEntry>> {
        let mut select =
            self.0.prepare_cached(concat!("SELECT seq FROM entry WHERE id = ?1 AND state = ?2 AND ", in_scope!(3)))?;
        let parameters = (id, State::Parked as i64, scope.parameter());
        let Some(parked) = select.query_row(parameters, |row| row.get::<_, i64>(0)).optional()? else {
            return Ok(None);
        };
        // A new number, so that every process finds it among what is new.
        self.0
            .prepare_cached(
                "INSERT INTO entry (id, is_named, call, customer, identity, is_idempotent, retry_ambiguous, state, attempts,
                 may_be_counted, recorded_at, waits_since, params, error)
                 SELECT id, is_named, call, customer, identity, is_idempotent, retry_ambiguous, ?2, attempts,
                 may_be_counted, recorded_at, ?3, params, error FROM entry WHERE seq = ?1",
            )?
            .execute((parked, State::Pending as i64, to_millis(now)))?;
        let seq = self.0.last_insert_rowid();
        self.0.prepare_cached("DELETE FROM entry WHERE seq = ?1")?.execute([parked])?;
        let mut select = self.0.prepare_cached("SELECT seq, customer FROM entry WHERE seq = ?1")?;
        select.query_row([seq], scheduled).map(Some)
    }

    /// Removes an entry that is parked, or pending and has certainly not been counted.
    pub(crate) fn discard(&self, id: &str, scope: Scope, now: SystemTime) -> Result<Option<ScheduledEntry>> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT seq, customer FROM entry WHERE id = ?1 AND (state = ?2 OR state = ?3 AND NOT may_be_counted) AND ",
            in_scope!(4),
        ))?;
        let parameters = (id, State::Parked as i64, State::Pending as i64, scope.parameter());
        let found = select.query_row(parameters, scheduled).optional()?;
        if let Some(ScheduledEntry { seq, .. }) = found {
            self.finish(seq, now)?;
        }
        Ok(found)
    }

    /// Removes all entries of a customer (JSON text), of whatever identity, and remembers nothing.
    pub(crate) fn erase(&self, customer: &str) -> Result<Vec<ScheduledEntry>> {
        let mut delete = self.0.prepare_cached("DELETE FROM entry WHERE customer = ?1 RETURNING seq, customer")?;
        delete.query_map([customer_number(customer)], scheduled)?.collect()
    }

    /// Becomes the leader of an identity: the previous leader can write nothing more. Entries that it was sending are sent again
    /// if they are repeatable, and parked otherwise.
    pub(crate) fn take_over(&self, identity: Identity, error: &str, now: SystemTime) -> Result<Takeover> {
        self.reader().check_pages()?;
        self.leaders().register(identity)?;
        let epoch = self.leaders().begin_epoch(identity)?;
        let attempt = Attempt { error: Some(error), requests: 1, may_be_counted: true };
        let mut parked = Vec::new();
        for (seq, is_repeatable) in self.sending(identity)? {
            if is_repeatable {
                self.make_pending(seq, &attempt)?;
            } else {
                parked.extend(self.park(seq, Reason::Ambiguous, &attempt, now)?);
            }
        }
        Ok(Takeover { epoch, parked })
    }

    /// Makes entries pending again that a failed transaction of this leader seems to have marked: they were never sent.
    pub(crate) fn release_unsent(&self, identity: Identity, is_on_wire: impl Fn(i64) -> bool) -> Result<()> {
        for (seq, _) in self.sending(identity)? {
            if !is_on_wire(seq) {
                self.make_pending(seq, &Attempt::NONE)?;
            }
        }
        Ok(())
    }

    /// Number, and whether it is repeatable, of what a leader is sending. Entries of an earlier version have no sender.
    fn sending(&self, Identity(sender): Identity) -> Result<Vec<(i64, bool)>> {
        let mut select = self.0.prepare_cached(
            "SELECT seq, is_idempotent OR retry_ambiguous FROM entry WHERE state = ?1 AND (sender IS NULL OR sender = ?2)",
        )?;
        select.query_map((State::Sending as i64, sender), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    /// Gives this identity the entries of others, unless they are being sent. Those that wait get new numbers, so that the leader
    /// finds them among what is new, whichever process adopts them. Returns how many.
    pub(crate) fn adopt(&self, Identity(identity): Identity) -> Result<u64> {
        let pending = State::Pending as i64;
        self.0
            .prepare_cached(
                "INSERT INTO entry (id, is_named, call, customer, identity, is_idempotent, retry_ambiguous, state, attempts,
                 may_be_counted, recorded_at, waits_since, deliver_at, params, error)
                 SELECT id, is_named, call, customer, ?1, is_idempotent, retry_ambiguous, state, attempts, may_be_counted,
                 recorded_at, waits_since, deliver_at, params, error
                 FROM entry WHERE identity <> ?1 AND state = ?2 ORDER BY seq",
            )?
            .execute((identity, pending))?;
        let waiting = self
            .0
            .prepare_cached("DELETE FROM entry WHERE identity <> ?1 AND state = ?2")?
            .execute((identity, pending))?;
        let parked = self
            .0
            .prepare_cached("UPDATE entry SET identity = ?1 WHERE identity <> ?1 AND state = ?2")?
            .execute((identity, State::Parked as i64))?;
        Ok((waiting + parked) as u64)
    }

    /// Removes rejected entries that were parked before a time. Returns whether there were any.
    pub(crate) fn remove_rejected_before(&self, time: SystemTime, limit: u32, now: SystemTime) -> Result<bool> {
        let mut select = self
            .0
            .prepare_cached("SELECT seq FROM entry WHERE reason = 0 AND parked_at < ?1 ORDER BY parked_at LIMIT ?2")?;
        let found: Vec<i64> = select.query_map((to_millis(time), limit), |row| row.get(0))?.collect::<Result<_>>()?;
        self.finish_all(&found, now)
    }

    /// Removes the oldest rejected entries if more than `max` entries are parked. Returns whether there were any.
    pub(crate) fn bound_parked(&self, max: u64, now: SystemTime) -> Result<bool> {
        let excess = self.reader().parked()?.saturating_sub(max);
        if excess == 0 {
            return Ok(false);
        }
        let mut select =
            self.0.prepare_cached("SELECT seq FROM entry WHERE reason = 0 ORDER BY parked_at, seq LIMIT ?1")?;
        let found: Vec<i64> = select.query_map([excess.cast_signed()], |row| row.get(0))?.collect::<Result<_>>()?;
        self.finish_all(&found, now)
    }

    fn finish_all(&self, entries: &[i64], now: SystemTime) -> Result<bool> {
        for seq in entries {
            self.finish(*seq, now)?;
        }
        Ok(!entries.is_empty())
    }
}

/// A digest of 64 bits: a collision would make two customers wait for each other, and be erased together.
fn customer_number(customer: &str) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest(&SHA256, customer.as_bytes()).as_ref()[..8]);
    i64::from_le_bytes(bytes)
}

/// Begins with the time, so that the index of ids grows at its end: a commit then writes a few pages, however many wait.
fn random_id(now: SystemTime) -> String {
    let mut bytes = [0u8; 10];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:012x}{random}", to_millis(now))
}
