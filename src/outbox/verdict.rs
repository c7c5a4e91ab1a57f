//! What the answer to an attempt means: for its entry, and for the outbox as a whole.

use crate::api::client::Outcome;
use crate::api::error::Failure;
use crate::api::retry::RetryClass;
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
    let maybe_counted = if is_idempotent { Fate::Waits } else { Fate::Parked(Reason::Ambiguous) };
    let asked = outcome.response.retry_after;
    match (outcome.class, failure) {
        (Some(RetryClass::NotProcessed | RetryClass::Refused), _) => (Fate::Waits, Health::Away(asked)),
        (Some(RetryClass::Ambiguous | RetryClass::AmbiguousTimeout), _) => {
            (maybe_counted, asked.map_or(Health::Doubtful, |asked| Health::Away(Some(asked))))
        }
        (_, Failure::Validation(_)) => (Fate::Parked(Reason::Rejected), Health::Unknown),
        (_, Failure::Internal(_) | Failure::Aborted) => (maybe_counted, Health::Unknown),
        // The certificate, the proxy: nothing was sent, and it is no entry's fault.
        (_, Failure::Connection { .. } | Failure::Timeout { .. }) => (Fate::Waits, Health::Away(asked)),
        (_, Failure::InvalidResponse { .. }) => (maybe_counted, Health::Doubtful),
        (_, Failure::Api { .. } | Failure::Redirect(_)) => match outcome.response.status {
            // The key or the address is wrong, for all entries.
            300..400 | 401 | 403 | 407 => (Fate::Waits, Health::Away(asked)),
            400..500 => (Fate::Parked(Reason::Rejected), Health::Up),
            _ => (maybe_counted, Health::Doubtful),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::error::ResponseInfo;

    fn answered(status: u16, retry_after: Option<Duration>) -> Outcome {
        Outcome {
            result: Err(Failure::Api { code: None, message: None, cause: None }),
            response: ResponseInfo { status, retry_after, ..ResponseInfo::default() },
            attempts: 1,
            class: Some(RetryClass::of_status(status, retry_after.is_some())),
        }
    }

    #[test]
    fn what_may_have_been_counted_is_parked_unless_it_may_be_repeated() {
        for status in [408, 500, 501, 502, 503, 504, 520, 599] {
            assert_eq!(judge(&answered(status, None), false), (Fate::Parked(Reason::Ambiguous), Health::Doubtful));
            assert_eq!(judge(&answered(status, None), true), (Fate::Waits, Health::Doubtful), "{status}");
        }
    }

    #[test]
    fn a_refusal_for_now_parks_nothing() {
        let minute = Duration::from_secs(60);
        assert_eq!(judge(&answered(429, None), false), (Fate::Waits, Health::Away(None)));
        assert_eq!(judge(&answered(429, Some(minute)), false), (Fate::Waits, Health::Away(Some(minute))));
        assert_eq!(judge(&answered(503, Some(minute)), false), (Fate::Waits, Health::Away(Some(minute))));
    }

    #[test]
    fn a_rejected_key_or_address_parks_nothing() {
        for status in [301, 302, 401, 403, 407] {
            assert_eq!(judge(&answered(status, None), false), (Fate::Waits, Health::Away(None)), "{status}");
        }
    }

    #[test]
    fn a_rejected_entry_is_parked_alone() {
        for status in [400, 404, 405, 409, 413, 422] {
            assert_eq!(judge(&answered(status, None), true), (Fate::Parked(Reason::Rejected), Health::Up), "{status}");
        }
    }

    #[test]
    fn what_was_cut_off_counts_as_sent() {
        let mut outcome = answered(0, None);
        outcome.class = None;
        outcome.result = Err(Failure::Aborted);
        assert_eq!(judge(&outcome, false), (Fate::Parked(Reason::Ambiguous), Health::Unknown));
        assert_eq!(judge(&outcome, true), (Fate::Waits, Health::Unknown));
    }
}
