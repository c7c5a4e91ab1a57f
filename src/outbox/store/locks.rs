//! Locks that belong to an open file, not to the process.
//!
//! SQLite locks with POSIX record locks (`fcntl`, `F_SETLK`). Those belong to the process, with two consequences
//! (<https://sqlite.org/howtocorrupt.html>, "POSIX advisory locks"): when anything else in the process closes a descriptor of the
//! same file, all locks are gone; and a second copy of SQLite in the process does not see them. A Node process can meet both: an
//! app that reads its data folder for a backup, and two versions of this package in one `node_modules` tree.
//!
//! Linux has locks that belong to the open file description (`F_OFD_SETLK`). Here SQLite's `fcntl` is replaced, through the
//! system call table of its VFS, by one that uses those. SQLite may lock with one descriptor and unlock with another of the same
//! file, so all locks of a database go to one description: the [`LockOwner`]. The `-shm` file has one descriptor anyway.
//!
//! Elsewhere nothing is replaced, and nobody else in the process may open the files.

#![cfg_attr(
    all(target_os = "linux", target_pointer_width = "64"),
    allow(unsafe_code, reason = "neither SQLite's system call table nor fcntl has a safe form")
)]

use std::fs::File;
use std::io;

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use linux::{LockOwner, try_lock_byte};

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) use elsewhere::{LockOwner, try_lock_byte};

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod linux {
    use std::collections::HashMap;
    use std::ffi::{c_int, c_void};
    use std::mem::{self, MaybeUninit};
    use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
    use std::path::Path;
    use std::ptr;
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    use libc::{F_GETLK, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETLK, F_SETLKW, F_WRLCK, SEEK_SET};
    use rusqlite::ffi;

    use super::{File, io};

    /// Device and inode.
    type FileKey = (u64, u64);

    /// A description that owns locks, and how many connections use it.
    struct SharedOwner {
        descriptor: Arc<OwnedFd>,
        users: usize,
    }

    /// The descriptions that own the locks of open databases.
    static OWNERS: Mutex<Option<HashMap<FileKey, SharedOwner>>> = Mutex::new(None);

    /// While it lives, SQLite's locks on a database belong to a description of ours.
    pub(crate) struct LockOwner(Option<FileKey>);

    impl LockOwner {
        /// Call before SQLite opens the file.
        pub(crate) fn new(path: &Path) -> io::Result<Self> {
            // Where the kernel has no such locks, a descriptor that is closed later would drop SQLite's.
            if !is_installed() {
                return Ok(Self(None));
            }
            let file = File::options().read(true).write(true).open(path)?;
            let key = file_key(file.as_raw_fd()).ok_or_else(io::Error::last_os_error)?;
            let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
            let owners = owners.get_or_insert_default();
            let new = || SharedOwner { descriptor: Arc::new(OwnedFd::from(file)), users: 0 };
            owners.entry(key).or_insert_with(new).users += 1;
            Ok(Self(Some(key)))
        }
    }

    impl Drop for LockOwner {
        fn drop(&mut self) {
            let Some(key) = self.0 else { return };
            let mut owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(owners) = owners.as_mut()
                && let Some(owner) = owners.get_mut(&key)
            {
                owner.users -= 1;
                if owner.users == 0 {
                    owners.remove(&key);
                }
            }
        }
    }

    /// Locks one byte of `file` until that is closed; false if another description holds the lock, an error of kind
    /// `Unsupported` where the kernel has no such locks.
    pub(crate) fn try_lock_byte(file: &File, offset: u64) -> io::Result<bool> {
        if !is_installed() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut lock = write_lock(offset);
        // SAFETY: the descriptor is open, and `lock` is the structure that this command takes.
        if unsafe { libc::fcntl(file.as_raw_fd(), F_OFD_SETLK, &raw mut lock) } == 0 {
            return Ok(true);
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EAGAIN | libc::EACCES) => Ok(false),
            _ => Err(error),
        }
    }

    fn write_lock(offset: u64) -> libc::flock {
        // SAFETY: all fields are integers, for which zero is valid.
        let mut lock: libc::flock = unsafe { mem::zeroed() };
        lock.l_type = F_WRLCK as libc::c_short;
        lock.l_whence = SEEK_SET as libc::c_short;
        // Half of the range, so that offset and length stay within it.
        lock.l_start = (offset >> 2).cast_signed();
        lock.l_len = 1;
        lock
    }

    /// Replaces SQLite's `fcntl`, the first time; false where the kernel has no locks of open files.
    fn is_installed() -> bool {
        static INSTALLED: OnceLock<bool> = OnceLock::new();
        *INSTALLED.get_or_init(|| has_file_locks() && install())
    }

    /// Since Linux 3.15; some sandboxes that stand in for a kernel lack them.
    fn has_file_locks() -> bool {
        let Ok(file) = File::open("/dev/null") else { return false };
        let mut lock = write_lock(0);
        // SAFETY: as in `try_lock_byte`.
        unsafe { libc::fcntl(file.as_raw_fd(), F_OFD_GETLK, &raw mut lock) == 0 }
    }

    fn install() -> bool {
        // SAFETY: SQLite is linked statically: nobody else uses this table. No file is open yet, as `LockOwner::new` comes first.
        // The table holds `fcntl` as a function of unknown type, and SQLite calls it with two ints and one int or pointer: on the
        // Linux targets that this is compiled for, those arrive in the same registers whether or not a function is variadic.
        unsafe {
            let vfs = ffi::sqlite3_vfs_find(ptr::null());
            let Some(set) = vfs.as_ref().and_then(|vfs| vfs.xSetSystemCall) else { return false };
            let replacement: unsafe extern "C" fn(c_int, c_int, *mut c_void) -> c_int = fcntl;
            let replacement = mem::transmute::<
                unsafe extern "C" fn(c_int, c_int, *mut c_void) -> c_int,
                unsafe extern "C" fn(),
            >(replacement);
            set(vfs, c"fcntl".as_ptr(), Some(replacement)) == ffi::SQLITE_OK
        }
    }

    /// Called by SQLite instead of `fcntl`.
    ///
    /// # Safety
    ///
    /// As for `fcntl`: `argument` must be what `command` takes.
    unsafe extern "C" fn fcntl(descriptor: c_int, command: c_int, argument: *mut c_void) -> c_int {
        let command = match command {
            F_SETLK => F_OFD_SETLK,
            F_SETLKW => F_OFD_SETLKW,
            F_GETLK => F_OFD_GETLK,
            // SAFETY: by this function's contract.
            _ => return unsafe { libc::fcntl(descriptor, command, argument) },
        };
        let owner = owner_of(descriptor);
        let descriptor = owner.as_ref().map_or(descriptor, |owner| owner.as_raw_fd());
        let lock = argument.cast::<libc::flock>();
        // SAFETY: these commands take a `flock`. Those of open files want no process id in it.
        unsafe {
            (*lock).l_pid = 0;
            libc::fcntl(descriptor, command, lock)
        }
    }

    fn owner_of(descriptor: RawFd) -> Option<Arc<OwnedFd>> {
        let key = file_key(descriptor)?;
        let owners = OWNERS.lock().unwrap_or_else(PoisonError::into_inner);
        owners.as_ref()?.get(&key).map(|owner| Arc::clone(&owner.descriptor))
    }

    fn file_key(descriptor: RawFd) -> Option<FileKey> {
        let mut found = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: `fstat` fills the structure if it returns 0.
        unsafe {
            (libc::fstat(descriptor, found.as_mut_ptr()) == 0).then(|| {
                let found = found.assume_init();
                (found.st_dev, found.st_ino)
            })
        }
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod elsewhere {
    use std::path::Path;

    use super::{File, io};

    /// Does nothing here.
    pub(crate) struct LockOwner;

    impl LockOwner {
        /// Does nothing.
        pub(crate) fn new(_path: &Path) -> io::Result<Self> {
            Ok(Self)
        }
    }

    /// Always fails.
    pub(crate) fn try_lock_byte(_file: &File, _offset: u64) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
