//! The end of an outbox.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::outbox::command::{Message, Reply};
use crate::outbox::error::OutboxError;
use crate::outbox::state::{Closing, Worker};

/// What an outbox is given that nobody closes.
pub const ABANDONED: Duration = Duration::from_secs(10);
/// After what was cut off at the end of `close` has had its time, the file is left as it is.
const LAST_WRITE: Duration = Duration::from_secs(2);

impl Worker {
    /// Takes no more, and lets what is on the wire finish within `timeout`.
    pub(super) fn close(&mut self, token: Option<u32>, timeout: Duration, now: Instant) {
        let deadline = now.checked_add(timeout).unwrap_or(now + ABANDONED);
        let closing = self.closing.get_or_insert(Closing { tokens: Vec::new(), deadline, is_cut_off: false });
        closing.tokens.extend(token);
    }

    /// Ends what is on the wire, if its time is over.
    pub(super) fn cut_off(&mut self, now: Instant) {
        if let Some(closing) = &mut self.closing
            && closing.deadline <= now
            && !closing.is_cut_off
        {
            closing.is_cut_off = true;
            if let Some(requests) = &self.requests {
                requests.abort();
            }
        }
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_finished(&self) -> bool {
        let Some(closing) = &self.closing else { return false };
        let is_written = self.on_wire.is_empty() && self.settled.is_empty();
        is_written || closing.is_cut_off && closing.deadline + LAST_WRITE <= Instant::now()
    }

    /// When it is over, whatever is on the wire.
    pub(super) fn closes_at(&self) -> Option<Instant> {
        let closing = self.closing.as_ref()?;
        Some(if closing.is_cut_off { closing.deadline + LAST_WRITE } else { closing.deadline })
    }

    /// Lets go of the file, and answers whoever is left.
    pub(super) fn finish(mut self, inbox: &Receiver<Message>) {
        if let Some(store) = self.store.take() {
            // What cannot be tidied now is tidied by the next who opens it.
            let _ = store.tidy();
        }
        self.deliverer = None;
        let rest = inbox.try_iter().flat_map(|message| match message {
            Message::Commands(read) => read(),
            _ => Vec::new(),
        });
        let rest: Vec<u32> = rest.map(|(token, _)| token).collect();
        for token in self.drained.drain(..).chain(rest) {
            self.listener.reply(token, Err(OutboxError::closed()));
        }
        for token in self.closing.take().map_or_else(Vec::new, |closing| closing.tokens) {
            self.listener.reply(token, Ok(Reply::Done));
        }
        self.listener.flush();
    }
}
