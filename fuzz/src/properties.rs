//! What holds for any octets at all. Run by the fuzz targets and, on mutated
//! exports, by `tests/fuzz.rs`.

use privdns::check::{Context, check};
use privdns::estate::{Assembly, Estate};
use privdns::index::{Index, Settings};
use privdns::render::human;
use privdns::source::{self, Format, Role, estate_text};

fn read(octets: &[u8], format: Option<Format>, role: Role) -> Estate {
    let mut assembly = Assembly::default();
    source::read("fuzz", octets, format, role, &mut assembly);
    assembly.finish()
}

/// Nothing panics, whatever is read as whatever format; and what was read is
/// written as `.estate` text that reads back the same.
pub fn inputs(octets: &[u8]) {
    let formats = Format::ALL.iter().map(|&(format, _)| Some(format));
    for format in formats.chain([None]) {
        read(octets, format, Role::Public);
        let estate = read(octets, format, Role::Estate);
        let written = estate_text::write(&estate);
        let again = read(written.as_bytes(), Some(Format::Estate), Role::Estate);
        let rewritten = estate_text::write(&again);
        for (line, before) in rewritten.lines().zip(written.lines()) {
            assert_eq!(line, before);
        }
        assert_eq!(rewritten.len(), written.len());
        let index = Index::new(estate);
        let context = Context::new(&index, &Settings::default());
        for finding in check(&context, |_| true) {
            human::finding(&context, &finding, Some(80));
        }
    }
}
