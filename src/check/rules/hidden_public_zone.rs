//! `hidden-public-zone`

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use super::{list_names, list_vnets};
use crate::check::{Context, Report, rule};
use crate::estate::{Extent, PublicData, PublicFact, RESERVED_ZONE_NAMES, VnetId, ZoneId};
use crate::index::{Evidence, Found, Place};
use crate::name::{Name, NameId};
use crate::public::{Catalogue, Chain};
use crate::record::{RecordData, RecordType};
use crate::resolve::{Outcome, Trace, resolve};

rule! {
    /// ## What it finds
    /// A linked zone at or above the public domain of a service, such as
    /// `blob.core.windows.net`; or one below which public names are recorded that it
    /// lacks. And a zone of Private Link that has a recorded public name end in NXDOMAIN, since
    /// it lacks what the name is an alias of.
    ///
    /// ## Why it matters
    /// The zone claims every name below it: each resource of the service that it does not
    /// record, with or without an endpoint, is NXDOMAIN for the network. "We don't
    /// recommend overriding a zone that's actively in use to resolve public endpoints"
    /// (learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11).
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.blob.core.windows.net  link hub
    ///   sta  A  10.0.0.7
    /// ```
    pub static HIDDEN_PUBLIC_ZONE = "hidden-public-zone" {
        summary: "a private zone hides public names",
        severity: Warning,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    hidden_resources(context, report);
    let estate = context.estate();
    for (id, zone) in estate.zone_ids() {
        let vnets = context.vnets_of(id);
        if vnets.is_empty() || estate.is_private_link(id) {
            continue;
        }
        let apex = estate.names.name(zone.apex);
        if RESERVED_ZONE_NAMES.contains(&apex.text().as_str()) {
            continue;
        }
        let services = services_below(&apex);
        let names = hidden_names(context, id);
        if services.is_empty() && names.is_empty() {
            continue;
        }
        let from = list_vnets(context, &vnets);
        let mut listed = services.iter();
        let message = match (listed.next(), listed.next()) {
            (Some(only), None) => format!(
                "zone `{}` makes every name of {only} that it lacks NXDOMAIN in {from}",
                apex.text()
            ),
            // A domain that several services share says by itself what is meant.
            (Some(_), Some(_)) => format!(
                "zone `{}` makes every public name below it that it lacks NXDOMAIN in {from}",
                apex.text()
            ),
            (None, _) => {
                format!("zone `{}` hides {} from {from}", apex.text(), list_names(context, &names))
            }
        };
        let mut finding = report
            .finding(message)
            .modelled()
            .from(vnets.iter().copied())
            .at(zone.origin, "this zone claims public names")
            .help(
                "record endpoints in the service's `privatelink` zone, and own names by themselves",
            );
        if let Some(&name) = names.first() {
            finding = finding.asked(&vnets, name, RecordType::A);
        }
        report.add(finding.named(names));
    }
}

/// Recorded names that a zone of Private Link has end in NXDOMAIN, and where.
#[derive(Default)]
struct Lost {
    names: BTreeSet<NameId>,
    vnets: BTreeSet<VnetId>,
}

/// Resources whose public names are recorded, and whose endpoints no input states: those with a
/// stated one are `dead-endpoint`.
fn hidden_resources(context: &Context<'_>, report: &mut Report<'_>) {
    let (index, estate) = (context.index(), context.estate());
    let stated = index.services().iter().filter(|one| matches!(one.evidence, Evidence::Stated(_)));
    let stated: HashSet<NameId> = stated.flat_map(|one| &one.aliases).copied().collect();
    // What is an alias of another recorded name is told by that one.
    let mut names: BTreeSet<NameId> = BTreeSet::new();
    let mut targets: HashSet<NameId> = HashSet::new();
    for fact in &estate.public {
        let PublicFact::Recorded { name, data: PublicData::Records(data, _), .. } = fact else {
            continue;
        };
        names.insert(*name);
        if let RecordData::Cname(target) = data {
            targets.insert(*target);
        }
    }
    let mut lost: BTreeMap<ZoneId, Lost> = BTreeMap::new();
    for &name in names.difference(&targets.into_iter().collect()) {
        for view in context.views() {
            let mut trace = Trace::default();
            let answer = resolve(view, &Place::Known(name), RecordType::A, &mut trace);
            let Some(zone) = answer.zone().filter(|_| answer.outcome == Outcome::NxDomain) else {
                continue;
            };
            let told = trace.last_name().is_some_and(|last| stated.contains(&last.node()));
            if estate.is_private_link(zone) && !told {
                let lost = lost.entry(zone).or_default();
                lost.names.insert(name);
                lost.vnets.extend(view.vnets());
            }
        }
    }
    for (zone, Lost { names, vnets }) in lost {
        let mut names: Vec<NameId> = names.into_iter().collect();
        names.sort_by_cached_key(|&name| estate.names.name(name));
        let vnets: Vec<VnetId> = vnets.into_iter().collect();
        let (apex, from) = (estate.zone_name(zone), list_vnets(context, &vnets));
        let finding = report
            .finding(format!("zone `{apex}` hides {} from {from}", list_names(context, &names)))
            .from(vnets.iter().copied())
            .at(estate.zone(zone).origin, "this zone claims what they are aliases of, and lacks it")
            .asked(&vnets, names[0], RecordType::A)
            .help(
                "record their endpoints in the zone, or link it with the policy NxDomainRedirect \
                 where clients use resources of others",
            );
        report.add(finding.named(names));
    }
}

/// The public domain of each service.
static PUBLIC_DOMAINS: LazyLock<Vec<(Name, &str)>> = LazyLock::new(|| {
    let domain = |chain: &'static Chain| {
        let suffix = chain.public_suffix().parse::<Name>().ok()?;
        (suffix.depth() > 1).then_some((suffix, chain.service.as_str()))
    };
    Catalogue::get().chains().iter().filter_map(domain).collect()
});

/// The services whose public names are all below `apex`.
fn services_below(apex: &Name) -> BTreeSet<&'static str> {
    let below = PUBLIC_DOMAINS.iter().filter(|(suffix, _)| suffix.is_at_or_below(apex));
    below.map(|&(_, service)| service).chain(service_of_region(apex)).collect()
}

/// The service whose public names of one region are those right below `apex`.
fn service_of_region(apex: &Name) -> Option<&'static str> {
    let any = format!("any-other.{}", apex.text()).parse::<Name>().ok()?;
    let found = Catalogue::get().find(&any)?;
    let public = found.chain.names.first()?.text();
    let (_, domain) = public.split_once('.')?;
    let regional = domain.replacen("{region}", "", 1);
    let same_depth = public.split('.').count() == any.depth();
    (found.step == 0 && same_depth && regional != domain && !regional.contains('{'))
        .then_some(found.chain.service.as_str())
}

/// The names that are recorded to exist in public DNS and that the zone lacks.
fn hidden_names(context: &Context<'_>, zone: ZoneId) -> Vec<NameId> {
    let (index, estate) = (context.index(), context.estate());
    if index.extent(zone) != Extent::Whole {
        return Vec::new();
    }
    let apex = index.apex_of(estate.zone(zone).apex);
    let recorded = estate.public.iter().filter_map(|fact| match fact {
        PublicFact::Recorded { name, data: PublicData::Records(data, _), .. } => {
            Some((*name, data.record_type()))
        }
        _ => None,
    });
    let lacks = |(name, record_type): &(NameId, RecordType)| {
        let found = index.look_up(zone, &Place::Known(*name), *record_type);
        index.apex_of(*name) == apex && found == Found::NxDomain
    };
    let mut names: Vec<NameId> = recorded.filter(lacks).map(|one| one.0).collect();
    // By name, so that the order of inputs has no say.
    names.sort_by_cached_key(|&name| estate.names.name(name));
    names.dedup();
    names
}
