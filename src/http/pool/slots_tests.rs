use super::*;
use proptest::prelude::*;

fn reserve_all(slots: &mut Slots, now: Instant) -> Vec<Reservation> {
    std::iter::from_fn(|| slots.reserve(now)).collect()
}

/// Slots with one connection, and the request that opened it.
fn connected(may_be_http2: bool, is_http2: bool) -> (Slots, Reservation, Instant) {
    let now = Instant::now();
    let mut slots = Slots::new(may_be_http2, 64, now);
    let opener = slots.reserve(now).expect("room");
    slots.connected(opener.slot, opener.generation, is_http2);
    (slots, opener, now)
}

#[test]
fn a_new_destination_is_opened_by_one_request() {
    let now = Instant::now();
    for may_be_http2 in [false, true] {
        let mut slots = Slots::new(may_be_http2, 64, now);
        assert_eq!(
            reserve_all(&mut slots, now),
            [Reservation { slot: 0, opens_connection: true, generation: 1, was_idle: false }]
        );
    }
}

#[test]
fn http1_opens_up_to_its_bound_once_connected() {
    let (mut slots, opener, now) = connected(true, false);
    let rest = reserve_all(&mut slots, now);
    assert_eq!(rest.iter().filter(|reservation| reservation.opens_connection).count(), 63);
    slots.release(opener, now);
    assert_eq!(reserve_all(&mut slots, now), [Reservation { opens_connection: false, was_idle: true, ..opener }]);
}

#[test]
fn http2_opens_another_connection_only_above_the_soft_limit() {
    let (mut slots, opener, now) = connected(true, true);
    let mut reservations = vec![opener];
    for _ in 1..SOFT_STREAM_LIMIT {
        reservations.push(slots.reserve(now).expect("room"));
    }
    assert!(reservations.iter().all(|reservation| reservation.slot == 0));
    assert_eq!(
        slots.reserve(now),
        Some(Reservation { slot: 1, opens_connection: true, generation: 1, was_idle: false })
    );
    // The rest still fits on the first connection while the others are being opened.
    let rest = reserve_all(&mut slots, now);
    assert_eq!(rest.iter().filter(|reservation| reservation.opens_connection).count(), MAX_HTTP2_CONNECTIONS - 2);
    assert_eq!(rest.iter().filter(|reservation| reservation.slot == 0).count(), MAX_STREAMS - SOFT_STREAM_LIMIT);
}

#[test]
fn http2_uses_the_first_connection_below_the_soft_limit() {
    let (mut slots, opener, now) = connected(true, true);
    let reservations = reserve_all(&mut slots, now);
    let other = *reservations.iter().find(|reservation| reservation.opens_connection).expect("another connection");
    slots.connected(other.slot, other.generation, true);
    for reservation in reservations {
        slots.release(reservation, now);
    }
    for _ in 1..SOFT_STREAM_LIMIT {
        assert_eq!(slots.reserve(now).map(|reservation| reservation.slot), Some(opener.slot));
    }
    assert_eq!(slots.reserve(now), Some(Reservation { opens_connection: false, was_idle: true, ..other }));
}

#[test]
fn a_connection_that_cannot_be_made_is_tried_again_by_the_next_request() {
    let now = Instant::now();
    let mut slots = Slots::new(true, 64, now);
    let opener = slots.reserve(now).expect("room");
    assert_eq!(slots.reserve(now), None);
    slots.release(opener, now);
    assert_eq!(
        slots.reserve(now),
        Some(Reservation { slot: 0, opens_connection: true, generation: 2, was_idle: false })
    );
}

#[test]
fn an_idle_destination_is_opened_by_one_request_again() {
    let (mut slots, opener, now) = connected(false, false);
    slots.release(opener, now);
    let later = now + IDLE_TIMEOUT;
    assert_eq!(slots.reserve(later).map(|reservation| reservation.opens_connection), Some(true));
    assert_eq!(slots.reserve(later), None);
}

#[test]
fn connections_that_idled_together_expire_together() {
    let (mut slots, opener, now) = connected(false, false);
    let others = [slots.reserve(now).expect("room"), slots.reserve(now).expect("room")];
    for reservation in others {
        slots.connected(reservation.slot, reservation.generation, false);
    }
    for reservation in [opener].into_iter().chain(others) {
        slots.release(reservation, now);
    }
    assert_eq!(reserve_all(&mut slots, now + IDLE_TIMEOUT).len(), 1, "nothing is connected, so one tries");
}

#[test]
fn after_a_change_to_http1_the_connection_used_last_comes_first() {
    let (mut slots, opener, now) = connected(true, true);
    let reservations = reserve_all(&mut slots, now);
    let others: Vec<_> = reservations.iter().filter(|reservation| reservation.opens_connection).copied().collect();
    for reservation in &others {
        slots.connected(reservation.slot, reservation.generation, true);
    }
    for (reservation, second) in reservations.iter().rev().chain([&opener]).zip(1..) {
        slots.release(*reservation, now + Duration::from_millis(second));
    }
    let later = now + Duration::from_secs(1);
    slots.connected(others[0].slot, others[0].generation, false);
    assert_eq!(slots.reserve(later), Some(Reservation { opens_connection: false, was_idle: true, ..opener }));
}

#[test]
fn http1_prefers_the_connection_that_was_used_last() {
    let (mut slots, first, now) = connected(false, false);
    let second = slots.reserve(now).expect("room");
    slots.connected(second.slot, second.generation, false);
    slots.release(second, now + Duration::from_millis(1));
    slots.release(first, now + Duration::from_millis(2));
    assert_eq!(slots.reserve(now + Duration::from_millis(3)).map(|reservation| reservation.slot), Some(first.slot));
}

#[test]
fn a_lost_server_is_tried_by_one_request() {
    let (mut slots, first, now) = connected(false, false);
    slots.lost(first);
    assert_eq!(reserve_all(&mut slots, now).len(), 1);
}

#[test]
fn news_of_an_earlier_connection_is_ignored() {
    let (mut slots, opener, now) = connected(true, true);
    let second = slots.reserve(now).expect("room");
    slots.lost(second);
    let next = slots.reserve(now).expect("room");
    assert!(next.opens_connection && next.slot != opener.slot, "the old connection still has requests: {next:?}");
    slots.connected(next.slot, next.generation, true);
    slots.lost(opener);
    slots.connected(opener.slot, opener.generation, true);
    assert_eq!(slots.slots.iter().filter(|slot| slot.state == State::Open).count(), 2);
}

#[test]
fn a_connection_that_was_lost_counts_until_its_requests_are_done() {
    let (mut slots, opener, now) = connected(true, true);
    let mut reservations = vec![opener];
    for _ in 0..20 {
        let lost = *reservations.last().expect("room");
        slots.lost(lost);
        let Some(next) = slots.reserve(now) else { break };
        slots.connected(next.slot, next.generation, true);
        reservations.push(next);
    }
    let busy = |slots: &Slots| slots.slots.iter().filter(|slot| slot.in_flight > 0).count();
    assert_eq!(busy(&slots), MAX_HTTP2_CONNECTIONS);
}

#[test]
fn a_stalled_connection_lets_another_one_be_tried() {
    let now = Instant::now();
    let mut slots = Slots::new(true, 64, now);
    let opener = slots.reserve(now).expect("room");
    assert_eq!(slots.reserve(now), None);
    slots.stalled(opener.slot, opener.generation);
    assert_eq!(
        slots.reserve(now),
        Some(Reservation { slot: 1, opens_connection: true, generation: 1, was_idle: false })
    );
    assert_eq!(slots.reserve(now), None, "one more, not all");
    slots.release(opener, now);
    assert_eq!(slots.in_state(State::Stalled), 0);
}

#[test]
fn an_announced_timeout_is_obeyed() {
    let (mut slots, opener, now) = connected(false, false);
    slots.keep_alive(opener, Duration::from_secs(2));
    slots.release(opener, now);
    let second = slots.reserve(now + Duration::from_millis(999)).expect("room");
    assert!(!second.opens_connection);
    slots.release(second, now);
    assert_eq!(slots.reserve(now + Duration::from_secs(1)).map(|reservation| reservation.opens_connection), Some(true));
}

proptest! {
    #[test]
    fn state_stays_within_bounds(max in 1usize..100, http2: bool, steps in prop::collection::vec(0u8..8, 0..400)) {
        let now = Instant::now();
        let mut slots = Slots::new(true, max, now);
        let mut reservations = Vec::new();
        for step in steps {
            match step {
                0..=1 => reservations.extend(slots.reserve(now)),
                2 => if let Some(reservation) = reservations.pop() { slots.release(reservation, now) },
                6 => if let Some(reservation) = reservations.last() { slots.stalled(reservation.slot, reservation.generation) },
                7 => if let Some(reservation) = reservations.last() { slots.keep_alive(*reservation, Duration::from_secs(1)) },
                3 => if let Some(reservation) = reservations.first() { slots.connected(reservation.slot, reservation.generation, http2) },
                // Of a request that is gone.
                4 => slots.connected(max - 1, 1, http2),
                _ => if let Some(reservation) = reservations.first() { slots.lost(*reservation) },
            }
            let in_flight: usize = slots.slots.iter().map(|slot| slot.in_flight).sum();
            prop_assert_eq!(in_flight, reservations.len());
            prop_assert!(http2 || slots.slots.iter().all(|slot| slot.in_flight <= 1));
            let mut idle = slots.idle.clone();
            idle.sort_unstable();
            let is_idle = |slot: &ConnectionSlot| slot.state == State::Open && slot.in_flight == 0;
            let expected: Vec<_> = match slots.protocol {
                Protocol::Http1 => (0..max).filter(|&index| is_idle(&slots.slots[index])).collect(),
                _ => Vec::new(),
            };
            prop_assert_eq!(idle, expected);
        }
        for reservation in reservations { slots.release(reservation, now); }
        prop_assert!(slots.reserve(now).is_some(), "nothing in flight, so somebody must get in");
    }
}
