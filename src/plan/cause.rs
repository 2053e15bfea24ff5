//! Which change causes an effect.

use super::Effect;
use super::comparison::Comparison;
use crate::estate::{Change, VnetId, ZoneId};
use crate::index::{Index, Place};
use crate::name::NameId;
use crate::resolve::{Asked, Hop, Trace, resolve};

/// The first change to blame for an effect, by its place in `changes`, of which the
/// platform's own are part of the one that they follow.
///
/// The walks before and after are alike up to a hop. Where another zone is asked there, the
/// change is one of the links of the two; where the same one is, it is one of its records or
/// its policy. `None` where no change fits, as between two exports.
pub fn cause(comparison: &Comparison<'_>, effect: &Effect, changes: &[Change]) -> Option<usize> {
    if changes.len() < 2 {
        return (!changes.is_empty()).then_some(0);
    }
    let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
    let walk = |view: &crate::index::View<'_>| {
        let mut trace = Trace::default();
        resolve(view, &view.index().locate(&effect.name), effect.record_type, &mut trace);
        trace
    };
    let (before, after) = (walk(&old), walk(&new));
    let name = |index: &Index, hop: &Hop| index.name(&hop.name);
    let mut fork = None;
    for (one, other) in before.hops.iter().zip(&after.hops) {
        if name(old.index(), one) != name(new.index(), other) {
            break;
        }
        fork = Some((one, other));
        if asked(one) != asked(other) {
            break;
        }
    }
    let (one, other) = fork?;
    let zones = [asked(one), asked(other)];
    let name = name(old.index(), one);
    let vnets: Vec<VnetId> = effect.vnets.iter().map(|pair| pair.1).collect();
    // The estate after knows all names that changes mention.
    let place = new.index().locate(&name);
    let blamed = |exact: bool| {
        changes.iter().position(|change| fits(new.index(), change, zones, &vnets, &place, exact))
    };
    blamed(true).or_else(|| blamed(false))
}

fn asked(hop: &Hop) -> Option<ZoneId> {
    match hop.asked {
        Asked::Zone(claim) => Some(claim.zone()),
        _ => None,
    }
}

/// Whether a change may move an answer that is looked for in `zones`; exactly, or
/// through what it does to names around.
fn fits(
    index: &Index,
    change: &Change,
    zones: [Option<ZoneId>; 2],
    vnets: &[VnetId],
    place: &Place,
    exact: bool,
) -> bool {
    let asked = |zone: &ZoneId| zones.contains(&Some(*zone));
    let owned = |zone: &ZoneId, owner: &NameId| {
        let names = &index.estate().names;
        let exactly = *place == Place::Known(*owner);
        // A wildcard answers for names beside it, an owner makes its ancestors exist.
        let near = names.is_at_or_below(*owner, place.node())
            || names.parent(*owner).is_some_and(|above| names.is_at_or_below(place.node(), above));
        asked(zone) && (exactly || (!exact && near))
    };
    match change {
        Change::Put { zone, owner, .. } | Change::Remove { zone, owner, .. } => owned(zone, owner),
        // What machines registered comes and goes for all who see the zone.
        Change::Unlink { zone, .. } | Change::Link { zone, registration: true, .. } if !exact => {
            asked(zone)
        }
        Change::Link { zone, vnet, .. }
        | Change::Unlink { zone, vnet }
        | Change::SetPolicy { zone, vnet, .. } => {
            (zones[0] != zones[1] || !exact) && asked(zone) && vnets.contains(vnet)
        }
        Change::DeleteZone { zone } => asked(zone),
        Change::SetServers { vnet, .. } => vnets.contains(vnet),
        Change::CreateZone { .. } => false,
        // What forwards stands before all zones, so nothing finer can be told.
        Change::Ruleset { .. } => !exact,
        Change::SetZoneGroup { follows, .. } | Change::DeleteEndpoint { follows, .. } => {
            let any = |change| fits(index, change, zones, vnets, place, exact);
            follows.iter().any(any)
                || (!exact && matches!(change, Change::DeleteEndpoint { alias_stays: false, .. }))
        }
    }
}
