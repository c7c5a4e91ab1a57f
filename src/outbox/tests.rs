//! The outbox as a whole, in front of an API on loopback.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::outbox::command::{Command, Event, NewEntry, Reply, Settings};
use crate::outbox::entry::{Identity, Phase, Reason};
use crate::outbox::store::{Scope, Store, files};
use crate::outbox::testing::{
    ACCEPTED, Api, REFUSED_KEY, REJECTED, Request, TemporaryFolder, TestOutbox, accept, client, lead, sale, settings,
};

const SERVER_ERROR: (u16, &str) = (500, r#"{"error":{"code":"X","message":"no"}}"#);

fn parked(event: Event) -> Option<(String, Option<Reason>, u32)> {
    match event {
        Event::Parked(entry) => Some((entry.id, entry.reason, entry.attempts)),
        _ => None,
    }
}

fn paused(event: Event) -> Option<()> {
    matches!(event, Event::Paused(..)).then_some(())
}

fn is_twice(api: &Api) -> bool {
    let mut bodies: Vec<String> = api.requests().into_iter().map(|request| request.body).collect();
    let all = bodies.len();
    bodies.sort();
    bodies.dedup();
    bodies.len() < all
}

#[test]
fn what_is_recorded_is_delivered_once_and_recognised() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let outbox = TestOutbox::open(settings(&folder.path("outbox.db")), Some(client(&api.url, "rp_key")));
    for i in 0..50 {
        assert!(outbox.record(lead(&format!("user_{i}"))));
    }
    outbox.drained();
    assert!(!outbox.record(lead("user_7")), "it is known although it is gone");
    assert_eq!((api.requests().len(), is_twice(&api), api.probes()), (50, false, 0));
    outbox.close();
}

/// Another process that became the leader, because the lock file was removed or a path leads around it.
#[test]
fn a_leader_that_was_replaced_sends_nothing_more() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let first = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    first.record(lead("first"));
    first.drained();
    fs::remove_file(files::beside(&path, "-lock")).expect("removed");
    let second = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    for i in 0..40 {
        first.record(lead(&format!("a_{i}")));
        second.record(lead(&format!("b_{i}")));
    }
    first.drained();
    second.drained();
    assert_eq!((api.requests().len(), is_twice(&api)), (81, false));
}

#[cfg(unix)]
#[test]
fn links_to_one_file_are_one_outbox() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let target = folder.path("shared/outbox.db");
    TestOutbox::open(settings(&target), None).close();
    for name in ["symbolic", "hard"] {
        let link = folder.path(name).join("outbox.db");
        fs::create_dir(folder.path(name)).expect("a folder");
        if name == "hard" {
            fs::hard_link(&target, &link).expect("a link");
        } else {
            std::os::unix::fs::symlink(&target, &link).expect("a link");
        }
        let through = TestOutbox::open(settings(&link), Some(client(&api.url, "rp_key")));
        through.record(lead(name));
        through.drained();
        assert_eq!(fs::read_dir(folder.path(name)).expect("a folder").count(), 1, "something lies beside the link");
    }
    let direct = TestOutbox::open(settings(&target), Some(client(&api.url, "rp_key")));
    assert!(!direct.record(lead("symbolic")) && !direct.record(lead("hard")));
}

#[test]
fn entries_belong_to_their_key_until_they_are_adopted() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    api.answer(|request| if request.authorization.ends_with("rp_old") { REFUSED_KEY } else { accept(request) });
    let old = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_old")));
    old.record(lead("user_1"));
    old.next(paused);
    let new = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_new")));
    assert_eq!(new.next(|event| if let Event::Foreign(count) = event { Some(count) } else { None }), 1);
    assert!(new.record(lead("user_1")), "an id of another key is another id");
    new.drained();
    assert_eq!((new.stats().pending, new.stats().foreign), (0, 1));
    old.close();
    // One that does not deliver may adopt them, too.
    let follower = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_new")));
    assert_eq!(follower.ask(Command::Adopt).expect("adopted"), Reply::Count(1));
    new.drained();
    assert_eq!(new.stats().foreign, 0);
    let accepted = api.requests().into_iter().filter(|request| request.authorization.ends_with("rp_new")).count();
    assert_eq!(accepted, 2);
}

#[test]
fn entries_recorded_without_a_key_go_with_the_leaders() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let leader = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    leader.stats();
    let producer = TestOutbox::open(settings(&path), None);
    for i in 0..20 {
        producer.record(lead(&format!("user_{i}")));
    }
    producer.drained();
    assert!(!leader.record(lead("user_3")) && !producer.record(lead("user_4")));
    assert_eq!((api.requests().len(), is_twice(&api)), (20, false));
}

#[test]
fn with_adopt_entries_of_a_dead_leader_are_parked_or_sent() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    {
        let mut store = Store::open(&path, true).expect("a file");
        let identity = Identity(7);
        let scope = Scope::Of(identity);
        let now = SystemTime::now();
        store
            .write(|writer| {
                writer.take_over(identity, "{}", now)?;
                for new in [lead("sent"), sale("sent"), lead("waits")] {
                    writer.record(&new, scope, now)?;
                }
                writer.mark_sending(1, identity)?;
                writer.mark_sending(2, identity)
            })
            .expect("written");
    }
    let outbox = TestOutbox::open(Settings { adopt: true, ..settings(&path) }, Some(client(&api.url, "k")));
    assert_eq!(outbox.next(parked), ("lead:sent".to_owned(), Some(Reason::Ambiguous), 1));
    outbox.drained();
    assert_eq!((api.requests().len(), outbox.stats().parked, outbox.stats().foreign), (2, 1, 0));
}

#[test]
fn an_open_breaker_sends_only_what_creates_nothing() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| SERVER_ERROR);
    let outbox = TestOutbox::open(settings(&folder.path("outbox.db")), Some(client(&api.url, "rp_key")));
    for i in 0..30 {
        outbox.record(lead(&format!("user_{i}")));
    }
    outbox.next(paused);
    outbox.next(paused);
    let sent = api.requests().len();
    assert!((3..=10).contains(&sent), "{sent}");
    outbox.next(paused);
    assert_eq!((api.requests().len(), api.probes()), (sent, 2));
    api.answer(accept);
    outbox.next(|event| matches!(event, Event::Resumed).then_some(()));
    outbox.drained();
    assert_eq!((api.requests().len(), is_twice(&api)), (30, false));
    assert_eq!(outbox.stats().parked as usize, sent);
}

#[test]
fn a_pause_ends_when_any_process_asks_for_it() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let refused = (429, r#"{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"no"}}"#);
    api.answer(move |_| refused);
    let outbox = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    assert_eq!(outbox.ask(Command::Resume).expect("nothing to do"), Reply::Found(false));
    outbox.record(lead("user_1"));
    for _ in 0..3 {
        outbox.next(paused);
    }
    // Until the file says so.
    outbox.record(lead("user_2"));
    api.answer(accept);
    let other = TestOutbox::open(settings(&path), None);
    assert_eq!(other.ask(Command::Resume).expect("told"), Reply::Found(true));
    outbox.drained();
    assert_eq!(other.ask(Command::Resume).expect("nothing to do"), Reply::Found(false));
}

#[test]
fn a_process_whose_key_is_refused_lets_another_deliver() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    // Of two processes with one key, the first is refused, as by an address that the API does not accept.
    api.answer(move |_| if counted.fetch_add(1, Ordering::Relaxed) < 2 { REFUSED_KEY } else { ACCEPTED });
    let first = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    first.record(lead("user_1"));
    first.next(paused);
    let second = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    second.stats();
    first.next(paused);
    second.drained();
    assert_eq!(second.stats().pending, 0);
    // Nothing was sent by the first in between: it was paused for a second at least.
    assert!(first.events.try_iter().all(|event| !matches!(event, Event::Resumed)));
}

#[test]
fn held_entries_wait_do_not_block_their_customer_and_can_be_discarded() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let outbox = TestOutbox::open(settings(&folder.path("outbox.db")), Some(client(&api.url, "rp_key")));
    let at = |millis: u64| Some(SystemTime::now() + Duration::from_millis(millis));
    let held = |id: &str, deliver_at| NewEntry { id: Some(id.to_owned()), deliver_at, ..sale(id) };
    let customer = lead("user_1").customer;
    outbox.record(NewEntry { customer: customer.clone(), ..held("soon", at(700)) });
    outbox.record(NewEntry { customer: customer.clone(), ..held("never", at(60_000)) });
    outbox.record(lead("user_1"));
    outbox.drained();
    assert_eq!(api.requests().len(), 1, "only the lead was due");
    let stats = outbox.stats();
    assert_eq!((stats.held, stats.pending, stats.oldest), (2, 0, None));
    let listed = outbox.ask(Command::List { phase: Some(Phase::Held), after: 0, limit: 10 }).expect("a list");
    assert!(matches!(listed, Reply::Entries(entries) if entries.len() == 2));
    assert_eq!(outbox.ask(Command::Discard("never".to_owned())).expect("done"), Reply::Found(true));
    assert_eq!(outbox.ask(Command::Discard("never".to_owned())).expect("done"), Reply::Found(false));
    while api.requests().len() < 2 {
        std::thread::yield_now();
    }
    outbox.drained();
    assert_eq!(outbox.stats().held, 0);
    assert_eq!(outbox.ask(Command::Discard("soon".to_owned())).expect("done"), Reply::Found(false), "it was sent");
}

#[test]
fn what_may_have_been_counted_cannot_be_taken_back_silently() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| SERVER_ERROR);
    let outbox = TestOutbox::open(settings(&folder.path("outbox.db")), Some(client(&api.url, "rp_key")));
    outbox.record(sale("in_1"));
    while outbox.stats().pending == 0 || api.requests().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(outbox.ask(Command::Discard("sale:in_1".to_owned())).expect("done"), Reply::Found(false));
    let repeated = NewEntry { retry_ambiguous: true, ..lead("at least once") };
    outbox.record(repeated);
    while !api.requests().iter().any(|request: &Request| request.body.contains("at least once")) {
        std::thread::yield_now();
    }
    api.answer(accept);
    outbox.drained();
    assert_eq!(outbox.stats().parked, 0);
}

#[test]
fn a_customer_can_be_erased() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| REFUSED_KEY);
    let path = folder.path("outbox.db");
    let outbox = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    for i in 0..3 {
        outbox.record(NewEntry { id: None, ..lead("user_1") });
        outbox.record(lead(&format!("other_{i}")));
    }
    assert_eq!(outbox.ask(Command::Erase(lead("user_1").customer)).expect("erased"), Reply::Count(3));
    assert_eq!(outbox.ask(Command::Erase(lead("user_1").customer)).expect("erased"), Reply::Count(0));
    let stats = outbox.stats();
    assert_eq!(stats.pending + stats.sending, 3);
}

#[test]
fn parked_entries_do_not_fill_the_outbox_and_rejected_ones_go() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| REJECTED);
    let options = Settings { max_entries: 5, ..settings(&folder.path("outbox.db")) };
    let outbox = TestOutbox::open(options, Some(client(&api.url, "rp_key")));
    for i in 0..12 {
        outbox.record(lead(&format!("junk_{i}")));
        outbox.drained();
    }
    assert_eq!(outbox.stats().parked, 5);
    let Ok(Reply::Entries(left)) = outbox.ask(Command::List { phase: None, after: 0, limit: 10 }) else {
        unreachable!("a list")
    };
    let left: Vec<&str> = left.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(left, ["lead:junk_7", "lead:junk_8", "lead:junk_9", "lead:junk_10", "lead:junk_11"], "the newest");
    outbox.close();
    let options = Settings { keep_rejected: Duration::from_millis(1), ..settings(&folder.path("outbox.db")) };
    let outbox = TestOutbox::open(options, Some(client(&api.url, "rp_key")));
    while outbox.stats().parked > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn waiting_entries_are_bounded_exactly() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| REFUSED_KEY);
    let options = Settings { max_entries: 3, ..settings(&folder.path("outbox.db")) };
    let outbox = TestOutbox::open(options, Some(client(&api.url, "rp_key")));
    for i in 0..3 {
        assert!(outbox.record(lead(&format!("user_{i}"))));
    }
    let full = |customer: &str| outbox.ask(Command::Record(lead(customer)));
    assert!(full("user_4").is_err_and(|error| error.code() == "OUTBOX_FULL"));
    assert_eq!(full("user_1").expect("known"), Reply::Recorded { id: "lead:user_1".to_owned(), is_duplicate: true });
    api.answer(accept);
    outbox.drained();
    assert!(outbox.record(lead("user_4")));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_to_a_file_that_was_moved() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let outbox = TestOutbox::open(settings(&path), Some(client(&api.url, "rp_key")));
    outbox.record(lead("before"));
    outbox.drained();
    let refused = |customer: &str| {
        let error = outbox.ask(Command::Record(lead(customer))).expect_err("refused");
        assert!(error.code() == "OUTBOX_FAILED" && error.to_string().contains("was moved"), "{error}");
    };
    fs::rename(&path, folder.path("elsewhere.db")).expect("moved");
    refused("moved");
    assert!(!path.exists(), "a file was created");
    fs::write(&path, "").expect("another file");
    refused("replaced");
    fs::rename(folder.path("elsewhere.db"), &path).expect("moved back");
    assert!(outbox.record(lead("back")));
    outbox.drained();
    assert_eq!(api.requests().len(), 2);
}

#[test]
fn a_backup_is_a_whole_outbox_and_overwrites_nothing() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    api.answer(|_| REFUSED_KEY);
    let outbox = TestOutbox::open(settings(&folder.path("outbox.db")), Some(client(&api.url, "rp_key")));
    for i in 0..100 {
        outbox.record(lead(&format!("user_{i}")));
    }
    let copy = folder.path("copy's.db");
    let back_up = || outbox.ask(Command::Backup(copy.clone()));
    assert_eq!(back_up().expect("written"), Reply::Done);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&copy).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let refused = back_up().expect_err("it exists");
    assert_eq!(refused.cause().map(|(_, code)| code), Some("EEXIST"));
    let restored = TestOutbox::open(settings(&copy), None);
    assert_eq!(restored.stats().pending, 100);
}

#[test]
fn old_entries_are_parked_a_thousand_at_a_time() {
    let (folder, api) = (TemporaryFolder::new(), Api::start());
    let path = folder.path("outbox.db");
    let mut store = Store::open(&path, true).expect("a file");
    let now = SystemTime::now();
    store
        .write(|writer| {
            (0..2500).try_for_each(|i| writer.record(&lead(&format!("user_{i}")), Scope::Everybody, now).map(drop))
        })
        .expect("recorded");
    drop(store);
    api.answer(|_| REFUSED_KEY);
    let options = Settings { max_age: Duration::from_millis(1), max_entries: 10_000, ..settings(&path) };
    let outbox = TestOutbox::open(options, Some(client(&api.url, "rp_key")));
    outbox.drained();
    assert_eq!((outbox.stats().parked, api.requests().len()), (2500, 0));
}
