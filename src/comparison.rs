//! What was seen beside what the simulation says, hop by hop.
//!
//! [`compare`] walks both chains of aliases side by side to the first hop that differs.
//! For what differs, [`Cause`]s are tried rather than guessed: the question is asked
//! again with one link less, one link more or with another policy, in another network,
//! without private zones, under another assumption, and what then agrees with what was seen explains it.
//! Where the simulation cannot say, nothing differs: [`Verdict::CannotSay`].
//!
//! ```
//! use privdns::comparison::{Verdict, compare};
//! use privdns::index::{Index, Settings};
//! # use privdns::{estate::Assembly, record::RecordType, source::{self, Role}, transcript};
//! # let mut assembly = Assembly::default();
//! # let text = "vnet hub\nzone corp.internal link hub\n  nas A 10.0.0.7\n";
//! # source::read("e", text.as_bytes(), None, Role::Estate, &mut assembly);
//! let index = Index::new(assembly.finish());
//! let views = index.views(&Settings::default());
//! let seen = transcript::read("$ host nas.corp.internal\nnas.corp.internal has address 10.0.0.9\n");
//! let vnet = views[0].vnets()[0];
//! let found = compare(&views, vnet, &seen.observations[0], RecordType::A).unwrap();
//! assert_eq!(found.verdict, Verdict::Differs);
//! ```

#![deny(clippy::disallowed_methods)]

mod cause;

use std::net::{IpAddr, SocketAddr};

use crate::estate::{BLOCKED, BlockResponse, Estate, VnetId, ZoneId};
use crate::index::{AZURE_DNS, Assumption, Party, Place, Servers, View};
use crate::name::Name;
use crate::record::{RecordType, is_private};
use crate::resolve::{Asked, Gap, HopResult, Reach, Trace, resolve};
use crate::transcript::{Observation, Server, Shown, Status};

pub use cause::{Cause, ServerDoubt, Silence};

/// How a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Records, as texts, sorted.
    Records(Vec<String>),
    /// A public endpoint of unknown address.
    Endpoint,
    /// The name exists without the type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// No address, and the tool does not say why.
    NoAddress,
    /// The server failed or refused: the response code.
    Failed(String),
    /// No server answered, and why.
    NoReply(String),
    /// The estate cannot say, because of this.
    Unknown(Gap),
}

/// The names of a chain, and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The one asked first.
    pub names: Vec<Name>,
    /// How it ends.
    pub end: End,
    /// Where a client ends up.
    pub reach: Reach,
}

impl Path {
    /// The end as a word or the data itself.
    pub fn show_end(&self) -> String {
        match &self.end {
            End::Records(texts) => texts.join(", "),
            End::Endpoint => "a public address".to_owned(),
            End::NoData => "no data".to_owned(),
            End::NxDomain => "NXDOMAIN".to_owned(),
            End::NoAddress => "no address".to_owned(),
            End::Failed(rcode) => rcode.clone(),
            End::NoReply(_) => "no reply".to_owned(),
            End::Unknown(_) => "unknown".to_owned(),
        }
    }
}

/// What comparing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Not the same.
    Differs,
    /// No server answered.
    NoReply,
    /// The simulation does not know, so nothing contradicts it.
    CannotSay,
    /// The same, as far as it was shown.
    Same,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Differs => "differs",
            Verdict::NoReply => "no reply",
            Verdict::CannotSay => "cannot say",
        }
    }
}

/// One question, simulated and seen.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The name asked.
    pub name: Name,
    /// The type asked.
    pub record_type: RecordType,
    /// The network it is simulated for.
    pub vnet: VnetId,
    /// Who was asked.
    pub server: Option<Server>,
    /// The line of the observation.
    pub line: usize,
    /// What the simulation says.
    pub expected: Path,
    /// The hops of the simulation.
    pub trace: Trace,
    /// What was seen.
    pub seen: Path,
    /// How much of the chain was shown.
    pub shown: Shown,
    /// What the server says of the answer.
    pub extended_error: Option<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// The first hop that differs, by its place in the chain; `None` where none does or
    /// where the chain was not shown.
    pub hop: Option<usize>,
    /// Why, the likeliest first.
    pub causes: Vec<Cause>,
}

/// Compares an observation with what clients of `vnet` get; `None` where no view is of it.
pub fn compare(
    views: &[View<'_>],
    vnet: VnetId,
    observation: &Observation,
    record_type: RecordType,
) -> Option<Compared> {
    let asked = asked(views, vnet, observation)?;
    let mut compared = beside(&asked, vnet, observation, record_type);
    compared.causes = cause::causes(&asked, views, &compared, observation, &[]);
    Some(compared)
}

/// Compares the lookups of one run, each with all types that it is about; each comes with
/// the place of its observation.
///
/// What one lookup proves counts for the others: a zone that answered is linked.
pub fn compare_all<'o>(
    views: &[View<'_>],
    vnet: VnetId,
    observations: impl IntoIterator<Item = &'o Observation>,
) -> Vec<(usize, Compared)> {
    let mut found = Vec::new();
    let observations: Vec<&Observation> = observations.into_iter().collect();
    for (at, observation) in observations.iter().enumerate() {
        let Some(asked) = asked(views, vnet, observation) else { continue };
        let types = observation.types().into_iter();
        found.extend(types.map(|of| (at, beside(&asked, vnet, observation, of))));
    }
    let proven = match found.iter().all(|(_, one)| one.verdict == Verdict::Same) {
        true => Vec::new(),
        false => proven(views, vnet, &found, &observations),
    };
    for (at, one) in &mut found {
        let Some(asked) = asked(views, vnet, observations[*at]) else { continue };
        let here = proven.iter().filter(|(server, _)| *server == one.server);
        let here: Vec<ZoneId> = here.map(|(_, zone)| *zone).collect();
        one.causes = cause::causes(&asked, views, one, observations[*at], &here);
    }
    cause::disagreements(&mut found);
    found
}

/// The zones that answered, and to whom the server answered so: without its link the answer
/// would have been another, or the SOA of a negative answer is the zone's.
fn proven(
    views: &[View<'_>],
    vnet: VnetId,
    found: &[(usize, Compared)],
    observations: &[&Observation],
) -> Vec<(Option<Server>, ZoneId)> {
    let mut proven: Vec<(Option<Server>, ZoneId)> = Vec::new();
    for (at, one) in found {
        let Some(asked) = asked(views, vnet, observations[*at]) else { continue };
        for zone in one.trace.zones() {
            let entry = (one.server.clone(), zone);
            if !proven.contains(&entry)
                && (cause::said_no_itself(&asked, observations[*at], zone)
                    || (one.verdict == Verdict::Same
                        && !cause::explains(&asked.without(zone), one)))
            {
                proven.push(entry);
            }
        }
    }
    proven
}

/// What whoever was asked can see; `None` where no view is of that network.
fn asked<'i>(views: &[View<'i>], vnet: VnetId, observation: &Observation) -> Option<View<'i>> {
    let view = views.iter().find(|view| view.vnets().contains(&vnet))?;
    // Asked directly, Azure answers whatever servers the network hands out.
    let direct = observation.server.as_ref().is_some_and(|s| s.address == Some(AZURE_DNS));
    let modelled = observation.server.as_ref().filter(|server| is_modelled(view, server));
    let asked = match modelled.and_then(|server| server.address) {
        Some(address) => view.at_server(address),
        None if direct && !matches!(view.servers(), Servers::Azure) => view.at_azure(),
        None => view.clone(),
    };
    Some(told(asked, observation))
}

/// An observation beside the simulation, without causes.
fn beside(
    asked: &View<'_>,
    vnet: VnetId,
    observation: &Observation,
    record_type: RecordType,
) -> Compared {
    let (expected, trace) = simulate(asked, &observation.name, record_type);
    let seen = seen(asked.index().estate(), observation, record_type);
    let agreement = agree(&expected, &trace, &seen, observation.shown, record_type);
    Compared {
        name: observation.name.clone(),
        record_type,
        vnet,
        server: observation.server.clone(),
        line: observation.line,
        expected,
        trace,
        seen,
        shown: observation.shown,
        extended_error: observation.extended_error.clone(),
        verdict: agreement.verdict,
        hop: agreement.hop,
        causes: Vec::new(),
    }
}

/// Whether an inbound endpoint or a DNS server of the estate listens there, so that what it
/// answers can be simulated.
fn is_modelled(view: &View<'_>, server: &Server) -> bool {
    let at = |address| SocketAddr::new(address, server.port.unwrap_or(53));
    server.address.is_some_and(|address| {
        let asker = view.vnets().first().copied();
        matches!(view.index().party_at(asker, at(address)), Party::Inbound(_) | Party::Server(_))
    })
}

/// An alias into Private Link that was seen says that the resource has an endpoint,
/// where no input lists it.
fn told<'i>(view: View<'i>, observation: &Observation) -> View<'i> {
    let link = |name: &Name| name.labels().any(|label| label.starts_with(b"privatelink"));
    if !observation.aliases.iter().any(|alias| link(&alias.target)) {
        return view;
    }
    let mut settings = *view.settings();
    // The value is one of the table's, so this cannot fail.
    let _ = settings.set(&format!("{}=present", Assumption::UnlistedEndpoint));
    view.under(&settings)
}

/// The chain of the simulation.
fn simulate(view: &View<'_>, name: &Name, record_type: RecordType) -> (Path, Trace) {
    let index = view.index();
    let place: Place = index.locate(name);
    let mut trace = Trace::default();
    let answer = resolve(view, &place, record_type, &mut trace);
    let mut names: Vec<Name> = trace.hops.iter().map(|hop| index.name(&hop.name)).collect();
    let texts = |data: &crate::record::RecordData| data.texts(&index.estate().names);
    let end = match trace.hops.last().map(|hop| &hop.said) {
        Some(HopResult::Set(set)) => End::Records(texts(&index.set(*set).data)),
        Some(HopResult::Records(data)) => End::Records(texts(data)),
        Some(HopResult::Alias(target, _)) => End::Records(vec![index.name(target).to_string()]),
        Some(HopResult::NoData) => End::NoData,
        Some(HopResult::NxDomain) => End::NxDomain,
        Some(HopResult::Endpoint) => End::Endpoint,
        Some(HopResult::Loop | HopResult::Limit | HopResult::ForwardLoop) => {
            End::Failed("SERVFAIL".to_owned())
        }
        Some(HopResult::Refused) => End::Failed("REFUSED".to_owned()),
        Some(HopResult::Blocked(BlockResponse::Alias)) => End::Records(vec![format!("{BLOCKED}.")]),
        Some(HopResult::Blocked(BlockResponse::ServFail)) => End::Failed("SERVFAIL".to_owned()),
        // Something is always asked after it.
        Some(HopResult::Permitted) => End::Unknown(Gap::UnreadPolicy),
        Some(HopResult::Forwarded(address, _)) => End::Unknown(Gap::ForwardedTo(*address)),
        Some(HopResult::Unknown(gap)) => End::Unknown(*gap),
        None => End::Unknown(Gap::ServersUnknown),
    };
    // A redirect asks for the same name twice.
    names.dedup();
    if names.is_empty() {
        names.push(name.clone());
    }
    let reach = answer.reach;
    (Path { names, end, reach }, trace)
}

/// The chain that was seen.
fn seen(estate: &Estate, observation: &Observation, record_type: RecordType) -> Path {
    let data = observation.data(record_type);
    let reach = reach(estate, &data);
    let end = match &observation.status {
        Status::Answered if data.is_empty() => End::NoData,
        Status::Answered => End::Records(data),
        Status::NoData => End::NoData,
        Status::NxDomain => End::NxDomain,
        Status::NoAddress => End::NoAddress,
        Status::ServFail | Status::Refused | Status::Rcode(_) => {
            End::Failed(observation.status.name().to_owned())
        }
        Status::NoReply(why) => End::NoReply(why.clone()),
    };
    let reach = match end {
        End::Records(_) => reach,
        End::NoReply(_) => Reach::Unknown,
        _ => Reach::None,
    };
    Path { names: observation.names().into_iter().cloned().collect(), end, reach }
}

/// Where addresses lead; `Unknown` for other data.
fn reach(estate: &Estate, data: &[String]) -> Reach {
    let addresses: Option<Vec<IpAddr>> = data.iter().map(|text| text.parse().ok()).collect();
    let Some(addresses) = addresses else { return Reach::Unknown };
    match addresses.iter().all(|&address| is_inside(estate, address)) {
        true => Reach::Private,
        false => Reach::Public,
    }
}

/// Whether an address is for private use, or of a network of the estate.
fn is_inside(estate: &Estate, address: IpAddr) -> bool {
    let mut spaces = estate.vnets.iter().flat_map(|vnet| &vnet.space);
    is_private(address) || spaces.any(|space| space.contains(&address))
}

struct Agreement {
    verdict: Verdict,
    hop: Option<usize>,
}

fn agree(
    expected: &Path,
    trace: &Trace,
    seen: &Path,
    shown: Shown,
    record_type: RecordType,
) -> Agreement {
    let to = |verdict, hop| Agreement { verdict, hop };
    if let End::NoReply(_) = seen.end {
        return to(Verdict::NoReply, None);
    }
    let unknown = matches!(expected.end, End::Unknown(_));
    let last = expected.names.len() - 1;
    if shown == Shown::Nothing {
        // Only the end can be compared, and not where it went wrong.
        return match (unknown, ends_agree(expected, trace, seen, record_type)) {
            (true, _) => to(Verdict::CannotSay, None),
            (false, true) => to(Verdict::Same, None),
            (false, false) => to(Verdict::Differs, None),
        };
    }
    let fork = expected.names.iter().zip(&seen.names).position(|(one, other)| one != other);
    if let Some(fork) = fork {
        // The alias before led elsewhere.
        return to(Verdict::Differs, Some(fork.saturating_sub(1)));
    }
    if unknown {
        // Up to there nothing differs; a chain that ends before it does.
        // A failure behind the aliases may take them from the answer.
        let failed = matches!(seen.end, End::Failed(_));
        let short = seen.names.len() < expected.names.len() && !failed && !flattened(seen);
        let verdict = if short { Verdict::Differs } else { Verdict::CannotSay };
        return to(verdict, short.then_some(seen.names.len() - 1));
    }
    let ends = ends_agree(expected, trace, seen, record_type);
    if seen.names.len() < expected.names.len() {
        // A server may leave aliases out; a client gets the same.
        let same = ends && (flattened(seen) || shown == Shown::Start);
        let verdict = if same { Verdict::Same } else { Verdict::Differs };
        return to(verdict, (!same).then_some(seen.names.len() - 1));
    }
    let more = seen.names.len() > expected.names.len();
    // Behind a public name more public names may come.
    let open = ends_public(trace);
    match ends && (!more || open) {
        true => to(Verdict::Same, None),
        false => to(Verdict::Differs, Some(last)),
    }
}

/// Whether the answer came under the name asked, with no alias.
fn flattened(seen: &Path) -> bool {
    seen.names.len() == 1 && matches!(seen.end, End::Records(_))
}

/// Whether public DNS has the last word.
fn ends_public(trace: &Trace) -> bool {
    matches!(trace.hops.last().map(|hop| hop.asked), Some(Asked::Public(_) | Asked::Redirected(_)))
}

fn ends_agree(expected: &Path, trace: &Trace, seen: &Path, record_type: RecordType) -> bool {
    match (&expected.end, &seen.end) {
        (End::Records(one), End::Records(other)) => {
            // Which public address comes changes from hour to hour.
            one == other
                || (record_type == RecordType::Txt && other[..] == [listed(one)])
                || (ends_public(trace)
                    && expected.reach == Reach::Public
                    && seen.reach == Reach::Public)
        }
        (End::Endpoint, End::Records(_)) => seen.reach == Reach::Public,
        // Few public endpoints have an IPv6 address.
        (End::Endpoint, End::NoData | End::NoAddress) => record_type == RecordType::Aaaa,
        (End::NoData | End::NxDomain | End::Failed(_), End::NoAddress) => true,
        (one, other) => one == other,
    }
}

/// Strings as PowerShell lists them: `{one, two}`, without quotes. Where one ends cannot be
/// told from such a list, so what was expected is written the same way.
fn listed(texts: &[String]) -> String {
    let mut strings: Vec<String> = Vec::new();
    for text in texts {
        let mut inside = false;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match (character, inside) {
                ('"', false) => strings.push(String::new()),
                ('\\', true) => {
                    if let Some(string) = strings.last_mut() {
                        string.extend(characters.next());
                    }
                    continue;
                }
                (other, true) if other != '"' => {
                    if let Some(string) = strings.last_mut() {
                        string.push(other);
                    }
                }
                _ => {}
            }
            if character == '"' {
                inside = !inside;
            }
        }
    }
    format!("{{{}}}", strings.join(", "))
}
