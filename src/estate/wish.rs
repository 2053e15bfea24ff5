//! Changes as people write them: things are named, not numbered.

use std::net::{IpAddr, SocketAddr};

use crate::name::NameId;
use crate::record::{RecordData, RecordType, Ttl};

/// A change that is wanted, before it is known which zone, network or endpoint of an
/// estate is meant.
///
/// Zones, networks and endpoints are as [`Estate::zones_like`](super::Estate::zones_like)
/// and its siblings take them; names are of the estate that the wish is read for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Remove the link of a zone to a network, or all its links.
    Unlink {
        /// The zone.
        zone: String,
        /// The network.
        vnet: Option<String>,
    },
    /// Link a zone to a network.
    Link {
        /// The zone.
        zone: String,
        /// The network.
        vnet: String,
        /// The link's own name.
        name: Option<String>,
        /// With `NxDomainRedirect`.
        redirect: bool,
        /// With registration of virtual machines.
        registration: bool,
    },
    /// Let a link redirect what its zone lacks to public DNS, or not any more.
    SetPolicy {
        /// The zone.
        zone: String,
        /// The network.
        vnet: String,
        /// Whether it redirects.
        redirect: bool,
    },
    /// Make a record set what is given.
    Put {
        /// The zone; that with the longest apex where there is none.
        zone: Option<String>,
        /// The owner, absolute.
        owner: NameId,
        /// Its time to live.
        ttl: Option<Ttl>,
        /// The records.
        data: RecordData,
    },
    /// Remove a record set.
    Remove {
        /// The zone; that with the longest apex where there is none.
        zone: Option<String>,
        /// The owner, absolute.
        owner: NameId,
        /// The type.
        record_type: RecordType,
    },
    /// Make a zone.
    CreateZone {
        /// Its apex.
        apex: NameId,
        /// Its resource group.
        group: Option<String>,
    },
    /// Delete a zone with its links and records.
    DeleteZone {
        /// The zone.
        zone: String,
    },
    /// Put the records of a zone into another one, and link its networks there.
    Merge {
        /// The zone that goes.
        zone: String,
        /// The zone that stays.
        into: String,
    },
    /// Change the DNS servers of a network; none is Azure-provided DNS.
    SetServers {
        /// The network.
        vnet: String,
        /// In order.
        servers: Vec<IpAddr>,
    },
    /// Add a zone to the zone group of an endpoint, or make its group.
    AddToGroup {
        /// The endpoint.
        endpoint: String,
        /// The zone.
        zone: String,
    },
    /// Take a zone out of the zone group of an endpoint, or remove the group.
    RemoveFromGroup {
        /// The endpoint.
        endpoint: String,
        /// The zone.
        zone: Option<String>,
    },
    /// Remove the zone group of an endpoint and make it again, as deployments do that
    /// cannot change it in place.
    RecreateGroup {
        /// The endpoint.
        endpoint: String,
    },
    /// Delete a private endpoint.
    DeleteEndpoint {
        /// The endpoint.
        endpoint: String,
    },
    /// Make the rule of a ruleset for a domain what is given.
    PutRule {
        /// The ruleset.
        ruleset: String,
        /// Names at or below this.
        domain: NameId,
        /// The rule's own name.
        name: Option<String>,
        /// Who is asked, in order.
        targets: Vec<SocketAddr>,
    },
    /// Remove the rule of a ruleset for a domain.
    RemoveRule {
        /// The ruleset.
        ruleset: String,
        /// Names at or below this.
        domain: NameId,
    },
    /// Link a ruleset to a network.
    LinkRuleset {
        /// The ruleset.
        ruleset: String,
        /// The network.
        vnet: String,
        /// The link's own name.
        name: Option<String>,
    },
    /// Remove the link of a ruleset to a network, or all its links.
    UnlinkRuleset {
        /// The ruleset.
        ruleset: String,
        /// The network.
        vnet: Option<String>,
    },
}
