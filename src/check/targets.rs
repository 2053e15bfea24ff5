//! The hosts that MX and SRV records lead to.

use std::collections::BTreeMap;

use crate::check::Context;
use crate::estate::{Extent, VnetId, ZoneId};
use crate::index::{Claim, Found, Place, SetRef};
use crate::name::NameId;
use crate::record::{RecordData, RecordType};

/// A host that a record leads to, and what the zone that claims it has for it.
pub(super) struct Target {
    pub set: SetRef,
    pub name: NameId,
    pub zone: ZoneId,
    pub found: Found,
    pub vnets: Vec<VnetId>,
}

/// The targets that a linked zone claims and has `wanted` for.
pub(super) fn targets(context: &Context<'_>, wanted: impl Fn(&Found) -> bool) -> Vec<Target> {
    let index = context.index();
    let mut found: BTreeMap<(SetRef, NameId, ZoneId), (Found, Vec<u32>)> = BTreeMap::new();
    for &set in &context.sweep().services {
        let names: Vec<NameId> = match &index.set(set).data {
            RecordData::Mx(records) => records.iter().map(|mx| mx.exchange).collect(),
            RecordData::Srv(records) => records.iter().map(|srv| srv.target).collect(),
            _ => continue,
        };
        // A lone dot says that there is no such service.
        for name in names.into_iter().filter(|&name| name != NameId::ROOT) {
            for (at, view) in context.linked_views(set.zone) {
                let Some(Claim::Zone { zone, .. }) = view.claim(name) else { continue };
                if !view.asks_azure() || index.extent(zone) != Extent::Whole {
                    continue;
                }
                let here = index.look_up(zone, &Place::Known(name), RecordType::A);
                if wanted(&here) {
                    let entry = found.entry((set, name, zone)).or_insert((here, Vec::new()));
                    entry.1.push(at);
                }
            }
        }
    }
    let target = |((set, name, zone), (found, views)): (_, (Found, Vec<u32>))| Target {
        set,
        name,
        zone,
        found,
        vnets: context.vnets(&views),
    };
    found.into_iter().map(target).collect()
}
