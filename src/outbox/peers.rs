//! How the processes that share a file tell each other that something has happened, so that none has to look for it again
//! and again. Who delivers listens on a Unix domain socket next to the file, and the others are connected to it: a byte says
//! that one of them has written to the file, and the end of the connection that it is time for another to deliver.
//!
//! The lock decides who delivers, and what there is to do is in the file alone. Where there is no socket (Windows, a path
//! that is too long for one, a file system without), the worker looks from time to time.

use std::io;
use std::path::Path;
use std::sync::mpsc::Sender;

use crate::outbox::command::Message;

#[cfg(unix)]
pub use unix::{PeerConnection, PeerSocket};

#[cfg(not(unix))]
pub use elsewhere::{PeerConnection, PeerSocket};

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
    use crate::outbox::files;
    use crate::runtime;

    /// Of the one who delivers: hears what the others have to say. `Message::Unheard` follows if that ends.
    pub struct PeerSocket {
        path: PathBuf,
        _stop: oneshot::Sender<()>,
    }

    impl PeerSocket {
        /// Listens next to the outbox at `path`. Only for the one who holds its lock.
        pub fn listen(path: &Path, messages: Sender<Message>) -> io::Result<Self> {
            let path = files::beside(path, "-sock");
            // One that was killed leaves it behind.
            if fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_socket()) {
                fs::remove_file(&path)?;
            }
            let listener = UnixListener::bind(&path)?;
            let (stop, stopped) = oneshot::channel();
            let socket = Self { path, _stop: stop };
            fs::set_permissions(&socket.path, fs::Permissions::from_mode(0o600))?;
            listener.set_nonblocking(true)?;
            runtime::run(move || drop(tokio::spawn(hear(listener, stopped, messages))))?;
            Ok(socket)
        }
    }

    impl Drop for PeerSocket {
        fn drop(&mut self) {
            // What is left of it tells nobody anything.
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Of one who does not deliver. `Message::Unheard` follows when the one who does is gone.
    pub struct PeerConnection {
        stream: UnixStream,
        _stop: oneshot::Sender<()>,
    }

    impl PeerConnection {
        /// Connects to the one who delivers.
        pub fn open(path: &Path, messages: Sender<Message>) -> io::Result<Self> {
            let stream = connect(path)?;
            let (stop, stopped) = oneshot::channel();
            let read = stream.try_clone()?;
            runtime::run(move || drop(tokio::spawn(watch(read, stopped, messages))))?;
            Ok(Self { stream, _stop: stop })
        }

        /// Says that something was written to the file.
        pub fn notify(&self) {
            // If there is no room, so much has been said that the other will look in any case.
            let _ = (&self.stream).write(&[0]);
        }

        /// Says so without a connection that stays: that there is a new one says enough.
        pub fn notify_once(path: &Path) {
            // If nobody hears it, nobody delivers, and whoever begins to reads the whole file.
            drop(connect(path));
        }
    }

    fn connect(path: &Path) -> io::Result<UnixStream> {
        let stream = UnixStream::connect(files::beside(path, "-sock"))?;
        stream.set_nonblocking(true)?;
        Ok(stream)
    }

    async fn hear(listener: UnixListener, mut stopped: oneshot::Receiver<()>, messages: Sender<Message>) {
        let Ok(listener) = tokio::net::UnixListener::from_std(listener) else {
            return tell(&messages, Message::Unheard);
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
                        tell(&messages, Message::Unheard);
                        return Poll::Ready(());
                    }
                    Poll::Pending => break,
                }
            }
            let mut is_news = peers.len() > known;
            peers.retain(|peer| {
                let heard = read(peer, context);
                is_news |= heard.has_written;
                heard.is_open
            });
            if is_news {
                tell(&messages, Message::Written);
            }
            Poll::Pending
        })
        .await;
    }

    async fn watch(stream: UnixStream, mut stopped: oneshot::Receiver<()>, messages: Sender<Message>) {
        let Ok(stream) = tokio::net::UnixStream::from_std(stream) else { return tell(&messages, Message::Unheard) };
        poll_fn(|context| {
            if Pin::new(&mut stopped).poll(context).is_ready() {
                return Poll::Ready(());
            }
            if read(&stream, context).is_open {
                return Poll::Pending;
            }
            tell(&messages, Message::Unheard);
            Poll::Ready(())
        })
        .await;
    }

    struct Heard {
        has_written: bool,
        is_open: bool,
    }

    /// Reads what is there.
    fn read(stream: &tokio::net::UnixStream, context: &mut Context<'_>) -> Heard {
        let mut heard = Heard { has_written: false, is_open: true };
        while stream.poll_read_ready(context).is_ready() {
            match stream.try_read(&mut [0; 64]) {
                Ok(0) => heard.is_open = false,
                Ok(_) => heard.has_written = true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => heard.is_open = false,
            }
            if !heard.is_open {
                break;
            }
        }
        heard
    }

    fn tell(messages: &Sender<Message>, message: Message) {
        // If the outbox is closed, there is nothing to tell.
        let _ = messages.send(message);
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::{Message, Path, Sender, io};

    /// There is none.
    pub enum PeerSocket {}

    impl PeerSocket {
        /// Always fails.
        pub fn listen(_path: &Path, _messages: Sender<Message>) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// There is none.
    pub enum PeerConnection {}

    impl PeerConnection {
        /// Always fails.
        pub fn open(_path: &Path, _messages: Sender<Message>) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Says nothing.
        pub fn notify(&self) {
            match *self {}
        }

        /// Says nothing.
        pub fn notify_once(_path: &Path) {}
    }
}
