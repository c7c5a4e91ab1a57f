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

    /// Checks parameters before they are recorded in an outbox; the message names the field.
    pub fn check_params(self, body: &str) -> Result<Idempotency, String> {
        if !body.starts_with('{') {
            return Err("params must be an object".to_owned());
        }
        match self {
            Self::Lead => {
                let names = ["clickId", "eventName", "customerExternalId"];
                for (name, value) in names.into_iter().zip(members(body, names)?) {
                    required_string(name, value)?;
                }
                Ok(Idempotency::NotIdempotent)
            }
            Self::Sale => {
                let [click_id, customer_external_id, amount, invoice_id] =
                    members(body, ["clickId", "customerExternalId", "amount", "invoiceId"])?;
                required_string("clickId", click_id)?;
                required_string("customerExternalId", customer_external_id)?;
                required_number("amount", amount)?;
                // Only a string is known to be deduplicated on; anything else the API may ignore or refuse.
                Ok(match invoice_id.shape() {
                    Some(Shape::String { empty: false }) => Idempotency::Idempotent,
                    _ => Idempotency::NotIdempotent,
                })
            }
            Self::EmbedToken => {
                let [tenant_id, enrollment_id, partner] = members(body, ["tenantId", "enrollmentId", "partner"])?;
                match partner.shape() {
                    Some(Shape::Object) => {
                        let [email] = members(partner.object().unwrap_or_default(), ["email"])?;
                        required_string("partner.email", email)?;
                    }
                    None | Some(Shape::Null) => {
                        if !tenant_id.is_given() && !enrollment_id.is_given() {
                            return Err("pass at least one of tenantId, enrollmentId and partner".to_owned());
                        }
                    }
                    Some(_) => return Err("partner must be an object with an email".to_owned()),
                }
                Ok(Idempotency::Idempotent)
            }
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

fn required_string(field: &str, value: Member<'_>) -> Result<(), String> {
    match value.shape() {
        Some(Shape::String { empty: false }) => Ok(()),
        Some(Shape::String { empty: true }) => Err(format!("{field} must not be empty: pass a non-empty string")),
        Some(other) => Err(format!("{field} must be a non-empty string, not {}", other.name())),
        None => Err(format!("{field} is required: pass a non-empty string")),
    }
}

fn required_number(field: &str, value: Member<'_>) -> Result<(), String> {
    match value.shape() {
        Some(Shape::Number) => Ok(()),
        Some(other) => Err(format!("{field} must be a finite number, not {}", other.name())),
        None => Err(format!("{field} is required: pass a finite number in the smallest currency unit")),
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
    fn names_the_missing_or_wrong_field() {
        let message = |operation: Operation, body| operation.check_params(body).expect_err("must be refused");
        let lead = |body| message(Operation::Lead, body);
        assert!(lead(r#"{"eventName":"a","customerExternalId":"b"}"#).starts_with("clickId is required"));
        assert!(lead(r#"{"clickId":"","eventName":"a"}"#).starts_with("clickId must not be empty"));
        assert!(lead(r#"{"clickId":"a","eventName":7}"#).starts_with("eventName must be"));
        let sale = |body| message(Operation::Sale, body);
        assert!(sale(r#"{"clickId":"a","customerExternalId":"b","amount":null}"#).contains("amount must be"));
        assert!(sale(r#"{"clickId":"a","customerExternalId":"b"}"#).contains("amount is required"));
        let token = |body| message(Operation::EmbedToken, body);
        assert!(token(r#"{"partner":{}}"#).contains("partner.email"));
        assert!(token(r#"{"tenantId":""}"#).contains("tenantId"));
        assert!(token("[]").contains("object"));
    }

    #[test]
    fn lone_surrogates_are_not_decoded() {
        let body = r#"{"clickId":"\ud800","eventName":"a","customerExternalId":"b","metadata":{"x":"\udfff"}}"#;
        assert_eq!(Operation::Lead.check_params(body), Ok(Idempotency::NotIdempotent));
        let name = r#"{"clickId":"a","eventName":"a","customerExternalId":"b","\udc00\\ud":1}"#;
        assert_eq!(Operation::Lead.check_params(name), Ok(Idempotency::NotIdempotent));
        let partner = r#"{"partner":{"\udfff":"\ud800","email":"\ud800"}}"#;
        assert_eq!(Operation::EmbedToken.check_params(partner), Ok(Idempotency::Idempotent));
        let answer = r#"{"\uD800":1,"click":1,"click":{},"link":{},"customer":{}}"#;
        assert_eq!(Operation::Lead.check_response(answer), Ok(()));
    }

    #[test]
    fn only_an_invoice_makes_a_sale_repeatable() {
        let sale = |invoice: &str| {
            let body = format!(r#"{{"clickId":"a","customerExternalId":"b","amount":1{invoice}}}"#);
            Operation::Sale.check_params(&body)
        };
        assert_eq!(sale(""), Ok(Idempotency::NotIdempotent));
        assert_eq!(sale(r#","invoiceId":"""#), Ok(Idempotency::NotIdempotent));
        assert_eq!(sale(r#","invoiceId":7"#), Ok(Idempotency::NotIdempotent));
        assert_eq!(sale(r#","invoiceId":"in_1""#), Ok(Idempotency::Idempotent));
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
