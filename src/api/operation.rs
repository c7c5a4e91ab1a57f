//! The three calls of the API: where they go, what they need, what they promise.
//!
//! The models look at a body without owning it: what is sent is the caller's text, untouched, and fields nobody
//! here knows pass through in both directions.

use serde_json::value::RawValue;

use crate::api::iso_date::is_date;
use crate::api::json::{Member, Shape, members};

/// One of the API's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `track.lead`
    Lead,
    /// `track.sale`
    Sale,
    /// `embedTokens.create`
    EmbedToken,
}

/// What the retry rules need to know of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// The API recognises a repetition (sale with `invoiceId`) or it costs nothing (embed token).
    Idempotent,
    /// Sent twice it may count twice.
    NotIdempotent,
}

impl Idempotency {
    /// Its digit on the boundary.
    pub fn from_digit(digit: &[u8]) -> Option<Self> {
        match digit {
            b"0" => Some(Self::NotIdempotent),
            b"1" => Some(Self::Idempotent),
            _ => None,
        }
    }
}

impl Operation {
    /// The operation's digit on the boundary.
    pub fn from_digit(digit: &[u8]) -> Option<Self> {
        Some(match digit {
            b"0" => Self::Lead,
            b"1" => Self::Sale,
            b"2" => Self::EmbedToken,
            _ => return None,
        })
    }

    /// Path below the base URL.
    pub fn path(self) -> &'static str {
        match self {
            Self::Lead => "/api/track/lead",
            Self::Sale => "/api/track/sale",
            Self::EmbedToken => "/api/embed/token",
        }
    }

    /// Checks that a 2xx body is JSON and has the members that the documentation lets callers rely on.
    pub fn check_response(self, body: &str) -> Result<(), String> {
        // Reading the members of an object reads all of it, so nothing is read twice.
        if !body.trim_start().starts_with('{') {
            let whole: &RawValue = serde_json::from_str(body).map_err(|error| format!("not JSON ({error})"))?;
            return match Shape::of(whole) {
                Shape::Null if self == Self::Lead => Ok(()),
                other => Err(format!("{} instead of an object", other.name())),
            };
        }
        match self {
            Self::Lead => all_promised(body, ["click", "link", "customer"], Shape::Object).map(drop),
            Self::Sale => all_promised(body, ["customer", "sale"], Shape::Object).map(drop),
            Self::EmbedToken => {
                let text = Shape::String { empty: false };
                let [_, expires] = all_promised(body, ["publicToken", "expires"], text)?;
                if !expires.text().is_some_and(|text| is_date(&text)) {
                    return Err("its member expires is not a date".to_owned());
                }
                Ok(())
            }
        }
    }
}

fn all_promised<'a, const N: usize>(
    object: &'a str,
    names: [&str; N],
    expected: Shape,
) -> Result<[Member<'a>; N], String> {
    let found = members(object, names)?;
    for (name, member) in names.into_iter().zip(found) {
        match member.shape() {
            Some(shape) if shape == expected => {}
            Some(shape) => return Err(format!("its member {name} is {}", shape.name())),
            None => return Err(format!("it has no member {name}")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_not_decoded() {
        let answer = r#"{"\uD800":1,"click":1,"click":{},"link":{},"customer":{}}"#;
        assert_eq!(Operation::Lead.check_response(answer), Ok(()));
    }

    #[test]
    fn responses_must_keep_the_documented_promise() {
        assert_eq!(Operation::Lead.check_response("null"), Ok(()));
        assert!(Operation::Sale.check_response("null").is_err());
        assert!(Operation::Lead.check_response("{}").is_err());
        assert!(Operation::Lead.check_response(r#"{"click":{},"link":{},"customer":{},"new":[1]}"#).is_ok());
        assert!(Operation::EmbedToken.check_response(r#"{"publicToken":"","expires":"x"}"#).is_err());
        assert!(Operation::Lead.check_response("<html>").is_err());
    }
}
