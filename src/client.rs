//! A call from its parameters to its outcome: checked, sent, and sent again only where that is safe.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::{Instant, sleep};

use crate::config::{Config, ConfigError, custom_headers};
use crate::endpoint::{Operation, Repeatable};
use crate::error::{Cause, Context, Failure, MAX_ERROR_BODY, Report};
use crate::members::members;
use crate::problem::Problem;
use crate::reply::{MAX_BODY, Reply};
use crate::retry::Class;
use crate::transport::Transport;

/// One configured client.
pub struct Client {
    config: Config,
    transport: Arc<Transport>,
    urls: [Url; 3],
}

/// Options of one call; types were checked by `lib/options.js`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CallOptions {
    timeout: Option<u64>,
    max_retries: Option<u32>,
    headers: BTreeMap<String, String>,
    retry_ambiguous: bool,
    /// The call has an abort signal.
    pub cancelable: bool,
    /// The result is to be `{status, attempts, data}`, and `refusal` with a token: the call is being observed, or
    /// JavaScript has something to check.
    pub trace: bool,
}

/// How a call ended.
pub struct Outcome {
    /// The body to hand to the caller, or why there is none.
    pub result: Result<String, Failure>,
    /// What is known of the last response.
    pub context: Context,
    /// How many requests were made; 0 if the parameters were refused.
    pub attempts: u32,
}

/// The caller of a call that is under way.
pub trait Caller {
    /// False once nobody is left to hear the outcome.
    fn is_waiting(&self) -> bool;
    /// An attempt, counted from 1, begins.
    fn attempt(&self, number: u32);
}

impl Client {
    /// Checks the configuration; does no I/O.
    pub fn new(config: &str) -> Result<Self, ConfigError> {
        let config = Config::parse(config)?;
        let url = |operation: Operation| {
            Url::parse(&format!("{}{}", config.base_url, operation.path())).map_err(|error| ConfigError {
                option: "baseUrl",
                message: format!("baseUrl cannot be extended by a path ({error})"),
            })
        };
        let urls = [url(Operation::Lead)?, url(Operation::Sale)?, url(Operation::EmbedToken)?];
        let transport = Transport::shared(config.destination.clone());
        Ok(Self { config, transport, urls })
    }

    /// Performs a call. Once nobody waits for it, what is on the wire is finished, but nothing is sent again.
    pub async fn perform(
        &self,
        operation: Operation,
        options: Option<CallOptions>,
        body: Bytes,
        caller: &impl Caller,
    ) -> Outcome {
        let is_traced = options.as_ref().is_some_and(|options| options.trace);
        let mut outcome = self.attempt_until_settled(operation, options, body, caller).await;
        match &mut outcome.result {
            Err(failure) => self.config.api_key.hide(failure, &mut outcome.context),
            Ok(body) if is_traced => *body = self.traced(operation, body, &mut outcome.context, outcome.attempts),
            Ok(_) => {}
        }
        outcome
    }

    /// A result with what is known of the response. A token also has the error for the one thing that only JavaScript
    /// can tell of it: whether `expires` is a date there.
    fn traced(&self, operation: Operation, body: &str, context: &mut Context, attempts: u32) -> String {
        let mut text = format!(r#"{{"status":{},"attempts":{attempts},"data":{body}"#, context.status);
        if operation == Operation::EmbedToken {
            let mut failure = invalid_response(context.status, "its member expires is not a date".to_owned());
            context.body = Some(excerpt(body.to_owned()));
            self.config.api_key.hide(&mut failure, context);
            text.push_str(r#","refusal":"#);
            text.push_str(&Report::new(&failure, context, attempts).to_json());
        }
        text.push('}');
        text
    }

    async fn attempt_until_settled(
        &self,
        operation: Operation,
        options: Option<CallOptions>,
        body: Bytes,
        caller: &impl Caller,
    ) -> Outcome {
        let options = options.unwrap_or_default();
        let (repeatable, headers) = match self.check(operation, &options, &body) {
            Ok(checked) => checked,
            Err(message) => {
                let context = Context { status: 422, ..Context::default() };
                return Outcome { result: Err(Failure::Validation(message)), context, attempts: 0 };
            }
        };
        let headers = headers.as_ref().unwrap_or(&self.config.headers);
        let timeout = options.timeout.map_or(self.config.timeout, Duration::from_millis);
        let max_retries = options.max_retries.unwrap_or(self.config.max_retries);

        let mut attempts = 0;
        loop {
            attempts += 1;
            caller.attempt(attempts);
            let url = &self.urls[operation as usize];
            let reply = self.transport.post(url, headers, body.clone(), Instant::now() + timeout).await;
            let problem = match reply.and_then(|reply| judge(operation, reply)) {
                Ok((result, context)) => return Outcome { result: Ok(result), context, attempts },
                Err(problem) => problem,
            };
            let Problem { failure, context, class } = *problem;

            let may_retry = attempts <= max_retries && class.allows_retry(repeatable, options.retry_ambiguous);
            let wait = may_retry.then(|| class.wait(attempts - 1, context.retry_after, fastrand::f64())).flatten();
            if let Some(wait) = wait.filter(|_| caller.is_waiting()) {
                sleep(wait).await;
                if caller.is_waiting() {
                    continue;
                }
            }
            let failure = match failure {
                Failure::Timeout { cause, .. } => {
                    let message = format!("Request timed out after {} ms: {}", timeout.as_millis(), cause.message);
                    Failure::Timeout { message, cause }
                }
                other => other,
            };
            return Outcome { result: Err(failure), context, attempts };
        }
    }

    fn check(
        &self,
        operation: Operation,
        options: &CallOptions,
        body: &Bytes,
    ) -> Result<(Repeatable, Option<HeaderMap>), String> {
        let text = std::str::from_utf8(body).map_err(|_| "params are not valid text".to_owned())?;
        let repeatable = operation.check_params(text)?;
        if options.headers.is_empty() {
            return Ok((repeatable, None));
        }
        let mut headers = self.config.headers.clone();
        headers.extend(custom_headers(&options.headers)?);
        Ok((repeatable, Some(headers)))
    }
}

/// Turns a complete answer into the caller's result or a problem.
fn judge(operation: Operation, reply: Reply) -> Result<(String, Context), Box<Problem>> {
    let Reply { status, headers, body, is_cut } = reply;
    let text = decode(&body);
    if status.is_success() {
        let verdict =
            if is_cut { Err(format!("longer than {} KiB", MAX_BODY / 1024)) } else { operation.check_response(&text) };
        let Err(reason) = verdict else {
            return Ok((text, Context { status: status.as_u16(), headers, ..Context::default() }));
        };
        let context = Context { body: Some(excerpt(text)), ..Context::of_failure(status, headers) };
        return Err(Problem::boxed(invalid_response(context.status, reason), context, Class::Final));
    }
    let (code, message) = api_error(&text);
    let cause = serde_json::from_str::<IgnoredAny>(&text)
        .err()
        .map(|error| Cause { message: format!("The body of the answer is not JSON: {error}"), code: None });
    let context = Context { body: Some(excerpt(text)), ..Context::of_failure(status, headers) };
    let class = Class::of_status(context.status, context.retry_after.is_some());
    Err(Problem::boxed(Failure::Api { code, message, cause }, context, class))
}

fn invalid_response(status: u16, reason: String) -> Failure {
    let message = format!("The API answered with HTTP {status}, but its body is not as promised: {reason}");
    Failure::InvalidResponse { message, cause: Cause { message: reason, code: None } }
}

/// As `Response.json()` reads it: UTF-8 with replacement characters, without a byte order mark.
fn decode(body: &Bytes) -> String {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    // Checking first is many times faster than reading on the lookout for what to replace.
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

fn excerpt(mut text: String) -> String {
    let end = (0..=MAX_ERROR_BODY.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.truncate(end.unwrap_or(0));
    text
}

/// `error.code` and `error.message` of a body, as far as it has them.
fn api_error(body: &str) -> (Option<String>, Option<String>) {
    let error = members(body, ["error"]).ok().and_then(|[error]| error.object());
    match error.map(|error| members(error, ["code", "message"])) {
        Some(Ok([code, message])) => (code.text(), message.text()),
        _ => (None, None),
    }
}
