//! Who delivers: whoever holds a lock on `path-lock`. The operating system takes it back when its process dies, however
//! that happens, and not before.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::outbox::files;

/// The lock, if it could be had; it is given back when this is dropped.
pub struct DeliveryLock {
    /// Closing it gives the lock back.
    _file: File,
}

impl DeliveryLock {
    /// Takes the lock of the outbox at `path`; `None` while another holds it.
    pub fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = files::open_private(&files::beside(path, "-lock"), false)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time() {
        let folder = std::env::temp_dir().join(format!("refport-lock-{}-{}", std::process::id(), fastrand::u64(..)));
        std::fs::create_dir(&folder).expect("a folder");
        let path = folder.join("outbox.db");
        let first = DeliveryLock::try_take(&path).expect("a lock file");
        assert!(first.is_some());
        assert!(DeliveryLock::try_take(&path).expect("a lock file").is_none());
        drop(first);
        assert!(DeliveryLock::try_take(&path).expect("a lock file").is_some());
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
