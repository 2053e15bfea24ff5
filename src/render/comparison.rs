//! What was seen beside what was expected: a table, then what differs hop by hop.

use std::collections::HashMap;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::command::{list_links, show_sets};
use super::human::plural;
use super::json::SCHEMA_VERSION;
use super::locate;
use super::table::table;
use crate::comparison::{Cause, Compared, End, ServerDoubt, Silence, Verdict};
use crate::estate::{Estate, VnetId, ZoneId};
use crate::index::Index;
use crate::resolve::{Asked, HopResult, Reach};
use crate::transcript::Shown;

const DIM: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// The most rows that are shown whatever they say; of more, those that are the same are left out.
const ALL_ROWS: usize = 40;

/// So many blocks back another type of the same name is looked for.
const TYPES: usize = 16;

/// A comparison and the file that the observation is from; `None` for live answers.
pub struct Entry {
    /// What was compared.
    pub compared: Compared,
    /// The transcript or capture.
    pub file: Option<String>,
}

impl Entry {
    fn server(&self) -> String {
        self.compared.server.as_ref().map_or("not shown".to_owned(), ToString::to_string)
    }

    fn place(&self) -> Option<String> {
        self.file.as_ref().map(|file| format!("{file}:{}", self.compared.line))
    }
}

/// The report for people; `all` shows what is the same as well.
pub fn human(
    index: &Index,
    vnet: VnetId,
    entries: &[Entry],
    all: bool,
    width: Option<u16>,
) -> String {
    let all = all || entries.len() <= ALL_ROWS;
    let shown: Vec<&Entry> =
        entries.iter().filter(|entry| all || entry.compared.verdict != Verdict::Same).collect();
    let mut text = String::new();
    if !shown.is_empty() {
        let mut header =
            vec!["endpoint", "expected", "seen", "private?", "first hop that differs", "server"];
        // In a file each row stands for itself; a terminal has little room.
        let one = width.and_then(|_| shown.first()).map(|first| first.server());
        let one = one.filter(|one| shown.iter().all(|entry| entry.server() == *one));
        if let Some(server) = &one {
            header.pop();
            text.push_str(&format!("asked of {server}\n\n"));
        }
        let rows = shown.iter().map(|entry| row(entry).into_iter().take(header.len()));
        text.push_str(&table(&header, rows, width));
    }
    // A server that says nothing is told of once, not for every name.
    let silence = |entry: &Entry| match &entry.compared.seen.end {
        End::NoReply(why) => Some((entry.server(), why.clone())),
        _ => None,
    };
    let mut silent: HashMap<(String, String), usize> = HashMap::new();
    for key in shown.iter().filter_map(|entry| silence(entry)) {
        *silent.entry(key).or_default() += 1;
    }
    let mut doubted: Vec<(String, ServerDoubt)> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for entry in shown.iter().filter(|entry| entry.compared.verdict != Verdict::Same) {
        let count = match silence(entry).map(|key| silent.remove(&key)) {
            Some(None) => continue,
            Some(Some(count)) => count,
            None => 1,
        };
        let mut body = details(index, entry, &mut doubted, width);
        if count > 1 {
            let more = plural(count - 1, "more name", "more names");
            body.push_str(&format!("  the same for {more}\n"));
        }
        let same = |block: &&mut Block| {
            block.entry.compared.name == entry.compared.name
                && block.entry.server() == entry.server()
                && block.body == body
        };
        match blocks.iter_mut().rev().take(TYPES).find(same) {
            Some(block) => block.more.push(entry.compared.record_type.to_string()),
            None => blocks.push(Block { entry, body, more: Vec::new() }),
        }
    }
    for Block { entry, body, more } in blocks {
        text.push('\n');
        text.push_str(&heading(entry, width));
        text.push_str(&body);
        if !more.is_empty() {
            text.push_str(&format!("  the same for {}\n", more.join(", ")));
        }
    }
    let estate = index.estate();
    text.push_str(&format!("\nfrom {}: {}\n", estate.vnet_name(vnet), sums(entries)));
    text
}

/// What is told of one question, and of which other types of the name the same is.
struct Block<'e> {
    entry: &'e Entry,
    body: String,
    more: Vec<String>,
}

fn sums(entries: &[Entry]) -> String {
    let count =
        |verdict: Verdict| entries.iter().filter(|entry| entry.compared.verdict == verdict).count();
    let mut parts = vec![plural(entries.len(), "answer", "answers")];
    for (verdict, words) in [
        (Verdict::Same, "the same"),
        (Verdict::Differs, "different"),
        (Verdict::NoReply, "without a reply"),
        (Verdict::CannotSay, "that the export cannot say"),
    ] {
        match count(verdict) {
            0 => {}
            number => parts.push(format!("{number} {words}")),
        }
    }
    parts.join(", ")
}

fn row(entry: &Entry) -> [String; 6] {
    let one = &entry.compared;
    let endpoint = match one.record_type {
        crate::record::RecordType::A => one.name.text(),
        other => format!("{} {other}", one.name.text()),
    };
    [
        endpoint,
        one.expected.show_end(),
        one.seen.show_end(),
        private(one),
        first_hop(one),
        entry.server(),
    ]
}

/// Whether the client stays private: as expected, and as seen.
fn private(one: &Compared) -> String {
    let (expected, seen) = (one.expected.reach, one.seen.reach);
    let word = |reach| match reach {
        Reach::Private => "yes",
        Reach::Public => "no",
        Reach::None => "nowhere",
        Reach::Unknown => "unknown",
    };
    // Of data that is no address only the simulation can tell.
    let told = if seen == Reach::Unknown { expected } else { seen };
    match (one.verdict, expected == told || expected == Reach::Unknown) {
        (Verdict::NoReply, _) => word(Reach::Unknown).to_owned(),
        (_, true) => word(told).to_owned(),
        (_, false) => format!("{} (expected {})", word(seen), word(expected)),
    }
}

fn first_hop(one: &Compared) -> String {
    match (one.verdict, one.hop) {
        (Verdict::Differs, Some(hop)) => format!("{} {}", hop + 1, one.expected.names[hop].text()),
        (Verdict::Differs, None) => "not shown".to_owned(),
        _ => "-".to_owned(),
    }
}

/// What was asked of whom, and where that stands.
fn heading(entry: &Entry, width: Option<u16>) -> String {
    let one = &entry.compared;
    let style = if one.verdict == Verdict::Differs { BAD } else { DOUBTFUL };
    let columns = width.map_or(usize::MAX, usize::from).max(40);
    let verdict = one.verdict.name();
    let server = one.server.clone().unwrap_or_default();
    let asked = format!("{} {} asked of {server}", one.name.text(), one.record_type);
    let mut text = format!("{style}{verdict}{style:#}: {asked}");
    if let Some(place) = entry.place() {
        let fits = verdict.len() + asked.len() + place.len() + 5 <= columns;
        let gap = if fits { " " } else { "\n  " };
        text.push_str(&format!("{gap}{DIM}({place}){DIM:#}"));
    }
    text.push('\n');
    text
}

/// Both chains side by side, why they differ, and what to look at; a doubt about a server is
/// told once.
fn details(
    index: &Index,
    entry: &Entry,
    doubted: &mut Vec<(String, ServerDoubt)>,
    width: Option<u16>,
) -> String {
    let one = &entry.compared;
    let columns = width.map_or(usize::MAX, usize::from).max(40);
    let mut text = String::new();
    let hops = one.expected.names.len().max(one.seen.names.len());
    let rows = (0..hops).map(|at| {
        let name = one.expected.names.get(at).or(one.seen.names.get(at));
        let name = name.map(|name| name.text()).unwrap_or_default();
        [format!("  {}", at + 1), name, expected_hop(index, one, at), seen_hop(one, at)]
    });
    text.push_str(&table(&["  hop", "name", "expected", "seen"], rows, width));
    if let End::NoReply(why) = &one.seen.end
        && !why.is_empty()
    {
        text.push_str(&paragraph("  ", why, columns));
    }
    if let End::Unknown(gap) = one.expected.end {
        let last = one.expected.names.last().unwrap_or(&one.name).text();
        let why = format!("unknown, because {}", gap.explain(index, &last));
        text.push_str(&paragraph("  ", &why, columns));
    }
    for (at, cause) in one.causes.iter().enumerate() {
        if let Cause::Server(doubt) = cause {
            let doubt = (entry.server(), *doubt);
            if at > 0 && doubted.contains(&doubt) {
                continue;
            }
            doubted.push(doubt);
        }
        let (why, look) = explain(index, one, cause);
        text.push_str(&paragraph("  likely   ", &why, columns));
        for look in look {
            // A command is there to be copied.
            let command = look.starts_with("az ") || look.starts_with("privdns ");
            let columns = if command { usize::MAX } else { columns };
            text.push_str(&paragraph("  look at  ", &look, columns));
        }
    }
    text
}

/// A text behind a word, in lines below each other.
fn paragraph(head: &str, text: &str, columns: usize) -> String {
    let indent = " ".repeat(head.len());
    let options = textwrap::Options::new(columns).initial_indent(head).subsequent_indent(&indent);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    format!("{}\n", textwrap::fill(text, options))
}

fn expected_hop(index: &Index, one: &Compared, at: usize) -> String {
    let Some(name) = one.expected.names.get(at) else { return "-".to_owned() };
    let estate = index.estate();
    // Of a name that was redirected the last hop counts.
    let hop = one.trace.hops.iter().rfind(|hop| index.name(&hop.name) == *name);
    let who = match hop.map(|hop| hop.asked) {
        Some(Asked::Zone(claim)) => format!("zone {}", estate.zone_name(claim.zone())),
        Some(Asked::Public(_)) => "public DNS".to_owned(),
        Some(Asked::Redirected(_)) => "public DNS, by redirect".to_owned(),
        Some(Asked::BuiltIn) => "built-in names".to_owned(),
        Some(Asked::Policy(_)) => "a DNS security policy".to_owned(),
        Some(Asked::Rule(_)) => "a forwarding rule".to_owned(),
        Some(Asked::Own(zone)) => format!("a server's zone {}", estate.zone_name(zone)),
        Some(Asked::Server(_) | Asked::Configured | Asked::Forwarder(_) | Asked::Nobody) | None => {
            "a DNS server".to_owned()
        }
    };
    match hop.map(|hop| &hop.said) {
        Some(HopResult::Alias(..)) if at + 1 < one.expected.names.len() => format!("alias, {who}"),
        _ => format!("{}, {who}", one.expected.show_end()),
    }
}

fn seen_hop(one: &Compared, at: usize) -> String {
    let last = one.seen.names.len() - 1;
    if one.shown == Shown::Nothing && at > 0 {
        return "not shown".to_owned();
    }
    if one.shown == Shown::Nothing {
        return format!("{} at some hop", one.seen.show_end());
    }
    let fork = one.expected.names.get(at).zip(one.seen.names.get(at)).is_some_and(|(a, b)| a != b);
    match at {
        at if at > last => "-".to_owned(),
        at if at < last => match one.seen.names.get(at + 1) {
            Some(target) if one.expected.names.get(at + 1) != Some(target) => {
                format!("alias of {}", target.text())
            }
            _ if fork => format!("alias at {}", one.seen.names[at].text()),
            _ => "alias".to_owned(),
        },
        _ if fork => format!("{} at {}", one.seen.show_end(), one.seen.names[at].text()),
        _ => one.seen.show_end(),
    }
}

/// Why, and what to look at.
fn explain(index: &Index, one: &Compared, cause: &Cause) -> (String, Vec<String>) {
    let estate = index.estate();
    let vnet = estate.vnet_name(one.vnet);
    let zone = |id| format!("`{}`", estate.zone_name(id));
    let seen = one.seen.show_end();
    match cause {
        Cause::NotLinked(id, asked) => (
            format!(
                "zone {} does not answer: its link to {} is missing{}",
                zone(*id),
                estate.vnet_name(*asked),
                match is_doubted(one) {
                    true => format!(", or the server asked is not {vnet}'s"),
                    false => String::new(),
                }
            ),
            vec![list_links(estate, *id)],
        ),
        Cause::Redirect(id, asked, on) => (
            format!(
                "the link of zone {} to {} {} names up in public DNS that the zone lacks \
                     (NxDomainRedirect), unlike its export",
                zone(*id),
                estate.vnet_name(*asked),
                if *on { "looks" } else { "does not look" },
            ),
            vec![list_links(estate, *id)],
        ),
        Cause::SameNamed(id, other, asked) => (
            format!(
                "another zone of the name {} answers: that of {} is linked to {}, and not that \
                     of {}",
                zone(*id),
                group_of(estate, *other),
                estate.vnet_name(*asked),
                group_of(estate, *id),
            ),
            vec![list_links(estate, *id), list_links(estate, *other)],
        ),
        Cause::NotExported(apex) => (
            format!(
                "a zone `{}` that the export lacks is linked to {vnet}, or to where it asks",
                apex.text()
            ),
            vec!["az network private-dns zone list -o table".to_owned()],
        ),
        Cause::Linked(id) => (
            format!(
                "zone {} answers: it is linked to {vnet}, and the export lacks that link",
                zone(*id)
            ),
            vec![list_links(estate, *id)],
        ),
        Cause::OtherNetwork(id) => (
            format!(
                "this is what {} gets: the client, or the resolver it asks, may be there",
                estate.vnet_name(*id)
            ),
            vec![format!(
                "where the client and the server it asks are: az network nic list -o table, and \
                 the DNS servers of {vnet}"
            )],
        ),
        Cause::NoZones => (
            "this is what public DNS says: the server asked sees none of the private zones"
                .to_owned(),
            vec![ask_itself(estate, one.vnet)],
        ),
        Cause::Assumption(assumption, value) => (
            format!(
                "Azure behaves otherwise than assumed: with `--assume {assumption}={value}` the \
                     simulation says what was seen"
            ),
            vec![assumption.doc().settled_by.to_owned()],
        ),
        Cause::OtherRecord { set, endpoint, seen_is_right } => {
            let facts = index.set(*set);
            let had = facts.data.texts(&estate.names).join(", ");
            let place = locate(estate, facts.origin);
            let place = format!("{}:{}", place.path, place.line);
            let endpoint: Vec<String> = endpoint.iter().map(ToString::to_string).collect();
            let endpoint = endpoint.join(", ");
            let why = if *seen_is_right {
                format!(
                    "the export is old: it has {had} ({place}), while zone {} and the private \
                         endpoint have {seen}",
                    zone(set.zone)
                )
            } else if !endpoint.is_empty() {
                format!(
                    "stale record: zone {} answers {seen}, while the private endpoint has \
                         {endpoint}",
                    zone(set.zone)
                )
            } else {
                format!(
                    "zone {} answers {seen}, and its export has {had} ({place})",
                    zone(set.zone)
                )
            };
            (why, vec![show_sets(estate, set.zone, &estate.names.name(facts.owner))])
        }
        Cause::Replaced(set, target) => {
            let facts = index.set(*set);
            let had = facts.data.texts(&estate.names).join(", ");
            let name = estate.names.name(facts.owner);
            (
                format!(
                    "zone {} has an alias at `{}` now, to `{}`; its export has {} {had} there",
                    zone(set.zone),
                    name.text(),
                    target.text(),
                    facts.data.record_type()
                ),
                vec![show_sets(estate, set.zone, &name)],
            )
        }
        // NODATA says that the name is there.
        Cause::Missing(id, name) if one.seen.end == End::NoData => (
            format!(
                "zone {} has `{}` without the type {} now, which its export has",
                zone(*id),
                name.text(),
                one.record_type
            ),
            vec![show_sets(estate, *id, name)],
        ),
        Cause::Missing(id, name) => (
            format!("zone {} has no `{}` any more, which its export has", zone(*id), name.text()),
            vec![show_sets(estate, *id, name)],
        ),
        Cause::New(id, name) => {
            let names = &one.seen.names;
            let at = names.iter().position(|seen| seen == name);
            let target = at.and_then(|at| names.get(at + 1));
            let what = match target {
                Some(target) => format!("an alias at `{}`, to `{}`,", name.text(), target.text()),
                None => format!("`{}`", name.text()),
            };
            (
                format!("zone {} has {what} now, which its export lacks", zone(*id)),
                vec![show_sets(estate, *id, name)],
            )
        }
        Cause::OtherZone(apex, Some(id)) => (
            format!("the SOA that came with the answer says that zone `{}` answered", apex.text()),
            vec![show_sets(estate, *id, one.seen.names.last().unwrap_or(&one.name))],
        ),
        Cause::OtherZone(apex, None) => (
            format!("the SOA that came with the answer says that zone `{}` answered", apex.text()),
            vec![format!(
                "whether a zone `{}` is linked that the export lacks: az network \
                          private-dns zone list -o table",
                apex.text()
            )],
        ),
        Cause::Cached(left, of) => {
            let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
            (
                format!(
                    "a cache may have answered with what was true before: {left}{of} seconds of \
                         the TTL are left"
                ),
                vec![format!("ask again in {left} seconds")],
            )
        }
        Cause::Server(doubt) => server(estate, one, *doubt),
        Cause::SplitBrain(other) => (
            format!("{other} gives another answer"),
            vec![format!("what each of the two forwards to and keeps, and which one {vnet} uses")],
        ),
        Cause::Silent(silence) => silent(one, *silence),
        Cause::Failed(rcode) if one.extended_error.is_some() => (
            format!(
                "the server says {rcode}, and why: {}",
                one.extended_error.as_deref().unwrap_or_default()
            ),
            vec![format!("the server's log and forwarders; {}", ask_itself(estate, one.vnet))],
        ),
        Cause::Failed(rcode) if rcode == "REFUSED" => (
            "the server refuses to answer this client, or to recurse".to_owned(),
            vec!["whom the server lets ask, and whether it recurses".to_owned()],
        ),
        Cause::Failed(rcode) => (
            format!(
                "the server says {rcode}: it cannot reach whom it forwards to, or the aliases go \
                     round"
            ),
            vec![format!("the server's log and forwarders; {}", ask_itself(estate, one.vnet))],
        ),
        Cause::Unexplained => (
            "nothing in the export explains it; it may be older than what was seen".to_owned(),
            vec![format!("privdns resolve ESTATE {} --vnet {vnet} --trace", one.name.text())],
        ),
    }
}

/// Whether the server asked may be another than the network's.
fn is_doubted(one: &Compared) -> bool {
    one.server.as_ref().is_none_or(|server| server.address.is_none())
        || one.causes.iter().any(|cause| matches!(cause, Cause::Server(_)))
}

/// The resource group of a zone, as a sentence has it.
fn group_of(estate: &Estate, id: ZoneId) -> String {
    match &estate.zone(id).group {
        Some(group) => format!("resource group `{group}`"),
        None => "a resource group that was not exported".to_owned(),
    }
}

/// How to ask past whatever server was asked; Azure DNS cannot be asked from a site.
fn ask_itself(estate: &Estate, vnet: VnetId) -> String {
    let name = estate.vnet_name(vnet);
    match estate.vnet(vnet).site {
        true => format!("ask each DNS server of {name} itself, and whom it forwards to"),
        false => format!("ask 168.63.129.16 from {name}"),
    }
}

fn silent(one: &Compared, silence: Silence) -> (String, Vec<String>) {
    let asked = one.server.as_ref().map_or("the server".to_owned(), ToString::to_string);
    let port = one.server.as_ref().and_then(|server| server.port).unwrap_or(53);
    let between = "whether firewalls and security groups between let";
    match silence {
        Silence::Nothing => (
            format!("{asked} does not run, or cannot be reached from where it was asked"),
            vec![format!(
                "whether {asked} listens, and {between} port {port} through, UDP and TCP"
            )],
        ),
        Silence::NoTcp => (
            format!("{asked} runs and answers over UDP, but TCP to it is blocked or not served"),
            vec![format!(
                "whether {asked} listens with TCP, and {between} TCP port {port} through"
            )],
        ),
        Silence::Others => (
            format!(
                "something at {asked} runs, but what it sends answers other questions: it is no \
                 DNS server, a broken one, or something between changes the messages"
            ),
            vec![format!(
                "what listens at {asked}, and what stands between, with a packet capture"
            )],
        ),
    }
}

fn server(estate: &Estate, one: &Compared, doubt: ServerDoubt) -> (String, Vec<String>) {
    let asked = one.server.as_ref().map(ToString::to_string).unwrap_or_default();
    let vnet = estate.vnet_name(one.vnet);
    match doubt {
        ServerDoubt::Local => (
            format!("{asked} is a cache on the machine itself; whom it asks is not shown"),
            vec![format!("`resolvectl status`, or ask {vnet}'s server itself")],
        ),
        ServerDoubt::NotOfNetwork => {
            let servers = match estate.vnet(one.vnet).servers.as_deref() {
                Some([]) => "Azure-provided DNS".to_owned(),
                None => "servers that were not exported".to_owned(),
                Some(servers) => {
                    let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
                    servers.join(", ")
                }
            };
            (
                format!("{asked} is not the resolver that {vnet} hands out, which is {servers}"),
                vec![format!("what {asked} forwards to, or {}", ask_itself(estate, one.vnet))],
            )
        }
    }
}

#[derive(Serialize)]
struct PathV1 {
    names: Vec<String>,
    end: &'static str,
    data: Vec<String>,
    reach: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

#[derive(Serialize)]
struct CauseV1 {
    kind: &'static str,
    text: String,
    look_at: Vec<String>,
}

#[derive(Serialize)]
struct ComparisonV1 {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    server: Option<String>,
    file: Option<String>,
    line: Option<usize>,
    verdict: &'static str,
    expected: PathV1,
    seen: PathV1,
    first_difference: Option<HopV1>,
    causes: Vec<CauseV1>,
}

#[derive(Serialize)]
struct HopV1 {
    hop: usize,
    name: String,
}

#[derive(Serialize)]
struct SummaryV1 {
    same: usize,
    differs: usize,
    no_reply: usize,
    cannot_say: usize,
}

/// The report of `compare`.
#[derive(Serialize)]
pub struct CompareV1 {
    schema_version: &'static str,
    command: &'static str,
    vnet: String,
    summary: SummaryV1,
    comparisons: Vec<ComparisonV1>,
}

impl CompareV1 {
    /// Everything that was compared, in order.
    pub fn new(index: &Index, vnet: VnetId, entries: &[Entry]) -> CompareV1 {
        let count = |verdict: Verdict| {
            entries.iter().filter(|entry| entry.compared.verdict == verdict).count()
        };
        CompareV1 {
            schema_version: SCHEMA_VERSION,
            command: "compare",
            vnet: index.estate().vnet_name(vnet),
            summary: SummaryV1 {
                same: count(Verdict::Same),
                differs: count(Verdict::Differs),
                no_reply: count(Verdict::NoReply),
                cannot_say: count(Verdict::CannotSay),
            },
            comparisons: entries.iter().map(|entry| comparison(index, entry)).collect(),
        }
    }
}

fn comparison(index: &Index, entry: &Entry) -> ComparisonV1 {
    let one = &entry.compared;
    let causes = one.causes.iter().map(|cause| {
        let (text, look_at) = explain(index, one, cause);
        CauseV1 { kind: cause.name(), text, look_at }
    });
    ComparisonV1 {
        name: one.name.to_string(),
        record_type: one.record_type.to_string(),
        server: one.server.as_ref().map(ToString::to_string),
        file: entry.file.clone(),
        line: entry.file.as_ref().map(|_| one.line),
        verdict: one.verdict.name(),
        expected: path(index, &one.expected),
        seen: path(index, &one.seen),
        first_difference: one
            .hop
            .map(|hop| HopV1 { hop: hop + 1, name: one.expected.names[hop].to_string() }),
        causes: causes.collect(),
    }
}

fn path(index: &Index, path: &crate::comparison::Path) -> PathV1 {
    let last = path.names.last().map(|name| name.text()).unwrap_or_default();
    let (end, because) = match &path.end {
        End::Records(_) => ("answered", None),
        End::Endpoint => ("public", None),
        End::NoData => ("no-data", None),
        End::NxDomain => ("nxdomain", None),
        End::NoAddress => ("no-address", None),
        End::Failed(rcode) => ("failed", Some(rcode.clone())),
        End::NoReply(why) => ("no-reply", Some(why.clone())),
        End::Unknown(gap) => ("unknown", Some(gap.explain(index, &last))),
    };
    let data = match &path.end {
        End::Records(texts) => texts.clone(),
        _ => Vec::new(),
    };
    let names = path.names.iter().map(ToString::to_string).collect();
    PathV1 { names, end, data, reach: path.reach.name(), because }
}
