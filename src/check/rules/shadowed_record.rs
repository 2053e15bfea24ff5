//! `shadowed-record`

use std::collections::{BTreeMap, BTreeSet};

use super::{link_origin, list_names, list_vnets, plural};
use crate::check::batch::Form;
use crate::check::{Basis, Context, Report, Severity, Witness, rule};
use crate::estate::{Change, Extent, VnetId, ZoneId};
use crate::index::{Claim, Found, Place, SetRef, View};
use crate::name::NameId;
use crate::public::Catalogue;
use crate::record::{RecordData, RecordType};
use crate::resolve::resolve;

rule! {
    /// ## What it finds
    /// A record that no client of a linked network can reach, because another
    /// linked zone answers first: one with a longer apex, or one that claims an
    /// earlier alias of the chain that leads to the record.
    ///
    /// ## Why it matters
    /// The first linked zone that matches decides, even when it has no record:
    /// clients get NXDOMAIN for a name that the portal shows as configured. Azure
    /// Batch is the model case: the old regional zone comes first in the chain, so
    /// an endpoint recorded only in the global zone is dead wherever the old zone
    /// is still linked. Where the hidden record says the same as the answer, it is
    /// only a note.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// public batch acct.eastus
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.eastus.batch.azure.com  link hub
    ///   acct  CNAME  acct.eastus.privatelink.batch.azure.com
    /// zone privatelink.batch.azure.com  link hub
    ///   acct.eastus  A  10.0.0.6
    /// public batch acct.eastus
    /// ```
    pub static SHADOWED_RECORD = "shadowed-record" {
        summary: "a record is never reached, because another linked zone answers first",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// What one zone hides of another.
#[derive(Default)]
struct Shadow {
    sets: BTreeSet<SetRef>,
    views: BTreeSet<u32>,
    /// A name to ask for, the name of it that the hiding zone claims, and the
    /// alias that would lead past it.
    chain: Option<(NameId, NameId, Option<NameId>)>,
}

/// By hiding zone, hidden zone, and whether the answer is the same all the same.
type Shadows = BTreeMap<(ZoneId, ZoneId, bool), Shadow>;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let mut shadows = Shadows::new();
    by_longer_apex(context, &mut shadows);
    by_earlier_alias(context, &mut shadows);
    for ((hiding, hidden, same), shadow) in shadows {
        add(context, report, hiding, hidden, same, &shadow);
    }
}

fn by_longer_apex<'i>(context: &Context<'i>, shadows: &mut Shadows) {
    let (index, estate) = (context.index(), context.estate());
    for (zone, facts) in estate.zone_ids() {
        let own = index.apex_of(facts.apex);
        let mut below: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, set) in facts.record_sets.iter().enumerate() {
            let apex = index.apex_of(set.owner);
            if let (Some(apex), true) = (apex, apex != own) {
                below.entry(apex).or_default().push(at as u32);
            }
        }
        if below.is_empty() {
            continue;
        }
        for (at, view) in context.linked_views(zone) {
            for sets in below.values() {
                let owner = facts.record_sets[sets[0] as usize].owner;
                let Some(Claim::Zone { zone: hiding, .. }) = view.claim(owner) else { continue };
                if hiding == zone {
                    continue;
                }
                for &set in sets {
                    let facts = &facts.record_sets[set as usize];
                    let place = Place::Known(facts.owner);
                    let record_type = facts.data.record_type();
                    let same = match index.look_up(hiding, &place, record_type) {
                        Found::Set(other) => index.set(other).data == facts.data,
                        Found::Alias(other, _) => {
                            let other = &index.set(other).data;
                            let end = |data: &'i RecordData| match *data {
                                RecordData::Cname(target) => leads_to(view, target),
                                _ => Some(data),
                            };
                            *other == facts.data || end(&facts.data) == end(other)
                        }
                        _ => false,
                    };
                    let shadow = shadows.entry((hiding, zone, same)).or_default();
                    shadow.sets.insert(SetRef { zone, set });
                    shadow.views.insert(at);
                    shadow.chain.get_or_insert((facts.owner, facts.owner, None));
                }
            }
        }
    }
}

fn by_earlier_alias(context: &Context<'_>, shadows: &mut Shadows) {
    let index = context.index();
    for answer in context.answers() {
        if !answer.claimed || answer.answer.outcome.is_unknown() {
            continue;
        }
        let service = context.service(answer.service);
        let view = &context.views()[answer.views[0] as usize];
        let chain: Vec<NameId> =
            std::iter::once(service.name).chain(service.aliases.iter().copied()).collect();
        let zones: BTreeSet<ZoneId> =
            chain.iter().filter_map(|&name| view.claim(name)).map(Claim::zone).collect();
        if zones.len() < 2 {
            continue;
        }
        let (_, trace) = context.trace(view, service.name, RecordType::A);
        let visited = |name: NameId| trace.hops.iter().any(|hop| hop.name == Place::Known(name));
        // The first zone that took the walk off the chain.
        let Some(first) = chain.iter().position(|&name| view.claim(name).is_some()) else {
            continue;
        };
        let Some(hiding) = view.claim(chain[first]).map(Claim::zone) else { continue };
        let answered = answer.answer.set.map(|set| &index.set(set).data);
        for &alias in &chain[first + 1..] {
            let Some(Claim::Zone { zone, .. }) = view.claim(alias) else { continue };
            if zone == hiding || visited(alias) {
                continue;
            }
            for set in index.sets_at(zone, alias) {
                let data = &index.set(set).data;
                let fits =
                    matches!(data, RecordData::A(_) | RecordData::Aaaa(_) | RecordData::Cname(_));
                if !fits {
                    continue;
                }
                // An alias is the same where it leads to what answers.
                let same = answered.is_some()
                    && (answered == Some(data) || leads_to(view, alias) == answered);
                // Two records of one account that differ are `split-batch-account`.
                if !same && context.census().is_split(context, service.name) {
                    continue;
                }
                let shadow = shadows.entry((hiding, zone, same)).or_default();
                shadow.sets.insert(set);
                shadow.views.extend(&answer.views);
                shadow.chain = shadow.chain.filter(|chain| chain.2.is_some()).or(Some((
                    service.name,
                    chain[first],
                    Some(alias),
                )));
            }
        }
    }
}

/// The addresses that clients get for a name.
fn leads_to<'i>(view: &View<'i>, name: NameId) -> Option<&'i RecordData> {
    let answer = resolve(view, &Place::Known(name), RecordType::A, &mut ());
    answer.set.map(|set| &view.index().set(set).data)
}

fn add(
    context: &Context<'_>,
    report: &mut Report<'_>,
    hiding: ZoneId,
    hidden: ZoneId,
    same: bool,
    shadow: &Shadow,
) {
    let (index, estate) = (context.index(), context.estate());
    let views: Vec<u32> = shadow.views.iter().copied().collect();
    let vnets = context.vnets(&views);
    let names: Vec<NameId> = shadow.sets.iter().map(|&set| index.set(set).owner).collect();
    let (hiding_name, hidden_name) = (estate.zone_name(hiding), estate.zone_name(hidden));
    let from = list_vnets(context, &vnets);
    let message = match names.len() {
        1 => format!("{} is never reached from {from}", list_names(context, &names)),
        count => format!("{count} records of `{hidden_name}` are never reached from {from}"),
    };
    let mut finding = report.finding(message).from(vnets.iter().copied());
    if same {
        finding.severity = Severity::Note;
    }
    let mut sets = shadow.sets.iter();
    if let Some(&first) = sets.next() {
        finding = finding.at(index.set(first).origin, "this record is never reached");
    }
    if let Some((_, claimed, alias)) = shadow.chain {
        let what = match (same, alias) {
            (true, _) => "and says the same".to_owned(),
            (false, Some(_)) => "and has no such name".to_owned(),
            (false, None) => "and answers in its place".to_owned(),
        };
        let label = format!("this zone claims `{}` first, {what}", estate.names.show(claimed));
        finding = finding.at(estate.zone(hiding).origin, label);
    }
    if let Some(origin) = vnets.first().and_then(|&vnet| link_origin(context, hiding, vnet)) {
        let vnet = estate.vnet_name(vnets[0]);
        finding = finding.at(origin, format!("it is linked to `{vnet}` here"));
    }
    for &set in sets {
        finding = finding.at(index.set(set).origin, "this one neither");
    }
    if let (Some((asked, claimed, alias)), Some(&vnet)) = (shadow.chain, vnets.first()) {
        finding.witness = Some(Witness { vnet, name: asked, record_type: RecordType::A });
        if let Some(alias) = alias {
            finding.basis = Basis::Modelled;
            finding = finding.note(format!(
                "the public chain leads to `{}` before `{}`",
                estate.names.show(claimed),
                estate.names.show(alias)
            ));
        }
    }
    if !same && let Some(moved) = move_up(context, hiding, hidden, &vnets) {
        finding = finding
            .help(format!(
                "move what `{hiding_name}` has to `{hidden_name}`, which is meant for it, and unlink \
                 it"
            ))
            .remedied(moved);
    } else if !same {
        finding = finding.help(format!(
            "give `{hiding_name}` the {} it lacks, or unlink it where nothing depends on it",
            plural(names.len(), "name", "names")
        ));
        finding.remedy = shadow.sets.iter().filter_map(|&set| cure(context, hiding, set)).collect();
    }
    finding.names = names;
    report.add(finding);
}

/// The changes that move the records of a zone that should not be, below the one that is meant
/// for them, and unlink it from networks; none where both have records of one owner, or where
/// records were not all read. `None` where the zone may be.
fn move_up(
    context: &Context<'_>,
    hiding: ZoneId,
    hidden: ZoneId,
    vnets: &[VnetId],
) -> Option<Vec<Change>> {
    let (index, estate) = (context.index(), context.estate());
    let (from, into) = (estate.zone(hiding), estate.zone(hidden));
    let below = from.apex != into.apex && estate.names.is_at_or_below(from.apex, into.apex);
    let old = match context.census().form(hiding) {
        Some(batch) => matches!(batch.form, Form::Child(_) | Form::ServiceChild(_)),
        None => {
            let known = Catalogue::get().zones_matching(&estate.names.name(from.apex));
            known.first().is_some_and(|entry| !entry.is_current())
        }
    };
    if !below || !old {
        return None;
    }
    let sets = || from.record_sets.iter().filter(|set| set.owner != from.apex);
    let meets = sets().any(|set| index.sets_at(hidden, set.owner).next().is_some());
    if meets || from.extent() != Extent::Whole {
        return Some(Vec::new());
    }
    let puts = sets().map(|set| Change::Put {
        zone: hidden,
        owner: set.owner,
        data: set.data.clone(),
        ttl: set.ttl,
    });
    let unlinks = vnets.iter().map(|&vnet| Change::Unlink { zone: hiding, vnet });
    Some(puts.chain(unlinks).collect())
}

/// The alias, or else the copy, that makes the hiding zone lead to the record.
fn cure(context: &Context<'_>, hiding: ZoneId, set: SetRef) -> Option<Change> {
    let (index, estate) = (context.index(), context.estate());
    let facts = index.set(set);
    let apex = estate.zone(hiding).apex;
    // The first name of the chain that the hiding zone is asked for, if there is a chain.
    let asked = context.service_through(facts.owner).and_then(|at| {
        let service = context.service(at);
        let mut names = std::iter::once(service.name).chain(service.aliases.iter().copied());
        names.find(|&name| estate.names.is_at_or_below(name, apex))
    });
    let owner = match asked {
        Some(asked) if asked != facts.owner => asked,
        _ if estate.names.is_at_or_below(facts.owner, apex) => {
            let (owner, data, ttl) = (facts.owner, facts.data.clone(), facts.ttl);
            return Some(Change::Put { zone: hiding, owner, data, ttl });
        }
        _ => return None,
    };
    let data = RecordData::Cname(facts.owner);
    Some(Change::Put { zone: hiding, owner, data, ttl: facts.ttl })
}
