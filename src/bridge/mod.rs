//! The boundary to JavaScript. Batches of calls go to the I/O thread, batches of results come back through a mailbox.

pub(crate) mod callback;
mod calls;
mod mailbox;
pub(crate) mod outbox;
mod protocol;
mod result_chunk;

use std::sync::Arc;

use bytes::Bytes;
use napi::bindgen_prelude::{FnArgs, Function};
use napi::{Env, Result};

use crate::api::client::Client;
use crate::bridge::calls::{Calls, start};
use crate::bridge::mailbox::Mailbox;
use crate::runtime;

/// The bridge of one env for calls.
pub(crate) struct Bridge(Mailbox<Calls>);

impl Bridge {
    /// Opens the bridge. `settle` gets the JSON text of a batch of results (`crate::bridge::protocol`) and whether there are
    /// more, which come after [`Self::resume`].
    pub(crate) fn open(env: &Env, settle: &Function<'_, FnArgs<(String, bool)>, ()>) -> Result<Self> {
        Mailbox::open(env, settle, Calls::default()).map(Self)
    }

    /// Hands a batch of `count` calls to the I/O thread.
    pub(crate) fn submit(&self, env: &Env, client: &Arc<Client>, batch: String, count: u32) -> Result<()> {
        let (client, mailbox) = (Arc::clone(client), self.0.clone());
        self.0.expect(env, count, || {
            runtime::run(move || start(&client, &mailbox, Bytes::from(batch)))
                .map_err(|error| napi::Error::from_reason(format!("the I/O thread is not there: {error}")))
        })
    }

    /// Asks for the next text, after one that was not the last.
    pub(crate) fn resume(&self) {
        self.0.resume();
    }

    /// Cancels a call: its request is dropped, its wait for a retry ends. Does nothing if it has ended.
    pub(crate) fn cancel(&self, id: u32) {
        let mailbox = self.0.clone();
        // Without the I/O thread there is no call to cancel.
        let _ = runtime::run(move || mailbox.owner().cancel(id));
    }

    /// JavaScript has dropped the bridge.
    pub(crate) fn close(&self, env: &Env) {
        self.0.close(env);
    }
}
