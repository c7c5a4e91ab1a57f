//! Dates in the forms of ISO 8601 that JavaScript's `Date` reads.

/// Whether `text` is a calendar date, or a date and time, that `new Date(text)` understands: `2030-01-31`,
/// `2030-01-31T23:59Z`, `2030-01-31T23:59:59.999+02:00`. Without an offset it is local time there.
pub(crate) fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    is_calendar_date(date) && time.is_none_or(is_time_with_offset)
}

fn is_calendar_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let Some(year) = number(year, 4) else { return false };
    let Some(month) = number(month, 2) else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    number(day, 2).is_some_and(|day| (1..=days).contains(&day)) && parts.next().is_none()
}

fn is_time_with_offset(text: &str) -> bool {
    if let Some(time) = text.strip_suffix('Z') {
        return is_time(time);
    }
    match text.split_once(['+', '-']) {
        Some((time, offset)) => is_time(time) && is_offset(offset),
        None => is_time(text),
    }
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut parts = whole.split(':');
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
    number(hour, 2).is_some_and(|hour| hour < 24)
        && number(minute, 2).is_some_and(|minute| minute < 60)
        && second.map_or(fraction.is_none(), |second| number(Some(second), 2).is_some_and(|second| second < 60))
        && parts.next().is_none()
        && fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `02:00`, or without the colon.
fn is_offset(text: &str) -> bool {
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None if text.is_char_boundary(2) && text.len() == 4 => text.split_at(2),
        None => return false,
    };
    number(Some(hours), 2).is_some_and(|hours| hours < 24)
        && number(Some(minutes), 2).is_some_and(|minutes| minutes < 60)
}

/// A number of exactly `digits` digits.
fn number(text: Option<&str>, digits: usize) -> Option<u32> {
    text.filter(|text| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_forms_of_iso_8601() {
        for text in [
            "2030-01-31",
            "2028-02-29",
            "2030-01-31T23:59",
            "2030-01-31T23:59Z",
            "2030-01-31T23:59:59Z",
            "2030-01-31T23:59:59.999Z",
            "2030-01-31T23:59:59.123456789+02:00",
            "2030-01-31T23:59:59-0930",
        ] {
            assert!(is_date(text), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "soon",
            "NaN",
            "7",
            " ",
            "2030-13-01",
            "2030-00-01",
            "2030-02-29",
            "2030-01-32",
            "2030-01-01-",
            "2030-01-01T",
            "2030-01-01T25:00:00Z",
            "2030-01-01T23:60Z",
            "2030-01-01T23:59:60Z",
            "2030-01-01T23:59.5Z",
            "2030-01-01T23:59:59.Z",
            "2030-01-01T23:59:59+24:00",
            "2030-01-01T23:59:59+2",
            "2030-01-01T23:59:59ZZ",
            "2030-01-01T23:59:59+a\u{e9}b",
            "+030-01-01",
            " 2030-01-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-9TZ:.+é-]{0,30}") {
            let _ = is_date(&text);
        }
    }
}
