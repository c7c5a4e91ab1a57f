//! Reads members of JSON text without copying it, as `JSON.parse` would: if a name occurs twice, the last one wins, and
//! strings may contain half a surrogate pair, which Rust's strings cannot hold.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member of an object, if it has one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Member<'a>(Option<&'a RawValue>);

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// Any number.
    Number,
    /// A string.
    String {
        /// Whether it is `""`.
        empty: bool,
    },
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The text is not a JSON object.
#[derive(Debug, thiserror::Error)]
#[error("no JSON object ({0})")]
pub(crate) struct NotAnObject(#[from] serde_json::Error);

/// The members of `object` that have these names.
pub(crate) fn members<'a, const N: usize>(object: &'a str, names: [&str; N]) -> Result<[Member<'a>; N], NotAnObject> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    let found = deserializer.deserialize_map(Named(names))?;
    deserializer.end()?;
    Ok(found)
}

struct Named<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Named<'_, N> {
    type Value = [Member<'de>; N];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = [Member::default(); N];
        while let Some(name) = map.next_key::<&RawValue>()? {
            match position(name, &self.0) {
                Some(index) => found[index] = Member(Some(map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// The index of `name` in `wanted`. Decodes only names with escapes. A name that cannot be decoded contains half a surrogate
/// pair, so it is none of them.
fn position(name: &RawValue, wanted: &[&str]) -> Option<usize> {
    let quoted = name.get().as_bytes();
    let plain = quoted.get(1..quoted.len() - 1)?;
    if plain.contains(&b'\\') {
        let decoded: String = serde_json::from_str(name.get()).ok()?;
        return wanted.iter().position(|wanted| *wanted == decoded);
    }
    wanted.iter().position(|wanted| wanted.as_bytes() == plain)
}

impl<'a> Member<'a> {
    /// The kind of the value; `None` if there is no such member.
    pub(crate) fn shape(self) -> Option<Shape> {
        self.0.map(Shape::of)
    }

    /// The JSON text of an object.
    pub(crate) fn object(self) -> Option<&'a str> {
        self.0.filter(|value| Shape::of(value) == Shape::Object).map(RawValue::get)
    }

    /// The text of a non-empty string, with a replacement character for half a surrogate pair.
    pub(crate) fn text(self) -> Option<String> {
        match Shape::of(self.0?) {
            Shape::String { empty: false } => serde_json::from_str(self.0?.get()).ok().map(|Lossy(text)| text),
            _ => None,
        }
    }
}

impl Shape {
    /// Determined by the first byte.
    pub(crate) fn of(value: &RawValue) -> Self {
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

    /// For messages.
    pub(crate) fn name(self) -> &'static str {
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

/// Read as bytes, as serde_json accepts half a surrogate pair only there.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one<'a>(object: &'a str, name: &str) -> Member<'a> {
        let [member] = members(object, [name]).expect("an object");
        member
    }

    #[test]
    fn finds_members_as_json_parse_does() {
        assert_eq!(one(r#"{"a":1,"a":"x"}"#, "a").text().as_deref(), Some("x"));
        assert_eq!(one(r#" { "b" : 1 , "\u0061" : "x" } "#, "a").text().as_deref(), Some("x"));
        assert_eq!(one(r#"{"\uD83D":1,"\ud83d":2,"a":[]}"#, "a").shape(), Some(Shape::Array));
        assert_eq!(one(r#"{"b":{"a":1}}"#, "a").shape(), None);
        for text in ["", "[]", r#"["a",1]"#, "null", r#"{"a":1"#, r#"{"a":1}}"#, r#"{"a":01}"#, r#"{a:1}"#] {
            assert!(members(text, ["a"]).is_err(), "{text}");
        }
    }

    #[test]
    fn text_is_decoded_as_far_as_it_can_be() {
        assert_eq!(one(r#"{"a":"\u00e9\n\ud83d\ude00"}"#, "a").text().as_deref(), Some("\u{e9}\n\u{1f600}"));
        assert_eq!(one(r#"{"a":""}"#, "a").text(), None);
        assert_eq!(one(r#"{"a":["x"]}"#, "a").text(), None);
        let text = one(r#"{"a":"x\udfffy"}"#, "a").text().expect("a text");
        assert!(text.starts_with("x\u{fffd}") && text.ends_with("\u{fffd}y"));
    }

    #[test]
    fn depth_is_no_limit() {
        let depth = 200_000;
        let object = format!(
            r#"{{"b":{}{},"a":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth),
            "[".repeat(depth),
            "]".repeat(depth)
        );
        assert_eq!(one(&object, "a").shape(), Some(Shape::Array));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in r#"[{}\[\]:,"\\ua0-9 ]{0,40}"#) {
            let _ = members(&text, ["a"]).map(|[member]| member.text());
        }
    }
}
