//! Sends POST requests over a bounded pool of connections. Independent of the API.

pub(crate) mod attempt_error;
pub(crate) mod body;
pub(crate) mod cause;
mod connection;
mod connector;
pub(crate) mod deadline;
pub(crate) mod destination;
mod dns;
mod pool;
pub(crate) mod proxy;
mod redirect;
pub(crate) mod response;
pub(crate) mod tls;
pub(crate) mod transport;
