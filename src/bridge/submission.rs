//! Starts the calls of a batch on the I/O thread, each as a task of its own.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::api::client::{Call, Client, Outcome};
use crate::api::error::{Failure, ResponseInfo};
use crate::api::retry::Verdict;
use crate::bridge::batch::submitted_calls;
use crate::bridge::completion::{CompletionQueue, Deferred};
use crate::runtime;

/// Takes over a batch as `crate::bridge::batch` describes it; the result of every call ends up in `completions`.
pub fn start(client: Arc<Client>, completions: Arc<CompletionQueue>, batch: Bytes) -> io::Result<()> {
    runtime::run(move || {
        for (id, call) in submitted_calls(batch) {
            let deferred = Deferred::new(Arc::clone(&completions), id);
            match call {
                Ok(call) => start_call(&client, &completions, id, call, deferred),
                Err(error) => {
                    let failure = Failure::Internal(format!("The call's options are malformed: {error}"));
                    let (response, verdict) = (ResponseInfo::default(), Verdict::default());
                    deferred.settle(Outcome { result: Err(failure), response, attempts: 0, verdict });
                }
            }
        }
    })
}

/// Cancels a call: its request is dropped, its backoff ends. Does nothing if it has ended.
pub fn cancel(completions: Arc<CompletionQueue>, id: u32) -> io::Result<()> {
    runtime::run(move || completions.cancel(id))
}

fn start_call(client: &Arc<Client>, completions: &CompletionQueue, id: u32, call: Call, deferred: Deferred) {
    let client = Arc::clone(client);
    let task = tokio::spawn(async move {
        let outcome = client.perform(call, &deferred).await;
        deferred.settle(outcome);
    });
    completions.add_task(id, task.abort_handle());
}
