//! No value of `Retry-After` makes its parser panic or gives more than an hour, whole seconds are read exactly, and of the
//! other numbers only plain decimals are read.

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use retry_after::parse;

// By its path: the addon is no library that another crate could use.
#[allow(dead_code)]
#[path = "../../../src/api/retry_after.rs"]
mod retry_after;

fuzz_target!(|value: &str| {
    // Now is a day before what RFC 9110 gives as its example of a date.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 86_400);
    let wait = parse(value, now);
    if let Ok(seconds) = value.parse::<u32>()
        && !value.starts_with('+')
    {
        assert_eq!(wait, Some(Duration::from_secs(seconds.min(3600).into())));
    }
    assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(3600)));
    let number = value.trim();
    if wait.is_some() && number.parse::<f64>().is_ok() {
        assert!(number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    }
    assert_eq!(parse(&format!(" {value} "), now), wait);
});
