//! `unbound.conf`: clauses with an option a line.
//!
//! The manual page, nlnetlabs.nl/documentation/unbound/unbound.conf, read 2026-11.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Clients, Draft, EVERYBODY, PORT, Problem, TLS_PORT, Word, is_one_of, lines, target};
use crate::estate::{Asking, Assembly, BY_DEFAULT, InputId, Product};
use crate::name::NameId;

/// Clauses of the file.
const CLAUSES: [&str; 12] = [
    "server",
    "remote-control",
    "forward-zone",
    "stub-zone",
    "auth-zone",
    "view",
    "python",
    "dynlib",
    "cachedb",
    "redis",
    "dnstap",
    "rpz",
];

/// Options of `server` that change no answer for the clients that a server is there for.
const HARMLESS: &[&str] = &[
    "aggressive-nsec",
    "answer-cookie",
    "auto-trust-anchor-file",
    "cache-*",
    "caps-exempt",
    "chroot",
    "cookie-*",
    "define-tag",
    "delay-close",
    "deny-any",
    "directory",
    "disable-dnssec-lame-check",
    "discard-timeout",
    "dlv-anchor*",
    "do-daemonize",
    "do-ip4",
    "do-ip6",
    "do-not-query-localhost",
    "do-tcp",
    "do-udp",
    "domain-insecure",
    "ede*",
    "edns-*",
    "extended-statistics",
    "fast-server-*",
    "harden-*",
    "hide-*",
    "http-*",
    "https-*",
    "identity",
    "ignore-cd-flag",
    "incoming-num-tcp",
    "infra-*",
    "insecure-lan-zones",
    "interface-automatic*",
    "ip-dscp",
    "ip-freebind",
    "ip-ratelimit*",
    "ip-transparent",
    "iter-scrub-*",
    "jostle-timeout",
    "key-cache-*",
    "log-*",
    "logfile",
    "low-rtt*",
    "max-*",
    "minimal-responses",
    "msg-*",
    "neg-cache-size",
    "nsid",
    "num-*",
    "outbound-msg-retry",
    "outgoing-*",
    "permit-small-holddown",
    "pidfile",
    "prefer-ip4",
    "prefer-ip6",
    "prefetch*",
    "private-domain",
    "proxy-protocol-port",
    "qname-minimisation*",
    "quic-*",
    "ratelimit*",
    "root-hints",
    "root-key-sentinel",
    "rrset-*",
    "serve-expired*",
    "serve-original-ttl",
    "shm-*",
    "sock-queue-timeout",
    "so-*",
    "ssl-*",
    "statistics-*",
    "stream-wait-size",
    "target-fetch-policy",
    "tcp-*",
    "tls-*",
    "trust-anchor*",
    "trusted-keys-file",
    "udp-*",
    "unknown-server-time-limit",
    "unwanted-reply-threshold",
    "use-caps-for-id",
    "use-syslog",
    "use-systemd",
    "username",
    "val-*",
    "verbosity",
    "version",
    "wait-limit*",
    "zonemd-*",
];

/// Options of `forward-zone` and `stub-zone` that change no answer.
const HARMLESS_FORWARDING: &[&str] = &[
    "forward-no-cache",
    "forward-tcp-upstream",
    "stub-first",
    "stub-no-cache",
    "stub-prime",
    "stub-tcp-upstream",
];

/// An option and its value, without quotes.
fn option(start: usize, line: &str) -> Option<(Word<'_>, Word<'_>)> {
    let skipped = line.len() - line.trim_start().len();
    let (start, line) = (start + skipped, line.trim_start());
    let (key, value) = line.split_once(':')?;
    let skipped = value.len() - value.trim_start().len();
    let value_start = start + key.len() + 1 + skipped;
    let value = value.trim();
    let word = match value.strip_prefix('"') {
        // More may follow a quoted name.
        Some(inner) if inner.ends_with('"') && !inner[..inner.len() - 1].contains('"') => {
            Word { text: &inner[..inner.len() - 1], start: value_start + 1 }
        }
        _ => Word { text: value, start: value_start },
    };
    Some((Word { text: key, start }, word))
}

/// Whether the text starts with a clause.
pub fn recognise(text: &str) -> bool {
    let mut significant = lines(text).map(|(_, line)| line.trim()).filter(|line| !line.is_empty());
    let Some(first) = significant.next() else { return false };
    if first.starts_with("include:") || first.starts_with("include-toplevel:") {
        return significant.all(|line| line.contains(':'));
    }
    let clause = first.strip_suffix(':').is_some_and(|clause| CLAUSES.contains(&clause));
    // YAML has lists; here every line is an option.
    clause && significant.next().is_none_or(|line| line.contains(':') && !line.starts_with('-'))
}

/// Reads a configuration into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let (draft, local, access) = (Draft::new(input, assembly), Vec::new(), None);
    let (clause, zone, unblocks_lan, server) = ("", None, false, None);
    let mut reader = Reader { draft, clause, zone, local, unblocks_lan, access, server };
    // It goes down from the root unless it is told to forward.
    reader.draft.server.recursion = Some(true);
    reader.draft.server.product = Some(Product::Unbound);
    for (start, line) in lines(text).filter(|(_, line)| !line.trim().is_empty()) {
        let done = match option(start, line) {
            Some((key, value)) => reader.option(key, value),
            None => {
                let word =
                    Word { text: line.trim(), start: start + line.len() - line.trim_start().len() };
                Err((word, format!("expected `OPTION: VALUE`, found `{}`", word.text)))
            }
        };
        if let Err(problem) = done {
            reader.draft.refuse(problem);
        }
    }
    reader.close();
    reader.defaults();
    reader.draft.finish();
}

/// A `forward-zone` or `stub-zone` that is open.
struct Open<'t> {
    clause: Word<'t>,
    name: Option<Word<'t>>,
    targets: Vec<SocketAddr>,
    /// Its servers are asked over TLS.
    tls: bool,
    asking: Asking,
}

struct Reader<'t, 'a> {
    draft: Draft<'t, 'a>,
    clause: &'t str,
    zone: Option<Open<'t>>,
    /// The domains of `local-zone`, which take the place of zones that are there by default.
    local: Vec<(NameId, Word<'t>)>,
    /// The zones of private addresses are not there.
    unblocks_lan: bool,
    /// The first `access-control`, and the clients that any of them serves.
    access: Option<(Word<'t>, Vec<IpNet>)>,
    /// The first `server` clause.
    server: Option<Word<'t>>,
}

impl<'t> Reader<'t, '_> {
    fn option(&mut self, key: Word<'t>, value: Word<'t>) -> Result<(), Problem<'t>> {
        if value.text.is_empty() && CLAUSES.contains(&key.text) {
            self.close();
            self.clause = key.text;
            if key.text == "server" {
                self.server.get_or_insert(key);
            }
            if ["forward-zone", "stub-zone"].contains(&key.text) {
                let stub = key.text == "stub-zone";
                let asking = if stub { Asking::Stub } else { Asking::Forward };
                let (name, targets, tls) = (None, Vec::new(), false);
                self.zone = Some(Open { clause: key, name, targets, tls, asking });
            }
            if ["auth-zone", "view", "rpz", "python", "dynlib"].contains(&key.text) {
                self.draft.unsimulated(NameId::ROOT, key.text, key);
            }
            return Ok(());
        }
        match (self.clause, key.text) {
            (_, "include" | "include-toplevel") => self.draft.more(value),
            ("server", "interface" | "ip-address") => {
                let address = value.text.split('@').next().unwrap_or(value.text);
                self.draft.listens(key, address);
            }
            ("server", "interface-automatic") if value.is("yes") => {
                self.draft.listens(key, "0.0.0.0");
            }
            ("server", "local-zone") => self.local_zone(value)?,
            ("server", "local-data") => self.local_data(value)?,
            ("server", "local-data-ptr") => {
                let address = first_of(value);
                let name = self.draft.reverse_of(address)?;
                self.draft.unsimulated(name, key.text, address);
            }
            ("server", "port") if value.text == "53" => {}
            ("server", "module-config") => {
                let plain = ["subnetcache", "validator", "iterator"];
                if !value.text.split_whitespace().all(|module| plain.contains(&module)) {
                    self.draft.unsimulated(NameId::ROOT, key.text, key);
                }
            }
            ("server", "access-control") => self.access(key, value),
            ("server", "unblock-lan-zones") => self.unblocks_lan = value.is("yes"),
            ("forward-zone" | "stub-zone", option) => {
                let Some(open) = &mut self.zone else { return Ok(()) };
                match option {
                    "name" => open.name = Some(value),
                    "forward-addr" | "stub-addr" => open.targets.push(target(value)?),
                    "forward-tls-upstream"
                    | "forward-ssl-upstream"
                    | "stub-tls-upstream"
                    | "stub-ssl-upstream" => open.tls = value.is("yes"),
                    "forward-host" | "stub-host" => {
                        let message = format!("server `{}` is a name, not an address", value.text);
                        self.draft.skip(value, message);
                    }
                    "forward-first" if value.is("yes") => open.asking = Asking::First,
                    "forward-first" => {}
                    known if HARMLESS_FORWARDING.contains(&known) => {}
                    other => self.draft.unsimulated(NameId::ROOT, other, key),
                }
            }
            ("server", option) if !is_one_of(option, HARMLESS) => {
                self.draft.unsimulated(NameId::ROOT, option, key);
            }
            _ => {}
        }
        Ok(())
    }

    /// `local-zone: "contoso.com" static`; some types leave answers as they are.
    fn local_zone(&mut self, value: Word<'t>) -> Result<(), Problem<'t>> {
        let kind = value.text.rsplit(char::is_whitespace).next().unwrap_or("");
        let domain = self.draft.domain(first_of(value))?;
        self.local.push((domain, first_of(value)));
        if ["transparent", "typetransparent", "nodefault", "always_transparent"].contains(&kind) {
            return Ok(());
        }
        self.draft.unsimulated_at(first_of(value), "local-zone")
    }

    /// `local-data: "nas.test. A 10.8.0.7"`
    fn local_data(&mut self, value: Word<'t>) -> Result<(), Problem<'t>> {
        self.draft.unsimulated_at(first_of(value), "local-data")
    }

    /// `access-control: 10.0.0.0/8 allow`: clients that are served are listed beside others.
    fn access(&mut self, key: Word<'t>, value: Word<'t>) {
        let mut words = value.text.split_whitespace();
        let prefix = words.next().and_then(prefix);
        let allows = words.next().is_some_and(|action| action.starts_with("allow"));
        let everybody = prefix.is_some_and(|prefix| prefix.prefix_len() == 0);
        let served = &mut self.access.get_or_insert((key, Vec::new())).1;
        match prefix {
            Some(prefix) if allows => served.push(prefix),
            _ if everybody => {}
            _ => self.draft.unsimulated(NameId::ROOT, key.text, key),
        }
    }

    /// What the configuration as a whole says, and what holds without a word.
    ///
    /// "access-control", "local-zone" and "unblock-lan-zones" of the manual page.
    fn defaults(&mut self) {
        self.default_clients();
        self.default_zones();
    }

    /// "By default only localhost is allowed, the rest is refused" (`access-control`), and it listens
    /// at 127.0.0.1 and ::1 (`interface`). What one file states holds for others of the server.
    fn default_clients(&mut self) {
        let (access, draft) = (self.access.take(), &mut self.draft);
        let stated =
            [("access-control", access.as_ref().map(|one| one.0)), ("interface", draft.listening)];
        for (what, place) in stated {
            match (place, self.server) {
                (Some(place), _) => draft.undecided(NameId::ROOT, what, vec![EVERYBODY], place),
                (None, Some(clause)) => {
                    let what = format!("{what} {BY_DEFAULT}");
                    draft.undecided(NameId::ROOT, &what, Vec::new(), clause);
                }
                // A file without the clause is a part of others.
                (None, None) => {}
            }
        }
        if let Some((key, prefixes)) = access
            && !prefixes.iter().any(|prefix| prefix.prefix_len() == 0)
        {
            let clients = Clients { prefixes, localnets: false };
            draft.serves(NameId::ROOT, key.text, clients, key);
        }
    }

    /// The zones that Unbound has by itself, "configured by default to give nxdomain": a `local-zone`
    /// of that name takes the place of one ("local-zone" of the manual page).
    fn default_zones(&mut self) {
        let local = std::mem::take(&mut self.local);
        let is_stated = |apex: NameId| local.iter().any(|one| one.0 == apex);
        let draft = &mut self.draft;
        if self.unblocks_lan {
            // Whether that goes for `test` as well the manual leaves open.
            let test = draft.assembly.names().intern_text("test", NameId::ROOT);
            if let Some(test) = test.ok().filter(|&test| !is_stated(test)) {
                let what = format!("zone test {BY_DEFAULT}");
                draft.undecided(test, &what, Vec::new(), Word { text: "", start: 0 });
            }
            return;
        }
        draft.has_by_default("test", |_, apex| is_stated(apex));
        draft.has_private_reverse(|_, apex| is_stated(apex));
        draft.may_have_shared_reverse();
        for (domain, place) in local {
            if draft.is_within_default(domain) {
                // A part that is `transparent` is looked up as if the zone were not there.
                draft.undecided(domain, "local-zone", Vec::new(), place);
            }
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.zone.take() else { return };
        if open.tls {
            // Whoever is known listens without it.
            open.targets.iter_mut().for_each(|target| {
                target.set_port(if target.port() == PORT { TLS_PORT } else { target.port() });
            });
        }
        let done = match open.name {
            None => Err((open.clause, format!("this `{}` has no `name`", open.clause.text))),
            Some(name) => self.draft.passes(name, open.targets, open.asking),
        };
        match done {
            Ok(()) => self.draft.used(),
            Err(problem) => self.draft.refuse(problem),
        }
    }
}

/// The first word of a value, without quotes.
fn first_of(value: Word<'_>) -> Word<'_> {
    let skip = value.text.len() - value.text.trim_start_matches(['"', '\'', ' ']).len();
    let value = value.from(skip);
    let ends = |c: char| c.is_whitespace() || c == '"' || c == '\'';
    let length = value.text.find(ends).unwrap_or(value.text.len());
    Word { text: &value.text[..length], ..value }
}

/// A prefix, or one address.
fn prefix(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
