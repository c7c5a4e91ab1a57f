//! Whether, and how many entries at a time, an outbox may send. `lib/outbox/circuit-breaker.ts` has the same numbers.
//!
//! Closed: entries are sent, fewer at a time while many fail. Open: nothing is sent until a time. Half-open: one request that
//! creates nothing (the probe) is sent; only when that is answered do entries go again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::outbox::policy::Health;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// Keeps `Retry-After: 0` from becoming a tight loop.
const MIN_WAIT: Duration = Duration::from_millis(100);
/// The longest `Retry-After` that is obeyed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// How many outcomes are remembered.
const WINDOW: usize = 50;
/// Opens after as many failures in a row…
const FAILURES_IN_A_ROW: u32 = 8;
/// … or if half of at least as many outcomes failed.
const MIN_OUTCOMES_TO_OPEN: usize = 20;
/// Slows down if 30 % of at least as many outcomes failed.
const MIN_OUTCOMES_TO_SLOW_DOWN: usize = 10;
const SLOW_DOWN: f64 = 0.7;
/// A process whose key was refused as often in a row lets others deliver.
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
    Open { until: Instant },
    HalfOpen,
}

/// The circuit breaker of one outbox.
pub(crate) struct CircuitBreaker {
    state: State,
    concurrency: usize,
    /// How many entries may be sent at the same time while it is closed.
    limit: f64,
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
            State::Closed => self.limit as usize,
            State::Open { .. } | State::HalfOpen => 0,
        }
    }

    /// Whether delivery is paused.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// When the next probe may be sent, if it is open.
    pub(crate) fn probe_at(&self) -> Option<Instant> {
        match self.state {
            State::Open { until } => Some(until),
            State::Closed | State::HalfOpen => None,
        }
    }

    /// Whether this process was refused so often that another one should deliver.
    pub(crate) fn is_refused(&self) -> bool {
        self.refusals_in_a_row >= REFUSALS && !self.is_closed()
    }

    /// A probe is sent.
    pub(crate) fn start_probe(&mut self) {
        self.state = State::HalfOpen;
    }

    /// Records how a probe ended. `jitter` is a random number from 0 to 1.
    pub(crate) fn end_probe(&mut self, health: Health, jitter: f64, now: Instant) -> Change {
        if self.state != State::HalfOpen {
            return Change::None;
        }
        match health {
            Health::Success => self.close(),
            Health::Failure => self.open(None, jitter, now),
            Health::Throttled(retry_after) => self.open(retry_after, jitter, now),
            Health::Refused(retry_after) => {
                self.refusals_in_a_row += 1;
                self.open(retry_after, jitter, now)
            }
            // The next one may tell more.
            Health::Unknown => {
                self.state = State::Open { until: now + MIN_WAIT };
                Change::None
            }
        }
    }

    /// Records how an entry's attempt ended. `jitter` is a random number from 0 to 1.
    pub(crate) fn record(&mut self, health: Health, jitter: f64, now: Instant) -> Change {
        let is_failure = match health {
            Health::Unknown => return Change::None,
            Health::Throttled(retry_after) => {
                // Later outcomes of requests sent before it opened tell nothing new, unless they name a later time.
                if !self.is_closed() && retry_after.is_none() {
                    return Change::None;
                }
                return self.open(retry_after, jitter, now);
            }
            Health::Refused(retry_after) => {
                if !self.is_closed() {
                    return Change::None;
                }
                self.refusals_in_a_row += 1;
                return self.open(retry_after, jitter, now);
            }
            Health::Failure => true,
            Health::Success => false,
        };
        if !self.is_closed() {
            return Change::None;
        }
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(is_failure);
        self.since_slow_down += 1.0;
        if !is_failure {
            self.failures_in_a_row = 0;
            self.refusals_in_a_row = 0;
            self.trips = 0;
            self.limit = (self.limit + 1.0 / self.limit).min(as_limit(self.concurrency));
            return Change::None;
        }
        self.failures_in_a_row += 1;
        let failures = self.window.iter().filter(|is_failure| **is_failure).count();
        let outcomes = self.window.len();
        if self.failures_in_a_row >= FAILURES_IN_A_ROW || outcomes >= MIN_OUTCOMES_TO_OPEN && failures * 2 >= outcomes {
            return self.open(None, jitter, now);
        }
        if outcomes >= MIN_OUTCOMES_TO_SLOW_DOWN && failures * 10 >= outcomes * 3 && self.since_slow_down >= self.limit
        {
            self.limit = (self.limit * SLOW_DOWN).max(1.0);
            self.since_slow_down = 0.0;
        }
        Change::None
    }

    /// Closes it; entries are sent at full speed.
    pub(crate) fn close(&mut self) -> Change {
        if self.is_closed() {
            return Change::None;
        }
        let trips = self.trips;
        // The probe proves that there is an API, not that it accepts entries: the waits go on growing until one is answered.
        *self = Self { trips, refusals_in_a_row: 0, ..Self::new(self.concurrency) };
        Change::Closed
    }

    fn open(&mut self, retry_after: Option<Duration>, jitter: f64, now: Instant) -> Change {
        let wait = match retry_after {
            Some(wait) => wait.clamp(MIN_WAIT, MAX_RETRY_AFTER),
            None => backoff(self.trips, jitter),
        };
        let until = now + wait;
        if self.probe_at().is_some_and(|known| known >= until) {
            return Change::None;
        }
        self.trips = self.trips.saturating_add(1);
        self.state = State::Open { until };
        Change::Opened(wait)
    }
}

fn as_limit(concurrency: usize) -> f64 {
    f64::from(u32::try_from(concurrency).unwrap_or(u32::MAX))
}

/// How long to wait after `failures` (from 0) in a row, between half and all of what doubles up to five minutes.
pub(crate) fn backoff(failures: u32, jitter: f64) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(2u32.saturating_pow(failures)).min(MAX_WAIT);
    longest.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn record(breaker: &mut CircuitBreaker, outcomes: &[Health], now: Instant) -> Vec<Change> {
        outcomes.iter().map(|health| breaker.record(*health, 1.0, now)).collect()
    }

    #[test]
    fn eight_failures_in_a_row_open_it_and_seven_do_not() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::new(8);
        for _ in 0..2 {
            record(&mut breaker, &[Health::Failure; 7], now);
            assert!(breaker.is_closed());
            record(&mut breaker, &[Health::Success; 30], now);
        }
        record(&mut breaker, &[Health::Failure; 7], now);
        assert_eq!(breaker.record(Health::Failure, 1.0, now), Change::Opened(seconds(1)));
        assert_eq!((breaker.limit(), breaker.probe_at()), (0, Some(now + seconds(1))));
        assert_eq!(breaker.record(Health::Failure, 1.0, now), Change::None, "it was sent before it opened");
    }

    #[test]
    fn half_of_twenty_open_it_and_less_do_not() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::new(8);
        let mut half = [Health::Success, Health::Failure].repeat(10);
        let last = half.pop();
        assert!(record(&mut breaker, &half, now).iter().all(|change| *change == Change::None));
        assert!(last.is_some_and(|last| breaker.record(last, 1.0, now) == Change::Opened(seconds(1))));
        let mut breaker = CircuitBreaker::new(8);
        let some = [Health::Failure, Health::Failure, Health::Success, Health::Success, Health::Success].repeat(100);
        record(&mut breaker, &some, now);
        assert!(breaker.is_closed());
    }

    #[test]
    fn many_failures_slow_it_down_and_successes_speed_it_up_again() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::new(10);
        let third = [Health::Success, Health::Success, Health::Failure].repeat(20);
        record(&mut breaker, &third, now);
        assert!(breaker.is_closed());
        let slow = breaker.limit();
        assert!((1..10).contains(&slow), "{slow}");
        record(&mut breaker, &[Health::Success; 200], now);
        assert_eq!(breaker.limit(), 10);
        let fifth = [Health::Success, Health::Success, Health::Success, Health::Success, Health::Failure].repeat(50);
        record(&mut breaker, &fifth, now);
        assert_eq!(breaker.limit(), 10, "a fifth is no reason");
    }

    #[test]
    fn one_probe_decides_and_the_waits_double_until_an_entry_is_answered() {
        let mut now = Instant::now();
        let mut breaker = CircuitBreaker::new(8);
        record(&mut breaker, &[Health::Failure; 8], now);
        for wait in [2, 4, 8] {
            now += seconds(600);
            breaker.start_probe();
            assert_eq!((breaker.limit(), breaker.probe_at()), (0, None));
            assert_eq!(breaker.end_probe(Health::Failure, 1.0, now), Change::Opened(seconds(wait)));
        }
        breaker.start_probe();
        assert_eq!(breaker.end_probe(Health::Success, 1.0, now), Change::Closed);
        assert_eq!(breaker.limit(), 8);
        record(&mut breaker, &[Health::Failure; 7], now);
        assert_eq!(breaker.record(Health::Failure, 1.0, now), Change::Opened(seconds(16)), "no entry was answered");
        breaker.start_probe();
        breaker.end_probe(Health::Success, 1.0, now);
        record(&mut breaker, &[Health::Success], now);
        record(&mut breaker, &[Health::Failure; 7], now);
        assert_eq!(breaker.record(Health::Failure, 1.0, now), Change::Opened(seconds(1)));
    }

    #[test]
    fn retry_after_is_obeyed_up_to_an_hour_and_the_latest_time_counts() {
        let now = Instant::now();
        let throttled = |wait| Health::Throttled(Some(seconds(wait)));
        let mut breaker = CircuitBreaker::new(8);
        assert_eq!(breaker.record(throttled(600), 1.0, now), Change::Opened(seconds(600)));
        assert_eq!(breaker.record(throttled(60), 1.0, now), Change::None);
        assert_eq!(breaker.record(Health::Throttled(None), 1.0, now), Change::None);
        assert_eq!(breaker.record(throttled(900), 1.0, now), Change::Opened(seconds(900)));
        assert_eq!(breaker.record(Health::Throttled(Some(Duration::MAX)), 1.0, now), Change::Opened(seconds(3600)));
        let mut breaker = CircuitBreaker::new(8);
        assert_eq!(breaker.record(throttled(0), 1.0, now), Change::Opened(MIN_WAIT));
    }

    #[test]
    fn a_second_refusal_lets_others_deliver() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::new(8);
        record(&mut breaker, &[Health::Refused(None); 8], now);
        assert!(!breaker.is_refused(), "all were sent with the same key at the same time");
        breaker.start_probe();
        breaker.end_probe(Health::Refused(None), 1.0, now);
        assert!(breaker.is_refused());
        breaker.start_probe();
        breaker.end_probe(Health::Success, 1.0, now);
        assert!(!breaker.is_refused());
    }

    #[test]
    fn a_probe_that_tells_nothing_is_repeated() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::new(8);
        record(&mut breaker, &[Health::Throttled(None)], now);
        breaker.start_probe();
        assert_eq!(breaker.end_probe(Health::Unknown, 1.0, now), Change::None);
        assert_eq!(breaker.probe_at(), Some(now + MIN_WAIT));
        assert_eq!(breaker.close(), Change::Closed);
        assert_eq!(breaker.close(), Change::None);
    }

    #[test]
    fn backoff_doubles_up_to_five_minutes_and_is_spread() {
        assert_eq!(backoff(0, 1.0), seconds(1));
        assert_eq!(backoff(3, 1.0), seconds(8));
        assert_eq!(backoff(3, 0.0), seconds(4));
        assert_eq!(backoff(u32::MAX, 1.0), seconds(300));
    }
}
