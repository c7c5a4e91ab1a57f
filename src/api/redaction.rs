//! Keeps the API key out of errors: servers, and gateways before them, may quote the request in their answer.

use reqwest::header::HeaderValue;

use crate::api::error::{Failure, ResponseInfo};

/// Shorter keys are placeholders: taking them out of every text would only garble it.
const MIN_LENGTH: usize = 8;
const PLACEHOLDER: &str = "[API key]";

/// The API key, in the forms in which it can be quoted.
pub struct ApiKey(Vec<String>);

impl ApiKey {
    /// Takes note of the key.
    pub fn new(key: String) -> Self {
        if key.len() < MIN_LENGTH {
            return Self(Vec::new());
        }
        // Bodies are told as they came, which is as JSON.
        let quoted = serde_json::to_string(&key).unwrap_or_default();
        match quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(escaped) if escaped != key => Self(vec![escaped.to_owned(), key]),
            _ => Self(vec![key]),
        }
    }

    /// Takes the key out of everything that an error tells.
    pub fn redact(&self, failure: &mut Failure, response: &mut ResponseInfo) {
        for key in &self.0 {
            for text in failure.texts().into_iter().chain(&mut response.body) {
                if text.contains(key) {
                    *text = text.replace(key, PLACEHOLDER);
                }
            }
            for value in response.headers.values_mut() {
                let text = String::from_utf8_lossy(value.as_bytes());
                if text.contains(key) {
                    let hidden = HeaderValue::from_str(&text.replace(key, PLACEHOLDER));
                    *value = hidden.unwrap_or(HeaderValue::from_static(PLACEHOLDER));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error::Report;
    use crate::api::retry::Verdict;
    use crate::http::cause::Cause;

    fn told(key: &str, mut failure: Failure, mut response: ResponseInfo) -> String {
        ApiKey::new(key.to_owned()).redact(&mut failure, &mut response);
        serde_json::json!(Report::new(&failure, &response, 1, Verdict::default())).to_string()
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
        let cause = || Cause { message: text_of(), code: None };
        for failure in [
            Failure::Validation(text_of()),
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
}
