//! Which entry is sent next: entries of one customer one after the other, in the order of their numbers.
//!
//! Holds only the number and the customer of an entry: 100 000 waiting entries take a few megabytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

/// An entry that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScheduledEntry {
    /// The entry's number.
    pub(crate) seq: i64,
    /// A digest of its customer.
    pub(crate) customer: i64,
}

/// The entries that are due or being sent. Of each customer, one at a time is *active*: ready, delayed or taken.
#[derive(Default)]
pub(crate) struct Schedule {
    /// All of them, by customer and number.
    entries: BTreeSet<(i64, i64)>,
    /// Active entries that may be sent now.
    ready: BTreeMap<i64, ScheduledEntry>,
    /// Active entries that back off.
    delayed: BTreeMap<(Instant, i64), ScheduledEntry>,
    /// When the backoff of a delayed entry ends.
    due: HashMap<i64, Instant>,
    /// Active entries that are being sent.
    taken: HashMap<i64, ScheduledEntry>,
}

impl Schedule {
    /// Entries that are due, and others that are being sent.
    pub(crate) fn resume(due: Vec<ScheduledEntry>, on_wire: impl Iterator<Item = ScheduledEntry>) -> Self {
        let mut schedule = Self::default();
        for entry in on_wire {
            schedule.entries.insert((entry.customer, entry.seq));
            schedule.taken.insert(entry.seq, entry);
        }
        for entry in due {
            schedule.add(entry);
        }
        schedule
    }

    /// Adds an entry, unless it is known.
    pub(crate) fn add(&mut self, entry: ScheduledEntry) {
        let ScheduledEntry { seq, customer } = entry;
        let is_customer_active = self.first_of(customer).is_some();
        if self.entries.insert((customer, seq)) && !is_customer_active {
            self.ready.insert(seq, entry);
        }
    }

    /// Takes the oldest entry that may be sent.
    pub(crate) fn take(&mut self, now: Instant) -> Option<ScheduledEntry> {
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            let entry = entry.remove();
            self.due.remove(&entry.seq);
            self.ready.insert(entry.seq, entry);
        }
        let (seq, entry) = self.ready.pop_first()?;
        self.taken.insert(seq, entry);
        Some(entry)
    }

    /// A taken entry is gone or parked: the customer's next is ready.
    pub(crate) fn finish(&mut self, seq: i64) {
        if let Some(entry) = self.taken.remove(&seq) {
            self.forget(entry);
        }
    }

    /// A taken entry is to be sent again, not before `due`.
    pub(crate) fn retry(&mut self, seq: i64, due: Option<Instant>) {
        let Some(entry) = self.taken.remove(&seq) else { return };
        if let Some(due) = due {
            self.due.insert(seq, due);
            self.delayed.insert((due, seq), entry);
        } else {
            self.ready.insert(seq, entry);
        }
    }

    /// Removes an entry that is not being sent.
    pub(crate) fn remove(&mut self, entry: ScheduledEntry) {
        let ScheduledEntry { seq, customer } = entry;
        let was_ready = self.ready.remove(&seq).is_some();
        let was_delayed = self.due.remove(&seq).is_some_and(|due| self.delayed.remove(&(due, seq)).is_some());
        if was_ready || was_delayed {
            self.forget(entry);
        } else if !self.taken.contains_key(&seq) {
            self.entries.remove(&(customer, seq));
        }
    }

    /// When the next backoff ends.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.delayed.keys().next().map(|(due, _)| *due)
    }

    /// Whether an entry may be sent now.
    pub(crate) fn is_ready(&self, now: Instant) -> bool {
        !self.ready.is_empty() || self.next_due().is_some_and(|due| due <= now)
    }

    /// Whether nothing is due and nothing is being sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets an active entry and makes the customer's next ready.
    fn forget(&mut self, ScheduledEntry { seq, customer }: ScheduledEntry) {
        self.entries.remove(&(customer, seq));
        if let Some(next) = self.first_of(customer) {
            self.ready.insert(next.seq, next);
        }
    }

    fn first_of(&self, customer: i64) -> Option<ScheduledEntry> {
        let &(_, seq) = self.entries.range((customer, i64::MIN)..=(customer, i64::MAX)).next()?;
        Some(ScheduledEntry { seq, customer })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn entry(seq: i64, customer: i64) -> ScheduledEntry {
        ScheduledEntry { seq, customer }
    }

    fn taken(schedule: &mut Schedule) -> Vec<i64> {
        let now = Instant::now();
        std::iter::from_fn(|| schedule.take(now)).map(|entry| entry.seq).collect()
    }

    #[test]
    fn one_of_each_customer_at_a_time() {
        let mut schedule = Schedule::default();
        for (seq, customer) in [(1, 7), (2, 7), (3, 8), (4, 7)] {
            schedule.add(entry(seq, customer));
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
            schedule.add(entry(seq, customer));
        }
        assert_eq!(schedule.take(now).map(|entry| entry.seq), Some(1));
        schedule.retry(1, Some(due));
        assert_eq!(schedule.take(now).map(|entry| entry.seq), Some(3));
        assert_eq!(schedule.take(now), None);
        assert_eq!(schedule.next_due(), Some(due));
        assert!(!schedule.is_ready(now) && schedule.is_ready(due));
        assert_eq!(schedule.take(due).map(|entry| entry.seq), Some(1));
    }

    #[test]
    fn an_entry_that_was_held_joins_while_a_later_one_of_its_customer_is_active() {
        for is_taken in [false, true] {
            let mut schedule = Schedule::default();
            schedule.add(entry(5, 7));
            if is_taken {
                assert_eq!(taken(&mut schedule), [5]);
            }
            schedule.add(entry(2, 7));
            schedule.add(entry(6, 7));
            if !is_taken {
                assert_eq!(taken(&mut schedule), [5]);
            }
            assert_eq!(taken(&mut schedule), [0; 0], "one at a time");
            schedule.finish(5);
            assert_eq!(taken(&mut schedule), [2]);
            schedule.finish(2);
            assert_eq!(taken(&mut schedule), [6]);
        }
    }

    #[test]
    fn removing_an_active_entry_lets_the_next_go() {
        let mut schedule = Schedule::default();
        for seq in 1..=3 {
            schedule.add(entry(seq, 7));
        }
        schedule.remove(entry(1, 7));
        schedule.remove(entry(3, 7));
        assert_eq!(taken(&mut schedule), [2]);
        schedule.remove(entry(2, 7));
        assert!(schedule.taken.contains_key(&2), "what is being sent stays");
        schedule.retry(2, Some(Instant::now() + Duration::from_secs(60)));
        schedule.add(entry(4, 7));
        schedule.remove(entry(2, 7));
        assert_eq!(taken(&mut schedule), [4]);
    }

    #[test]
    fn what_is_being_sent_comes_before_what_waits() {
        let mut schedule = Schedule::resume(vec![entry(1, 7), entry(2, 7), entry(3, 8)], [entry(1, 7)].into_iter());
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
                schedule.add(entry(seq, customer));
            }
            let mut wire: Vec<ScheduledEntry> = Vec::new();
            let mut sent: Vec<ScheduledEntry> = Vec::new();
            for (step, index) in steps {
                match step {
                    0 | 1 => if let Some(entry) = schedule.take(now) {
                        prop_assert!(wire.iter().all(|other| other.customer != entry.customer));
                        wire.push(entry);
                    },
                    2 if !wire.is_empty() => {
                        let entry = wire.remove(index.index(wire.len()));
                        schedule.finish(entry.seq);
                        sent.push(entry);
                    }
                    3 if !wire.is_empty() => {
                        let entry = wire.remove(index.index(wire.len()));
                        schedule.retry(entry.seq, (entry.seq % 3 == 0).then_some(now));
                    }
                    _ => {}
                }
            }
            loop {
                while let Some(entry) = schedule.take(now) {
                    wire.push(entry);
                }
                let Some(entry) = wire.pop() else { break };
                schedule.finish(entry.seq);
                sent.push(entry);
            }
            prop_assert!(schedule.is_empty());
            prop_assert_eq!(sent.len(), customers.len());
            for customer in 0..6 {
                let order: Vec<i64> =
                    sent.iter().filter(|entry| entry.customer == customer).map(|entry| entry.seq).collect();
                prop_assert!(order.is_sorted());
            }
        }
    }
}
