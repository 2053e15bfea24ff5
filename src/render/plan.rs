//! Comparisons and plans, for people and as JSON.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::command;
use super::emit::{Check, checks};
use super::human::{brief, hops, list_vnets, plural};
use super::json::{ChangeV1, ResolutionV1, SCHEMA_VERSION, change, resolution};
use crate::estate::{Change, Estate, VnetId};
use crate::index::{Assumed, Assumption, Servers, View};
use crate::name::Name;
use crate::plan::{Advice, Class, Comparison, Effect, Kind, Tried, Verdict, Wait, cached, cause};
use crate::record::RecordType;
use crate::resolve::resolve;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// The most effects that are shown of one kind, and of those that nobody can tell;
/// JSON has all.
const SHOWN: usize = 40;
const SHOWN_UNKNOWN: usize = 3;

/// With more types than that, those that were asked for are told in a few words.
const MANY_TYPES: usize = 4;

/// The most changes that are told of those that take a step back.
const SHOWN_ROLLBACK: usize = 4;

/// Effects that differ in the type only, the most telling type first.
struct Group<'c> {
    effect: &'c Effect,
    types: Vec<RecordType>,
    /// What the worst of them advises.
    advice: Advice,
}

impl Group<'_> {
    /// What is told together: what stops a plan first, whatever it is, then the worst.
    fn section(&self) -> (bool, Verdict) {
        (self.advice != Advice::Stop, self.effect.verdict())
    }
}

/// What is told of a cluster, with all for whom it is so.
struct Told {
    head: String,
    who: Vec<String>,
    rest: String,
}

/// A name or class, and the networks or interfaces for which it fares alike.
type Subject<'c> = (&'c Name, Class, &'c [(VnetId, VnetId)], &'c [(u32, u32)]);

fn groups<'c>(comparison: &'c Comparison<'_>) -> Vec<Group<'c>> {
    let mut groups: Vec<Group<'c>> = Vec::new();
    // Addresses are what clients ask for, so their verdict stands for the name; but what is lost
    // of another type is a loss of its own.
    let key = |effect: &'c Effect| -> Subject<'c> {
        (&effect.name, effect.class, &effect.vnets[..], &effect.interfaces[..])
    };
    let lost = |effect: &Effect| effect.verdict() == Verdict::Broken;
    let addresses = comparison.effects.iter().filter(|one| one.record_type == RecordType::A);
    let lost_addresses: HashSet<Subject<'c>> = addresses.filter(|one| lost(one)).map(key).collect();
    let mut places: HashMap<(Subject<'c>, bool), usize> = HashMap::new();
    for effect in &comparison.effects {
        let subject = key(effect);
        let apart = lost(effect) && !lost_addresses.contains(&subject);
        let place = *places.entry((subject, apart)).or_insert_with(|| {
            groups.push(Group { effect, types: Vec::new(), advice: Advice::Go });
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.types.push(effect.record_type);
        group.advice = group.advice.max(effect.advice());
        if effect.record_type == RecordType::A {
            group.effect = effect;
        }
    }
    for group in &mut groups {
        group.types.sort();
    }
    // Clients ask for public names; those of Private Link are on the way only.
    groups.sort_by_cached_key(|group| {
        let Group { effect, advice, .. } = group;
        // Few of those that nobody can tell are shown.
        let look = (effect.verdict() == Verdict::Unknown).then_some(Reverse(*advice));
        let rank = (group.section(), look, effect.kind == Kind::Ttl, effect.on_the_way());
        (rank, effect.kind, effect.class, effect.name.clone())
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
        let clients = (&effect.vnets, &effect.interfaces);
        let form = (effect.on_the_way(), is_below_known(comparison, effect));
        let key = (effect.class, clients, form, decided(&old), decided(&new));
        let place = *places.entry(key).or_insert_with(|| {
            clusters.push(Vec::new());
            clusters.len() - 1
        });
        clusters[place].push(group);
    }
    clusters
}

/// How much of the effects is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// Every hop of both walks.
    pub trace: bool,
}

/// What changes, worst first, and what was compared; `changes` made it so.
pub fn human(comparison: &Comparison<'_>, changes: &[Change], detail: Detail) -> String {
    let groups = groups(comparison);
    let mut text = String::new();
    for groups in groups.chunk_by(|one, other| one.section() == other.section()) {
        let (goes_on, verdict) = groups[0].section();
        let most = if goes_on && verdict == Verdict::Unknown { SHOWN_UNKNOWN } else { SHOWN };
        let (shown, more) = told(comparison, &clusters(comparison, groups), changes, detail, most);
        for Told { head, who, rest } in shown {
            text.push_str(&format!("{head}  from {}{rest}", who.join(" and ")));
        }
        if more > 0 {
            text.push_str(&format!("  … and {more} more {}\n", verdict.name()));
        }
    }
    text.push_str(&format!(
        "  = everything else that is known stays: compared {}{} ({}), {}, every record type\n",
        plural(comparison.vnets, "network", "networks"),
        match comparison.interfaces {
            0 => String::new(),
            count => format!(
                " and {} with DNS servers of {} own",
                plural(count, "interface", "interfaces"),
                if count == 1 { "its" } else { "their" }
            ),
        },
        plural(comparison.views, "distinct view", "distinct views"),
        match (&comparison.reached, comparison.classes) {
            (Some(_), 0) => "no name of which leads to what changes".to_owned(),
            (Some(_), count) => format!(
                "{} that may lead to what changes",
                plural(count, "class of names", "classes of names")
            ),
            (None, count) => {
                format!("{} each", plural(count, "class of names", "classes of names"))
            }
        },
    ));
    for view in comparison.before.iter().take(comparison.network_views()) {
        if let Servers::Custom(address) = view.servers()
            && !view.party(address).is_modelled()
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
    for client in &comparison.unmatched {
        text.push_str(&format!("  {DOUBTFUL}?{DOUBTFUL:#} {client} is on one side only\n"));
    }
    text
}

/// The first `most` of what is to tell, and of how many names the rest is.
///
/// Interfaces that fare as a network does are told with it.
fn told(
    comparison: &Comparison<'_>,
    clusters: &[Vec<&Group<'_>>],
    changes: &[Change],
    detail: Detail,
    most: usize,
) -> (Vec<Told>, usize) {
    let mut told: Vec<Told> = Vec::new();
    let mut more = 0;
    for cluster in clusters {
        let full = told.len() == most;
        if full && cluster[0].effect.interfaces.is_empty() {
            more += cluster.len();
            continue;
        }
        let one = one(comparison, cluster, changes, detail);
        let same = |other: &&mut Told| (&other.head, &other.rest) == (&one.head, &one.rest);
        match told.iter_mut().find(same) {
            Some(other) => other.who.push(one.who.concat()),
            None if full => more += cluster.len(),
            None => told.push(one),
        }
    }
    (told, more)
}

fn one(
    comparison: &Comparison<'_>,
    cluster: &[&Group<'_>],
    changes: &[Change],
    detail: Detail,
) -> Told {
    let Group { effect, types, advice } = cluster[0];
    let (sign, style) = match effect.verdict() {
        Verdict::Broken => ("-", BAD),
        Verdict::Changed => ("~", DOUBTFUL),
        Verdict::Unknown => ("?", DOUBTFUL),
        Verdict::Fixed => ("+", GOOD),
    };
    let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
    let estate = old.index().estate();
    let vnets: Vec<VnetId> = effect.vnets.iter().map(|pair| pair.0).collect();
    let types = list_types(types, &comparison.types);
    let who = clients(estate, effect, &vnets);
    let endpoint = match effect.class.endpoint {
        None => "",
        Some(true) => ", with a private endpoint",
        Some(false) => ", without a private endpoint",
    };
    let remark = match effect.kind.remark() {
        _ if effect.in_gap => "  (as before the plan: public in between only)".to_owned(),
        _ if effect.hides_public() => "  (if public DNS has such names, they are lost)".to_owned(),
        _ if effect.hides_machines() => {
            "  (if a machine has such an address, the name that Azure gives it is lost)".to_owned()
        }
        _ if effect.kind == Kind::Unknown && *advice == Advice::Stop => {
            "  (the private answer is lost, whatever public DNS has)".to_owned()
        }
        "" => String::new(),
        remark => format!("  ({remark})"),
    };
    let head =
        format!("  {style}{sign}{style:#} {}{endpoint}  {types}", subject(comparison, cluster));
    let mut text = format!("{remark}\n");
    let place = |view: &View<'_>| view.index().locate(&effect.name);
    let answer = |view: &View<'_>| brief(view, &place(view), effect.record_type);
    for (head, view, vnet) in
        [("before", &old, effect.vnets[0].0), ("after ", &new, effect.vnets[0].1)]
    {
        text.push_str(&format!("      {head}  {}\n", answer(view)));
        if detail.trace {
            let hops = hops(view, vnet, &place(view), effect.record_type);
            hops.lines().for_each(|line| text.push_str(&format!("        {line}\n")));
        }
    }
    if changes.len() > 1
        && let Some(change) = cause(comparison, effect, changes)
    {
        let told = command::title(new.index().estate(), &changes[change]);
        text.push_str(&format!("      because {told}\n"));
    }
    if !effect.assumed.is_empty() {
        text.push_str(&format!("      assumes {}\n", assumptions(effect.assumed).join(", ")));
    }
    if !effect.class.any_other {
        let kept = cached(&old, &place(&old), effect.record_type);
        if let Some(seconds) = kept.seconds {
            text.push_str(&format!("      caches  keep the old answer for up to {seconds} s\n"));
        }
    }
    Told { head, who: vec![who], rest: text }
}

/// What Azure does not document and the comparison rests on, a line each.
pub fn assumes(assumptions: &[Assumption]) -> String {
    let line = |one: &Assumption| {
        let doc = one.doc();
        format!("  assumes   {} ({})\n", doc.name, doc.question)
    };
    assumptions.iter().map(line).collect()
}

/// The names of assumptions.
fn assumptions(assumed: Assumed) -> Vec<&'static str> {
    assumed.iter().map(|one| one.doc().name).collect()
}

/// The types of a group; a few words where they are all that were asked for.
fn list_types(types: &[RecordType], asked: &[RecordType]) -> String {
    let alias = types.contains(&RecordType::Cname);
    let names: Vec<String> = types.iter().map(ToString::to_string).collect();
    match asked.len() - types.len() {
        0 if types.len() > MANY_TYPES => "every type".to_owned(),
        1 if types.len() > MANY_TYPES && !alias => "every type but CNAME".to_owned(),
        _ => names.join(", "),
    }
}

/// The networks of an effect, or the interfaces where it is they alone.
fn clients(estate: &Estate, effect: &Effect, vnets: &[VnetId]) -> String {
    if effect.interfaces.is_empty() {
        return list_vnets(estate, vnets);
    }
    let names: Vec<&str> = interfaces(estate, effect).collect();
    let noun = if names.len() == 1 { "interface" } else { "interfaces" };
    format!("{noun} {} in {}", names.join(", "), list_vnets(estate, vnets))
}

fn interfaces<'e>(estate: &'e Estate, effect: &'e Effect) -> impl Iterator<Item = &'e str> {
    effect.interfaces.iter().map(|pair| estate.interfaces[pair.0 as usize].name.as_str())
}

/// Whether an effect is about unlisted names below one that is known; else what stands for
/// them shares only its end with known names.
fn is_below_known(comparison: &Comparison<'_>, effect: &Effect) -> bool {
    let parent = effect.name.parent();
    [&comparison.before, &comparison.after].iter().any(|views| {
        let names = views.first().map(|view| &view.index().estate().names);
        names.is_some_and(|names| names.get(&parent).is_some())
    })
}

/// The names of resources that nobody lists: `<any other name>.<any other region>.…`.
fn pattern(name: &Name) -> String {
    let labels = name.labels().map(|label| {
        let text = String::from_utf8_lossy(label);
        match text.strip_prefix("any-other-") {
            Some(what) => format!("<any other {what}>"),
            None => text.into_owned(),
        }
    });
    labels.collect::<Vec<_>>().join(".")
}

/// The names that a cluster is about: whole subtrees by their top.
fn subject(comparison: &Comparison<'_>, cluster: &[&Group<'_>]) -> String {
    let first = cluster[0].effect;
    if !first.class.any_other {
        return first.name.text();
    }
    let more = |count: usize| match count {
        0..=2 => String::new(),
        count => format!(" and {} more", count - 2),
    };
    let list = |texts: &[String]| {
        format!(
            "{}{}",
            texts.iter().take(2).cloned().collect::<Vec<_>>().join(", "),
            more(texts.len())
        )
    };
    if !is_below_known(comparison, first) {
        let names: Vec<String> = cluster.iter().map(|group| pattern(&group.effect.name)).collect();
        return list(&names);
    }
    let parents: BTreeSet<Name> = cluster.iter().map(|group| group.effect.name.parent()).collect();
    let covered = |name: &Name| {
        let mut above = name.clone();
        while !above.is_root() {
            above = above.parent();
            if parents.contains(&above) {
                return true;
            }
        }
        false
    };
    let tops: Vec<String> = parents.iter().filter(|name| !covered(name)).map(Name::text).collect();
    let all = if parents.len() > tops.len() { "all unlisted names" } else { "any other name" };
    format!("{all} below {}", list(&tops))
}

/// The counts of a comparison in a line.
pub fn counts(comparison: &Comparison<'_>) -> String {
    let EffectsSummaryV1 { broken, changed, fixed, unknown, .. } = summary(comparison);
    let style = if broken == 0 { GOOD } else { BAD };
    format!("{style}{broken} broken{style:#}, {changed} changed, {fixed} fixed, {unknown} unknown")
}

/// One step of a plan: what it does, how it is taken back, and whether to take it.
pub fn step(number: usize, tried: &Tried<'_>, detail: Detail) -> String {
    let Tried { step, comparison, .. } = tried;
    let mut text = format!("step {number}  {}\n  {}\n", step.title, counts(comparison));
    text.push_str(&human(comparison, &step.changes, detail));
    for remark in &step.remarks {
        let head = if remark.look { "look" } else { "note" };
        text.push_str(&format!("  {head}      {}\n", remark.text));
    }
    for doubt in tried.unknowns() {
        text.push_str(&format!("  look      {doubt}\n"));
    }
    text.push_str(&assumes(&tried.assumptions()));
    for line in rollback(tried) {
        text.push_str(&format!("  rollback  {line}\n"));
    }
    text.push_str(&format!("  {}\n\n", verdict(tried)));
    text
}

/// What takes a step back, in words, last change first.
fn rollback(tried: &Tried<'_>) -> Vec<String> {
    let (Some(old), Some(new)) = (tried.comparison.before.first(), tried.comparison.after.first())
    else {
        return Vec::new();
    };
    let (old, new) = (old.index().estate(), new.index().estate());
    let back = tried.step.changes.iter().rev().map(|change| match old.inverse(change) {
        Some(back) => back.iter().map(|one| command::title(new, one)).collect(),
        None => vec![format!("none: {} cannot be taken back", command::title(old, change))],
    });
    let lines: Vec<String> = back.flatten().collect();
    match lines.len() {
        0..=SHOWN_ROLLBACK => lines,
        count => {
            let more = count - SHOWN_ROLLBACK;
            let shown = lines.into_iter().take(SHOWN_ROLLBACK);
            shown.chain([format!("… and {more} more; `--emit` writes all of them")]).collect()
        }
    }
}

/// GO, WAIT, LOOK or STOP, and why.
pub fn verdict(tried: &Tried<'_>) -> String {
    let wait = waiting(&tried.wait);
    match (tried.advice(), &wait) {
        (Advice::Stop, _) => {
            let stops = || tried.comparison.effects.iter().filter(|e| e.advice() == Advice::Stop);
            let why = match stops().all(|effect| effect.kind == Kind::Astray) && stops().count() > 0
            {
                true => "a known name leads to another address than its endpoint's",
                false => "a known name is lost",
            };
            format!("{BAD}STOP{BAD:#}: {why}")
        }
        (Advice::Look, wait) => {
            let lost = tried.comparison.effects.iter().any(|effect| {
                effect.advice() == Advice::Look && effect.verdict() == Verdict::Broken
            });
            let hides = |hides: fn(&Effect) -> bool| {
                let looks = |effect: &&Effect| effect.advice() == Advice::Look;
                tried.comparison.effects.iter().filter(looks).any(hides)
            };
            let reason = match lost {
                true => "unlisted names are lost",
                false if hides(Effect::hides_public) => {
                    "unlisted names are NXDOMAIN then, and what public DNS has for them nobody \
                     recorded"
                }
                false if hides(Effect::hides_machines) => {
                    "the zone takes the place of the network's own reverse names, and not every \
                     machine was exported"
                }
                false => "a known name ends public, elsewhere or unknown, or a remark says more",
            };
            let wait = wait.as_ref().map(|wait| format!("; then {wait}")).unwrap_or_default();
            format!("{DOUBTFUL}LOOK{DOUBTFUL:#}: {reason}{wait}")
        }
        (Advice::Go, None) => format!("{GOOD}GO{GOOD:#}"),
        (Advice::Go, Some(wait)) => format!("{GOOD}GO{GOOD:#}, then {wait}"),
    }
}

/// `WAIT hh:mm`, and what for.
fn waiting(wait: &Wait) -> Option<String> {
    let mut reasons = Vec::new();
    if wait.caches > 0 {
        reasons.push(format!("caches keep old answers for up to {} s", wait.caches));
    }
    if wait.unstated {
        reasons.push("some are kept for a time that nobody stated".to_owned());
    }
    if wait.links {
        reasons.push("until the link is `Completed`, which takes a few minutes".to_owned());
    }
    if wait.leases {
        reasons.push("clients learn of servers when they renew their lease".to_owned());
    }
    let minutes = wait.caches.div_ceil(60);
    let time = match minutes {
        // Nobody says how long.
        0 => "WAIT".to_owned(),
        minutes => format!("WAIT {:02}:{:02}", minutes / 60, minutes % 60),
    };
    (!reasons.is_empty()).then(|| format!("{time}: {}", reasons.join("; ")))
}

/// What was compared.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedV1 {
    vnets: usize,
    interfaces: usize,
    views: usize,
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

/// How long caches keep an answer.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CachedV1 {
    seconds: Option<u32>,
    negative: bool,
    unstated: bool,
}

/// One effect; `cause` is the place of a change in its step, from 1.
#[derive(Clone, Debug, Serialize)]
pub struct EffectV1 {
    vnets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    interfaces: Vec<String>,
    name: String,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<bool>,
    #[serde(rename = "type")]
    record_type: String,
    verdict: &'static str,
    kind: &'static str,
    advice: &'static str,
    exposed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<usize>,
    /// What one of the two answers rests on, the other one not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumptions: Vec<&'static str>,
    cached: CachedV1,
    before: ResolutionV1,
    after: ResolutionV1,
}

/// What to wait for after a step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WaitV1 {
    cache_seconds: u32,
    unstated: bool,
    links: bool,
    leases: bool,
}

/// One step of a plan, with its own effects.
#[derive(Clone, Debug, Serialize)]
pub struct StepV1 {
    step: usize,
    title: String,
    advice: &'static str,
    wait: WaitV1,
    changes: Vec<ChangeV1>,
    rollback: Vec<ChangeV1>,
    remarks: Vec<String>,
    assumptions: Vec<&'static str>,
    checks: Vec<CheckV1>,
    summary: EffectsSummaryV1,
    effects: Vec<EffectV1>,
}

/// What to ask after a step, from where, and what has to come.
#[derive(Clone, Debug, Serialize)]
pub struct CheckV1 {
    vnets: String,
    command: String,
    expected: String,
}

impl From<Check> for CheckV1 {
    fn from(Check { vnets, command, expected }: Check) -> CheckV1 {
        CheckV1 { vnets, command, expected }
    }
}

/// The report of `diff`, `plan` and `migrate`.
#[derive(Clone, Debug, Serialize)]
pub struct PlanV1 {
    schema_version: &'static str,
    command: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<String>,
    #[serde(flatten)]
    migration: Option<MigrationV1>,
    compared: ComparedV1,
    summary: EffectsSummaryV1,
    assumptions: Vec<&'static str>,
    effects: Vec<EffectV1>,
    steps: Vec<StepV1>,
}

/// What `migrate` says beside its steps.
#[derive(Clone, Debug, Serialize)]
pub struct MigrationV1 {
    /// How things stand, a sentence each.
    pub today: Vec<String>,
    /// What has to be decided first, a sentence each.
    pub open: Vec<String>,
}

fn effects(comparison: &Comparison<'_>, changes: &[Change]) -> Vec<EffectV1> {
    let one = |effect: &Effect| {
        let (old, new) = (comparison.view_before(effect), comparison.view_after(effect));
        let estate = old.index().estate();
        let pair = effect.vnets[0];
        let seen = |view: &View<'_>, vnet| {
            resolution(view, vnet, &view.index().locate(&effect.name), effect.record_type)
        };
        let kept = cached(&old, &old.index().locate(&effect.name), effect.record_type);
        EffectV1 {
            vnets: effect.vnets.iter().map(|pair| estate.vnet_name(pair.0)).collect(),
            interfaces: interfaces(estate, effect).map(str::to_owned).collect(),
            name: effect.name.to_string(),
            class: effect.class.name(),
            endpoint: effect.class.endpoint,
            record_type: effect.record_type.to_string(),
            verdict: effect.verdict().name(),
            kind: effect.kind.name(),
            advice: effect.advice().name(),
            exposed: effect.exposed(),
            cause: cause(comparison, effect, changes).map(|at| at + 1),
            assumptions: assumptions(effect.assumed),
            cached: CachedV1 {
                seconds: kept.seconds,
                negative: kept.negative,
                unstated: kept.unstated,
            },
            before: seen(&old, pair.0),
            after: seen(&new, pair.1),
        }
    };
    comparison.effects.iter().map(one).collect()
}

fn summary(comparison: &Comparison<'_>) -> EffectsSummaryV1 {
    let groups = groups(comparison);
    let subject =
        |group: &Group<'_>| (group.effect.name.clone(), group.effect.class, group.effect.verdict());
    let is_whole = |group: &&Group<'_>| group.effect.interfaces.is_empty();
    // An interface that fares as a network does is no name more.
    let networks: HashSet<_> = match comparison.interfaces {
        0 => HashSet::new(),
        _ => groups.iter().filter(is_whole).map(subject).collect(),
    };
    let counted = |group: &&Group<'_>| is_whole(group) || !networks.contains(&subject(group));
    let count = |verdict| {
        groups.iter().filter(counted).filter(|group| group.effect.verdict() == verdict).count()
    };
    let whole = groups.iter().filter(is_whole);
    let touched: usize = whole.map(|group| group.effect.vnets.len()).sum();
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
    pub fn new(step: usize, tried: &Tried<'_>) -> StepV1 {
        let Tried { step: facts, comparison, wait, .. } = tried;
        let remarks = facts.remarks.iter().map(|remark| remark.text.clone());
        let remarks = remarks.chain(tried.unknowns());
        let estates = comparison.before.first().zip(comparison.after.first());
        let estates = estates.map(|(old, new)| (old.index().estate(), new.index().estate()));
        let (changes, rollback) = estates
            .map(|(old, new)| {
                let back = facts.changes.iter().rev().filter_map(|one| old.inverse(one)).flatten();
                let back = back.map(|one| change(new, &one)).collect();
                (facts.changes.iter().map(|one| change(old, one)).collect(), back)
            })
            .unwrap_or_default();
        StepV1 {
            step,
            title: facts.title.clone(),
            advice: tried.advice().name(),
            wait: WaitV1 {
                cache_seconds: wait.caches,
                unstated: wait.unstated,
                links: wait.links,
                leases: wait.leases,
            },
            changes,
            rollback,
            remarks: remarks.collect(),
            assumptions: tried.assumptions().iter().map(|one| one.doc().name).collect(),
            checks: checks(tried, usize::MAX).into_iter().map(CheckV1::from).collect(),
            summary: summary(comparison),
            effects: effects(comparison, &facts.changes),
        }
    }
}

impl PlanV1 {
    /// The whole as JSON; `comparison` is of the start and the end.
    pub fn new(command: &'static str, comparison: &Comparison<'_>, steps: Vec<StepV1>) -> PlanV1 {
        PlanV1 {
            schema_version: SCHEMA_VERSION,
            command,
            doubts: Vec::new(),
            migration: None,
            compared: ComparedV1::new(comparison),
            summary: summary(comparison),
            assumptions: assumptions(comparison.assumed()),
            effects: effects(comparison, &[]),
            steps,
        }
    }

    /// The same with what was not read of what differs, a sentence each.
    pub fn doubting(self, doubts: Vec<String>) -> PlanV1 {
        PlanV1 { doubts, ..self }
    }

    /// The same with what `migrate` says beside the steps.
    pub fn of_move(self, migration: MigrationV1) -> PlanV1 {
        PlanV1 { migration: Some(migration), ..self }
    }
}

impl ComparedV1 {
    fn new(comparison: &Comparison<'_>) -> ComparedV1 {
        ComparedV1 {
            vnets: comparison.vnets,
            interfaces: comparison.interfaces,
            views: comparison.views,
            classes: comparison.classes,
            exhaustive: true,
        }
    }
}

/// The report of `uses`.
#[derive(Clone, Debug, Serialize)]
pub struct UsesV1 {
    schema_version: &'static str,
    command: &'static str,
    thing: String,
    decides: &'static str,
    asked_by: Vec<String>,
    doubts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<ComparedV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<EffectsSummaryV1>,
    assumptions: Vec<&'static str>,
    effects: Vec<EffectV1>,
}

impl UsesV1 {
    /// Of a DNS server or inbound endpoint: who asks it, and who may.
    pub fn of_listener(thing: &str, asked_by: Vec<String>, doubts: Vec<String>) -> UsesV1 {
        UsesV1 {
            schema_version: SCHEMA_VERSION,
            command: "uses",
            thing: thing.to_owned(),
            decides: decides(!asked_by.is_empty(), !doubts.is_empty()),
            asked_by,
            doubts,
            compared: None,
            summary: None,
            assumptions: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Of anything else: what changes without it.
    pub fn new(thing: &str, tried: &Tried<'_>, doubts: Vec<String>) -> UsesV1 {
        let Tried { comparison, step, .. } = tried;
        UsesV1 {
            decides: decides(!comparison.effects.is_empty(), !doubts.is_empty()),
            compared: Some(ComparedV1::new(comparison)),
            summary: Some(summary(comparison)),
            assumptions: tried.assumptions().iter().map(|one| one.doc().name).collect(),
            effects: effects(comparison, &step.changes),
            ..UsesV1::of_listener(thing, Vec::new(), doubts)
        }
    }
}

/// The word for what a thing decides.
fn decides(something: bool, doubted: bool) -> &'static str {
    match (something, doubted) {
        (true, _) => "something",
        (false, true) => "unknown",
        (false, false) => "nothing",
    }
}
