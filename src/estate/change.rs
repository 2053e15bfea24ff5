//! Changes to an estate, as data that can be tried before they are made.

use std::net::IpAddr;

use thiserror::Error;

use super::{
    ConnectionState, EndpointId, Estate, Link, Origin, Policy, RecordSet, RulesetEdit, RulesetId,
    VnetId, ZoneId,
};
use crate::name::NameId;
use crate::record::{RecordData, RecordType, Ttl};

/// The most records of a set ("Azure subscription and service limits, quotas, and
/// constraints", section Azure DNS,
/// learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits,
/// read 2026-11).
pub const RECORDS_OF_SET: usize = 20;

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
        /// The link's own name; `to-` and the network's where there is none.
        name: Option<Box<str>>,
        /// With this policy.
        policy: Policy,
        /// Whether virtual machines are registered in the zone.
        registration: bool,
    },
    /// Changes what a link does with names that its zone lacks.
    SetPolicy {
        /// This zone.
        zone: ZoneId,
        /// Its link to this network.
        vnet: VnetId,
        /// To this policy.
        policy: Policy,
    },
    /// Removes the link of a zone to a network; what it [registered](Estate::registered) goes
    /// along, and comes back in the zone to which it is linked next with registration.
    Unlink {
        /// This zone.
        zone: ZoneId,
        /// From this network.
        vnet: VnetId,
    },
    /// Makes a zone, empty and not linked; it takes the next id, or that of a zone
    /// of the same name and group that is gone.
    CreateZone {
        /// Its apex.
        apex: NameId,
        /// Its resource group.
        group: Option<Box<str>>,
    },
    /// Deletes a zone with its links and records.
    DeleteZone {
        /// This zone.
        zone: ZoneId,
    },
    /// Changes the DNS servers that a network hands out; none is Azure-provided DNS.
    SetServers {
        /// Of this network.
        vnet: VnetId,
        /// In order.
        servers: Vec<IpAddr>,
    },
    /// Changes which zones an endpoint keeps its records in.
    SetZoneGroup {
        /// This endpoint.
        endpoint: EndpointId,
        /// All its zones, as [`Estate::zones_like`] takes them; none removes the group.
        zones: Vec<Box<str>>,
        /// What the platform then does to records, by itself.
        follows: Vec<Change>,
    },
    /// Deletes a private endpoint.
    DeleteEndpoint {
        /// This endpoint.
        endpoint: EndpointId,
        /// Whether the public alias into the Private Link name stays, as far as this
        /// endpoint makes it.
        alias_stays: bool,
        /// What the platform then does to records, by itself.
        follows: Vec<Change>,
    },
    /// Changes a forwarding ruleset: its rules or its links.
    Ruleset {
        /// This ruleset.
        ruleset: RulesetId,
        /// How.
        edit: RulesetEdit,
    },
}

impl Change {
    /// A link without registration.
    pub fn link(zone: ZoneId, vnet: VnetId, policy: Policy) -> Change {
        Change::Link { zone, vnet, name: None, policy, registration: false }
    }

    /// The changes that the platform makes because of this one.
    pub fn follows(&self) -> &[Change] {
        match self {
            Change::SetZoneGroup { follows, .. } | Change::DeleteEndpoint { follows, .. } => {
                follows
            }
            _ => &[],
        }
    }
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
    /// There is a zone of that name in that group.
    #[error("there is a zone `{zone}` already")]
    SecondZone {
        /// The apex.
        zone: String,
    },
    /// A network cannot be linked to two zones of one name.
    #[error("`{vnet}` is already linked to a zone named `{zone}`")]
    SecondLink {
        /// The network.
        vnet: String,
        /// The apex.
        zone: String,
    },
    /// A network registers its machines in one zone at most.
    #[error(
        "`{vnet}` already registers its machines in `{zone}`, and a network does so in one zone"
    )]
    SecondRegistration {
        /// The network.
        vnet: String,
        /// The zone that has them.
        zone: String,
    },
    /// Machines are not registered in reverse zones.
    #[error("`{zone}` is a reverse zone, in which no machines can be registered")]
    ReverseRegistration {
        /// The apex.
        zone: String,
    },
    /// There is more of something than Azure takes.
    #[error("{what}: {count}, and Azure allows {most}")]
    TooMany {
        /// Of what.
        what: String,
        /// How many.
        count: usize,
        /// At most.
        most: usize,
    },
    /// A ruleset and its networks are of one region.
    #[error("the ruleset {ruleset}, the network {vnet}: Azure links none across regions")]
    OtherRegion {
        /// The ruleset, with its region.
        ruleset: String,
        /// The network, with its region.
        vnet: String,
    },
    /// A network has one ruleset at most.
    #[error("`{vnet}` is already linked to the ruleset `{ruleset}`")]
    SecondRuleset {
        /// The network.
        vnet: String,
        /// The ruleset.
        ruleset: String,
    },
    /// The API refuses Azure DNS as the target of a rule.
    #[error("168.63.129.16 cannot be the target of a rule")]
    AzureAsTarget,
}

impl Estate {
    /// Makes `changes`, in order, which are one step of a plan; at the first refused one the
    /// estate is left with those before it.
    ///
    /// What a change adds to a zone takes its [`Origin`], and that of a new zone is the step.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), ChangeError> {
        self.steps += 1;
        self.apply_all(changes)
    }

    fn apply_all(&mut self, changes: &[Change]) -> Result<(), ChangeError> {
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
            Change::Link { zone, vnet, name, policy, registration } => {
                let name = match name {
                    Some(name) => name.to_string(),
                    None => format!("to-{}", self.vnet(*vnet).name),
                };
                self.link(*zone, *vnet, name, *policy, *registration)
            }
            Change::SetPolicy { zone, vnet, policy } => {
                let what = format!("link to `{}`", self.vnet_name(*vnet));
                let mut links = self.zones[zone.index()].links.iter_mut();
                let link = links.find(|link| link.vnet == *vnet);
                link.ok_or(ChangeError::NotThere { what })?.policy = *policy;
                Ok(())
            }
            Change::CreateZone { apex, group } => self.create_zone(*apex, group.as_deref()),
            Change::DeleteZone { zone } => {
                let zone = &mut self.zones[zone.index()];
                zone.record_sets = super::Shared::default();
                zone.links.clear();
                zone.unread.clear();
                zone.gone = true;
                Ok(())
            }
            Change::Ruleset { ruleset, edit } => self.edit_ruleset(*ruleset, edit),
            Change::SetServers { vnet, servers } => {
                self.vnets[vnet.index()].servers = Some(servers.clone());
                Ok(())
            }
            Change::SetZoneGroup { endpoint, zones, follows } => {
                self.endpoints[endpoint.index()].zone_group = zones.clone();
                self.apply_for(*endpoint, follows)
            }
            Change::DeleteEndpoint { endpoint, alias_stays, follows } => {
                self.apply_for(*endpoint, follows)?;
                self.delete_endpoint(*endpoint, *alias_stays);
                Ok(())
            }
            Change::Unlink { zone, vnet } => self.unlink(*zone, *vnet),
        }
    }

    /// The records of the network's machines go with a link that registers them.
    fn unlink(&mut self, id: ZoneId, vnet: VnetId) -> Result<(), ChangeError> {
        let what = format!("link to `{}`", self.vnet_name(vnet));
        let registered = self.registered(id, vnet).own;
        let zone = &mut self.zones[id.index()];
        let at = zone.links.iter().position(|link| link.vnet == vnet);
        zone.links.remove(at.ok_or(ChangeError::NotThere { what })?);
        if let Some(declared) = &mut zone.declared_links {
            *declared = declared.saturating_sub(1);
        }
        let gone = registered.iter().rev().map(|&at| zone.record_sets.remove(at)).collect();
        if let Some(declared) = &mut zone.declared_record_sets {
            *declared = declared.saturating_sub(registered.len() as u32);
        }
        if !registered.is_empty() {
            self.unlinked.insert(vnet, gone);
        }
        Ok(())
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
        if data.count() > RECORDS_OF_SET {
            let what = format!("records in `{}` {record_type}", show(owner));
            return Err(ChangeError::TooMany { what, count: data.count(), most: RECORDS_OF_SET });
        }
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

    /// What the platform does for an endpoint; the sets it writes are the endpoint's.
    fn apply_for(&mut self, endpoint: EndpointId, follows: &[Change]) -> Result<(), ChangeError> {
        self.apply_all(follows)?;
        let creator = format!("created by private endpoint {}", self.endpoint(endpoint).name);
        for change in follows {
            let Change::Put { zone, owner, data, .. } = change else { continue };
            let sets = &mut self.zones[zone.index()].record_sets;
            let own = |set: &&mut RecordSet| {
                set.owner == *owner && set.data.record_type() == data.record_type()
            };
            if let Some(set) = sets.iter_mut().find(own) {
                set.creator = Some(creator.as_str().into());
            }
        }
        Ok(())
    }

    /// The endpoint keeps its place, so that ids hold.
    fn delete_endpoint(&mut self, id: EndpointId, alias_stays: bool) {
        let endpoint = &mut self.endpoints[id.index()];
        endpoint.zone_group.clear();
        endpoint.gone = true;
        if alias_stays {
            // That the names are served still makes the alias; the addresses are dead.
            endpoint.names.iter_mut().for_each(|(_, addresses)| addresses.clear());
            endpoint.vnet = None;
            return;
        }
        endpoint.state = ConnectionState::NotApproved;
        endpoint.names.clear();
        let Some(target) = endpoint.target.clone() else { return };
        let groups = endpoint.groups.clone();
        let in_group = |group: &str| groups.iter().any(|own| own.eq_ignore_ascii_case(group));
        let others = self.endpoints.iter().any(|other| {
            other.state == ConnectionState::Approved
                && other.target.as_ref() == Some(&target)
                && other.groups.iter().any(|group| in_group(group))
        });
        let resources = self.resources.iter_mut().filter(|one| one.id.as_ref() == Some(&target));
        for name in resources.flat_map(|resource| &mut resource.names) {
            if !others && in_group(&name.group) {
                name.endpoint = Some(false);
            }
        }
    }

    fn create_zone(&mut self, apex: NameId, group: Option<&str>) -> Result<(), ChangeError> {
        let same = |zone: &super::Zone| {
            zone.apex == apex
                && zone.group.as_deref().map(str::to_lowercase) == group.map(str::to_lowercase)
        };
        let there = self.zones.iter_mut().find(|zone| same(zone));
        if there.as_ref().is_some_and(|zone| !zone.gone) {
            let zone = self.names.show(apex).to_string();
            return Err(ChangeError::SecondZone { zone });
        }
        // All is known of a new zone, for there is nothing in it.
        let new = super::Zone {
            id: there.as_ref().and_then(|zone| zone.id.clone()),
            group: group.map(str::to_owned),
            listed: true,
            links_listed: true,
            ..super::Zone::new(apex, Origin::of_step(self.steps))
        };
        match there {
            Some(gone) => *gone = new,
            None => self.zones.push(new),
        }
        Ok(())
    }

    fn link(
        &mut self,
        id: ZoneId,
        vnet: VnetId,
        name: String,
        policy: Policy,
        registration: bool,
    ) -> Result<(), ChangeError> {
        let apex = self.zone(id).apex;
        let linked = |zone: &super::Zone| {
            zone.apex == apex && zone.links.iter().any(|link| link.vnet == vnet)
        };
        if self.zones.iter().any(linked) {
            let (vnet, zone) = (self.vnet_name(vnet), self.zone_name(id));
            return Err(ChangeError::SecondLink { vnet, zone });
        }
        if registration {
            self.can_register(id, vnet)?;
        }
        let zone = &mut self.zones[id.index()];
        let origin = zone.origin;
        let link = Link { name, vnet, registration, policy, pending: None, origin };
        let at = zone.links.partition_point(|link| link.vnet < vnet);
        zone.links.insert(at, link);
        if let Some(declared) = &mut zone.declared_links {
            *declared += 1;
        }
        if registration {
            self.register_again(id, vnet);
        }
        Ok(())
    }

    /// What takes `change` back, as the estate is before it; `None` where nothing
    /// but making the thing anew does.
    pub fn inverse(&self, change: &Change) -> Option<Vec<Change>> {
        let one = |change| Some(vec![change]);
        match change {
            Change::Put { zone, owner, data, .. } => {
                let (zone, owner, record_type) = (*zone, *owner, data.record_type());
                match self.put_back(zone, owner, record_type) {
                    Some(put) => one(put),
                    None => one(Change::Remove { zone, owner, record_type }),
                }
            }
            Change::Remove { zone, owner, record_type } => {
                self.put_back(*zone, *owner, *record_type).map(|put| vec![put])
            }
            Change::Link { zone, vnet, .. } => one(Change::Unlink { zone: *zone, vnet: *vnet }),
            Change::SetPolicy { zone, vnet, .. } => {
                let link = self.link_of(*zone, *vnet)?;
                one(Change::SetPolicy { zone: *zone, vnet: *vnet, policy: link.policy })
            }
            Change::Unlink { zone, vnet } => {
                one(self.link_again(*zone, self.link_of(*zone, *vnet)?))
            }
            Change::CreateZone { apex, group } => {
                let mut zones = self.zone_ids();
                let same = |zone: &super::Zone| {
                    zone.gone && zone.apex == *apex && zone.group.as_deref() == group.as_deref()
                };
                let next = ZoneId(self.zones.len() as u32);
                let zone = zones.find(|(_, zone)| same(zone)).map_or(next, |(id, _)| id);
                one(Change::DeleteZone { zone })
            }
            Change::DeleteZone { zone } => {
                let facts = self.zone(*zone);
                let group = facts.group.as_deref().map(Into::into);
                let put = facts.record_sets.iter().filter(|set| {
                    // A zone is made with its SOA.
                    set.data.record_type() != RecordType::Soa
                });
                let put =
                    put.filter_map(|set| self.put_back(*zone, set.owner, set.data.record_type()));
                let links = facts.links.iter().map(|link| self.link_again(*zone, link));
                let made = Change::CreateZone { apex: facts.apex, group };
                Some(std::iter::once(made).chain(put).chain(links).collect())
            }
            Change::SetServers { vnet, .. } => {
                let servers = self.vnet(*vnet).servers.clone()?;
                one(Change::SetServers { vnet: *vnet, servers })
            }
            Change::SetZoneGroup { endpoint, follows, .. } => {
                let back = follows.iter().rev().filter_map(|change| self.inverse(change));
                let zones = self.endpoint(*endpoint).zone_group.clone();
                let follows = back.flatten().collect();
                one(Change::SetZoneGroup { endpoint: *endpoint, zones, follows })
            }
            Change::DeleteEndpoint { .. } => None,
            Change::Ruleset { ruleset, edit } => {
                self.inverse_edit(*ruleset, edit).map(|one| vec![one])
            }
        }
    }

    fn link_of(&self, zone: ZoneId, vnet: VnetId) -> Option<&Link> {
        self.zone(zone).links.iter().find(|link| link.vnet == vnet)
    }

    /// The change that makes a link as it is.
    fn link_again(&self, zone: ZoneId, link: &Link) -> Change {
        let Link { name, vnet, policy, registration, .. } = link;
        let name = Some(name.as_str().into());
        Change::Link { zone, vnet: *vnet, name, policy: *policy, registration: *registration }
    }

    /// The change that makes a record set as it is.
    fn put_back(&self, zone: ZoneId, owner: NameId, record_type: RecordType) -> Option<Change> {
        let mut sets = self.zone(zone).record_sets.iter();
        let set = sets.find(|set| set.owner == owner && set.data.record_type() == record_type)?;
        Some(Change::Put { zone, owner, data: set.data.clone(), ttl: set.ttl })
    }
}
