//! What tests of readers share: documents in, lines out.

use super::Role;
use crate::estate::{Assembly, Estate};

/// Reads documents, each as it is recognised.
pub fn read<S: AsRef<str>>(documents: &[S]) -> Estate {
    let mut assembly = Assembly::default();
    for (at, text) in documents.iter().enumerate() {
        let octets = text.as_ref().as_bytes();
        super::read(&at.to_string(), octets, None, Role::Estate, &mut assembly);
    }
    assembly.finish()
}

/// Zones with their record sets and links, then all notes with what they point at.
pub fn show(estate: &Estate) -> String {
    let mut lines = Vec::new();
    for zone in &estate.zones {
        lines.push(format!("zone {}", estate.names.show(zone.apex)));
        for set in &zone.record_sets {
            let owner = estate.names.show(set.owner).to_string();
            let texts = set.data.texts(&estate.names).join(" ");
            lines.push(format!("  {owner} {} {texts}", set.data.record_type()));
        }
        for link in &zone.links {
            let vnet = &estate.vnets[link.vnet.index()];
            lines.push(format!("  link {} to {}", link.name, vnet.name));
        }
    }
    for note in &estate.notes {
        let input = &estate.inputs[note.origin.input.index()];
        let start = note.origin.start as usize;
        let place = &input.text[start..start + note.origin.length as usize];
        let place: String = place.chars().take(40).collect();
        lines.push(format!("{:?}: {}", note.kind, note.message));
        lines.push(format!("  at {place:?}"));
    }
    lines.join("\n")
}
