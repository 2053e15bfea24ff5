//! `ruleset-loop`

use std::collections::{BTreeMap, BTreeSet};

use super::list_vnets;
use crate::check::{Context, Report, rule};
use crate::estate::{ForwardingRule, InboundEndpoint, RulesetLink, VnetId};
use crate::index::{Party, RuleRef, View};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Actor, Asked, Hop, Outcome};

rule! {
    /// ## What it finds
    /// A rule whose target is an inbound endpoint in a network that the same ruleset is
    /// linked to, for names that no zone linked there claims; or a DNS server or another
    /// network's endpoint from where they come back to it.
    ///
    /// ## Why it matters
    /// The inbound endpoint asks Azure DNS of its network, the ruleset there sends the
    /// query to the inbound endpoint, and so on: clients wait and get nothing ("Azure DNS
    /// Private Resolver endpoints and rulesets",
    /// learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets, read 2026-11).
    /// A zone that is linked to that network answers before the rule, and hides the loop
    /// for its names.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// ruleset rules-hub  link hub
    ///   corp.internal  10.0.0.4
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// vnet spoke
    /// inbound in-hub  vnet hub  address 10.0.0.4
    /// ruleset rules-hub  link spoke
    ///   corp.internal  10.0.0.4
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// ```
    pub static RULESET_LOOP = "ruleset-loop" {
        summary: "a forwarding rule sends queries back to where they come from",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let estate = context.estate();
    let mut circles = circles(context);
    for (id, ruleset) in estate.ruleset_ids() {
        for (rule, at) in ruleset.rules.iter().zip(0u32..).filter(|(rule, _)| rule.enabled) {
            let circle = circles.remove(&RuleRef { ruleset: id, rule: at });
            let name = estate.names.show(rule.domain);
            let told = |vnets: &[VnetId]| {
                format!(
                    "rule `{name}` of `{}` sends queries of {} back to itself",
                    ruleset.name,
                    list_vnets(context, vnets)
                )
            };
            let mut finding = if let Some((inbound, vnet, link)) =
                direct(context, rule, &ruleset.links)
            {
                report
                    .finding(told(&[vnet]))
                    .from([vnet])
                    .at(rule.origin, format!("this sends them to `{}`", inbound.name))
                    .at(link.origin, "which asks the network that the ruleset is linked to here")
                    .at(inbound.origin, "by this endpoint")
                    .help("unlink the ruleset from the network of the inbound endpoint, or link the zone there")
            } else if let Some(circle) = &circle {
                let at: Vec<VnetId> = circle.at.iter().copied().collect();
                let mut finding = report
                    .finding(told(&at))
                    .modelled()
                    .at(rule.origin, "this sends them on a way that leads back here")
                    .help("break the circle: let one of them forward to who has the names, or link the zone to the network");
                for &server in &circle.servers {
                    finding =
                        finding.at(estate.servers[server as usize].origin, "it passes this server");
                }
                for &other in &circle.others {
                    finding = finding.at(context.index().rule(other).origin, "and this rule");
                }
                finding
            } else {
                continue;
            };
            let circle = circle.unwrap_or_default();
            let service = |name: &&NameId| context.index().service_of(**name).is_some();
            if let (Some(&vnet), Some(&name)) =
                (circle.vnets.first(), circle.names.iter().find(service))
            {
                finding = finding.asked(&[vnet], name, RecordType::A);
            }
            let named = circle.names.into_iter().filter(|&name| name != rule.domain);
            report.add(finding.from(circle.vnets).named([rule.domain]).named(named));
        }
    }
}

/// The inbound endpoint that a rule leads to, and the link by which it gets back from there.
fn direct<'e>(
    context: &Context<'e>,
    rule: &ForwardingRule,
    links: &'e [RulesetLink],
) -> Option<(&'e InboundEndpoint, VnetId, &'e RulesetLink)> {
    context.estate().inbound.iter().find_map(|inbound| {
        let vnet = inbound.vnet?;
        let target = rule.targets.iter().any(|t| inbound.addresses.contains(&t.ip()));
        let link = links.iter().find(|link| link.vnet == vnet)?;
        let claimed = context.view_of(vnet).is_some_and(|v| v.claim(rule.domain).is_some());
        (target && !claimed).then_some((inbound, vnet, link))
    })
}

/// A way on which questions come back to where they were.
#[derive(Default)]
struct Circle {
    /// The networks whose Azure DNS is on it.
    at: BTreeSet<VnetId>,
    /// The DNS servers on it, by their places.
    servers: BTreeSet<u32>,
    /// The rules on it, but for the first.
    others: BTreeSet<RuleRef>,
    /// The networks whose clients come to it.
    vnets: BTreeSet<VnetId>,
    /// The names that do.
    names: BTreeSet<NameId>,
}

/// The circles that pass rules, each by the first of its rules.
fn circles(context: &Context<'_>) -> BTreeMap<RuleRef, Circle> {
    let (mut circles, places) = (BTreeMap::new(), context.view_places());
    for (id, ruleset) in context.estate().ruleset_ids() {
        let mut linked: BTreeMap<usize, Vec<VnetId>> = BTreeMap::new();
        for link in &ruleset.links {
            let Some(&place) = places.get(&link.vnet) else { continue };
            linked.entry(place).or_default().push(link.vnet);
        }
        let linked: Vec<(View<'_>, Vec<VnetId>)> = linked
            .into_iter()
            .map(|(place, vnets)| (context.views()[place].at_azure(), vnets))
            .collect();
        let rules = ruleset.rules.iter().zip(0u32..).filter(|(rule, _)| rule.enabled);
        for rule in rules.map(|(_, at)| RuleRef { ruleset: id, rule: at }) {
            for name in asked(context, rule) {
                for (view, vnets) in &linked {
                    follow(context, view, vnets, name, &mut circles);
                }
            }
        }
    }
    for answer in context.answers() {
        if answer.answer.outcome == Outcome::ForwardLoop {
            let view = &context.views()[answer.views[0] as usize];
            let vnets = context.vnets(&answer.views);
            follow(context, view, &vnets, context.service(answer.service).name, &mut circles);
        }
    }
    circles
}

/// The names that show where a rule leads: its domain, and those below it that DNS servers
/// forward; none where nobody is known to pass it on.
fn asked(context: &Context<'_>, at: RuleRef) -> Vec<NameId> {
    let (index, estate) = (context.index(), context.estate());
    let rule = index.rule(at);
    let passes = |party| matches!(party, Party::Inbound(_) | Party::Server(_));
    if !rule.targets.first().is_some_and(|target| passes(index.party_at(None, *target))) {
        return Vec::new();
    }
    let forwarders = estate.servers.iter().flat_map(|server| &server.forwarders);
    let below = forwarders.map(|one| one.domain).filter(|&domain| {
        domain != rule.domain && estate.names.is_at_or_below(domain, rule.domain)
    });
    std::iter::once(rule.domain).chain(below).collect()
}

fn follow(
    context: &Context<'_>,
    view: &View<'_>,
    vnets: &[VnetId],
    name: NameId,
    circles: &mut BTreeMap<RuleRef, Circle>,
) {
    let (_, trace) = context.trace(view, name, RecordType::A);
    let rule = |hop: &Hop| match hop.asked {
        Asked::Rule(rule) => Some(rule),
        _ => None,
    };
    let mut rules: BTreeSet<RuleRef> = trace.circle().iter().filter_map(rule).collect();
    let Some(first) = rules.pop_first() else { return };
    let circle = circles.entry(first).or_default();
    circle.others.extend(rules);
    circle.vnets.extend(vnets);
    circle.names.insert(name);
    for hop in trace.circle() {
        match hop.by {
            Actor::Azure(None) => circle.at.extend(vnets),
            Actor::Azure(other) => circle.at.extend(view.scope(other)),
            Actor::Server(server) => drop(circle.servers.insert(server)),
            Actor::Client => {}
        }
    }
}
