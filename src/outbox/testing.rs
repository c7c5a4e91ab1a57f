//! Shared by the outbox's tests: a folder, an API and an outbox in front of it, without Node.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::api::client::Client;
use crate::api::operation::{Idempotency, Operation};
use crate::outbox::Outbox;
use crate::outbox::command::{Command, Event, Listener, NewEntry, Reply, Settings, Stats};
use crate::outbox::error::OutboxError;

/// Far longer than anything here takes.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A folder that is removed when it is dropped.
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(crate) fn new() -> Self {
        let name = format!("refport-outbox-{}-{:x}", std::process::id(), fastrand::u64(..));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        Self(folder.canonicalize().expect("its real path"))
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A request as the API got it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn is_probe(&self) -> bool {
        self.path == "/api/embed/token"
    }
}

type Answer = Box<dyn FnMut(&Request) -> (u16, &'static str) + Send>;

/// An API on loopback.
pub(crate) struct Api {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    answer: Arc<Mutex<Answer>>,
}

pub(crate) const ACCEPTED: (u16, &str) = (200, "null");
pub(crate) const REFUSED_KEY: (u16, &str) = (401, r#"{"error":{"code":"UNAUTHORIZED","message":"no"}}"#);
pub(crate) const REJECTED: (u16, &str) = (422, r#"{"error":{"code":"VALIDATION_ERROR","message":"no"}}"#);

impl Api {
    /// Answers every request, by default as the real one does.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(accept)));
        let api = Self { url, requests: Arc::clone(&requests), answer: Arc::clone(&answer) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                thread::spawn(move || drop(serve(stream, &requests, &answer)));
            }
        });
        api
    }

    pub(crate) fn answer(&self, answer: impl FnMut(&Request) -> (u16, &'static str) + Send + 'static) {
        *lock(&self.answer) = Box::new(answer);
    }

    /// The requests of conversions.
    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.requests).iter().filter(|request| !request.is_probe()).cloned().collect()
    }

    pub(crate) fn probes(&self) -> usize {
        lock(&self.requests).iter().filter(|request| request.is_probe()).count()
    }
}

/// Answers as the real API does.
pub(crate) fn accept(request: &Request) -> (u16, &'static str) {
    match request.path.as_str() {
        "/api/embed/token" => REJECTED,
        "/api/track/sale" => (200, r#"{"customer":{},"sale":{}}"#),
        _ => ACCEPTED,
    }
}

fn serve(stream: TcpStream, requests: &Mutex<Vec<Request>>, answer: &Mutex<Answer>) -> std::io::Result<()> {
    let mut output = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    loop {
        let (mut line, mut length, mut authorization) = (String::new(), 0, String::new());
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        loop {
            let mut header = String::new();
            input.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "authorization" => value.clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        let request = Request { path, authorization, body: String::from_utf8_lossy(&body).into_owned() };
        lock(requests).push(request.clone());
        let (status, text) = lock(answer)(&request);
        write!(
            output,
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        )?;
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn client(url: &str, key: &str) -> Arc<Client> {
    let config = json!({
        "apiKey": key, "baseUrl": url, "runtime": "test", "timeout": 10_000, "maxRetries": 0, "maxConnections": 16,
        "headers": {}, "tls": { "ca": [], "extraCaFile": null, "systemCa": false, "opensslCa": false, "acceptAny": false },
    });
    Arc::new(Client::new(&config.to_string()).expect("a client"))
}

pub(crate) fn settings(path: &Path) -> Settings {
    Settings {
        path: path.to_owned(),
        create: true,
        concurrency: 8,
        max_entries: 1000,
        max_age: Duration::from_secs(3600),
        keep_rejected: Duration::from_secs(3600),
        adopt: false,
    }
}

pub(crate) fn lead(customer: &str) -> NewEntry {
    NewEntry {
        operation: Operation::Lead,
        id: Some(format!("lead:{customer}")),
        customer: json!(customer).to_string(),
        idempotency: Idempotency::NotIdempotent,
        retry_ambiguous: false,
        deliver_at: None,
        params: json!({ "customerExternalId": customer }).to_string(),
    }
}

pub(crate) fn sale(invoice: &str) -> NewEntry {
    NewEntry {
        operation: Operation::Sale,
        id: Some(format!("sale:{invoice}")),
        idempotency: Idempotency::Idempotent,
        ..lead(invoice)
    }
}

struct Channels {
    replies: Sender<(u32, Result<Reply, OutboxError>)>,
    events: Sender<Event>,
}

impl Listener for Channels {
    fn reply(&self, token: u32, result: Result<Reply, OutboxError>) {
        let _ = self.replies.send((token, result));
    }

    fn event(&self, event: Event) {
        let _ = self.events.send(event);
    }

    fn flush(&self) {}
}

/// An outbox that answers one command after the other.
pub(crate) struct TestOutbox {
    outbox: Outbox,
    replies: Receiver<(u32, Result<Reply, OutboxError>)>,
    pub(crate) events: Receiver<Event>,
}

impl TestOutbox {
    pub(crate) fn open(settings: Settings, client: Option<Arc<Client>>) -> Self {
        let (replies, replied) = mpsc::channel();
        let (events, happened) = mpsc::channel();
        let outbox = Outbox::open(settings, client, Channels { replies, events }).expect("a thread");
        Self { outbox, replies: replied, events: happened }
    }

    pub(crate) fn ask(&self, command: Command) -> Result<Reply, OutboxError> {
        assert!(self.outbox.submit(move || vec![(1, command)]), "it is closed");
        self.replies.recv_timeout(TIMEOUT).expect("a reply").1
    }

    pub(crate) fn record(&self, new: NewEntry) -> bool {
        match self.ask(Command::Record(new)) {
            Ok(Reply::Recorded { is_duplicate, .. }) => !is_duplicate,
            other => unreachable!("not recorded: {other:?}"),
        }
    }

    pub(crate) fn drained(&self) {
        assert_eq!(self.ask(Command::Drained).expect("drained"), Reply::Done);
    }

    pub(crate) fn stats(&self) -> Stats {
        match self.ask(Command::Stats) {
            Ok(Reply::Stats(stats)) => stats,
            other => unreachable!("no stats: {other:?}"),
        }
    }

    /// Waits for an event that `wanted` accepts.
    pub(crate) fn next<T>(&self, wanted: impl Fn(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.events.recv_timeout(TIMEOUT).expect("an event")) {
                return found;
            }
        }
    }

    pub(crate) fn close(self) {
        assert_eq!(self.ask(Command::Close(Duration::from_secs(5))).expect("closed"), Reply::Done);
    }
}
