//! Named assumptions: what Azure does not document, and what an export cannot
//! say, each with a default, a switch, and the answers that depend on it.

use std::fmt;

use crate::public::Certainty;

/// One thing that is assumed rather than known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Assumption {
    /// How a private zone answers for an empty non-terminal.
    EntAnswer,
    /// Whether private zones are consulted again after a redirect to public DNS.
    AfterRedirect,
    /// Whether a resource that no input lists has a private endpoint.
    UnlistedEndpoint,
    /// That a record in a private zone means that its resource has an endpoint.
    InferredEndpoint,
    /// Which DNS servers a network uses that was not exported.
    UnexportedDns,
    /// What a link does whose export cannot show its resolution policy.
    UnstatedPolicy,
    /// Which RCODE a loop of aliases or of forwarding gives.
    LoopRcode,
    /// How many aliases Azure DNS follows.
    AliasLimit,
    /// Whether a zone whose links were not exported is linked.
    UnexportedLinks,
    /// How a record set without records is answered.
    EmptySet,
    /// Who wins where a rule is for part of a linked zone.
    RuleLongerThanZone,
    /// Whether rules apply to the targets of aliases.
    RulesOnCnameTargets,
    /// What Azure DNS does with a forwarded answer that is an alias only.
    RechaseForwarded,
    /// Which suffixes rules for shorter ones do not forward.
    ReservedSuffixes,
    /// Whether the built-in names of a network come before its rules.
    BuiltInOrder,
    /// Whether a DNS server's forwarders apply to aliases it meets in public DNS.
    ForwardersOnAliases,
    /// Which zones may have `NxDomainRedirect`.
    RedirectZones,
    /// Whether security policies are applied before private zones are asked.
    PolicyOrder,
    /// What a question for NS at the apex gives.
    ApexNs,
    /// Which public aliases the node management endpoint of Batch has.
    NodeManagementChain,
    /// Whether Batch has the old regional zone in the other clouds.
    SovereignBatch,
    /// Whether zones can be linked to networks of other tenants.
    CrossTenantLinks,
    /// What two machines of one name register.
    DuplicateMachines,
    /// Whether a zone is added to a zone group without a gap.
    GroupEdit,
    /// Whether the public alias outlives the private endpoint that it was made for.
    AliasAfterEndpoint,
    /// Whether a zone that an export says it lacks claims names.
    UnexportedZones,
    /// Whether a machine is registered of which the zone's export has no record.
    UnrecordedMachines,
    /// What public DNS says of a `privatelink` name whose resource has no endpoint.
    UnusedAlias,
    /// Whether a policy blocks by rules that were not exported or lists that Azure keeps.
    UnreadPolicy,
    /// Whether a policy is applied to the aliases in a forwarded answer.
    PolicyOnForwarded,
}

/// What is known of an assumption.
pub struct AssumptionDoc {
    /// Which.
    pub assumption: Assumption,
    /// The name on the command line and in reports.
    pub name: &'static str,
    /// The values; the first is the default.
    pub values: &'static [&'static str],
    /// What is not known.
    pub question: &'static str,
    /// What the value changes.
    pub changes: &'static str,
    /// What speaks for the default: a document and the day it was read, or that none does.
    pub source: &'static str,
    /// How well the default is known; `None` where nothing speaks for it.
    pub certainty: Option<Certainty>,
    /// The one live test that settles it.
    pub settled_by: &'static str,
    /// What is affected, and how to act meanwhile.
    pub meanwhile: &'static str,
}

/// All assumptions, in the order of [`Assumption`].
pub static ASSUMPTIONS: [AssumptionDoc; 30] = [
    AssumptionDoc {
        assumption: Assumption::EntAnswer,
        name: "ent-answer",
        values: &["nodata", "nxdomain"],
        question: "how a private zone answers for a name that only has names below it",
        changes: "NODATA or NXDOMAIN for such names; only NXDOMAIN lets NxDomainRedirect go on to \
                  public DNS",
        source: "RFC 4592 section 2.2.2 says NODATA; no document tells whether private zones follow \
                 it",
        certainty: Some(Certainty::Inferred),
        settled_by: "put `x.y A` into a private zone and ask for `y`",
        meanwhile: "where it matters, give the name a record of its own",
    },
    AssumptionDoc {
        assumption: Assumption::AfterRedirect,
        name: "after-redirect",
        values: &["consult-private", "public-only"],
        question: "whether private zones and rules are consulted again for aliases met after \
                   NxDomainRedirect",
        changes: "where a chain ends that a redirect let out of one linked zone and whose next alias \
                  is in another, or has a rule",
        source: "\"each time an NXDOMAIN response is received\", \
                 learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11, suggests it",
        certainty: Some(Certainty::Inferred),
        settled_by: "link an empty old Batch zone with NxDomainRedirect and a new one with the \
                     record, and ask for the account",
        meanwhile: "do not count on a redirect to lead from one linked zone into another",
    },
    AssumptionDoc {
        assumption: Assumption::UnlistedEndpoint,
        name: "unlisted-endpoint",
        values: &["unknown", "present", "absent"],
        question: "whether a resource that no input lists has an approved private endpoint",
        changes: "answers for names of resources that are in no input: with an endpoint a linked zone \
                  claims them and may lack them, without one they are public",
        source: "nothing: whether a resource of others has an endpoint is a fact and no rule",
        certainty: None,
        settled_by: "look the public name up outside Azure: an alias with `privatelink` means yes",
        meanwhile: "add `public SERVICE NAME` to an .estate file, or export the resource",
    },
    AssumptionDoc {
        assumption: Assumption::InferredEndpoint,
        name: "inferred-endpoint",
        values: &["present", "unknown", "absent"],
        question: "whether a record in a private zone means that its resource has an approved endpoint",
        changes: "answers for names whose only trace is a record in a Private Link zone: the public \
                  alias that leads to the record, or none",
        source: "private endpoints write these records (\"Azure Private Endpoint private DNS zone \
                 values\", learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11)",
        certainty: Some(Certainty::Inferred),
        settled_by: "export the resource or its private endpoint, or look the public name up \
                     outside Azure",
        meanwhile: "check that the resource still has its endpoint",
    },
    AssumptionDoc {
        assumption: Assumption::UnexportedDns,
        name: "unexported-dns",
        values: &["azure", "unknown"],
        question: "which DNS servers a virtual network uses that was not exported",
        changes: "every answer in networks that only links name: from Azure DNS with their zones, or \
                  unknown",
        source: "Azure-provided DNS is what a network has unless it is changed (\"Name resolution for \
                 resources in Azure virtual networks\", \
                 learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances, \
                 read 2026-11)",
        certainty: Some(Certainty::Inferred),
        settled_by: "az network vnet show --query dhcpOptions.dnsServers",
        meanwhile: "export the networks: az network vnet list",
    },
    AssumptionDoc {
        assumption: Assumption::UnstatedPolicy,
        name: "unstated-policy",
        values: &["default", "redirect"],
        question: "what a link does whose export is too old to show resolutionPolicy",
        changes: "whether what a linked zone lacks is NXDOMAIN or goes on to public DNS",
        source: "an absent resolutionPolicy is `Default` (\"Fallback to internet for Azure Private \
                 DNS zones\", learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11); \
                 before API 2024-06-01 links do not show it",
        certainty: Some(Certainty::Inferred),
        settled_by: "export the links with az 2.66 or later",
        meanwhile: "export the links again",
    },
    AssumptionDoc {
        assumption: Assumption::LoopRcode,
        name: "loop-rcode",
        values: &["servfail", "time-out"],
        question: "which RCODE a loop of aliases or of forwarding gives",
        changes: "the RCODE of answers that go round; clients get no address either way",
        source: "RFC 1034 section 3.6.2 asks that loops be signalled as an error; no document of \
                 Azure does",
        certainty: None,
        settled_by: "put `a CNAME b` and `b CNAME a` into a private zone and ask for `a`",
        meanwhile: "clients get no address either way",
    },
    AssumptionDoc {
        assumption: Assumption::AliasLimit,
        name: "alias-limit",
        values: &["16", "8", "32", "64"],
        question: "how many aliases Azure DNS follows before it gives up",
        changes: "whether long chains end in an address or in SERVFAIL",
        source: "chains of 8 names are seen to work; no document states a limit",
        certainty: None,
        settled_by: "put a long chain of aliases into a private zone and ask for its start",
        meanwhile: "keep chains short",
    },
    AssumptionDoc {
        assumption: Assumption::UnexportedLinks,
        name: "unexported-links",
        values: &["none", "unknown"],
        question: "whether a zone, a ruleset or a DNS security policy whose links were not exported \
                   is linked to a network; the same of rulesets and policies that an incomplete list \
                   of them lacks",
        changes: "answers below zones whose links were not exported, and reverse names of machines \
                  that might be registered there: as if they were not linked, or unknown; of rulesets \
                  and policies the same",
        source: "nothing: links are facts and no rule",
        certainty: None,
        settled_by: "az network private-dns link vnet list",
        meanwhile: "export the links",
    },
    AssumptionDoc {
        assumption: Assumption::EmptySet,
        name: "empty-set",
        values: &["nodata"],
        question: "that a record set without records exists for the resolver: no data, and no \
                   wildcard answers in its place",
        changes: "NODATA in place of a wildcard or NXDOMAIN for a set without records",
        source: "an existing name is closer than a wildcard (\"DNS zones and records overview\", \
                 learn.microsoft.com/azure/dns/dns-zones-records, read 2026-11); whether an empty set \
                 makes a name exist is not said",
        certainty: Some(Certainty::Inferred),
        settled_by: "make a record set without records beside a wildcard, and ask for its name",
        meanwhile: "delete record sets without records",
    },
    AssumptionDoc {
        assumption: Assumption::RuleLongerThanZone,
        name: "rule-longer-than-zone",
        values: &["zone-wins", "rule-wins"],
        question: "who answers where a linked zone claims a name and a forwarding rule is for \
                   part of that zone",
        changes: "who answers names below a rule that is for part of a linked zone",
        source: "zones come before rulesets (\"What is Azure DNS Private Resolver?\", \
                 learn.microsoft.com/azure/dns/dns-private-resolver-overview, read 2026-11); the case \
                 itself is not described",
        certainty: Some(Certainty::Inferred),
        settled_by: "link `example.test`, add a rule for `sub.example.test`, and ask for a name \
                     below it while watching the rule's target",
        meanwhile: "do not divide one name space between a zone and a rule",
    },
    AssumptionDoc {
        assumption: Assumption::RulesOnCnameTargets,
        name: "rules-on-cname-targets",
        values: &["yes", "no"],
        question: "whether forwarding rules apply to the targets of aliases that Azure DNS meets",
        changes: "whether a rule for a `privatelink` name has any effect on questions for the public \
                  one",
        source: "nothing: the documents describe rules for the name that is asked for",
        certainty: None,
        settled_by: "add a rule for a `privatelink` name, ask for the public name, and watch the \
                     rule's target",
        meanwhile: "write rules for the public names, not for the `privatelink` ones",
    },
    AssumptionDoc {
        assumption: Assumption::RechaseForwarded,
        name: "rechase-forwarded",
        values: &["if-incomplete", "never"],
        question: "whether Azure DNS follows an alias that a rule's target returns without its end",
        changes: "the end of answers that a rule's target leaves unfinished: followed, or no address",
        source: "complete answers are returned as they are (reported in \
                 MicrosoftDocs/azure-docs#100273); of incomplete ones nothing is known",
        certainty: None,
        settled_by: "forward a name to a server without recursion that returns a lone alias, and \
                     ask for it",
        meanwhile: "have rules lead to servers that follow aliases themselves",
    },
    AssumptionDoc {
        assumption: Assumption::ReservedSuffixes,
        name: "reserved-suffixes",
        values: &["listed", "none"],
        question: "which suffixes Azure resolves itself though a rule for a shorter one matches; \
                   the list is not published",
        changes: "whether rules for `.`, `windows.net` and the like forward names of Azure services",
        source: "\"Certain domains are ignored when using a wildcard rule\", \
                 learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11, \
                 with examples; that the longer suffix wins is reported in \
                 MicrosoftDocs/azure-docs#122204",
        certainty: Some(Certainty::Observed),
        settled_by: "add a rule for `.`, ask for the name, and watch the rule's target",
        meanwhile: "write a rule for the service's own suffix where it must be forwarded",
    },
    AssumptionDoc {
        assumption: Assumption::BuiltInOrder,
        name: "built-in-order",
        values: &["built-in-first", "rules-first"],
        question: "whether the built-in names of a network (internal.cloudapp.net, reverse) come \
                   before its forwarding rules",
        changes: "who answers internal.cloudapp.net and reverse names that a rule covers",
        source: "nothing: the documents order zones, rules and Azure DNS, and built-in names are part \
                 of the last; yet no test shows it",
        certainty: None,
        settled_by: "add a rule for `10.in-addr.arpa`, ask for the address of a machine on \
                     premises, and watch the rule's target",
        meanwhile: "ask the server on premises for its reverse names directly",
    },
    AssumptionDoc {
        assumption: Assumption::ForwardersOnAliases,
        name: "forwarders-on-aliases",
        values: &["yes", "no"],
        question: "whether a DNS server applies its zones and conditional forwarders to aliases \
                   that it meets in public DNS",
        changes: "whether on-premises servers that forward `privatelink` names reach them through the \
                  public name",
        source: "products differ: servers that go down from the root use such forwarders, those that \
                 forward everything never see the alias (dmauser/PrivateLink, \
                 DNS-Integration-Scenarios)",
        certainty: Some(Certainty::Observed),
        settled_by: "ask the server for the public name and see whether the `privatelink` forwarder \
                     is used",
        meanwhile: "forward the public names, such as `blob.core.windows.net`",
    },
    AssumptionDoc {
        assumption: Assumption::RedirectZones,
        name: "redirect-zones",
        values: &["privatelink-label", "catalogue"],
        question: "which zones may have resolutionPolicy NxDomainRedirect: any with a `privatelink` \
                   label, or only those of the documented services",
        changes: "whether NxDomainRedirect has an effect on zones with a `privatelink` label that are \
                  of no known service",
        source: "\"Private DNS zones associated to Private Link resources\", \
                 learn.microsoft.com/azure/dns/private-dns-fallback, read 2026-11; the exact test is \
                 not published",
        certainty: None,
        settled_by: "az network private-dns link vnet create --resolution-policy NxDomainRedirect \
                     on such a zone: it is refused or not",
        meanwhile: "rely on the policy for zones of the catalogue only",
    },
    AssumptionDoc {
        assumption: Assumption::PolicyOrder,
        name: "policy-order",
        values: &["policy-first", "zones-first"],
        question: "whether DNS security policies are applied before private zones are asked",
        changes: "which names a security policy blocks: all that match, or only those that no linked \
                  zone claims",
        source: "policies apply to \"both public and private DNS traffic within a VNet\", \
                 learn.microsoft.com/azure/dns/dns-security-policy, read 2026-11",
        certainty: Some(Certainty::Inferred),
        settled_by: "block a private name in a policy and ask for it",
        meanwhile: "allow private names by a rule before the one that blocks",
    },
    AssumptionDoc {
        assumption: Assumption::ApexNs,
        name: "apex-ns",
        values: &["nodata", "unknown"],
        question: "what a private zone answers to a question for NS at its apex",
        changes: "the answer to a question for NS at an apex",
        source: "exports of zones show no NS set; what is answered nobody describes",
        certainty: None,
        settled_by: "dig NS at the apex of a private zone",
        meanwhile: "no client needs it",
    },
    AssumptionDoc {
        assumption: Assumption::NodeManagementChain,
        name: "node-management-chain",
        values: &["one-alias"],
        question: "that the node management endpoint of Batch has one public alias, into the \
                   global zone",
        changes: "the aliases of node management endpoints: a value of its own has each recorded \
                  answer",
        source: "the zone table names the zone for `nodeManagement` \
                 (learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11); the old \
                 zone is described for account endpoints only",
        certainty: Some(Certainty::Inferred),
        settled_by: "dig a node management endpoint outside Azure",
        meanwhile: "put a recorded answer in with `--public`",
    },
    AssumptionDoc {
        assumption: Assumption::SovereignBatch,
        name: "sovereign-batch",
        values: &["as-catalogue"],
        question: "whether Batch has an alias into an old regional zone in Azure Government and \
                   Azure operated by 21Vianet",
        changes: "the aliases of Batch accounts in Azure Government and 21Vianet: a value of its own \
                  has each recorded answer",
        source: "the zone table names the new zones \
                 (learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11); the old \
                 form is described for commercial Azure only",
        certainty: Some(Certainty::Inferred),
        settled_by: "dig an account with a private endpoint there, outside Azure",
        meanwhile: "put a recorded answer in with `--public`",
    },
    AssumptionDoc {
        assumption: Assumption::CrossTenantLinks,
        name: "cross-tenant-links",
        values: &["accepted"],
        question: "whether a zone can be linked to a network of another tenant; such links are \
                   taken as they stand in the inputs",
        changes: "nothing by itself: links are taken as exported",
        source: "New-AzPrivateDnsVirtualNetworkLink has -RemoteVirtualNetworkId, \
                 learn.microsoft.com/powershell/module/az.privatedns, read 2026-11",
        certainty: Some(Certainty::Inferred),
        settled_by: "az network private-dns link vnet create across tenants",
        meanwhile: "ask both tenants for their exports",
    },
    AssumptionDoc {
        assumption: Assumption::DuplicateMachines,
        name: "duplicate-machines",
        values: &["as-exported"],
        question: "which address is registered where two networks that register have machines of \
                   one name; the records are taken as exported",
        changes: "nothing by itself: records are taken as exported",
        source: "nothing",
        certainty: None,
        settled_by: "make two such machines and look at the zone",
        meanwhile: "do not use a machine's name twice",
    },
    AssumptionDoc {
        assumption: Assumption::GroupEdit,
        name: "group-edit",
        values: &["in-place", "recreated"],
        question: "whether a zone added to an endpoint's zone group leaves the records in its \
                   other zones alone",
        changes: "whether `plan` shows a gap in the records of the other zones of the group",
        source: "nothing: the documents describe zone groups as they are made and deleted",
        certainty: None,
        settled_by: "add a zone to a zone group while a loop asks for the endpoint's name",
        meanwhile: "change zone groups when nobody depends on the endpoint",
    },
    AssumptionDoc {
        assumption: Assumption::AliasAfterEndpoint,
        name: "alias-after-endpoint",
        values: &["stays", "goes"],
        question: "whether the public alias stays when a private endpoint is deleted that it was \
                   made for",
        changes: "what `plan` says of names whose last endpoint goes: still an alias into \
                  `privatelink`, or straight to the public endpoint",
        source: "nothing: it is up to each service",
        certainty: None,
        settled_by: "delete the last endpoint of a resource and look its public name up outside \
                     Azure",
        meanwhile: "look the public name up outside Azure before relying on it",
    },
    AssumptionDoc {
        assumption: Assumption::UnexportedZones,
        name: "unexported-zones",
        values: &["none", "unknown"],
        question: "whether a private DNS zone that is not in an incomplete list of zones claims a \
                   name that no other zone claims, or one with a shorter apex",
        changes: "nearly every answer where a list of zones is one page of several, was cut, or has a \
                  zone that was refused: as if there were no more zones, or unknown",
        source: "nothing: zones are facts and no rule",
        certainty: None,
        settled_by: "az network private-dns zone list",
        meanwhile: "export the zones with all pages",
    },
    AssumptionDoc {
        assumption: Assumption::UnrecordedMachines,
        name: "unrecorded-machines",
        values: &["registered", "absent", "unknown"],
        question: "whether a virtual machine of a network that registers is in the zone, where the \
                   zone's records were read without it",
        changes: "the address of the machine or NXDOMAIN for its name in the zone of its network's \
                  registration link",
        source: "Azure registers the machines of such a network by their primary interfaces (\"What is \
                 the autoregistration feature\", \
                 learn.microsoft.com/azure/dns/private-dns-autoregistration, read 2026-11); templates \
                 and text do not hold these records, while a machine that is deallocated or has a \
                 static address in its system has none",
        certainty: Some(Certainty::Documented),
        settled_by: "az network private-dns record-set list: the record has `isAutoRegistered`",
        meanwhile: "export the record sets while the machine runs",
    },
    AssumptionDoc {
        assumption: Assumption::UnusedAlias,
        name: "unused-alias",
        values: &["nxdomain", "unknown"],
        question: "what public DNS says of the `privatelink` name of a resource that has no approved \
                   private endpoint",
        changes: "NXDOMAIN or an unknown answer for such a name, where a client asks for it or a \
                  redirect leads there",
        source: "without an endpoint the name is no part of the public chain (dmauser/PrivateLink, \
                 DNS-Integration-Scenarios, read 2026-11); what it is by itself no document says",
        certainty: Some(Certainty::Observed),
        settled_by: "dig the `privatelink` name of a resource without an endpoint outside Azure",
        meanwhile: "have clients ask for the public name",
    },
    AssumptionDoc {
        assumption: Assumption::UnreadPolicy,
        name: "unread-policy",
        values: &["permits", "unknown"],
        question: "whether a DNS security policy blocks a name where none of its rules was read, or by a \
                   domain list that Azure keeps",
        changes: "every answer in networks with such a policy: as if it blocked nothing, or unknown",
        source: "a policy may be there for its logs alone (\"DNS security policy\", \
                 learn.microsoft.com/azure/dns/dns-security-policy, read 2026-11); what the lists of \
                 threats hold is not published",
        certainty: None,
        settled_by: "az dns-resolver policy dns-security-rule list",
        meanwhile: "export the rules of the policy",
    },
    AssumptionDoc {
        assumption: Assumption::PolicyOnForwarded,
        name: "policy-on-forwarded",
        values: &["yes", "no"],
        question: "whether a DNS security policy is applied to the aliases in an answer that a \
                   forwarding rule led to",
        changes: "which names a security policy blocks that a rule forwards: all whose chain has a \
                  blocked name, or only those that are blocked themselves",
        source: "labs describe that rules are applied to the names of aliases, too (public notes on \
                 DNS security policy, read 2026-11); of forwarded answers none speaks",
        certainty: Some(Certainty::Inferred),
        settled_by: "block a name in a policy, make a forwarded name an alias of it and ask for that",
        meanwhile: "block the names that are asked for, too",
    },
];

/// The aliases Azure DNS is taken to follow unless the setting says otherwise; no
/// document states a limit.
pub const ALIAS_LIMIT: usize = 16;

/// As many aliases are known to be followed: public names of Microsoft's services have them
/// (coredns/coredns#7125, read 2026-11).
pub const ALIASES_SEEN: usize = 8;

impl Assumption {
    /// What is known of it.
    pub fn doc(self) -> &'static AssumptionDoc {
        &ASSUMPTIONS[self as usize]
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doc().name)
    }
}

/// The value chosen for each assumption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings([u8; ASSUMPTIONS.len()]);

impl Settings {
    /// Takes `name=value`.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("expected NAME=VALUE, found `{text}`"))?;
        let doc = ASSUMPTIONS.iter().find(|doc| doc.name == name).ok_or_else(|| {
            let known: Vec<_> = ASSUMPTIONS.iter().map(|doc| doc.name).collect();
            format!("expected one of {}, found `{name}`", known.join(", "))
        })?;
        let place = doc.values.iter().position(|known| *known == value).ok_or_else(|| {
            format!("expected {} for `{name}`, found `{value}`", doc.values.join(" or "))
        })?;
        self.0[doc.assumption as usize] = place as u8;
        Ok(())
    }

    /// The chosen value.
    pub fn value(&self, assumption: Assumption) -> &'static str {
        assumption.doc().values[self.0[assumption as usize] as usize]
    }

    /// How many aliases are followed.
    pub fn alias_limit(&self) -> usize {
        self.value(Assumption::AliasLimit).parse().unwrap_or(ALIAS_LIMIT)
    }

    /// These with each value changed that can be, one at a time.
    pub fn flips(&self) -> impl Iterator<Item = (&'static AssumptionDoc, &'static str, Settings)> {
        ASSUMPTIONS.iter().flat_map(move |doc| {
            let others = doc.values.iter().enumerate();
            let others = others.filter(|(at, _)| self.0[doc.assumption as usize] as usize != *at);
            others.map(move |(at, value)| {
                let mut flipped = *self;
                flipped.0[doc.assumption as usize] = at as u8;
                (doc, *value, flipped)
            })
        })
    }

    /// Whether the default stands.
    pub fn is_default(&self, assumption: Assumption) -> bool {
        self.0[assumption as usize] == 0
    }
}

/// The assumptions an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Assumed(u32);

impl Assumed {
    /// Adds one.
    pub fn add(&mut self, assumption: Assumption) {
        self.0 |= 1 << assumption as u8;
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Assumed) {
        self.0 |= other.0;
    }

    /// Takes one away.
    pub fn remove(&mut self, assumption: Assumption) {
        self.0 &= !(1 << assumption as u8);
    }

    /// Those that are in one of the two only.
    pub fn differing(self, other: Assumed) -> Assumed {
        Assumed(self.0 ^ other.0)
    }

    /// Whether it is among them.
    pub fn contains(self, assumption: Assumption) -> bool {
        self.0 & (1 << assumption as u8) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One by one.
    pub fn iter(self) -> impl Iterator<Item = Assumption> {
        ASSUMPTIONS.iter().map(|doc| doc.assumption).filter(move |&one| self.contains(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, doc) in ASSUMPTIONS.iter().enumerate() {
            assert_eq!(doc.assumption as usize, at);
        }
    }

    #[test]
    fn settings_take_known_names_and_values() {
        let mut settings = Settings::default();
        settings.set("ent-answer=nxdomain").unwrap();
        assert_eq!(settings.value(Assumption::EntAnswer), "nxdomain");
        insta::assert_snapshot!(settings.set("ent-answer=maybe").unwrap_err(), @"expected nodata or nxdomain for `ent-answer`, found `maybe`");
        assert!(settings.set("nothing=1").is_err());
        assert!(settings.set("ent-answer").is_err());
    }
}
