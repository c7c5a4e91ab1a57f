//! The tables of the file, and whether a file is an outbox.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use crate::outbox::entry::{Identity, to_millis};
use crate::outbox::error::StoreProblem;
use crate::outbox::store::files::FileId;

/// "RfPO", which `file` and SQLite's own tools show.
const APPLICATION_ID: i32 = 0x5266_504f;
/// Of the tables below; a file with a higher one is left alone.
const VERSION: i32 = 2;

/// `entry`: what waits. Numbers are never used again, so that what is new has a higher one. `waits_since` is when an entry was
/// recorded, resent or due, whichever is latest; `deliver_at` is null unless an entry is held; `identity` is null if it was
/// recorded without a key; `sender` is the identity of the leader that has marked it as `sending`.
/// Ids are unique among the entries that one identity sees, which the transactions take care of.
const ENTRY: &str = "
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        is_named INTEGER NOT NULL,
        call INTEGER NOT NULL,
        customer INTEGER NOT NULL,
        identity INTEGER,
        is_idempotent INTEGER NOT NULL,
        retry_ambiguous INTEGER NOT NULL,
        state INTEGER NOT NULL,
        reason INTEGER,
        sender INTEGER,
        attempts INTEGER NOT NULL,
        may_be_counted INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        waits_since INTEGER NOT NULL,
        deliver_at INTEGER,
        parked_at INTEGER,
        params TEXT NOT NULL,
        error TEXT
    ) STRICT;
";

/// `leader`: of each identity, how often a process became its leader (`epoch`), until when that one pauses, and how often it was
/// asked to go on. The leader of the first row has the socket `path-sock`.
/// `home`: the path by which the file was last opened, for files with several names.
const INDEXES_AND_LEADER: &str = "
    CREATE INDEX entry_id ON entry (id);
    CREATE INDEX entry_state ON entry (state, seq, customer, identity, deliver_at, waits_since);
    CREATE INDEX entry_held ON entry (deliver_at) WHERE deliver_at IS NOT NULL;
    CREATE INDEX entry_rejected ON entry (parked_at) WHERE reason = 0;
    CREATE TABLE leader (
        identity INTEGER NOT NULL UNIQUE,
        epoch INTEGER NOT NULL,
        paused_until INTEGER,
        resumes INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE home (path TEXT NOT NULL) STRICT;
";

/// `finished`: digests of ids that were delivered or discarded, so that they are recognised.
const FINISHED: &str = "
    CREATE TABLE finished (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        at INTEGER NOT NULL
    ) STRICT;
";

/// Checks that the file is an outbox, or makes it one if it is empty, and sets the connection up.
pub(crate) fn prepare(connection: &mut Connection, path: &Path, create: bool) -> Result<(), StoreProblem> {
    // Before anything that could change a file that is not ours.
    let found = check(connection)?;
    if found == Found::Nothing && !create {
        return Err(StoreProblem::Unfit("there is nothing in it".to_owned()));
    }
    if found == Found::Nothing {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreProblem::Unfit("its file system cannot do what SQLite's write-ahead log needs".to_owned()));
    }
    for (pragma, value) in [
        ("synchronous", "FULL"),
        // macOS: down to the disk itself.
        ("fullfsync", "ON"),
        ("checkpoint_fullfsync", "ON"),
        ("secure_delete", "ON"),
        ("temp_store", "MEMORY"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    let is_prepared = found == Found::Version(VERSION) && home(connection)?.as_deref() == Some(path);
    if !is_prepared {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        match check(&transaction)? {
            Found::Nothing => {
                transaction.execute_batch(ENTRY)?;
                transaction.execute_batch(FINISHED)?;
                transaction.execute_batch(INDEXES_AND_LEADER)?;
            }
            Found::Version(1) => upgrade(&transaction)?,
            Found::Version(_) => {}
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.execute("DELETE FROM home", ())?;
        // A path that is not valid Unicode is found by no other name.
        transaction.execute("INSERT INTO home (path) VALUES (?1)", [path.to_string_lossy()])?;
        transaction.commit()?;
        // `home_of` reads the file without its log.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))?;
    }
    Ok(())
}

/// From version 1, whose table `identity` has the digest of the last process that delivered.
fn upgrade(connection: &Connection) -> rusqlite::Result<()> {
    let digest: Option<Vec<u8>> =
        connection.query_row("SELECT digest FROM identity", (), |row| row.get(0)).optional()?;
    let identity = digest.map(|digest| Identity::from_digest(&digest).0);
    // Version 1 declared ids unique in the whole file.
    connection.execute_batch("ALTER TABLE entry RENAME TO entry_1; DROP INDEX entry_state;")?;
    connection.execute_batch(ENTRY)?;
    connection.execute(
        "INSERT INTO entry (seq, id, is_named, call, customer, identity, is_idempotent, retry_ambiguous, state, reason, sender,
         attempts, may_be_counted, recorded_at, waits_since, deliver_at, parked_at, params, error)
         SELECT seq, id, is_named, call, customer, ?1, is_idempotent, 0, state, reason, iif(state = 1, ?1, NULL),
         attempts, 0, recorded_at, waits_since, NULL, iif(state = 2, ?2, NULL), params, error FROM entry_1",
        (identity, to_millis(SystemTime::now())),
    )?;
    // Numbers are not used again.
    connection.execute_batch(
        "DELETE FROM sqlite_sequence WHERE name = 'entry';
         UPDATE sqlite_sequence SET name = 'entry' WHERE name = 'entry_1';
         DROP TABLE entry_1; DROP TABLE identity;",
    )?;
    connection.execute_batch(INDEXES_AND_LEADER)?;
    if let Some(identity) = identity {
        connection.execute("INSERT INTO leader (identity, epoch) VALUES (?1, 0)", [identity])?;
    }
    Ok(())
}

/// A file with several names has one log per name: all have to use the name under which it was first opened.
pub(crate) fn home_of(path: &Path) -> Result<PathBuf, StoreProblem> {
    let unfit = |problem: &str| {
        StoreProblem::Unfit(format!(
            "it has several names (hard links), and {problem}. Open it by one name, and remove the others or make them symbolic \
             links. Nothing was changed"
        ))
    };
    // Without a lock and without creating anything beside this name.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let uri = format!("file:{}?immutable=1", percent_encoded(path));
    let connection = Connection::open_with_flags(uri, flags)?;
    match check(&connection) {
        Ok(Found::Version(VERSION)) => {}
        // Its name of today becomes its home.
        Ok(_) => return Ok(path.to_owned()),
        Err(problem) => return Err(problem),
    }
    let known = home(&connection).ok().flatten().ok_or_else(|| unfit("does not say which is the first"))?;
    if FileId::of(&known).is_some() && FileId::of(&known) == FileId::of(path) {
        return Ok(known);
    }
    Err(unfit(&format!("the first one, {}, is gone", known.display())))
}

fn home(connection: &Connection) -> rusqlite::Result<Option<PathBuf>> {
    let path: Option<String> = connection.query_row("SELECT path FROM home", (), |row| row.get(0)).optional()?;
    Ok(path.map(PathBuf::from))
}

fn percent_encoded(path: &Path) -> String {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(*byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    /// An outbox of this version or an earlier one.
    Version(i32),
}

/// The version of the file; an error if it is something else than an outbox that this version of the package supports.
fn check(connection: &Connection) -> Result<Found, StoreProblem> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version @ 1..=VERSION) => Ok(Found::Version(version)),
        (APPLICATION_ID, version) => Err(StoreProblem::Unfit(format!(
            "it is of version {version}, and this version of the package supports {VERSION}. Nothing was changed; update the package"
        ))),
        (0, 0) if tables == 0 => Ok(Found::Nothing),
        _ => Err(StoreProblem::Unfit(
            "it is another program's database. Nothing was changed; choose another path".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::command::Stats;
    use crate::outbox::entry::{Phase, Reason};
    use crate::outbox::store::{Scope, Store};
    use crate::outbox::testing::{TemporaryFolder, lead};

    const VERSION_1: &str = "
        PRAGMA journal_mode = WAL;
        CREATE TABLE entry (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, is_named INTEGER NOT NULL, call INTEGER NOT NULL,
            customer INTEGER NOT NULL, is_idempotent INTEGER NOT NULL, params TEXT NOT NULL, state INTEGER NOT NULL,
            reason INTEGER, error TEXT, attempts INTEGER NOT NULL, recorded_at INTEGER NOT NULL, waits_since INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX entry_state ON entry (state, seq, customer, is_idempotent, waits_since);
        CREATE TABLE finished (seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, at INTEGER NOT NULL) STRICT;
        CREATE TABLE identity (digest BLOB NOT NULL) STRICT;
        INSERT INTO entry VALUES
            (3, 'waits', 1, 0, 7, 0, '{}', 0, NULL, NULL, 0, 1000, 1000),
            (4, 'sent', 1, 0, 8, 0, '{}', 1, NULL, NULL, 0, 1000, 1000),
            (5, 'repeated', 1, 1, 9, 1, '{}', 1, NULL, NULL, 2, 1000, 1000),
            (6, 'parked', 1, 1, 9, 1, '{}', 2, 0, '{\"code\":\"X\"}', 1, 1000, 1000),
            (90, 'gone', 1, 1, 9, 1, '{}', 0, NULL, NULL, 0, 1000, 1000);
        DELETE FROM entry WHERE id = 'gone';
        PRAGMA user_version = 1;
    ";

    fn version_1(path: &Path, identity: Option<&[u8]>) {
        let connection = Connection::open(path).expect("a file");
        connection.execute_batch(VERSION_1).expect("tables");
        connection.pragma_update(None, "application_id", APPLICATION_ID).expect("its id");
        if let Some(digest) = identity {
            connection.execute("INSERT INTO identity VALUES (?1)", [digest]).expect("an identity");
        }
    }

    #[test]
    fn a_file_of_version_1_is_upgraded_in_place() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        version_1(&path, Some(&[7, 0, 0, 0, 0, 0, 0, 0]));
        let gone = ring::digest::digest(&ring::digest::SHA256, b"lead:gone").as_ref()[..16].to_vec();
        let insert = "INSERT INTO finished (id, at) VALUES (?1, 1000)";
        Connection::open(&path).expect("a file").execute(insert, [gone]).expect("an id");
        let mut store = Store::open(&path, false).expect("upgraded");
        let now = SystemTime::now();
        let mine = Scope::Of(Identity(7));
        let (own, others) = store
            .read(|reader| Ok((reader.stats(mine, now)?, reader.stats(Scope::Of(Identity(8)), now)?)))
            .expect("stats");
        assert_eq!((own.pending, own.sending, own.parked, own.foreign), (1, 2, 1, 0));
        assert_eq!(others, Stats { foreign: 4, ..Stats::default() });
        let takeover = store.write(|writer| writer.take_over(Identity(7), "{}", now)).expect("taken over");
        assert_eq!(takeover.epoch, 1);
        let parked: Vec<_> = takeover.parked.iter().map(|entry| (entry.id.as_str(), entry.reason)).collect();
        assert_eq!(parked, [("sent", Some(Reason::Ambiguous))]);
        let repeated = store.read(|reader| reader.find(mine, "repeated", now)).expect("read").expect("an entry");
        assert_eq!((repeated.phase, repeated.attempts), (Phase::Pending, 3));
        store.write(|writer| writer.record(&lead("new"), mine, now)).expect("recorded");
        let new = store.read(|reader| reader.find(mine, "lead:new", now)).expect("read").expect("an entry");
        assert_eq!(new.seq, 91, "numbers are not used again");
        let is_known = store.write(|writer| writer.is_known("lead:gone", mine)).expect("read");
        assert!(is_known, "ids are remembered");
        drop(store);
        Store::open(&path, false).expect("opened again");
    }

    #[test]
    fn entries_of_version_1_that_nobody_has_delivered_belong_to_whoever_does() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        version_1(&path, None);
        let mut store = Store::open(&path, false).expect("upgraded");
        let now = SystemTime::now();
        let takeover = store.write(|writer| writer.take_over(Identity(7), "{}", now)).expect("taken over");
        assert_eq!(takeover.parked.len(), 1);
        let stats = store.read(|reader| reader.stats(Scope::Of(Identity(7)), now)).expect("stats");
        assert_eq!((stats.pending, stats.sending, stats.parked), (2, 0, 2));
    }

    #[test]
    fn a_newer_version_and_other_databases_are_left_alone() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        version_1(&path, None);
        let connection = Connection::open(&path).expect("a file");
        connection.pragma_update(None, "user_version", VERSION + 1).expect("a version");
        let refused = |path: &Path| Store::open(path, true).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused(&path).contains("update the package"));
        let other = folder.path("other.db");
        Connection::open(&other).expect("a file").execute_batch("CREATE TABLE orders (id)").expect("a table");
        assert!(refused(&other).contains("another program's database"));
    }
}
