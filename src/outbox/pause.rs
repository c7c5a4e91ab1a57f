//! Whether anything may be sent: while the API is away, one entry at a time tries whether it is back.

use std::time::{Duration, Instant};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// So many doubtful failures in a row mean that the API is away, not that something is wrong with one entry.
const DOUBTFUL: u32 = 3;

/// What an attempt tells of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Up,
    /// It failed this once.
    Doubtful,
    /// It is away, or asks for time, or does not accept the key.
    Away(Option<Duration>),
    /// Nothing.
    Unknown,
}

/// What follows for the outbox.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// Nothing is sent for so long.
    Paused(Duration),
    /// Delivery goes on.
    Resumed,
}

/// The state of the outbox as a whole.
#[derive(Default)]
pub struct Pause {
    /// Doubtful failures without an answer between them.
    doubtful: u32,
    /// Waits since delivery last went well.
    waits: u32,
    until: Option<Instant>,
    probe: Option<i64>,
}

impl Pause {
    /// How many entries may be on the wire.
    pub fn limit(&self, concurrency: usize, now: Instant) -> usize {
        match self.until {
            None => concurrency,
            Some(until) if until <= now && self.probe.is_none() => 1,
            Some(_) => 0,
        }
    }

    /// Whether delivery is paused.
    pub fn is_paused(&self) -> bool {
        self.until.is_some()
    }

    /// When the next probe may be sent, if delivery is paused and none is under way.
    pub fn until(&self) -> Option<Instant> {
        self.until.filter(|_| self.probe.is_none())
    }

    /// An entry is being sent although delivery is paused.
    pub fn probing(&mut self, seq: i64) {
        self.probe = Some(seq);
    }

    /// Takes note of how an attempt went. `jitter` is a random number from 0 to 1.
    pub fn note(&mut self, seq: i64, health: Health, jitter: f64, now: Instant) -> Change {
        let was_probe = self.probe == Some(seq);
        if was_probe {
            self.probe = None;
        }
        // What left before the pause began tells nothing new, unless the server names a time.
        let counts = was_probe || self.until.is_none();
        match health {
            Health::Unknown => Change::None,
            Health::Up => {
                self.doubtful = 0;
                if !was_probe {
                    return Change::None;
                }
                *self = Self::default();
                Change::Resumed
            }
            Health::Doubtful if counts => {
                self.doubtful += 1;
                if was_probe || self.doubtful >= DOUBTFUL { self.wait(None, jitter, now) } else { Change::None }
            }
            Health::Away(asked) if counts || asked.is_some() => self.wait(asked, jitter, now),
            Health::Doubtful | Health::Away(_) => Change::None,
        }
    }

    fn wait(&mut self, asked: Option<Duration>, jitter: f64, now: Instant) -> Change {
        let backoff = backoff(self.waits, jitter);
        let wait = asked.unwrap_or(backoff);
        let until = now.checked_add(wait).unwrap_or(now + MAX_WAIT);
        if self.until.is_some_and(|known| known >= until) {
            return Change::None;
        }
        self.waits = self.waits.saturating_add(1);
        self.until = Some(until);
        Change::Paused(wait)
    }
}

/// How long to wait after `failures` (from 0) in a row: half of it at least, so that it does not shrink to nothing.
pub fn backoff(failures: u32, jitter: f64) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(2u32.saturating_pow(failures)).min(MAX_WAIT);
    longest.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_bad_entry_does_not_stop_the_others() {
        let now = Instant::now();
        let mut pause = Pause::default();
        for round in 0..10 {
            assert_eq!(pause.note(round, Health::Doubtful, 1.0, now), Change::None);
            assert_eq!(pause.note(round, Health::Doubtful, 1.0, now), Change::None);
            assert_eq!(pause.note(round, Health::Up, 1.0, now), Change::None);
        }
        assert_eq!(pause.limit(8, now), 8);
    }

    #[test]
    fn three_in_a_row_stop_all_and_one_at_a_time_tries() {
        let now = Instant::now();
        let mut pause = Pause::default();
        pause.note(1, Health::Doubtful, 1.0, now);
        pause.note(2, Health::Doubtful, 1.0, now);
        assert_eq!(pause.note(3, Health::Doubtful, 1.0, now), Change::Paused(seconds(1)));
        assert_eq!(pause.limit(8, now), 0);
        assert_eq!(pause.note(4, Health::Doubtful, 1.0, now), Change::None, "it left before the pause");
        let later = now + seconds(1);
        assert_eq!(pause.limit(8, later), 1);
        pause.probing(5);
        assert_eq!((pause.limit(8, later), pause.until()), (0, None));
        assert_eq!(pause.note(5, Health::Doubtful, 1.0, later), Change::Paused(seconds(2)));
        let later = later + seconds(2);
        pause.probing(6);
        assert_eq!(pause.note(6, Health::Up, 1.0, later), Change::Resumed);
        assert_eq!(pause.limit(8, later), 8);
        assert_eq!(pause.note(7, Health::Away(None), 1.0, later), Change::Paused(seconds(1)), "from the start again");
    }

    #[test]
    fn the_server_is_obeyed_and_the_longest_wait_counts() {
        let now = Instant::now();
        let mut pause = Pause::default();
        assert_eq!(pause.note(1, Health::Away(Some(seconds(600))), 1.0, now), Change::Paused(seconds(600)));
        assert_eq!(pause.note(2, Health::Away(Some(seconds(60))), 1.0, now), Change::None);
        assert_eq!(pause.note(3, Health::Away(None), 1.0, now), Change::None);
        assert_eq!(pause.note(4, Health::Away(Some(seconds(900))), 1.0, now), Change::Paused(seconds(900)));
        assert_eq!(pause.note(5, Health::Away(Some(Duration::MAX)), 1.0, now), Change::None);
        assert_eq!(pause.limit(8, now + seconds(899)), 0);
        assert_eq!(pause.limit(8, now + seconds(900)), 1);
    }

    #[test]
    fn backoff_doubles_up_to_five_minutes_and_is_spread() {
        assert_eq!(backoff(0, 1.0), seconds(1));
        assert_eq!(backoff(3, 1.0), seconds(8));
        assert_eq!(backoff(3, 0.0), seconds(4));
        assert_eq!(backoff(u32::MAX, 1.0), seconds(300));
    }

    #[test]
    fn a_probe_that_tells_nothing_lets_the_next_try() {
        let now = Instant::now();
        let mut pause = Pause::default();
        pause.note(1, Health::Away(None), 1.0, now);
        let later = now + seconds(1);
        pause.probing(2);
        assert_eq!(pause.note(2, Health::Unknown, 1.0, later), Change::None);
        assert_eq!(pause.limit(8, later), 1);
    }
}
