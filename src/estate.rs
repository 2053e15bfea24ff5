//! The facts of an estate: zones, record sets, virtual networks, links,
//! endpoints, resolvers, rulesets, DNS servers, interfaces, resources and recorded
//! public answers, each with its [`Origin`].
//!
//! Inputs come in any order and may overlap. An [`Assembly`] takes them in,
//! merges what speaks of one resource, and [`Assembly::finish`] puts everything
//! in an order that does not depend on the order of reading. What is not known
//! stays unknown: a zone that is only referred to has [`Extent::Unknown`], a
//! network known from a link only has no DNS servers rather than an empty list.

#![deny(clippy::disallowed_methods)]

mod assembly;
mod change;
mod forwarding;
mod policy;
mod registration;
mod ruleset_edit;
mod shared;
mod wish;
mod zone_name;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::name::{NameId, Names};
use crate::record::{RecordData, RecordType, Ttl};

pub use assembly::{Assembly, ConfigOf};
pub use change::{Change, ChangeError, RECORDS_OF_SET};
pub use forwarding::{
    BY_DEFAULT, Forwarder, ForwardingRule, InboundEndpoint, Interface, Ruleset, RulesetLink,
    Server, ServerKind, Unsimulated,
};
pub use policy::{BLOCKED, BlockResponse, DomainList, PolicyAction, PolicyRule, SecurityPolicy};
pub use registration::Registered;
pub use ruleset_edit::{RulesetEdit, plain_region};
pub use shared::Shared;
pub use wish::Wish;
pub use zone_name::{
    RESERVED_ZONE_NAMES, ZONE_NAME_LABELS, fits_zone_name, is_private_name, refused_zone_name,
};

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub u32);

        impl $id {
            /// The place in its list, from 0.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// One input, by its place in [`Estate::inputs`].
    InputId,
    /// One zone, by its place in [`Estate::zones`] and behind them in the zones of
    /// [`Estate::servers`], one server after the other.
    ZoneId,
    /// One virtual network, by its place in [`Estate::vnets`].
    VnetId,
    /// One private endpoint, by its place in [`Estate::endpoints`].
    EndpointId,
    /// One forwarding ruleset, by its place in [`Estate::rulesets`].
    RulesetId,
}

/// Where a fact stands: an input and a range of octets in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The input.
    pub input: InputId,
    /// The first octet, from 0.
    pub start: u32,
    /// How many octets.
    pub length: u32,
}

/// The kind of an input that is no known format.
pub const UNRECOGNISED: &str = "unrecognised";

/// The kind of an input that is prose beside an export, not a failed one.
pub const DOCUMENTATION: &str = "documentation";
/// The kind of an input that holds lookups, which is no export.
pub const TRANSCRIPT: &str = "transcript";

/// What became of one item of an input.
///
/// An item is what its format has one fact in: an element of a JSON list, a
/// record of a zone file, a line of `.estate`, a resource of Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was read; a part of it may have been refused.
    Used,
    /// It could not be read, and a note says why.
    Refused,
    /// It is of a kind that is not used.
    Unsupported,
}

/// How many items of an input were met, each counted once.
///
/// An input that is no format that is known has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// Items that were read.
    pub used: u32,
    /// Items that could not be read.
    pub refused: u32,
    /// Items of kinds that are not used.
    pub unsupported: u32,
}

impl Items {
    /// All of them.
    pub fn met(self) -> u64 {
        [self.used, self.refused, self.unsupported].map(u64::from).iter().sum()
    }

    /// Counts one more.
    pub fn count(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Used => &mut self.used,
            Fate::Refused => &mut self.refused,
            Fate::Unsupported => &mut self.unsupported,
        };
        *count = count.saturating_add(1);
    }
}

/// One file or stream that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as given, `-` for standard input.
    pub path: String,
    /// What it was told to be, such as `az-json` or `zone-file`.
    pub kind: &'static str,
    /// SHA-256 of the octets as they were on disk, in lower-case hexadecimal.
    pub sha256: String,
    /// What became of its items.
    pub items: Items,
    /// The text as UTF-8, whatever the encoding on disk.
    pub text: String,
}

impl Input {
    /// Line and column of an octet, both from 1; columns count characters.
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text.as_bytes()[..offset];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        (line, self.text[start..offset].chars().count() + 1)
    }
}

/// The address at which a network's own resolver answers.
///
/// "What is IP address 168.63.129.16?", learn.microsoft.com/azure/virtual-network, read 2026-11.
pub const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// Stands for the subscription in ids that a plan does not state in full.
pub const UNSTATED: &str = "unstated";

/// The id of an Azure resource, as it was written.
///
/// Compared without regard to case and to a final `/`, as Azure Resource
/// Manager does ("Resource functions", learn.microsoft.com/azure/azure-resource-manager, read 2026-11).
#[derive(Clone, Debug)]
pub struct ResourceId(Box<str>);

impl ResourceId {
    /// `None` unless the text [is one](Self::is_one).
    pub fn new(text: &str) -> Option<ResourceId> {
        ResourceId::is_one(text).then(|| ResourceId(text.trim_end_matches('/').into()))
    }

    /// Whether the text starts as a resource id does, and holds only what one may.
    pub fn is_one(text: &str) -> bool {
        let head = "/subscriptions/";
        let text = text.trim_end_matches('/');
        let starts = text.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head));
        // A colon is in no name of the management API; here it divides a network from its flags.
        let strange = |octet: u8| octet == b':' || octet.is_ascii_control();
        // Without a way out, many octets are looked at in one step.
        starts && !text.bytes().fold(false, |found, octet| found | strange(octet))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to compare by.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The segment after `name`, such as the zone's name after `privateDnsZones`.
    pub fn after(&self, name: &str) -> Option<&str> {
        let mut segments = self.0.split('/');
        segments.by_ref().find(|segment| segment.eq_ignore_ascii_case(name))?;
        segments.next().filter(|segment| !segment.is_empty())
    }

    /// The id up to and with the segment after `name`.
    pub fn up_to(&self, name: &str) -> Option<ResourceId> {
        let value = self.after(name)?;
        let end = value.as_ptr() as usize - self.0.as_ptr() as usize + value.len();
        Some(ResourceId(self.0[..end].into()))
    }

    /// The id of the resource that this one is a child of, if it is one.
    pub fn parent(&self) -> Option<ResourceId> {
        let (kind, _) = self.0.rsplit_once('/')?;
        let (parent, _) = kind.rsplit_once('/')?;
        let is_child = self.resource_type()?.matches('/').count() > 1;
        is_child.then(|| ResourceId(parent.into()))
    }

    /// The subscription.
    pub fn subscription(&self) -> Option<&str> {
        self.after("subscriptions")
    }

    /// The resource group.
    pub fn resource_group(&self) -> Option<&str> {
        self.after("resourceGroups")
    }

    /// The last segment: the resource's own name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The type in lower case, such as `microsoft.network/privatednszones/a`.
    pub fn resource_type(&self) -> Option<String> {
        let lower = self.key();
        let (_, tail) = lower.rsplit_once("/providers/")?;
        let mut segments = tail.split('/');
        let mut kind = segments.next()?.to_owned();
        for (at, segment) in segments.enumerate() {
            if at % 2 == 0 {
                kind.push('/');
                kind.push_str(segment);
            }
        }
        Some(kind)
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ResourceId {}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much of a list was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Nothing is known of it: only something else refers to it.
    Unknown,
    /// Less than there is, or nothing says that it is all.
    Partial,
    /// All there is.
    Whole,
}

/// A private DNS zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The apex.
    pub apex: NameId,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The resource group, where an input stated one.
    pub group: Option<String>,
    /// `numberOfRecordSets` of the zone object, SOA included.
    pub declared_record_sets: Option<u32>,
    /// `numberOfVirtualNetworkLinks` of the zone object.
    pub declared_links: Option<u32>,
    /// Whether an input that lists all record sets of the zone was read.
    pub listed: bool,
    /// Whether an input that lists all links of the zone was read.
    pub links_listed: bool,
    /// Whether it is known that links were not read: a page is missing, a list was cut, or
    /// a link was refused. Counts of the zone object, if they are met, know better.
    pub links_short: bool,
    /// How many record sets could not be read of which not even the owner is known.
    pub refused: u32,
    /// Owners with a record set that could not be read in full: their answers are unknown.
    pub unread: Vec<NameId>,
    /// By owner, then type; one set for each.
    pub record_sets: Shared<Vec<RecordSet>>,
    /// By network.
    pub links: Vec<Link>,
    /// A [`Change`] deleted it; it keeps its place, so that ids hold.
    pub gone: bool,
    /// The zone object, or else the first thing that refers to the zone.
    pub origin: Origin,
}

impl Zone {
    /// A zone of which nothing is known yet.
    pub fn new(apex: NameId, origin: Origin) -> Zone {
        Zone {
            apex,
            id: None,
            group: None,
            declared_record_sets: None,
            declared_links: None,
            listed: false,
            links_listed: false,
            links_short: false,
            refused: 0,
            unread: Vec::new(),
            record_sets: Shared::default(),
            links: Vec::new(),
            gone: false,
            origin,
        }
    }

    /// How much of the zone's record sets was loaded.
    ///
    /// The count in the zone object includes the SOA set, which some inputs
    /// leave out.
    pub fn extent(&self) -> Extent {
        let loaded = (self.record_sets.len() + self.unread.len()) as u32;
        let soa = self.record_sets.iter().any(|set| set.data.record_type() == RecordType::Soa);
        if self.refused > 0 {
            return Extent::Partial;
        }
        match self.declared_record_sets {
            Some(declared) if loaded + u32::from(!soa) >= declared => Extent::Whole,
            Some(_) if loaded == 0 && !self.listed => Extent::Unknown,
            Some(_) => Extent::Partial,
            None if self.listed => Extent::Whole,
            None if loaded > 0 => Extent::Partial,
            None => Extent::Unknown,
        }
    }

    /// How much of the zone's links was loaded.
    pub fn links_extent(&self) -> Extent {
        match self.declared_links {
            Some(declared) if self.links.len() as u32 >= declared => Extent::Whole,
            Some(_) if self.links.is_empty() && !self.links_listed => Extent::Unknown,
            Some(_) => Extent::Partial,
            None if self.links_short => Extent::Partial,
            None if self.links_listed => Extent::Whole,
            None if self.links.is_empty() => Extent::Unknown,
            None => Extent::Partial,
        }
    }
}

/// All records of one owner and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The owner, absolute.
    pub owner: NameId,
    /// Where nobody stated one, `None`.
    pub ttl: Option<Ttl>,
    /// The records.
    pub data: RecordData,
    /// Written by autoregistration (`isAutoRegistered`).
    pub registered: bool,
    /// The `creator` of the metadata: which private endpoint keeps the set.
    pub creator: Option<Box<str>>,
    /// Where it stands.
    pub origin: Origin,
}

/// What a link does with a name its zone lacks (`resolutionPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// The input does not say; exports older than API 2024-06-01 cannot.
    Unstated,
    /// NXDOMAIN is final.
    Default,
    /// NXDOMAIN is looked up again in public DNS.
    NxDomainRedirect,
}

/// A virtual network link of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The link's own name.
    pub name: String,
    /// The network.
    pub vnet: VnetId,
    /// Whether virtual machines are registered in the zone.
    pub registration: bool,
    /// What happens to names the zone lacks.
    pub policy: Policy,
    /// Why the link may not work yet: a state other than `Completed` or `Succeeded`.
    pub pending: Option<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// A virtual network, or a site: a network elsewhere whose clients ask its DNS servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vnet {
    /// The network's own name.
    pub name: String,
    /// It is a site: no zone and no ruleset can be linked to it, and Azure DNS cannot be
    /// reached from it.
    pub site: bool,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The resource group, where an input stated one.
    pub group: Option<String>,
    /// The region.
    pub location: Option<String>,
    /// The DNS servers it hands out; empty for Azure-provided DNS; `None` where
    /// no input shows the network itself.
    pub servers: Option<Vec<IpAddr>>,
    /// The address space.
    pub space: Vec<IpNet>,
    /// The network object, or else the first thing that refers to it.
    pub origin: Origin,
}

impl Vnet {
    /// `resource-group/name` where the group is known, else the name.
    pub fn qualified(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The state of a private endpoint connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionState {
    /// The service answers through it.
    Approved,
    /// Pending, rejected or disconnected.
    NotApproved,
}

/// A private endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The endpoint's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The network of its subnet.
    pub vnet: Option<VnetId>,
    /// Whether its connection is approved.
    pub state: ConnectionState,
    /// The resource it leads to.
    pub target: Option<ResourceId>,
    /// The sub-resources it leads to, such as `batchAccount`.
    pub groups: Vec<String>,
    /// The names it serves, public or in a private zone, with its addresses.
    pub names: Vec<(NameId, Vec<IpAddr>)>,
    /// The zones in which its zone group keeps its records, as [`Estate::zones_like`] takes them.
    pub zone_group: Vec<Box<str>>,
    /// What the group and its zones are called in Azure, which commands need.
    pub group_names: GroupNames,
    /// A [`Change`] deleted it; it keeps its place, so that ids hold.
    pub gone: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// What a zone group and the zones in it are called, where an input stated it.
///
/// It outlives changes of the group, so that what is taken back has its names again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupNames {
    /// The group; `default` where a portal made it, `deployedByPolicy` where a policy did.
    pub group: Option<Box<str>>,
    /// Zones, as in [`Endpoint::zone_group`], each with the name of its configuration.
    pub zones: Vec<(Box<str>, Box<str>)>,
}

impl GroupNames {
    /// The name of the configuration of a zone.
    pub fn of(&self, zone: &str) -> Option<&str> {
        let known = self.zones.iter().find(|(own, _)| own.eq_ignore_ascii_case(zone));
        known.map(|(_, name)| &**name)
    }
}

/// A name under which a resource is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// The public name.
    pub name: NameId,
    /// The sub-resource, such as `batchAccount` or `nodeManagement`.
    pub group: String,
    /// Whether the sub-resource has an approved private endpoint; `None` where
    /// the input does not say.
    pub endpoint: Option<bool>,
}

/// A resource that clients reach by name, such as a Batch account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The resource's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// Its type, such as `Microsoft.Batch/batchAccounts`.
    pub kind: String,
    /// The region.
    pub location: Option<String>,
    /// Whether it can be reached from the internet (`publicNetworkAccess`).
    pub public_access: Option<bool>,
    /// Its names.
    pub names: Vec<ServiceName>,
    /// Where it stands.
    pub origin: Origin,
}

/// What public DNS is recorded to say of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicData {
    /// A record set.
    Records(RecordData, Option<Ttl>),
    /// The name exists without data of the type asked for.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// Public DNS fails for it.
    ServFail,
}

/// A stated fact of public DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicFact {
    /// A recorded answer.
    Recorded {
        /// The owner.
        name: NameId,
        /// The answer.
        data: PublicData,
        /// Where it stands.
        origin: Origin,
    },
    /// Whether the resource behind a public name has an approved private endpoint.
    Endpoint {
        /// The public name, or the part of it before the service's suffix.
        name: String,
        /// The service's short name where `name` is only the part before its suffix.
        service: Option<String>,
        /// Whether there is an approved endpoint.
        present: bool,
        /// Where it stands.
        origin: Origin,
    },
}

impl PublicFact {
    /// Where it stands.
    pub fn origin(&self) -> Origin {
        match self {
            PublicFact::Recorded { origin, .. } | PublicFact::Endpoint { origin, .. } => *origin,
        }
    }
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// A whole input could not be read.
    Unreadable,
    /// An input, or text in it, is no format that is known.
    Unrecognised,
    /// One item or line was refused; the rest was read.
    Refused,
    /// A record was refused whose owner is not in its zone.
    OutsideZone,
    /// A record was refused because its owner has an alias already.
    SecondAlias,
    /// An NS record below the apex, which no private zone can have, was not used.
    Delegation,
    /// Lines of one record set have different times to live.
    UnevenTtl,
    /// A line says what another one of the file said before.
    Repeated,
    /// An item of a kind that is not used.
    Unsupported,
    /// The input says that there is more than it holds.
    Partial,
    /// Two inputs state different facts of one thing.
    Contradiction,
    /// How an unclear text was read.
    Reading,
}

impl NoteKind {
    /// Whether an item or line was refused.
    pub fn is_refusal(self) -> bool {
        matches!(self, NoteKind::Refused | NoteKind::OutsideZone | NoteKind::SecondAlias)
    }
}

/// Something to say about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// What was expected and what was found.
    pub message: String,
    /// Where.
    pub origin: Origin,
    /// The other place, for a contradiction.
    pub other: Option<Origin>,
}

/// The resources of one type in one subscription.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inventory {
    /// The type in lower case, such as `microsoft.network/virtualnetworks`.
    pub kind: String,
    /// The subscription in lower case; `None` for what has no resource id.
    pub subscription: Option<String>,
}

impl Inventory {
    /// Private DNS zones.
    pub const ZONES: &str = "microsoft.network/privatednszones";
    /// Virtual networks.
    pub const VNETS: &str = "microsoft.network/virtualnetworks";
    /// Private endpoints.
    pub const ENDPOINTS: &str = "microsoft.network/privateendpoints";
    /// Rulesets of DNS Private Resolvers.
    pub const RULESETS: &str = "microsoft.network/dnsforwardingrulesets";
    /// DNS security policies.
    pub const POLICIES: &str = "microsoft.network/dnsresolverpolicies";

    /// The inventory of that type which the resource is in.
    pub fn of(kind: &str, id: Option<&ResourceId>) -> Inventory {
        let subscription = id.and_then(ResourceId::subscription).map(str::to_lowercase);
        Inventory { kind: kind.to_lowercase(), subscription }
    }
}

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// All names that any fact mentions.
    pub names: Shared<Names>,
    /// The inputs, by path.
    pub inputs: Shared<Vec<Input>>,
    /// By apex, then id.
    pub zones: Vec<Zone>,
    /// By name, then id.
    pub vnets: Vec<Vnet>,
    /// By name, then id.
    pub endpoints: Vec<Endpoint>,
    /// By name, then id.
    pub resources: Vec<Resource>,
    /// By name, then id.
    pub inbound: Vec<InboundEndpoint>,
    /// By name, then id.
    pub rulesets: Vec<Ruleset>,
    /// By name, then id.
    pub servers: Vec<Server>,
    /// By name, then id.
    pub interfaces: Vec<Interface>,
    /// DNS security policies, by name, then id.
    pub policies: Vec<SecurityPolicy>,
    /// The domain lists of their rules, by name, then id.
    pub domain_lists: Vec<DomainList>,
    /// Stated facts of public DNS.
    pub public: Vec<PublicFact>,
    /// How much was read of the inventories of which an input has a list: `Partial` where
    /// a page is missing, a list was cut or an item was refused.
    pub inventories: BTreeMap<Inventory, Extent>,
    /// By place.
    pub notes: Vec<Note>,
}

impl Estate {
    /// The zone, private or of a server.
    pub fn zone(&self, id: ZoneId) -> &Zone {
        match self.zones.get(id.index()) {
            Some(zone) => zone,
            None => self.server_zones().nth(id.index() - self.zones.len()).expect("a zone's id").1,
        }
    }

    /// The zones of servers, with the place of each server, in the order of their ids.
    pub fn server_zones(&self) -> impl Iterator<Item = (usize, &Zone)> {
        let servers = self.servers.iter().enumerate();
        servers.flat_map(|(at, server)| server.zones.iter().map(move |zone| (at, zone)))
    }

    /// Whether all resources of that type in the subscription of `id` were read, as far as
    /// the inputs tell: a list without a next page, none of which was refused.
    pub fn is_listed(&self, kind: &str, id: Option<&ResourceId>) -> bool {
        self.inventories.get(&Inventory::of(kind, id)) == Some(&Extent::Whole)
    }

    /// Whether there are items of that type of which nothing was read.
    pub fn lacks(&self, kind: &str) -> bool {
        let short =
            |(list, extent): (&Inventory, &Extent)| list.kind == kind && *extent != Extent::Whole;
        self.inventories.iter().any(short)
    }

    /// The ruleset.
    pub fn ruleset(&self, id: RulesetId) -> &Ruleset {
        &self.rulesets[id.index()]
    }

    /// All rulesets with their ids.
    pub fn ruleset_ids(&self) -> impl Iterator<Item = (RulesetId, &Ruleset)> {
        self.rulesets.iter().enumerate().map(|(at, ruleset)| (RulesetId(at as u32), ruleset))
    }

    /// The network.
    pub fn vnet(&self, id: VnetId) -> &Vnet {
        &self.vnets[id.index()]
    }

    /// The private endpoint.
    pub fn endpoint(&self, id: EndpointId) -> &Endpoint {
        &self.endpoints[id.index()]
    }

    /// The input.
    pub fn input(&self, id: InputId) -> &Input {
        &self.inputs[id.index()]
    }

    /// All private DNS zones with their ids.
    pub fn zone_ids(&self) -> impl Iterator<Item = (ZoneId, &Zone)> {
        self.zones.iter().enumerate().map(|(at, zone)| (ZoneId(at as u32), zone))
    }

    /// All networks with their ids.
    pub fn vnet_ids(&self) -> impl Iterator<Item = (VnetId, &Vnet)> {
        self.vnets.iter().enumerate().map(|(at, vnet)| (VnetId(at as u32), vnet))
    }

    /// All private endpoints with their ids.
    pub fn endpoint_ids(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.endpoints.iter().enumerate().map(|(at, one)| (EndpointId(at as u32), one))
    }

    /// The zones that a text means: those with that apex, in that group where it is
    /// `group/apex`, or the one with that resource id.
    pub fn zones_like(&self, text: &str) -> Vec<ZoneId> {
        let text = text.trim_end_matches('.').to_lowercase();
        let (group, apex) = match text.rsplit_once('/') {
            Some((group, apex)) if !text.starts_with('/') => (Some(group), apex),
            _ => (None, text.as_str()),
        };
        let is_it = |id: ZoneId, zone: &Zone| {
            let own = zone.group.as_deref();
            let in_group =
                group.is_none_or(|group| own.is_some_and(|own| own.eq_ignore_ascii_case(group)));
            match text.starts_with('/') {
                true => zone.id.as_ref().is_some_and(|id| id.key() == text),
                false => in_group && self.zone_name(id) == apex,
            }
        };
        let zones = self.zone_ids().filter(|(id, zone)| !zone.gone && is_it(*id, zone));
        zones.map(|(id, _)| id).collect()
    }

    /// The networks that a text means: those with that name, in that group where it is
    /// `group/name`, or the one with that resource id.
    pub fn vnets_like(&self, text: &str) -> Vec<VnetId> {
        let is_it = |vnet: &Vnet| match (text.starts_with('/'), &vnet.id) {
            (true, id) => id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(text)),
            (false, _) => {
                vnet.name.eq_ignore_ascii_case(text) || vnet.qualified().eq_ignore_ascii_case(text)
            }
        };
        self.vnet_ids().filter(|(_, vnet)| is_it(vnet)).map(|(id, _)| id).collect()
    }

    /// The interfaces in a network with that name, in that network where it is
    /// `vnet/name`, or that resource id; by place.
    pub fn interfaces_like(&self, text: &str) -> Vec<u32> {
        let is_it = |(_, one): &(usize, &Interface)| {
            let id = one.id.as_ref().map(ResourceId::as_str);
            let in_vnet = |vnet: VnetId| format!("{}/{}", self.vnet(vnet).name, one.name);
            one.name.eq_ignore_ascii_case(text)
                || id.is_some_and(|id| id.eq_ignore_ascii_case(text))
                || one.vnet.is_some_and(|vnet| in_vnet(vnet).eq_ignore_ascii_case(text))
        };
        let found = self.interfaces.iter().enumerate().filter(|(_, one)| one.vnet.is_some());
        found.filter(is_it).map(|(at, _)| at as u32).collect()
    }

    /// An interface with its network: `vnet/name`.
    pub fn interface_name(&self, at: u32) -> String {
        let one = &self.interfaces[at as usize];
        match one.vnet {
            Some(vnet) => format!("{}/{}", self.vnet_name(vnet), one.name),
            None => one.name.clone(),
        }
    }

    /// The private endpoints with that name or resource id.
    pub fn endpoints_like(&self, text: &str) -> Vec<EndpointId> {
        let is_it = |one: &Endpoint| {
            let id = one.id.as_ref();
            !one.gone
                && (one.name.eq_ignore_ascii_case(text)
                    || id.is_some_and(|id| id.as_str().eq_ignore_ascii_case(text)))
        };
        self.endpoint_ids().filter(|(_, one)| is_it(one)).map(|(id, _)| id).collect()
    }

    /// The rulesets with that name, in that group where it is `group/name`, or that
    /// resource id.
    pub fn rulesets_like(&self, text: &str) -> Vec<RulesetId> {
        let is_it = |one: &Ruleset| {
            let qualified = || Some(format!("{}/{}", one.group.as_ref()?, one.name));
            one.name.eq_ignore_ascii_case(text)
                || one.id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(text))
                || qualified().is_some_and(|own| own.eq_ignore_ascii_case(text))
        };
        self.ruleset_ids().filter(|(_, one)| is_it(one)).map(|(id, _)| id).collect()
    }

    /// A ruleset's name, or its whole id where another has the same.
    pub fn ruleset_label(&self, id: RulesetId) -> String {
        let ruleset = self.ruleset(id);
        match (self.rulesets_like(&ruleset.name).len(), &ruleset.id) {
            (2.., Some(id)) => id.to_string(),
            _ => ruleset.name.clone(),
        }
    }

    /// A zone's name, with its resource group or its whole id where another has the same.
    pub fn zone_label(&self, id: ZoneId) -> String {
        let (zone, name) = (self.zone(id), self.zone_name(id));
        if self.zones_like(&name).len() < 2 {
            return name;
        }
        let qualified = zone.group.as_ref().map(|group| format!("{group}/{name}"));
        let told = qualified.filter(|text| self.zones_like(text).len() == 1);
        told.or_else(|| zone.id.as_ref().map(ToString::to_string)).unwrap_or(name)
    }

    /// The text of the apex, without the final dot.
    pub fn zone_name(&self, id: ZoneId) -> String {
        self.names.show(self.zone(id).apex).to_string()
    }

    /// Whether the zone is one of Private Link, as far as its name tells: it has a
    /// label that starts with `privatelink`.
    pub fn is_private_link(&self, id: ZoneId) -> bool {
        self.names.labels(self.zone(id).apex).any(|label| label.starts_with(b"privatelink"))
    }

    /// A network's name, with its resource group or its whole id where another has the same.
    pub fn vnet_name(&self, id: VnetId) -> String {
        let vnet = self.vnet(id);
        // Networks stand by name, so those of one name are neighbours.
        let neighbours = [id.0.checked_sub(1), id.0.checked_add(1)].into_iter().flatten();
        let shares = |key: &dyn Fn(&Vnet) -> String| {
            let same = |other: u32| {
                self.vnets.get(other as usize).is_some_and(|other| key(other) == key(vnet))
            };
            neighbours.clone().any(same)
        };
        if !shares(&|vnet| vnet.name.to_lowercase()) {
            return vnet.name.clone();
        }
        match &vnet.id {
            Some(id) if shares(&|vnet| vnet.qualified().to_lowercase()) => id.to_string(),
            _ => vnet.qualified(),
        }
    }

    /// How many record sets all zones hold.
    pub fn record_set_count(&self) -> usize {
        self.zones.iter().map(|zone| zone.record_sets.len()).sum()
    }

    /// `path:line:column` of a place.
    pub fn show_origin(&self, origin: Origin) -> String {
        let input = self.input(origin.input);
        let (line, column) = input.position(origin.start);
        format!("{}:{line}:{column}", input.path)
    }
}
