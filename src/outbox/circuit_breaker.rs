//! Whether, and how many entries at a time, an outbox may send. `lib/outbox/circuit-breaker.ts` has the same rules and numbers;
//! `__test__/outbox/breaker-cases.json` holds the two together.
//!
//! Closed: entries are sent, fewer at a time while many fail. Open: nothing is sent until a time. Half-open: one request that
//! creates nothing (the probe) is sent; only when that is answered do entries go again, one at a time until one is answered.
//! After a throttle, which creates nothing either, an entry is the probe.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::outbox::policy::{Classification, Health, Probe};

const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The first wait of a single entry: short, because the breaker protects the API.
const FIRST_ENTRY_WAIT: Duration = Duration::from_millis(100);
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// Keeps `Retry-After: 0` from becoming a tight loop.
const MIN_WAIT: Duration = Duration::from_millis(100);
/// The longest `Retry-After` that is obeyed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// How many outcomes the window holds.
const WINDOW: usize = 50;
/// It opens after this many failures in a row.
const FAILURES_IN_A_ROW: u32 = 8;
/// A failure that costs an entry counts as this many.
const WEIGHT_OF_COST: u32 = 3;
/// It also opens if half of the window failed, once the window has this many outcomes.
const MIN_OUTCOMES_TO_OPEN: usize = 20;
/// It slows down if 30 % of the window failed, once the window has this many outcomes.
const MIN_OUTCOMES_TO_SLOW_DOWN: usize = 10;
const SLOW_DOWN: f64 = 0.7;
/// After this many refusals of its key in a row, a process lets another one deliver.
const REFUSALS: u32 = 2;

/// A change for the outbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// Nothing is sent for this long.
    Opened(Duration),
    /// Delivery goes on.
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant, probe: Probe },
    HalfOpen(Probe),
}

/// The circuit breaker of one outbox.
pub(crate) struct CircuitBreaker {
    state: State,
    concurrency: usize,
    /// How many entries may be sent at the same time while it is closed.
    limit: f64,
    /// No entry was answered since it opened.
    is_on_trial: bool,
    /// Outcomes since the last slow-down.
    since_slow_down: f64,
    /// Whether each of the last outcomes was a failure.
    window: VecDeque<bool>,
    failures_in_a_row: u32,
    refusals_in_a_row: u32,
    /// How often it opened since an entry was last answered.
    trips: u32,
}

impl CircuitBreaker {
    /// Closed, for at most `concurrency` entries at a time.
    pub(crate) fn new(concurrency: usize) -> Self {
        Self {
            state: State::Closed,
            concurrency,
            limit: as_limit(concurrency),
            is_on_trial: false,
            since_slow_down: 0.0,
            window: VecDeque::with_capacity(WINDOW),
            failures_in_a_row: 0,
            refusals_in_a_row: 0,
            trips: 0,
        }
    }

    /// How many entries may be sent at the same time.
    pub(crate) fn limit(&self) -> usize {
        match self.state {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and `concurrency`")]
            State::Closed if !self.is_on_trial => self.limit as usize,
            State::Closed | State::HalfOpen(Probe::Entry) => 1,
            State::Open { .. } | State::HalfOpen(Probe::Api) => 0,
        }
    }

    /// Whether delivery is paused.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// When the next probe may be sent, if it is open.
    pub(crate) fn probe_at(&self) -> Option<Instant> {
        match self.state {
            State::Open { until, .. } => Some(until),
            State::Closed | State::HalfOpen(_) => None,
        }
    }

    /// Whether this process was refused so often that another one should deliver.
    pub(crate) fn is_refused(&self) -> bool {
        self.refusals_in_a_row >= REFUSALS && !self.is_closed()
    }

    /// It is time for a probe. Returns which one; an entry is sent when there is one.
    pub(crate) fn start_probe(&mut self) -> Option<Probe> {
        let State::Open { probe, .. } = self.state else { return None };
        self.state = State::HalfOpen(probe);
        Some(probe)
    }

    /// Records how the probe of the API ended. `jitter` is a random number from 0 to 1.
    pub(crate) fn end_probe(&mut self, classification: Classification, jitter: f64, now: Instant) -> Change {
        if self.state != State::HalfOpen(Probe::Api) {
            return Change::None;
        }
        match classification.health {
            Health::Success => self.close(),
            // Inconclusive: probe again soon.
            Health::Unknown => {
                self.state = State::Open { until: now + MIN_WAIT, probe: Probe::Api };
                Change::None
            }
            _ => self.open_after(classification, jitter, now),
        }
    }

    /// Records how an entry's attempt ended. `jitter` is a random number from 0 to 1.
    pub(crate) fn record(&mut self, classification: Classification, jitter: f64, now: Instant) -> Change {
        match (self.state, classification.health) {
            (_, Health::Unknown) => Change::None,
            (State::HalfOpen(Probe::Entry), Health::Success) => {
                let change = self.close();
                self.note_answer();
                change
            }
            (State::HalfOpen(Probe::Entry), _)
            | (State::Closed, Health::Throttled(_) | Health::Refused(_))
            // The outcome of a request sent before it opened adds nothing, unless it names a later time.
            | (_, Health::Throttled(Some(_))) => self.open_after(classification, jitter, now),
            (State::Closed, Health::Success | Health::Failure) => self.count(classification, jitter, now),
            (State::Open { .. } | State::HalfOpen(Probe::Api), _) => Change::None,
        }
    }

    fn count(&mut self, classification: Classification, jitter: f64, now: Instant) -> Change {
        let is_failure = classification.health == Health::Failure;
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(is_failure);
        self.since_slow_down += 1.0;
        if !is_failure {
            self.note_answer();
            self.limit = (self.limit + 1.0 / self.limit).min(as_limit(self.concurrency));
            return Change::None;
        }
        self.failures_in_a_row += if classification.is_costly() { WEIGHT_OF_COST } else { 1 };
        let failures = self.window.iter().filter(|is_failure| **is_failure).count();
        let outcomes = self.window.len();
        if self.failures_in_a_row >= FAILURES_IN_A_ROW
            || self.is_on_trial && classification.is_costly()
            || outcomes >= MIN_OUTCOMES_TO_OPEN && failures * 2 >= outcomes
        {
            return self.open_after(classification, jitter, now);
        }
        if outcomes >= MIN_OUTCOMES_TO_SLOW_DOWN && failures * 10 >= outcomes * 3 && self.since_slow_down >= self.limit
        {
            self.limit = (self.limit * SLOW_DOWN).max(1.0);
            self.since_slow_down = 0.0;
        }
        Change::None
    }

    /// An entry was answered.
    fn note_answer(&mut self) {
        self.is_on_trial = false;
        self.failures_in_a_row = 0;
        self.refusals_in_a_row = 0;
        self.trips = 0;
    }

    /// A person says that the API is back: waits begin anew.
    pub(crate) fn resume(&mut self) -> Change {
        self.trips = 0;
        self.close()
    }

    fn close(&mut self) -> Change {
        if self.is_closed() {
            return Change::None;
        }
        // The probe proves that there is an API, not that it accepts entries: the waits go on growing until one is answered.
        *self = Self { trips: self.trips, is_on_trial: true, ..Self::new(self.concurrency) };
        Change::Closed
    }

    fn open_after(&mut self, classification: Classification, jitter: f64, now: Instant) -> Change {
        let retry_after = match classification.health {
            Health::Throttled(retry_after) => retry_after,
            Health::Refused(retry_after) => {
                self.refusals_in_a_row += 1;
                retry_after
            }
            Health::Success | Health::Failure | Health::Unknown => None,
        };
        self.open(retry_after, classification.probe, jitter, now)
    }

    fn open(&mut self, retry_after: Option<Duration>, probe: Probe, jitter: f64, now: Instant) -> Change {
        let wait = match retry_after {
            Some(wait) => wait.clamp(MIN_WAIT, MAX_RETRY_AFTER),
            None => spread(FIRST_WAIT, self.trips, jitter),
        };
        let until = now + wait;
        if self.probe_at().is_some_and(|known| known >= until) {
            return Change::None;
        }
        self.trips = self.trips.saturating_add(1);
        self.state = State::Open { until, probe };
        Change::Opened(wait)
    }
}

fn as_limit(concurrency: usize) -> f64 {
    f64::from(u32::try_from(concurrency).unwrap_or(u32::MAX))
}

/// How long an entry waits after `failures` (from 0) in a row.
pub(crate) fn entry_backoff(failures: u32, jitter: f64) -> Duration {
    spread(FIRST_ENTRY_WAIT, failures, jitter)
}

/// How long to wait for the file after `failures` (from 0) in a row.
pub(crate) fn store_backoff(failures: u32, jitter: f64) -> Duration {
    spread(FIRST_WAIT, failures, jitter)
}

/// Between half and all of what doubles up to five minutes.
fn spread(first: Duration, failures: u32, jitter: f64) -> Duration {
    let longest = first.saturating_mul(2u32.saturating_pow(failures)).min(MAX_WAIT);
    longest.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
#[path = "circuit_breaker_tests.rs"]
mod tests;
