//! `servers-disagree`

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rayon::prelude::*;

use super::{list_names, list_vnets};
use crate::check::{Context, Report, rule};
use crate::index::{Party, Place, View};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Answer, Gap, Outcome, Trace, resolve};

rule! {
    /// ## What it finds
    /// A network with several DNS servers that give different answers for a name of the
    /// estate, as far as the servers are modelled.
    ///
    /// ## Why it matters
    /// A client asks one server and goes on to the next only when that does not answer
    /// at all; NXDOMAIN is an answer. So a name works or not, or leads to one place or
    /// another, by which server a client happens to ask: faults that come and go.
    ///
    /// ## Example
    /// ```estate
    /// vnet hub    dns 10.0.0.4,10.0.0.5
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc-1  vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// server dc-2  vnet hub  address 10.0.0.5
    ///   zone corp.internal
    ///     record  nas.corp.internal  A  10.0.0.8
    ///   forward .  168.63.129.16
    /// ```
    ///
    /// ## Use instead
    /// ```estate
    /// vnet hub    dns 10.0.0.4,10.0.0.5
    /// zone corp.internal  link hub
    ///   nas  A  10.0.0.7
    /// server dc-1  vnet hub  address 10.0.0.4
    ///   forward .  168.63.129.16
    /// server dc-2  vnet hub  address 10.0.0.5
    ///   forward .  168.63.129.16
    /// ```
    pub static SERVERS_DISAGREE = "servers-disagree" {
        summary: "the DNS servers of one network give different answers",
        severity: Error,
        since: "0.1.0",
        run: run,
    }
}

/// What an answer is compared by: how it ends, and with which data.
type Said = (Outcome, Vec<String>);

fn run(context: &Context<'_>, report: &mut Report<'_>) {
    let several: Vec<(&View<'_>, Vec<usize>)> = context
        .views()
        .iter()
        .map(|view| (view, distinct(context, view)))
        .filter(|(_, servers)| servers.len() > 1)
        .collect();
    if several.is_empty() {
        return;
    }
    let names = names(context);
    for (view, servers) in several {
        let asking: Vec<View<'_>> = servers.iter().map(|&at| view.asking(at)).collect();
        let differ = |name: &NameId| {
            let name = Place::Known(*name);
            let mut answers = asking.iter().filter_map(|view| said(view, &name));
            let first = answers.next();
            first.is_some_and(|first| answers.any(|other| other != first))
        };
        let differing: Vec<NameId> = names.par_iter().copied().filter(differ).collect();
        let Some(&first) = differing.first() else { continue };
        let addresses: Vec<IpAddr> = servers.iter().map(|&at| view.asked()[at]).collect();
        let message = format!(
            "the DNS servers of {} disagree about {}",
            list_vnets(context, view.vnets()),
            list_names(context, &differing)
        );
        let origins = view.vnets().iter().map(|&vnet| context.estate().vnet(vnet).origin);
        let mut finding = report
            .finding(message)
            .at_each(origins, "the clients here may ask any of them", "here too")
            .from(view.vnets().iter().copied())
            .asked(view.vnets(), first, RecordType::A)
            .named(differing)
            .help("let all of them forward the name to the same place, or remove the odd one");
        for (address, view) in addresses.iter().zip(&asking) {
            let answer = said(view, &Place::Known(first)).map_or("unknown".to_owned(), show);
            let name = context.estate().names.show(first);
            finding = finding.note(format!("asked for `{name}`, {address} says {answer}"));
        }
        report.add(finding);
    }
}

/// The servers of a view, by their places, that are modelled and may differ: inbound
/// endpoints of one network are as one.
fn distinct(context: &Context<'_>, view: &View<'_>) -> Vec<usize> {
    let (index, estate) = (context.index(), context.estate());
    let mut seen = BTreeMap::new();
    for (at, &address) in view.asked().iter().enumerate() {
        let key = match index.party(address) {
            Party::Unknown => continue,
            Party::Azure => (0, view.vnets().first().map(|vnet| vnet.0)),
            Party::Inbound(place) => {
                (0, estate.inbound[place as usize].vnet.map(|vnet| vnet.0).or(Some(u32::MAX)))
            }
            Party::Server(place) => (1, Some(place)),
        };
        seen.entry(key).or_insert(at);
    }
    let mut servers: Vec<usize> = seen.into_values().collect();
    servers.sort_unstable();
    servers
}

/// The names that have an address somewhere, or an alias, and those of endpoints.
fn names(context: &Context<'_>) -> Vec<NameId> {
    let estate = context.estate();
    let zones = estate.zones.iter().chain(estate.server_zones().map(|(_, zone)| zone));
    let sets = zones.flat_map(|zone| &zone.record_sets).filter(|set| {
        matches!(set.data.record_type(), RecordType::A | RecordType::Aaaa | RecordType::Cname)
    });
    let services = context.index().services().iter().map(|service| service.name);
    let names: BTreeSet<NameId> = sets.map(|set| set.owner).chain(services).collect();
    names.into_iter().collect()
}

/// What a view is told; `None` where nobody can say.
fn said(view: &View<'_>, name: &Place) -> Option<Said> {
    let mut trace = Trace::default();
    let answer: Answer = resolve(view, name, RecordType::A, &mut trace);
    match answer.outcome {
        // Whatever public DNS says, it is not what a private zone says.
        Outcome::Unknown(Gap::PublicUnrecorded) => return Some((Outcome::Public, Vec::new())),
        outcome if outcome.is_unknown() => return None,
        _ => {}
    }
    let names = &view.index().estate().names;
    let data = answer.set.map(|set| view.index().set(set).data.texts(names));
    let mut data = data.unwrap_or_default();
    data.sort_unstable();
    Some((answer.outcome, data))
}

fn show((outcome, data): Said) -> String {
    match outcome {
        Outcome::NxDomain => "NXDOMAIN".to_owned(),
        Outcome::Public => "what public DNS says".to_owned(),
        _ if data.is_empty() => outcome.name().to_owned(),
        _ => data.join(" "),
    }
}
