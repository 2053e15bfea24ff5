//! `unknown-private-link-zone`

use crate::check::{Context, Report, rule};
use crate::public::Catalogue;

rule! {
    /// ## What it finds
    /// A zone with a `privatelink` label that no service's public names ever lead to:
    /// misspelt, of another cloud, or made up.
    ///
    /// ## Why it matters
    /// The `privatelink` label and what follows are the service's choice. Records in
    /// another zone are never asked for, so clients end at the public endpoint, or
    /// nowhere. The catalogue may lack a service: `privdns catalog` shows what it has.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.window.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static UNKNOWN_PRIVATE_LINK_ZONE = "unknown-private-link-zone" {
        summary: "no service asks a zone that looks like one of Private Link",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

/// How like a zone of the catalogue a name must be, from 0 to 1, to be taken for it.
const ALIKE: f64 = 0.9;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (estate, catalogue) = (context.estate(), Catalogue::get());
    for (id, zone) in estate.zone_ids().filter(|(id, _)| estate.is_private_link(*id)) {
        let apex = estate.names.name(zone.apex);
        let known = !catalogue.zones_matching(&apex).is_empty() || catalogue.may_lead_below(&apex);
        if known {
            continue;
        }
        let name = apex.text();
        let mut finding = report
            .finding(format!("no service's names lead to zone `{name}`"))
            .modelled()
            .from(context.vnets_of(id))
            .at(zone.origin, "nobody asks for its records")
            .named([zone.apex]);
        finding = match meant(&name) {
            Some(meant) => finding.help(format!("move the records to `{meant}`, if that is meant")),
            None => finding.help("look the service's zone up with `privdns catalog`"),
        };
        report.add(finding);
    }
}

/// The zone of the catalogue that a name is most like.
fn meant(name: &str) -> Option<&'static str> {
    let zones = Catalogue::get().entries().iter().filter(|entry| entry.is_current());
    let zones = zones.flat_map(|entry| &entry.private_zones).filter(|zone| !zone.contains('{'));
    let rated = zones.map(|zone| (strsim::jaro_winkler(name, zone), zone.as_str()));
    let best = rated.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, zone)| zone)
}
