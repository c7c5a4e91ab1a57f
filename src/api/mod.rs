//! Refport's API: what a call needs, what it promises, and when it may be sent again.

pub mod attempt;
pub mod client;
pub mod config;
pub mod error;
mod iso_date;
pub mod json;
pub mod operation;
pub mod progress;
pub mod redaction;
pub mod retry;
pub mod retry_after;
