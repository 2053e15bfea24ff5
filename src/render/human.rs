//! Reports for people.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::net::SocketAddr;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use super::uncertain::uncertain;
use super::wrap::fold;
use super::{command, locate};
pub use crate::check::plural;
use crate::check::{Context, Finding, Judged, Judgement, Severity, Trial};
use crate::estate::{
    Asking, BLOCKED, BlockResponse, Change, DOCUMENTATION, Estate, Origin, PublicFact, ServerKind,
    VnetId, ZoneId,
};
use crate::index::{
    AZURE_DNS, Assumed, Basis, Claim, Evidence, Found, Index, Party, Place, PolicyRef, RuleRef,
    Servers, View,
};
use crate::name::{Name, NameId};
use crate::record::RecordType;
use crate::resolve::{
    Actor, Answer, Asked, Decider, Gap, Hop, HopResult, LinkState, Outcome, Reach, Trace, Way,
    alternatives, behind_rules, hidden_behind, passed_over, resolve, shown_target, ways,
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// The most networks that are named one by one.
const NAMED_VNETS: usize = 12;

/// The most places that are shown of one finding; JSON has all.
const SHOWN_PLACES: usize = 5;

/// The most commands that are shown of one remedy.
const SHOWN_COMMANDS: usize = 2;

/// The most names that are shown of what a remedy breaks.
const SHOWN_NAMES: usize = 3;

/// How much of a line an excerpt shows where there is no terminal to fit.
const EXCERPT_WIDTH: usize = 160;

/// Networks by name, the first ones of many.
pub fn list_vnets(estate: &Estate, vnets: &[VnetId]) -> String {
    let mut text: Vec<String> =
        vnets.iter().take(NAMED_VNETS).map(|&vnet| estate.vnet_name(vnet)).collect();
    if vnets.len() > NAMED_VNETS {
        text.push(format!("{} more", vnets.len() - NAMED_VNETS));
    }
    text.join(", ")
}

/// Networks and interfaces (by place) by name, the first ones of many.
pub(super) fn list_clients(estate: &Estate, vnets: &[VnetId], interfaces: &[u32]) -> String {
    let networks = (!vnets.is_empty()).then(|| list_vnets(estate, vnets));
    let shown = interfaces.iter().take(NAMED_VNETS).map(|&at| estate.interface_name(at));
    let more = interfaces.len().saturating_sub(NAMED_VNETS);
    let more = (more > 0).then(|| format!("{more} more interfaces"));
    networks.into_iter().chain(shown).chain(more).collect::<Vec<_>>().join(", ")
}

/// One finding: its place, the place that explains it, what a client gets and why,
/// and what to do; `width` is the terminal's.
pub fn finding(context: &Context<'_>, judged: &Judged, width: Option<u16>) -> String {
    let (estate, finding) = (context.estate(), &judged.finding);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // What stands before the message: `error[unlinked-zone]: `.
    let head = finding.severity.name().len() + finding.rule.name.len() + "[]: ".len();
    let title = match width {
        Some(width) => fold(&finding.message, usize::from(width).saturating_sub(head).max(30), 0),
        None => finding.message.clone(),
    };
    let mut group: Group<'_> = Group::with_title(level.primary_title(title).id(finding.rule.name));
    for (at, place) in finding.places.iter().take(SHOWN_PLACES).enumerate() {
        let located = locate(estate, place.origin);
        let kind = match at {
            0 => AnnotationKind::Primary,
            _ => AnnotationKind::Context,
        };
        group = group.element(
            Snippet::source(located.text)
                .line_start(located.line)
                .path(located.path)
                .annotation(kind.span(located.span).label(&place.label)),
        );
    }
    // What stands before a sentence: ` = networks: ` and the width of line numbers.
    const MARGIN: usize = 16;
    let fit = |text: String| match width {
        Some(width) => fold(&text, usize::from(width).max(60) - MARGIN, 0),
        None => text,
    };
    let label = |name: &'static str| Level::NOTE.with_name(Some(name));
    if finding.places.len() > SHOWN_PLACES {
        let more = plural(finding.places.len() - SHOWN_PLACES, "place", "places");
        group = group.element(label("and").message(format!("{more} more")));
    }
    // What a client gets comes first, then why.
    if let Some(witness) = finding.witness
        && let Some(view) = context.view_of(witness.vnet)
    {
        let name = Place::Known(witness.name);
        let mut trace = Trace::default();
        let answer = resolve(view, &name, witness.record_type, &mut trace);
        let index = context.index();
        group = group.element(label("client").message(fit(format!(
            "{} {} from {} gets {}",
            index.name(&name).text(),
            witness.record_type,
            estate.vnet_name(witness.vnet),
            plain(&answer_line(view, &name, witness.record_type, &answer, &trace)),
        ))));
        let why = walk(view, &trace);
        if !why.is_empty() {
            group = group.element(label("why").message(fit(why)));
        }
        if !answer.assumed.is_empty() {
            group = group.element(label("assumes").message(fit(assumptions(answer.assumed))));
        }
    }
    if !finding.vnets.is_empty() {
        let vnets = list_vnets(estate, &finding.vnets);
        group = group.element(label("networks").message(fit(vnets)));
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(fit(note.clone())));
    }
    let help = finding.help.iter().cloned().map(fit).chain(suggested(estate, judged));
    let help = help.collect::<Vec<_>>().join("\n");
    if !help.is_empty() {
        group = group.element(Level::HELP.message(help));
    }
    if let Some(trial) = &judged.trial {
        group = group.element(label("tried").message(fit(tried(trial))));
    }
    let renderer = match width {
        Some(width) => Renderer::styled().term_width(width.max(40).into()),
        // Off a terminal no message is cut, but an export may be one line of megabytes.
        None => Renderer::styled().term_width(EXCERPT_WIDTH),
    };
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// The commands of the remedy; of many those of the first change stand for all. What is refused or does
/// harm has none: it is not to be run.
fn suggested(estate: &Estate, judged: &Judged) -> Vec<String> {
    if judged.trial.as_ref().is_some_and(|trial| !trial.is_harmless()) {
        return Vec::new();
    }
    let remedy = &judged.finding.remedy;
    let lines = |changes: &mut dyn Iterator<Item = &Change>| -> Vec<String> {
        let mut lines: Vec<String> =
            changes.flat_map(|change| command::commands(estate, change)).collect();
        // What is taken away before another type takes its place is in the commands of both.
        lines.dedup();
        lines
    };
    let all = lines(&mut remedy.iter());
    let spots: BTreeSet<Spot> = remedy.iter().map(spot).collect();
    if all.len() <= SHOWN_COMMANDS || spots.len() == 1 {
        return all;
    }
    // What is done at one spot belongs together: half of it may be worse than nothing.
    let first = spot(&remedy[0]);
    let (here, rest): (Vec<&Change>, Vec<&Change>) =
        remedy.iter().partition(|change| spot(change) == first);
    let alike =
        |change: &&Change| here.iter().any(|one| discriminant(*one) == discriminant(*change));
    let what = match rest.iter().all(alike) {
        true => format!("{} like it", plural(spots.len() - 1, "change", "changes")),
        false => plural(spots.len() - 1, "more change", "more changes"),
    };
    let mut commands = lines(&mut here.into_iter());
    commands.push(format!("# and {what}; --format json has them"));
    commands
}

/// What a change is made at: the zone, and the owner or network in it.
type Spot = (Option<ZoneId>, Option<NameId>, Option<VnetId>);

fn spot(change: &Change) -> Spot {
    match change {
        Change::Put { zone, owner, .. } | Change::Remove { zone, owner, .. } => {
            (Some(*zone), Some(*owner), None)
        }
        Change::Link { zone, vnet, .. }
        | Change::Unlink { zone, vnet }
        | Change::SetPolicy { zone, vnet, .. } => (Some(*zone), None, Some(*vnet)),
        _ => (None, None, None),
    }
}

/// What came of trying a remedy, in a sentence.
pub fn tried(trial: &Trial) -> String {
    let (ends, mended, changed, exposed, lost, unlisted) = match trial {
        Trial::Refused(why) => return format!("Azure would refuse it: {why}"),
        Trial::Doubtful(why) => return format!("nobody can say what it does: {why}"),
        Trial::Untried => {
            return "no, the estate is too large to do it in passing; `privdns plan` tries it"
                .to_owned();
        }
        Trial::Tried { ends, mended, changed, exposed, lost, unlisted } => {
            (ends, mended, changed, exposed, lost, unlisted)
        }
    };
    let some = |names: &[Name]| {
        let shown: Vec<String> =
            names.iter().take(SHOWN_NAMES).map(|name| format!("`{}`", name.text())).collect();
        match names.len().checked_sub(SHOWN_NAMES) {
            Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
            _ => shown.join(", "),
        }
    };
    let mut parts =
        vec![if *ends { "ends this" } else { "is a part of the way; this stays" }.to_owned()];
    if !mended.is_empty() {
        parts.push(format!("{} an answer", plural(mended.len(), "name gets", "names get")));
    }
    if !changed.is_empty() {
        parts.push(format!(
            "{} another answer, or the same in another way",
            plural(changed.len(), "name gets", "names get")
        ));
    }
    if !lost.is_empty() {
        parts.push(format!("but breaks {}", some(lost)));
    }
    if !exposed.is_empty() {
        parts.push(format!("but sends {} to a public address", some(exposed)));
    }
    if *unlisted {
        parts.push("but names that nobody lists are lost there".to_owned());
    }
    if trial.is_harmless() && !trial.loses_unlisted() {
        let else_ = if mended.is_empty() && changed.is_empty() { "no" } else { "no other" };
        parts.push(format!("{else_} answer changes"));
    }
    parts.join("; ")
}

/// A finding in plain sentences: the message, for whom, what follows and what to do.
pub fn paragraphs(context: &Context<'_>, judged: &Judged) -> Vec<String> {
    let (estate, finding) = (context.estate(), &judged.finding);
    let mut text = vec![finding.message.clone()];
    text.extend(client(context, finding));
    if !finding.vnets.is_empty() {
        text.push(format!("networks: {}", list_vnets(estate, &finding.vnets)));
    }
    text.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    text.extend(finding.help.iter().map(|help| format!("help: {help}")));
    text.extend(suggested(estate, judged));
    text.extend(judged.trial.iter().map(|trial| format!("tried: {}", tried(trial))));
    text
}

/// What a client gets, by the question that shows a finding.
fn client(context: &Context<'_>, finding: &Finding) -> Option<String> {
    let witness = finding.witness?;
    let view = context.view_of(witness.vnet)?;
    let name = Place::Known(witness.name);
    let mut trace = Trace::default();
    let answer = resolve(view, &name, witness.record_type, &mut trace);
    Some(format!(
        "client: {} {} from {} gets {}",
        context.index().name(&name).text(),
        witness.record_type,
        context.estate().vnet_name(witness.vnet),
        plain(&answer_line(view, &name, witness.record_type, &answer, &trace)),
    ))
}

/// Text without colours.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// The hops of a walk in one line, after the question itself.
fn walk(view: &View<'_>, trace: &Trace) -> String {
    let index = view.index();
    let estate = index.estate();
    let mut steps = Vec::new();
    for hop in &trace.hops {
        match (&hop.asked, &hop.said) {
            (Asked::Zone(claim), said) => {
                let zone = estate.zone_name(claim.zone());
                let name = index.name(&hop.name).text();
                steps.push(match said {
                    HopResult::Alias(target, _) => format!(
                        "zone {zone} has {name} as an alias of {}",
                        index.name(target).text()
                    ),
                    HopResult::Set(_) => format!("zone {zone} has {name}"),
                    HopResult::NoData => format!("zone {zone} has {name} without that type"),
                    HopResult::NxDomain => format!("zone {zone} claims {name} and lacks it"),
                    _ => format!("zone {zone} claims {name}"),
                });
            }
            (Asked::Public(_), HopResult::Alias(target, _)) => {
                steps.push(format!("public alias {}", index.name(target).text()));
            }
            (Asked::Redirected(_), _) => {
                steps.push("the link redirects to public DNS".to_owned());
            }
            (_, HopResult::Forwarded(address, party)) => {
                steps.push(format!("asked {}", party_text(estate, *address, *party)));
            }
            (Asked::Own(zone), _) => {
                let name = index.name(&hop.name).text();
                steps.push(format!("its zone {} is asked for {name}", estate.zone_name(*zone)));
            }
            _ => {}
        }
    }
    steps.join(" → ")
}

fn assumptions(assumed: Assumed) -> String {
    let list: Vec<String> = assumed
        .iter()
        .map(|one| {
            let doc = one.doc();
            format!("{} ({})", doc.name, doc.question)
        })
        .collect();
    list.join("; ")
}

/// How many findings there are, and how many were taken out.
pub fn counts(judgement: &Judgement) -> String {
    let count = |severity| judgement.count(severity);
    let mut text = format!(
        "{}, {}, {}",
        plural(count(Severity::Error), "error", "errors"),
        plural(count(Severity::Warning), "warning", "warnings"),
        plural(count(Severity::Note), "note", "notes"),
    );
    if judgement.ignored > 0 {
        text.push_str(&format!(", {} ignored", judgement.ignored));
    }
    if !judgement.known.is_empty() {
        text.push_str(&format!(", {} in the baseline", judgement.known.len()));
    }
    text
}

/// What was looked at and what was found, and what could not be.
pub fn summary(context: &Context<'_>, judgement: &Judgement) -> String {
    let estate = context.estate();
    let style = match (judgement.count(Severity::Error), judgement.count(Severity::Warning)) {
        (0, 0) => GOOD,
        (0, _) => DOUBTFUL,
        _ => BAD,
    };
    let inputs = estate.inputs.iter().filter(|input| input.kind != DOCUMENTATION);
    let mut text = format!(
        "{style}{}{style:#} in {}: {}, {} with {} and {}\n",
        counts(judgement),
        plural(inputs.count(), "input", "inputs"),
        plural(estate.vnets.len(), "network", "networks"),
        plural(estate.zones.len(), "zone", "zones"),
        plural(estate.record_set_count(), "record set", "record sets"),
        plural(
            estate.zones.iter().map(|zone| zone.links.len()).sum(),
            "virtual network link",
            "virtual network links"
        ),
    );
    let services = context.index().services().len();
    let own = estate.interfaces.iter().filter(|one| !one.servers.is_empty()).count();
    let own = match own {
        0 => String::new(),
        _ => format!(
            ", and by {} with DNS servers of {} own",
            plural(own, "interface", "interfaces"),
            if own == 1 { "its" } else { "their" }
        ),
    };
    text.push_str(&format!(
        "{} with a private endpoint asked for in every network ({}){own}\n",
        plural(services, "name", "names"),
        plural(context.views().len(), "distinct view", "distinct views"),
    ));
    for gap in uncertain(context) {
        text.push_str(&format!("{DOUBTFUL}not certain{DOUBTFUL:#}: {gap}\n"));
    }
    text
}

/// The question, and the networks and interfaces (by place) that it is asked from.
pub fn question(
    index: &Index,
    vnets: &[VnetId],
    interfaces: &[u32],
    name: &Place,
    record_type: RecordType,
) -> String {
    let estate = index.estate();
    let vnets = list_clients(estate, vnets, interfaces);
    let name = index.name(name).text();
    format!("{BOLD}{name}{BOLD:#} {record_type} from {BOLD}{vnets}{BOLD:#}\n")
}

/// The whole walk; `vnet` is whose links are shown.
pub fn hops(view: &View<'_>, vnet: VnetId, name: &Place, record_type: RecordType) -> String {
    let mut trace = Trace::default();
    resolve(view, name, record_type, &mut trace);
    let hops = &trace.hops;
    // It got an alias from those whom it asked, and no more that it takes from them.
    let takes_alias = |at: usize| {
        let before = at.checked_sub(1).map(|before| &hops[before]);
        matches!(hops[at].by, Actor::Server(_))
            && before.is_some_and(|before| {
                before.by != hops[at].by && matches!(before.said, HopResult::Alias(..))
            })
    };
    let lines = |(at, hop)| hop_lines(view, vnet, at, hop, takes_alias(at));
    hops.iter().enumerate().map(lines).collect()
}

/// The answer, who decided it, what is hidden behind it and what it assumes;
/// the same text for all networks that get the same answer in the same way.
pub fn answer(view: &View<'_>, name: &Place, record_type: RecordType, chain: bool) -> String {
    let index = view.index();
    let estate = index.estate();
    let mut trace = Trace::default();
    let answer = resolve(view, name, record_type, &mut trace);
    let mut text = String::new();
    let mut line = |head: &str, body: &str| text.push_str(&format!("  {head:<9} {body}\n"));
    line("answer", &answer_line(view, name, record_type, &answer, &trace));
    if chain {
        let chain: Vec<String> = trace
            .hops
            .iter()
            .filter_map(|hop| match &hop.said {
                HopResult::Alias(target, _) => Some(index.name(target).text()),
                _ => None,
            })
            .collect();
        if !chain.is_empty() {
            line("chain", &chain.join(" → "));
        }
    }
    line("decided", &decided(view, &answer, &trace));
    if let Some(settled) = settled_by(view, name, &answer, &trace) {
        line("settled", &format!("by {settled}"));
    }
    for Way { when, view, .. } in ways(view, &answer).into_iter().flatten() {
        let mut trace = Trace::default();
        let other = resolve(&view, name, record_type, &mut trace);
        let other = answer_line(&view, name, record_type, &other, &trace);
        line("either", &format!("{other}, {when}"));
    }
    for other in disagreeing(view, name, record_type, &trace) {
        line("or", &other);
    }
    let behind_rules = behind_rules(view, name, record_type, &answer, &trace);
    let behind_zones = hidden_behind(view, name, record_type, &answer);
    for hidden in behind_rules.into_iter().chain(behind_zones) {
        let facts = index.set(hidden.set);
        line(
            "hidden",
            &format!(
                "{} {} {} in zone {} is behind it ({})",
                estate.names.name(facts.owner).text(),
                facts.data.record_type(),
                facts.data.texts(&estate.names).join(", "),
                estate.zone_name(hidden.set.zone),
                at(estate, facts.origin),
            ),
        );
    }
    if !answer.assumed.is_empty() {
        line("assumes", &assumptions(answer.assumed));
    }
    text
}

/// What would settle an answer that is not known.
pub(super) fn settled_by(
    view: &View<'_>,
    name: &Place,
    answer: &Answer,
    trace: &Trace,
) -> Option<String> {
    let index = view.index();
    let last = index.name(trace.last_name().unwrap_or(name)).text();
    match answer.outcome {
        Outcome::Unknown(gap) => gap.settled_by(index, &last),
        Outcome::Forwarded(address) => Gap::ForwardedTo(address).settled_by(index, &last),
        _ => None,
    }
}

/// What others answer that clients, rules or servers have in the same list, where it is
/// not the same.
fn disagreeing(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    trace: &Trace,
) -> Vec<String> {
    let ask = |view: &View<'_>| {
        let mut trace = Trace::default();
        let answer = resolve(view, name, record_type, &mut trace);
        match answer.outcome {
            Outcome::Unknown(Gap::CustomServer(server)) => {
                format!("{DOUBTFUL}unknown{DOUBTFUL:#}, because {server} is not modelled")
            }
            _ => answer_line(view, name, record_type, &answer, &trace),
        }
    };
    let first = ask(view);
    let others = alternatives(view, trace).into_iter().filter_map(|(address, view)| {
        let other = ask(&view);
        (other != first).then(|| format!("{other}, if {address} is asked instead"))
    });
    others.collect()
}

/// The answer in one line, and who decided it.
pub fn brief(view: &View<'_>, name: &Place, record_type: RecordType) -> String {
    let mut trace = Trace::default();
    let answer = resolve(view, name, record_type, &mut trace);
    let line = plain(&answer_line(view, name, record_type, &answer, &trace));
    format!("{line}, decided {}", decided(view, &answer, &trace))
}

fn at(estate: &Estate, origin: Origin) -> String {
    if let Some(step) = origin.step() {
        return format!("made by step {step}");
    }
    let located = locate(estate, origin);
    format!("{}:{}:{}", located.path, located.line, located.column)
}

/// The outcome, with its data.
fn answer_line(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    answer: &Answer,
    trace: &Trace,
) -> String {
    let index = view.index();
    let estate = index.estate();
    let last = trace.last_name().unwrap_or(name);
    let last = index.name(last).text();
    // What goes round fails in the one way or the other.
    let failed = if answer.timed_out { "no answer in time" } else { "SERVFAIL" };
    match answer.outcome {
        Outcome::Answered => {
            let data = trace.hops.last().map(|hop| match &hop.said {
                HopResult::Set(set) | HopResult::Alias(_, Some(set)) => {
                    index.set(*set).data.texts(&estate.names)
                }
                HopResult::Records(data) => data.texts(&estate.names),
                HopResult::Alias(target, None) => vec![index.name(target).to_string()],
                _ => Vec::new(),
            });
            let data = data.unwrap_or_default().join(", ");
            let (style, reach) = match answer.reach {
                Reach::Private => (GOOD, "private"),
                _ => (DOUBTFUL, "public"),
            };
            format!("{style}{data}{style:#} ({reach})")
        }
        Outcome::NoData
            if matches!(trace.hops.last().map(|hop| &hop.said), Some(HopResult::Alias(..))) =>
        {
            format!("{BAD}no data{BAD:#}: the alias of {last}, and nobody follows it")
        }
        Outcome::NoData => {
            format!("{BAD}no data{BAD:#}: {last} exists without {record_type}")
        }
        Outcome::NxDomain => format!("{BAD}NXDOMAIN{BAD:#}: {last} does not exist"),
        Outcome::Public => {
            format!("{DOUBTFUL}the public endpoint{DOUBTFUL:#}, whose address nobody recorded")
        }
        Outcome::AliasLoop => format!("{BAD}{failed}{BAD:#}: the aliases go round"),
        Outcome::TooManyAliases => format!("{BAD}{failed}{BAD:#}: too many aliases"),
        Outcome::Unknown(Gap::PublicFailure) => {
            format!("{BAD}SERVFAIL{BAD:#}: public DNS is recorded to fail for {last}")
        }
        Outcome::Forwarded(address) => {
            let address = shown_target(address);
            format!("{DOUBTFUL}forwarded{DOUBTFUL:#} to {address}, which is not modelled")
        }
        Outcome::ForwardLoop => {
            format!("{BAD}{failed}{BAD:#}: the question for {last} is forwarded in a circle")
        }
        Outcome::Blocked(BlockResponse::Alias) => {
            format!("{BAD}blocked{BAD:#}: an alias to {BLOCKED}, which has no address")
        }
        Outcome::Blocked(BlockResponse::ServFail) => {
            format!("{BAD}SERVFAIL{BAD:#}: {last} is blocked")
        }
        Outcome::Refused => format!("{BAD}REFUSED{BAD:#}: nobody looks {last} up"),
        Outcome::Unknown(gap) => {
            format!("{DOUBTFUL}unknown{DOUBTFUL:#}, because {}", because(index, &gap, &last))
        }
    }
}

fn decided(view: &View<'_>, answer: &Answer, trace: &Trace) -> String {
    let index = view.index();
    let estate = index.estate();
    match answer.decider {
        Decider::Zone(zone) => {
            let place = match trace.hops.last().map(|hop| &hop.said) {
                Some(HopResult::Set(set)) => index.set(*set).origin,
                _ => estate.zone(zone).origin,
            };
            let registered = trace.hops.last().and_then(|hop| registered_interface(index, hop));
            let how = registered.map_or("", |_| ", by autoregistration");
            format!("by zone {}{how} ({})", estate.zone_name(zone), at(estate, place))
        }
        Decider::Public(basis) => format!("by public DNS, {}", known(estate, basis)),
        Decider::Rule(rule) => format!("by {}", rule_text(index, rule)),
        Decider::Own(server, zone) => {
            let facts = &estate.servers[server as usize];
            let place = match trace.hops.last().map(|hop| &hop.said) {
                Some(HopResult::Set(set)) => index.set(*set).origin,
                _ => zone.map_or(facts.origin, |zone| estate.zone(zone).origin),
            };
            let zone = zone.map(|zone| format!(" from its zone {}", estate.zone_name(zone)));
            let zone = zone.unwrap_or_default();
            format!("by server {}{zone} ({})", facts.name, at(estate, place))
        }
        Decider::BuiltIn => "by the built-in names of the network".to_owned(),
        Decider::Server(Some(address)) => format!("by the DNS server {address}"),
        Decider::Server(None) => "by a DNS server that nobody named".to_owned(),
        Decider::Policy(rule) => format!("by {}", policy_text(index, rule)),
        Decider::None => "by nobody".to_owned(),
    }
}

fn known(estate: &Estate, basis: Option<Basis>) -> String {
    match basis {
        None => "of which nothing is recorded".to_owned(),
        Some(Basis::Recorded(place)) => {
            let origin = estate.public.get(place as usize).map(PublicFact::origin);
            let place = origin.map(|origin| at(estate, origin)).unwrap_or_default();
            format!("as recorded ({place})")
        }
        Some(Basis::Catalogue(chain)) => {
            format!("by the catalogue (chain {}, {})", chain.key(), chain.certainty.name())
        }
    }
}

/// One hop: the name, who was asked and why, and what came of it; `alone` where it is the
/// target of an alias that a server looks up itself.
fn hop_lines(view: &View<'_>, vnet: VnetId, number: usize, hop: &Hop, alone: bool) -> String {
    let index = view.index();
    let estate = index.estate();
    let name = index.name(&hop.name).text();
    let mut text = format!("  {:<2} {BOLD}{name}{BOLD:#}\n", number + 1);
    let mut line = |body: &str| text.push_str(&format!("     {body}\n"));
    let (other, who) = match hop.by {
        Actor::Client => (None, None),
        Actor::Azure(other) => {
            // Whoever is forwarded there is told of whose Azure DNS it is, clients of that
            // network too.
            let forwarded = other.is_some() || !view.asks_azure();
            let vnet = view.azure(other).vnet().filter(|_| forwarded);
            (other, vnet.map(|vnet| format!("Azure DNS of {}", estate.vnet_name(vnet))))
        }
        Actor::Server(server) => {
            (None, Some(format!("server {}", estate.servers[server as usize].name)))
        }
    };
    let dns = view.azure(other);
    if let Some(who) = who {
        let alone = if alone { ", which looks this alias up itself" } else { "" };
        line(&format!("{who}{alone}:"));
    }
    let network = estate.vnet(vnet).servers.as_deref().unwrap_or_default();
    if number == 0
        && matches!(hop.by, Actor::Azure(None))
        && view.servers() == Servers::Azure
        && network.first().is_some_and(|first| *first != AZURE_DNS)
    {
        let network: Vec<String> = network.iter().map(ToString::to_string).collect();
        line(&format!("asks {AZURE_DNS} itself, not {} as the network", network.join(", ")));
    }
    match hop.asked {
        Asked::Zone(claim) => {
            let zone = estate.zone(claim.zone());
            let vnet = other.and_then(|_| dns.vnet()).unwrap_or(vnet);
            let link = zone.links.iter().find(|link| link.vnet == vnet);
            let shown = link.map(|link| {
                format!(", link {} {DIM}({}){DIM:#}", link.name, at(estate, link.origin))
            });
            let zone = estate.zone_name(claim.zone());
            line(&format!("claimed by zone {zone}{}", shown.unwrap_or_default()));
            let state = link.filter(|_| matches!(claim, Claim::Zone { .. }));
            if let Some(state) = state.and_then(|link| link.pending.as_deref()) {
                let state = LinkState::of([state].into_iter()).describe();
                line(&format!("  which {state}; without it the answer is the same"));
            }
            for hidden in dns.hidden(index, hop.name.node()) {
                line(&format!("  before zone {}", estate.zone_name(hidden.zone())));
            }
        }
        Asked::Public(basis) => {
            let known = known(estate, basis);
            match hop.by {
                Actor::Server(_) => {
                    line(&format!("neither has nor forwards it: public DNS, {known}"))
                }
                _ => line(&format!("no linked zone claims it: public DNS, {known}")),
            }
        }
        Asked::Policy(rule) => line(&format!("covered by {}", policy_text(index, rule))),
        Asked::BuiltIn => line("no linked zone claims it: a built-in name of the network"),
        Asked::Rule(rule) => {
            let rule = rule_text(index, rule);
            match dns.claim(index, hop.name.node()) {
                Some(claim) => {
                    let zone = estate.zone_name(claim.zone());
                    line(&format!("{rule} is for a part of zone {zone}"));
                }
                None => line(&format!("no linked zone claims it: {rule}")),
            }
        }
        Asked::Configured => line("clients here have a DNS server of their own"),
        Asked::Own(zone) => {
            let place = at(estate, estate.zone(zone).origin);
            let why = if estate.zone(zone).by_default { " by default, empty" } else { "" };
            line(&format!("has zone {}{why} {DIM}({place}){DIM:#}", estate.zone_name(zone)));
        }
        Asked::Forwarder(forwarder) => line(&forwarder_text(estate, hop.by, forwarder)),
        Asked::Nobody => {}
        Asked::Redirected(basis) => {
            let known = known(estate, basis);
            line(&format!("the link redirects what the zone lacks: public DNS, {known}"));
        }
        Asked::Server(Some(address)) => line(&format!("left to the DNS server {address}")),
        Asked::Server(None) => line("left to a DNS server that nobody named"),
    }
    if let Some(rule) = passed_over_text(view, hop) {
        line(&format!("  {rule}"));
    }
    line(&said(index, hop, &name));
    text
}

/// A rule with its place.
fn rule_text(index: &Index, rule: RuleRef) -> String {
    let estate = index.estate();
    let facts = index.rule(rule);
    let domain = estate.names.show(facts.domain);
    let ruleset = &estate.ruleset(rule.ruleset).name;
    format!("the rule for {domain} of ruleset {ruleset} ({})", at(estate, facts.origin))
}

/// The rules that cover the name of a hop and were passed over, and why.
pub fn passed_over_text(view: &View<'_>, hop: &Hop) -> Option<String> {
    let index = view.index();
    let names = &index.estate().names;
    let rules = passed_over(view, hop);
    let (longest, shorter) = rules.split_first()?;
    let text = rule_text(index, *longest);
    let others = |word: &str| -> String {
        let other = |rule: &RuleRef| {
            let facts = index.rule(*rule);
            let place = at(index.estate(), facts.origin);
            format!(" {word} that for {} ({place})", names.show(facts.domain))
        };
        shorter.iter().map(other).collect()
    };
    let longer = |name: &NameId| names.depth(*name) > names.depth(index.rule(*longest).domain);
    let reserved = index.reserved(hop.name.node()).filter(longer);
    Some(match (hop.asked, reserved) {
        (Asked::Public(_), Some(name)) => {
            let name = names.show(name);
            format!("{name} is reserved for Azure, so not {text}{}", others("nor"))
        }
        (Asked::Public(_), None) => {
            let verb = if shorter.is_empty() { "is" } else { "are" };
            format!("{text}{} {verb} passed over on the way", others("and"))
        }
        _ => format!("before {text}{}", others("and")),
    })
}

/// A forwarder with its place.
fn forwarder_text(estate: &Estate, by: Actor, forwarder: Option<u32>) -> String {
    let (Actor::Server(server), Some(place)) = (by, forwarder) else {
        return "has no servers of its own to ask".to_owned();
    };
    let facts = &estate.servers[server as usize].forwarders[place as usize];
    let place = at(estate, facts.origin);
    let what = match facts.domain {
        NameId::ROOT => "all it does not have".to_owned(),
        domain => estate.names.show(domain).to_string(),
    };
    match facts.asking {
        Asking::Forward => format!("forwards {what} ({place})"),
        Asking::First => {
            format!("forwards {what}, and asks public DNS itself where nobody answers ({place})")
        }
        Asking::Stub => format!("has {what} as a stub zone ({place})"),
    }
}

/// Who listens at an address.
pub fn party_text(estate: &Estate, target: SocketAddr, party: Party) -> String {
    let address = shown_target(target);
    let home = |vnet: Option<VnetId>| match vnet {
        Some(vnet) => format!(" of {}", estate.vnet_name(vnet)),
        None => String::new(),
    };
    match party {
        Party::Azure => format!("{address}, Azure DNS"),
        Party::Inbound(place) => {
            let facts = &estate.inbound[place as usize];
            let place = at(estate, facts.origin);
            format!("{address}, inbound endpoint {}{} ({place})", facts.name, home(facts.vnet))
        }
        Party::Server(place) => {
            let facts = &estate.servers[place as usize];
            let kind = match facts.kind {
                ServerKind::Dns => "server",
                ServerKind::Firewall => "firewall",
            };
            let place = at(estate, facts.origin);
            format!("{address}, {kind} {}{} ({place})", facts.name, home(facts.vnet))
        }
        Party::Unknown => format!("{address}, which is not modelled"),
        Party::Several => format!("{address}, at which several are stated to listen"),
        Party::Elsewhere => format!("{address}, where nobody in the same network is known"),
    }
}

/// Why an answer is unknown; of a name that public DNS is recorded for, which types are.
pub(super) fn because(index: &Index, gap: &Gap, name: &str) -> String {
    let recorded = match gap {
        Gap::PublicUnrecorded => index.publicly_recorded(name),
        _ => Vec::new(),
    };
    match &recorded[..] {
        [] => gap.explain(index, name),
        types => format!(
            "of `{name}` only {} is recorded in public DNS, not the type that is asked for",
            types.join(" and ")
        ),
    }
}

/// A rule of a DNS security policy, in words.
fn policy_text(index: &Index, at: PolicyRef) -> String {
    let (estate, rule) = (index.estate(), index.policy_rule(at));
    let policy = &estate.policies[at.policy as usize].name;
    let place = self::at(estate, rule.origin);
    let (priority, action) = (rule.priority, rule.action.name());
    format!("rule {priority} ({action}) of DNS security policy {policy} ({place})")
}

fn policy_action(index: &Index, hop: &Hop) -> &'static str {
    match hop.asked {
        Asked::Policy(rule) => index.policy_rule(rule).action.name(),
        _ => "allow",
    }
}

/// The interface whose machine a zone has only because its network registers there.
pub(super) fn registered_interface(index: &Index, hop: &Hop) -> Option<u32> {
    let (Asked::Zone(claim), HopResult::Records(_)) = (hop.asked, &hop.said) else { return None };
    let registered = index.registered(claim.zone(), &hop.name, Found::NxDomain, RecordType::A)?;
    registered.interface()
}

fn said(index: &Index, hop: &Hop, name: &str) -> String {
    let estate = index.estate();
    match &hop.said {
        HopResult::Set(set) => {
            let facts = index.set(*set);
            let data = facts.data.texts(&estate.names).join(", ");
            let ttl = facts.ttl.map(|ttl| format!(" (TTL {} s)", ttl.seconds()));
            format!(
                "→ {} {data}{} {DIM}({}){DIM:#}",
                facts.data.record_type(),
                ttl.unwrap_or_default(),
                at(estate, facts.origin)
            )
        }
        HopResult::Records(data) => {
            let machine = registered_interface(index, hop).map(|one| {
                let facts = &estate.interfaces[one as usize];
                let (name, place) = (estate.interface_name(one), at(estate, facts.origin));
                format!(" {DIM}registered for interface {name} ({place}){DIM:#}")
            });
            let texts = data.texts(&estate.names).join(", ");
            format!("→ {} {texts}{}", data.record_type(), machine.unwrap_or_default())
        }
        HopResult::Alias(target, Some(set)) => format!(
            "→ CNAME {} {DIM}({}){DIM:#}",
            index.name(target).text(),
            at(estate, index.set(*set).origin)
        ),
        HopResult::Alias(target, None) => {
            let evidence = match index.public(&hop.name, RecordType::A) {
                crate::index::PublicAnswer::Alias { evidence: Some(evidence), .. } => evidence,
                _ => Evidence::Always,
            };
            let why = match evidence {
                Evidence::Stated(origin) => {
                    format!(", since it has a private endpoint ({})", at(estate, origin))
                }
                Evidence::Inferred(origin) => format!(
                    ", taken to have a private endpoint by a record ({})",
                    at(estate, origin)
                ),
                Evidence::Always => String::new(),
            };
            format!("→ CNAME {}{DIM}{why}{DIM:#}", index.name(target).text())
        }
        HopResult::NoData => format!("→ {BAD}no data{BAD:#}: {name} exists without that type"),
        HopResult::NxDomain => {
            let zone = match hop.asked {
                Asked::Zone(claim) => Some(claim.zone()),
                Asked::Own(zone) => Some(zone),
                _ => None,
            };
            let owner = match zone {
                Some(zone) => {
                    let apex = index.name(&Place::Known(estate.zone(zone).apex)).text();
                    name.strip_suffix(&format!(".{apex}")).unwrap_or(name).to_owned()
                }
                None => name.to_owned(),
            };
            format!("→ {BAD}NXDOMAIN{BAD:#}: it has no `{owner}`")
        }
        HopResult::Endpoint => "→ the public endpoint, whose address nobody recorded".to_owned(),
        HopResult::Forwarded(address, party) => {
            format!("→ to {}", party_text(estate, *address, *party))
        }
        HopResult::ForwardLoop => "→ was asked for this before: it goes round".to_owned(),
        HopResult::Permitted => {
            format!("→ {}, which changes no answer", policy_action(index, hop))
        }
        HopResult::Blocked(_) => format!("→ {BAD}blocked{BAD:#}: it is not looked up"),
        HopResult::Refused => {
            format!("→ {BAD}REFUSED{BAD:#}: it neither has {name} nor looks it up")
        }
        HopResult::Loop => "→ was asked for before: the aliases go round".to_owned(),
        HopResult::Limit => "→ one alias too many".to_owned(),
        HopResult::Unknown(gap) => {
            format!("→ {DOUBTFUL}unknown{DOUBTFUL:#}, because {}", because(index, gap, name))
        }
    }
}
