//! `uses`: what a thing still decides.

use std::net::IpAddr;
use std::path::PathBuf;

use super::output::{Form, Output, one_stdin};
use super::plan::{Report, json};
use super::{Failure, Verdict, load};
use crate::estate::{Estate, ResourceId, RulesetId, Wish};
use crate::index::{Index, Party};
use crate::name::Name;
use crate::plan::{Askers, Step, Tried, askers, steps_of, try_steps, unread_ruleset};
use crate::render::human::{self, plural};
use crate::render::plan::{UsesV1, assumes, counts, human as effects_of};

#[derive(clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// ZONE, ZONE@VNET for a link, 'NAME TYPE' for a record set, a private endpoint, RULESET,
    /// RULESET@VNET, RULESET/DOMAIN for a rule, or a DNS server or inbound endpoint
    #[arg(value_name = "THING")]
    thing: String,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    options: load::Options,
}

/// A thing decides what changes for somebody when it goes: every class of names is asked with
/// and without it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(std::iter::once(&arguments.estate).chain(arguments.options.public()))?;
    let (settings, mut estate) = arguments.options.open(None, &arguments.estate, output)?;
    let thing = &arguments.thing;
    let failed = |message: String| Failure::new(format!("{thing}: {message}"));
    if let Some(listener) = listener(&estate, thing) {
        return asked(&Index::new(estate), listener, arguments, output);
    }
    let mut after = estate.clone();
    let wish = without(&mut after, thing).map_err(failed)?;
    let ruleset = whole_ruleset(&after, &wish);
    let steps = steps_of(&mut after, thing, &[wish], &settings);
    let mut steps = steps.map_err(|error| failed(error.message))?;
    if steps.is_empty() {
        // A ruleset without a link that was read: nothing goes, and all of it may be doubtful.
        steps.push(Step { title: thing.clone(), ..Step::default() });
    }
    estate.names = after.names;
    let indexes = try_steps(estate, &steps).map_err(|error| failed(error.to_string()))?;
    let tried = Tried::all(&indexes, &steps, &settings);
    let Some(one) = tried.first() else {
        return Err(failed("nothing was tried".to_owned()));
    };
    let remarks = one.step.remarks.iter().filter(|remark| remark.look);
    let mut unread = one.doubts.clone();
    unread.extend(ruleset.into_iter().flat_map(|id| unread_ruleset(indexes[0].estate(), id)));
    unread.sort();
    unread.dedup();
    let unsettled = one.unsettled.iter().map(|doubt| {
        let vnets = human::list_vnets(indexes[0].estate(), &doubt.vnets);
        format!("{vnets}: {} (such as {})", doubt.why, doubt.witness.text())
    });
    let doubts: Vec<String> = unread.into_iter().chain(unsettled).collect();
    let looks: Vec<String> = remarks.map(|remark| remark.text.clone()).collect();
    arguments.report.write(output, &|form| match form {
        Form::Human => Ok(arguments.human(one, &looks, &doubts)),
        _ => {
            let doubts = looks.iter().chain(&doubts).cloned().collect();
            json(&UsesV1::new(thing, one, doubts))
        }
    })?;
    let green = one.comparison.effects.is_empty() && looks.is_empty() && doubts.is_empty();
    Ok(if green { Verdict::Clean } else { Verdict::Findings })
}

impl Arguments {
    /// What the thing decides; `looks` and `doubts` say why not all may be known.
    fn human(&self, tried: &Tried<'_>, looks: &[String], doubts: &[String]) -> String {
        let Tried { comparison, step, .. } = tried;
        let (thing, effects) = (&self.thing, &comparison.effects);
        let doubtful = !looks.is_empty() || !doubts.is_empty();
        let looks = looks.iter().map(|text| format!("  look      {text}\n"));
        let doubts = doubts.iter().map(|text| format!("  ? {text}\n"));
        let told: String = looks.chain(doubts).chain([assumes(&tried.assumptions())]).collect();
        if effects.is_empty() && doubtful {
            return format!(
                "`{thing}` decides nothing that is known, but not all is known:\n{told}"
            );
        }
        if effects.is_empty() {
            return format!(
                "`{thing}` decides nothing: without it every answer stays in {}; {}\n{told}",
                plural(comparison.vnets, "network", "networks"),
                match comparison.classes {
                    0 => "no name of any client leads there".to_owned(),
                    count => format!(
                        "asked for {} that may lead there",
                        plural(count, "class of names", "classes of names")
                    ),
                },
            );
        }
        let mut vnets: Vec<_> = effects.iter().flat_map(|one| &one.vnets).collect();
        vnets.sort();
        vnets.dedup();
        let mut classes: Vec<_> = effects.iter().map(|one| (&one.name, one.class)).collect();
        classes.sort();
        classes.dedup();
        format!(
            "`{thing}` decides {} in {}; without it:\n  {}\n{}{told}",
            plural(classes.len(), "class of names", "classes of names"),
            plural(vnets.len(), "network", "networks"),
            counts(comparison),
            effects_of(comparison, &step.changes, self.report.detail()),
        )
    }
}

/// The DNS server or inbound endpoint of that name with its addresses, if one has it.
fn listener(estate: &Estate, thing: &str) -> Option<(Party, Vec<IpAddr>)> {
    let named = |name: &str, id: &Option<ResourceId>| {
        name.eq_ignore_ascii_case(thing)
            || id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(thing))
    };
    let servers = estate.servers.iter().zip(0u32..);
    let servers = servers.map(|(one, at)| (&one.name, &one.id, Party::Server(at), &one.addresses));
    let inbound = estate.inbound.iter().zip(0u32..);
    let inbound = inbound.map(|(one, at)| (&one.name, &one.id, Party::Inbound(at), &one.addresses));
    let mut all = servers.chain(inbound);
    let other = !estate.zones_like(thing).is_empty() || !estate.endpoints_like(thing).is_empty();
    let found = all.find(|(name, id, ..)| named(name, id)).filter(|_| !other);
    found.map(|(_, _, party, addresses)| (party, addresses.clone()))
}

/// Who asks it: what nobody asks decides nothing.
fn asked(
    index: &Index,
    (party, addresses): (Party, Vec<IpAddr>),
    arguments: &Arguments,
    output: &Output,
) -> Result<Verdict, Failure> {
    let thing = &arguments.thing;
    let Askers { known, perhaps } = askers(index, party, &addresses);
    arguments.report.write(output, &|form| {
        if form != Form::Human {
            return json(&UsesV1::of_listener(thing, known.clone(), perhaps.clone()));
        }
        let mut text = match (known.is_empty(), perhaps.is_empty()) {
            (true, true) => format!("`{thing}` decides nothing: nobody asks it\n"),
            (true, false) => {
                format!("`{thing}` decides nothing that is known, but not all is known:\n")
            }
            (false, _) => format!("`{thing}` decides for all who ask it:\n"),
        };
        known.iter().for_each(|line| text.push_str(&format!("  - {line}\n")));
        perhaps.iter().for_each(|line| text.push_str(&format!("  ? {line}\n")));
        Ok(text)
    })?;
    let green = known.is_empty() && perhaps.is_empty();
    Ok(if green { Verdict::Clean } else { Verdict::Findings })
}

/// What takes the thing away.
fn without(estate: &mut Estate, thing: &str) -> Result<Wish, String> {
    let words: Vec<&str> = thing.split_whitespace().collect();
    if let [_, record_type] = words[..] {
        let (zone, text) = super::plan::grouped(thing);
        let name = text.split_whitespace().next().unwrap_or_default();
        let name: Name = name.parse().map_err(|error| format!("{error}"))?;
        let record_type = record_type
            .parse()
            .map_err(|_| format!("expected a record type, found `{record_type}`"))?;
        return Ok(Wish::Remove { zone, owner: estate.names.intern(&name), record_type });
    }
    if let Some((one, vnet)) = thing.split_once('@') {
        let (one, vnet) = (one.to_owned(), Some(vnet.to_owned()));
        let ruleset = estate.zones_like(&one).is_empty() && !estate.rulesets_like(&one).is_empty();
        return Ok(match ruleset {
            true => Wish::UnlinkRuleset { ruleset: one, vnet },
            false => Wish::Unlink { zone: one, vnet },
        });
    }
    let text = thing.to_owned();
    if !estate.zones_like(thing).is_empty() {
        return Ok(Wish::DeleteZone { zone: text });
    }
    if !estate.endpoints_like(thing).is_empty() {
        return Ok(Wish::DeleteEndpoint { endpoint: text });
    }
    if !estate.rulesets_like(thing).is_empty() {
        return Ok(Wish::UnlinkRuleset { ruleset: text, vnet: None });
    }
    let rule = thing.rsplit_once('/').filter(|(one, _)| !estate.rulesets_like(one).is_empty());
    let Some((ruleset, domain)) = rule else { return Err(no_such_thing(estate, thing)) };
    let domain: Name = domain.parse().map_err(|error| format!("{error}"))?;
    Ok(Wish::RemoveRule { ruleset: ruleset.to_owned(), domain: estate.names.intern(&domain) })
}

/// The ruleset that a wish takes from all networks.
fn whole_ruleset(estate: &Estate, wish: &Wish) -> Option<RulesetId> {
    match wish {
        Wish::UnlinkRuleset { ruleset, vnet: None } => {
            estate.rulesets_like(ruleset).first().copied()
        }
        _ => None,
    }
}

/// What can be asked about instead; of a network its links.
fn no_such_thing(estate: &Estate, thing: &str) -> String {
    let [vnet] = estate.vnets_like(thing)[..] else {
        return "no zone, private endpoint, forwarding ruleset, DNS server or inbound endpoint has \
                that name, and no record set is given as 'NAME TYPE'"
            .to_owned();
    };
    let zones = estate.zone_ids().filter(|(_, zone)| zone.links.iter().any(|one| one.vnet == vnet));
    let zones = zones.map(|(id, _)| format!("{}@{thing}", estate.zone_label(id)));
    let rulesets = estate.ruleset_ids();
    let rulesets = rulesets.filter(|(_, one)| one.links.iter().any(|one| one.vnet == vnet));
    let rulesets = rulesets.map(|(id, _)| format!("{}@{thing}", estate.ruleset_label(id)));
    let links: Vec<String> = zones.chain(rulesets).collect();
    let asked_for = match &links[..] {
        [] => "and it has no links".to_owned(),
        [one] => format!("which is {one}"),
        [one, ..] => format!("of which it has {}, such as {one}", links.len()),
    };
    format!("a virtual network decides by its links, {asked_for}: ask about these one by one")
}
