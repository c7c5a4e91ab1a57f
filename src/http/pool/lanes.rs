//! Which connection a request may use, and which must wait: no stampede, no more connections than agreed.
//!
//! A lane is an HTTP client with one connection: for one request at a time over HTTP/1.1, for many over HTTP/2. While a
//! lane has no connection, a single request, its leader, may open it, with a new client, so that each generation of a
//! lane is one connection; and while nothing is connected at all, a single lane is tried, or another one when that one
//! stalls. This module is the state machine; `pool` does the waiting.

use std::time::Duration;

use tokio::time::Instant;

/// At most so many HTTP/2 connections.
const MAX_HTTP2_LANES: usize = 8;
/// Requests on one HTTP/2 connection; servers commonly allow 100 to 128 streams.
const STREAMS_PER_LANE: usize = 128;
/// With so many requests on every open HTTP/2 connection, another one is opened.
const CROWDED: usize = 64;
/// Idle connections are closed after this long: before typical servers do (Node's default is 5 s), so that a
/// request does not meet a connection that is being closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// So much earlier than a server announces (`Keep-Alive: timeout=N`) its connection is given up: a request has to get
/// there before the end, and servers count from when they sent their answer.
const KEEP_ALIVE_MARGIN: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Unknown,
    Http1,
    Http2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Cold,
    Connecting,
    /// Connecting, and for so long that others need not wait for it.
    Stalled,
    Warm,
}

#[derive(Debug)]
struct Lane {
    state: State,
    in_flight: usize,
    /// Counts its connections, each opened by a leader.
    generation: u64,
    idle_since: Instant,
    idle_timeout: Duration,
}

/// Room for one request on a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Index of the lane.
    pub lane: usize,
    /// Whether this request opens the lane's connection.
    pub leads: bool,
    /// Which of the lane's connections it is meant for.
    pub generation: u64,
    /// Whether that connection stands and has no other request.
    pub was_idle: bool,
}

/// The lanes of one destination.
#[derive(Debug)]
pub struct Lanes {
    protocol: Protocol,
    lanes: Vec<Lane>,
    /// How many lanes are in each state.
    counts: [usize; 4],
    /// HTTP/1.1 connections without a request, the most recently used one last.
    free: Vec<usize>,
}

impl Lanes {
    /// Without TLS there is nothing to negotiate: HTTP/1.1.
    pub fn new(is_https: bool, max_connections: usize, now: Instant) -> Self {
        Self {
            protocol: if is_https { Protocol::Unknown } else { Protocol::Http1 },
            lanes: (0..max_connections).map(|_| Lane::new(now)).collect(),
            counts: [max_connections, 0, 0, 0],
            free: Vec::new(),
        }
    }

    /// Whether a connection carries several requests at once.
    pub fn is_shared(&self) -> bool {
        self.protocol == Protocol::Http2
    }

    /// Finds a slot for one more request, or `None` if it has to wait.
    pub fn admit(&mut self, now: Instant) -> Option<Slot> {
        let lane = match self.protocol {
            Protocol::Unknown => self.idle_cold_lane(),
            Protocol::Http1 => self.http1_lane(now),
            Protocol::Http2 => self.http2_lane(now),
        }?;
        let leads = self.lanes[lane].state == State::Cold;
        if leads {
            self.set(lane, State::Connecting);
            self.lanes[lane].generation += 1;
            self.lanes[lane].idle_timeout = IDLE_TIMEOUT;
        }
        let was_idle = !leads && self.lanes[lane].in_flight == 0;
        self.lanes[lane].in_flight += 1;
        Some(Slot { lane, leads, generation: self.lanes[lane].generation, was_idle })
    }

    /// The most recently used free connection, so that a few of them stay busy and the rest can go; else a new one.
    fn http1_lane(&mut self, now: Instant) -> Option<usize> {
        while let Some(lane) = self.free.pop() {
            if !self.lanes[lane].is_expired(now) {
                return Some(lane);
            }
            self.set(lane, State::Cold);
        }
        self.idle_cold_lane()
    }

    /// The first connection that is not crowded: requests that share one share its packets too, and what is not needed can
    /// go. If all are crowded, another one, or the calmest.
    fn http2_lane(&mut self, now: Instant) -> Option<usize> {
        let mut calmest: Option<usize> = None;
        let mut connections = 0;
        for index in 0..self.lanes.len().min(2 * MAX_HTTP2_LANES) {
            if self.lanes[index].is_expired(now) {
                self.set(index, State::Cold);
            }
            let lane = &self.lanes[index];
            connections += usize::from(lane.state != State::Cold || lane.in_flight > 0);
            if lane.state != State::Warm {
                continue;
            }
            if lane.in_flight < CROWDED {
                return Some(index);
            }
            if calmest.is_none_or(|best| lane.in_flight < self.lanes[best].in_flight) {
                calmest = Some(index);
            }
        }
        let calm = calmest.filter(|&lane| self.lanes[lane].in_flight < STREAMS_PER_LANE);
        // A connection that was lost counts until its requests are done.
        if connections >= MAX_HTTP2_LANES {
            return calm;
        }
        // Where there are hardly any lanes, requests on a lost connection must not keep all others waiting.
        let replaced = || if calmest.is_none() && self.may_open() { self.cold_lane(|_| true) } else { None };
        self.idle_cold_lane().or(calm).or_else(replaced)
    }

    /// While nothing is connected, only one lane at a time tries.
    fn may_open(&self) -> bool {
        self.in_state(State::Warm) > 0 || self.in_state(State::Connecting) == 0
    }

    /// A lane to open.
    fn idle_cold_lane(&self) -> Option<usize> {
        if self.in_state(State::Cold) == 0 || !self.may_open() {
            return None;
        }
        self.cold_lane(|lane| lane.in_flight == 0)
    }

    fn cold_lane(&self, is_fit: impl Fn(&Lane) -> bool) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.state == State::Cold && is_fit(lane))
    }

    /// A connection was made. Those of earlier generations are nobody's any more.
    pub fn connected(&mut self, lane: usize, generation: u64, is_http2: bool) {
        if self.lanes[lane].generation != generation {
            return;
        }
        let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        self.set(lane, State::Warm);
        // Its leader may have left.
        if protocol != self.protocol || self.lanes[lane].in_flight == 0 {
            self.protocol = protocol;
            self.list_free();
        }
    }

    /// A connection is taking long to be made.
    pub fn stalled(&mut self, lane: usize, generation: u64) {
        if self.lanes[lane].generation == generation && self.lanes[lane].state == State::Connecting {
            self.set(lane, State::Stalled);
        }
    }

    /// The server announced for how long it keeps this connection when it is idle.
    pub fn keep_alive(&mut self, slot: Slot, announced: Duration) {
        if self.lanes[slot.lane].generation == slot.generation {
            self.lanes[slot.lane].idle_timeout = IDLE_TIMEOUT.min(announced.saturating_sub(KEEP_ALIVE_MARGIN));
        }
    }

    /// Lists the free connections anew, by when they were used.
    fn list_free(&mut self) {
        let is_free = |lane: &Lane| lane.state == State::Warm && lane.in_flight == 0;
        self.free.clear();
        if self.protocol == Protocol::Http1 {
            self.free.extend((0..self.lanes.len()).filter(|&index| is_free(&self.lanes[index])));
            self.free.sort_by_key(|&index| self.lanes[index].idle_since);
        }
    }

    /// The connection of `slot` broke, could not be made or does not answer: the next request on this lane has to lead.
    pub fn lost(&mut self, slot: Slot) {
        let lane = &self.lanes[slot.lane];
        if lane.generation == slot.generation && lane.state == State::Warm {
            self.set(slot.lane, State::Cold);
        }
    }

    /// A request gives its slot back.
    pub fn release(&mut self, slot: Slot, now: Instant) {
        let lane = &mut self.lanes[slot.lane];
        lane.in_flight -= 1;
        lane.idle_since = now;
        let is_connecting = matches!(lane.state, State::Connecting | State::Stalled);
        if slot.leads && slot.generation == lane.generation && is_connecting {
            self.set(slot.lane, State::Cold);
        } else if self.protocol == Protocol::Http1 && lane.state == State::Warm && lane.in_flight == 0 {
            self.free.push(slot.lane);
        }
    }

    fn set(&mut self, lane: usize, state: State) {
        let lane = &mut self.lanes[lane];
        self.counts[lane.state as usize] -= 1;
        self.counts[state as usize] += 1;
        lane.state = state;
    }

    fn in_state(&self, state: State) -> usize {
        self.counts[state as usize]
    }
}

impl Lane {
    fn new(now: Instant) -> Self {
        Self { state: State::Cold, in_flight: 0, generation: 0, idle_since: now, idle_timeout: IDLE_TIMEOUT }
    }

    fn is_expired(&self, now: Instant) -> bool {
        self.state == State::Warm && self.in_flight == 0 && now - self.idle_since >= self.idle_timeout
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
