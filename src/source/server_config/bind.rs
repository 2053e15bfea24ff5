//! `named.conf` of BIND: `options`, `zone`, and what they include.
//!
//! "BIND 9 Administrator Reference Manual", Configuration Reference,
//! bind9.readthedocs.io, read 2026-11.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Clients, Draft, EVERYBODY, PORT, Problem, TLS_PORT, Word, is_one_of};
use crate::estate::{Asking, Assembly, BY_DEFAULT, Concerned, InputId, Product, Unsimulated};
use crate::name::NameId;

/// How deep blocks may stand within blocks.
const DEPTH_LIMIT: usize = 16;

/// Statements with which a configuration may start.
const STATEMENTS: [&str; 16] = [
    "options",
    "zone",
    "acl",
    "view",
    "include",
    "key",
    "logging",
    "controls",
    "server",
    "masters",
    "primaries",
    "statistics-channels",
    "trust-anchors",
    "managed-keys",
    "tls",
    "dnssec-policy",
];

/// Options that change no answer for the clients that a server is there for.
const HARMLESS: &[&str] = &[
    "acache-*",
    "allow-new-zones",
    "allow-notify",
    "allow-transfer",
    "allow-update*",
    "also-notify",
    "auth-nxdomain",
    "automatic-interface-scan",
    "avoid-*",
    "bindkeys-file",
    "check-*",
    "clean*",
    "clients-per-query",
    "cookie-*",
    "coresize",
    "datasize",
    "dialup",
    "directory",
    "dnssec-*",
    "dnstap*",
    "dscp",
    "dual-stack-servers",
    "dump-file",
    "edns-udp-size",
    "empty-contact",
    "empty-server",
    "fetches-*",
    "fetch-quota-params",
    "files",
    "flush-zones-on-exit",
    "fstrm-*",
    "geoip-directory",
    "heartbeat-interval",
    "hostname",
    "http-*",
    "inline-signing",
    "interface-interval",
    "ipv4only-*",
    "ixfr-from-differences",
    "keep-response-order",
    "key-directory",
    "lame-ttl",
    "lmdb-mapsize",
    "lock-file",
    "managed-keys-directory",
    "masterfile-*",
    "match-mapped-addresses",
    "max-*",
    "memstatistics*",
    "message-compression",
    "min-*",
    "minimal-*",
    "multi-master",
    "new-zones-directory",
    "no-case-compress",
    "nocookie-udp-size",
    "notify*",
    "nta-*",
    "parental-*",
    "pid-file",
    "preferred-glue",
    "prefetch",
    "provide-ixfr",
    "qname-minimization",
    "query-source*",
    "querylog",
    "random-device",
    "rate-limit",
    "recursing-file",
    "recursive-clients",
    "request-*",
    "require-server-cookie",
    "reserved-sockets",
    "resolver-*",
    "responselog",
    "reuseport",
    "root-key-sentinel",
    "rrset-order",
    "secroots-file",
    "send-cookie",
    "serial-*",
    "server-id",
    "servfail-ttl",
    "session-key*",
    "sig-*",
    "sortlist",
    "stacksize",
    "stale-*",
    "startup-notify-rate",
    "statistics-file",
    "synth-from-dnssec",
    "tcp-*",
    "tkey-*",
    "tls-port",
    "transfer*",
    "transfers-*",
    "trust-anchor-telemetry",
    "try-tcp-refresh",
    "udp-*",
    "update-*",
    "use-v*-udp-ports",
    "v6-bias",
    "validate-except",
    "version",
    "zero-no-soa-ttl*",
    "zone-statistics",
];

/// Options that say who is answered.
const CLIENTS: [&str; 6] = [
    "allow-query",
    "allow-query-on",
    "allow-query-cache",
    "allow-query-cache-on",
    "allow-recursion",
    "allow-recursion-on",
];

/// Statements of the file itself that change no answer.
const HARMLESS_STATEMENTS: &[&str] = &[
    "controls",
    "dnssec-policy",
    "http",
    "key",
    "key-store",
    "logging",
    "lwres",
    "managed-keys",
    "masters",
    "parental-agents",
    "primaries",
    "remote-servers",
    "statistics-channels",
    "tls",
    "trust-anchors",
    "trusted-keys",
];

/// What holds of the file as a whole.
#[derive(Default)]
struct State<'s, 't> {
    /// The lists of addresses by name (`acl`).
    lists: HashMap<&'t str, &'s [Statement<'t>]>,
    /// `options` were read.
    options: bool,
    /// What it has no forwarder for, or all, is asked of forwarders only (`forward only`).
    forward_only: bool,
    /// The names of which it has another zone, or is told to have no empty one.
    without_empty: Vec<NameId>,
    /// Names at or below these it asks of forwarders only.
    only: Vec<NameId>,
    /// It is said for whom it asks others.
    clients: bool,
    /// The forward zones.
    forwarded: Vec<(NameId, Word<'t>)>,
    /// Whether it has empty zones (`empty-zones-enable`); unless said, with recursion.
    empty_zones: Option<bool>,
}

/// Words up to `;`, and the block among them.
struct Statement<'t> {
    words: Vec<Word<'t>>,
    block: Option<Vec<Statement<'t>>>,
}

impl<'t> Statement<'t> {
    fn first(&self) -> Option<Word<'t>> {
        self.words.first().copied()
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    problem: Option<Problem<'t>>,
}

impl<'t> Parser<'t> {
    /// The next word, or one of `{`, `}` and `;`; quotes are taken off.
    fn token(&mut self) -> Option<Word<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let space = rest.len() - rest.trim_start().len();
            self.at += space;
            let rest = &self.text[self.at..];
            let start = self.at;
            if rest.starts_with("//") || rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if let Some(inner) = rest.strip_prefix('"') {
                let length = inner.find('"').unwrap_or(inner.len());
                self.at = (start + length + 2).min(self.text.len());
                return Some(Word { text: &inner[..length], start: start + 1 });
            } else {
                let first = rest.chars().next()?;
                let ends = |c: char| c.is_whitespace() || "{};\"".contains(c);
                let length = match ends(first) {
                    true => first.len_utf8(),
                    false => rest.find(ends).unwrap_or(rest.len()),
                };
                self.at += length;
                return Some(Word { text: &rest[..length], start });
            }
        }
    }

    /// The statements up to the end of the block.
    fn block(&mut self, depth: usize) -> Vec<Statement<'t>> {
        let mut statements = Vec::new();
        let mut open = Statement { words: Vec::new(), block: None };
        while let Some(word) = self.token() {
            match word.text {
                "{" if depth >= DEPTH_LIMIT => {
                    self.problem = Some((word, "this stands too deep".to_owned()));
                    self.at = self.text.len();
                }
                "{" => open.block = Some(self.block(depth + 1)),
                ";" => {
                    let done =
                        std::mem::replace(&mut open, Statement { words: vec![], block: None });
                    statements.extend((!done.words.is_empty()).then_some(done));
                }
                "}" if depth > 0 => {
                    statements.extend((!open.words.is_empty()).then_some(open));
                    return statements;
                }
                "}" => self.problem = Some((word, "this closes nothing".to_owned())),
                _ => open.words.push(word),
            }
        }
        if let Some(last) = open.first() {
            let message = format!("this statement has no end: expected `;` after `{}`", last.text);
            self.problem.get_or_insert((last, message));
        }
        statements.extend((!open.words.is_empty()).then_some(open));
        statements
    }
}

/// Whether the text starts with a statement of `named.conf`.
pub fn recognise(text: &str) -> bool {
    let mut parser = Parser { text, at: 0, problem: None };
    let Some(first) = parser.token() else { return false };
    if !STATEMENTS.contains(&first.text) {
        return false;
    }
    for _ in 0..4 {
        match parser.token().map(|word| word.text) {
            Some("{") => return text[parser.at..].contains(';'),
            Some(";") => return first.text == "include",
            Some(_) => {}
            None => return false,
        }
    }
    false
}

/// Reads a configuration into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut parser = Parser { text, at: 0, problem: None };
    let statements = parser.block(0);
    let mut draft = Draft::new(input, assembly);
    draft.server.product = Some(Product::Bind);
    let mut state = State::default();
    for statement in statements.iter().filter(|one| is(one, "acl")) {
        let name = statement.words.get(1).map(|name| name.text);
        state.lists.extend(name.map(|name| (name, block(statement))));
    }
    for statement in &statements {
        if let Err(problem) = top(&mut draft, &mut state, statement) {
            draft.refuse(problem);
        }
    }
    if state.options {
        empty_zones(&mut draft, &state);
        recursion_by_default(&mut draft, &state);
    }
    forwarding_in_zones(&mut draft, &state);
    if let Some(problem) = parser.problem {
        draft.refuse(problem);
    }
    if draft.server.recursion == Some(false) {
        // Without recursion nothing is forwarded.
        draft.server.forwarders.clear();
    }
    draft.finish();
}

/// The zones that BIND makes by itself, with an SOA and an NS record only.
///
/// One is not made where a zone is declared for the very name, where it is covered by forwarding
/// that is `only`, or where it is disabled; without recursion none is made unless asked for
/// ("Built-in Empty Zones" of the manual; "Automatic empty zones (including RFC 1918 prefixes)",
/// kb.isc.org/docs/aa-00800; both read 2026-11).
fn empty_zones(draft: &mut Draft<'_, '_>, state: &State<'_, '_>) {
    let wanted = state.empty_zones.unwrap_or(draft.server.recursion != Some(false));
    if wanted && !state.forward_only {
        draft.has_private_reverse(|names, apex| {
            let only = |above: &NameId| names.is_at_or_below(apex, *above);
            state.without_empty.contains(&apex) || state.only.iter().any(only)
        });
        draft.may_have_shared_reverse();
    }
}

/// Unless it is said, names of others are looked up for `localnets` and `localhost` only; of its own
/// zones everybody may ask ("allow-recursion", "allow-query-cache" and "allow-query" of the
/// manual, read 2026-11).
fn recursion_by_default(draft: &mut Draft<'_, '_>, state: &State<'_, '_>) {
    if state.clients || draft.server.recursion == Some(false) {
        return;
    }
    let what = format!("allow-recursion {{ localnets; }} {BY_DEFAULT}");
    let origin = draft.origin(Word { text: "", start: 0 });
    let part = Unsimulated::new(NameId::ROOT, what, origin);
    let (names, except_localnets) = (Concerned::Foreign, true);
    draft.server.unsimulated.push(Unsimulated { names, except_localnets, ..part });
}

/// A forward zone within a zone of its own is of use only where NS records in that zone delegate
/// it, which this file does not hold: else it answers of these names itself.
///
/// Users report so on the ISC's mailing list (bind-users); no page of the manual says it.
fn forwarding_in_zones(draft: &mut Draft<'_, '_>, state: &State<'_, '_>) {
    for &(domain, place) in &state.forwarded {
        let (names, zones) = (draft.assembly.names(), &draft.server.zones);
        let around = zones.iter().filter(|zone| !zone.by_default);
        let is_within = |apex: NameId| apex != domain && names.is_at_or_below(domain, apex);
        if around.map(|zone| zone.apex).any(is_within) {
            let what = "type forward within a zone of its own";
            draft.undecided(domain, what, Vec::new(), place);
            draft.remark(
                place,
                "is within a zone of the server's own: asked of others only where NS \
                                 records there delegate it, which are not known",
            );
        }
    }
}

fn block<'s, 't>(statement: &'s Statement<'t>) -> &'s [Statement<'t>] {
    statement.block.as_deref().unwrap_or_default()
}

fn is(statement: &Statement<'_>, name: &str) -> bool {
    statement.first().is_some_and(|first| first.is(name))
}

fn top<'t>(
    draft: &mut Draft<'t, '_>,
    state: &mut State<'_, 't>,
    statement: &Statement<'t>,
) -> Result<(), Problem<'t>> {
    let Some(word) = statement.first() else { return Ok(()) };
    match word.text.to_ascii_lowercase().as_str() {
        "options" => {
            options(draft, state, block(statement))?;
            draft.used();
        }
        "zone" => zone(draft, state, word, statement)?,
        "acl" => {}
        "include" => draft.more(statement.words.get(1).copied().unwrap_or(word)),
        "view" => {
            draft.skip(word, "a view answers some clients only, and is not read");
        }
        // How other servers are spoken to.
        "server" if !block(statement).iter().any(|one| is(one, "bogus")) => {}
        known if HARMLESS_STATEMENTS.contains(&known) => {}
        other => draft.unsimulated(NameId::ROOT, other, word),
    }
    Ok(())
}

/// The clients of a list of addresses: those of its prefixes, or a prefix for all; none where
/// it cannot be told.
fn clients(list: &[Statement<'_>], state: &State<'_, '_>, depth: usize) -> Clients {
    let mut found = Clients::default();
    for one in list {
        let Some(word) = one.first().filter(|word| !word.text.starts_with('!')) else {
            return Clients::default();
        };
        match (word.text.parse::<IpNet>(), word.text.parse::<IpAddr>()) {
            (Ok(prefix), _) => found.prefixes.push(prefix),
            (_, Ok(address)) => found.prefixes.push(address.into()),
            _ if word.is("any") => found.prefixes.push(EVERYBODY),
            _ if word.is("localnets") => found.localnets = true,
            _ if word.is("localhost") => {}
            _ => match state.lists.get(word.text) {
                Some(named) if depth < DEPTH_LIMIT => {
                    let named = clients(named, state, depth + 1);
                    found.prefixes.extend(named.prefixes);
                    found.localnets |= named.localnets;
                }
                // Keys, countries, and names that stand elsewhere add clients.
                _ => {}
            },
        }
    }
    found
}

/// `allow-query { 10.0.0.0/8; };`: who is answered about names at or below a domain.
fn serves<'t>(
    draft: &mut Draft<'t, '_>,
    state: &State<'_, 't>,
    domain: NameId,
    option: &Statement<'t>,
) {
    let Some(word) = option.first() else { return };
    let clients = clients(block(option), state, 0);
    if !clients.prefixes.iter().any(|prefix| prefix.prefix_len() == 0) {
        draft.serves(domain, word.text, clients, word);
    }
}

fn options<'t>(
    draft: &mut Draft<'t, '_>,
    state: &mut State<'_, 't>,
    all: &[Statement<'t>],
) -> Result<(), Problem<'t>> {
    // "recursion yes" is the default.
    draft.server.recursion = Some(true);
    state.options = true;
    for option in all {
        let Some(word) = option.first() else { continue };
        match word.text.to_ascii_lowercase().as_str() {
            "recursion" => {
                let off = option.words.get(1).is_some_and(|value| value.is("no"));
                draft.server.recursion = Some(!off);
            }
            "forwarders" => {
                let targets = addresses(option)?;
                if !targets.is_empty() {
                    draft.forward_rest(word, targets);
                }
            }
            "listen-on" | "listen-on-v6" => {
                // Clients ask at the usual port.
                let port = port_of(&option.words).unwrap_or(PORT);
                let is_v4 = word.is("listen-on");
                for listed in block(option).iter().filter_map(Statement::first) {
                    match port == PORT {
                        // It may listen at the addresses of the other family alone.
                        true if is_v4 || listed.text.parse::<IpAddr>().is_ok() => {
                            draft.listens(word, listed.text);
                        }
                        true => {}
                        false => draft.listens(word, "none"),
                    }
                }
            }
            "forward" => state.forward_only = option.words.get(1).is_some_and(|one| one.is("only")),
            "empty-zones-enable" => {
                state.empty_zones = option.words.get(1).map(|value| !value.is("no"));
            }
            "disable-empty-zone" => {
                if let Some(&name) = option.words.get(1) {
                    state.without_empty.push(draft.domain(name)?);
                }
            }
            known if CLIENTS.contains(&known) => {
                // Where it listens for them is another matter.
                state.clients |= !known.ends_with("-on");
                serves(draft, state, NameId::ROOT, option);
            }
            known if is_one_of(known, HARMLESS) => {}
            other => draft.unsimulated(NameId::ROOT, other, word),
        }
    }
    if !state.forward_only {
        // "forward first" is the default.
        let all = draft.server.forwarders.iter_mut().filter(|one| one.domain == NameId::ROOT);
        all.for_each(|one| one.asking = Asking::First);
    }
    Ok(())
}

fn zone<'t>(
    draft: &mut Draft<'t, '_>,
    state: &mut State<'_, 't>,
    word: Word<'t>,
    statement: &Statement<'t>,
) -> Result<(), Problem<'t>> {
    let apex = *statement
        .words
        .get(1)
        .ok_or_else(|| (word, "expected the name of a zone after `zone`".to_owned()))?;
    let block = block(statement);
    let option = |names: &[&str]| {
        let named = |one: &&Statement<'t>| {
            one.first().is_some_and(|first| names.iter().any(|name| first.is(name)))
        };
        block.iter().find(named)
    };
    let kind = option(&["type"]).and_then(|one| one.words.get(1)).copied();
    let kind = kind.ok_or_else(|| (apex, format!("zone `{}` states no type", apex.text)))?;
    let listed = |names: &[&str]| option(names).map_or_else(|| Ok(Vec::new()), addresses);
    let only =
        option(&["forward"]).and_then(|one| one.words.get(1)).is_some_and(|one| one.is("only"));
    match kind.text.to_ascii_lowercase().as_str() {
        "forward" => {
            let targets = listed(&["forwarders"])?;
            if targets.is_empty() {
                return draft.unsimulated_at(apex, "forwarders { }");
            }
            let domain = draft.domain(apex)?;
            if only {
                state.only.push(domain);
            }
            state.forwarded.push((domain, apex));
            draft.passes(apex, targets, if only { Asking::Forward } else { Asking::First })?;
        }
        "stub" | "static-stub" => {
            let targets = listed(&["masters", "primaries", "server-addresses"])?;
            if targets.is_empty() {
                return Err((apex, format!("stub zone `{}` names no address", apex.text)));
            }
            state.without_empty.push(draft.domain(apex)?);
            draft.passes(apex, targets, Asking::Stub)?;
        }
        "master" | "primary" | "slave" | "secondary" | "mirror" => {
            let domain = draft.domain(apex)?;
            state.without_empty.push(domain);
            if let Some(option) = option(&["allow-query"]) {
                serves(draft, state, domain, option);
            }
            draft.zone(apex)?;
        }
        // Where to start looking names up.
        "hint" => return Ok(()),
        "redirect" | "delegation-only" => {
            return draft.unsimulated_at(apex, &format!("type {}", kind.text));
        }
        other => return Err((kind, format!("expected a type of zone, found `{other}`"))),
    }
    draft.used();
    Ok(())
}

fn port_of(words: &[Word<'_>]) -> Option<u16> {
    let at = words.iter().position(|word| word.is("port"))?;
    words.get(at + 1)?.text.parse().ok()
}

/// `forwarders port 53 { 10.0.0.1; 10.0.0.2 port 5353; 10.0.0.3 tls ephemeral; }`
fn addresses<'t>(statement: &Statement<'t>) -> Result<Vec<SocketAddr>, Problem<'t>> {
    let usual = |words: &[Word<'_>], plain: u16| match words.iter().any(|word| word.is("tls")) {
        true => TLS_PORT,
        false => plain,
    };
    let whole = port_of(&statement.words).unwrap_or(usual(&statement.words, PORT));
    let block = block(statement);
    let one = |listed: &Statement<'t>| {
        let word = listed.words[0];
        let address = word.text.parse::<IpAddr>().map_err(|_| {
            (word, format!("expected the address of a DNS server, found `{}`", word.text))
        })?;
        Ok(SocketAddr::new(address, port_of(&listed.words).unwrap_or(usual(&listed.words, whole))))
    };
    block.iter().map(one).collect()
}
