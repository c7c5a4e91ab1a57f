//! Keeps the API key out of errors: servers, and gateways before them, may quote the request in their answer, each in
//! the escapes of its format.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::api::error::{Failure, ResponseInfo};
use crate::api::escapes::{INTRODUCERS, readings};

/// Shorter keys are placeholders: taking them out of every text would only garble it.
const MIN_LENGTH: usize = 8;
const PLACEHOLDER: &str = "[API key]";
/// Stands for the name of a header that has the key in it.
const PLACEHOLDER_NAME: HeaderName = HeaderName::from_static("redacted");

/// The API key.
pub struct ApiKey(Option<Vec<u8>>);

impl ApiKey {
    /// Takes note of the key.
    pub fn new(key: String) -> Self {
        Self((key.len() >= MIN_LENGTH).then(|| key.into_bytes()))
    }

    /// Takes the key out of everything that an error tells.
    pub fn redact(&self, failure: &mut Failure, response: &mut ResponseInfo) {
        for text in failure.texts().into_iter().chain(&mut response.body) {
            if let Some(hidden) = self.hide(text) {
                *text = hidden;
            }
        }
        self.redact_headers(&mut response.headers);
    }

    fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(hidden) = self.hide(&String::from_utf8_lossy(value.as_bytes())) {
                *value = HeaderValue::from_str(&hidden).unwrap_or(HeaderValue::from_static(PLACEHOLDER));
            }
        }
        let names: Vec<_> = headers.keys().filter(|name| self.hide(name.as_str()).is_some()).cloned().collect();
        for name in names {
            if let Some(value) = headers.remove(name) {
                headers.append(PLACEHOLDER_NAME, value);
            }
        }
    }

    /// The text without the key; `None` if it is not in there.
    fn hide(&self, text: &str) -> Option<String> {
        let key = self.0.as_deref()?;
        let bytes = text.as_bytes();
        let may_start = |byte: u8| byte.eq_ignore_ascii_case(&key[0]) || INTRODUCERS.contains(&byte);
        let mut hidden = String::new();
        let (mut told, mut at) = (0, 0);
        while let Some(ahead) = bytes[at..].iter().position(|&byte| may_start(byte)) {
            at += ahead;
            match end_of(key, bytes, at) {
                // Keys are ASCII, so both ends are boundaries of characters.
                Some(end) => {
                    hidden.push_str(&text[told..at]);
                    hidden.push_str(PLACEHOLDER);
                    (told, at) = (end, end);
                }
                None => at += 1,
            }
        }
        (told > 0).then(|| hidden + &text[told..])
    }
}

/// Where the key ends if the text has it at `at`, be it escaped and in letters of either case.
fn end_of(key: &[u8], text: &[u8], at: usize) -> Option<usize> {
    let mut ends = vec![at];
    for expected in key {
        let reach = ends.iter().flat_map(|&at| readings(text, at));
        ends = reach.filter(|(byte, _)| byte.eq_ignore_ascii_case(expected)).map(|(_, end)| end).collect();
        ends.sort_unstable();
        ends.dedup();
    }
    ends.pop()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::api::error::Report;
    use crate::api::retry::Verdict;
    use crate::http::cause::Cause;

    fn told(key: &str, mut failure: Failure, mut response: ResponseInfo) -> String {
        ApiKey::new(key.to_owned()).redact(&mut failure, &mut response);
        serde_json::json!(Report::new(&failure, &response, Verdict::default())).to_string()
    }

    fn quoting(text: &str) -> ResponseInfo {
        let mut response = ResponseInfo { status: 400, body: Some(text.to_owned()), ..ResponseInfo::default() };
        response.headers.insert("x-request-id", HeaderValue::from_str(text).expect("a header"));
        response
    }

    #[test]
    fn the_key_is_taken_out_of_every_text() {
        let text = "got Bearer rk_secret, rk_secret";
        let text_of = || text.to_owned();
        let cause = || Cause::new(text_of(), None);
        for failure in [
            Failure::Api { code: Some(text_of()), message: Some(text_of()), cause: Some(cause()) },
            Failure::Redirect(text_of()),
            Failure::InvalidResponse { message: text_of(), cause: cause() },
            Failure::Connection { message: text_of(), cause: cause() },
            Failure::Timeout { message: text_of(), cause: cause() },
            Failure::Internal(text_of()),
        ] {
            let told = told("rk_secret", failure, quoting(text));
            assert!(!told.contains("rk_secret"), "{told}");
            assert!(told.contains("got Bearer [API key], [API key]"), "{told}");
        }
    }

    #[test]
    fn a_body_has_it_as_json() {
        let failure = Failure::Api { code: None, message: None, cause: None };
        let body = serde_json::json!({ "key": "rk_\"secret\\" }).to_string();
        let told =
            told("rk_\"secret\\", failure, ResponseInfo { status: 400, body: Some(body), ..ResponseInfo::default() });
        assert!(told.contains("[API key]") && !told.contains("secret"), "{told}");
    }

    #[test]
    fn placeholders_garble_nothing() {
        let failure = Failure::Api { code: None, message: None, cause: None };
        assert!(told("error", failure, quoting("an error")).contains("an error"));
    }

    #[test]
    fn a_header_named_like_it_loses_its_name() {
        let failure = Failure::Api { code: None, message: None, cause: None };
        let mut response = ResponseInfo { status: 400, ..ResponseInfo::default() };
        response.headers.insert("x-rk_secret", HeaderValue::from_static("1"));
        let told = told("rk_Secret", failure, response);
        assert!(told.contains(r#""redacted":"1""#) && !told.contains("secret"), "{told}");
    }

    /// One character as an encoder may write it.
    fn escaped(byte: u8, way: u8) -> String {
        match way {
            0 => char::from(byte).to_string(),
            1 => format!("\\u{byte:04x}"),
            2 => format!("\\u{byte:04X}"),
            3 if byte.is_ascii_punctuation() => format!("\\{}", char::from(byte)),
            4 => format!("%{byte:02x}"),
            5 => format!("%{byte:02X}"),
            6 => format!("&#{byte};"),
            7 => format!("&#x{byte:02X};"),
            _ => match byte {
                b'"' => "&quot;".to_owned(),
                b'&' => "&amp;".to_owned(),
                b'<' => "&lt;".to_owned(),
                b'>' => "&gt;".to_owned(),
                b'\'' => "&apos;".to_owned(),
                _ => char::from(byte).to_string(),
            },
        }
    }

    /// A text escaped as a whole, each character in a way of its own; what starts an escape always is.
    fn escaped_text(text: &str, ways: &[u8]) -> String {
        let mut ways = ways.iter().cycle();
        let way = |byte, way| if INTRODUCERS.contains(&byte) && matches!(way, 0 | 8..) { 4 } else { way };
        text.bytes().map(|byte| escaped(byte, way(byte, *ways.next().unwrap_or(&0)))).collect()
    }

    proptest! {
        #[test]
        fn the_key_survives_in_no_escapes(
            key in "[!-~]{8,40}",
            rounds in prop::collection::vec(prop::collection::vec(0u8..10, 1..20), 0..=3),
            around in "[ -#\\(-~\\PC]{0,20}",
        ) {
            let quoted = rounds.iter().fold(key.clone(), |text, ways| escaped_text(&text, ways));
            let told = ApiKey::new(key).hide(&format!("{around} {quoted} ."));
            let told = told.unwrap_or_default();
            prop_assert!(told.ends_with(" [API key] ."), "{} of {}", told, quoted);
        }

        #[test]
        fn other_texts_stay(text in "[^k]*") {
            prop_assert_eq!(ApiKey::new("rk_secret".to_owned()).hide(&text.replace(['%', '&', '\\'], "")), None);
        }

        #[test]
        fn any_text_can_be_searched(text in ".*", key in "[!-~]{8,12}") {
            let _ = ApiKey::new(key).hide(&text);
        }
    }
}
