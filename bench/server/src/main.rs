//! The server that every client of the benchmark calls: answers each POST with the same lead or sale response.
//!
//! Three listeners on loopback: plain HTTP/1.1, TLS (h2 and http/1.1 by ALPN), and a control port with
//! `GET /stats` and `POST /reset`, apart so that asking does not count. Paths under `/delay20/` are answered
//! after 20 ms, and so on; under `/delay5/fail5/`, one of 5 answers is 500. Prints one JSON line with its addresses, and ends when its standard input does, so that it
//! never outlives the harness.

mod stats;
mod tls;

use std::convert::Infallible;
use std::error::Error;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::rt::{Read as HyperRead, Write as HyperWrite};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsAcceptor;

use stats::Stats;

const LEAD: &[u8] = br#"{"eventName":"Sign up","click":{"id":"clk_9f8b2c7d4e6a1053"},"link":{"id":"lnk_5b1d0c9e8f7a","domain":"refp.example","key":"partner-42","url":"https://shop.example/pricing?plan=team","programId":"prg_7c3e1a90"},"customer":{"externalId":"user_184467","email":"ada@example.com","name":"Ada Lovelace"}}"#;
const SALE: &[u8] = br#"{"eventName":"Purchase","customer":{"externalId":"user_184467","email":"ada@example.com","name":"Ada Lovelace"},"sale":{"id":"sal_8c1d2e3f4a5b","amount":4900,"currency":"usd","commissionAmount":980,"status":"pending","invoiceId":"in_1184467","paymentProcessor":"custom"}}"#;
const FAILURE: &[u8] = br#"{"error":{"code":"INTERNAL_SERVER_ERROR","message":"no"}}"#;
/// The limit of nginx and AWS's load balancer; hyper's own default is 200.
const STREAMS_PER_CONNECTION: u32 = 128;

fn main() -> Result<(), Box<dyn Error>> {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin().lock().by_ref(), &mut std::io::sink());
        std::process::exit(0);
    });
    let ca_path: PathBuf =
        std::env::args_os().nth(1).ok_or("usage: bench-server <file to write the CA certificate to>")?.into();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(ca_path))
}

async fn serve(ca_path: PathBuf) -> Result<(), Box<dyn Error>> {
    let (tls_config, ca_pem) = tls::server_config()?;
    std::fs::write(&ca_path, ca_pem)?;
    let plain = listen().await?;
    let tls = listen().await?;
    let control = listen().await?;
    let line = serde_json::json!({
        "plain": plain.local_addr()?.port(),
        "tls": tls.local_addr()?.port(),
        "control": control.local_addr()?.port(),
        "ca": ca_path,
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;

    let stats = Rc::new(Stats::default());
    spawn_local(serve_control(control, Rc::clone(&stats)));
    spawn_local(serve_plain(plain, Rc::clone(&stats)));
    serve_tls(tls, TlsAcceptor::from(tls_config), stats).await;
    Ok(())
}

/// A cold burst opens a thousand connections at once: the backlog has to take them.
async fn listen() -> std::io::Result<TcpListener> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(4096)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return stream;
            }
            // Out of file descriptors, or the peer is gone already.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn serve_plain(listener: TcpListener, stats: Rc<Stats>) {
    loop {
        let stream = accept(&listener).await;
        let stats = Rc::clone(&stats);
        spawn_local(async move {
            let _open = stats.connection();
            serve_http1(TokioIo::new(stream), &stats).await;
        });
    }
}

async fn serve_tls(listener: TcpListener, acceptor: TlsAcceptor, stats: Rc<Stats>) {
    loop {
        let stream = accept(&listener).await;
        let (acceptor, stats) = (acceptor.clone(), Rc::clone(&stats));
        spawn_local(async move {
            let _open = stats.connection();
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                serve_http2(TokioIo::new(stream), &stats).await;
            } else {
                serve_http1(TokioIo::new(stream), &stats).await;
            }
        });
    }
}

async fn serve_http1<Io: HyperRead + HyperWrite + Unpin + 'static>(io: Io, stats: &Rc<Stats>) {
    // Ends in an error when the client resets its connection: nothing to do about that.
    let _ = http1::Builder::new().serve_connection(io, service_fn(|request| answer(request, Rc::clone(stats)))).await;
}

async fn serve_http2<Io: HyperRead + HyperWrite + Unpin + 'static>(io: Io, stats: &Rc<Stats>) {
    let _ = http2::Builder::new(LocalExecutor)
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .serve_connection(io, service_fn(|request| answer(request, Rc::clone(stats))))
        .await;
}

async fn answer(request: Request<Incoming>, stats: Rc<Stats>) -> Result<Response<Full<Bytes>>, Infallible> {
    let nth = stats.request();
    let path = request.uri().path();
    let delay = number_in(path, "delay");
    let fails = number_in(path, "fail").is_some_and(|part| nth.is_multiple_of(part));
    let answer = if path.ends_with("/sale") { SALE } else { LEAD };
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        if frame.is_err() {
            break;
        }
    }
    if let Some(milliseconds) = delay {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let mut response = Response::new(Full::new(Bytes::from_static(if fails { FAILURE } else { answer })));
    if fails {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The number behind `name` in a segment of the path: 20 in `/delay20/`.
fn number_in(path: &str, name: &str) -> Option<u64> {
    path.split('/').find_map(|segment| segment.strip_prefix(name)?.parse().ok())
}

async fn serve_control(listener: TcpListener, stats: Rc<Stats>) {
    loop {
        let stream = accept(&listener).await;
        let stats = Rc::clone(&stats);
        let service = service_fn(move |request: Request<Incoming>| {
            let text = match request.uri().path() {
                "/stats" => Some(stats.json()),
                "/reset" => {
                    stats.reset();
                    Some("{}".to_owned())
                }
                _ => None,
            };
            let mut response = Response::new(Full::new(Bytes::from(text.clone().unwrap_or_default())));
            if text.is_none() {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            async { Ok::<_, Infallible>(response) }
        });
        spawn_local(async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Runs hyper's h2 tasks on the one thread there is.
#[derive(Clone)]
struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}
