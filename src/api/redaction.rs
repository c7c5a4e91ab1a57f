//! Keeps the API key out of errors: servers and gateways may quote the request in their answers.

use std::borrow::Cow;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::api::error::{Failure, ResponseInfo};

/// Shorter keys are placeholders: removing them from every text would only garble it.
const MIN_LENGTH: usize = 8;
const PLACEHOLDER: &str = "[API key]";
/// Replaces the name of a header that contains the key.
const PLACEHOLDER_NAME: HeaderName = HeaderName::from_static("redacted");

/// The forms in which a server can echo the API key, in lower case, the longest first.
pub(crate) struct ApiKey(Vec<String>);

impl ApiKey {
    /// Precomputes the forms: as it is, in JSON, in a URL and in HTML.
    pub(crate) fn new(key: &str) -> Self {
        if key.len() < MIN_LENGTH {
            return Self(Vec::new());
        }
        let json = key.replace('\\', r"\\").replace('"', r#"\""#);
        let html = |quote, apostrophe| {
            let text = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            text.replace('"', quote).replace('\'', apostrophe)
        };
        let mut forms = vec![
            key.to_owned(),
            json.replace('/', r"\/"),
            json,
            percent_encoded(key, b"-_.!~*'()"),
            percent_encoded(key, b"-_.*"),
            html("&quot;", "&#39;"),
            html("&#34;", "&#39;"),
            html("&quot;", "&#x27;"),
            html("&quot;", "&apos;"),
        ];
        forms.iter_mut().for_each(|form| form.make_ascii_lowercase());
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms)
    }

    /// Removes the key from everything that an error reports.
    pub(crate) fn redact(&self, failure: &mut Failure, response: &mut ResponseInfo) {
        for text in failure.texts().into_iter().chain(&mut response.body) {
            if let Cow::Owned(hidden) = self.hide(text) {
                *text = hidden;
            }
        }
        self.redact_headers(&mut response.headers);
    }

    fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Cow::Owned(hidden) = self.hide(&String::from_utf8_lossy(value.as_bytes())) {
                *value = HeaderValue::from_str(&hidden).unwrap_or(HeaderValue::from_static(PLACEHOLDER));
            }
        }
        let names: Vec<_> = headers.keys().filter(|name| self.contains(name.as_str())).cloned().collect();
        for name in names {
            if let Some(value) = headers.remove(name) {
                headers.append(PLACEHOLDER_NAME, value);
            }
        }
    }

    fn contains(&self, text: &str) -> bool {
        matches!(self.hide(text), Cow::Owned(_))
    }

    /// The text with a placeholder in each place of the key; borrowed if the key is not in it.
    fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let lower = text.to_ascii_lowercase();
        let mut hidden = String::new();
        let (mut copied, mut at) = (0, 0);
        while at < lower.len() {
            match self.0.iter().find(|form| lower.as_bytes()[at..].starts_with(form.as_bytes())) {
                // Forms are ASCII, so both ends are boundaries of characters.
                Some(form) => {
                    hidden.push_str(&text[copied..at]);
                    hidden.push_str(PLACEHOLDER);
                    at += form.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(hidden + &text[copied..]) }
    }
}

/// `%xx` for all but letters, digits and `kept`.
fn percent_encoded(text: &str, kept: &[u8]) -> String {
    let encode = |byte: u8| match byte {
        _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::api::error::Report;
    use crate::api::retry::RetryDecision;
    use crate::http::cause::Cause;

    fn told(key: &str, mut failure: Failure, mut response: ResponseInfo) -> String {
        ApiKey::new(key).redact(&mut failure, &mut response);
        serde_json::json!(Report::new(&failure, &response, RetryDecision::default())).to_string()
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

    #[test]
    fn every_form_is_recognised_in_either_case() {
        let key = r#"rk_"\$&/'(<s3cret>)"#;
        for quoted in [
            key,
            r#"rk_\"\\$&/'(<s3cret>)"#,
            r#"rk_\"\\$&\/'(<s3cret>)"#,
            "rk_%22%5C%24%26%2F'(%3Cs3cret%3E)",
            "rk_%22%5c%24%26%2f%27%28%3cs3cret%3e%29",
            r"rk_&quot;\$&amp;/&#39;(&lt;s3cret&gt;)",
            r"rk_&#34;\$&amp;/&#39;(&lt;s3cret&gt;)",
            r"rk_&quot;\$&amp;/&#x27;(&lt;s3cret&gt;)",
            r"rk_&quot;\$&amp;/&apos;(&lt;s3cret&gt;)",
        ] {
            for text in [quoted.to_owned(), quoted.to_ascii_uppercase()] {
                let hidden = ApiKey::new(key).hide(&format!("é {text}, {text} ü")).into_owned();
                assert_eq!(hidden, "é [API key], [API key] ü", "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_key_survives_nowhere(key in "[!-~]{8,40}", around in "[ -#\\(-~\\PC]{0,20}") {
            let json = serde_json::json!({ "a": key }).to_string();
            for quoted in [key.clone(), json] {
                let hidden = ApiKey::new(&key).hide(&format!("{around} {quoted} .")).into_owned();
                prop_assert!(hidden.contains("[API key]"), "{} of {}", hidden, quoted);
            }
        }

        #[test]
        fn other_texts_stay(text in "[^k]*") {
            prop_assert!(!ApiKey::new("rk_secret").contains(&text));
        }

        #[test]
        fn any_text_can_be_searched(text in ".*", key in "[!-~]{8,12}") {
            let _ = ApiKey::new(&key).hide(&text);
        }
    }
}
