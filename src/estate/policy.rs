//! DNS security policies: which names the clients of a network may look up.
//!
//! "DNS security policy", learn.microsoft.com/azure/dns/dns-security-policy, and the REST
//! reference "DNS Resolver Policies", 2025-05-01; read 2026-11.

use super::{Origin, ResourceId, RulesetLink};
use crate::name::{NameId, Names};

/// How a blocked question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockResponse {
    /// With an alias to [`BLOCKED`], which has no address.
    Alias,
    /// With SERVFAIL (`blockResponseCode`).
    ServFail,
}

/// The target of the alias that a blocked question is answered with.
pub const BLOCKED: &str = "blockpolicy.azuredns.invalid";

/// What a rule does with the names of its domain lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyAction {
    /// They are looked up.
    Allow,
    /// They are looked up, and an alert is logged.
    Alert,
    /// They are not looked up.
    Block(BlockResponse),
}

impl PolicyAction {
    /// The name in reports and in `.estate` text.
    pub fn name(self) -> &'static str {
        match self {
            PolicyAction::Allow => "allow",
            PolicyAction::Alert => "alert",
            PolicyAction::Block(BlockResponse::Alias) => "block",
            PolicyAction::Block(BlockResponse::ServFail) => "block-servfail",
        }
    }
}

/// One DNS traffic rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// The rule's own name; empty where no input states one.
    pub name: String,
    /// From 100 to 65000; of several rules that cover a name the lowest number decides.
    pub priority: u32,
    /// What it does.
    pub action: PolicyAction,
    /// A disabled rule is ignored (`dnsSecurityRuleState`).
    pub enabled: bool,
    /// The domain lists, each by resource id or name.
    pub lists: Vec<Box<str>>,
    /// The lists that Azure keeps (`managedDomainLists`), of which nobody knows what they hold.
    pub managed: Vec<Box<str>>,
    /// Where it stands.
    pub origin: Origin,
}

/// A DNS security policy (`Microsoft.Network/dnsResolverPolicies`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityPolicy {
    /// The policy's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// Whether an input that lists all its rules was read.
    pub rules_listed: bool,
    /// Whether an input that lists all its links was read.
    pub links_listed: bool,
    /// How many of its rules could not be read: what it blocks is then unknown.
    pub refused: u32,
    /// By priority.
    pub rules: Vec<PolicyRule>,
    /// By network. Azure takes one policy for each network.
    pub links: Vec<RulesetLink>,
    /// The policy object, or else the first thing that refers to it.
    pub origin: Origin,
}

impl SecurityPolicy {
    /// A policy of which nothing is known but its name.
    pub fn new(name: String, id: Option<ResourceId>, origin: Origin) -> SecurityPolicy {
        let (rules, links) = (Vec::new(), Vec::new());
        let (rules_listed, links_listed, refused) = (false, false, 0);
        SecurityPolicy { name, id, rules_listed, links_listed, refused, rules, links, origin }
    }
}

/// A list of domains that rules of policies name (`Microsoft.Network/dnsResolverDomainLists`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainList {
    /// The list's own name.
    pub name: String,
    /// The resource id, where an input stated one.
    pub id: Option<ResourceId>,
    /// The domains; each stands for all names at or below it, the root for all.
    pub domains: Vec<NameId>,
    /// Whether some of its domains were not read: a list that was uploaded as a file shows none.
    pub partial: bool,
    /// Where it stands.
    pub origin: Origin,
}

impl DomainList {
    /// A domain as lists have it. No document says what a star in one stands for.
    pub fn domain(names: &mut Names, text: &str) -> Result<NameId, String> {
        match text.contains('*') {
            true => Err(format!("expected a domain such as `contoso.com.` or `.`, found `{text}`")),
            false => names.intern_text(text, NameId::ROOT).map_err(|error| error.to_string()),
        }
    }

    /// Whether a rule means this list, by its id or name.
    pub fn is_named(&self, text: &str) -> bool {
        match (&self.id, ResourceId::new(text)) {
            (Some(own), Some(id)) => *own == id,
            // A template may refer to what is deployed beside it by the end of its id.
            _ => {
                let name = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
                self.name.eq_ignore_ascii_case(name)
            }
        }
    }
}
