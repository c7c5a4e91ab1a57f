//! The server's side of the benchmark: connections, requests and its own CPU time.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Counters of one server. Everything runs on one thread, so plain cells do.
#[derive(Default)]
pub struct Stats {
    opened: Cell<u64>,
    open: Cell<u64>,
    peak: Cell<u64>,
    requests: Cell<u64>,
    cpu_at_reset: Cell<Duration>,
}

/// Counts its connection as open for as long as it lives.
pub struct OpenConnection(Rc<Stats>);

impl Stats {
    /// Notes an accepted connection.
    pub fn connection(self: &Rc<Self>) -> OpenConnection {
        self.opened.set(self.opened.get() + 1);
        self.open.set(self.open.get() + 1);
        self.peak.set(self.peak.get().max(self.open.get()));
        OpenConnection(Rc::clone(self))
    }

    /// Notes a request whose head has arrived, and returns its number since the last reset.
    pub fn request(&self) -> u64 {
        self.requests.set(self.requests.get() + 1);
        self.requests.get()
    }

    /// Starts counting afresh; connections that are still open stay counted as open, not as opened.
    pub fn reset(&self) {
        self.opened.set(0);
        self.peak.set(self.open.get());
        self.requests.set(0);
        self.cpu_at_reset.set(process_cpu());
    }

    /// The counters since the last reset.
    pub fn json(&self) -> String {
        let cpu = process_cpu().saturating_sub(self.cpu_at_reset.get());
        serde_json::json!({
            "opened": self.opened.get(),
            "open": self.open.get(),
            "peak": self.peak.get(),
            "requests": self.requests.get(),
            "cpuMs": cpu.as_secs_f64() * 1e3,
        })
        .to_string()
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

fn process_cpu() -> Duration {
    cpu_time::ProcessTime::now().as_duration()
}
