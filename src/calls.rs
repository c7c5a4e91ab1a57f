//! Starts the calls of a batch on the I/O thread, each as a task of its own.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::batch::{Frame, frames};
use crate::client::{CallOptions, Client, Outcome};
use crate::error::{Context, Failure};
use crate::outbox::{Debt, Outbox};
use crate::runtime;

/// Takes over a batch as `crate::batch` describes it; every call of it ends up in the outbox.
pub fn start(client: Arc<Client>, outbox: Arc<Outbox>, batch: Bytes) -> io::Result<()> {
    runtime::run(move || {
        for frame in frames(batch) {
            start_one(&client, &outbox, frame);
        }
    })
}

/// Cancels a call: its request is dropped, its backoff ends. Does nothing if it has ended.
pub fn cancel(outbox: Arc<Outbox>, id: u32) -> io::Result<()> {
    runtime::run(move || outbox.cancel(id))
}

fn start_one(client: &Arc<Client>, outbox: &Arc<Outbox>, frame: Frame) {
    let Frame { id, operation, options, params } = frame;
    let options = match options.as_ref() {
        b"" => Ok(None),
        text => serde_json::from_slice::<CallOptions>(text).map(Some),
    };
    let is_cancelable = matches!(&options, Ok(Some(options)) if options.cancelable);
    let debt = Debt::new(Arc::clone(outbox), id, is_cancelable);
    let options = match options {
        Ok(options) => options,
        Err(error) => {
            let failure = Failure::Internal(format!("The call's options are malformed: {error}"));
            return debt.settle(Outcome { result: Err(failure), context: Context::default(), attempts: 0 });
        }
    };
    let client = Arc::clone(client);
    let task = tokio::spawn(async move {
        let outcome = client.perform(operation, options, params, &debt).await;
        debt.settle(outcome);
    });
    if is_cancelable {
        outbox.add_cancelable(id, task.abort_handle());
    }
}
