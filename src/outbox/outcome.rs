//! How a request ended: what that means for its entry and for those that wait.

use std::time::{Instant, SystemTime};

use crate::api::client::Outcome;
use crate::api::error::{Failure, Report};
use crate::outbox::command::{Event, PauseReason};
use crate::outbox::failpoint;
use crate::outbox::pause::{Change, Health};
use crate::outbox::state::{Settled, Worker};
use crate::outbox::verdict::judge;

impl Worker {
    /// Takes note of how a request ended.
    pub(super) fn settle(&mut self, seq: i64, outcome: Outcome, now: Instant) {
        failpoint::reach("answered");
        let Some(turn) = self.on_wire.get(&seq) else { return };
        let (fate, health) = judge(&outcome, turn.is_idempotent);
        let (error, body) = match &outcome.result {
            Ok(body) => (None, body.clone()),
            Err(failure) => (Some(report(failure, &outcome)), String::new()),
        };
        if let Some(deliverer) = &mut self.deliverer {
            match deliverer.pause.note(seq, health, fastrand::f64(), now) {
                Change::None => {}
                Change::Paused(wait) => {
                    let reason = PauseReason::Api(error.clone().unwrap_or_default());
                    self.listener.event(Event::Paused(reason, SystemTime::now() + wait));
                }
                Change::Resumed => {
                    if let Some(schedule) = &mut deliverer.schedule {
                        schedule.hurry();
                    }
                    self.listener.event(Event::Resumed);
                }
            }
        }
        self.settled.push(Settled {
            seq,
            fate,
            is_doubtful: health == Health::Doubtful,
            error,
            body,
            attempts: outcome.attempts,
        });
    }
}

/// A failure with its status and attempts, as JSON text.
fn report(failure: &Failure, outcome: &Outcome) -> String {
    let Outcome { response, attempts, verdict, .. } = outcome;
    let report = Report::new(failure, response, *verdict).to_json();
    let members = report.strip_prefix('{').unwrap_or("}");
    format!(r#"{{"status":{},"attempts":{attempts},{members}"#, response.status)
}
