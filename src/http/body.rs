//! A request body that records whether it was handed to a connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, yield_now};

/// Set once the body was handed to a connection. Until then the server cannot have processed the request: at most the
/// headers, which announce a body, were sent.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<AtomicBool>);

impl Sent {
    /// Whether a part of the body may have been sent.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The server has reported that it did not process the request.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Bytes that are handed over at once. Between two pieces the connection looks for an answer: a server that refuses a large
/// body may close the connection, and after a failed write nothing can be read from it.
const PIECE: usize = 16 * 1024;

/// A body that is handed over in pieces.
pub(crate) struct TrackedBody {
    rest: Bytes,
    pause: Option<JoinHandle<()>>,
    sent: Sent,
}

impl TrackedBody {
    /// A body that sets `sent` when a connection takes it.
    pub(crate) fn new(bytes: Bytes, sent: Sent) -> Self {
        Self { rest: bytes, pause: None, sent }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.0.store(true, Ordering::Relaxed);
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(pause) = &mut self.pause {
            let _ = ready!(Pin::new(pause).poll(context));
        }
        let piece = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(piece);
        // The runtime polls its sockets before this task is done.
        self.pause = (!self.rest.is_empty()).then(|| tokio::spawn(yield_now()));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_runtime_polls_its_sockets_between_two_pieces() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let mut server = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
            let (client, _) = listener.accept().expect("a connection");
            client.set_nonblocking(true).expect("a socket");
            let client = tokio::net::TcpStream::from_std(client).expect("a socket");
            let answer = tokio::spawn(async move { client.readable().await });
            yield_now().await;

            let mut body = TrackedBody::new(Bytes::from(vec![0; 2 * PIECE]), Sent::default());
            assert!(poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.is_some());
            server.write_all(b"HTTP/1.1 413").expect("an answer");
            assert!(poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.is_some());
            assert!(answer.is_finished());
        });
    }
}
