//! The I/O thread of the process.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};

type Job = Box<dyn FnOnce() + Send>;

static JOBS: Mutex<Option<mpsc::UnboundedSender<Job>>> = Mutex::new(None);

thread_local! {
    static DEFERRED: Deferred = Deferred::default();
}

#[derive(Default)]
struct Deferred {
    jobs: RefCell<Vec<Box<dyn FnOnce()>>>,
    added: Arc<Notify>,
}

/// Runs a job on the I/O thread, starting the thread if this is the first. All envs of the process share it.
pub(crate) fn run(job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut jobs = JOBS.lock().unwrap_or_else(PoisonError::into_inner);
    if jobs.is_none() {
        *jobs = Some(start()?);
    }
    match jobs.as_ref().map(|jobs| jobs.send(Box::new(job))) {
        Some(Ok(())) => Ok(()),
        // The thread has died, which no code here causes: the next job starts another one.
        _ => {
            *jobs = None;
            Err(io::Error::other("the I/O thread has ended"))
        }
    }
}

/// On the I/O thread: runs a job once everything that is ready has run.
pub(crate) fn defer(job: impl FnOnce() + 'static) {
    DEFERRED.with(|deferred| {
        let mut jobs = deferred.jobs.borrow_mut();
        if jobs.is_empty() {
            deferred.added.notify_one();
        }
        jobs.push(Box::new(job));
    });
}

fn start() -> io::Result<mpsc::UnboundedSender<Job>> {
    let (sender, mut receiver) = mpsc::unbounded_channel::<Job>();
    let runtime = new_runtime()?;
    thread::Builder::new().name("refport-io".to_owned()).spawn(move || {
        runtime.block_on(async move {
            while let Some(job) = receiver.recv().await {
                contained(job);
            }
        });
    })?;
    Ok(sender)
}

fn new_runtime() -> io::Result<Runtime> {
    // Blocking threads only resolve names.
    let runtime = Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(4).build()?;
    runtime.spawn(run_deferred());
    Ok(runtime)
}

/// Runs a test's future as if its thread were the I/O thread.
#[cfg(test)]
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    new_runtime().expect("a runtime").block_on(future)
}

async fn run_deferred() {
    let added = DEFERRED.with(|deferred| Arc::clone(&deferred.added));
    loop {
        added.notified().await;
        tokio::task::yield_now().await;
        for job in DEFERRED.with(|deferred| deferred.jobs.take()) {
            contained(job);
        }
    }
}

/// A panic ends one job, not the thread; unwinding settles what the job owes to JavaScript.
fn contained(job: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(job)));
}
