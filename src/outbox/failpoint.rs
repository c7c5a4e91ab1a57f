//! Places at which the crash test lets the process die. In a normal build they are nothing.

/// Ends the process at once if `REFPORT_FAILPOINT` says `<name>:<how many times to pass before>`.
#[cfg(feature = "failpoints")]
pub(crate) fn reach(name: &str) {
    use std::sync::Mutex;

    static PASSED: Mutex<u32> = Mutex::new(0);
    let Ok(wanted) = std::env::var("REFPORT_FAILPOINT") else { return };
    let Some((at, times)) = wanted.split_once(':') else { return };
    if at != name {
        return;
    }
    let mut passed = PASSED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if Ok(*passed) == times.parse() {
        std::process::abort();
    }
    *passed += 1;
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn reach(_name: &str) {}
