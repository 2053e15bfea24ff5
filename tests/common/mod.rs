//! What several tests share.
#![allow(dead_code, reason = "each test uses a part")]

pub mod forms;
pub mod program;
pub mod server;

use std::fs;
use std::path::{Path, PathBuf};

use privdns::check::{Context, Rule, RuleSet, check};
use privdns::estate::{Assembly, BlockResponse, Estate};
use privdns::index::{Index, Place, Settings, View};
use privdns::name::Name;
use privdns::record::RecordType;
use privdns::resolve::{Decider, HopResult, Outcome, Trace, resolve, shown_target};
use privdns::source::{self, Format, Role};

/// An estate of `.estate` texts, one input each.
pub fn load<'t>(texts: impl IntoIterator<Item = &'t str>) -> Estate {
    let mut assembly = Assembly::default();
    for (at, text) in texts.into_iter().enumerate() {
        let path = format!("{at}.estate");
        source::read(&path, text.as_bytes(), Some(Format::Estate), Role::Estate, &mut assembly);
    }
    assembly.finish()
}

/// An estate of inputs, each a path and its octets; the format is told by content.
pub fn read<P: AsRef<str>, O: AsRef<[u8]>>(inputs: impl IntoIterator<Item = (P, O)>) -> Estate {
    let mut assembly = Assembly::default();
    for (path, octets) in inputs {
        source::read(path.as_ref(), octets.as_ref(), None, Role::Estate, &mut assembly);
    }
    assembly.finish()
}

/// All files at or below a path, sorted.
pub fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    entries.iter().flat_map(|entry| files(entry)).collect()
}

/// An estate of files and directories.
pub fn read_paths(paths: &[&Path]) -> Estate {
    let files = paths.iter().flat_map(|path| files(path));
    read(files.map(|file| (file.to_string_lossy().into_owned(), fs::read(&file).unwrap())))
}

/// Rule, message and networks of all findings.
pub fn findings(index: &Index) -> Vec<String> {
    let settings = Settings::default();
    let context = Context::new(index, &settings);
    let mut lines: Vec<String> = check(&context, |rule| rule.set == RuleSet::Core)
        .iter()
        .map(|one| {
            let vnets = one.vnets.iter().map(|&vnet| context.estate().vnet_name(vnet));
            format!("{} {} {:?}", one.rule.name, one.message, vnets.collect::<Vec<_>>())
        })
        .collect();
    lines.sort();
    lines
}

/// The types that [`answers`] are usually compared for.
pub const TYPES: [RecordType; 4] =
    [RecordType::A, RecordType::Aaaa, RecordType::Txt, RecordType::Mx];

/// The answers to these names and types in every network.
pub fn answers(index: &Index, names: &[Name], types: &[RecordType]) -> Vec<String> {
    let views = index.views(&Settings::default());
    let mut lines = Vec::new();
    for vnet in &index.estate().vnets {
        let view = view(&views, &vnet.name).unwrap();
        for name in names {
            for &record_type in types {
                let line = show(view, name, record_type).line();
                lines.push(format!("{} {} {record_type}: {line}", vnet.name, name.text()));
            }
        }
    }
    lines
}

/// Every name of the estate, and one below each that nobody wrote down.
pub fn names_and_below(estate: &Estate) -> Vec<Name> {
    let mut names: Vec<Name> = estate.names.ids().map(|id| estate.names.name(id)).collect();
    let below = names.iter().filter_map(|name| format!("zz.{}", name.text()).parse().ok());
    names.extend(below.collect::<Vec<Name>>());
    names
}

/// An answer with everything that can be said of it in a line.
pub struct Shown {
    pub outcome: &'static str,
    pub data: String,
    pub via: Vec<String>,
    pub by: String,
    pub assuming: Vec<&'static str>,
    pub because: String,
    pub reach: &'static str,
    /// The zones that were asked.
    pub zones: Vec<String>,
}

pub fn show(view: &View<'_>, name: &Name, record_type: RecordType) -> Shown {
    let index = view.index();
    let estate = index.estate();
    let place: Place = index.locate(name);
    let mut trace = Trace::default();
    let answer = resolve(view, &place, record_type, &mut trace);
    let bare = |texts: Vec<String>| {
        let texts = texts.into_iter().map(|text| text.trim_end_matches('.').to_owned());
        texts.collect::<Vec<_>>().join(" ")
    };
    let mut data = match answer.outcome {
        Outcome::Forwarded(target) => format!("to {}", shown_target(target)),
        _ => String::new(),
    };
    let mut via = Vec::new();
    for (at, hop) in trace.hops.iter().enumerate() {
        let last = at + 1 == trace.hops.len() && answer.outcome == Outcome::Answered;
        match &hop.said {
            HopResult::Set(set) => data = bare(index.set(*set).data.texts(&estate.names)),
            HopResult::Records(records) => data = bare(records.texts(&estate.names)),
            HopResult::Alias(target, _) if last => data = index.name(target).text(),
            HopResult::Alias(target, _) => via.push(index.name(target).text()),
            _ => {}
        }
    }
    if let Outcome::Blocked(_) = answer.outcome {
        data.clear();
    }
    let because = match answer.outcome {
        Outcome::Unknown(gap) => {
            let last = trace.last_name().map(|name| index.name(name).text()).unwrap_or_default();
            gap.explain(index, &last)
        }
        _ => String::new(),
    };
    Shown {
        outcome: match answer.outcome {
            Outcome::Answered => "NOERROR",
            Outcome::NoData => "NODATA",
            Outcome::NxDomain => "NXDOMAIN",
            Outcome::Public => "PUBLIC",
            Outcome::AliasLoop => "LOOP",
            Outcome::TooManyAliases => "TOO-MANY-ALIASES",
            Outcome::Forwarded(_) => "FORWARDED",
            Outcome::ForwardLoop => "FORWARD-LOOP",
            Outcome::Refused => "REFUSED",
            Outcome::Blocked(BlockResponse::Alias) => "BLOCKED",
            Outcome::Blocked(BlockResponse::ServFail) => "BLOCKED-SERVFAIL",
            Outcome::Unknown(_) => "UNKNOWN",
        },
        data,
        via,
        by: match answer.decider {
            Decider::Zone(zone) => estate.zone_name(zone),
            Decider::Public(_) => "public".to_owned(),
            Decider::Rule(rule) => {
                format!("rule {}", estate.names.show(index.rule(rule).domain))
            }
            Decider::Own(server, _) => estate.servers[server as usize].name.clone(),
            Decider::BuiltIn => "built-in names".to_owned(),
            Decider::Policy(rule) => {
                let policy = &estate.policies[rule.policy as usize].name;
                format!("policy {policy} {}", index.policy_rule(rule).priority)
            }
            Decider::Server(Some(address)) => address.to_string(),
            Decider::Server(None) => "a server".to_owned(),
            Decider::None => "nobody".to_owned(),
        },
        assuming: answer.assumed.iter().map(|one| one.doc().name).collect(),
        because,
        reach: answer.reach.name(),
        zones: trace.zones().map(|zone| estate.zone_name(zone)).collect(),
    }
}

impl Shown {
    /// Outcome, data and aliases: what a client sees.
    pub fn line(&self) -> String {
        let Shown { outcome, data, via, .. } = self;
        format!("{outcome} {data} via {}", via.join(" "))
    }
}

/// The view of the network of that name.
pub fn view<'v, 'i>(views: &'v [View<'i>], vnet: &str) -> Option<&'v View<'i>> {
    views.iter().find(|view| {
        let estate = view.index().estate();
        view.vnets().iter().any(|&id| estate.vnet(id).name == vnet)
    })
}

/// What the clients of the network of that name see, or the interface of that name.
pub fn client<'i>(views: &[View<'i>], name: &str) -> Option<View<'i>> {
    let estate = views.first()?.index().estate();
    if let Some(view) = view(views, name) {
        let vnet = view.vnets().iter().find(|&&id| estate.vnet(id).name == name)?;
        return Some(view.of(*vnet));
    }
    let interface = estate.interfaces.iter().find(|one| one.name == name)?;
    let vnet = &estate.vnet(interface.vnet?).name;
    Some(view(views, vnet)?.of_interface(interface))
}

/// The same `cases` every time, so that what passes once passes again;
/// `PROPTEST_CASES=10000` tries as many random ones.
pub fn cases(cases: u32) -> proptest::test_runner::Config {
    let config = proptest::test_runner::Config { failure_persistence: None, ..Default::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => proptest::test_runner::Config {
            cases,
            rng_seed: proptest::test_runner::RngSeed::Fixed(1),
            ..config
        },
    }
}

/// The `.estate` block under a heading of a rule's documentation.
pub fn rule_block(rule: &Rule, heading: &str) -> String {
    let docs: Vec<&str> =
        rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let docs = docs.join("\n");
    let section = docs
        .split("## ")
        .find(|section| section.starts_with(heading))
        .unwrap_or_else(|| panic!("{rule:?} has no `{heading}`"));
    let block = section.split("```estate\n").nth(1);
    let block = block.and_then(|rest| rest.split("```").next());
    block.unwrap_or_else(|| panic!("{rule:?}: `{heading}` has no estate")).to_owned()
}
