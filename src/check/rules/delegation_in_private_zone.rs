//! `delegation-in-private-zone`

use super::{looks_public, of_notes};
use crate::check::{Context, Report, rule};
use crate::estate::NoteKind;

rule! {
    /// ## What it finds
    /// An NS record below the apex, in the file of a zone.
    ///
    /// ## Why it matters
    /// Private zones have no delegation ("What is a private Azure DNS zone",
    /// learn.microsoft.com/azure/dns/private-dns-privatednszone, read 2026-11). Once the
    /// file is a private zone, the names below are NXDOMAIN: nobody asks the other
    /// server. A child zone needs no delegation, it is only to be linked; other servers
    /// are reached by a forwarding rule.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A   10.0.0.7
    ///   lab  NS  ns1.lab.example.
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A   10.0.0.7
    /// zone lab.corp.internal  link hub
    ///   db   A   10.0.0.8
    /// ```
    pub static DELEGATION_IN_PRIVATE_ZONE = "delegation-in-private-zone" {
        summary: "a zone file delegates a name, which a private zone cannot",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    of_notes(context, report, NoteKind::Delegation, "nobody follows this", |finding| {
        let input = finding.places.first().map(|place| place.origin.input);
        let mut here = context.estate().zone_ids().filter(|one| Some(one.1.origin.input) == input);
        let finding = match here.find_map(|(zone, _)| looks_public(context, zone)) {
            Some(note) => finding.note(note),
            None => finding,
        };
        finding.help("make a private zone of that name and link it, or forward it by a rule")
    });
}
