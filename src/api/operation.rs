//! The three calls of the API: their paths and the responses they promise. Unknown members of a response pass through.

use serde_json::value::RawValue;

use crate::api::iso_date::is_date;
use crate::api::json::{Member, NotAnObject, Shape, members};

/// One of the API's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `track.lead`
    Lead,
    /// `track.sale`
    Sale,
    /// `embedTokens.create`
    EmbedToken,
}

/// Whether a call is safe to send twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idempotency {
    /// The API deduplicates it (sale with `invoiceId`), or it creates nothing that counts (embed token).
    Idempotent,
    /// It may be counted twice.
    NotIdempotent,
}

/// A 2xx body is not what the operation promises.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokenPromise {
    #[error("not JSON ({0})")]
    NotJson(#[from] serde_json::Error),
    #[error(transparent)]
    NotAnObject(#[from] NotAnObject),
    #[error("{} instead of an object", .0.name())]
    NoObject(Shape),
    #[error("it has no member {0}")]
    Missing(&'static str),
    #[error("its member {name} is {}", .shape.name())]
    WrongShape { name: &'static str, shape: Shape },
    #[error("its member {0} is not a date")]
    NoDate(&'static str),
}

impl Idempotency {
    /// Its digit on the boundary.
    pub(crate) fn from_digit(digit: &[u8]) -> Option<Self> {
        match digit {
            b"0" => Some(Self::NotIdempotent),
            b"1" => Some(Self::Idempotent),
            _ => None,
        }
    }
}

impl Operation {
    /// The operation's digit on the boundary.
    pub(crate) fn from_digit(digit: &[u8]) -> Option<Self> {
        Some(match digit {
            b"0" => Self::Lead,
            b"1" => Self::Sale,
            b"2" => Self::EmbedToken,
            _ => return None,
        })
    }

    /// Path below the base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Lead => "/api/track/lead",
            Self::Sale => "/api/track/sale",
            Self::EmbedToken => "/api/embed/token",
        }
    }

    /// Checks that a 2xx body is JSON and has the documented members.
    pub(crate) fn check_response(self, body: &str) -> Result<(), BrokenPromise> {
        // Finding the members of an object reads all of it, so nothing is read twice.
        if !body.trim_start().starts_with('{') {
            return match Shape::of(serde_json::from_str::<&RawValue>(body)?) {
                Shape::Null if self == Self::Lead => Ok(()),
                other => Err(BrokenPromise::NoObject(other)),
            };
        }
        match self {
            Self::Lead => all_promised(body, ["click", "link", "customer"], Shape::Object).map(drop),
            Self::Sale => all_promised(body, ["customer", "sale"], Shape::Object).map(drop),
            Self::EmbedToken => {
                let text = Shape::String { empty: false };
                let [_, expires] = all_promised(body, ["publicToken", "expires"], text)?;
                if !expires.text().is_some_and(|text| is_date(&text)) {
                    return Err(BrokenPromise::NoDate("expires"));
                }
                Ok(())
            }
        }
    }
}

fn all_promised<'a, const N: usize>(
    object: &'a str,
    names: [&'static str; N],
    expected: Shape,
) -> Result<[Member<'a>; N], BrokenPromise> {
    let found = members(object, names)?;
    for (name, member) in names.into_iter().zip(found) {
        match member.shape() {
            Some(shape) if shape == expected => {}
            Some(shape) => return Err(BrokenPromise::WrongShape { name, shape }),
            None => return Err(BrokenPromise::Missing(name)),
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
        assert!(Operation::Lead.check_response(answer).is_ok());
    }

    #[test]
    fn responses_must_keep_the_documented_promise() {
        assert!(Operation::Lead.check_response("null").is_ok());
        assert!(Operation::Sale.check_response("null").is_err());
        assert!(Operation::Lead.check_response("{}").is_err());
        assert!(Operation::Lead.check_response(r#"{"click":{},"link":{},"customer":{},"new":[1]}"#).is_ok());
        assert!(Operation::EmbedToken.check_response(r#"{"publicToken":"","expires":"x"}"#).is_err());
        assert!(Operation::Lead.check_response("<html>").is_err());
    }
}
