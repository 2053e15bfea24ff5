//! What weakens the verdicts of a check.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::human::{because, list_vnets, plural};
use crate::check::Context;
use crate::estate::{NoteKind, VnetId};
use crate::index::{Party, Servers};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Gap, LinkState, Outcome, shown_target};

/// What weakens the verdicts, and what was not checked and why, a sentence each.
pub fn uncertain(context: &Context<'_>) -> Vec<String> {
    let estate = context.estate();
    let mut gaps = Vec::new();
    for view in context.views() {
        let vnets = list_vnets(estate, view.vnets());
        match view.servers() {
            Servers::Custom(address) => match view.party(address) {
                Party::Azure | Party::Inbound(_) | Party::Server(_) => {}
                Party::Unknown => {
                    gaps.push(format!("{vnets}: clients ask {address}, which is not modelled"));
                }
                Party::Several => gaps.push(format!(
                    "{vnets}: clients ask {address}, at which several are stated to listen"
                )),
                Party::Elsewhere => gaps.push(format!(
                    "{vnets}: clients ask {address}, where nobody in the same network is known to listen"
                )),
            },
            Servers::Unknown => {
                gaps.push(format!("{vnets}: not exported, so its DNS servers are unknown"));
            }
            Servers::Azure | Servers::AssumedAzure => {}
        }
    }
    gaps.extend(stand_ins(context));
    let assumed: Vec<VnetId> = context
        .views()
        .iter()
        .filter(|view| view.servers() == Servers::AssumedAzure)
        .flat_map(|view| view.vnets().iter().copied())
        .collect();
    if !assumed.is_empty() {
        gaps.push(format!(
            "{}: DNS servers not exported; Azure-provided DNS is assumed (unexported-dns)",
            list_vnets(estate, &assumed)
        ));
    }
    for (id, zone) in estate.zone_ids() {
        for link in zone.links.iter().filter(|link| link.pending.is_some()) {
            gaps.push(format!(
                "{}: the link of zone {} {}",
                estate.vnet_name(link.vnet),
                estate.zone_name(id),
                LinkState::of(link.pending.as_deref().into_iter()).describe()
            ));
        }
    }
    gaps.extend(unknown_names(context));
    gaps.extend(untraced_names(context));
    let notes = |kind| estate.notes.iter().filter(|note| note.kind == kind).count();
    let unread = notes(NoteKind::Unreadable);
    if unread > 0 {
        gaps.push(format!("{} could not be read", plural(unread, "input", "inputs")));
    }
    gaps
}

/// The DNS servers that stand in for a network's first one, and of which nothing is known.
fn stand_ins(context: &Context<'_>) -> Vec<String> {
    let mut found: BTreeMap<(IpAddr, IpAddr), Vec<VnetId>> = BTreeMap::new();
    for view in context.views() {
        let Some((&first, others)) = view.asked().split_first() else { continue };
        if !view.party(first).is_modelled() {
            continue;
        }
        for &other in others.iter().filter(|one| !view.party(**one).is_modelled()) {
            found.entry((first, other)).or_default().extend(view.vnets());
        }
    }
    let tell = |((first, other), mut vnets): ((IpAddr, IpAddr), Vec<VnetId>)| {
        vnets.sort();
        format!(
            "{}: clients ask {other} where {first} does not answer, and it is not modelled",
            list_vnets(context.estate(), &vnets)
        )
    };
    found.into_iter().map(tell).collect()
}

/// Names with a private endpoint of which nobody can say what clients get, by reason; what is
/// said of the network as a whole is not said again.
fn unknown_names(context: &Context<'_>) -> Vec<String> {
    let mut found: BTreeMap<Outcome, (BTreeSet<NameId>, BTreeSet<u32>)> = BTreeMap::new();
    for answer in context.answers() {
        let outcome = answer.answer.outcome;
        let asks_stranger = |&at: &u32| {
            let view = &context.views()[at as usize];
            matches!(view.servers(), Servers::Custom(first) if !view.party(first).is_modelled())
        };
        let told = matches!(outcome, Outcome::Unknown(Gap::ServersUnknown | Gap::PendingLink(_)))
            || answer.views.iter().all(asks_stranger);
        if outcome.is_unknown() && !told {
            let (names, views) = found.entry(outcome).or_default();
            names.insert(context.service(answer.service).name);
            views.extend(&answer.views);
        }
    }
    let (index, estate) = (context.index(), context.estate());
    let tell = |(outcome, (names, views)): (Outcome, (BTreeSet<NameId>, BTreeSet<u32>))| {
        let mut names: Vec<NameId> = names.into_iter().collect();
        names.sort_by_cached_key(|&name| estate.names.name(name));
        let views: Vec<u32> = views.into_iter().collect();
        let reason = match outcome {
            Outcome::Unknown(gap) => {
                let asks = |at: &&u32| {
                    let view = &context.views()[**at as usize];
                    context.trace(view, names[0], RecordType::A).0.outcome == outcome
                };
                let at = views.iter().find(asks).unwrap_or(&views[0]);
                let view = &context.views()[*at as usize];
                let (_, trace) = context.trace(view, names[0], RecordType::A);
                let last = trace.last_name().map(|last| index.name(last).text());
                because(index, &gap, &last.unwrap_or_default())
            }
            Outcome::Forwarded(target) => {
                format!("{} is asked, which is not modelled", shown_target(target))
            }
            _ => return None,
        };
        Some(format!(
            "{}: what clients get for {} is unknown, since {reason}",
            list_vnets(estate, &context.vnets(&views)),
            list_names(context, &names)
        ))
    };
    found.into_iter().filter_map(tell).collect()
}

/// Names that resources state and that lead nowhere here: to an endpoint by no chain that is
/// known, or to a private zone that was not read.
fn untraced_names(context: &Context<'_>) -> Vec<String> {
    let (index, estate) = (context.index(), context.estate());
    let (mut unchained, mut unread) = (BTreeSet::new(), BTreeSet::new());
    for one in estate.resources.iter().flat_map(|resource| &resource.names) {
        let above = || estate.names.ancestors(one.name);
        let zones = || above().flat_map(|apex| index.zones_at(apex));
        let is_read = zones().any(|zone| index.sets_at(zone, one.name).next().is_some())
            || above().nth(1).is_some_and(|apex| index.zones_at(apex).next().is_some());
        let mut labels = estate.names.labels(one.name);
        if labels.any(|label| label.starts_with(b"privatelink")) {
            if !is_read {
                unread.insert(one.name);
            }
        } else if one.endpoint == Some(true) && index.service_of(one.name).is_none() {
            unchained.insert(one.name);
        }
    }
    let tell = |names: BTreeSet<NameId>, why: &str| {
        let mut names: Vec<NameId> = names.into_iter().collect();
        names.sort_by_cached_key(|&name| estate.names.name(name));
        (!names.is_empty()).then(|| format!("{}: {why}", list_names(context, &names)))
    };
    let unchained = tell(
        unchained,
        "a private endpoint has it, and no chain is known by which public DNS leads there",
    );
    let unread = tell(unread, "the private zone that would have it was not read");
    unchained.into_iter().chain(unread).collect()
}

/// Names, the first ones of many.
fn list_names(context: &Context<'_>, names: &[NameId]) -> String {
    let estate = context.estate();
    let shown = names.iter().take(NAMED).map(|&name| format!("`{}`", estate.names.show(name)));
    let mut shown: Vec<String> = shown.collect();
    if names.len() > NAMED {
        shown.push(format!("{} more", names.len() - NAMED));
    }
    shown.join(", ")
}

/// The most names that are named one by one.
const NAMED: usize = 3;
