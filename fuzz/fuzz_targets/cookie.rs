//! No text makes the cookie parser panic, and what it finds does not depend on what comes after it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refport::cookie::{click_id, click_id_in_map};

/// Lines of the input, as the text that is parsed. The fuzzer works on bytes, so that it can learn from dictionaries and
/// corpora that people can read.
fn units(line: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(line).encode_utf16().collect()
}

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(3, |&byte| byte == b'\n').map(units);
    let mut line = || lines.next().unwrap_or_default();
    let (name, value, header) = (line(), line(), line());

    let found = click_id(&header, &name);
    if let Some(id) = &found {
        assert!(!id.is_empty() && id.len() <= header.len());
        let mut longer = header.clone();
        longer.extend("; ".encode_utf16().chain(name.iter().copied()).chain("=later".encode_utf16()));
        assert_eq!(click_id(&longer, &name), found);
    }

    // What is not part of the name cannot be found before it.
    let mut longer: Vec<u16> = "!; ".encode_utf16().collect();
    longer.extend(&header);
    assert_eq!(click_id(&longer, &name), found);

    // A map that holds what was sent, or its ID, is the same as the header.
    if let Some(id) = click_id_in_map(&value, &header, &name) {
        assert!(!id.is_empty());
    }
    if let Some(id) = found {
        assert_eq!(click_id_in_map(&id, &header, &name), Some(id.clone()));
    }
});
