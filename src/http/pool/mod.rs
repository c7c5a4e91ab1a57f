//! The queue in front of the connections: requests wait here in order until `slots` has room for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

pub(crate) mod slots;

use slots::{Reservation, Slots};

/// The pool of one destination.
pub(crate) struct Pool {
    state: Mutex<State>,
}

struct State {
    slots: Slots,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

/// Permission to send one request on one connection; given back when dropped.
pub(crate) struct Permit {
    pool: Arc<Pool>,
    reservation: Reservation,
}

impl Pool {
    /// A pool without connections.
    pub(crate) fn new(may_be_http2: bool, max_connections: usize) -> Arc<Self> {
        let slots = Slots::new(may_be_http2, max_connections, Instant::now());
        Arc::new(Self { state: Mutex::new(State { slots, waiting: VecDeque::new() }) })
    }

    /// Waits for room. First come, first served; dropping the future leaves the queue.
    pub(crate) async fn permit(self: &Arc<Self>) -> Permit {
        loop {
            let ticket = {
                let mut state = self.state();
                if state.waiting.is_empty()
                    && let Some(reservation) = state.slots.reserve(Instant::now())
                {
                    return self.issue(reservation);
                }
                let (sender, ticket) = oneshot::channel();
                state.waiting.push_back(sender);
                ticket
            };
            self.serve_waiting();
            // The sender is dropped only with the whole pool, which `self` keeps alive.
            if let Ok(permit) = ticket.await {
                return permit;
            }
        }
    }

    /// A slot's connection is open.
    pub(crate) fn connected(self: &Arc<Self>, slot: usize, generation: u64, is_http2: bool) {
        self.state().slots.connected(slot, generation, is_http2);
        self.serve_waiting();
    }

    /// A slot's connection takes so long that another slot may try.
    pub(crate) fn stalled(self: &Arc<Self>, slot: usize, generation: u64) {
        self.state().slots.stalled(slot, generation);
        self.serve_waiting();
    }

    fn issue(self: &Arc<Self>, reservation: Reservation) -> Permit {
        Permit { pool: Arc::clone(self), reservation }
    }

    fn serve_waiting(self: &Arc<Self>) {
        loop {
            let (sender, permit) = {
                let mut state = self.state();
                while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
                    state.waiting.pop_front();
                }
                if state.waiting.is_empty() {
                    return;
                }
                let Some(reservation) = state.slots.reserve(Instant::now()) else { return };
                let Some(sender) = state.waiting.pop_front() else { return };
                (sender, self.issue(reservation))
            };
            // A permit that nobody takes is dropped here, outside the lock that giving it back needs.
            drop(sender.send(permit));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Which connection to use.
    pub(crate) fn reservation(&self) -> Reservation {
        self.reservation
    }

    /// Whether the connection carries other requests meanwhile.
    pub(crate) fn is_multiplexed(&self) -> bool {
        self.pool.state().slots.is_multiplexed()
    }

    /// The connection broke, could not be made, or does not answer.
    pub(crate) fn lost(&self) {
        self.pool.state().slots.lost(self.reservation);
    }

    /// The server announced how long it keeps the connection open when it is idle.
    pub(crate) fn keep_alive(&self, announced: Duration) {
        self.pool.state().slots.keep_alive(self.reservation, announced);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.pool.state().slots.release(self.reservation, Instant::now());
        self.pool.serve_waiting();
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
        let Poll::Ready(opener) = poll(&mut first) else { panic!("the first one opens the connection") };
        let mut second = Box::pin(pool.permit());
        let mut third = Box::pin(pool.permit());
        let mut fourth = Box::pin(pool.permit());
        assert!(poll(&mut second).is_pending() && poll(&mut third).is_pending() && poll(&mut fourth).is_pending());
        pool.connected(0, 1, false);
        drop(second);
        drop(opener);
        assert!(poll(&mut fourth).is_pending());
        let Poll::Ready(permit) = poll(&mut third) else { panic!("the next in the queue is due") };
        drop(permit);
        assert!(poll(&mut fourth).is_ready());
    }
}
