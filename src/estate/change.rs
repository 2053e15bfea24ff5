//! Changes to an estate, as data that can be tried before they are made.

use thiserror::Error;

use super::{Estate, Link, Origin, Policy, RecordSet, VnetId, ZoneId};
use crate::name::NameId;
use crate::record::{RecordData, RecordType, Ttl};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sets the records of an owner and type, whatever was there of that type.
    Put {
        /// In this zone.
        zone: ZoneId,
        /// Absolute, at or below the zone's apex.
        owner: NameId,
        /// The records.
        data: RecordData,
        /// Their time to live.
        ttl: Option<Ttl>,
    },
    /// Removes the record set of an owner and type.
    Remove {
        /// From this zone.
        zone: ZoneId,
        /// Absolute.
        owner: NameId,
        /// The type.
        record_type: RecordType,
    },
    /// Links a zone to a network.
    Link {
        /// This zone.
        zone: ZoneId,
        /// To this network.
        vnet: VnetId,
        /// With this policy.
        policy: Policy,
    },
    /// Removes the link of a zone to a network.
    Unlink {
        /// This zone.
        zone: ZoneId,
        /// From this network.
        vnet: VnetId,
    },
}

/// Why Azure would refuse a change.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ChangeError {
    /// An alias cannot stand beside anything else.
    #[error("`{owner}` already has {there}, and an alias cannot stand beside other data")]
    AliasBesideData {
        /// The owner.
        owner: String,
        /// The types that are there.
        there: String,
    },
    /// The owner is not at or below the apex.
    #[error("`{owner}` is not in zone `{zone}`")]
    OutsideZone {
        /// The owner.
        owner: String,
        /// The apex.
        zone: String,
    },
    /// There is nothing to remove.
    #[error("there is no {what} to remove")]
    NotThere {
        /// What was to be removed.
        what: String,
    },
    /// A network cannot be linked to two zones of one name.
    #[error("`{vnet}` is already linked to a zone named `{zone}`")]
    SecondLink {
        /// The network.
        vnet: String,
        /// The apex.
        zone: String,
    },
}

impl Estate {
    /// Makes `changes`, in order; at the first refused one the estate is left
    /// with those before it.
    ///
    /// What a change adds takes the zone's own [`Origin`].
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), ChangeError> {
        changes.iter().try_for_each(|change| self.apply_one(change))
    }

    fn apply_one(&mut self, change: &Change) -> Result<(), ChangeError> {
        match change {
            Change::Put { zone, owner, data, ttl } => self.put(*zone, *owner, data, *ttl),
            Change::Remove { zone, owner, record_type } => {
                let what = format!("{record_type} set `{}`", self.names.show(*owner));
                let sets = &mut self.zones[zone.index()].record_sets;
                let at = sets
                    .iter()
                    .position(|set| set.owner == *owner && set.data.record_type() == *record_type)
                    .ok_or(ChangeError::NotThere { what })?;
                sets.remove(at);
                if let Some(declared) = &mut self.zones[zone.index()].declared_record_sets {
                    *declared = declared.saturating_sub(1);
                }
                Ok(())
            }
            Change::Link { zone, vnet, policy } => self.link(*zone, *vnet, *policy),
            Change::Unlink { zone, vnet } => {
                let what = format!("link to `{}`", self.vnet_name(*vnet));
                let links = &mut self.zones[zone.index()].links;
                let at = links
                    .iter()
                    .position(|link| link.vnet == *vnet)
                    .ok_or(ChangeError::NotThere { what })?;
                links.remove(at);
                if let Some(declared) = &mut self.zones[zone.index()].declared_links {
                    *declared = declared.saturating_sub(1);
                }
                Ok(())
            }
        }
    }

    fn put(
        &mut self,
        zone: ZoneId,
        owner: NameId,
        data: &RecordData,
        ttl: Option<Ttl>,
    ) -> Result<(), ChangeError> {
        let Estate { names, zones, .. } = self;
        let zone = &mut zones[zone.index()];
        let show = |id: NameId| names.show(id).to_string();
        if !names.is_at_or_below(owner, zone.apex) {
            return Err(ChangeError::OutsideZone { owner: show(owner), zone: show(zone.apex) });
        }
        let record_type = data.record_type();
        let beside: Vec<String> = zone
            .record_sets
            .iter()
            .filter(|set| set.owner == owner && set.data.record_type() != record_type)
            .filter(|set| {
                record_type == RecordType::Cname || set.data.record_type() == RecordType::Cname
            })
            .map(|set| set.data.record_type().to_string())
            .collect();
        if !beside.is_empty() {
            let there = beside.join(", ");
            return Err(ChangeError::AliasBesideData { owner: show(owner), there });
        }
        let origin: Origin = zone.origin;
        let set =
            RecordSet { owner, ttl, data: data.clone(), registered: false, creator: None, origin };
        let key = |set: &RecordSet| (set.owner, set.data.record_type());
        match zone.record_sets.binary_search_by_key(&(owner, record_type), key) {
            Ok(at) => zone.record_sets[at] = set,
            Err(at) => {
                zone.record_sets.insert(at, set);
                if let Some(declared) = &mut zone.declared_record_sets {
                    *declared += 1;
                }
            }
        }
        Ok(())
    }

    fn link(&mut self, zone: ZoneId, vnet: VnetId, policy: Policy) -> Result<(), ChangeError> {
        let apex = self.zone(zone).apex;
        let linked = |zone: &super::Zone| {
            zone.apex == apex && zone.links.iter().any(|link| link.vnet == vnet)
        };
        if self.zones.iter().any(linked) {
            let (vnet, zone) = (self.vnet_name(vnet), self.zone_name(zone));
            return Err(ChangeError::SecondLink { vnet, zone });
        }
        let name = format!("to-{}", self.vnet(vnet).name);
        let zone = &mut self.zones[zone.index()];
        let origin = zone.origin;
        let link = Link { name, vnet, registration: false, policy, pending: None, origin };
        let at = zone.links.partition_point(|link| link.vnet < vnet);
        zone.links.insert(at, link);
        if let Some(declared) = &mut zone.declared_links {
            *declared += 1;
        }
        Ok(())
    }
}
