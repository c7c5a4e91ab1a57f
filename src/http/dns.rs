//! Name resolution: one lookup at a time for each host; an address that is known to answer comes first.

use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

/// RFC 8305 §5, "Connection Attempt Delay": how long an address may take before the next is tried too.
const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

type Found = Result<Vec<SocketAddr>, Arc<io::Error>>;

/// Lookups in flight in this process, and their waiters. A lookup that hangs costs one thread and delays only its host.
static LOOKUPS: Mutex<Option<HashMap<String, Vec<oneshot::Sender<Found>>>>> = Mutex::new(None);

fn lookups() -> MutexGuard<'static, Option<HashMap<String, Vec<oneshot::Sender<Found>>>>> {
    LOOKUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Resolves a host, once for all callers that ask for it meanwhile.
async fn look_up(host: String, system: fn(&str) -> io::Result<Vec<SocketAddr>>) -> Found {
    let (sender, found) = oneshot::channel();
    let is_first = {
        let mut lookups = lookups();
        let waiting = lookups.get_or_insert_default().entry(host.clone()).or_default();
        let is_first = waiting.is_empty();
        if !is_first {
            // The first one represents the thread, even if its caller is gone.
            let mut index = 0;
            waiting.retain(|sender| {
                index += 1;
                index == 1 || !sender.is_closed()
            });
        }
        waiting.push(sender);
        is_first
    };
    if is_first {
        let asked = host.clone();
        let thread = thread::Builder::new().name("refport-dns".to_owned()).spawn(move || {
            let found = system(&asked).map_err(Arc::new);
            answer(&asked, &found);
        });
        if let Err(error) = thread {
            answer(&host, &Err(Arc::new(error)));
        }
    }
    found.await.unwrap_or_else(|_| Err(Arc::new(io::Error::other("the lookup ended without a result"))))
}

fn answer(host: &str, found: &Found) {
    let waiting = lookups().as_mut().and_then(|lookups| lookups.remove(host)).unwrap_or_default();
    for sender in waiting {
        // The caller may be gone.
        let _ = sender.send(found.clone());
    }
}

fn system_lookup(host: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((host, 0).to_socket_addrs()?.collect())
}

/// The resolver of one destination.
pub(crate) struct Resolver {
    /// Of the destination, or of the proxy.
    port: u16,
    preferred: Mutex<Option<SocketAddr>>,
}

impl Resolver {
    /// For connections to `port`.
    pub(crate) fn new(port: u16) -> Arc<Self> {
        Arc::new(Self { port, preferred: Mutex::default() })
    }

    /// A connection failed or takes long: the address that answers must be found again.
    pub(crate) fn forget(&self) {
        *self.preferred() = None;
    }

    /// Moves an address that is known to answer to the front.
    async fn ordered(&self, mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let preferred = *self.preferred();
        let first = match preferred.filter(|address| addresses.contains(address)) {
            Some(address) => Some(address),
            // The connector itself chooses well between one address of each family.
            None if !has_several_of_a_family(&addresses) => None,
            None => first_to_answer(&addresses, self.port).await,
        };
        if let Some(first) = first {
            *self.preferred() = Some(first);
            addresses.retain(|address| *address != first);
            addresses.insert(0, first);
        }
        addresses
    }

    fn preferred(&self) -> MutexGuard<'_, Option<SocketAddr>> {
        self.preferred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The resolver in the form that reqwest takes.
#[derive(Clone)]
pub(crate) struct SharedResolver(pub(crate) Arc<Resolver>);

impl Resolve for SharedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = look_up(name.as_str().to_owned(), system_lookup).await?;
            Ok(Box::new(resolver.ordered(addresses).await.into_iter()) as Addrs)
        })
    }
}

fn has_several_of_a_family(addresses: &[SocketAddr]) -> bool {
    let v4 = addresses.iter().filter(|address| address.is_ipv4()).count();
    v4 > 1 || addresses.len() - v4 > 1
}

/// Tries the addresses in order; the next one starts after a delay, or when all before it have failed. The connection is
/// closed again: reqwest's connector makes its own and takes none from outside.
async fn first_to_answer(addresses: &[SocketAddr], port: u16) -> Option<SocketAddr> {
    let (sender, mut results) = mpsc::channel::<Option<SocketAddr>>(addresses.len().max(1));
    let mut failed = 0;
    let mut tasks = Vec::with_capacity(addresses.len());
    for (index, &address) in addresses.iter().enumerate() {
        let sender = sender.clone();
        tasks.push(AbortOnDrop(tokio::spawn(async move {
            let target = SocketAddr::new(address.ip(), port);
            let _ = sender.send(TcpStream::connect(target).await.is_ok().then_some(address)).await;
        })));
        while failed <= index {
            match tokio::time::timeout(CONNECTION_ATTEMPT_DELAY, results.recv()).await {
                Ok(Some(Some(address))) => return Some(address),
                Ok(Some(None)) => failed += 1,
                Ok(None) | Err(_) => break,
            }
        }
    }
    drop(sender);
    while let Some(result) = results.recv().await {
        if result.is_some() {
            return result;
        }
    }
    None
}

/// Aborts its task when dropped.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(future)
    }

    /// A listener whose queue is full swallows what arrives, as a dead host does.
    struct Blackhole {
        _listener: socket::Listener,
        address: SocketAddr,
    }

    mod socket {
        use std::net::{SocketAddr, TcpListener, TcpStream};

        /// Keeps the connections that fill the queue.
        pub(super) struct Listener {
            pub(super) _listener: TcpListener,
            pub(super) _queued: Vec<TcpStream>,
        }

        pub(super) fn full(address: SocketAddr) -> Listener {
            let listener = TcpListener::bind(address).expect("a listener");
            let address = listener.local_addr().expect("an address");
            let timeout = std::time::Duration::from_millis(100);
            let queued = std::iter::from_fn(|| TcpStream::connect_timeout(&address, timeout).ok()).collect();
            Listener { _listener: listener, _queued: queued }
        }
    }

    #[test]
    fn an_address_that_swallows_connections_is_left_for_the_next() {
        run(async {
            let alive = tokio::net::TcpListener::bind("127.0.0.2:0").await.expect("a listener");
            let port = alive.local_addr().expect("an address").port();
            let dead = Blackhole {
                address: SocketAddr::from(([127, 0, 0, 3], port)),
                _listener: socket::full(SocketAddr::from(([127, 0, 0, 3], port))),
            };
            let with_port_0 = |address: SocketAddr| SocketAddr::new(address.ip(), 0);
            let (dead, alive) = (with_port_0(dead.address), with_port_0(alive.local_addr().expect("an address")));
            let resolver = Resolver::new(port);
            let start = Instant::now();
            assert_eq!(resolver.ordered(vec![dead, alive]).await, [alive, dead]);
            assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
            assert_eq!(*resolver.preferred(), Some(alive));
            resolver.forget();
            assert_eq!(*resolver.preferred(), None);
        });
    }

    #[test]
    fn refused_connections_do_not_wait_for_the_delay() {
        run(async {
            let alive = tokio::net::TcpListener::bind("127.0.0.2:0").await.expect("a listener");
            let port = alive.local_addr().expect("an address").port();
            let addresses: Vec<_> = [9, 8, 7, 2].map(|last| SocketAddr::from(([127, 0, 0, last], 0))).into();
            let start = Instant::now();
            assert_eq!(first_to_answer(&addresses, port).await, addresses.last().copied());
            assert!(start.elapsed() < CONNECTION_ATTEMPT_DELAY, "{:?}", start.elapsed());
        });
    }

    #[test]
    fn nobody_answers() {
        run(async {
            let addresses: Vec<_> = [9, 8].map(|last| SocketAddr::from(([127, 0, 0, last], 0))).into();
            assert_eq!(first_to_answer(&addresses, 1).await, None);
        });
    }

    #[test]
    #[expect(clippy::await_holding_lock, reason = "the lock is what the lookup's own thread waits for")]
    fn a_host_is_looked_up_once_for_all_who_wait() {
        static LOOKUPS_MADE: AtomicUsize = AtomicUsize::new(0);
        static GO: Mutex<()> = Mutex::new(());
        fn slow(_host: &str) -> io::Result<Vec<SocketAddr>> {
            LOOKUPS_MADE.fetch_add(1, Ordering::SeqCst);
            drop(GO.lock());
            Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
        }
        fn quick(_host: &str) -> io::Result<Vec<SocketAddr>> {
            Ok(Vec::new())
        }
        run(async {
            let held = GO.lock().expect("a lock");
            let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(look_up("slow.test".to_owned(), slow))).collect();
            // A caller that is gone, as after a timeout.
            let abandoned = tokio::spawn(look_up("slow.test".to_owned(), slow));
            tokio::task::yield_now().await;
            abandoned.abort();
            assert!(look_up("other.test".to_owned(), quick).await.is_ok(), "another host is not held up");
            drop(held);
            for found in waiting {
                assert_eq!(found.await.expect("a task").expect("addresses").len(), 1);
            }
            assert_eq!(LOOKUPS_MADE.load(Ordering::SeqCst), 1);
        });
    }
}
