//! The three calls of the API: where they go, what they need, what they promise.
//!
//! The models look at a body without owning it: what is sent is the caller's text, untouched, and fields nobody
//! here knows pass through in both directions.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

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
pub enum Repeatable {
    /// The API recognises a repetition (sale with `invoiceId`) or it costs nothing (embed token).
    Safely,
    /// Sent twice it may count twice.
    Never,
}

impl Operation {
    /// The operation's digit on the boundary; `lib/client.js` has the other half.
    pub fn from_digit(digit: &str) -> Option<Self> {
        Some(match digit {
            "0" => Self::Lead,
            "1" => Self::Sale,
            "2" => Self::EmbedToken,
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

    /// Checks parameters before anything is sent; the message names the field.
    pub fn check_params(self, body: &str) -> Result<Repeatable, String> {
        if !body.starts_with('{') {
            return Err("params must be an object".to_owned());
        }
        let params: Params<'_> = match serde_json::from_str(body) {
            Ok(params) => params,
            Err(_) if has_surrogates(body) => return self.check_params(&without_surrogates(body)),
            Err(error) => return Err(format!("params are not valid JSON: {error}")),
        };
        match self {
            Self::Lead => {
                required_string("clickId", params.click_id)?;
                required_string("eventName", params.event_name)?;
                required_string("customerExternalId", params.customer_external_id)?;
                Ok(Repeatable::Never)
            }
            Self::Sale => {
                required_string("clickId", params.click_id)?;
                required_string("customerExternalId", params.customer_external_id)?;
                required_number("amount", params.amount)?;
                // Only a string is known to be deduplicated on; anything else the API may ignore or refuse.
                Ok(match params.invoice_id.shape() {
                    Some(Shape::String { empty: false }) => Repeatable::Safely,
                    _ => Repeatable::Never,
                })
            }
            Self::EmbedToken => {
                match params.partner.0 {
                    Some(partner) if Shape::of(partner) == Shape::Object => {
                        let partner: Partner<'_> = serde_json::from_str(partner.get())
                            .map_err(|error| format!("partner is not valid JSON: {error}"))?;
                        required_string("partner.email", partner.email)?;
                    }
                    Some(partner) if Shape::of(partner) != Shape::Null => {
                        return Err("partner must be an object with an email".to_owned());
                    }
                    _ if params.tenant_id.is_given() || params.enrollment_id.is_given() => {}
                    _ => return Err("pass at least one of tenantId, enrollmentId and partner".to_owned()),
                }
                Ok(Repeatable::Safely)
            }
        }
    }

    /// Checks that a 2xx body is JSON and has the members that the documentation lets callers rely on.
    pub fn check_response(self, body: &str) -> Result<(), String> {
        let whole: &RawValue = serde_json::from_str(body).map_err(|error| format!("not JSON ({error})"))?;
        match Shape::of(whole) {
            Shape::Null if self == Self::Lead => return Ok(()),
            Shape::Object => {}
            other => return Err(format!("{} instead of an object", other.name())),
        }
        let answer: Answer<'_> = match serde_json::from_str(whole.get()) {
            Ok(answer) => answer,
            Err(_) if has_surrogates(body) => return self.check_response(&without_surrogates(body)),
            // What is left to go wrong is a member given twice.
            Err(error) => return Err(error.to_string()),
        };
        match self {
            Self::Lead => {
                promised("click", answer.click, Shape::Object)?;
                promised("link", answer.link, Shape::Object)?;
                promised("customer", answer.customer, Shape::Object)
            }
            Self::Sale => {
                promised("customer", answer.customer, Shape::Object)?;
                promised("sale", answer.sale, Shape::Object)
            }
            Self::EmbedToken => {
                promised("publicToken", answer.public_token, Shape::String { empty: false })?;
                // Whether it is a date is for JavaScript's own Date to say: it is what the caller gets.
                promised("expires", answer.expires, Shape::String { empty: false })
            }
        }
    }
}

const SURROGATE: &str = r"\ud";

fn has_surrogates(body: &str) -> bool {
    body.contains(SURROGATE)
}

/// serde decodes names of members and refuses half of a surrogate pair in them, which JavaScript does not. What
/// is checked here are ASCII names and kinds of values, so a copy with other characters tells the same.
fn without_surrogates(body: &str) -> String {
    body.replace(SURROGATE, r"\u0")
}

/// A member that may be missing; unlike `Option`, it keeps `null` apart from absence.
#[derive(Default, Clone, Copy)]
struct Member<'a>(Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

/// The parameters that are looked at before sending, of all operations.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Params<'a> {
    #[serde(borrow)]
    click_id: Member<'a>,
    event_name: Member<'a>,
    customer_external_id: Member<'a>,
    amount: Member<'a>,
    invoice_id: Member<'a>,
    tenant_id: Member<'a>,
    enrollment_id: Member<'a>,
    partner: Member<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Partner<'a> {
    #[serde(borrow)]
    email: Member<'a>,
}

/// The members that documented code dereferences, of all operations.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Answer<'a> {
    #[serde(borrow)]
    click: Member<'a>,
    link: Member<'a>,
    customer: Member<'a>,
    sale: Member<'a>,
    public_token: Member<'a>,
    expires: Member<'a>,
}

/// The kind of a JSON value, told by its first byte: strings stay undecoded, so lone surrogates survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    Bool,
    Number,
    String { empty: bool },
    Array,
    Object,
}

impl Shape {
    fn of(value: &RawValue) -> Self {
        match value.get().as_bytes() {
            [b'"', b'"'] => Self::String { empty: true },
            [b'"', ..] => Self::String { empty: false },
            [b'{', ..] => Self::Object,
            [b'[', ..] => Self::Array,
            [b't' | b'f', ..] => Self::Bool,
            [b'n', ..] => Self::Null,
            _ => Self::Number,
        }
    }

    fn name(self) -> &'static str {
        match self {
            // NaN and Infinity have no JSON and arrive as null.
            Self::Null => "null (or a value JSON cannot hold)",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String { .. } => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl Member<'_> {
    fn shape(self) -> Option<Shape> {
        self.0.map(Shape::of)
    }

    /// Neither missing, nor null, nor an empty string.
    fn is_given(self) -> bool {
        !matches!(self.shape(), None | Some(Shape::Null | Shape::String { empty: true }))
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

fn promised(field: &str, value: Member<'_>, expected: Shape) -> Result<(), String> {
    match value.shape() {
        Some(shape) if shape == expected => Ok(()),
        Some(shape) => Err(format!("its member {field} is {}", shape.name())),
        None => Err(format!("it has no member {field}")),
    }
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
        assert_eq!(Operation::Lead.check_params(body), Ok(Repeatable::Never));
        let name = r#"{"clickId":"a","eventName":"a","customerExternalId":"b","\udc00\\ud":1}"#;
        assert_eq!(Operation::Lead.check_params(name), Ok(Repeatable::Never));
    }

    #[test]
    fn only_an_invoice_makes_a_sale_repeatable() {
        let sale = |invoice: &str| {
            let body = format!(r#"{{"clickId":"a","customerExternalId":"b","amount":1{invoice}}}"#);
            Operation::Sale.check_params(&body)
        };
        assert_eq!(sale(""), Ok(Repeatable::Never));
        assert_eq!(sale(r#","invoiceId":"""#), Ok(Repeatable::Never));
        assert_eq!(sale(r#","invoiceId":7"#), Ok(Repeatable::Never));
        assert_eq!(sale(r#","invoiceId":"in_1""#), Ok(Repeatable::Safely));
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
