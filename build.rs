//! Link arguments a Node addon needs, chosen per platform by `napi-build`, and the version, which package.json has.

use std::{env, fs, path::Path};

fn main() {
    napi_build::setup();
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let manifest = Path::new(&root).join("package.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest).expect("package.json lies beside Cargo.toml");
    println!("cargo::rustc-env=REFPORT_VERSION={}", version(&text));
}

/// The first member `version`, as npm writes the file: one member a line.
fn version(manifest: &str) -> &str {
    manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"version\": \"")?.strip_suffix("\","))
        .expect("package.json has a version")
}
