//! The click ID in a `Cookie` header.
//!
//! Text is UTF-16 code units, the way JavaScript holds it, so that a lone surrogate comes out as it went in. The rules:
//!
//! - The first cookie of the name counts, even when a later one has more to say. An empty one means: no click ID.
//! - Names are compared exactly as they were sent. Spaces and tabs around a name or a value are not part of it, and
//!   text without `=` is no cookie.
//! - One pair of double quotes around a value is removed. Then `%XX` is decoded the way `decodeURIComponent` does it;
//!   a value that it would refuse stays as it is.

use std::borrow::Cow;

const SEMICOLON: u16 = b';' as u16;
const EQUALS: u16 = b'=' as u16;
const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;
const QUOTE: u16 = b'"' as u16;
const PERCENT: u16 = b'%' as u16;

/// The click ID in `header`: what the first cookie called `name` holds, decoded. `None` if that is nothing.
#[must_use]
pub fn click_id<'h>(header: &'h [u16], name: &[u16]) -> Option<Cow<'h, [u16]>> {
    sent_value(header, name).and_then(canonical)
}

/// The click ID that `value`, found in the cookie map of a framework, stands for. `None` if that is nothing.
///
/// Most frameworks decode what they put there, and decoding it again would make `A` of a cookie `%2541`; some leave it
/// as it was sent. Which of the two it is can be seen in `header`, the `Cookie` header of the same request: a value on
/// the way from the cookie there to its click ID is that cookie. Any other value (an application's own, or one without
/// a header to compare it with) counts as decoded, and loses nothing but a pair of quotes.
#[must_use]
pub fn click_id_in_map<'t>(value: &'t [u16], header: &'t [u16], name: &[u16]) -> Option<Cow<'t, [u16]>> {
    if let Some(sent) = sent_value(header, name)
        && [sent, unquote(sent), &decode(unquote(sent))].contains(&value)
    {
        return canonical(sent);
    }
    Some(Cow::Borrowed(unquote(value))).filter(|id| !id.is_empty())
}

/// The value of the first cookie called `name` as it was sent, which may be empty.
fn sent_value<'h>(header: &'h [u16], name: &[u16]) -> Option<&'h [u16]> {
    if name.is_empty() {
        return None;
    }
    header.split(|&unit| unit == SEMICOLON).find_map(|pair| {
        let equals = pair.iter().position(|&unit| unit == EQUALS)?;
        (trim(&pair[..equals]) == name).then(|| trim(&pair[equals + 1..]))
    })
}

fn canonical(sent: &[u16]) -> Option<Cow<'_, [u16]>> {
    Some(decode(unquote(sent))).filter(|id| !id.is_empty())
}

fn trim(mut text: &[u16]) -> &[u16] {
    while let [SPACE | TAB, rest @ ..] | [rest @ .., SPACE | TAB] = text {
        text = rest;
    }
    text
}

fn unquote(value: &[u16]) -> &[u16] {
    match value {
        [QUOTE, inner @ .., QUOTE] => inner,
        _ => value,
    }
}

fn decode(value: &[u16]) -> Cow<'_, [u16]> {
    if !value.contains(&PERCENT) {
        return Cow::Borrowed(value);
    }
    percent_decoded(value).map_or(Cow::Borrowed(value), Cow::Owned)
}

fn percent_decoded(mut rest: &[u16]) -> Option<Vec<u16>> {
    let mut decoded = Vec::with_capacity(rest.len());
    let mut bytes = Vec::new();
    while let Some((&unit, after)) = rest.split_first() {
        if unit != PERCENT {
            decoded.push(unit);
            rest = after;
            continue;
        }
        // One character can take several escapes, so they are read as far as they go.
        bytes.clear();
        while let [PERCENT, after @ ..] = rest {
            let [high, low, after @ ..] = after else { return None };
            bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
            rest = after;
        }
        decoded.extend(std::str::from_utf8(&bytes).ok()?.encode_utf16());
    }
    Some(decoded)
}

fn hex_digit(unit: u16) -> Option<u8> {
    let digit = char::from_u32(unit.into())?.to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn text(id: Option<Cow<'_, [u16]>>) -> Option<String> {
        id.map(|id| String::from_utf16(&id).expect("no lone surrogates in this test"))
    }

    fn in_header(header: &str, name: &str) -> Option<String> {
        text(click_id(&units(header), &units(name)))
    }

    fn in_map(value: &str, header: &str) -> Option<String> {
        text(click_id_in_map(&units(value), &units(header), &units("id")))
    }

    #[test]
    fn finds_a_cookie_wherever_it_stands() {
        for header in
            ["id=x", "a=1; id=x", "a=1;id=x;b=2", "\t id \t=\t x \t;", ";;id=x", "a; id=x", "xid=1; id2=2; id=x"]
        {
            assert_eq!(in_header(header, "id").as_deref(), Some("x"), "{header:?}");
        }
    }

    #[test]
    fn finds_nothing_in_text_that_holds_no_such_cookie() {
        for header in ["", ";", "=", "id", "id;", "ID=x", "xid=x", "a=id=x", "=id=x", "a=1, id=x", "\u{a0}id=x"] {
            assert_eq!(in_header(header, "id"), None, "{header:?}");
        }
    }

    #[test]
    fn the_first_cookie_of_the_name_counts_even_when_it_is_empty() {
        assert_eq!(in_header("id=x; id=y", "id").as_deref(), Some("x"));
        for header in ["id=", "id= ; id=y", "id=\"\"; id=y"] {
            assert_eq!(in_header(header, "id"), None, "{header:?}");
        }
    }

    #[test]
    fn names_are_text_and_no_pattern() {
        assert_eq!(in_header("a.c=1; abc=2", "a.c").as_deref(), Some("1"));
        assert_eq!(in_header("abc=2", "a.c"), None);
        for name in ["", " ", " id", "id=", "id=x", "; id", "a=1; id"] {
            assert_eq!(in_header("a=1; id=x; =y", name), None, "{name:?}");
        }
    }

    #[test]
    fn decodes_what_decode_uri_component_decodes() {
        for (sent, id) in [
            ("a%20b", "a b"),
            ("%e2%82%ac%F0%9F%98%80", "€😀"),
            ("a=b=%3D", "a=b=="),
            ("%2541", "%41"),
            ("a+b", "a+b"),
            ("€%20", "€ "),
            ("%00", "\0"),
            // Refused: cut off, no digits, no UTF-8 (a lone byte, an overlong form, a surrogate, too large).
            ("%", "%"),
            ("a%20%2", "a%20%2"),
            ("%zz%20", "%zz%20"),
            ("%+1", "%+1"),
            ("%FF", "%FF"),
            ("%C0%80", "%C0%80"),
            ("%E2%82é%AC", "%E2%82é%AC"),
            ("%ED%A0%80", "%ED%A0%80"),
            ("%F4%90%80%80", "%F4%90%80%80"),
        ] {
            assert_eq!(in_header(&format!("id={sent}"), "id").as_deref(), Some(id), "{sent:?}");
        }
    }

    #[test]
    fn removes_one_pair_of_quotes_before_decoding() {
        for (sent, id) in
            [("\"a b\"", "a b"), ("\"\"x\"\"", "\"x\""), ("\"x", "\"x"), ("\"", "\""), ("%22x%22", "\"x\"")]
        {
            assert_eq!(in_header(&format!("id={sent}"), "id").as_deref(), Some(id), "{sent:?}");
        }
    }

    #[test]
    fn a_lone_surrogate_stays_what_it_is() {
        let mut header = units("id=%20");
        header.push(0xD83D);
        assert_eq!(click_id(&header, &units("id")).as_deref(), Some([SPACE, 0xD83D].as_slice()));
    }

    #[test]
    fn a_map_gives_the_same_id_whether_it_decodes_or_not() {
        let header = "id=\"a%2541\"";
        for value in ["\"a%2541\"", "a%2541", "\"a%41\"", "a%41"] {
            assert_eq!(in_map(value, header).as_deref(), Some("a%41"), "{value:?}");
        }
    }

    #[test]
    fn a_map_gives_the_same_id_when_quotes_belong_to_it() {
        assert_eq!(in_map("\"a\"", "id=%22a%22").as_deref(), Some("\"a\""));
        assert_eq!(in_map("\"a\"", "id=\"a\"").as_deref(), Some("a"));
    }

    #[test]
    fn a_value_that_is_not_from_the_header_is_not_decoded() {
        for header in ["", "id=other", "id=", "other=a%41"] {
            assert_eq!(in_map("a%41", header).as_deref(), Some("a%41"), "{header:?}");
            assert_eq!(in_map("\"a%41\"", header).as_deref(), Some("a%41"), "{header:?}");
            assert_eq!(in_map("\"\"", header), None, "{header:?}");
        }
    }

    /// `decodeURIComponent`, on a whole value at once.
    fn naive_decode(value: &str) -> Option<String> {
        let mut bytes = Vec::new();
        let mut pieces = value.split('%');
        bytes.extend(pieces.next()?.as_bytes());
        for piece in pieces {
            let digits = piece.get(..2).filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            bytes.extend(&piece.as_bytes()[2..]);
        }
        String::from_utf8(bytes).ok()
    }

    fn naive_click_id(header: &str, name: &str) -> Option<String> {
        let blank = [' ', '\t'];
        let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(key, _)| key.trim_matches(blank) == name).map(|(_, value)| value);
        let value = values.next()?.trim_matches(blank);
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        let id = naive_decode(bare).unwrap_or_else(|| bare.to_owned());
        (!id.is_empty() && !name.is_empty()).then_some(id)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_the_naive_oracle(header in "([ab]{0,2}|[ \t;=\"%]|%[0-9a-fA-F]{2}|%C3%A9|é|😀){0,24}", name in "[ab]{0,2}") {
            prop_assert_eq!(in_header(&header, &name), naive_click_id(&header, &name));
        }

        #[test]
        fn gives_back_what_was_encoded(id in ".+", name in "[A-Za-z0-9_.-]+", before in "([a-z]=[a-z]; ?){0,3}") {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assume!(!before.contains(&format!("{name}=")));
            prop_assert_eq!(in_header(&format!("{before}{name}={encoded}; z=1"), &name), Some(id));
        }

        #[test]
        fn never_panics(header: Vec<u16>, value: Vec<u16>, name: Vec<u16>) {
            let _ = click_id(&header, &name);
            let _ = click_id_in_map(&value, &header, &name);
        }
    }
}
