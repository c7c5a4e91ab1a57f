//! Whose entries a read or a change is about.

use crate::outbox::entry::Identity;

/// Whose entries are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// All.
    Everybody,
    /// Those of an identity, and those that were recorded without one.
    Of(Identity),
}

impl Scope {
    /// For conditions of the form `(?n IS NULL OR identity IS NULL OR identity = ?n)`.
    pub(crate) fn parameter(self) -> Option<i64> {
        match self {
            Self::Everybody => None,
            Self::Of(Identity(identity)) => Some(identity),
        }
    }
}
