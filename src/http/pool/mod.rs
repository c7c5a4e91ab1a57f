//! The queue before the lanes: requests wait here in order, cheaply, until `lanes` has a slot for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

pub mod lanes;

use lanes::{Lanes, Slot};

/// The pool of one destination.
pub struct Pool {
    state: Mutex<State>,
}

struct State {
    lanes: Lanes,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// Permission to send one request on one lane; given back when dropped.
pub struct Permit {
    pool: Arc<Pool>,
    slot: Slot,
}

impl Pool {
    /// A pool for a destination nobody has connected to yet.
    pub fn new(is_https: bool, max_connections: usize) -> Arc<Self> {
        let lanes = Lanes::new(is_https, max_connections, Instant::now());
        Arc::new(Self { state: Mutex::new(State { lanes, waiting: VecDeque::new() }) })
    }

    /// Waits for a slot. First come, first served; dropping the future leaves the queue.
    pub async fn permit(self: &Arc<Self>) -> Permit {
        loop {
            let ticket = {
                let mut state = self.state();
                if state.waiting.is_empty()
                    && let Some(slot) = state.lanes.admit(Instant::now())
                {
                    return self.issue(slot);
                }
                let (sender, ticket) = oneshot::channel();
                state.waiting.push_back(sender);
                ticket
            };
            self.admit_waiting();
            // The sender is dropped only with the whole pool, which `self` keeps alive.
            if let Ok(permit) = ticket.await {
                return permit;
            }
        }
    }

    /// A lane's connection stands.
    pub fn connected(self: &Arc<Self>, lane: usize, generation: u64, is_http2: bool) {
        self.state().lanes.connected(lane, generation, is_http2);
        self.admit_waiting();
    }

    /// A lane's connection takes so long that another lane may try.
    pub fn stalled(self: &Arc<Self>, lane: usize, generation: u64) {
        self.state().lanes.stalled(lane, generation);
        self.admit_waiting();
    }

    fn issue(self: &Arc<Self>, slot: Slot) -> Permit {
        Permit { pool: Arc::clone(self), slot }
    }

    fn admit_waiting(self: &Arc<Self>) {
        loop {
            let (sender, permit) = {
                let mut state = self.state();
                while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
                    state.waiting.pop_front();
                }
                if state.waiting.is_empty() {
                    return;
                }
                let Some(slot) = state.lanes.admit(Instant::now()) else { return };
                let Some(sender) = state.waiting.pop_front() else { return };
                (sender, self.issue(slot))
            };
            // A permit nobody takes is dropped here, outside the lock that giving it back needs.
            drop(sender.send(permit));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The lane to use.
    pub fn lane(&self) -> usize {
        self.slot.lane
    }

    /// Whether the connection carries other requests meanwhile.
    pub fn is_shared(&self) -> bool {
        self.pool.state().lanes.is_shared()
    }

    /// Whether the connection had no other request.
    pub fn was_idle(&self) -> bool {
        self.slot.was_idle
    }

    /// Whether this request opens the lane's connection.
    pub fn leads(&self) -> bool {
        self.slot.leads
    }

    /// Which of the lane's connections this request is meant for.
    pub fn generation(&self) -> u64 {
        self.slot.generation
    }

    /// The connection broke, could not be made, or does not answer.
    pub fn lost(&self) {
        self.pool.state().lanes.lost(self.slot);
    }

    /// The server announced for how long it keeps the connection when it is idle.
    pub fn keep_alive(&self, announced: Duration) {
        self.pool.state().lanes.keep_alive(self.slot, announced);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.pool.state().lanes.release(self.slot, Instant::now());
        self.pool.admit_waiting();
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test fails by it")]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn waiting_requests_are_served_in_order_and_may_leave() {
        let pool = Pool::new(false, 1);
        let mut first = Box::pin(pool.permit());
        let Poll::Ready(leader) = poll(&mut first) else { panic!("the first one leads") };
        let mut second = Box::pin(pool.permit());
        let mut third = Box::pin(pool.permit());
        let mut fourth = Box::pin(pool.permit());
        assert!(poll(&mut second).is_pending() && poll(&mut third).is_pending() && poll(&mut fourth).is_pending());
        pool.connected(0, 1, false);
        drop(second);
        drop(leader);
        assert!(poll(&mut fourth).is_pending());
        let Poll::Ready(permit) = poll(&mut third) else { panic!("the next in the queue is due") };
        drop(permit);
        assert!(poll(&mut fourth).is_ready());
    }
}
