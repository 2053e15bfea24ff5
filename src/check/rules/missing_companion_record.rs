//! `missing-companion-record`

use std::collections::{BTreeMap, BTreeSet};

use super::{list, list_names};
use crate::check::{Context, Report, Severity, rule};
use crate::estate::{Extent, RecordSet, ZoneId};
use crate::index::{Evidence, Found, View};
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{Outcome, resolve};

rule! {
    /// ## What it finds
    /// A record of a web app without that of its `scm` site, of a container registry
    /// without that of its data endpoint, or of a Data Lake account without that of its
    /// blob service where the zone for it is there: no network that the zone is linked to
    /// gets an answer for it. What an endpoint is stated to serve is `dead-endpoint`.
    ///
    /// ## Why it matters
    /// One private endpoint serves both names, and the service leads both into the
    /// private zone: the one that is missing is NXDOMAIN. Deployments, `docker pull` and
    /// directory listings then fail while the main name works ("Use private endpoints for
    /// App Service apps"; "Connect privately to a container registry"; "Use private
    /// endpoints for Azure Storage", learn.microsoft.com, read 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.azurewebsites.net  link hub
    ///   app  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.azurewebsites.net  link hub
    ///   app      A  10.0.0.7
    ///   app.scm  A  10.0.0.7
    /// ```
    pub static MISSING_COMPANION_RECORD = "missing-companion-record" {
        summary: "an endpoint's second name is not recorded",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// What a service needs beside the record of its main name.
enum Companion {
    /// A name below it in the same zone, such as `app.scm`.
    Below(&'static str),
    /// Names such as `reg.westeurope.data`, one for each region.
    Regional(&'static str),
    /// The same name in another zone, where that is in the estate.
    InZone(&'static str),
}

/// By the zone of the main name.
const COMPANIONS: [(&str, Companion); 9] = [
    ("privatelink.azurewebsites.net", Companion::Below("scm")),
    ("privatelink.azurewebsites.us", Companion::Below("scm")),
    ("privatelink.chinacloudsites.cn", Companion::Below("scm")),
    ("privatelink.azurecr.io", Companion::Regional("data")),
    ("privatelink.azurecr.us", Companion::Regional("data")),
    ("privatelink.azurecr.cn", Companion::Regional("data")),
    ("privatelink.dfs.core.windows.net", Companion::InZone("privatelink.blob.core.windows.net")),
    (
        "privatelink.dfs.core.usgovcloudapi.net",
        Companion::InZone("privatelink.blob.core.usgovcloudapi.net"),
    ),
    (
        "privatelink.dfs.core.chinacloudapi.cn",
        Companion::InZone("privatelink.blob.core.chinacloudapi.cn"),
    ),
];

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let mut found: BTreeMap<(ZoneId, bool), Vec<(&RecordSet, String)>> = BTreeMap::new();
    for (zone, facts) in estate.zone_ids() {
        let name = estate.zone_name(zone);
        let Some((_, companion)) = COMPANIONS.iter().find(|one| one.0 == name) else { continue };
        if index.extent(zone) != Extent::Whole {
            continue;
        }
        let elsewhere = matches!(companion, Companion::InZone(_));
        let stated = stated(context, facts.apex, companion);
        for set in &facts.record_sets {
            if stated.contains(&estate.names.relative(set.owner, facts.apex)) {
                continue;
            }
            if let Some(missing) = missing(context, zone, set, companion) {
                found.entry((zone, elsewhere)).or_default().push((set, missing));
            }
        }
    }
    for ((zone, elsewhere), missing) in found {
        let names: Vec<NameId> = missing.iter().map(|one| one.0.owner).collect();
        let wanted = list(missing.iter().map(|one| &one.1));
        let verb = if names.len() == 1 { "is" } else { "are" };
        let mut finding = report
            .finding(format!(
                "{} {verb} recorded and {wanted} {verb} not",
                list_names(context, &names)
            ))
            .modelled()
            .from(context.vnets_of(zone))
            .at_each(missing.iter().map(|one| one.0.origin), "recorded", "this too")
            .named(names)
            .help("add the records; a zone group makes all that an endpoint needs");
        if elsewhere {
            // The account may have no endpoint for it, and then the name is public.
            finding = finding.graded(Severity::Warning);
        }
        report.add(finding);
    }
}

/// The owners of main names whose companion an endpoint is stated to serve.
fn stated(context: &Context<'_>, apex: NameId, companion: &Companion) -> BTreeSet<String> {
    let names = &context.estate().names;
    let (apex, end) = match companion {
        Companion::Below(label) | Companion::Regional(label) => (Some(apex), format!(".{label}")),
        Companion::InZone(zone) => {
            (zone.parse::<Name>().ok().and_then(|zone| names.get(&zone)), String::new())
        }
    };
    let Some(apex) = apex else { return BTreeSet::new() };
    let services = context.index().services().iter();
    let stated = services.filter(|service| matches!(service.evidence, Evidence::Stated(_)));
    let aliases = stated.flat_map(|service| service.aliases.iter().copied());
    let owners = aliases
        .filter(|&alias| names.is_at_or_below(alias, apex))
        .map(|alias| names.relative(alias, apex));
    let companions = owners.filter(|owner| owner.ends_with(&end));
    companions.filter_map(|owner| owner.split('.').next().map(str::to_owned)).collect()
}

/// Whether clients get an answer for a name that no record set of the zone needs to have:
/// another zone or a wildcard may.
fn is_answered(context: &Context<'_>, zone: ZoneId, name: &Name) -> bool {
    let place = context.index().locate(name);
    let mut views = context.views_of(zone).peekable();
    if views.peek().is_none() {
        let found = context.index().look_up(zone, &place, RecordType::A);
        return matches!(found, Found::Set(_) | Found::Alias(..));
    }
    let dead = |view: &View<'_>| {
        let outcome = resolve(view, &place, RecordType::A, &mut ()).outcome;
        matches!(outcome, Outcome::NxDomain | Outcome::NoData)
    };
    !views.any(dead)
}

/// The companion of a record, if nothing answers for it.
fn missing(
    context: &Context<'_>,
    zone: ZoneId,
    set: &RecordSet,
    companion: &Companion,
) -> Option<String> {
    let (index, names) = (context.index(), &context.estate().names);
    let apex = context.estate().zone(zone).apex;
    // The main name is one label below the apex.
    let main = names.parent(set.owner) == Some(apex) && names.label(set.owner) != b"*";
    if !main || set.data.record_type() != RecordType::A {
        return None;
    }
    let recorded = |name: &str, zone: &mut dyn FnMut(ZoneId) -> bool| {
        let id = name.parse::<Name>().ok().and_then(|name| names.get(&name));
        id.is_some_and(|id| index.zones_at(id).any(zone))
    };
    let (owner, below) = (names.relative(set.owner, apex), names.show(apex).to_string());
    // A wildcard answers for companions that are not recorded by themselves.
    if names.child(apex, b"*").is_some() {
        return None;
    }
    match companion {
        Companion::Below(label) => {
            let name = format!("{owner}.{label}.{below}");
            (!is_answered(context, zone, &name.parse().ok()?)).then_some(name)
        }
        Companion::Regional(label) => {
            let sets = context.estate().zone(zone).record_sets.iter();
            let end = format!(".{label}");
            let mut owners = sets.map(|set| names.relative(set.owner, apex));
            let start = format!("{owner}.");
            let has = owners.any(|other| other.starts_with(&start) && other.ends_with(&end));
            (!has).then(|| format!("{owner}.REGION.{label}.{below}"))
        }
        Companion::InZone(other) => {
            let other_apex = names.get(&other.parse::<Name>().ok()?)?;
            let mut zones = index.apexes().iter().filter(|apex| apex.name == other_apex);
            let zones = &zones.next()?.zones;
            let whole = zones.iter().all(|&zone| index.extent(zone) == Extent::Whole);
            let name = format!("{owner}.{other}");
            let missing = !recorded(&name, &mut |one| zones.contains(&one));
            (whole && missing).then_some(name)
        }
    }
}
