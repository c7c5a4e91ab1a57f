//! Which failures may be tried again, and after how long.
//!
//! The question is never "is it temporary" but "can the server have counted it": a lead or a sale that is sent
//! twice is money paid twice, one that is given up too early is money lost.

use std::time::Duration;

use crate::api::operation::Idempotency;

/// A server that asks for a longer wait is not waited for: the caller gets the error and the time.
pub const MAX_WAIT: Duration = Duration::from_secs(60);

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(8);
/// After a read timeout the server may still be at work on the first copy.
const AFTER_TIMEOUT: Duration = Duration::from_secs(2);

/// What the server can have done with an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Nothing: it never got the request, or said so (REFUSED_STREAM, GOAWAY).
    NotProcessed,
    /// Nothing: a gateway answered for a service that is away. The call itself does not wait for that to change.
    ServiceAway,
    /// It said no for now: 429, or 503 with `Retry-After`.
    Refused,
    /// Nobody can tell: the connection broke after sending, a timeout, a gateway's 5xx.
    Ambiguous,
    /// Like `Ambiguous`, and it may still be working on it.
    AmbiguousTimeout,
    /// It may have done it, and its answer is of no use: trying again now would end the same way.
    AmbiguousFinal,
    /// Trying again would end the same way.
    Final,
}

/// What a failure means to whoever holds the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The API may have recorded the call: a request left, and no usable answer came back.
    pub ambiguous: bool,
    /// The same call may be sent again without the risk of counting twice, and has a chance to succeed.
    pub retryable: bool,
}

impl RetryClass {
    /// The class of a complete answer other than 2xx.
    pub fn of_status(status: u16, has_retry_after: bool) -> Self {
        match status {
            429 => Self::Refused,
            503 if has_retry_after => Self::Refused,
            408 | 500 | 502 | 503 | 504 => Self::Ambiguous,
            505.. | 501 => Self::AmbiguousFinal,
            _ => Self::Final,
        }
    }

    /// The class of a complete answer without the API's JSON error, which a gateway gave.
    pub fn of_gateway_status(status: u16, has_retry_after: bool) -> Self {
        match status {
            404 | 405 | 421 | 425 => Self::ServiceAway,
            _ => Self::of_status(status, has_retry_after),
        }
    }

    /// Whether sending again cannot count a conversion twice (or the caller said it does not matter).
    pub fn allows_retry(self, idempotency: Idempotency, retry_ambiguous: bool) -> bool {
        match self {
            Self::NotProcessed | Self::Refused => true,
            Self::Ambiguous | Self::AmbiguousTimeout => idempotency == Idempotency::Idempotent || retry_ambiguous,
            Self::ServiceAway | Self::AmbiguousFinal | Self::Final => false,
        }
    }

    /// Whether the call may have been recorded.
    pub fn is_ambiguous(self) -> bool {
        matches!(self, Self::Ambiguous | Self::AmbiguousTimeout | Self::AmbiguousFinal)
    }

    /// What a call's last failure means, where `ambiguous` says whether any of its attempts may have been recorded.
    pub fn verdict(self, ambiguous: bool, idempotency: Idempotency) -> Verdict {
        let is_safe = !ambiguous || idempotency == Idempotency::Idempotent;
        Verdict { ambiguous, retryable: is_safe && self != Self::Final }
    }

    /// How long to wait before retry number `retry` (from 0), or `None` where the server asks for too long.
    /// `jitter` is a random number from 0 to 1.
    pub fn wait(self, retry: u32, retry_after: Option<Duration>, jitter: f64) -> Option<Duration> {
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
            let verdict = class.verdict(class.is_ambiguous(), Idempotency::NotIdempotent);
            assert_eq!(verdict, Verdict { ambiguous: false, retryable: true }, "{status}");
        }
        for status in [301, 400, 401, 403, 409, 410, 413, 422, 429, 500, 503, 520] {
            assert_eq!(RetryClass::of_gateway_status(status, false), RetryClass::of_status(status, false), "{status}");
        }
    }

    #[test]
    fn a_holder_may_send_again_what_cannot_count_twice_and_may_succeed() {
        use Idempotency::{Idempotent, NotIdempotent};
        let verdict = |ambiguous, retryable| Verdict { ambiguous, retryable };
        for class in [RetryClass::NotProcessed, RetryClass::Refused] {
            assert_eq!(class.verdict(false, NotIdempotent), verdict(false, true), "{class:?}");
            // An attempt before it may have been recorded.
            assert_eq!(class.verdict(true, NotIdempotent), verdict(true, false), "{class:?}");
            assert_eq!(class.verdict(true, Idempotent), verdict(true, true), "{class:?}");
        }
        for class in [RetryClass::Ambiguous, RetryClass::AmbiguousTimeout, RetryClass::AmbiguousFinal] {
            assert_eq!(class.verdict(true, NotIdempotent), verdict(true, false), "{class:?}");
            assert_eq!(class.verdict(true, Idempotent), verdict(true, true), "{class:?}");
        }
        assert_eq!(RetryClass::Final.verdict(false, Idempotent), verdict(false, false));
        assert_eq!(RetryClass::Final.verdict(true, Idempotent), verdict(true, false));
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
