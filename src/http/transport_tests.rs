use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::http::tls::TlsSettings;
use tokio::time::Instant;

/// A connection that a server has accepted.
struct Accepted(TcpStream);

impl Accepted {
    /// Reads one request, without looking into it.
    fn read(&mut self) {
        let mut request = Vec::new();
        while !request.ends_with(b"{}") {
            let mut bytes = [0; 1024];
            let length = self.0.read(&mut bytes).expect("a request");
            assert!(length > 0, "the client closed the connection");
            request.extend_from_slice(&bytes[..length]);
        }
    }

    fn answer(&mut self) {
        self.read();
        self.0.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull").expect("an open connection");
    }
}

/// A server on loopback, and a transport to it.
struct Server {
    listener: TcpListener,
    transport: Transport,
    url: Url,
}

impl Server {
    fn new(max_connections: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let url = Url::parse(&origin).expect("a URL");
        let destination = Destination { origin, proxy: None, max_connections, tls: TlsSettings::default() };
        Self { listener, transport: Transport::new(destination), url }
    }

    fn accept(&self) -> Accepted {
        Accepted(self.listener.accept().expect("a connection").0)
    }

    async fn post(&self) -> Result<Response, Box<AttemptError>> {
        let post =
            Post { url: &self.url, headers: &HeaderMap::new(), body: Bytes::from_static(b"{}"), sent: Sent::default() };
        self.transport.post(post, Deadline::new(Instant::now() + Duration::from_secs(10))).await
    }
}

#[test]
fn a_connection_that_the_server_closed_while_the_process_was_stopped_is_not_used() {
    let server = Server::new(1);
    thread::scope(|scope| {
        let (close, asked_to_close) = mpsc::channel::<()>();
        let (closed, is_closed) = mpsc::channel();
        let listening = &server;
        scope.spawn(move || {
            let mut first = listening.accept();
            first.answer();
            asked_to_close.recv().expect("the client");
            drop(first);
            closed.send(()).expect("the client");
            listening.accept().answer();
        });
        runtime::block_on(async {
            server.post().await.expect("an answer");
            tokio::time::sleep(Duration::from_millis(1)).await;
            // Nothing is polled here, as in a stopped process.
            close.send(()).expect("the server");
            is_closed.recv().expect("the server");
            server.post().await.expect("an answer on another connection");
        });
    });
}
