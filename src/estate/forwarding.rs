//! Who else answers and forwards: DNS Private Resolvers, their rulesets, DNS
//! servers, and the clients that have servers of their own.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Origin, ResourceId, VnetId, Zone};
use crate::name::NameId;
use crate::record::RecordType;

/// An inbound endpoint of a DNS Private Resolver.
///
/// Queries sent to it are answered by Azure DNS of its network ("Azure DNS
/// Private Resolver endpoints and rulesets",
/// learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundEndpoint {
    /// The endpoint's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The network of its subnet.
    pub vnet: Option<VnetId>,
    /// Where it listens.
    pub addresses: Vec<IpAddr>,
    /// Where it stands.
    pub origin: Origin,
}

/// One rule of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardingRule {
    /// The rule's own name; empty where no input states one.
    pub name: String,
    /// Names at or below this are forwarded; the root for all.
    pub domain: NameId,
    /// The servers that are asked, in order.
    pub targets: Vec<SocketAddr>,
    /// A disabled rule is ignored (`forwardingRuleState`).
    pub enabled: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// A virtual network link of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesetLink {
    /// The link's own name.
    pub name: String,
    /// The network.
    pub vnet: VnetId,
    /// Why the link may not work yet: a state other than `Succeeded`.
    pub pending: Option<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// A DNS forwarding ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruleset {
    /// The ruleset's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The resource group, where an input stated one.
    pub group: Option<String>,
    /// The region.
    pub location: Option<String>,
    /// Whether an input that lists all its rules was read.
    pub rules_listed: bool,
    /// Whether an input that lists all its links was read.
    pub links_listed: bool,
    /// How many of its rules could not be read: what it forwards is then unknown.
    pub refused: u32,
    /// By domain; one for each, an enabled one before a disabled one.
    pub rules: Vec<ForwardingRule>,
    /// By network.
    pub links: Vec<RulesetLink>,
    /// The ruleset object, or else the first thing that refers to it.
    pub origin: Origin,
}

impl Ruleset {
    /// Whether all its rules are known.
    pub fn is_whole(&self) -> bool {
        self.rules_listed && self.refused == 0
    }
}

/// What a modelled DNS server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerKind {
    /// Any DNS server, such as a domain controller or BIND.
    Dns,
    /// An Azure Firewall with DNS proxy: it forwards everything to the servers it was
    /// given, or to Azure DNS ("Azure Firewall DNS settings",
    /// learn.microsoft.com/azure/firewall/dns-settings, read 2026-11).
    Firewall,
}

/// Which product a DNS server is: they differ in what they make of a forwarder's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// BIND 9.
    Bind,
    /// CoreDNS.
    CoreDns,
    /// dnsmasq.
    Dnsmasq,
    /// Unbound.
    Unbound,
    /// DNS Server of Windows.
    Windows,
}

impl Product {
    /// All of them.
    pub const ALL: [Product; 5] =
        [Product::Bind, Product::CoreDns, Product::Dnsmasq, Product::Unbound, Product::Windows];

    /// The word in `.estate` text.
    pub fn word(self) -> &'static str {
        match self {
            Product::Bind => "bind",
            Product::CoreDns => "coredns",
            Product::Dnsmasq => "dnsmasq",
            Product::Unbound => "unbound",
            Product::Windows => "windows",
        }
    }
}

/// How a server asks those to whom it forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asking {
    /// With recursion: a conditional forwarder, or the forwarders of the whole server.
    Forward,
    /// The same, and where nobody answers it looks the name up in public DNS itself (`forward
    /// first`).
    First,
    /// Without recursion, as those who have the zone: a stub zone.
    Stub,
}

impl Asking {
    /// All ways.
    pub const ALL: [Asking; 3] = [Asking::Forward, Asking::First, Asking::Stub];

    /// The word in `.estate` text.
    pub fn word(self) -> &'static str {
        match self {
            Asking::Forward => "forward",
            Asking::First => "forward-first",
            Asking::Stub => "stub",
        }
    }
}

/// What a DNS server forwards, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarder {
    /// How.
    pub asking: Asking,
    /// Names at or below this: a conditional forwarder; the root for all that no
    /// other one covers: the forwarders of the whole server.
    pub domain: NameId,
    /// The servers that are asked, in order.
    pub targets: Vec<SocketAddr>,
    /// Where it stands.
    pub origin: Origin,
}

/// How [`Unsimulated::what`] ends where it is no statement but what such a server does unless
/// it is told otherwise.
pub const BY_DEFAULT: &str = "by default";

/// A part of a server's configuration that changes answers and is not simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsimulated {
    /// Of names at or below this nobody can say what the server answers.
    pub domain: NameId,
    /// The statement, as the configuration calls it.
    pub what: String,
    /// Which names there.
    pub names: Concerned,
    /// Clients in these prefixes are not concerned; none for a statement that concerns all.
    pub except: Vec<IpNet>,
    /// Nor are clients in the network that the server itself sits in.
    pub except_localnets: bool,
    /// Questions for these types alone are concerned; none for a statement about all.
    pub types: Vec<RecordType>,
    /// Questions for these types are not concerned.
    pub except_types: Vec<RecordType>,
    /// Where it stands.
    pub origin: Origin,
}

impl Unsimulated {
    /// What concerns all clients, all types and all names at or below a domain.
    pub fn new(domain: NameId, what: String, origin: Origin) -> Unsimulated {
        Unsimulated {
            domain,
            what,
            names: Concerned::All,
            except: Vec::new(),
            except_localnets: false,
            types: Vec::new(),
            except_types: Vec::new(),
            origin,
        }
    }

    /// Whether some clients are not concerned.
    pub fn is_about_clients(&self) -> bool {
        self.except_localnets || !self.except.is_empty()
    }

    /// Whether questions for a type are concerned.
    pub fn concerns_type(&self, asked: RecordType) -> bool {
        let listed = self.types.is_empty() || self.types.contains(&asked);
        listed && !self.except_types.contains(&asked)
    }
}

/// Which names at or below a domain a part of a configuration decides about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concerned {
    /// All.
    #[default]
    All,
    /// Those that are in no zone of the server: what it has to ask others for.
    Foreign,
    /// Those of one label.
    Plain,
}

/// A DNS server whose configuration is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The server's own name.
    pub name: String,
    /// The resource id, where it is a resource of Azure.
    pub id: Option<ResourceId>,
    /// What it is.
    pub kind: ServerKind,
    /// Which product it is; `None` where no input says.
    pub product: Option<Product>,
    /// Where it listens.
    pub addresses: Vec<IpAddr>,
    /// The network or site it sits in: whose Azure DNS it asks at 168.63.129.16.
    pub vnet: Option<VnetId>,
    /// Whether it looks up in public DNS what it neither has nor forwards; `None`
    /// where no input says.
    pub recursion: Option<bool>,
    /// How much of its configuration could not be read: what it does with a name that
    /// nothing here covers is then unknown.
    pub refused: u32,
    /// The files that its configuration includes and that were not given to it, each of which
    /// counts as refused.
    pub includes: Vec<String>,
    /// The zones it has itself, by apex. They have no links and are no private DNS zones.
    pub zones: Vec<Zone>,
    /// By domain; one for each.
    pub forwarders: Vec<Forwarder>,
    /// What else decides there, by domain.
    pub unsimulated: Vec<Unsimulated>,
    /// Where it stands.
    pub origin: Origin,
}

impl Server {
    /// A server without a name, of whose configuration a part is not known.
    pub fn unread(origin: Origin) -> Server {
        Server {
            name: String::new(),
            id: None,
            kind: ServerKind::Dns,
            product: None,
            addresses: Vec::new(),
            vnet: None,
            recursion: None,
            refused: 1,
            includes: Vec::new(),
            zones: Vec::new(),
            forwarders: Vec::new(),
            unsimulated: Vec::new(),
            origin,
        }
    }
}

/// A network interface: a client with an address, perhaps of a virtual machine,
/// perhaps with DNS servers of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The interface's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The network of its subnet.
    pub vnet: Option<VnetId>,
    /// Its private addresses, the primary one first.
    pub addresses: Vec<IpAddr>,
    /// Its own DNS servers in order, which win over the network's; empty for the network's.
    pub servers: Vec<IpAddr>,
    /// The name under which Azure registers its virtual machine.
    pub machine: Option<String>,
    /// `machine` is the name of the machine's resource: what the machine calls itself, by
    /// which it is registered, is not known.
    pub by_resource: bool,
    /// The name under which Azure puts those of the network's machines
    /// (`internalDomainNameSuffix`).
    pub suffix: Option<String>,
    /// Whether it is the machine's primary interface, which alone is registered;
    /// `None` where no input says.
    pub primary: Option<bool>,
    /// Whether the machine is allocated: records of a deallocated one are gone; `None`
    /// where no input says.
    pub running: Option<bool>,
    /// Where it stands.
    pub origin: Origin,
}
