//! What the answer to an attempt means: for its entry, and for the outbox as a whole.

use crate::api::client::Outcome;
use crate::api::error::Failure;
use crate::outbox::entry::Reason;
use crate::outbox::pause::Health;

/// What becomes of the entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// The API has taken it.
    Delivered,
    /// It was not counted, or may be repeated: it is sent again.
    Waits,
    /// A person decides.
    Parked(Reason),
}

/// Judges the outcome of one attempt.
pub fn judge(outcome: &Outcome, is_idempotent: bool) -> (Fate, Health) {
    let failure = match &outcome.result {
        Ok(_) => return (Fate::Delivered, Health::Up),
        Err(failure) => failure,
    };
    let asked = outcome.response.retry_after;
    let is_ours = matches!(failure, Failure::Internal(_) | Failure::Aborted);
    if outcome.verdict.ambiguous {
        let health = match asked {
            _ if is_ours => Health::Unknown,
            Some(asked) => Health::Away(Some(asked)),
            None => Health::Doubtful,
        };
        return (if is_idempotent { Fate::Waits } else { Fate::Parked(Reason::Ambiguous) }, health);
    }
    match failure {
        _ if is_ours => (Fate::Waits, Health::Unknown),
        _ if outcome.verdict.retryable => (Fate::Waits, Health::Away(asked)),
        // The key or the address is wrong, for all entries.
        Failure::Api { .. } | Failure::Redirect(_) => match outcome.response.status {
            300..=399 | 401 | 403 | 407 => (Fate::Waits, Health::Away(asked)),
            _ => (Fate::Parked(Reason::Rejected), Health::Up),
        },
        // The certificate or the proxy: nothing was sent, and it is no entry's fault.
        _ => (Fate::Waits, Health::Away(asked)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::error::ResponseInfo;
    use crate::api::operation::Idempotency;
    use crate::api::retry::{RetryClass, Verdict};

    fn failed(failure: Failure, status: u16, retry_after: Option<Duration>, is_idempotent: bool) -> Outcome {
        let class = RetryClass::of_status(status, retry_after.is_some());
        let idempotency = if is_idempotent { Idempotency::Idempotent } else { Idempotency::NotIdempotent };
        Outcome {
            result: Err(failure),
            response: ResponseInfo { status, retry_after, ..ResponseInfo::default() },
            attempts: 1,
            verdict: class.verdict(class.is_ambiguous(), idempotency),
        }
    }

    fn answered(status: u16, retry_after: Option<Duration>, is_idempotent: bool) -> (Fate, Health) {
        let failure = Failure::Api { code: None, message: None, cause: None };
        judge(&failed(failure, status, retry_after, is_idempotent), is_idempotent)
    }

    #[test]
    fn what_may_have_been_counted_is_parked_unless_it_may_be_repeated() {
        for status in [408, 500, 501, 502, 503, 504, 520, 599] {
            assert_eq!(answered(status, None, false), (Fate::Parked(Reason::Ambiguous), Health::Doubtful), "{status}");
            assert_eq!(answered(status, None, true), (Fate::Waits, Health::Doubtful), "{status}");
        }
    }

    #[test]
    fn a_refusal_for_now_parks_nothing() {
        let minute = Duration::from_secs(60);
        assert_eq!(answered(429, None, false), (Fate::Waits, Health::Away(None)));
        assert_eq!(answered(429, Some(minute), false), (Fate::Waits, Health::Away(Some(minute))));
        assert_eq!(answered(503, Some(minute), false), (Fate::Waits, Health::Away(Some(minute))));
    }

    #[test]
    fn a_rejected_key_or_address_parks_nothing() {
        for status in [301, 302, 401, 403, 407] {
            assert_eq!(answered(status, None, false), (Fate::Waits, Health::Away(None)), "{status}");
        }
    }

    #[test]
    fn a_rejected_entry_is_parked_alone() {
        for status in [400, 404, 405, 409, 413, 422] {
            assert_eq!(answered(status, None, true), (Fate::Parked(Reason::Rejected), Health::Up), "{status}");
        }
    }

    #[test]
    fn what_was_cut_off_counts_as_sent_if_it_was() {
        let mut outcome = failed(Failure::Aborted, 0, None, false);
        outcome.verdict = Verdict { ambiguous: true, retryable: false };
        assert_eq!(judge(&outcome, false), (Fate::Parked(Reason::Ambiguous), Health::Unknown));
        assert_eq!(judge(&outcome, true), (Fate::Waits, Health::Unknown));
        outcome.verdict = Verdict::default();
        assert_eq!(judge(&outcome, false), (Fate::Waits, Health::Unknown));
    }
}
