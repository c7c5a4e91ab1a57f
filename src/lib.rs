//! The native half of the npm package `refport`: its exports. `ARCHITECTURE.md` draws the layers.

mod api;
mod bridge;
mod http;
mod outbox;
mod runtime;

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, ObjectFinalize};
use napi_derive::napi;

/// A checked configuration and its connections.
#[napi]
pub struct NativeClient(Arc<api::client::Client>);

#[napi]
impl NativeClient {
    /// Takes the JSON text of `crate::api::config::RawConfig`. Throws an error whose `code` is the name of the bad option.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: String) -> napi::Result<Self, &'static str> {
        match api::client::Client::new(&config) {
            Ok(client) => Ok(Self(Arc::new(client))),
            Err(error) => Err(napi::Error::new(error.option, error.message)),
        }
    }
}

/// Sends calls to the I/O thread and delivers their results; one per env.
#[napi(custom_finalize)]
pub struct NativeBridge(bridge::calls::Bridge);

impl ObjectFinalize for NativeBridge {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.0.close(&env);
        Ok(())
    }
}

#[napi]
impl NativeBridge {
    /// Opens the bridge; `settle` is called with the JSON text of batches of results, and whether there are more to ask for.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, settle: Function<'_, FnArgs<(String, bool)>, ()>) -> napi::Result<Self> {
        Ok(Self(bridge::calls::Bridge::open(env, &settle)?))
    }

    /// Starts the `count` calls of a batch (`crate::bridge::protocol` describes its text).
    #[napi(catch_unwind)]
    pub fn submit(&self, env: &Env, client: &NativeClient, batch: String, count: u32) -> napi::Result<()> {
        self.0.submit(env, &client.0, batch, count)
    }

    /// Asks for the next batch of results, after one that was not the last.
    #[napi(catch_unwind)]
    pub fn resume(&self) {
        self.0.resume();
    }

    /// Cancels a call.
    #[napi(catch_unwind)]
    pub fn cancel(&self, id: u32) {
        self.0.cancel(id);
    }
}

/// An outbox and the way to it.
#[napi(custom_finalize)]
pub struct NativeOutbox(bridge::outbox::OutboxBridge);

impl ObjectFinalize for NativeOutbox {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.0.close(&env);
        Ok(())
    }
}

#[napi]
impl NativeOutbox {
    /// Opens an outbox; `settle` is called with the JSON text of batches of replies and events
    /// (`crate::bridge::outbox`), and whether there are more to ask for. Without a client nothing is delivered.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        settings: String,
        client: Option<&NativeClient>,
        settle: Function<'_, FnArgs<(String, bool)>, ()>,
    ) -> napi::Result<Self> {
        let client = client.map(|client| Arc::clone(&client.0));
        Ok(Self(bridge::outbox::OutboxBridge::open(env, &settings, client, &settle)?))
    }

    /// Gives the `count` commands of a text.
    #[napi(catch_unwind)]
    pub fn submit(&self, env: &Env, batch: String, count: u32) -> napi::Result<()> {
        self.0.submit(env, batch, count)
    }

    /// Asks for the next batch, after one that was not the last.
    #[napi(catch_unwind)]
    pub fn resume(&self) {
        self.0.resume();
    }

    /// Gives up waiting for the reply to a command.
    #[napi(catch_unwind)]
    pub fn cancel(&self, token: u32) {
        self.0.cancel(token);
    }

    /// Whether to tell of deliveries.
    #[napi(catch_unwind)]
    pub fn want_deliveries(&self, wanted: bool) {
        self.0.want_deliveries(wanted);
    }
}
