//! Which connection a request may use, and which must wait: no stampede, no more connections than agreed.
//!
//! A lane is one pooled HTTP client. Over HTTP/1.1 one lane holds up to `max_connections` connections, over HTTP/2
//! each lane holds one. While a lane has no connection, a single request, its leader, may open it; all others wait
//! for that. This module only keeps the books; `gate` does the waiting.

use std::time::Duration;

use tokio::time::Instant;

/// At most so many HTTP/2 connections.
const MAX_LANES: usize = 8;
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
    max_connections: usize,
    lanes: Vec<Lane>,
}

impl Lanes {
    /// Without TLS there is nothing to negotiate: HTTP/1.1.
    pub fn new(is_https: bool, max_connections: usize, now: Instant) -> Self {
        let count = if is_https { MAX_LANES.min(max_connections) } else { 1 };
        Self {
            protocol: if is_https { Protocol::Unknown } else { Protocol::Http1 },
            max_connections,
            lanes: (0..count).map(|_| Lane { state: State::Cold, in_flight: 0, idle_since: now }).collect(),
        }
    }

    /// How many lanes there can be.
    pub fn count(&self) -> usize {
        self.lanes.len()
    }

    /// Finds a place for one more request, or `None` if it has to wait.
    pub fn admit(&mut self, now: Instant) -> Option<Place> {
        for lane in &mut self.lanes {
            if lane.state == State::Warm && lane.in_flight == 0 && now - lane.idle_since >= IDLE_TIMEOUT {
                lane.state = State::Cold;
            }
        }
        let lane = match self.protocol {
            Protocol::Unknown => self.can_lead(0).then_some(0),
            Protocol::Http1 => {
                let first = self.lanes.first()?;
                let free = match first.state {
                    State::Cold => true,
                    State::Connecting => false,
                    State::Warm => first.in_flight < self.max_connections,
                };
                free.then_some(0)
            }
            Protocol::Http2 => self.http2_lane(),
        }?;
        let place = Place { lane, leads: self.can_lead(lane) };
        let lane = &mut self.lanes[lane];
        if place.leads {
            lane.state = State::Connecting;
        }
        lane.in_flight += 1;
        Some(place)
    }

    fn can_lead(&self, lane: usize) -> bool {
        self.lanes[lane].state == State::Cold
    }

    fn http2_lane(&self) -> Option<usize> {
        let calmest = (0..self.lanes.len())
            .filter(|&lane| self.lanes[lane].state == State::Warm)
            .min_by_key(|&lane| self.lanes[lane].in_flight);
        match calmest {
            Some(lane) if self.lanes[lane].in_flight < CROWDED => Some(lane),
            _ => (0..self.lanes.len())
                .find(|&lane| self.can_lead(lane))
                .or_else(|| calmest.filter(|&lane| self.lanes[lane].in_flight < STREAMS_PER_LANE)),
        }
    }

    /// A connection was made.
    pub fn connected(&mut self, lane: usize, is_http2: bool) {
        self.protocol = if is_http2 { Protocol::Http2 } else { Protocol::Http1 };
        self.lanes[lane].state = State::Warm;
    }

    /// A connection could not be made, or a shared one broke: the next request on this lane has to lead.
    pub fn lost(&mut self, lane: usize, while_connecting: bool) {
        if while_connecting || self.protocol == Protocol::Http2 {
            let lane = &mut self.lanes[lane];
            if lane.state == State::Warm {
                lane.state = State::Cold;
            }
        }
    }

    /// A request gives its place back.
    pub fn release(&mut self, place: Place, now: Instant) {
        let lane = &mut self.lanes[place.lane];
        lane.in_flight -= 1;
        lane.idle_since = now;
        if place.leads && lane.state == State::Connecting {
            lane.state = State::Cold;
        }
    }

    /// Whether connections of a lane are opened one at a time.
    pub fn is_exclusive(&self) -> bool {
        self.protocol != Protocol::Http1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn admit_all(lanes: &mut Lanes, now: Instant) -> Vec<Place> {
        std::iter::from_fn(|| lanes.admit(now)).collect()
    }

    #[test]
    fn a_cold_destination_is_opened_by_one_request() {
        let now = Instant::now();
        for is_https in [false, true] {
            let mut lanes = Lanes::new(is_https, 64, now);
            assert_eq!(admit_all(&mut lanes, now), [Place { lane: 0, leads: true }]);
        }
    }

    #[test]
    fn http1_opens_up_to_its_bound_once_connected() {
        let now = Instant::now();
        let mut lanes = Lanes::new(true, 64, now);
        let leader = lanes.admit(now).expect("a place");
        lanes.connected(leader.lane, false);
        assert_eq!(admit_all(&mut lanes, now).len(), 63);
        lanes.release(leader, now);
        assert_eq!(admit_all(&mut lanes, now).len(), 1);
    }

    #[test]
    fn http2_opens_another_lane_only_when_crowded() {
        let now = Instant::now();
        let mut lanes = Lanes::new(true, 64, now);
        let leader = lanes.admit(now).expect("a place");
        lanes.connected(leader.lane, true);
        let mut places = vec![leader];
        for _ in 1..CROWDED {
            places.push(lanes.admit(now).expect("a place"));
        }
        assert!(places.iter().all(|place| place.lane == 0));
        assert_eq!(lanes.admit(now), Some(Place { lane: 1, leads: true }));
        // The rest still fits on the first lane while the others are being opened.
        let rest = admit_all(&mut lanes, now);
        assert_eq!(rest.iter().filter(|place| place.leads).count(), MAX_LANES - 2);
        assert_eq!(rest.iter().filter(|place| place.lane == 0).count(), STREAMS_PER_LANE - CROWDED);
    }

    #[test]
    fn a_leader_that_fails_leaves_the_lane_to_the_next() {
        let now = Instant::now();
        let mut lanes = Lanes::new(true, 64, now);
        let leader = lanes.admit(now).expect("a place");
        assert_eq!(lanes.admit(now), None);
        lanes.release(leader, now);
        assert_eq!(lanes.admit(now), Some(Place { lane: 0, leads: true }));
    }

    #[test]
    fn an_idle_destination_is_cold_again() {
        let now = Instant::now();
        let mut lanes = Lanes::new(false, 64, now);
        let leader = lanes.admit(now).expect("a place");
        lanes.connected(0, false);
        lanes.release(leader, now);
        let later = now + IDLE_TIMEOUT;
        assert_eq!(lanes.admit(later).map(|place| place.leads), Some(true));
        assert_eq!(lanes.admit(later), None);
    }

    proptest! {
        #[test]
        fn books_stay_within_bounds(max in 1usize..100, http2: bool, steps in prop::collection::vec(0u8..5, 0..400)) {
            let now = Instant::now();
            let mut lanes = Lanes::new(true, max, now);
            let mut places = Vec::new();
            for step in steps {
                match step {
                    0..=1 => places.extend(lanes.admit(now)),
                    2 => if let Some(place) = places.pop() { lanes.release(place, now) },
                    3 => if let Some(place) = places.first() { lanes.connected(place.lane, http2) },
                    _ => if let Some(place) = places.first() { lanes.lost(place.lane, false) },
                }
                let in_flight: usize = lanes.lanes.iter().map(|lane| lane.in_flight).sum();
                prop_assert_eq!(in_flight, places.len());
                prop_assert!(lanes.lanes.iter().all(|lane| lane.in_flight <= STREAMS_PER_LANE.max(max)));
                if !http2 { prop_assert!(places.len() <= max); }
            }
            for place in places { lanes.release(place, now); }
            prop_assert!(lanes.admit(now).is_some(), "nothing in flight, so somebody must get in");
        }
    }
}
