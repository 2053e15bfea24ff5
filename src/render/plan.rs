//! Comparisons and plans, for people and as JSON.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::human::{brief, plural};
use super::json::{ResolutionV1, SCHEMA_VERSION, resolution};
use crate::index::{Party, Servers, View};
use crate::plan::{Comparison, Effect, Verdict};
use crate::record::RecordType;
use crate::resolve::resolve;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// The most effects that are shown of one kind, and of those that nobody can tell;
/// JSON has all.
const SHOWN: usize = 40;
const SHOWN_UNKNOWN: usize = 3;

/// Effects that differ in the type only, the most telling type first.
struct Group<'c> {
    effect: &'c Effect,
    types: Vec<RecordType>,
}

fn groups<'c>(comparison: &'c Comparison<'_>) -> Vec<Group<'c>> {
    let mut groups: Vec<Group<'c>> = Vec::new();
    // Addresses are what clients ask for, so their verdict stands for the name.
    let mut places = BTreeMap::new();
    for effect in &comparison.effects {
        let place =
            *places.entry((&effect.name, effect.class, &effect.vnets)).or_insert_with(|| {
                groups.push(Group { effect, types: Vec::new() });
                groups.len() - 1
            });
        let group = &mut groups[place];
        group.types.push(effect.record_type);
        if effect.record_type == RecordType::A {
            group.effect = effect;
        }
    }
    for group in &mut groups {
        group.types.sort();
    }
    groups.sort_by(|a, b| {
        // Clients ask for public names; those of Private Link are on the way only.
        let on_the_way =
            |effect: &Effect| effect.name.labels().any(|label| label.starts_with(b"privatelink"));
        let key = |group: &Group<'_>| {
            let Group { effect, .. } = group;
            (effect.verdict, !effect.exposed, on_the_way(effect), effect.class)
        };
        key(a).cmp(&key(b)).then_with(|| a.effect.name.cmp(&b.effect.name))
    });
    groups
}

/// Classes of names that fare alike, told together.
fn clusters<'g, 'c>(
    comparison: &Comparison<'_>,
    groups: &'g [Group<'c>],
) -> Vec<Vec<&'g Group<'c>>> {
    let mut clusters: Vec<Vec<&'g Group<'c>>> = Vec::new();
    let mut places = BTreeMap::new();
    for group in groups {
        let Group { effect, .. } = group;
        let decided = |view: &View<'_>| {
            let place = view.index().locate(&effect.name);
            let answer = resolve(view, &place, effect.record_type, &mut ());
            let zone = answer.zone().map(|zone| view.index().estate().zone_name(zone));
            format!("{} {zone:?}", answer.outcome.name())
        };
        if !effect.class.any_other {
            clusters.push(vec![group]);
            continue;
        }
        let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
        let key = (effect.class, &effect.vnets, on_the_way(effect), decided(&old), decided(&new));
        let place = *places.entry(key).or_insert_with(|| {
            clusters.push(Vec::new());
            clusters.len() - 1
        });
        clusters[place].push(group);
    }
    clusters
}

/// Whether clients meet a name only on the way of a chain.
fn on_the_way(effect: &Effect) -> bool {
    effect.name.labels().any(|label| label.starts_with(b"privatelink"))
}

/// What changes, worst first, and what was compared.
pub fn human(comparison: &Comparison<'_>) -> String {
    let groups = groups(comparison);
    let mut text = String::new();
    for verdict in [Verdict::Broken, Verdict::Changed, Verdict::Unknown, Verdict::Fixed] {
        let from = groups.partition_point(|group| group.effect.verdict < verdict);
        let to = groups.partition_point(|group| group.effect.verdict <= verdict);
        let here = clusters(comparison, &groups[from..to]);
        let shown = if verdict == Verdict::Unknown { SHOWN_UNKNOWN } else { SHOWN };
        for cluster in here.iter().take(shown) {
            text.push_str(&one(comparison, cluster));
        }
        if here.len() > shown {
            let more: usize = here[shown..].iter().map(Vec::len).sum();
            text.push_str(&format!("  … and {more} more {}\n", verdict.name()));
        }
    }
    text.push_str(&format!(
        "  = everything else that is known stays: compared {}, {} each, every record type\n",
        plural(comparison.vnets, "network", "networks"),
        plural(comparison.classes, "class of names", "classes of names"),
    ));
    for view in &comparison.before {
        if let Servers::Custom(address) = view.servers()
            && view.index().party(address) == Party::Unknown
        {
            let estate = view.index().estate();
            let vnets = view.vnets().iter().map(|&vnet| estate.vnet_name(vnet));
            text.push_str(&format!(
                "  {DOUBTFUL}?{DOUBTFUL:#} {} asks {address}, which is not modelled: its answers are \
                 unknown before and after\n",
                vnets.collect::<Vec<_>>().join(", ")
            ));
        }
    }
    for vnet in &comparison.unmatched {
        text.push_str(&format!("  {DOUBTFUL}?{DOUBTFUL:#} network {vnet} is on one side only\n"));
    }
    text
}

fn one(comparison: &Comparison<'_>, cluster: &[&Group<'_>]) -> String {
    let Group { effect, types } = cluster[0];
    let (sign, style) = match effect.verdict {
        Verdict::Broken => ("-", BAD),
        Verdict::Changed => ("~", DOUBTFUL),
        Verdict::Unknown => ("?", DOUBTFUL),
        Verdict::Fixed => ("+", GOOD),
    };
    let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
    let estate = old.index().estate();
    let vnets: Vec<String> = effect.vnets.iter().map(|pair| estate.vnet_name(pair.0)).collect();
    let types: Vec<String> = types.iter().map(ToString::to_string).collect();
    let endpoint = match effect.class.endpoint {
        None => "",
        Some(true) => ", with a private endpoint",
        Some(false) => ", without a private endpoint",
    };
    let name = match effect.class.any_other {
        false => effect.name.text(),
        true => {
            let parents = cluster.iter().take(2).map(|group| group.effect.name.parent().text());
            let more = match cluster.len() {
                0..=2 => String::new(),
                count => format!(" and {} more", count - 2),
            };
            format!("any other name below {}{more}", parents.collect::<Vec<_>>().join(", "))
        }
    };
    let exposed = if effect.exposed { "  (private → public)" } else { "" };
    let answer =
        |view: &View<'_>| brief(view, &view.index().locate(&effect.name), effect.record_type);
    format!(
        "  {style}{sign}{style:#} {name}{endpoint}  {}  from {}{exposed}\n      before  {}\n      after   {}\n",
        types.join(", "),
        vnets.join(", "),
        answer(&old),
        answer(&new)
    )
}

/// The counts of a comparison in a line.
pub fn counts(comparison: &Comparison<'_>) -> String {
    let EffectsSummaryV1 { broken, changed, fixed, unknown, .. } = summary(comparison);
    let style = if broken == 0 { GOOD } else { BAD };
    format!("{style}{broken} broken{style:#}, {changed} changed, {fixed} fixed, {unknown} unknown")
}

/// What was compared.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedV1 {
    vnets: usize,
    classes: usize,
    exhaustive: bool,
}

/// Counts of names and classes of names, whatever the type; `same` counts answers to every class in every network that stay.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct EffectsSummaryV1 {
    broken: usize,
    changed: usize,
    fixed: usize,
    unknown: usize,
    same: usize,
}

/// One effect.
#[derive(Clone, Debug, Serialize)]
pub struct EffectV1 {
    vnets: Vec<String>,
    name: String,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<bool>,
    #[serde(rename = "type")]
    record_type: String,
    verdict: &'static str,
    exposed: bool,
    before: ResolutionV1,
    after: ResolutionV1,
}

/// One step of a plan, with its own effects.
#[derive(Clone, Debug, Serialize)]
pub struct StepV1 {
    step: usize,
    title: String,
    summary: EffectsSummaryV1,
    effects: Vec<EffectV1>,
}

/// The report of `diff` and `plan`.
#[derive(Clone, Debug, Serialize)]
pub struct PlanV1 {
    schema_version: &'static str,
    command: &'static str,
    compared: ComparedV1,
    summary: EffectsSummaryV1,
    effects: Vec<EffectV1>,
    steps: Vec<StepV1>,
}

fn effects(comparison: &Comparison<'_>) -> Vec<EffectV1> {
    let one = |effect: &Effect| {
        let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
        let estate = old.index().estate();
        let pair = effect.vnets[0];
        let seen = |view: &View<'_>, vnet| {
            resolution(view, vnet, &view.index().locate(&effect.name), effect.record_type)
        };
        EffectV1 {
            vnets: effect.vnets.iter().map(|pair| estate.vnet_name(pair.0)).collect(),
            name: effect.name.to_string(),
            class: effect.class.name(),
            endpoint: effect.class.endpoint,
            record_type: effect.record_type.to_string(),
            verdict: effect.verdict.name(),
            exposed: effect.exposed,
            before: seen(&old, pair.0),
            after: seen(&new, pair.1),
        }
    };
    comparison.effects.iter().map(one).collect()
}

fn summary(comparison: &Comparison<'_>) -> EffectsSummaryV1 {
    let groups = groups(comparison);
    let count = |verdict| groups.iter().filter(|group| group.effect.verdict == verdict).count();
    let touched: usize = groups.iter().map(|group| group.effect.vnets.len()).sum();
    EffectsSummaryV1 {
        broken: count(Verdict::Broken),
        changed: count(Verdict::Changed),
        fixed: count(Verdict::Fixed),
        unknown: count(Verdict::Unknown),
        same: (comparison.vnets * comparison.classes).saturating_sub(touched),
    }
}

impl StepV1 {
    /// One step as JSON.
    pub fn new(step: usize, title: String, comparison: &Comparison<'_>) -> StepV1 {
        StepV1 { step, title, summary: summary(comparison), effects: effects(comparison) }
    }
}

impl PlanV1 {
    /// The whole as JSON; `comparison` is of the start and the end.
    pub fn new(command: &'static str, comparison: &Comparison<'_>, steps: Vec<StepV1>) -> PlanV1 {
        PlanV1 {
            schema_version: SCHEMA_VERSION,
            command,
            compared: ComparedV1 {
                vnets: comparison.vnets,
                classes: comparison.classes,
                exhaustive: true,
            },
            summary: summary(comparison),
            effects: effects(comparison),
            steps,
        }
    }
}
