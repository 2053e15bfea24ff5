//! What a DNS server makes of the answer of somebody to whom it forwarded.
//!
//! BIND takes records only for names of the forwarded domain for which it has nothing nearer,
//! and looks the target of any other alias up itself: rules were "tightened to prevent the
//! possibility of poisoning if forwarders send records outside the configured bailiwick"
//! (release notes of 9.16.27 and 9.18.1, CVE-2021-25220). Unbound takes the first alias only and
//! looks each target up by its own zones and forwarders (NLnetLabs/unbound#132). dnsmasq, CoreDNS
//! and Azure Firewall pass on what they are told. Of other products see
//! [`Assumption::ForwardedAliases`]. Read 2026-11.

use std::net::SocketAddr;

use super::walk::Walk;
use super::{Answer, Gap};
use crate::estate::{Asking, Product, ServerKind};
use crate::index::{Assumption, Own, Party, Place};
use crate::name::NameId;

/// Which targets of the aliases that a forwarder answers with a server looks up itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LooksUp {
    /// None: it passes the whole answer on.
    Nothing,
    /// Those outside the domain that it forwards.
    Outside,
    /// All for which it has something else than this forwarder.
    All,
}

impl LooksUp {
    /// By a value of [`Assumption::ForwardedAliases`].
    fn assumed(value: &str) -> LooksUp {
        match value {
            "nothing" => LooksUp::Nothing,
            "all" => LooksUp::All,
            _ => LooksUp::Outside,
        }
    }
}

/// A forwarder through which a question went: the server, and its place there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Through {
    pub server: u32,
    pub forwarder: u32,
}

impl Walk<'_, '_> {
    /// Whether a server through which the question went looks the target of an alias up
    /// itself, whatever those that it asked say of it.
    pub(super) fn leaves(&mut self, target: &Place) -> bool {
        let passed = std::mem::take(&mut self.passed);
        let leaves = passed.iter().any(|&through| self.leaves_one(through, target));
        self.passed = passed;
        leaves
    }

    fn leaves_one(&mut self, through: Through, target: &Place) -> bool {
        let index = self.view.index();
        let estate = index.estate();
        let facts = &estate.servers[through.server as usize];
        let forwarder = &facts.forwarders[through.forwarder as usize];
        let has_same = match index.own(through.server, target.node()) {
            Some(Own::Forwarder(at)) if at == through.forwarder => true,
            // Asked for the target those would say the same.
            Some(Own::Forwarder(at)) => {
                let other = &facts.forwarders[at as usize];
                other.targets == forwarder.targets && other.asking != Asking::Stub
            }
            Some(Own::Zone(_)) | None => false,
        };
        if has_same {
            return false;
        }
        let looks_up = match facts.product {
            _ if forwarder.asking == Asking::Stub => LooksUp::All,
            _ if facts.kind == ServerKind::Firewall => LooksUp::Nothing,
            Some(Product::Bind | Product::Unbound) => LooksUp::All,
            Some(Product::CoreDns | Product::Dnsmasq) => LooksUp::Nothing,
            Some(Product::Windows) | None => {
                self.rests_on_aliases = true;
                LooksUp::assumed(self.aliases_of_forwarders)
            }
        };
        let inside = || estate.names.is_at_or_below(target.node(), forwarder.domain);
        match looks_up {
            LooksUp::Nothing => false,
            LooksUp::Outside => !inside(),
            LooksUp::All => true,
        }
    }

    /// Whether a server through which the question went has something else for a name than
    /// the forwarder that it took.
    pub(super) fn holds_otherwise(&self, node: NameId) -> bool {
        let index = self.view.index();
        self.passed.iter().any(|through| {
            let own = index.own(through.server, node);
            own.is_some_and(|own| own != Own::Forwarder(through.forwarder))
        })
    }

    /// Whether a server applies its zones and forwarders to the targets of aliases for sure.
    pub(super) fn applies_to_aliases(&self, server: u32) -> bool {
        let facts = &self.view.index().estate().servers[server as usize];
        matches!(facts.product, Some(Product::Bind | Product::Unbound))
    }

    /// Why nobody can say what a server gets that asks `target` by this forwarder.
    ///
    /// The servers of a stub zone are asked without recursion, and for the NS records of the
    /// zone first, so they must have the zone themselves ("stub", "BIND 9 Administrator
    /// Reference Manual"; "stub-addr", unbound.conf(5); both read 2026-11).
    pub(super) fn stub_gap(
        &self,
        server: u32,
        forwarder: u32,
        target: SocketAddr,
        place: &Place,
    ) -> Option<Gap> {
        let index = self.view.index();
        let asker = &index.estate().servers[server as usize];
        let facts = &asker.forwarders[forwarder as usize];
        let has_zone = || match index.party_at(asker.vnet, target) {
            Party::Server(other) => matches!(index.own(other, place.node()), Some(Own::Zone(_))),
            Party::Unknown | Party::Several | Party::Elsewhere => true,
            Party::Azure | Party::Inbound(_) => false,
        };
        (facts.asking == Asking::Stub && !has_zone()).then_some(Gap::Stub(server, forwarder))
    }
}

/// Answers the question once more for each other value of the assumption, and says whether
/// any of them matters.
pub(super) fn differs(
    walk: impl Fn(&'static str) -> Answer,
    answer: &Answer,
    chosen: &'static str,
) -> bool {
    let values = Assumption::ForwardedAliases.doc().values;
    let others = values.iter().filter(|value| **value != chosen);
    others.map(|value| walk(value)).any(|other| !answer.is_like(&other))
}
