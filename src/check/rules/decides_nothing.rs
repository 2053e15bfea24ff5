//! `decides-nothing`

use crate::check::{Context, Report, rule};
use crate::estate::{Extent, ZoneId};
use crate::index::{Place, View};
use crate::name::Name;
use crate::record::RecordType;
use crate::resolve::{Asked, Gap, Outcome, Trace, resolve};

rule! {
    /// ## What it finds
    /// A zone with links that no client of any network ever asks: everybody in the linked
    /// networks asks DNS servers that never come back to it. Or a forwarding ruleset that is
    /// linked to no network.
    ///
    /// ## Why it matters
    /// Whatever is recorded there has no effect, and nobody notices when it is wrong. It
    /// can go; `privdns uses` shows over all names that nothing changes then.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    dns 10.9.0.4
    /// site hq     dns 10.9.0.4
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc-hq  site hq  address 10.9.0.4  recursion on
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static DECIDES_NOTHING = "decides-nothing" {
        summary: "a zone or ruleset that no client ever comes to",
        severity: Note,
        set: Hygiene,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let told = zone.extent() == Extent::Whole && !zone.links.is_empty();
        if !told || !decides_nothing(context, id) {
            continue;
        }
        let name = estate.zone_name(id);
        let finding = report
            .finding(format!("zone `{name}` decides nothing in any network"))
            .at(zone.origin, "no client ever comes here")
            .at_each(zone.links.iter().map(|link| link.origin), "linked here", "and here")
            .from(context.vnets_of(id))
            .named([zone.apex])
            .help(format!(
                "`privdns uses ESTATE {}` compares all answers with and without it",
                estate.zone_label(id)
            ));
        report.add(finding);
    }
    for (_, ruleset) in estate.ruleset_ids() {
        if !ruleset.links_listed || !ruleset.links.is_empty() || ruleset.rules.is_empty() {
            continue;
        }
        let finding = report
            .finding(format!("ruleset `{}` decides nothing: it is linked nowhere", ruleset.name))
            .at(ruleset.origin, "no network has these rules")
            .named(ruleset.rules.iter().map(|rule| rule.domain))
            .help("link it to the networks that need its rules, or delete it");
        report.add(finding);
    }
}

/// Whether no walk comes to a zone. A network that asks Azure DNS settles it at once; only
/// where servers stand before it are names asked for.
fn decides_nothing(context: &Context<'_>, id: ZoneId) -> bool {
    let (index, zone) = (context.index(), context.estate().zone(id));
    let mut linked = context.views_of(id);
    if linked.any(|view| view.asks_azure()) {
        return false;
    }
    // Interfaces with servers of their own have no view here.
    if context.estate().interfaces.iter().any(|one| !one.servers.is_empty()) {
        return false;
    }
    let apex = context.estate().names.name(zone.apex);
    let other =
        Name::from_labels(std::iter::once(&b"any-other-name"[..]).chain(apex.labels())).ok();
    let places = zone.record_sets.iter().map(|set| Place::Known(set.owner));
    let places = places.chain([Place::Known(zone.apex)]);
    let mut places = places.chain(other.map(|name| index.locate(&name)));
    // Those in other networks come here through servers and inbound endpoints too.
    places.all(|place| context.views().iter().all(|view| passes_by(view, &place, id)))
}

/// Whether this walk surely does not come to the zone.
fn passes_by(view: &View<'_>, place: &Place, id: ZoneId) -> bool {
    let mut trace = Trace::default();
    let answer = resolve(view, place, RecordType::A, &mut trace);
    let asked = |asked: &Asked| matches!(asked, Asked::Zone(claim) if claim.zone() == id);
    // What ends in public DNS, whatever that says, was not asked here.
    let told = match answer.outcome {
        Outcome::Unknown(gap) => gap == Gap::PublicUnrecorded,
        _ => true,
    };
    told && !trace.hops.iter().any(|hop| asked(&hop.asked))
}
