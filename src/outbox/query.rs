//! What is asked about the file.

use std::time::Instant;

use crate::outbox::command::{Command, Reply};
use crate::outbox::error::OutboxError;
use crate::outbox::state::Worker;

impl Worker {
    /// Reads what a command asks for.
    pub(super) fn query(&mut self, query: Command, now: Instant) -> Result<Reply, OutboxError> {
        let store = self.take_store(now)?;
        let result = store.read(|reader| match query {
            Command::List { state, after, limit } => reader.entries(state, after, limit).map(Reply::Entries),
            Command::Show(id) => reader.find(&id).map(|found| Reply::Entries(found.into_iter().collect())),
            _ => reader.stats().map(Reply::Stats),
        });
        self.store = Some(store);
        let mut reply = result?;
        if let Reply::Stats(stats) = &mut reply {
            // That a repeatable entry is on the wire is not in the file.
            let unmarked = self.on_wire.values().filter(|turn| turn.is_idempotent).count() as u64;
            let unmarked = unmarked.min(stats.pending);
            stats.pending -= unmarked;
            stats.sending += unmarked;
        }
        Ok(reply)
    }

    /// Answers those who wait for everything to be delivered, if it is.
    pub(super) fn answer_drained(&mut self, now: Instant) {
        let is_busy = !self.on_wire.is_empty() || !self.settled.is_empty();
        if self.drained.is_empty() || is_busy || self.trouble.as_ref().is_some_and(|trouble| trouble.retry_at > now) {
            return;
        }
        let is_drained = self
            .take_store(now)
            .and_then(|store| store.read(|reader| reader.is_drained()).inspect(|_| self.store = Some(store)));
        match is_drained {
            Ok(false) => {}
            Ok(true) => {
                for token in self.drained.drain(..) {
                    self.listener.reply(token, Ok(Reply::Done));
                }
            }
            Err(error) => {
                for token in self.drained.drain(..) {
                    self.listener.reply(token, Err(error.clone()));
                }
            }
        }
    }

    /// Somebody does not wait any more.
    pub(super) fn cancel(&mut self, token: u32) {
        if let Some(position) = self.drained.iter().position(|waiting| *waiting == token) {
            self.drained.swap_remove(position);
            self.listener.reply(token, Err(OutboxError::cancelled()));
        }
    }
}
