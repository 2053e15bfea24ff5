//! Configurations of DNS servers: which zones a server has, and what it forwards to whom.
//!
//! Read are the statements about that, as far as they are plain. What may change an
//! answer and is not understood makes what the server says unknown: of the names that the
//! statement is for, or of all. Of statements that nobody here has heard of that holds as
//! well. Files that are included make the configuration partial, so that what nothing else
//! covers is unknown. What is known to change no answer (logging, caches, keys) is passed
//! over and no item.
//!
//! Whose configuration it is stands elsewhere: `config FILE` of a `server` in `.estate`
//! text, or the address on which the file says that the server listens.

pub(super) mod bind;
pub(super) mod coredns;
pub(super) mod dnsmasq;
pub(super) mod unbound;
pub(super) mod windows;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};

use crate::estate::{
    Asking, Assembly, BY_DEFAULT, Fate, Forwarder, InputId, NoteKind, Origin, RecordSet, Server,
    Unsimulated, Zone,
};
use crate::name::{Name, NameId, Names};
use crate::record::{RecordData, RecordType};
use crate::transcript::reverse_name;

/// Where DNS servers listen (RFC 1035).
const PORT: u16 = 53;

/// Where they listen for DNS over TLS (RFC 7858).
const TLS_PORT: u16 = 853;

/// The reverse zones of private addresses, which servers have themselves.
///
/// "Locally Served DNS Zones", RFC 6303 sections 4.1 and 4.4.
fn private_reverse() -> impl Iterator<Item = String> {
    let sixteen = (16..32).map(|octet| format!("{octet}.172.in-addr.arpa"));
    let others = ["10.in-addr.arpa", "168.192.in-addr.arpa", "d.f.ip6.arpa"];
    sixteen.chain(others.map(str::to_owned))
}

/// Above the reverse zones of 100.64.0.0/10, of which there are 64 (RFC 7793).
const SHARED_REVERSE: &str = "100.in-addr.arpa";

/// A word and where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub text: &'t str,
    pub start: usize,
}

impl<'t> Word<'t> {
    fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    /// The part behind the first `skip` octets.
    fn from(&self, skip: usize) -> Word<'t> {
        Word { text: &self.text[skip..], start: self.start + skip }
    }

    /// The parts between separators.
    fn split(self, by: char) -> impl Iterator<Item = Word<'t>> {
        let base = self.text.as_ptr() as usize;
        self.text.split(by).map(move |text| {
            let start = self.start + (text.as_ptr() as usize - base);
            Word { text, start }
        })
    }
}

/// The words of a line that starts at `start`.
fn words(line: &str, start: usize) -> Vec<Word<'_>> {
    let base = line.as_ptr() as usize;
    let word = |text: &'_ str| start + (text.as_ptr() as usize - base);
    line.split_whitespace().map(|text| Word { text, start: word(text) }).collect()
}

/// The lines of a text with the place of each, without comments.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, without_comment(line.trim_end()))
    })
}

/// A `#` at the start or after white space starts a comment.
fn without_comment(line: &str) -> &str {
    let opens = |at: &usize| *at == 0 || line[..*at].ends_with([' ', '\t']);
    let comment = line.match_indices('#').map(|(at, _)| at).find(opens);
    line[..comment.unwrap_or(line.len())].trim_end()
}

/// Whether a word is one of these, or starts with one that ends in `*`.
fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|one| match one.strip_suffix('*') {
        Some(head) => word.starts_with(head),
        None => word == *one,
    })
}

/// What went wrong with a word.
type Problem<'t> = (Word<'t>, String);

/// `IP`, `IP#PORT` (dnsmasq), `IP@PORT` (Unbound) or `IP:PORT` (CoreDNS); an IPv6 address
/// with a port may stand in brackets.
fn target<'t>(word: Word<'t>) -> Result<SocketAddr, Problem<'t>> {
    target_at(word, PORT)
}

/// The same with another usual port.
fn target_at<'t>(word: Word<'t>, usual: u16) -> Result<SocketAddr, Problem<'t>> {
    let text = word.text;
    // TLS names stand behind the address and change nothing of what is asked.
    let (text, port) = match text.split_once(['#', '@']) {
        Some((address, port)) => (address, port.split('#').next().unwrap_or(port).parse().ok()),
        None => (text, Some(usual)),
    };
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let parsed = match (bare.parse::<IpAddr>(), port) {
        (Ok(address), Some(port)) => Some(SocketAddr::new(address, port)),
        _ => text.parse::<SocketAddr>().ok(),
    };
    parsed.ok_or_else(|| {
        (word, format!("expected the address of a DNS server, found `{}`", word.text))
    })
}

/// The domain of the reverse names of a prefix of whole octets, or of whole nibbles of IPv6.
fn reverse_domain(prefix: &str) -> Option<String> {
    let prefix: IpNet = prefix.parse().ok()?;
    let bits = if prefix.addr().is_ipv4() { 8 } else { 4 };
    let length = usize::from(prefix.prefix_len());
    // The labels of the host part come first.
    let hosts = usize::from(prefix.max_prefix_len()) - length;
    let name = reverse_name(prefix.network())?.to_string();
    let whole = length > 0 && length % bits == 0;
    whole.then(|| name.split('.').skip(hosts / bits).collect::<Vec<_>>().join("."))
}

/// A configuration in the making.
struct Draft<'t, 'a> {
    input: InputId,
    assembly: &'a mut Assembly,
    server: Server,
    /// The name that the file itself gives to the server.
    name: Option<&'t str>,
    /// The first statement of where the server listens.
    listening: Option<Word<'t>>,
    /// Whether clients elsewhere reach it at any of these places.
    reachable: bool,
    /// Whether it listens at addresses that the file does not tell.
    anywhere: bool,
}

/// All clients.
const EVERYBODY: IpNet = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0));

/// Clients that a statement names.
#[derive(Default)]
struct Clients {
    prefixes: Vec<IpNet>,
    /// Those in the networks that the server is attached to.
    ///
    /// Of these is known only which virtual network or site the server sits in, not its subnet.
    localnets: bool,
}

impl<'t, 'a> Draft<'t, 'a> {
    fn new(input: InputId, assembly: &'a mut Assembly) -> Self {
        let origin = Origin { input, start: 0, length: 0 };
        let server = Server { refused: 0, ..Server::unread(origin) };
        let (listening, reachable, anywhere) = (None, false, false);
        Draft { input, assembly, server, name: None, listening, reachable, anywhere }
    }

    fn origin(&self, word: Word<'_>) -> Origin {
        let (start, length) = (word.start as u32, word.text.len() as u32);
        Origin { input: self.input, start, length }
    }

    /// One more item that was understood.
    fn used(&mut self) {
        self.assembly.count(self.input, Fate::Used);
    }

    /// An item that cannot be read: what the server does is then not known in full.
    fn refuse(&mut self, (word, message): Problem<'_>) {
        let origin = self.origin(word);
        self.assembly.note(NoteKind::Refused, message, origin);
        self.assembly.count(self.input, Fate::Refused);
        self.server.refused += 1;
    }

    /// An item that is understood by nobody here and may change answers.
    fn skip(&mut self, word: Word<'_>, message: impl Into<String>) {
        let origin = self.origin(word);
        self.assembly.note(NoteKind::Unsupported, message, origin);
        self.assembly.count(self.input, Fate::Unsupported);
        self.server.refused += 1;
    }

    /// A statement, told as `what`, that decides about names at or below a domain and is
    /// not simulated.
    fn unsimulated(&mut self, domain: NameId, what: &str, word: Word<'_>) {
        let origin = self.origin(word);
        let message = match domain {
            NameId::ROOT => format!("`{what}` is not simulated: what the server says is unknown"),
            domain => format!(
                "`{what}` is not simulated: what the server says of `{}` is unknown",
                self.assembly.names().show(domain)
            ),
        };
        self.assembly.note(NoteKind::Unsupported, message, origin);
        self.assembly.count(self.input, Fate::Unsupported);
        self.undecided(domain, what, Vec::new(), word);
    }

    /// The same without a word about it: of something that the server does by default, or
    /// that concerns all clients except those in some prefixes.
    fn undecided(&mut self, domain: NameId, what: &str, except: Vec<IpNet>, word: Word<'_>) {
        let part = Unsimulated::new(domain, what.to_owned(), self.origin(word));
        self.server.unsimulated.push(Unsimulated { except, ..part });
    }

    /// A statement that decides about questions for these types only, and is not simulated.
    fn unsimulated_types(&mut self, types: &[RecordType], word: Word<'_>) {
        let shown: Vec<String> = types.iter().map(ToString::to_string).collect();
        let message = format!(
            "`{}` is not simulated: what the server says of {} is unknown",
            word.text,
            shown.join(", ")
        );
        let origin = self.origin(word);
        self.assembly.note(NoteKind::Unsupported, message, origin);
        self.assembly.count(self.input, Fate::Unsupported);
        let part = Unsimulated::new(NameId::ROOT, word.text.to_owned(), origin);
        self.server.unsimulated.push(Unsimulated { types: types.to_vec(), ..part });
    }

    /// A statement, told as `what`, by which the server answers the clients in some prefixes
    /// about names at or below a domain, and no others.
    fn serves(&mut self, domain: NameId, what: &str, clients: Clients, word: Word<'_>) {
        let Clients { prefixes: except, localnets: except_localnets } = clients;
        if except.is_empty() && !except_localnets {
            return self.unsimulated(domain, what, word);
        }
        let part = Unsimulated::new(domain, what.to_owned(), self.origin(word));
        self.server.unsimulated.push(Unsimulated { except, except_localnets, ..part });
    }

    /// The reverse zones of private addresses, which the server has itself, empty, unless it is
    /// told otherwise; `without` says of which it has not.
    fn has_private_reverse(&mut self, without: impl Fn(&Names, NameId) -> bool) {
        for apex in private_reverse() {
            self.has_by_default(&apex, &without);
        }
    }

    /// The same of the addresses that are shared with providers, as far as one of 64 zones may be
    /// asked for.
    fn may_have_shared_reverse(&mut self) {
        let Ok(id) = self.assembly.names().intern_text(SHARED_REVERSE, NameId::ROOT) else {
            return;
        };
        let what = format!("zones of 100.64.0.0/10 {BY_DEFAULT}");
        self.undecided(id, &what, Vec::new(), Word { text: "", start: 0 });
    }

    /// A zone that the server has without a word, with nothing but what every zone has.
    fn has_by_default(&mut self, apex: &str, without: impl Fn(&Names, NameId) -> bool) {
        let origin = self.origin(Word { text: "", start: 0 });
        let names = self.assembly.names();
        let Ok(id) = names.intern_text(apex, NameId::ROOT) else { return };
        if !without(names, id) {
            let zone = Zone { listed: true, by_default: true, ..Zone::new(id, origin) };
            self.server.zones.push(zone);
        }
    }

    /// Whether a name is below the apex of a zone that the server has without a word.
    fn is_within_default(&mut self, domain: NameId) -> bool {
        let names = self.assembly.names();
        let within = |zone: &Zone| zone.apex != domain && names.is_at_or_below(domain, zone.apex);
        self.server.zones.iter().any(|zone| zone.by_default && within(zone))
    }

    /// The same for the domain that stands there.
    fn unsimulated_at(&mut self, domain: Word<'t>, what: &str) -> Result<(), Problem<'t>> {
        let id = self.domain(domain)?;
        self.unsimulated(id, what, domain);
        Ok(())
    }

    /// There is more elsewhere.
    fn more(&mut self, word: Word<'_>) {
        let message = format!(
            "`{}` is another file: give it to the server as well, with `config`",
            word.text
        );
        self.skip(word, message);
        self.server.includes.push(word.text.to_owned());
    }

    /// How something that is understood was read.
    fn remark(&mut self, word: Word<'_>, message: impl Into<String>) {
        let origin = self.origin(word);
        self.assembly.note(NoteKind::Reading, message, origin);
    }

    /// A name, absolute with or without its final dot; a prefix stands for its reverse names.
    fn domain(&mut self, word: Word<'t>) -> Result<NameId, Problem<'t>> {
        if word.text.parse::<IpNet>().is_ok() {
            let problem = || (word, format!("`{}` is no prefix of whole labels", word.text));
            let reverse = reverse_domain(word.text).ok_or_else(problem)?;
            let id = self.assembly.names().intern_text(&reverse, NameId::ROOT);
            return id.map_err(|error| (word, format!("name {error}")));
        }
        let name: Name = word.text.parse().map_err(|error| (word, format!("name {error}")))?;
        Ok(self.assembly.names().intern(&name))
    }

    /// The reverse name of the address that stands there.
    fn reverse_of(&mut self, address: Word<'t>) -> Result<NameId, Problem<'t>> {
        let problem = || (address, format!("expected an IP address, found `{}`", address.text));
        let name = address.text.parse().ok().and_then(reverse_name).ok_or_else(problem)?;
        Ok(self.assembly.names().intern(&name))
    }

    /// Names at or below a domain go to these servers.
    fn forward(&mut self, domain: Word<'t>, targets: Vec<SocketAddr>) -> Result<(), Problem<'t>> {
        self.passes(domain, targets, Asking::Forward)
    }

    /// The same, asked like that.
    fn passes(
        &mut self,
        domain: Word<'t>,
        targets: Vec<SocketAddr>,
        asking: Asking,
    ) -> Result<(), Problem<'t>> {
        let (domain, origin) = (self.domain(domain)?, self.origin(domain));
        self.server.forwarders.push(Forwarder { asking, domain, targets, origin });
        Ok(())
    }

    /// Everything that nothing else covers goes to these servers.
    fn forward_rest(&mut self, at: Word<'_>, targets: Vec<SocketAddr>) {
        let (asking, domain, origin) = (Asking::Forward, NameId::ROOT, self.origin(at));
        self.server.forwarders.push(Forwarder { asking, domain, targets, origin });
    }

    /// The server has this zone; its records are not in the configuration.
    fn zone(&mut self, apex: Word<'t>) -> Result<(), Problem<'t>> {
        let (id, origin) = (self.domain(apex)?, self.origin(apex));
        self.server.zones.push(Zone::new(id, origin));
        Ok(())
    }

    /// The server answers for this name, and for all below it where `below`, with
    /// these addresses and nothing else.
    fn answer(
        &mut self,
        name: Word<'t>,
        addresses: &[IpAddr],
        below: bool,
    ) -> Result<(), Problem<'t>> {
        let (apex, origin) = (self.domain(name)?, self.origin(name));
        let mut zone = Zone { listed: true, ..Zone::new(apex, origin) };
        let mut owners = vec![apex];
        if below {
            owners.extend(self.assembly.names().intern_text("*", apex));
        }
        let v4 = addresses.iter().filter_map(|one| match one {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        });
        let v6 = addresses.iter().filter_map(|one| match one {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        });
        let (v4, v6): (Vec<_>, Vec<_>) = (v4.collect(), v6.collect());
        for owner in owners {
            let v4 = (!v4.is_empty()).then(|| RecordData::A(v4.clone().into()));
            let v6 = (!v6.is_empty()).then(|| RecordData::Aaaa(v6.clone().into()));
            for data in v4.into_iter().chain(v6) {
                let (ttl, registered, creator) = (None, false, None);
                zone.record_sets.push(RecordSet { owner, ttl, data, registered, creator, origin });
            }
        }
        self.server.zones.push(zone);
        Ok(())
    }

    /// The server listens at the address that stands there, or at another place if it is
    /// none; what every machine calls itself tells nothing.
    fn listens(&mut self, word: Word<'t>, address: &str) {
        self.listening.get_or_insert(word);
        match address.parse::<IpAddr>() {
            Ok(address) if address.is_loopback() => {}
            Ok(address) => {
                self.reachable = true;
                self.anywhere |= address.is_unspecified();
                self.server.addresses.extend((!address.is_unspecified()).then_some(address));
            }
            Err(_) if ["lo", "none"].contains(&address) => {}
            Err(_) => (self.reachable, self.anywhere) = (true, true),
        }
    }

    /// Hands the configuration over.
    fn finish(mut self) {
        if let Some(word) = self.listening.filter(|_| !self.reachable) {
            self.unsimulated(NameId::ROOT, word.text, word);
        }
        let name = self.name.map(str::to_owned);
        self.assembly.put_server_config(self.input, name, self.server, self.anywhere);
    }
}
