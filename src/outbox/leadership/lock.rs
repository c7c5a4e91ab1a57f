//! Who delivers: the process that holds a lock on `path-lock`. The operating system releases it when that process dies, however
//! that happens, and not before.
//!
//! Each identity has a byte of that file, so that processes with different keys deliver side by side. Where single bytes cannot
//! be locked, one process delivers for the whole file, then another.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::outbox::entry::Identity;
use crate::outbox::store::{files, locks};

/// The leader's lock; dropping it releases it.
pub(crate) struct LeaderLock {
    /// Closing it releases the locks.
    _file: File,
}

impl LeaderLock {
    /// Takes the lock of the outbox at `path`; `None` while another holds it.
    pub(crate) fn try_take(path: &Path, Identity(identity): Identity) -> io::Result<Option<Self>> {
        let file = files::open_private(&files::beside(path, "-lock"))?;
        // Earlier versions of this package lock the whole file, and do not know the bytes.
        let is_locked = match locks::try_lock_byte(&file, identity.cast_unsigned()) {
            Ok(is_locked) => is_locked && is_taken(file.try_lock_shared())?,
            Err(error) if error.kind() == io::ErrorKind::Unsupported => is_taken(file.try_lock())?,
            Err(error) => return Err(error),
        };
        Ok(is_locked.then_some(Self { _file: file }))
    }
}

fn is_taken(result: Result<(), TryLockError>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::testing::TemporaryFolder;

    #[test]
    fn one_of_each_identity_holds_it_at_a_time() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        let take = |identity| LeaderLock::try_take(&path, Identity(identity)).expect("a lock file");
        let first = take(1);
        assert!(first.is_some());
        assert!(take(1).is_none());
        #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
        assert!(take(-1).is_some(), "another identity has its own leader");
        drop(first);
        assert!(take(1).is_some());
    }

    #[test]
    fn an_earlier_version_and_this_one_exclude_each_other() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        let earlier = files::open_private(&files::beside(&path, "-lock")).expect("a lock file");
        earlier.try_lock().expect("the lock");
        assert!(LeaderLock::try_take(&path, Identity(1)).expect("a lock file").is_none());
        earlier.unlock().expect("unlocked");
        let lock = LeaderLock::try_take(&path, Identity(1)).expect("a lock file");
        assert!(lock.is_some());
        assert!(earlier.try_lock().is_err());
    }
}
