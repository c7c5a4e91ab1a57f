//! The delivery policy: what the outcome of one attempt means for its entry, and for the outbox as a whole.
//! `lib/outbox/policy.ts` has the same table; `__test__/outbox/policy-cases.json` holds the two together.

use std::time::Duration;

use crate::api::client::Outcome;
use crate::api::error::Failure;
use crate::outbox::entry::Reason;

/// The state of the entry afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// The API has accepted it.
    Delivered,
    /// It is sent again: it was not counted, or may be repeated. It backs off if the attempt was a [`Health::Failure`].
    Pending,
    /// A person decides.
    Parked(Reason),
}

/// The evidence of the attempt about the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It answers.
    Success,
    /// It did not answer, or failed.
    Failure,
    /// It asks for time, and may say how much.
    Throttled(Option<Duration>),
    /// It accepts no request of this process: key, address, certificate or proxy are wrong.
    Refused(Option<Duration>),
    /// Nothing.
    Unknown,
}

/// The probe that finds out whether the API is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// A request that can create nothing.
    Api,
    /// An entry: the API asked for time and counted nothing, and asks for it where conversions are sent.
    Entry,
}

/// The meaning of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classification {
    /// For the entry.
    pub(crate) disposition: Disposition,
    /// For the circuit breaker: the evidence about the API.
    pub(crate) health: Health,
    /// The probe, if delivery stops because of it.
    pub(crate) probe: Probe,
}

impl Classification {
    fn new(disposition: Disposition, health: Health) -> Self {
        Self { disposition, health, probe: Probe::Api }
    }

    /// Whether the attempt cost an entry: a person has to decide about it.
    pub(crate) fn is_costly(&self) -> bool {
        self.disposition == Disposition::Parked(Reason::Ambiguous)
    }
}

/// Classifies the outcome of one attempt.
pub(crate) fn classify_outcome(outcome: &Outcome, is_repeatable: bool) -> Classification {
    let failure = match &outcome.result {
        Ok(_) => return Classification::new(Disposition::Delivered, Health::Success),
        Err(failure) => failure,
    };
    let retry_after = outcome.response.retry_after;
    let is_ours = matches!(failure, Failure::Internal(_) | Failure::Aborted);
    if outcome.decision.ambiguous {
        let health = match retry_after {
            _ if is_ours => Health::Unknown,
            Some(_) => Health::Throttled(retry_after),
            None => Health::Failure,
        };
        let disposition = if is_repeatable { Disposition::Pending } else { Disposition::Parked(Reason::Ambiguous) };
        return Classification::new(disposition, health);
    }
    if is_ours {
        return Classification::new(Disposition::Pending, Health::Unknown);
    }
    match (failure, outcome.response.status) {
        (Failure::Api { .. }, 429 | 503) => Classification {
            probe: Probe::Entry,
            ..Classification::new(Disposition::Pending, Health::Throttled(retry_after))
        },
        _ if outcome.decision.retryable => Classification::new(Disposition::Pending, Health::Failure),
        (Failure::Api { .. } | Failure::Redirect(_), 300..=399 | 401 | 403 | 407) => {
            Classification::new(Disposition::Pending, Health::Refused(retry_after))
        }
        (Failure::Api { .. }, _) => Classification::new(Disposition::Parked(Reason::Rejected), Health::Success),
        // A redirect that cannot be followed, a certificate, a proxy: nothing was recorded.
        _ => Classification::new(Disposition::Pending, Health::Refused(retry_after)),
    }
}

/// Classifies the outcome of a request that can create nothing. The API is back if it rejects it, or answers with JSON of its own.
pub(crate) fn classify_probe(outcome: &Outcome) -> Classification {
    let classification = classify_outcome(outcome, true);
    let is_json = || outcome.response.body.as_deref().is_some_and(|body| body.trim_start().starts_with('{'));
    if matches!(outcome.result, Err(Failure::InvalidResponse { .. })) && is_json() {
        return Classification { health: Health::Success, ..classification };
    }
    classification
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::api::error::ResponseInfo;
    use crate::api::retry::RetryDecision;
    use crate::http::cause::Cause;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Case {
        name: String,
        error: Option<CaseError>,
        repeatable: Option<bool>,
        disposition: String,
        backs_off: bool,
        health: String,
        retry_after: Option<f64>,
        probe: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct CaseError {
        kind: String,
        status: u16,
        ambiguous: bool,
        retryable: bool,
        retry_after: Option<f64>,
    }

    fn outcome(error: &Option<CaseError>) -> Outcome {
        let Some(CaseError { kind, status, ambiguous, retryable, retry_after }) = error else {
            let response = ResponseInfo { status: 200, ..ResponseInfo::default() };
            return Outcome {
                result: Ok("null".to_owned()),
                response,
                attempts: 1,
                decision: RetryDecision::default(),
            };
        };
        let message = String::new();
        let cause = || Cause::new(String::new(), None);
        let failure = match kind.as_str() {
            "api" => Failure::Api { code: None, message: None, cause: None },
            "redirect" => Failure::Redirect(message),
            "invalidResponse" => Failure::InvalidResponse { message, cause: cause() },
            "connection" => Failure::Connection { message, cause: cause() },
            "timeout" => Failure::Timeout { message, cause: cause() },
            "aborted" => Failure::Aborted,
            "internal" => Failure::Internal(message),
            other => unreachable!("{other} is no kind of failure"),
        };
        let retry_after = retry_after.map(Duration::from_secs_f64);
        Outcome {
            result: Err(failure),
            response: ResponseInfo { status: *status, retry_after, ..ResponseInfo::default() },
            attempts: 1,
            decision: RetryDecision { ambiguous: *ambiguous, retryable: *retryable },
        }
    }

    fn described(
        Classification { disposition, health, probe }: Classification,
    ) -> (String, bool, String, Option<f64>, Option<String>) {
        let probe = (probe == Probe::Entry).then(|| "entry".to_owned());
        let backs_off = disposition == Disposition::Pending && health == Health::Failure;
        let disposition = match disposition {
            Disposition::Delivered => "delivered".to_owned(),
            Disposition::Pending => "pending".to_owned(),
            Disposition::Parked(reason) => format!("parked:{}", reason.name()),
        };
        let (health, retry_after) = match health {
            Health::Success => ("success", None),
            Health::Failure => ("failure", None),
            Health::Throttled(wait) => ("throttled", wait),
            Health::Refused(wait) => ("refused", wait),
            Health::Unknown => ("unknown", None),
        };
        (disposition, backs_off, health.to_owned(), retry_after.map(|wait| wait.as_secs_f64()), probe)
    }

    #[test]
    fn a_probe_shows_that_the_api_is_back_if_json_answers_it() {
        for (status, body, is_back) in [(200, " {}", true), (200, "<html>", false), (200, "", false)] {
            let error = CaseError {
                kind: "invalidResponse".to_owned(),
                status,
                ambiguous: true,
                retryable: true,
                retry_after: None,
            };
            let mut outcome = outcome(&Some(error));
            outcome.response.body = Some(body.to_owned());
            assert_eq!(classify_probe(&outcome).health == Health::Success, is_back, "{body}");
        }
    }

    #[test]
    fn the_table_holds() {
        let text = include_str!("../../__test__/outbox/policy-cases.json");
        let cases: Vec<Case> = serde_json::from_str(text).expect("cases");
        assert!(cases.len() > 20);
        for case in cases {
            let expected = (case.disposition, case.backs_off, case.health, case.retry_after, case.probe);
            for is_repeatable in case.repeatable.map_or(vec![false, true], |only| vec![only]) {
                let found = described(classify_outcome(&outcome(&case.error), is_repeatable));
                assert_eq!(found, expected, "{} (repeatable: {is_repeatable})", case.name);
            }
        }
    }
}
