//! The boundary to JavaScript. Batches of calls go to the I/O thread, batches of results come back through a mailbox.

mod callback;
pub(crate) mod calls;
mod mailbox;
pub(crate) mod outbox;
mod protocol;
mod result_chunk;
