//! Which process delivers. Of the processes that share a file, one per identity is the *leader*: the one that holds the lock. Its
//! *epoch* in the file fences it: a leader that was stopped, or whose lock file was removed, finds a later epoch and steps down.

pub(crate) mod lock;
mod socket;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Instant;

use crate::outbox::command::Message;
use crate::outbox::entry::Identity;
use crate::outbox::leadership::lock::LeaderLock;
use crate::outbox::leadership::socket::{PeerConnection, PeerSocket};
use crate::outbox::store::files;

/// This process's part among those that share a file.
pub(crate) struct Leadership {
    identity: Identity,
    messages: Sender<Message>,
    role: Role,
    /// Another process should become the leader until then.
    yields_until: Option<Instant>,
}

enum Role {
    /// No leader is known, or it cannot be reached.
    Candidate,
    Follower(PeerConnection),
    Leader(Leader),
}

struct Leader {
    /// Where followers notify it, if there can be a socket. Ends before the lock is released.
    socket: Option<PeerSocket>,
    _lock: LeaderLock,
    record: LeaderRecord,
}

/// The leader's row in the file, as this process last read or wrote it.
#[derive(Clone, Copy, Default)]
pub(crate) struct LeaderRecord {
    /// The epoch of this leader, once it has taken over.
    pub(crate) epoch: Option<i64>,
    /// How often it was asked to end its pause.
    pub(crate) resumes: i64,
    /// The end of its pause, in milliseconds.
    pub(crate) paused_until: Option<i64>,
}

impl Leadership {
    /// Leads nothing yet. Notifications go to `messages`.
    pub(crate) fn new(identity: Identity, messages: Sender<Message>) -> Self {
        Self { identity, messages, role: Role::Candidate, yields_until: None }
    }

    /// Becomes the leader if there is none; else connects to it. `identities` are those that the file lists.
    pub(crate) fn elect(&mut self, path: &Path, identities: &[Identity], now: Instant) -> io::Result<()> {
        if !matches!(self.role, Role::Candidate) || self.yields_until.is_some_and(|until| until > now) {
            return Ok(());
        }
        let socket = socket_path(path, self.identity, identities);
        self.role = match LeaderLock::try_take(path, self.identity)? {
            // The socket must exist before the file is read: later writes of others are notified.
            Some(lock) => Role::Leader(Leader {
                socket: PeerSocket::listen(&socket, self.messages.clone()).ok(),
                _lock: lock,
                record: LeaderRecord::default(),
            }),
            None => PeerConnection::open(&socket, self.messages.clone()).map_or(Role::Candidate, Role::Follower),
        };
        self.yields_until = None;
        Ok(())
    }

    /// Whether this process delivers.
    pub(crate) fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// The leader's record, if this process is the leader.
    pub(crate) fn record(&self) -> Option<LeaderRecord> {
        match &self.role {
            Role::Leader(leader) => Some(leader.record),
            Role::Candidate | Role::Follower(_) => None,
        }
    }

    /// The file has another record of this leader.
    pub(crate) fn set_record(&mut self, record: LeaderRecord) {
        if let Role::Leader(leader) = &mut self.role {
            leader.record = record;
        }
    }

    /// Lets another process lead, until a time if one is given.
    pub(crate) fn step_down(&mut self, until: Option<Instant>) {
        self.role = Role::Candidate;
        self.yields_until = until;
    }

    /// The connection to the leader, or the leader's socket, is gone.
    pub(crate) fn lose_peer(&mut self) {
        match &mut self.role {
            Role::Leader(leader) => leader.socket = None,
            Role::Candidate | Role::Follower(_) => self.role = Role::Candidate,
        }
    }

    /// Notifies the leader that something was written, if that is another process.
    pub(crate) fn notify(&self, path: &Path, identities: &[Identity]) {
        match &self.role {
            Role::Leader(_) => {}
            Role::Follower(connection) => connection.notify(),
            Role::Candidate => PeerConnection::notify_once(&socket_path(path, self.identity, identities)),
        }
    }

    /// When to try to become the leader again, if this process has let another lead.
    pub(crate) fn yields_until(&self) -> Option<Instant> {
        self.yields_until
    }

    /// Whether this process must poll because no peer notifies it.
    pub(crate) fn must_poll(&self) -> bool {
        match &self.role {
            Role::Leader(leader) => leader.socket.is_none(),
            Role::Candidate => self.yields_until.is_none(),
            Role::Follower(_) => false,
        }
    }
}

/// Notifies the leaders of all identities, for a process that has none.
pub(crate) fn notify_all(path: &Path, identities: &[Identity]) {
    for identity in identities {
        PeerConnection::notify_once(&socket_path(path, *identity, identities));
    }
}

/// The first identity of a file has the name that was the only one before there were several.
fn socket_path(path: &Path, identity: Identity, identities: &[Identity]) -> PathBuf {
    match identities.first() {
        Some(first) if *first != identity => files::beside(path, &format!("-sock-{:016x}", identity.0)),
        _ => files::beside(path, "-sock"),
    }
}
