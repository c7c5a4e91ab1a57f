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
    /// The parameter of [`in_scope`].
    pub(super) fn parameter(self) -> Option<i64> {
        match self {
            Self::Everybody => None,
            Self::Of(Identity(identity)) => Some(identity),
        }
    }
}

/// The condition of a statement that an entry belongs to the scope whose [`Scope::parameter`] has this number. A macro, so that
/// `concat!` can make a constant of the statement: prepared statements are cached by their text.
macro_rules! in_scope {
    ($number:literal) => {
        concat!("(?", $number, " IS NULL OR identity IS NULL OR identity = ?", $number, ")")
    };
}
pub(super) use in_scope;
