#![no_main]

#[path = "../src/properties.rs"]
#[allow(dead_code, reason = "each target is one of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| properties::zone_file(octets));
