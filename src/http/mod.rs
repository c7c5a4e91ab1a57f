//! One POST request over a bounded pool of connections. Knows nothing of the API that it carries.

pub mod attempt_error;
pub mod body;
pub mod cause;
mod connection;
mod connector;
pub mod deadline;
pub mod destination;
mod dns;
mod pool;
pub mod proxy;
mod redirect;
pub mod response;
pub mod tls;
pub mod transport;
