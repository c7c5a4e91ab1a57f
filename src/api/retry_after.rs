//! `Retry-After` and `retry-after-ms`, in every form that servers send.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};

/// A longer wait counts as this one.
const MAX: Duration = Duration::from_secs(3600);

/// Reads how long a response asks to wait: `retry-after-ms` (milliseconds) first, as it is the finer one, then
/// `Retry-After` (seconds with an optional fraction, or an HTTP date). `None` if neither makes sense. The date is relative
/// to the response's own `Date`, as the server's clock may be wrong; without it, to `now`.
pub(crate) fn from_headers(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text("retry-after-ms").and_then(|value| number(value, 1e-3)).or_else(|| {
        let answered = text(DATE.as_str()).and_then(|date| httpdate::parse_http_date(date.trim()).ok());
        text(RETRY_AFTER.as_str()).and_then(|value| parse(value, answered.unwrap_or(now)))
    })
}

/// Reads the value of `Retry-After`; a date in the past means now.
pub(crate) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    number(value, 1.0).or_else(|| {
        let date = httpdate::parse_http_date(value.trim()).ok()?;
        Some(date.duration_since(now).unwrap_or_default().min(MAX))
    })
}

/// Decimal digits with an optional fraction; signs, exponents, `inf` and `nan` are in no RFC.
fn number(value: &str, unit_in_seconds: f64) -> Option<Duration> {
    let value = value.trim();
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let seconds = value.parse::<f64>().ok()? * unit_in_seconds;
    Some(Duration::from_secs_f64(seconds.min(MAX.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn reads_seconds_fractions_and_dates() {
        assert_eq!(parse("120", at(0)), Some(Duration::from_secs(120)));
        assert_eq!(parse(" 1.5 ", at(0)), Some(Duration::from_millis(1500)));
        assert_eq!(parse("Thu, 01 Jan 1970 00:01:00 GMT", at(15)), Some(Duration::from_secs(45)));
        assert_eq!(parse("Thu, 01 Jan 1970 00:01:00 GMT", at(90)), Some(Duration::ZERO));
    }

    #[test]
    fn refuses_what_no_server_means() {
        for value in ["", " ", "-1", "+1", "1e3", "inf", "nan", "soon", "1.2.3", "."] {
            assert_eq!(parse(value, at(0)), None, "{value:?}");
        }
    }

    #[test]
    fn nothing_longer_than_an_hour_is_waited_for() {
        let digits = "9".repeat(400);
        for value in ["3601", "31536000", "12345678901234567", &digits, "Sun, 31 Dec 5195 23:59:59 GMT"] {
            assert_eq!(parse(value, at(0)), Some(MAX), "{value}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("retry-after-ms", "3600001".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(0)), Some(MAX));
    }

    #[test]
    fn milliseconds_win() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "7".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(0)), Some(Duration::from_secs(7)));
        headers.insert("retry-after-ms", "250".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(0)), Some(Duration::from_millis(250)));
        headers.insert("retry-after-ms", "x".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(0)), Some(Duration::from_secs(7)));
    }

    #[test]
    fn dates_are_of_the_servers_clock() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "Thu, 01 Jan 1970 00:01:00 GMT".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(50)), Some(Duration::from_secs(10)));
        headers.insert(DATE, "Thu, 01 Jan 1970 00:00:57 GMT".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(1_000_000)), Some(Duration::from_secs(3)));
        headers.insert(DATE, "yesterday".parse().expect("a header value"));
        assert_eq!(from_headers(&headers, at(50)), Some(Duration::from_secs(10)));
    }

    proptest! {
        #[test]
        fn never_panics(value in ".*") {
            let _ = parse(&value, at(1_000_000_000));
        }

        #[test]
        fn every_whole_second_is_read(seconds in 0u32..=u32::MAX) {
            prop_assert_eq!(parse(&seconds.to_string(), at(0)), Some(Duration::from_secs(seconds.into()).min(MAX)));
        }
    }
}
