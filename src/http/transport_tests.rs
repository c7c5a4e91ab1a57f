use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use tokio::time::Instant;

use super::*;
use crate::http::tls::TlsSettings;

/// A server on loopback, and a transport to it.
struct Server {
    listener: TcpListener,
    transport: Transport,
    url: Url,
}

/// A connection that it has accepted.
struct Accepted(TcpStream);

impl Server {
    fn new(max_connections: usize, http2: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let url = Url::parse(&origin).expect("a URL");
        let destination = Destination { origin, proxy: None, max_connections, http2, tls: TlsSettings::default() };
        Self { listener, transport: Transport::new(destination), url }
    }

    fn accept(&self) -> Accepted {
        Accepted(self.listener.accept().expect("a connection").0)
    }

    /// An HTTP/2 connection.
    async fn accept_http2(&self) -> h2::server::Connection<tokio::net::TcpStream, Bytes> {
        let accepted = self.accept().0;
        accepted.set_nonblocking(true).expect("a socket");
        h2::server::handshake(tokio::net::TcpStream::from_std(accepted).expect("a socket")).await.expect("HTTP/2")
    }

    async fn post(&self) -> Result<Response, Box<AttemptError>> {
        self.post_within(Duration::from_secs(10)).await
    }

    async fn post_within(&self, time: Duration) -> Result<Response, Box<AttemptError>> {
        let headers = HeaderMap::new();
        let post = Post { url: &self.url, headers: &headers, body: Bytes::from_static(b"{}"), sent: Sent::default() };
        self.transport.post(post, Deadline::new(Instant::now() + time)).await
    }

    /// Runs the server on a thread of its own, and the client here.
    fn run(&self, serve: impl FnOnce(&Self) + Send, client: impl AsyncFnOnce(&Self)) {
        thread::scope(|scope| {
            scope.spawn(|| serve(self));
            // Ends the scope, and with it the test, if the client fails.
            let _guard = Unblock(self);
            runtime::block_on(client(self));
        });
    }
}

/// Ends the server's wait for a connection when the client panics.
struct Unblock<'a>(&'a Server);

impl Drop for Unblock<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            drop(TcpStream::connect(self.0.listener.local_addr().expect("an address")));
        }
    }
}

impl Accepted {
    /// Reads one request; false if the client has closed the connection.
    fn read(&mut self) -> bool {
        let mut request = Vec::new();
        let mut bytes = [0; 1024];
        while !request.ends_with(b"{}") {
            match self.0.read(&mut bytes) {
                Ok(length @ 1..) => request.extend_from_slice(&bytes[..length]),
                _ => return false,
            }
        }
        true
    }

    fn answer(&mut self) {
        self.0.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull").expect("an open connection");
    }
}

async fn answer_http2(respond: &mut h2::server::SendResponse<Bytes>) {
    let mut body = respond.send_response(http::Response::new(()), false).expect("an open stream");
    body.send_data(Bytes::from_static(b"null"), true).expect("an open stream");
}

#[test]
fn a_connection_is_used_again() {
    Server::new(1, false).run(
        |server| {
            let mut connection = server.accept();
            for _ in 0..3 {
                assert!(connection.read(), "another connection was opened");
                connection.answer();
            }
        },
        async |server| {
            for _ in 0..3 {
                assert_eq!(server.post().await.expect("an answer").body, "null");
            }
        },
    );
}

#[test]
fn a_connection_that_the_server_closed_while_the_process_was_stopped_is_not_used() {
    let (close, asked_to_close) = mpsc::channel::<()>();
    let (closed, is_closed) = mpsc::channel();
    Server::new(1, false).run(
        move |server| {
            let mut first = server.accept();
            first.read();
            first.answer();
            asked_to_close.recv().expect("the client");
            drop(first);
            closed.send(()).expect("the client");
            let mut second = server.accept();
            second.read();
            second.answer();
        },
        async move |server| {
            server.post().await.expect("an answer");
            // Until the connection is idle.
            drop(server.transport.pool.permit().await);
            // Nothing is polled from here on, as in a stopped process.
            close.send(()).expect("the server");
            is_closed.recv().expect("the server");
            server.post().await.expect("an answer on another connection");
        },
    );
}

#[test]
fn a_request_on_a_connection_that_breaks_is_not_sent_again() {
    Server::new(1, false).run(
        |server| {
            let mut connection = server.accept();
            connection.read();
            connection.answer();
            connection.read();
            drop(connection);
        },
        async |server| {
            server.post().await.expect("an answer");
            let error = server.post().await.err().expect("no answer");
            assert_eq!(error.kind, AttemptErrorKind::Broken);
        },
    );
}

#[test]
fn there_are_no_more_connections_than_agreed() {
    const BOUND: usize = 3;
    Server::new(BOUND, false).run(
        |server| {
            let serve = |mut connection: Accepted| {
                while connection.read() {
                    connection.answer();
                }
            };
            thread::scope(|scope| {
                let threads: Vec<_> = (0..BOUND)
                    .map(|_| {
                        let connection = server.accept();
                        scope.spawn(move || serve(connection))
                    })
                    .collect();
                server.listener.set_nonblocking(true).expect("a listener");
                threads.into_iter().for_each(|thread| thread.join().expect("a connection"));
                assert!(server.listener.accept().is_err(), "one more connection was opened");
            });
        },
        async |server| {
            let calls = futures(20, || server.post());
            assert!(calls.await.iter().all(Result::is_ok));
        },
    );
}

#[test]
fn a_server_that_does_not_answer_is_given_up_at_the_deadline() {
    let (done, is_done) = mpsc::channel::<()>();
    Server::new(1, false).run(
        move |server| {
            let mut connection = server.accept();
            connection.read();
            is_done.recv().expect("the client");
        },
        async move |server| {
            // The first has the connection for as long as the second waits.
            let time = Cell::new(Duration::from_millis(500));
            let failed = futures(2, || server.post_within(time.replace(Duration::from_millis(50)))).await;
            let kinds: Vec<_> = failed.into_iter().map(|failed| failed.err().expect("no answer").kind).collect();
            assert_eq!(kinds, [AttemptErrorKind::TimeoutSent, AttemptErrorKind::TimeoutUnsent], "one connection");
            done.send(()).expect("the server");
        },
    );
}

#[test]
fn http2_carries_requests_side_by_side() {
    Server::new(4, true).run(
        |server| {
            runtime::block_on(async {
                let mut connection = server.accept_http2().await;
                let mut waiting = Vec::new();
                while waiting.len() < 3 {
                    let (_, respond) = connection.accept().await.expect("a request").expect("HTTP/2");
                    waiting.push(respond);
                }
                for mut respond in waiting {
                    answer_http2(&mut respond).await;
                }
                while connection.accept().await.is_some() {}
            });
        },
        async |server| {
            assert!(futures(3, || server.post()).await.iter().all(Result::is_ok));
        },
    );
}

#[test]
fn a_refused_http2_stream_was_not_processed() {
    Server::new(1, true).run(
        |server| {
            runtime::block_on(async {
                let mut connection = server.accept_http2().await;
                let (_, mut respond) = connection.accept().await.expect("a request").expect("HTTP/2");
                respond.send_reset(h2::Reason::REFUSED_STREAM);
                while connection.accept().await.is_some() {}
            });
        },
        async |server| {
            let error = server.post().await.err().expect("no answer");
            assert_eq!(error.kind, AttemptErrorKind::StreamRefused);
        },
    );
}

#[test]
fn a_request_that_a_goaway_leaves_out_goes_out_on_another_connection() {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("a short frame");
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    }
    Server::new(2, true).run(
        |server| {
            let mut connection = server.accept().0;
            connection.write_all(&frame(SETTINGS, 0, 0, b"")).expect("an open connection");
            // Both requests are on the wire.
            let mut read = Vec::new();
            while read.windows(2).filter(|bytes| bytes == b"{}").count() < 2 {
                let mut bytes = [0; 1024];
                let length = connection.read(&mut bytes).expect("requests");
                read.extend_from_slice(&bytes[..length]);
            }
            // Stream 1 gets a status of 200 without a body, and is the last one that counts.
            let answer = [frame(HEADERS, 5, 1, &[0x88]), frame(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])];
            connection.write_all(&answer.concat()).expect("an open connection");
            runtime::block_on(async {
                let mut next = server.accept_http2().await;
                let (_, mut respond) = next.accept().await.expect("a request").expect("HTTP/2");
                answer_http2(&mut respond).await;
                while next.accept().await.is_some() {}
            });
        },
        async |server| {
            let answers = futures(2, || server.post()).await;
            let bodies: Vec<_> = answers.into_iter().map(|answer| answer.expect("an answer").body).collect();
            assert_eq!(bodies, ["", "null"]);
        },
    );
}

/// Runs so many futures at once.
async fn futures<F: Future>(count: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut pending: Vec<_> = (0..count).map(|_| (Box::pin(make()), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in pending.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if pending.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}
