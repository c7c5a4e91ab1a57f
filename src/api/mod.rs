//! Refport's API: calls, their responses, and when a call may be sent again.

pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod config;
pub(crate) mod error;
mod iso_date;
pub(crate) mod json;
pub(crate) mod operation;
pub(crate) mod progress;
pub(crate) mod redaction;
pub(crate) mod retry;
pub(crate) mod retry_after;
