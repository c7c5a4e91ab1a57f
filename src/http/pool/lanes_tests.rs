use super::*;
use proptest::prelude::*;

fn admit_all(lanes: &mut Lanes, now: Instant) -> Vec<Slot> {
    std::iter::from_fn(|| lanes.admit(now)).collect()
}

/// Lanes with one connection, and the request that opened it.
fn connected(is_https: bool, is_http2: bool) -> (Lanes, Slot, Instant) {
    let now = Instant::now();
    let mut lanes = Lanes::new(is_https, 64, now);
    let leader = lanes.admit(now).expect("a slot");
    lanes.connected(leader.lane, leader.generation, is_http2);
    (lanes, leader, now)
}

#[test]
fn a_cold_destination_is_opened_by_one_request() {
    let now = Instant::now();
    for is_https in [false, true] {
        let mut lanes = Lanes::new(is_https, 64, now);
        assert_eq!(admit_all(&mut lanes, now), [Slot { lane: 0, leads: true, generation: 1, was_idle: false }]);
    }
}

#[test]
fn http1_opens_up_to_its_bound_once_connected() {
    let (mut lanes, leader, now) = connected(true, false);
    let rest = admit_all(&mut lanes, now);
    assert_eq!(rest.iter().filter(|slot| slot.leads).count(), 63);
    lanes.release(leader, now);
    assert_eq!(admit_all(&mut lanes, now), [Slot { leads: false, was_idle: true, ..leader }]);
}

#[test]
fn http2_opens_another_lane_only_when_crowded() {
    let (mut lanes, leader, now) = connected(true, true);
    let mut slots = vec![leader];
    for _ in 1..CROWDED {
        slots.push(lanes.admit(now).expect("a slot"));
    }
    assert!(slots.iter().all(|slot| slot.lane == 0));
    assert_eq!(lanes.admit(now), Some(Slot { lane: 1, leads: true, generation: 1, was_idle: false }));
    // The rest still fits on the first lane while the others are being opened.
    let rest = admit_all(&mut lanes, now);
    assert_eq!(rest.iter().filter(|slot| slot.leads).count(), MAX_HTTP2_LANES - 2);
    assert_eq!(rest.iter().filter(|slot| slot.lane == 0).count(), STREAMS_PER_LANE - CROWDED);
}

#[test]
fn http2_keeps_to_the_first_connection_that_is_not_crowded() {
    let (mut lanes, leader, now) = connected(true, true);
    let slots = admit_all(&mut lanes, now);
    let other = *slots.iter().find(|slot| slot.leads).expect("another connection");
    lanes.connected(other.lane, other.generation, true);
    for slot in slots {
        lanes.release(slot, now);
    }
    for _ in 1..CROWDED {
        assert_eq!(lanes.admit(now).map(|slot| slot.lane), Some(leader.lane));
    }
    assert_eq!(lanes.admit(now), Some(Slot { leads: false, was_idle: true, ..other }));
}

#[test]
fn a_leader_that_fails_leaves_the_lane_to_the_next() {
    let now = Instant::now();
    let mut lanes = Lanes::new(true, 64, now);
    let leader = lanes.admit(now).expect("a slot");
    assert_eq!(lanes.admit(now), None);
    lanes.release(leader, now);
    assert_eq!(lanes.admit(now), Some(Slot { lane: 0, leads: true, generation: 2, was_idle: false }));
}

#[test]
fn an_idle_destination_is_cold_again() {
    let (mut lanes, leader, now) = connected(false, false);
    lanes.release(leader, now);
    let later = now + IDLE_TIMEOUT;
    assert_eq!(lanes.admit(later).map(|slot| slot.leads), Some(true));
    assert_eq!(lanes.admit(later), None);
}

#[test]
fn connections_that_idled_together_are_gone_together() {
    let (mut lanes, leader, now) = connected(false, false);
    let others = [lanes.admit(now).expect("a slot"), lanes.admit(now).expect("a slot")];
    for slot in others {
        lanes.connected(slot.lane, slot.generation, false);
    }
    for slot in [leader].into_iter().chain(others) {
        lanes.release(slot, now);
    }
    assert_eq!(admit_all(&mut lanes, now + IDLE_TIMEOUT).len(), 1, "nothing is connected, so one tries");
}

#[test]
fn a_server_that_goes_back_to_http1_is_met_on_the_connection_used_last() {
    let (mut lanes, leader, now) = connected(true, true);
    let slots = admit_all(&mut lanes, now);
    let others: Vec<_> = slots.iter().filter(|slot| slot.leads).copied().collect();
    for slot in &others {
        lanes.connected(slot.lane, slot.generation, true);
    }
    for (slot, second) in slots.iter().rev().chain([&leader]).zip(1..) {
        lanes.release(*slot, now + Duration::from_millis(second));
    }
    let later = now + Duration::from_secs(1);
    lanes.connected(others[0].lane, others[0].generation, false);
    assert_eq!(lanes.admit(later), Some(Slot { leads: false, was_idle: true, ..leader }));
}

#[test]
fn http1_prefers_the_connection_that_was_used_last() {
    let (mut lanes, first, now) = connected(false, false);
    let second = lanes.admit(now).expect("a slot");
    lanes.connected(second.lane, second.generation, false);
    lanes.release(second, now + Duration::from_millis(1));
    lanes.release(first, now + Duration::from_millis(2));
    assert_eq!(lanes.admit(now + Duration::from_millis(3)).map(|slot| slot.lane), Some(first.lane));
}

#[test]
fn while_nothing_is_connected_a_lost_server_is_tried_by_one() {
    let (mut lanes, first, now) = connected(false, false);
    lanes.lost(first);
    assert_eq!(admit_all(&mut lanes, now).len(), 1);
}

#[test]
fn what_befell_an_earlier_connection_does_not_touch_the_next() {
    let (mut lanes, leader, now) = connected(true, true);
    let second = lanes.admit(now).expect("a slot");
    lanes.lost(second);
    let next = lanes.admit(now).expect("a slot");
    assert!(next.leads && next.lane != leader.lane, "the old connection still has requests: {next:?}");
    lanes.connected(next.lane, next.generation, true);
    lanes.lost(leader);
    lanes.connected(leader.lane, leader.generation, true);
    assert_eq!(lanes.lanes.iter().filter(|lane| lane.state == State::Warm).count(), 2);
}

#[test]
fn a_connection_that_was_lost_counts_until_its_requests_are_done() {
    let (mut lanes, leader, now) = connected(true, true);
    let mut slots = vec![leader];
    for _ in 0..20 {
        let lost = *slots.last().expect("a slot");
        lanes.lost(lost);
        let Some(next) = lanes.admit(now) else { break };
        lanes.connected(next.lane, next.generation, true);
        slots.push(next);
    }
    let busy = |lanes: &Lanes| lanes.lanes.iter().filter(|lane| lane.in_flight > 0).count();
    assert_eq!(busy(&lanes), MAX_HTTP2_LANES);
}

#[test]
fn a_stalled_connection_holds_nobody_up() {
    let now = Instant::now();
    let mut lanes = Lanes::new(true, 64, now);
    let leader = lanes.admit(now).expect("a slot");
    assert_eq!(lanes.admit(now), None);
    lanes.stalled(leader.lane, leader.generation);
    assert_eq!(lanes.admit(now), Some(Slot { lane: 1, leads: true, generation: 1, was_idle: false }));
    assert_eq!(lanes.admit(now), None, "one more, not all");
    lanes.release(leader, now);
    assert_eq!(lanes.in_state(State::Stalled), 0);
}

#[test]
fn a_server_that_announces_its_timeout_is_believed() {
    let (mut lanes, leader, now) = connected(false, false);
    lanes.keep_alive(leader, Duration::from_secs(2));
    lanes.release(leader, now);
    let second = lanes.admit(now + Duration::from_millis(999)).expect("a slot");
    assert!(!second.leads);
    lanes.release(second, now);
    assert_eq!(lanes.admit(now + Duration::from_secs(1)).map(|slot| slot.leads), Some(true));
}

proptest! {
    #[test]
    fn state_stays_within_bounds(max in 1usize..100, http2: bool, steps in prop::collection::vec(0u8..8, 0..400)) {
        let now = Instant::now();
        let mut lanes = Lanes::new(true, max, now);
        let mut slots = Vec::new();
        for step in steps {
            match step {
                0..=1 => slots.extend(lanes.admit(now)),
                2 => if let Some(slot) = slots.pop() { lanes.release(slot, now) },
                6 => if let Some(slot) = slots.last() { lanes.stalled(slot.lane, slot.generation) },
                7 => if let Some(slot) = slots.last() { lanes.keep_alive(*slot, Duration::from_secs(1)) },
                3 => if let Some(slot) = slots.first() { lanes.connected(slot.lane, slot.generation, http2) },
                // Of a leader that has left.
                4 => lanes.connected(max - 1, 1, http2),
                _ => if let Some(slot) = slots.first() { lanes.lost(*slot) },
            }
            let in_flight: usize = lanes.lanes.iter().map(|lane| lane.in_flight).sum();
            prop_assert_eq!(in_flight, slots.len());
            prop_assert!(http2 || lanes.lanes.iter().all(|lane| lane.in_flight <= 1));
            let mut free = lanes.free.clone();
            free.sort_unstable();
            let is_free = |lane: &Lane| lane.state == State::Warm && lane.in_flight == 0;
            let expected: Vec<_> = match lanes.protocol {
                Protocol::Http1 => (0..max).filter(|&index| is_free(&lanes.lanes[index])).collect(),
                _ => Vec::new(),
            };
            prop_assert_eq!(free, expected);
        }
        for slot in slots { lanes.release(slot, now); }
        prop_assert!(lanes.admit(now).is_some(), "nothing in flight, so somebody must get in");
    }
}
