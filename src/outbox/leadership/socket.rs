//! How the processes that share a file notify each other, so that none has to poll. The leader listens on a Unix domain socket
//! next to the file, and the others are connected to it: a byte says that one of them has written to the file, and the end of the
//! connection that another may become the leader.
//!
//! The lock decides who delivers, and the file alone says what there is to do. Where there is no socket (Windows, a path that is
//! too long for one, a file system without), the worker polls.

use std::io;
use std::path::Path;
use std::sync::mpsc::Sender;

use crate::outbox::command::Message;

#[cfg(unix)]
pub(crate) use unix::{PeerConnection, PeerSocket};

#[cfg(not(unix))]
pub(crate) use elsewhere::{PeerConnection, PeerSocket};

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::future::poll_fn;
    use std::io::{ErrorKind, Write as _};
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::sync::oneshot;

    use super::{Message, Path, Sender, io};
    use crate::outbox::store::files::FileId;
    use crate::runtime;

    /// The leader's socket: receives notifications from other processes. `Message::PeerLost` follows if it fails.
    pub(crate) struct PeerSocket {
        path: PathBuf,
        id: Option<FileId>,
        _stop: oneshot::Sender<()>,
    }

    impl PeerSocket {
        /// Listens at `path`. Only for the process that holds the leader's lock.
        pub(crate) fn listen(path: &Path, messages: Sender<Message>) -> io::Result<Self> {
            // A process that was killed leaves it behind.
            if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
                fs::remove_file(path)?;
            }
            let listener = UnixListener::bind(path)?;
            let (stop, stopped) = oneshot::channel();
            let socket = Self { path: path.to_owned(), id: FileId::of(path), _stop: stop };
            fs::set_permissions(&socket.path, fs::Permissions::from_mode(0o600))?;
            listener.set_nonblocking(true)?;
            runtime::run(move || drop(tokio::spawn(listen(listener, stopped, messages))))?;
            Ok(socket)
        }
    }

    impl Drop for PeerSocket {
        fn drop(&mut self) {
            // Another leader's may have taken its place. A socket that nobody listens on does no harm.
            if self.id.is_some() && FileId::of(&self.path) == self.id {
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    /// A follower's connection to the leader. `Message::PeerLost` follows when the leader is gone.
    pub(crate) struct PeerConnection {
        stream: UnixStream,
        _stop: oneshot::Sender<()>,
    }

    impl PeerConnection {
        /// Connects to the leader's socket at `path`.
        pub(crate) fn open(path: &Path, messages: Sender<Message>) -> io::Result<Self> {
            let stream = connect(path)?;
            let (stop, stopped) = oneshot::channel();
            let read = stream.try_clone()?;
            runtime::run(move || drop(tokio::spawn(watch(read, stopped, messages))))?;
            Ok(Self { stream, _stop: stop })
        }

        /// Notifies the leader that something was written to the file.
        pub(crate) fn notify(&self) {
            // If there is no room, the leader has unread notifications and will look in any case.
            let _ = (&self.stream).write(&[0]);
        }

        /// Notifies the leader without keeping a connection: the leader takes a new one for a notification.
        pub(crate) fn notify_once(path: &Path) {
            // If nobody listens, there is no leader, and the next one reads the whole file.
            drop(connect(path));
        }
    }

    fn connect(path: &Path) -> io::Result<UnixStream> {
        let stream = UnixStream::connect(path)?;
        stream.set_nonblocking(true)?;
        Ok(stream)
    }

    async fn listen(listener: UnixListener, mut stopped: oneshot::Receiver<()>, messages: Sender<Message>) {
        let Ok(listener) = tokio::net::UnixListener::from_std(listener) else {
            return report(&messages, Message::PeerLost);
        };
        let mut peers = Vec::new();
        poll_fn(|context| {
            if Pin::new(&mut stopped).poll(context).is_ready() {
                return Poll::Ready(());
            }
            let known = peers.len();
            loop {
                match listener.poll_accept(context) {
                    Poll::Ready(Ok((peer, _))) => peers.push(peer),
                    Poll::Ready(Err(_)) => {
                        report(&messages, Message::PeerLost);
                        return Poll::Ready(());
                    }
                    Poll::Pending => break,
                }
            }
            let mut is_notified = peers.len() > known;
            peers.retain(|peer| {
                let received = read(peer, context);
                is_notified |= received.has_bytes;
                received.is_open
            });
            if is_notified {
                report(&messages, Message::PeerWrote);
            }
            Poll::Pending
        })
        .await;
    }

    async fn watch(stream: UnixStream, mut stopped: oneshot::Receiver<()>, messages: Sender<Message>) {
        let Ok(stream) = tokio::net::UnixStream::from_std(stream) else { return report(&messages, Message::PeerLost) };
        poll_fn(|context| {
            if Pin::new(&mut stopped).poll(context).is_ready() {
                return Poll::Ready(());
            }
            if read(&stream, context).is_open {
                return Poll::Pending;
            }
            report(&messages, Message::PeerLost);
            Poll::Ready(())
        })
        .await;
    }

    struct Received {
        has_bytes: bool,
        is_open: bool,
    }

    /// Reads what is there.
    fn read(stream: &tokio::net::UnixStream, context: &mut Context<'_>) -> Received {
        let mut received = Received { has_bytes: false, is_open: true };
        while stream.poll_read_ready(context).is_ready() {
            match stream.try_read(&mut [0; 64]) {
                Ok(0) => received.is_open = false,
                Ok(_) => received.has_bytes = true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => received.is_open = false,
            }
            if !received.is_open {
                break;
            }
        }
        received
    }

    fn report(messages: &Sender<Message>, message: Message) {
        // A closed outbox needs no notifications.
        let _ = messages.send(message);
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::{Message, Path, Sender, io};

    /// Does not exist here.
    pub(crate) enum PeerSocket {}

    impl PeerSocket {
        /// Always fails.
        pub(crate) fn listen(_path: &Path, _messages: Sender<Message>) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Does not exist here.
    pub(crate) enum PeerConnection {}

    impl PeerConnection {
        /// Always fails.
        pub(crate) fn open(_path: &Path, _messages: Sender<Message>) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Does nothing.
        pub(crate) fn notify(&self) {
            match *self {}
        }

        /// Does nothing.
        pub(crate) fn notify_once(_path: &Path) {}
    }
}
