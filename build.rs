//! Link arguments a Node addon needs, chosen per platform by `napi-build`.

fn main() {
    napi_build::setup();
}
