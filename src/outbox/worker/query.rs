//! The commands that only read the file.

use std::time::SystemTime;

use crate::outbox::command::Reply;
use crate::outbox::entry::Phase;
use crate::outbox::store::{Reader, Scope};

/// A command that only reads.
pub(crate) enum Query {
    List { phase: Option<Phase>, after: i64, limit: u32 },
    Show(String),
    Stats,
}

impl Query {
    /// Reads the answer.
    pub(crate) fn read(self, reader: &Reader<'_>, scope: Scope, wall: SystemTime) -> rusqlite::Result<Reply> {
        Ok(match self {
            Self::List { phase, after, limit } => Reply::Entries(reader.entries(scope, phase, after, limit, wall)?),
            Self::Show(id) => Reply::Entries(Vec::from_iter(reader.find(scope, &id, wall)?)),
            Self::Stats => Reply::Stats(reader.stats(scope, wall)?),
        })
    }
}
