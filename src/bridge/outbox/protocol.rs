//! Commands, replies and events as text.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::api::operation::{Idempotency, Operation};
use crate::outbox::command::{Command, Event, NewEntry, PauseReason, Reply};
use crate::outbox::entry::{Entry, Phase, from_millis, to_millis};
use crate::outbox::error::OutboxError;

/// The argument of `record`.
type RecordArgument<'a> = (u8, Option<String>, &'a RawValue, bool, bool, Option<i64>);

/// The commands of a text, with their tokens; the error is the payload of a failure. A line without a token can only come
/// from another version of the JavaScript side.
pub(crate) fn commands(text: &str) -> impl Iterator<Item = (u32, Result<Command, String>)> {
    text.lines().filter_map(|line| {
        let mut fields = line.splitn(4, '\t');
        let mut field = || fields.next().unwrap_or_default();
        let (token, name, argument, params) = (field(), field(), field(), field());
        let command = command(name, argument, params);
        Some((token.parse().ok()?, command.map_err(|error| failure(&OutboxError::Internal(error)))))
    })
}

fn command(name: &str, argument: &str, params: &str) -> Result<Command, String> {
    Ok(match name {
        "record" => Command::Record(new_entry(argument, params)?),
        "resend" => Command::Resend(parse(argument)?),
        "discard" => Command::Discard(parse(argument)?),
        "erase" => Command::Erase(parse::<&RawValue>(argument)?.get().to_owned()),
        "show" => Command::Show(parse(argument)?),
        "list" => {
            let (phase, after, limit) = parse::<(Option<i64>, i64, u32)>(argument)?;
            Command::List { phase: phase.and_then(Phase::from_number), after, limit }
        }
        "stats" => Command::Stats,
        "drained" => Command::Drained,
        "resume" => Command::Resume,
        "adopt" => Command::Adopt,
        "backup" => Command::Backup(parse::<PathBuf>(argument)?),
        "close" => Command::Close(Duration::from_millis(parse(argument)?)),
        _ => return Err("There is no such command".to_owned()),
    })
}

fn new_entry(argument: &str, params: &str) -> Result<NewEntry, String> {
    let (call, id, customer, is_idempotent, retry_ambiguous, deliver_at) = parse::<RecordArgument<'_>>(argument)?;
    let operation = match call {
        0 => Operation::Lead,
        1 => Operation::Sale,
        _ => return Err("There is no such call".to_owned()),
    };
    Ok(NewEntry {
        operation,
        id,
        customer: customer.get().to_owned(),
        idempotency: if is_idempotent { Idempotency::Idempotent } else { Idempotency::NotIdempotent },
        retry_ambiguous,
        deliver_at: deliver_at.map(from_millis),
        params: params.to_owned(),
    })
}

fn parse<'de, T: Deserialize<'de>>(argument: &'de str) -> Result<T, String> {
    serde_json::from_str(argument).map_err(|error| format!("A command is malformed: {error}"))
}

/// The payload of a failure.
pub(crate) fn failure(error: &OutboxError) -> String {
    let cause = error.cause().map(|(message, code)| json!({ "message": message, "code": code }));
    json!({ "kind": "outbox", "code": error.code(), "message": error.to_string(), "cause": cause }).to_string()
}

/// The payload of a reply.
pub(crate) fn reply_json(reply: &Reply) -> String {
    match reply {
        Reply::Recorded { id, is_duplicate } => json!({ "id": id, "duplicate": is_duplicate }).to_string(),
        Reply::Entries(entries) => to_json(&entries.iter().map(entry_json).collect::<Vec<_>>()),
        Reply::Found(is_found) => is_found.to_string(),
        Reply::Count(count) => count.to_string(),
        Reply::Stats(stats) => json!({
            "pending": stats.pending,
            "held": stats.held,
            "sending": stats.sending,
            "parked": stats.parked,
            "foreign": stats.foreign,
            "oldest": stats.oldest.map(to_millis),
        })
        .to_string(),
        Reply::Done => "null".to_owned(),
    }
}

/// The payload of an event.
pub(crate) fn event_json(event: &Event) -> String {
    to_json(&match event {
        Event::Delivered(entry, response) => EventJson::Delivered { entry: entry_json(entry), response: raw(response) },
        Event::Parked(entry) => EventJson::Parked { entry: entry_json(entry) },
        Event::Paused(reason, until) => {
            let error = match reason {
                PauseReason::Api(error) => raw(error),
                PauseReason::Store(error) => RawValue::from_string(failure(error)).ok(),
            };
            EventJson::Paused { error, until: to_millis(*until) }
        }
        Event::Resumed => EventJson::Resumed,
        Event::Foreign(entries) => EventJson::Foreign { entries: *entries },
    })
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum EventJson<'a> {
    Delivered { entry: EntryJson<'a>, response: Option<Box<RawValue>> },
    Parked { entry: EntryJson<'a> },
    Paused { error: Option<Box<RawValue>>, until: i64 },
    Resumed,
    Foreign { entries: u64 },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryJson<'a> {
    seq: i64,
    id: &'a str,
    call: &'static str,
    params: Option<Box<RawValue>>,
    state: &'static str,
    reason: Option<&'static str>,
    error: Option<Box<RawValue>>,
    attempts: u32,
    recorded_at: i64,
    deliver_at: Option<i64>,
}

fn entry_json(entry: &Entry) -> EntryJson<'_> {
    EntryJson {
        seq: entry.seq,
        id: &entry.id,
        call: if entry.operation == Operation::Lead { "lead" } else { "sale" },
        params: raw(&entry.params),
        state: entry.phase.name(),
        reason: entry.reason.map(|reason| reason.name()),
        error: entry.error.as_deref().and_then(raw),
        attempts: entry.attempts,
        recorded_at: to_millis(entry.recorded_at),
        deliver_at: entry.deliver_at.map(to_millis),
    }
}

/// Parameters, failures and responses are JSON already. Should a file hold something else, one entry must not spoil the others.
fn raw(json: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(json).ok()
}

fn to_json(value: &impl Serialize) -> String {
    // Strings, numbers and JSON that was parsed: this cannot fail.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Result<Command, String> {
        let mut commands = commands(text);
        let (token, command) = commands.next().expect("a command");
        assert_eq!((token, commands.next().is_none()), (7, true));
        command
    }

    #[test]
    fn a_record_is_read() {
        let line = "7\trecord\t[1,\"a\\tb\",\"user_1\",true,false,5000]\t{\"amount\":\"\\t\"}\n";
        let Ok(Command::Record(new)) = only(line) else { unreachable!("a record") };
        assert_eq!(
            (new.operation, new.id.as_deref(), new.customer.as_str()),
            (Operation::Sale, Some("a\tb"), "\"user_1\"")
        );
        assert_eq!((new.idempotency, new.retry_ambiguous), (Idempotency::Idempotent, false));
        assert_eq!((new.deliver_at, new.params.as_str()), (Some(from_millis(5000)), "{\"amount\":\"\\t\"}"));
        let Ok(Command::Record(new)) = only("7\trecord\t[0,null,\"user_1\",false,true,null]\t{}\n") else {
            unreachable!("a record")
        };
        assert_eq!((new.operation, new.id, new.retry_ambiguous, new.deliver_at), (Operation::Lead, None, true, None));
    }

    #[test]
    fn what_is_malformed_fails_by_itself() {
        for line in ["7\tfly\t\t\n", "7\tlist\t[1]\t\n", "7\trecord\t[5,null,\"u\",false,false,null]\t{}\n"] {
            assert!(only(line).is_err_and(|payload| payload.contains("INTERNAL_ERROR")), "{line}");
        }
        assert_eq!(commands("\tstats\t\t\n").count(), 0);
    }
}
