use serde::Deserialize;

use super::*;
use crate::outbox::entry::Reason;
use crate::outbox::policy::Disposition;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    concurrency: usize,
    steps: Vec<Step>,
}

/// One thing that happens, and what is to be seen afterwards.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// How an entry's attempt ended.
    entry: Option<String>,
    /// How the request ended that asked whether the API is back.
    api: Option<String>,
    /// The wait is over: what probes.
    due: Option<String>,
    /// A person ends the pause.
    #[serde(default)]
    resume: bool,
    /// How often it happens.
    times: Option<usize>,
    /// Milliseconds, if the last one opens it.
    opens: Option<u64>,
    /// How many entries may be sent.
    limit: Option<usize>,
}

fn classification(outcome: &str) -> Classification {
    let (name, retry_after) = outcome.split_once(' ').unwrap_or((outcome, ""));
    let retry_after = retry_after.parse().ok().map(Duration::from_secs);
    let pending = |health| Classification { disposition: Disposition::Pending, health, probe: Probe::Api };
    match name {
        "success" => Classification { disposition: Disposition::Delivered, ..pending(Health::Success) },
        "failure" => pending(Health::Failure),
        "costly" => Classification { disposition: Disposition::Parked(Reason::Ambiguous), ..pending(Health::Failure) },
        "throttled" => Classification { probe: Probe::Entry, ..pending(Health::Throttled(retry_after)) },
        "refused" => pending(Health::Refused(retry_after)),
        "unknown" => pending(Health::Unknown),
        other => unreachable!("{other} is no outcome"),
    }
}

#[test]
fn the_cases_hold() {
    let text = include_str!("../../__test__/outbox/breaker-cases.json");
    let cases: Vec<Case> = serde_json::from_str(text).expect("cases");
    for Case { name, concurrency, steps } in cases {
        let mut now = Instant::now();
        let mut breaker = CircuitBreaker::new(concurrency);
        for (index, step) in steps.into_iter().enumerate() {
            let place = format!("{name}, step {}", index + 1);
            let mut change = Change::None;
            for _ in 0..step.times.unwrap_or(1) {
                assert!(!matches!(change, Change::Opened(_)), "{place}: too early");
                if let Some(outcome) = &step.entry {
                    change = breaker.record(classification(outcome), 1.0, now);
                } else if let Some(outcome) = &step.api {
                    change = breaker.end_probe(classification(outcome), 1.0, now);
                } else if let Some(expected) = &step.due {
                    now = breaker.probe_at().expect("it is open");
                    let expected = if expected == "entry" { Probe::Entry } else { Probe::Api };
                    assert_eq!(breaker.start_probe(), Some(expected), "{place}");
                } else if step.resume {
                    change = breaker.resume();
                }
            }
            let opened = if let Change::Opened(wait) = change { Some(wait) } else { None };
            assert_eq!(opened, step.opens.map(Duration::from_millis), "{place}");
            if let Some(limit) = step.limit {
                assert_eq!(breaker.limit(), limit, "{place}");
            }
        }
    }
}

#[test]
fn a_second_refusal_lets_others_deliver() {
    let now = Instant::now();
    let mut breaker = CircuitBreaker::new(8);
    for _ in 0..8 {
        breaker.record(classification("refused"), 1.0, now);
    }
    assert!(!breaker.is_refused(), "all were sent with the same key at the same time");
    breaker.start_probe();
    breaker.end_probe(classification("refused"), 1.0, now);
    assert!(breaker.is_refused());
    breaker.start_probe();
    breaker.end_probe(classification("success"), 1.0, now);
    assert!(!breaker.is_refused());
}

#[test]
fn backoff_doubles_up_to_five_minutes_and_is_spread() {
    assert_eq!(entry_backoff(0, 1.0), Duration::from_millis(100));
    assert_eq!(store_backoff(3, 1.0), Duration::from_secs(8));
    assert_eq!(store_backoff(3, 0.0), Duration::from_secs(4));
    assert_eq!(entry_backoff(u32::MAX, 1.0), Duration::from_secs(300));
}
