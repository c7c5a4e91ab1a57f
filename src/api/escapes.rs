//! Characters as other formats write them: with a backslash (JSON, JavaScript), a percent sign (URLs) or as a character
//! reference (HTML). All are ASCII, as API keys are.

/// How often a text is escaped at most: JSON in JSON on an HTML page is three times.
const MAX_DEPTH: usize = 3;

/// The characters that start an escape.
pub const INTRODUCERS: [u8; 3] = *b"\\%&";

/// Everything that the text can mean at `at`, with where it ends: the byte as it is, and unescaped once and more often.
pub fn readings(text: &[u8], at: usize) -> impl Iterator<Item = (u8, usize)> {
    let is_escape = text.get(at).is_some_and(|byte| INTRODUCERS.contains(byte));
    (0..=if is_escape { MAX_DEPTH } else { 0 }).filter_map(move |depth| read(text, at, depth))
}

/// The character at `at` of the text after it was unescaped `depth` times, and where it ends in `text`.
fn read(text: &[u8], at: usize, depth: usize) -> Option<(u8, usize)> {
    let Some(below) = depth.checked_sub(1) else { return text.get(at).map(|&byte| (byte, at + 1)) };
    let (first, end) = read(text, at, below)?;
    let next = |at| read(text, at, below);
    let unescaped = match first {
        b'\\' => backslash(next, end),
        b'%' => number(next, end, 16, 2),
        b'&' => reference(next, end),
        _ => None,
    };
    Some(unescaped.unwrap_or((first, end)))
}

/// After `\`.
fn backslash(next: impl Fn(usize) -> Option<(u8, usize)>, at: usize) -> Option<(u8, usize)> {
    match next(at)? {
        (b'u', end) => number(next, end, 16, 4),
        (b'x', end) => number(next, end, 16, 2),
        (byte, end) => byte.is_ascii_punctuation().then_some((byte, end)),
    }
}

/// A number of exactly so many digits.
fn number(
    next: impl Fn(usize) -> Option<(u8, usize)>,
    mut at: usize,
    radix: u32,
    digits: usize,
) -> Option<(u8, usize)> {
    let mut value = 0;
    for _ in 0..digits {
        let (digit, end) = next(at)?;
        value = value * radix + char::from(digit).to_digit(radix)?;
        at = end;
    }
    Some((u8::try_from(value).ok()?, at))
}

/// After `&`. Numbers may have zeros in front; of the names, those that encoders use.
fn reference(next: impl Fn(usize) -> Option<(u8, usize)>, mut at: usize) -> Option<(u8, usize)> {
    const LONGEST: usize = 10;
    let mut name = Vec::with_capacity(LONGEST);
    loop {
        let (byte, end) = next(at)?;
        at = end;
        match byte {
            b';' => break,
            b'#' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' if name.len() < LONGEST => name.push(byte),
            _ => return None,
        }
    }
    let name = std::str::from_utf8(&name).ok()?.to_ascii_lowercase();
    let byte = match name.as_str() {
        "quot" => b'"',
        "amp" => b'&',
        "apos" => b'\'',
        "lt" => b'<',
        "gt" => b'>',
        _ => {
            let digits = name.strip_prefix('#')?;
            let hexadecimal = digits.strip_prefix('x').map(|digits| u8::from_str_radix(digits, 16));
            hexadecimal.unwrap_or_else(|| digits.parse()).ok()?
        }
    };
    Some((byte, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn longest(text: &str) -> Option<(char, usize)> {
        readings(text.as_bytes(), 0).last().map(|(byte, end)| (char::from(byte), end))
    }

    #[test]
    fn reads_every_way_to_write_a_character() {
        for text in ["/", r"\/", r"\u002f", r"\u002F", r"\x2f", "%2f", "%2F", "&#47;", "&#x2F;", "&#X002f;", "&#0047;"]
        {
            assert_eq!(longest(text), Some(('/', text.len())), "{text}");
        }
        for text in
            ["&quot;", "&QUOT;", r#"\""#, r#"\\\""#, r"\\u0022", "%2522", "&amp;quot;", "&amp;#34;", r"\u0026quot;"]
        {
            assert_eq!(longest(text), Some(('"', text.len())), "{text}");
        }
    }

    #[test]
    fn leaves_what_is_no_escape_as_it_is() {
        for text in
            ["%", "%2", "%zz", r"\", r"\u00", r"\n", "&", "&quot", "&none;", "&#;", "&#256;", "&#x;", "&12345678901;"]
        {
            assert_eq!(longest(text).map(|(_, end)| end), Some(1), "{text}");
        }
        assert_eq!(longest(""), None);
    }

    proptest! {
        #[test]
        fn every_reading_ends_within_the_text_at_a_character(text in ".*") {
            for (at, _) in text.char_indices() {
                for (byte, end) in readings(text.as_bytes(), at) {
                    prop_assert!(end > at && end <= text.len());
                    prop_assert!(!byte.is_ascii() || text.as_bytes()[at] >= 0x80 || text.is_char_boundary(end));
                }
            }
        }
    }
}
