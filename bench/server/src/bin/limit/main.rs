//! The limit: the package's own HTTP client in a bare Rust loop, with no JavaScript anywhere.
//!
//! usage: bench-limit <sustained|burst> <base URL> <CA file or -> <concurrency> <warm-up ms> <measured ms> [clients]
//!
//! `sustained` keeps `concurrency` calls in flight and prints what the measured time gave; `burst` makes that many
//! calls at once in a cold process (times are ignored). Prints one JSON line.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Url};
use tokio::task::{JoinSet, LocalSet};

type Failure = Box<dyn Error>;

struct Target {
    clients: Vec<Client>,
    url: Url,
}

#[derive(Default)]
struct Load {
    started: Cell<u64>,
    calls: Cell<u64>,
    recording: Cell<bool>,
    stopped: Cell<bool>,
    latencies_us: RefCell<Vec<f64>>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, base_url, ca, concurrency, warm_ms, measured_ms, rest @ ..] = arguments.as_slice() else {
        return Err("usage: bench-limit <sustained|burst> <base URL> <CA file or -> <concurrency> <warm-up ms> <measured ms> [clients]".into());
    };
    let clients: usize = rest.first().map_or(Ok(1), |text| text.parse())?;
    let concurrency: usize = concurrency.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let target = Rc::new(Target {
        clients: (0..clients).map(|_| client(ca)).collect::<Result<_, _>>()?,
        url: Url::parse(&format!("{base_url}/api/track/lead"))?,
    });
    let result = match mode.as_str() {
        "sustained" => {
            let warm = Duration::from_millis(warm_ms.parse()?);
            let measured = Duration::from_millis(measured_ms.parse()?);
            LocalSet::new().block_on(&runtime, sustained(target, concurrency, warm, measured))?
        }
        "burst" => LocalSet::new().block_on(&runtime, burst(target, concurrency))?,
        other => return Err(format!("unknown mode {other}").into()),
    };
    println!("{result}");
    Ok(())
}

fn client(ca: &str) -> Result<Client, Failure> {
    let mut builder = Client::builder().no_proxy();
    if ca != "-" {
        let certificate = reqwest::Certificate::from_pem(&std::fs::read(ca)?)?;
        builder = builder.tls_certs_only([certificate]);
    }
    Ok(builder.build()?)
}

async fn call(target: &Target, serial: u64) -> Result<(), reqwest::Error> {
    let body = format!(
        r#"{{"clickId":"clk_9f8b2c7d4e6a1053","eventName":"Sign up","customerExternalId":"user_{serial}","customerEmail":"ada@example.com","customerName":"Ada Lovelace","metadata":{{"plan":"team","seats":5}}}}"#
    );
    #[expect(clippy::cast_possible_truncation, reason = "only picks a client")]
    let client = &target.clients[serial as usize % target.clients.len()];
    let response = client
        .post(target.url.clone())
        .header(AUTHORIZATION, "Bearer rk_bench_0123456789abcdef")
        .header(CONTENT_TYPE, "application/json")
        .body(body)
        .send()
        .await?
        .error_for_status()?;
    response.bytes().await.map(drop)
}

async fn sustained(
    target: Rc<Target>,
    concurrency: usize,
    warm: Duration,
    measured: Duration,
) -> Result<serde_json::Value, Failure> {
    let load = Rc::new(Load::default());
    let mut tasks = JoinSet::new();
    for _ in 0..concurrency {
        let (target, load) = (Rc::clone(&target), Rc::clone(&load));
        tasks.spawn_local(async move {
            while !load.stopped.get() {
                let serial = load.started.get();
                load.started.set(serial + 1);
                let started = Instant::now();
                call(&target, serial).await.map_err(|error| error.to_string())?;
                load.calls.set(load.calls.get() + 1);
                if load.recording.get() {
                    load.latencies_us.borrow_mut().push(started.elapsed().as_secs_f64() * 1e6);
                }
            }
            Ok::<_, String>(())
        });
    }
    tokio::time::sleep(warm).await;
    // Slow starters get the time to open all of their connections.
    while load.calls.get() < 2 * concurrency as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (calls, cpu, started) = (load.calls.get(), ProcessTime::now(), Instant::now());
    tokio::time::sleep(measured).await;
    let (calls, cpu, elapsed) = (load.calls.get() - calls, cpu.elapsed(), started.elapsed());
    load.recording.set(true);
    tokio::time::sleep(measured).await;
    load.stopped.set(true);
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let mut latencies = load.latencies_us.take();
    latencies.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let calls = calls as f64;
    Ok(serde_json::json!({
        "callsPerSecond": calls / elapsed.as_secs_f64(),
        "processCpuUs": cpu.as_secs_f64() * 1e6 / calls,
        "p50Us": percentile(&latencies, 50),
        "p99Us": percentile(&latencies, 99),
    }))
}

async fn burst(target: Rc<Target>, size: usize) -> Result<serde_json::Value, Failure> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for serial in 0..size {
        let target = Rc::clone(&target);
        tasks.spawn_local(async move { call(&target, serial as u64).await });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(serde_json::json!({ "burstMs": started.elapsed().as_secs_f64() * 1e3 }))
}

fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((sorted.len() * percent / 100).min(last)).copied()
}
