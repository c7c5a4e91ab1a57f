//! The outbox's files: `path`, and next to it `-wal` and `-shm` (SQLite's), `-lock` and `-sock`. Only their owner may read them.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::outbox::error::StoreProblem;

/// The system's limit for a chain of symbolic links.
#[cfg(unix)]
const MAX_LINKS: usize = 40;

/// `path` with an ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The path of the file itself: SQLite follows symbolic links, so what lies beside the file must be named after its target.
/// Creates the folders above it if `create`.
#[cfg(unix)]
pub(crate) fn resolve(path: &Path, create: bool) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MAX_LINKS {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { break };
        if create {
            create_folder(folder)?;
        }
        let resolved = folder.canonicalize()?.join(name);
        // The last part may be a link to a file that is missing, which cannot be canonicalised.
        match fs::read_link(&resolved) {
            Ok(target) => path = resolved.parent().unwrap_or(Path::new("/")).join(target),
            Err(_) => return Ok(resolved),
        }
    }
    path.canonicalize()
}

/// Names beside a link are not resolved here: links are rare, and SQLite does not support all forms of resolved paths.
#[cfg(not(unix))]
pub(crate) fn resolve(path: &Path, create: bool) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent().filter(|_| create) {
        create_folder(folder)?;
    }
    std::path::absolute(path)
}

/// Makes sure that the file exists, and that nobody else can read what is in it.
pub(crate) fn prepare(path: &Path, create: bool) -> Result<(), StoreProblem> {
    if !create {
        return Ok(refuse_read_only(&fs::metadata(path)?)?);
    }
    if !path.exists() {
        let log = beside(path, "-wal");
        if fs::metadata(&log).is_ok_and(|found| found.len() > 0) {
            return Err(StoreProblem::Unfit(format!(
                "the file is missing, and its log {} is not empty: it holds conversions. Move the file back next to it, or move \
                 the log away. Nothing was changed",
                log.display()
            )));
        }
    }
    match create_private(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path.parent().unwrap_or(Path::new(".")))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => refuse_read_only(&fs::metadata(path)?)?,
        Err(error) => return Err(error.into()),
    }
    for ending in ["", "-wal", "-shm"] {
        make_private(&beside(path, ending))?;
    }
    Ok(())
}

/// SQLite would open it all the same, and leave files next to it that stay read-only when it is not any more.
fn refuse_read_only(found: &fs::Metadata) -> io::Result<()> {
    if found.is_file() && found.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Opens a file for writing, and creates it for its owner alone if it is missing.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        result => result,
    }
}

/// Creates a file that only its owner may read; an error if it exists.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        // The umask may have taken the owner's rights as well.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folder(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    match builder.create(folder) {
        Ok(()) => own_folder(folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// The umask may have taken the owner's rights as well.
#[cfg(unix)]
fn own_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn own_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// So that the file's name survives as well as what is in it.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that somebody copied or restored may have come with other rights.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(path) {
        Ok(found) if found.is_file() && found.permissions().mode() & 0o077 != 0 => {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Which file a path leads to: device and inode. Where a file that is open cannot be moved, always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// Of the file at `path`, if there is one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            fs::metadata(path).ok().map(|found| Self(found.dev(), found.ino()))
        }
        #[cfg(not(unix))]
        path.exists().then_some(Self(0, 0))
    }
}

/// How many names a file has in its file system.
pub(crate) fn hard_links(path: &Path) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).ok().filter(fs::Metadata::is_file).map_or(1, |found| found.nlink())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        1
    }
}

/// Whether a file is mounted by itself, as `docker run -v FILE:FILE` does: what SQLite keeps beside it would lie elsewhere, where
/// other processes that have the same file open do not see it.
#[cfg(target_os = "linux")]
pub(crate) fn is_mounted_alone(path: &Path) -> bool {
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    path.is_file() && mount_points(&mounts).any(|point| point == path)
}

/// Only Linux lists mounts in a file.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_mounted_alone(_path: &Path) -> bool {
    false
}

/// See `proc_pid_mountinfo(5)`: the fifth field of each line, in which `\NNN` is a byte in octal.
#[cfg(target_os = "linux")]
fn mount_points(mounts: &[u8]) -> impl Iterator<Item = PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut rest = line.split(|byte| *byte == b' ').nth(4)?;
        let mut point = Vec::with_capacity(rest.len());
        while let Some((&first, after)) = rest.split_first() {
            let octal = after.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
            if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
                point.push(byte);
                rest = &after[3..];
            } else {
                point.push(first);
                rest = after;
            }
        }
        Some(PathBuf::from(OsString::from_vec(point)))
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::outbox::testing::TemporaryFolder;

    #[test]
    fn links_lead_to_the_file_itself_even_if_it_is_missing() {
        let folder = TemporaryFolder::new();
        let target = folder.path("shared/outbox.db");
        symlink("shared/outbox.db", folder.path("link.db")).expect("a link");
        symlink(folder.path("link.db"), folder.path("second.db")).expect("a link");
        assert_eq!(resolve(&folder.path("second.db"), true).expect("resolved"), target);
        symlink(folder.path("shared"), folder.path("current")).expect("a link");
        assert_eq!(resolve(&folder.path("current/../current/outbox.db"), false).expect("resolved"), target);
        symlink("loop", folder.path("loop")).expect("a link");
        assert!(resolve(&folder.path("loop"), false).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mount_points_are_read() {
        let mounts =
            b"36 35 98:0 / / rw - ext3 /dev/root rw\n77 36 98:0 /a /data/my\\040outbox.db rw - ext3 /dev/root rw\n\n";
        let points: Vec<PathBuf> = mount_points(mounts).collect();
        assert_eq!(points, [PathBuf::from("/"), PathBuf::from("/data/my outbox.db")]);
        let folder = TemporaryFolder::new();
        fs::write(folder.path("outbox.db"), "").expect("written");
        assert!(!is_mounted_alone(&folder.path("outbox.db")));
    }

    #[test]
    fn only_the_owner_may_read_what_is_created() {
        let folder = TemporaryFolder::new();
        let path = resolve(&folder.path("a/b/outbox.db"), true).expect("resolved");
        prepare(&path, true).expect("prepared");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!([mode(&path), mode(&folder.path("a")), mode(&folder.path("a/b"))], [0o600, 0o700, 0o700]);
    }

    #[test]
    fn no_file_is_created_beside_a_log_that_holds_something() {
        let folder = TemporaryFolder::new();
        let path = folder.path("outbox.db");
        fs::write(beside(&path, "-wal"), "frames").expect("written");
        let problem = prepare(&path, true).expect_err("refused");
        assert!(problem.to_string().contains("Move the file back"), "{problem}");
        assert!(!path.exists());
    }
}
