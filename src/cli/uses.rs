//! `uses`: what a thing still decides.

use std::net::IpAddr;
use std::path::PathBuf;

use super::output::{Output, one_stdin};
use super::{Failure, Verdict, load};
use crate::estate::{Estate, ResourceId, RulesetId, VnetId, Wish};
use crate::index::Index;
use crate::name::Name;
use crate::plan::{Askers, Step, Tried, askers, steps_of, try_steps, unread_ruleset, unsettled};
use crate::render::human::{self, plural};
use crate::render::plan::{Detail, counts, human as effects_of};

#[derive(clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// ZONE, ZONE@VNET for a link, 'NAME TYPE' for a record set, a private endpoint, RULESET,
    /// RULESET@VNET, RULESET/DOMAIN for a rule, or a DNS server or inbound endpoint
    #[arg(value_name = "THING")]
    thing: String,
    /// Show every hop before and after
    #[arg(long)]
    trace: bool,
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
    if let Some(addresses) = listener(&estate, thing) {
        return asked(&Index::new(estate), thing, &addresses, output);
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
    let mut text = String::new();
    let effects = &one.comparison.effects;
    let remarks = one.step.remarks.iter().filter(|remark| remark.look);
    for remark in remarks.clone() {
        text.push_str(&format!("  look      {}\n", remark.text));
    }
    let mut unread = one.doubts.clone();
    unread.extend(ruleset.into_iter().flat_map(|id| unread_ruleset(indexes[0].estate(), id)));
    unread.sort();
    unread.dedup();
    unread.iter().for_each(|doubt| text.push_str(&format!("  ? {doubt}\n")));
    let doubts = unsettled(&one.comparison, &one.step.changes);
    for doubt in &doubts {
        text.push_str(&format!(
            "  ? {}: {} (such as {})\n",
            list_vnets(&indexes, &doubt.vnets),
            doubt.why,
            doubt.witness.text()
        ));
    }
    let known = doubts.is_empty() && unread.is_empty() && remarks.count() == 0;
    if effects.is_empty() && !known {
        output.prose(&format!(
            "`{thing}` decides nothing that is known, but not all is known:\n{text}"
        ))?;
        return Ok(Verdict::Findings);
    }
    if effects.is_empty() {
        text.push_str(&format!(
            "`{thing}` decides nothing: without it every answer stays in {}; {}\n",
            plural(one.comparison.vnets, "network", "networks"),
            match one.comparison.classes {
                0 => "no name of any client leads there".to_owned(),
                count => format!(
                    "asked for {} that may lead there",
                    plural(count, "class of names", "classes of names")
                ),
            },
        ));
        output.prose(&text)?;
        return Ok(Verdict::Clean);
    }
    let mut vnets: Vec<_> = effects.iter().flat_map(|one| &one.vnets).collect();
    vnets.sort();
    vnets.dedup();
    let mut classes: Vec<_> = effects.iter().map(|one| (&one.name, one.class)).collect();
    classes.sort();
    classes.dedup();
    let detail = Detail { trace: arguments.trace };
    output.prose(&format!(
        "`{thing}` decides {} in {}; without it:\n  {}\n{}{text}",
        plural(classes.len(), "class of names", "classes of names"),
        plural(vnets.len(), "network", "networks"),
        counts(&one.comparison),
        effects_of(&one.comparison, &one.step.changes, detail),
    ))?;
    Ok(Verdict::Findings)
}

/// The addresses of the DNS server or inbound endpoint of that name, if one has it.
fn listener(estate: &Estate, thing: &str) -> Option<Vec<IpAddr>> {
    let named = |name: &str, id: &Option<ResourceId>| {
        name.eq_ignore_ascii_case(thing)
            || id.as_ref().is_some_and(|id| id.as_str().eq_ignore_ascii_case(thing))
    };
    let servers = estate.servers.iter().map(|one| (&one.name, &one.id, &one.addresses));
    let inbound = estate.inbound.iter().map(|one| (&one.name, &one.id, &one.addresses));
    let mut all = servers.chain(inbound);
    let other = !estate.zones_like(thing).is_empty() || !estate.endpoints_like(thing).is_empty();
    let found = all.find(|(name, id, _)| named(name, id)).filter(|_| !other);
    found.map(|(_, _, addresses)| addresses.clone())
}

/// Who asks it: what nobody asks decides nothing.
fn asked(
    index: &Index,
    thing: &str,
    addresses: &[IpAddr],
    output: &Output,
) -> Result<Verdict, Failure> {
    let Askers { known, perhaps } = askers(index, addresses);
    let mut text = match (known.is_empty(), perhaps.is_empty()) {
        (true, true) => format!("`{thing}` decides nothing: nobody asks it\n"),
        (true, false) => {
            format!("`{thing}` decides nothing that is known, but not all is known:\n")
        }
        (false, _) => format!("`{thing}` decides for all who ask it:\n"),
    };
    known.iter().for_each(|line| text.push_str(&format!("  - {line}\n")));
    perhaps.iter().for_each(|line| text.push_str(&format!("  ? {line}\n")));
    output.prose(&text)?;
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
    let Some((ruleset, domain)) = rule else {
        return Err(
            "no zone, private endpoint, forwarding ruleset, DNS server or inbound endpoint has that \
             name; what a network decides is that of its links: write ZONE@VNET or RULESET@VNET"
                .to_owned()
        );
    };
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

fn list_vnets(indexes: &[Index], vnets: &[VnetId]) -> String {
    let names = |index: &Index| human::list_vnets(index.estate(), vnets);
    indexes.first().map(names).unwrap_or_default()
}
