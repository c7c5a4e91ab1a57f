//! Which failures are retried, and after how long.
//!
//! The criterion is whether the server may have counted the call: a lead or sale that is sent twice is paid twice, and one
//! that is given up too early is lost.

use std::time::Duration;

use crate::api::operation::Idempotency;

/// If the server asks for a longer wait, the call fails at once; the error carries the time.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(60);

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(8);
/// After a read timeout the server may still process the first request.
const AFTER_TIMEOUT: Duration = Duration::from_secs(2);

/// A failed attempt, by what the server may have done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// Nothing: it never got the request, or reported so (REFUSED_STREAM, GOAWAY).
    NotProcessed,
    /// Nothing: a gateway answered for a service that is away. The call itself does not retry.
    ServiceAway,
    /// Nothing for now: 429, or 503 with `Retry-After`.
    Refused,
    /// Unknown: the connection broke after sending, or a 5xx.
    Ambiguous,
    /// Unknown, and it may still be processing it.
    AmbiguousTimeout,
    /// Unknown, and a retry now would end the same way.
    AmbiguousFinal,
    /// It rejected it; a retry would end the same way.
    Final,
}

/// The meaning of a failure for the holder of the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RetryDecision {
    /// The API may have recorded the call: a request was sent, and no usable answer came back.
    pub(crate) ambiguous: bool,
    /// The same call may be sent again without the risk of counting twice, and has a chance to succeed.
    pub(crate) retryable: bool,
}

impl RetryClass {
    /// The class of a complete answer other than 2xx.
    pub(crate) fn of_status(status: u16, has_retry_after: bool) -> Self {
        match status {
            429 => Self::Refused,
            503 if has_retry_after => Self::Refused,
            408 | 500 | 502 | 503 | 504 => Self::Ambiguous,
            505.. | 501 => Self::AmbiguousFinal,
            _ => Self::Final,
        }
    }

    /// The class of a complete answer without the API's JSON error, which a gateway gave.
    pub(crate) fn of_gateway_status(status: u16, has_retry_after: bool) -> Self {
        match status {
            404 | 405 | 421 | 425 => Self::ServiceAway,
            _ => Self::of_status(status, has_retry_after),
        }
    }

    /// Whether the call may be sent again: it cannot be counted twice, or the caller allows that.
    pub(crate) fn allows_retry(self, idempotency: Idempotency, retry_ambiguous: bool) -> bool {
        match self {
            Self::NotProcessed | Self::Refused => true,
            Self::Ambiguous | Self::AmbiguousTimeout => idempotency == Idempotency::Idempotent || retry_ambiguous,
            Self::ServiceAway | Self::AmbiguousFinal | Self::Final => false,
        }
    }

    /// Whether the call may have been recorded.
    pub(crate) fn is_ambiguous(self) -> bool {
        matches!(self, Self::Ambiguous | Self::AmbiguousTimeout | Self::AmbiguousFinal)
    }

    /// The decision after a call's last failure; `ambiguous`: whether any of its attempts may have been recorded.
    pub(crate) fn decision(self, ambiguous: bool, idempotency: Idempotency) -> RetryDecision {
        let is_safe = !ambiguous || idempotency == Idempotency::Idempotent;
        RetryDecision { ambiguous, retryable: is_safe && self != Self::Final }
    }

    /// How long to wait before retry number `retry` (from 0), or `None` if the server asks for too long. `jitter` is a random
    /// number from 0 to 1.
    pub(crate) fn wait(self, retry: u32, retry_after: Option<Duration>, jitter: f64) -> Option<Duration> {
        let wait = match retry_after {
            Some(asked) if asked > MAX_WAIT => return None,
            Some(asked) => asked,
            None => FIRST_BACKOFF
                .saturating_mul(2u32.saturating_pow(retry))
                .min(MAX_BACKOFF)
                .mul_f64(jitter.clamp(0.0, 1.0)),
        };
        Some(if self == Self::AmbiguousTimeout { wait.max(AFTER_TIMEOUT) } else { wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguity_is_repeated_only_where_it_cannot_count_twice() {
        for class in [RetryClass::Ambiguous, RetryClass::AmbiguousTimeout] {
            assert!(class.allows_retry(Idempotency::Idempotent, false));
            assert!(!class.allows_retry(Idempotency::NotIdempotent, false));
            assert!(class.allows_retry(Idempotency::NotIdempotent, true));
        }
        for class in [RetryClass::NotProcessed, RetryClass::Refused] {
            assert!(class.allows_retry(Idempotency::NotIdempotent, false));
        }
        assert!(!RetryClass::Final.allows_retry(Idempotency::Idempotent, true));
    }

    #[test]
    fn statuses_fall_into_their_class() {
        assert_eq!(RetryClass::of_status(429, false), RetryClass::Refused);
        assert_eq!(RetryClass::of_status(503, true), RetryClass::Refused);
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(RetryClass::of_status(status, false), RetryClass::Ambiguous, "{status}");
        }
        for status in [301, 400, 401, 404, 413, 422] {
            assert_eq!(RetryClass::of_status(status, true), RetryClass::Final, "{status}");
        }
        for status in [501, 505, 520, 524, 599] {
            assert_eq!(RetryClass::of_status(status, true), RetryClass::AmbiguousFinal, "{status}");
        }
    }

    #[test]
    fn a_gateway_answers_for_a_service_that_is_away() {
        for status in [404, 405, 421, 425] {
            let class = RetryClass::of_gateway_status(status, false);
            assert!(!class.allows_retry(Idempotency::Idempotent, true), "{status}");
            let decision = class.decision(class.is_ambiguous(), Idempotency::NotIdempotent);
            assert_eq!(decision, RetryDecision { ambiguous: false, retryable: true }, "{status}");
        }
        for status in [301, 400, 401, 403, 409, 410, 413, 422, 429, 500, 503, 520] {
            assert_eq!(RetryClass::of_gateway_status(status, false), RetryClass::of_status(status, false), "{status}");
        }
    }

    #[test]
    fn a_holder_may_send_again_what_cannot_count_twice_and_may_succeed() {
        use Idempotency::{Idempotent, NotIdempotent};
        let decision = |ambiguous, retryable| RetryDecision { ambiguous, retryable };
        for class in [RetryClass::NotProcessed, RetryClass::Refused] {
            assert_eq!(class.decision(false, NotIdempotent), decision(false, true), "{class:?}");
            // An attempt before it may have been recorded.
            assert_eq!(class.decision(true, NotIdempotent), decision(true, false), "{class:?}");
            assert_eq!(class.decision(true, Idempotent), decision(true, true), "{class:?}");
        }
        for class in [RetryClass::Ambiguous, RetryClass::AmbiguousTimeout, RetryClass::AmbiguousFinal] {
            assert_eq!(class.decision(true, NotIdempotent), decision(true, false), "{class:?}");
            assert_eq!(class.decision(true, Idempotent), decision(true, true), "{class:?}");
        }
        assert_eq!(RetryClass::Final.decision(false, Idempotent), decision(false, false));
        assert_eq!(RetryClass::Final.decision(true, Idempotent), decision(true, false));
    }

    #[test]
    fn backoff_doubles_up_to_its_bound() {
        let longest = |retry| RetryClass::Refused.wait(retry, None, 1.0);
        assert_eq!(longest(0), Some(Duration::from_millis(500)));
        assert_eq!(longest(1), Some(Duration::from_secs(1)));
        assert_eq!(longest(4), Some(Duration::from_secs(8)));
        assert_eq!(longest(u32::MAX), Some(Duration::from_secs(8)));
        assert_eq!(RetryClass::Refused.wait(3, None, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn the_server_is_obeyed_up_to_a_minute() {
        let asked = |seconds| RetryClass::Refused.wait(5, Some(Duration::from_secs(seconds)), 1.0);
        assert_eq!(asked(0), Some(Duration::ZERO));
        assert_eq!(asked(60), Some(Duration::from_secs(60)));
        assert_eq!(asked(61), None);
    }

    #[test]
    fn a_read_timeout_gives_the_server_time_to_finish() {
        assert_eq!(RetryClass::AmbiguousTimeout.wait(0, None, 0.0), Some(Duration::from_secs(2)));
        assert_eq!(
            RetryClass::AmbiguousTimeout.wait(0, Some(Duration::from_millis(1)), 0.5),
            Some(Duration::from_secs(2))
        );
    }
}
