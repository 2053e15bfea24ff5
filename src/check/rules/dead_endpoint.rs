//! `dead-endpoint`

use std::collections::{BTreeMap, BTreeSet};

use super::{address_record, list_names, list_vnets, lost_by_linking, plural};
use crate::check::batch::Form;
use crate::check::context::ServiceAnswer;
use crate::check::{Context, Finding, Report, Severity, rule};
use crate::estate::{BlockResponse, Change, Origin, Policy, VnetId, ZoneId};
use crate::index::{Assumption, Evidence, Place, PolicyRef, Servers};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Actor, Asked, Decider, Outcome, Reach, hidden_behind};

rule! {
    /// ## What it finds
    /// A resource that is stated to have an approved private endpoint, and whose
    /// public name gives NXDOMAIN in a network that has a zone of its chain linked; or
    /// ends public in the very network that the endpoint is in; or has no answer at all
    /// there, since a DNS server has a zone of its own that lacks it, refuses it, or forwards
    /// it in a circle, or since a DNS security policy blocks it. That it leads to
    /// another address is `mismatched-endpoint-address`; a circle that passes a forwarding
    /// rule is `ruleset-loop`.
    ///
    /// ## Why it matters
    /// The service publishes an alias into the private zone as soon as the endpoint
    /// is approved. From then on the linked zone must have the record: without it
    /// the name does not exist for that network, public endpoint or not. What a DNS server
    /// or a policy takes away, no zone and no link brings back. That a policy blocks the name
    /// is a warning where the network has neither the endpoint nor a zone of the chain: it may
    /// be meant.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub
    ///   other  A  10.0.0.4
    /// public vault main
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub
    /// zone privatelink.vaultcore.azure.net  link hub
    ///   other  A  10.0.0.4
    ///   main   A  10.0.0.5
    /// public vault main
    /// ```
    pub static DEAD_ENDPOINT = "dead-endpoint" {
        summary: "the name of a private endpoint does not lead to it",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

#[derive(Default)]
struct Dead {
    services: BTreeSet<u32>,
    views: BTreeSet<u32>,
}

impl Dead {
    fn add(&mut self, answer: &ServiceAnswer) {
        self.services.insert(answer.service);
        self.views.extend(&answer.views);
    }

    fn names(&self, context: &Context<'_>) -> Vec<NameId> {
        self.services.iter().map(|&service| context.service(service).name).collect()
    }

    /// A finding about its names in these networks, at what states their endpoints.
    fn finding(
        &self,
        context: &Context<'_>,
        report: &Report<'_>,
        message: String,
        vnets: &[VnetId],
    ) -> Finding {
        let names = self.names(context);
        let origins = self.services.iter().filter_map(|&at| match context.service(at).evidence {
            Evidence::Stated(origin) => Some(origin),
            Evidence::Inferred(_) | Evidence::Always => None,
        });
        report
            .finding(message)
            .modelled()
            .from(vnets.iter().copied())
            .at_each(origins, "this has an approved private endpoint", "this too")
            .asked(vnets, names[0], RecordType::A)
            .named(names)
    }
}

/// Views in which a name ends public though its endpoint is in one of their networks.
type Outside = BTreeMap<Option<ZoneId>, Dead>;

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let mut missing: BTreeMap<ZoneId, Dead> = BTreeMap::new();
    let mut outside = Outside::new();
    let mut unanswered: BTreeMap<Cause, Dead> = BTreeMap::new();
    for answer in context.answers() {
        let service = context.service(answer.service);
        // What a record suggests can at most be hidden, which other rules say. And a zone
        // whose links were not exported may answer, which `partial-export` says.
        let perhaps = answer.answer.assumed.contains(Assumption::UnexportedLinks);
        if perhaps || !matches!(service.evidence, Evidence::Stated(_)) {
            continue;
        }
        if let Some(cause) = cause(context, answer) {
            unanswered.entry(cause).or_default().add(answer);
            continue;
        }
        if !answer.claimed {
            find_outside(context, answer, &mut outside);
            continue;
        }
        let census = context.census();
        match answer.answer.outcome {
            Outcome::NxDomain | Outcome::NoData => {
                let Some(zone) = answer.answer.zone() else { continue };
                let view = &context.views()[answer.views[0] as usize];
                let name = Place::Known(service.name);
                let hidden = !hidden_behind(view, &name, RecordType::A, &answer.answer).is_empty();
                let batch = census.explains(context, service, zone);
                if !hidden && !batch {
                    missing.entry(zone).or_default().add(answer);
                }
            }
            _ => {}
        }
    }
    for (zone, dead) in missing {
        add_missing(context, report, zone, &dead);
    }
    for (zone, dead) in outside {
        add_outside(context, report, zone, &dead);
    }
    for (cause, dead) in unanswered {
        add_unanswered(context, report, &cause, &dead);
    }
}

/// Why there is no answer, where that is not for a private zone to say.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// A zone of a DNS server's own, which ends it so.
    OwnZone(u32, ZoneId, Outcome),
    /// A DNS server that does not look it up.
    Refused(u32),
    /// The first of the DNS servers that forward it in a circle, and the others; whether
    /// nobody answers then, by the setting.
    Circle(u32, BTreeSet<u32>, bool),
    /// A rule of a DNS security policy; whether the network was given the endpoint or a zone.
    Blocked(PolicyRef, BlockResponse, bool),
}

fn cause(context: &Context<'_>, answer: &ServiceAnswer) -> Option<Cause> {
    let (service, facts) = (context.service(answer.service), &answer.answer);
    match (facts.outcome, facts.decider) {
        (Outcome::NxDomain | Outcome::NoData, Decider::Own(server, Some(zone))) => {
            Some(Cause::OwnZone(server, zone, facts.outcome))
        }
        (Outcome::Refused, Decider::Own(server, _)) => Some(Cause::Refused(server)),
        (Outcome::ForwardLoop, _) => {
            let view = &context.views()[answer.views[0] as usize];
            let (_, trace) = context.trace(view, service.name, RecordType::A);
            let circle = trace.circle();
            // That is `ruleset-loop`.
            if circle.iter().any(|hop| matches!(hop.asked, Asked::Rule(_))) {
                return None;
            }
            let servers = circle.iter().filter_map(|hop| match hop.by {
                Actor::Server(server) => Some(server),
                Actor::Client | Actor::Azure(_) => None,
            });
            let mut servers: BTreeSet<u32> = servers.collect();
            Some(Cause::Circle(servers.pop_first()?, servers, facts.timed_out))
        }
        (Outcome::Blocked(response), Decider::Policy(rule)) => {
            let meant = answer.views.iter().map(|&at| &context.views()[at as usize]).any(|view| {
                service.aliases.iter().any(|&alias| view.claim(alias).is_some())
                    || view.vnets().iter().any(|vnet| service.vnets.contains(vnet))
            });
            Some(Cause::Blocked(rule, response, meant))
        }
        _ => None,
    }
}

fn add_unanswered(context: &Context<'_>, report: &mut Report<'_>, cause: &Cause, dead: &Dead) {
    let estate = context.estate();
    let vnets = context.vnets(&dead.views.iter().copied().collect::<Vec<_>>());
    let told = tell(context, cause);
    let message = format!("{}: {}", unresolved(context, dead, &vnets), told.what);
    let mut finding = dead
        .finding(context, report, message, &vnets)
        .explained_at(told.origin, told.label)
        .help(told.help);
    if matches!(cause, Cause::Blocked(_, _, false)) {
        finding = finding.graded(Severity::Warning);
    }
    if let Cause::Circle(_, others, _) = cause {
        for &server in others {
            finding = finding.at(estate.servers[server as usize].origin, "and so does this");
        }
    }
    report.add(finding);
}

/// A cause, in words.
struct Told {
    /// What clients get, and from whom.
    what: String,
    origin: Origin,
    label: &'static str,
    help: String,
}

fn tell(context: &Context<'_>, cause: &Cause) -> Told {
    let estate = context.estate();
    let named = |server: u32| format!("`{}`", estate.servers[server as usize].name);
    let origin = |server: u32| estate.servers[server as usize].origin;
    let azure = "to Azure DNS of a network that has the zone, or to its inbound endpoint";
    match cause {
        Cause::OwnZone(server, zone, outcome) => {
            let (server, zone_name) = (named(*server), estate.zone_name(*zone));
            let code = if *outcome == Outcome::NxDomain { "NXDOMAIN" } else { "no data" };
            Told {
                what: format!("{code} from zone `{zone_name}` of server {server}"),
                origin: estate.zone(*zone).origin,
                label: "this zone of the server lacks it",
                help: format!("remove that zone from {server}, and forward the domain {azure}"),
            }
        }
        Cause::Refused(server) => Told {
            what: format!("REFUSED by server {}", named(*server)),
            origin: origin(*server),
            label: "this neither has it nor looks it up",
            help: format!("let {} forward the public domain {azure}", named(*server)),
        },
        Cause::Circle(first, others, timed_out) => {
            let code = if *timed_out { "nothing" } else { "SERVFAIL" };
            let servers = std::iter::once(first).chain(others);
            let whose = super::list(servers.map(|&at| &estate.servers[at as usize].name));
            let what = match others.len() {
                0 => format!("{code}, since server {whose} forwards to itself"),
                _ => format!("{code}, since servers {whose} forward in a circle"),
            };
            Told {
                what,
                origin: origin(*first),
                label: "this forwards what comes back to it",
                help: format!("let one of them forward {azure}"),
            }
        }
        Cause::Blocked(at, response, _) => {
            let (rule, policy) = (context.index().policy_rule(*at), at.policy as usize);
            let code = match response {
                BlockResponse::Alias => "blocked",
                BlockResponse::ServFail => "SERVFAIL, blocked",
            };
            let policy = &estate.policies[policy].name;
            let priority = rule.priority;
            Told {
                what: format!("{code} by rule {priority} of DNS security policy `{policy}`"),
                origin: rule.origin,
                label: "this rule blocks it",
                help: format!(
                    "allow the names in a rule before {priority}, or take them out of its domain lists"
                ),
            }
        }
    }
}

/// That names with an endpoint do not resolve there.
fn unresolved(context: &Context<'_>, dead: &Dead, vnets: &[VnetId]) -> String {
    let (names, from) = (dead.names(context), list_vnets(context, vnets));
    match names.len() {
        1 => format!(
            "{} has an endpoint and does not resolve in {from}",
            list_names(context, &names)
        ),
        count => format!("{count} names have an endpoint and do not resolve in {from}"),
    }
}

/// A network that has the endpoint and no zone for it: no other network tells as
/// surely that it is a client.
fn find_outside(context: &Context<'_>, answer: &ServiceAnswer, outside: &mut Outside) {
    let service = context.service(answer.service);
    // Batch accounts without any zone are told of by the Batch rules, network by network.
    let batch = context.census().zones.iter().any(|batch| {
        let apex = context.estate().zone(batch.zone).apex;
        service.aliases.iter().any(|&a| context.estate().names.is_at_or_below(a, apex))
    });
    if batch || answer.answer.reach != Reach::Public {
        return;
    }
    let here = answer.views.iter().copied().filter(|&at| {
        context.views()[at as usize].vnets().iter().any(|vnet| service.vnets.contains(vnet))
    });
    let here: Vec<u32> = here.collect();
    if here.is_empty() {
        return;
    }
    let zones = service.aliases.iter().flat_map(|&alias| context.index().zones_at(alias));
    let dead = outside.entry(zones.min()).or_default();
    dead.services.insert(answer.service);
    dead.views.extend(here);
}

fn add_outside(context: &Context<'_>, report: &mut Report<'_>, zone: Option<ZoneId>, dead: &Dead) {
    let (estate, names) = (context.estate(), dead.names(context));
    let inside = |vnet: &VnetId| {
        dead.services.iter().any(|&service| context.service(service).vnets.contains(vnet))
    };
    let views: Vec<u32> = dead.views.iter().copied().collect();
    let mut vnets = context.vnets(&views);
    vnets.retain(inside);
    let (from, count) = (list_vnets(context, &vnets), names.len());
    let message = match count {
        1 => format!(
            "{} has an endpoint in {from} and ends public there",
            list_names(context, &names)
        ),
        _ => format!("{count} names have an endpoint in {from} and end public there"),
    };
    let mut finding = doubted(context, dead.finding(context, report, message, &vnets), &vnets);
    let Some(zone) = zone else {
        // The zone may be one that was not exported.
        finding.severity = Severity::Warning;
        let help = "export the private zone that has the record; or make it, and link it there";
        return report.add(finding.help(help));
    };
    let zone_name = estate.zone_name(zone);
    let deciding = deciding(context, &vnets, names[0]);
    if deciding.is_empty() {
        let help = format!(
            "have the DNS servers of {from} forward the public name to Azure DNS of a network that \
             `{zone_name}` is linked to"
        );
        return report.add(finding.help(help));
    }
    let label = format!("`{zone_name}` has the record and is not linked there");
    finding = finding.explained_at(estate.zone(zone).origin, label);
    let lost =
        lost_by_linking(context, deciding.iter().filter_map(|&vnet| context.view_of(vnet)), zone);
    let there = list_vnets(context, &deciding);
    if lost.is_empty() {
        finding.remedy =
            deciding.iter().map(|&vnet| Change::link(zone, vnet, Policy::Default)).collect();
        finding = finding.help(format!("link `{zone_name}` to {there}"));
    } else {
        finding = finding.help(format!(
            "link `{zone_name}` to {there}, after adding what that would take away there: {}",
            list_names(context, &lost)
        ));
    }
    if deciding != vnets {
        finding = finding
            .note(format!("clients of {from} are answered with the zones that {there} has linked"));
    }
    report.add(finding);
}

/// A warning where the networks were exported and the DNS servers of none of them were: what
/// their clients get is assumed. Of a network that is known by links only it stays an error.
fn doubted(context: &Context<'_>, finding: Finding, vnets: &[VnetId]) -> Finding {
    let unknown = |vnet: &VnetId| {
        let shown = !context.estate().vnet(*vnet).space.is_empty();
        let view = context.view_of(*vnet);
        shown && view.is_some_and(|view| view.servers() == Servers::AssumedAzure)
    };
    match vnets.iter().all(unknown) {
        true => finding
            .graded(Severity::Warning)
            .note("which DNS servers the clients there ask is not known"),
        false => finding,
    }
}

/// The networks whose Azure DNS has the last word on `name` for clients of `vnets`: only a
/// link there counts. None where another server has it.
fn deciding(context: &Context<'_>, vnets: &[VnetId], name: NameId) -> Vec<VnetId> {
    let mut deciding = BTreeSet::new();
    for &vnet in vnets {
        let Some(view) = context.view_of(vnet) else { continue };
        let (_, trace) = context.trace(view, name, RecordType::A);
        match trace.hops.last().map(|hop| hop.by) {
            Some(Actor::Azure(None)) => drop(deciding.insert(vnet)),
            Some(Actor::Azure(other)) => deciding.extend(view.scope(other)),
            Some(Actor::Client | Actor::Server(_)) | None => {}
        }
    }
    deciding.into_iter().collect()
}

fn add_missing(context: &Context<'_>, report: &mut Report<'_>, zone: ZoneId, dead: &Dead) {
    let estate = context.estate();
    let vnets = context.vnets(&dead.views.iter().copied().collect::<Vec<_>>());
    let zone_name = estate.zone_name(zone);
    let message = unresolved(context, dead, &vnets);
    let mut finding = doubted(context, dead.finding(context, report, message, &vnets), &vnets);
    let explaining = estate.zone(zone).origin;
    let label = format!("zone `{zone_name}` claims the alias and lacks the record");
    finding = finding.explained_at(explaining, label);
    // Zones that should not get the records: an old Batch zone, and a second zone of a name.
    if let Some(batch) = context.census().form(zone)
        && batch.form != Form::Global
    {
        let help = format!(
            "record it in the global zone and link that there; then unlink `{zone_name}`, or give it \
             an alias into the global zone"
        );
        return report.add(finding.help(help));
    }
    let apex = estate.zone(zone).apex;
    let other = estate.zone_ids().find(|(other, facts)| {
        *other != zone
            && facts.apex == apex
            && facts.record_sets.len() > estate.zone(zone).record_sets.len()
    });
    if let Some((_, other)) = other {
        let group = other.group.as_deref().unwrap_or("another resource group");
        let help = format!("link the zone `{zone_name}` of {group} there in place of this one");
        return report.add(finding.help(help));
    }
    let records = plural(finding.names.len(), "missing record", "missing records");
    finding = finding.help(format!("add the {records} to `{zone_name}`"));
    for &at in &dead.services {
        let service = context.service(at);
        let mut aliases = service.aliases.iter().copied();
        let owner = aliases.find(|&alias| estate.names.is_at_or_below(alias, apex));
        finding.remedy.extend(owner.and_then(|owner| address_record(service, zone, owner)));
    }
    report.add(finding);
}
