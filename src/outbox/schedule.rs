//! Which entry is sent next: entries of one customer one after the other, in the order of their numbers.
//!
//! Holds no more of an entry than its number, its customer and whether it may be repeated: 100 000 waiting entries take a
//! few megabytes.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// An entry to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The entry's number.
    pub seq: i64,
    /// Its customer.
    pub customer: i64,
    /// Whether the API recognises a repetition.
    pub is_idempotent: bool,
}

/// The entries that wait, and those whose turn it is.
#[derive(Default)]
pub struct Schedule {
    /// All that are pending or on the wire, by customer and number.
    entries: BTreeMap<(i64, i64), bool>,
    /// The first of each customer that may be sent now.
    ready: BTreeMap<i64, Turn>,
    /// The first of each customer that has to wait for its own retry.
    delayed: BTreeMap<(Instant, i64), Turn>,
    /// What is on the wire.
    taken: HashMap<i64, Turn>,
}

impl Schedule {
    /// Entries that wait, and others that are on the wire.
    pub fn resume(waiting: Vec<Turn>, on_wire: impl Iterator<Item = Turn>) -> Self {
        let mut schedule = Self::default();
        for turn in on_wire {
            schedule.entries.insert((turn.customer, turn.seq), turn.is_idempotent);
            schedule.taken.insert(turn.seq, turn);
        }
        for turn in waiting {
            schedule.add(turn);
        }
        schedule
    }

    /// Adds an entry; one that is known already is left as it is.
    pub fn add(&mut self, turn: Turn) {
        let Turn { seq, customer, is_idempotent } = turn;
        let first = self.first_of(customer);
        if self.entries.insert((customer, seq), is_idempotent).is_some() {
            return;
        }
        // A lower number arrives later only after a reload, when nothing of its customer is under way.
        if first.is_none() {
            self.ready.insert(seq, turn);
        }
    }

    /// Takes the entry whose turn it is. `is_probe`: prefers one that may be repeated, as nothing is known of the API.
    pub fn take(&mut self, now: Instant, is_probe: bool) -> Option<Turn> {
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            let turn = entry.remove();
            self.ready.insert(turn.seq, turn);
        }
        let harmless = || self.ready.values().find(|turn| turn.is_idempotent).map(|turn| turn.seq);
        let seq = is_probe.then(harmless).flatten().or_else(|| self.ready.keys().next().copied())?;
        let turn = self.ready.remove(&seq)?;
        self.taken.insert(seq, turn);
        Some(turn)
    }

    /// An entry is gone or parked: the customer's next is ready.
    pub fn finish(&mut self, seq: i64) {
        let Some(turn) = self.taken.remove(&seq) else { return };
        self.entries.remove(&(turn.customer, seq));
        if let Some(next) = self.first_of(turn.customer) {
            self.ready.insert(next.seq, next);
        }
    }

    /// An entry is to be sent again, not before `due`.
    pub fn retry(&mut self, seq: i64, due: Option<Instant>) {
        let Some(turn) = self.taken.remove(&seq) else { return };
        match due {
            Some(due) => self.delayed.insert((due, seq), turn),
            None => self.ready.insert(seq, turn),
        };
    }

    /// Takes out an entry that is not on the wire.
    pub fn remove(&mut self, turn: Turn) {
        if self.taken.contains_key(&turn.seq) {
            return;
        }
        let was_first = self.first_of(turn.customer).is_some_and(|first| first.seq == turn.seq);
        self.entries.remove(&(turn.customer, turn.seq));
        if was_first {
            self.ready.remove(&turn.seq);
            self.delayed.retain(|(_, seq), _| *seq != turn.seq);
            if let Some(next) = self.first_of(turn.customer) {
                self.ready.insert(next.seq, next);
            }
        }
    }

    /// Retries that were put off are ready: what they waited for is over.
    pub fn hurry(&mut self) {
        while let Some((_, turn)) = self.delayed.pop_first() {
            self.ready.insert(turn.seq, turn);
        }
    }

    /// When the next retry is due, if nothing is ready before.
    pub fn next_due(&self) -> Option<Instant> {
        self.delayed.keys().next().map(|(due, _)| *due)
    }

    /// Whether an entry could be sent now.
    pub fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether this entry is on the wire.
    pub fn is_taken(&self, seq: i64) -> bool {
        self.taken.contains_key(&seq)
    }

    /// Whether nothing waits and nothing is on the wire.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn first_of(&self, customer: i64) -> Option<Turn> {
        let (&(_, seq), &is_idempotent) = self.entries.range((customer, i64::MIN)..=(customer, i64::MAX)).next()?;
        Some(Turn { seq, customer, is_idempotent })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn turn(seq: i64, customer: i64) -> Turn {
        Turn { seq, customer, is_idempotent: seq % 2 == 0 }
    }

    fn taken(schedule: &mut Schedule) -> Vec<i64> {
        let now = Instant::now();
        std::iter::from_fn(|| schedule.take(now, false)).map(|turn| turn.seq).collect()
    }

    #[test]
    fn one_of_each_customer_at_a_time() {
        let mut schedule = Schedule::default();
        for (seq, customer) in [(1, 7), (2, 7), (3, 8), (4, 7)] {
            schedule.add(turn(seq, customer));
        }
        assert_eq!(taken(&mut schedule), [1, 3]);
        schedule.finish(1);
        assert_eq!(taken(&mut schedule), [2]);
        schedule.retry(2, None);
        assert_eq!(taken(&mut schedule), [2], "a retry comes before what was recorded later");
        schedule.finish(2);
        schedule.finish(3);
        assert_eq!(taken(&mut schedule), [4]);
        schedule.finish(4);
        assert!(schedule.is_empty());
    }

    #[test]
    fn a_delayed_entry_holds_up_its_customer_alone() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        let due = now + Duration::from_secs(5);
        for (seq, customer) in [(1, 7), (2, 7), (3, 8)] {
            schedule.add(turn(seq, customer));
        }
        assert_eq!(schedule.take(now, false).map(|turn| turn.seq), Some(1));
        schedule.retry(1, Some(due));
        assert_eq!(schedule.take(now, false).map(|turn| turn.seq), Some(3));
        assert_eq!(schedule.take(now, false), None);
        assert_eq!(schedule.next_due(), Some(due));
        assert_eq!(schedule.take(due, false).map(|turn| turn.seq), Some(1));
        schedule.retry(1, Some(due + Duration::from_secs(60)));
        schedule.hurry();
        assert_eq!(schedule.take(now, false).map(|turn| turn.seq), Some(1));
    }

    #[test]
    fn a_probe_prefers_what_may_be_repeated() {
        let mut schedule = Schedule::default();
        for seq in [1, 3, 4] {
            schedule.add(turn(seq, seq));
        }
        assert_eq!(schedule.take(Instant::now(), true).map(|turn| turn.seq), Some(4));
        assert_eq!(schedule.take(Instant::now(), true).map(|turn| turn.seq), Some(1));
    }

    #[test]
    fn removing_the_first_lets_the_next_go() {
        let mut schedule = Schedule::default();
        for seq in 1..=3 {
            schedule.add(turn(seq, 7));
        }
        schedule.remove(turn(1, 7));
        schedule.remove(turn(3, 7));
        assert_eq!(taken(&mut schedule), [2]);
        schedule.remove(turn(2, 7));
        assert!(schedule.is_taken(2), "what is on the wire stays");
    }

    #[test]
    fn what_is_on_the_wire_comes_before_what_waits() {
        let mut schedule = Schedule::resume(vec![turn(1, 7), turn(2, 7), turn(3, 8)], [turn(1, 7)].into_iter());
        assert_eq!(taken(&mut schedule), [3]);
        schedule.finish(1);
        assert_eq!(taken(&mut schedule), [2]);
    }

    proptest! {
        #[test]
        fn every_entry_is_sent_once_and_in_its_customers_order(
            customers in prop::collection::vec(0i64..6, 1..60),
            steps in prop::collection::vec((0u8..4, any::<prop::sample::Index>()), 0..300),
        ) {
            let mut schedule = Schedule::default();
            let now = Instant::now();
            for (seq, &customer) in (1..).zip(&customers) {
                schedule.add(turn(seq, customer));
            }
            let mut wire: Vec<Turn> = Vec::new();
            let mut sent: Vec<Turn> = Vec::new();
            for (step, index) in steps {
                match step {
                    0 | 1 => if let Some(turn) = schedule.take(now, step == 1) {
                        prop_assert!(wire.iter().all(|other| other.customer != turn.customer));
                        wire.push(turn);
                    },
                    2 if !wire.is_empty() => {
                        let turn = wire.remove(index.index(wire.len()));
                        schedule.finish(turn.seq);
                        sent.push(turn);
                    }
                    3 if !wire.is_empty() => {
                        let turn = wire.remove(index.index(wire.len()));
                        schedule.retry(turn.seq, (turn.seq % 3 == 0).then_some(now));
                    }
                    _ => {}
                }
            }
            loop {
                while let Some(turn) = schedule.take(now, false) {
                    wire.push(turn);
                }
                let Some(turn) = wire.pop() else { break };
                schedule.finish(turn.seq);
                sent.push(turn);
            }
            prop_assert!(schedule.is_empty());
            prop_assert_eq!(sent.len(), customers.len());
            for customer in 0..6 {
                let order: Vec<i64> =
                    sent.iter().filter(|turn| turn.customer == customer).map(|turn| turn.seq).collect();
                prop_assert!(order.is_sorted());
            }
        }
    }
}
