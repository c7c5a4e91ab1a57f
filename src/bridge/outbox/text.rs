//! Commands, replies and events as text.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::api::operation::Operation;
use crate::outbox::command::{Command, Event, NewEntry, PauseReason, Reply};
use crate::outbox::entry::{Entry, State, to_millis};
use crate::outbox::error::OutboxError;

/// The commands of a text, with their tokens; the error is the payload of a failure. A line without a token can only come
/// from another version of `lib/outbox/channel.js`.
pub fn commands(text: &str) -> impl Iterator<Item = (u32, Result<Command, String>)> {
    text.lines().filter_map(|line| {
        let mut fields = line.splitn(4, '\t');
        let mut field = || fields.next().unwrap_or_default();
        let (token, name, argument, params) = (field(), field(), field(), field());
        Some((token.parse().ok()?, command(name, argument, params)))
    })
}

/// Reads a command; the error is the payload of its failure.
fn command(name: &str, argument: &str, params: &str) -> Result<Command, String> {
    let record = |operation| {
        let id = if argument.is_empty() { Ok(None) } else { parse(argument).map(Some) };
        let invalid = |message: String| json!({ "kind": "validation", "message": message }).to_string();
        NewEntry::new(operation, id?, params).map(Command::Record).map_err(invalid)
    };
    Ok(match name {
        "lead" => record(Operation::Lead)?,
        "sale" => record(Operation::Sale)?,
        "resend" => Command::Resend(parse(argument)?),
        "discard" => Command::Discard(parse(argument)?),
        "show" => Command::Show(parse(argument)?),
        "stats" => Command::Stats,
        "drained" => Command::Drained,
        "close" => Command::Close(Duration::from_millis(parse(argument)?)),
        "list" => {
            let (state, after, limit) = parse::<(Option<i64>, i64, u32)>(argument)?;
            Command::List { state: state.and_then(State::from_number), after, limit }
        }
        _ => return Err(failure(&internal("There is no such command"))),
    })
}

fn parse<'de, T: Deserialize<'de>>(argument: &'de str) -> Result<T, String> {
    serde_json::from_str(argument).map_err(|error| failure(&internal(&format!("A command is malformed: {error}"))))
}

/// The SDK itself is wrong.
pub fn internal(message: &str) -> OutboxError {
    OutboxError { code: "INTERNAL_ERROR", message: message.to_owned(), cause: None }
}

/// The payload of a failure.
pub fn failure(error: &OutboxError) -> String {
    let cause = error.cause.as_ref().map(|(message, code)| json!({ "message": message, "code": code }));
    json!({ "kind": "outbox", "code": error.code, "message": error.message, "cause": cause }).to_string()
}

/// The payload of a reply.
pub fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Recorded { id, is_duplicate } => json!({ "id": id, "duplicate": is_duplicate }).to_string(),
        Reply::Entries(entries) => format!("[{}]", entries.iter().map(entry).collect::<Vec<_>>().join(",")),
        Reply::Found(is_found) => is_found.to_string(),
        Reply::Stats(stats) => json!({
            "pending": stats.pending,
            "sending": stats.sending,
            "parked": stats.parked,
            "oldest": stats.oldest.map(to_millis),
        })
        .to_string(),
        Reply::Done => "null".to_owned(),
    }
}

/// The payload of an event.
pub fn happening(event: &Event) -> String {
    match event {
        Event::Delivered(delivered, response) => {
            format!(r#"{{"type":"delivered","entry":{},"response":{response}}}"#, entry(delivered))
        }
        Event::Parked(parked) => format!(r#"{{"type":"parked","entry":{}}}"#, entry(parked)),
        Event::Paused(reason, until) => {
            let error = match reason {
                PauseReason::Api(error) => error.clone(),
                PauseReason::Store(error) => failure(error),
            };
            format!(r#"{{"type":"paused","error":{error},"until":{}}}"#, to_millis(*until))
        }
        Event::Resumed => r#"{"type":"resumed"}"#.to_owned(),
        Event::OtherKey(entries) => format!(r#"{{"type":"otherKey","entries":{entries}}}"#),
    }
}

/// Parameters and failures are JSON already.
fn entry(entry: &Entry) -> String {
    let Entry { seq, id, operation, params, state, reason, error, attempts, recorded_at, .. } = entry;
    format!(
        r#"{{"seq":{seq},"id":{},"call":"{}","params":{params},"state":"{}","reason":{},"error":{},"attempts":{attempts},"recordedAt":{}}}"#,
        json!(id),
        if *operation == Operation::Lead { "lead" } else { "sale" },
        state.name(),
        json!(reason.map(|reason| reason.name())),
        error.as_deref().unwrap_or("null"),
        to_millis(*recorded_at),
    )
}
