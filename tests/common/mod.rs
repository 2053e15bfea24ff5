//! What several tests share.
#![allow(dead_code, reason = "each test uses a part")]

use privdns::estate::{Assembly, Estate};
use privdns::index::{Place, View};
use privdns::name::Name;
use privdns::record::RecordType;
use privdns::resolve::{Decider, HopResult, Outcome, Trace, resolve};
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
    let mut data = String::new();
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
            Outcome::Unknown(_) => "UNKNOWN",
        },
        data,
        via,
        by: match answer.decider {
            Decider::Zone(zone) => estate.zone_name(zone),
            Decider::Public(_) => "public".to_owned(),
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
