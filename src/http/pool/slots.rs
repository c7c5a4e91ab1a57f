//! Decides which connection a request uses and when it must wait: a burst opens few connections, and never more than the
//! bound.
//!
//! A slot holds at most one connection: for one request at a time over HTTP/1.1, for many over HTTP/2. While a slot has no
//! connection, one request opens it with a new HTTP client, so that each generation of a slot is one connection. While no
//! connection is open at all, only one slot tries, or another one when that one stalls. This module is the state machine;
//! `pool` does the waiting.

use std::time::Duration;

use tokio::time::Instant;

/// Maximum number of HTTP/2 connections.
const MAX_HTTP2_CONNECTIONS: usize = 8;
/// Maximum number of requests on one HTTP/2 connection; servers commonly allow 100 to 128 streams.
const MAX_STREAMS: usize = 128;
/// When every open HTTP/2 connection has this many requests, another connection is opened.
const SOFT_STREAM_LIMIT: usize = 64;
/// Idle connections are closed after this time, which is below the timeout of typical servers (Node's is 5 s), so that a
/// request rarely meets a connection that is being closed.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// A connection is given up this much earlier than a server announces (`Keep-Alive: timeout=N`): servers count from when
/// they sent their answer.
const KEEP_ALIVE_MARGIN: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Unknown,
    Http1,
    Http2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Connecting,
    /// Connecting, and for so long that others need not wait for it.
    Stalled,
    Open,
}

#[derive(Debug)]
struct ConnectionSlot {
    state: State,
    in_flight: usize,
    /// Counts the connections of this slot.
    generation: u64,
    idle_since: Instant,
    idle_timeout: Duration,
}

/// Room for one request on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reservation {
    /// Index of the slot.
    pub(crate) slot: usize,
    /// Whether this request opens the connection.
    pub(crate) opens_connection: bool,
    /// Which of the slot's connections it is for.
    pub(crate) generation: u64,
    /// Whether that connection is open and has no other request.
    pub(crate) was_idle: bool,
}

/// The slots of one destination.
#[derive(Debug)]
pub(crate) struct Slots {
    protocol: Protocol,
    slots: Vec<ConnectionSlot>,
    /// Number of slots in each state.
    counts: [usize; 4],
    /// HTTP/1.1 connections without a request, the most recently used one last.
    idle: Vec<usize>,
}

impl Slots {
    /// `may_be_http2`: whether the protocol is unknown until a connection is open. Otherwise it is HTTP/1.1.
    pub(crate) fn new(may_be_http2: bool, max_connections: usize, now: Instant) -> Self {
        Self {
            protocol: if may_be_http2 { Protocol::Unknown } else { Protocol::Http1 },
            slots: (0..max_connections).map(|_| ConnectionSlot::new(now)).collect(),
            counts: [max_connections, 0, 0, 0],
            idle: Vec::new(),
        }
    }

    /// Whether a connection carries several requests at once.
    pub(crate) fn is_multiplexed(&self) -> bool {
        self.protocol == Protocol::Http2
    }

    /// Makes room for one more request, or returns `None` if it has to wait.
    pub(crate) fn reserve(&mut self, now: Instant) -> Option<Reservation> {
        let slot = match self.protocol {
            Protocol::Unknown => self.unused_slot(),
            Protocol::Http1 => self.http1_slot(now),
            Protocol::Http2 => self.http2_slot(now),
        }?;
        let opens_connection = self.slots[slot].state == State::Closed;
        if opens_connection {
            self.set(slot, State::Connecting);
            self.slots[slot].generation += 1;
            self.slots[slot].idle_timeout = IDLE_TIMEOUT;
        }
        let was_idle = !opens_connection && self.slots[slot].in_flight == 0;
        self.slots[slot].in_flight += 1;
        Some(Reservation { slot, opens_connection, generation: self.slots[slot].generation, was_idle })
    }

    /// The most recently used idle connection, so that a few stay busy and the others time out; else a new one.
    fn http1_slot(&mut self, now: Instant) -> Option<usize> {
        while let Some(slot) = self.idle.pop() {
            if !self.slots[slot].is_expired(now) {
                return Some(slot);
            }
            self.set(slot, State::Closed);
        }
        self.unused_slot()
    }

    /// The first connection below the soft limit, so that requests share packets and spare connections time out. If all are
    /// above it: a new connection, or the least loaded one.
    fn http2_slot(&mut self, now: Instant) -> Option<usize> {
        let mut least_loaded: Option<usize> = None;
        let mut connections = 0;
        for index in 0..self.slots.len().min(2 * MAX_HTTP2_CONNECTIONS) {
            if self.slots[index].is_expired(now) {
                self.set(index, State::Closed);
            }
            let slot = &self.slots[index];
            // A lost connection counts until its requests are done.
            connections += usize::from(slot.state != State::Closed || slot.in_flight > 0);
            if slot.state != State::Open {
                continue;
            }
            if slot.in_flight < SOFT_STREAM_LIMIT {
                return Some(index);
            }
            if least_loaded.is_none_or(|best| slot.in_flight < self.slots[best].in_flight) {
                least_loaded = Some(index);
            }
        }
        let with_room = least_loaded.filter(|&slot| self.slots[slot].in_flight < MAX_STREAMS);
        if connections >= MAX_HTTP2_CONNECTIONS {
            return with_room;
        }
        // With very few slots, requests on a lost connection must not keep all others waiting.
        let replaced = || if least_loaded.is_none() && self.may_open() { self.closed_slot(|_| true) } else { None };
        self.unused_slot().or(with_room).or_else(replaced)
    }

    /// While no connection is open, only one slot at a time tries.
    fn may_open(&self) -> bool {
        self.in_state(State::Open) > 0 || self.in_state(State::Connecting) == 0
    }

    /// A slot without connection and requests, if another connection may be opened.
    fn unused_slot(&self) -> Option<usize> {
        if self.in_state(State::Closed) == 0 || !self.may_open() {
            return None;
        }
        self.closed_slot(|slot| slot.in_flight == 0)
    }

    fn closed_slot(&self, is_fit: impl Fn(&ConnectionSlot) -> bool) -> Option<usize> {
        self.slots.iter().position(|slot| slot.state == State::Closed && is_fit(slot))
    }

    /// A connection was made. Those of earlier generations are ignored.
    pub(crate) fn connected(&mut self, slot: usize, generation: u64, is_http2: bool) {
        if self.slots[slot].generation != generation {
            return;
        }
        let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        self.set(slot, State::Open);
        // The request that opened it may be gone.
        if protocol != self.protocol || self.slots[slot].in_flight == 0 {
            self.protocol = protocol;
            self.list_idle();
        }
    }

    /// A connection takes long to be made.
    pub(crate) fn stalled(&mut self, slot: usize, generation: u64) {
        if self.slots[slot].generation == generation && self.slots[slot].state == State::Connecting {
            self.set(slot, State::Stalled);
        }
    }

    /// The server announced how long it keeps this connection open when it is idle.
    pub(crate) fn keep_alive(&mut self, reservation: Reservation, announced: Duration) {
        let slot = &mut self.slots[reservation.slot];
        if slot.generation == reservation.generation {
            slot.idle_timeout = IDLE_TIMEOUT.min(announced.saturating_sub(KEEP_ALIVE_MARGIN));
        }
    }

    /// Lists the idle connections anew, by when they were used.
    fn list_idle(&mut self) {
        let is_idle = |slot: &ConnectionSlot| slot.state == State::Open && slot.in_flight == 0;
        self.idle.clear();
        if self.protocol == Protocol::Http1 {
            self.idle.extend((0..self.slots.len()).filter(|&index| is_idle(&self.slots[index])));
            self.idle.sort_by_key(|&index| self.slots[index].idle_since);
        }
    }

    /// The connection broke, could not be made or does not answer: the next request of this slot opens another one.
    pub(crate) fn lost(&mut self, reservation: Reservation) {
        let slot = &self.slots[reservation.slot];
        if slot.generation == reservation.generation && slot.state == State::Open {
            self.set(reservation.slot, State::Closed);
        }
    }

    /// A request is done.
    pub(crate) fn release(&mut self, reservation: Reservation, now: Instant) {
        let slot = &mut self.slots[reservation.slot];
        slot.in_flight -= 1;
        slot.idle_since = now;
        let is_connecting = matches!(slot.state, State::Connecting | State::Stalled);
        if reservation.opens_connection && reservation.generation == slot.generation && is_connecting {
            self.set(reservation.slot, State::Closed);
        } else if self.protocol == Protocol::Http1 && slot.state == State::Open && slot.in_flight == 0 {
            self.idle.push(reservation.slot);
        }
    }

    fn set(&mut self, slot: usize, state: State) {
        let slot = &mut self.slots[slot];
        self.counts[slot.state as usize] -= 1;
        self.counts[state as usize] += 1;
        slot.state = state;
    }

    fn in_state(&self, state: State) -> usize {
        self.counts[state as usize]
    }
}

impl ConnectionSlot {
    fn new(now: Instant) -> Self {
        Self { state: State::Closed, in_flight: 0, generation: 0, idle_since: now, idle_timeout: IDLE_TIMEOUT }
    }

    fn is_expired(&self, now: Instant) -> bool {
        self.state == State::Open && self.in_flight == 0 && now - self.idle_since >= self.idle_timeout
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
