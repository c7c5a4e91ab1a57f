//! Performs calls: sends a request, and sends it again only where that is safe.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::api::attempt::{FailedAttempt, classify_response};
use crate::api::config::{Config, ConfigError, header_map};
use crate::api::error::{Failure, ResponseInfo};
use crate::api::operation::{Idempotency, Operation};
use crate::api::progress::Progress;
use crate::api::retry::RetryDecision;
use crate::http::deadline::Deadline;
use crate::http::transport::{Post, Transport};

/// One configured client.
pub(crate) struct Client {
    config: Config,
    transport: Arc<Transport>,
    urls: [Url; 3],
}

/// A call that JavaScript has checked.
#[derive(Debug)]
pub(crate) struct Call {
    /// Which of the API's calls.
    pub(crate) operation: Operation,
    /// Whether it is safe to send twice.
    pub(crate) idempotency: Idempotency,
    /// Settings of this call alone.
    pub(crate) options: CallOptions,
    /// JSON text of the parameters: the request's body.
    pub(crate) params: Bytes,
}

/// Options of one call, checked by JavaScript.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct CallOptions {
    timeout: Option<u64>,
    max_retries: Option<u32>,
    #[serde(deserialize_with = "header_map")]
    headers: HeaderMap,
    retry_ambiguous: bool,
}

impl CallOptions {
    /// For callers that retry by themselves.
    pub(crate) fn single_attempt() -> Self {
        Self { max_retries: Some(0), ..Self::default() }
    }
}

/// How a call ended.
pub(crate) struct Outcome {
    /// The response body, or the failure.
    pub(crate) result: Result<String, Failure>,
    /// The last response, as far as one arrived.
    pub(crate) response: ResponseInfo,
    /// How many requests were made.
    pub(crate) attempts: u32,
    /// Whether a failed call may be sent again.
    pub(crate) decision: RetryDecision,
}

/// The caller of a call in flight.
pub(crate) trait Caller {
    /// False once nobody needs the outcome.
    fn is_waiting(&self) -> bool;
    /// Where the client records how far the call has got.
    fn progress(&self) -> &Progress;
}

impl Client {
    /// Checks the configuration; does no I/O.
    pub(crate) fn new(config: &str) -> Result<Self, ConfigError> {
        let config = Config::parse(config)?;
        let url = |operation: Operation| {
            Url::parse(&format!("{}{}", config.base_url, operation.path())).map_err(ConfigError::malformed)
        };
        let urls = [url(Operation::Lead)?, url(Operation::Sale)?, url(Operation::EmbedToken)?];
        let transport = Transport::shared(config.destination.clone());
        Ok(Self { config, transport, urls })
    }

    /// Identifies the key and the API; does not contain the key.
    pub(crate) fn identity(&self) -> &[u8] {
        &self.config.identity
    }

    /// Performs a call. Once nobody waits for it, a request that was sent is finished, but none is sent again.
    pub(crate) async fn perform(&self, call: Call, caller: &impl Caller) -> Outcome {
        let Call { operation, idempotency, options, params } = call;
        let progress = caller.progress();
        progress.start(idempotency);
        let merged = (!options.headers.is_empty()).then(|| {
            let mut headers = self.config.headers.clone();
            headers.extend(options.headers);
            headers
        });
        let headers = merged.as_ref().unwrap_or(&self.config.headers);
        let timeout = options.timeout.map_or(self.config.timeout, Duration::from_millis);
        let max_retries = options.max_retries.unwrap_or(self.config.max_retries);

        let mut attempts = 0;
        loop {
            attempts += 1;
            let post = Post {
                url: &self.urls[operation as usize],
                headers,
                body: params.clone(),
                sent: progress.begin_attempt(),
            };
            let answered = self.transport.post(post, Deadline::new(Instant::now() + timeout)).await;
            let failed = match answered
                .map_err(|error| FailedAttempt::of(*error, &self.config.destination, timeout))
                .and_then(|response| classify_response(operation, response))
            {
                Ok((result, response)) => {
                    return Outcome { result: Ok(result), response, attempts, decision: RetryDecision::default() };
                }
                Err(failed) => failed,
            };
            let FailedAttempt { mut failure, mut response, class } = *failed;
            self.config.api_key.redact(&mut failure, &mut response);
            // After redaction, which does not recognise half a key.
            response.truncate_body();
            let decision = progress.fail(class, idempotency);

            let may_retry = attempts <= max_retries && class.allows_retry(idempotency, options.retry_ambiguous);
            let wait = may_retry.then(|| class.wait(attempts - 1, response.retry_after, fastrand::f64())).flatten();
            if let Some(wait) = wait.filter(|_| caller.is_waiting()) {
                sleep(wait).await;
                if caller.is_waiting() {
                    continue;
                }
            }
            return Outcome { result: Err(failure), response, attempts, decision };
        }
    }
}
