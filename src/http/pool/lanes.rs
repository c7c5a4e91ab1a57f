//! Which connection a request may use, and which must wait: no stampede, no more connections than agreed.
//!
//! A lane is an HTTP client with one connection: for one request at a time over HTTP/1.1, for many over HTTP/2. While a
//! lane has no connection, a single request, its leader, may open it; and while nothing is connected at all, a single
//! lane is tried. This module only keeps the books; `pool` does the waiting.

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
    Warm,
}

#[derive(Debug)]
struct Lane {
    state: State,
    in_flight: usize,
    idle_since: Instant,
}

/// A place on a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the lane.
    pub lane: usize,
    /// Whether this request opens the lane's connection.
    pub leads: bool,
}

/// The books of one destination.
#[derive(Debug)]
pub struct Lanes {
    protocol: Protocol,
    lanes: Vec<Lane>,
    /// How many lanes are in each state.
    counts: [usize; 3],
    /// HTTP/1.1 connections without a request, the most recently used one last.
    free: Vec<usize>,
}

impl Lanes {
    /// Without TLS there is nothing to negotiate: HTTP/1.1.
    pub fn new(is_https: bool, max_connections: usize, now: Instant) -> Self {
        Self {
            protocol: if is_https { Protocol::Unknown } else { Protocol::Http1 },
            lanes: (0..max_connections).map(|_| Lane { state: State::Cold, in_flight: 0, idle_since: now }).collect(),
            counts: [max_connections, 0, 0],
            free: Vec::new(),
        }
    }

    /// How many lanes there can be.
    pub fn count(&self) -> usize {
        self.lanes.len()
    }

    /// Whether a connection carries several requests at once.
    pub fn is_shared(&self) -> bool {
        self.protocol == Protocol::Http2
    }

    /// Finds a place for one more request, or `None` if it has to wait.
    pub fn admit(&mut self, now: Instant) -> Option<Place> {
        let lane = match self.protocol {
            Protocol::Unknown => self.first_cold_if(true),
            Protocol::Http1 => self.http1_lane(now),
            Protocol::Http2 => self.http2_lane(now),
        }?;
        let leads = self.lanes[lane].state == State::Cold;
        if leads {
            self.set(lane, State::Connecting);
        }
        self.lanes[lane].in_flight += 1;
        Some(Place { lane, leads })
    }

    /// The most recently used free connection, so that a few of them stay busy and the rest can go; else a new one.
    fn http1_lane(&mut self, now: Instant) -> Option<usize> {
        if let Some(&lane) = self.free.last() {
            if !self.lanes[lane].is_expired(now) {
                return self.free.pop();
            }
            // The others have been idle for longer.
            while let Some(lane) = self.free.pop() {
                self.set(lane, State::Cold);
            }
        }
        self.first_cold_if(self.in_state(State::Warm) == 0)
    }

    /// The first connection that is not crowded: requests that share one share its packets too, and what is not needed can
    /// go. If all are crowded, another one, or the calmest.
    fn http2_lane(&mut self, now: Instant) -> Option<usize> {
        let count = self.lanes.len().min(MAX_HTTP2_LANES);
        let mut calmest: Option<usize> = None;
        for index in 0..count {
            if self.lanes[index].is_expired(now) {
                self.set(index, State::Cold);
            }
            let lane = &self.lanes[index];
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
        let cold = self.first_cold_if(calmest.is_none()).filter(|&lane| lane < count);
        cold.or(calmest.filter(|&lane| self.lanes[lane].in_flight < STREAMS_PER_LANE))
    }

    /// A lane to open: any, or, while nothing is connected, only if nobody else is trying.
    fn first_cold_if(&self, nothing_is_warm: bool) -> Option<usize> {
        if self.in_state(State::Cold) == 0 || (nothing_is_warm && self.in_state(State::Connecting) > 0) {
            return None;
        }
        // Over HTTP/2 the requests on a connection that broke need not be gone before the next one is opened.
        self.lanes.iter().position(|lane| lane.state == State::Cold && (self.is_shared() || lane.in_flight == 0))
    }

    /// A connection was made.
    pub fn connected(&mut self, lane: usize, is_http2: bool) {
        let protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        self.set(lane, State::Warm);
        // Its leader may have left.
        if protocol != self.protocol || self.lanes[lane].in_flight == 0 {
            self.protocol = protocol;
            self.list_free();
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

    /// A connection could not be made, or broke: the next request on this lane has to lead.
    pub fn lost(&mut self, lane: usize) {
        if self.lanes[lane].state == State::Warm {
            self.set(lane, State::Cold);
        }
    }

    /// A request gives its place back.
    pub fn release(&mut self, place: Place, now: Instant) {
        let lane = &mut self.lanes[place.lane];
        lane.in_flight -= 1;
        lane.idle_since = now;
        let Lane { state, in_flight, .. } = *lane;
        if place.leads && state == State::Connecting {
            self.set(place.lane, State::Cold);
        } else if self.protocol == Protocol::Http1 && state == State::Warm && in_flight == 0 {
            self.free.push(place.lane);
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
    fn is_expired(&self, now: Instant) -> bool {
        self.state == State::Warm && self.in_flight == 0 && now - self.idle_since >= IDLE_TIMEOUT
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
