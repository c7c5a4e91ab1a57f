//! Who delivers, and how the others are heard.

use std::time::Instant;

use crate::outbox::error::OutboxError;
use crate::outbox::lock::DeliveryLock;
use crate::outbox::pause::Pause;
use crate::outbox::peers::{PeerConnection, PeerSocket};
use crate::outbox::state::{Deliverer, Worker};

impl Worker {
    /// Becomes the one who delivers, if nobody is; else connects to the one who does.
    pub(super) fn elect(&mut self, now: Instant) -> Result<(), OutboxError> {
        let Some(requests) = self.requests.as_ref().filter(|_| self.closing.is_none()) else { return Ok(()) };
        if self.deliverer.is_some() || self.connection.is_some() {
            return Ok(());
        }
        let path = &self.settings.path;
        let lock = DeliveryLock::try_take(path).map_err(|error| OutboxError::io(path, &error))?;
        match lock {
            // Others must be heard before the file is read: what they write later they will tell.
            Some(lock) => {
                self.deliverer = Some(Deliverer {
                    socket: PeerSocket::listen(path, requests.messages()).ok(),
                    _lock: lock,
                    schedule: None,
                    pause: Pause::default(),
                    has_taken_over: false,
                    next_sweep: now,
                });
            }
            None => self.connection = PeerConnection::open(path, requests.messages()).ok(),
        }
        Ok(())
    }

    /// Tells the one who delivers that something was written, if that is another.
    pub(super) fn notify(&self) {
        match &self.connection {
            _ if self.deliverer.is_some() => {}
            Some(connection) => connection.notify(),
            None => PeerConnection::notify_once(&self.settings.path),
        }
    }

    /// The connection to another has ended, or others cannot be heard any more.
    pub(super) fn unheard(&mut self) {
        self.connection = None;
        if let Some(deliverer) = &mut self.deliverer {
            deliverer.socket = None;
        }
    }

    /// Whether nobody says what others do that has to be known.
    pub(super) fn is_deaf(&self) -> bool {
        match &self.deliverer {
            Some(deliverer) => deliverer.socket.is_none(),
            // Nobody says that all is delivered.
            None => !self.drained.is_empty() || self.requests.is_some() && self.connection.is_none(),
        }
    }
}
