//! Configuration of dnsmasq: `server=/contoso.com/10.9.0.10` and its like.
//!
//! The manual page, thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html, read 2026-11.

use std::net::IpAddr;

use super::{Draft, Problem, Word, is_one_of, lines, private_reverse, reverse_domain, target};
use crate::estate::{Assembly, Concerned, InputId, Product, Unsimulated};
use crate::name::NameId;
use crate::record::RecordType;

/// Options by which the file is told.
const TELLING: [&str; 8] = [
    "server",
    "address",
    "local",
    "rev-server",
    "no-resolv",
    "resolv-file",
    "domain-needed",
    "bogus-priv",
];

/// Options that change no answer, or those for names of one label only.
const HARMLESS: &[&str] = &[
    "all-servers",
    "auth-*",
    "bind-*",
    "cache-*",
    "clear-on-reload",
    "connmark-*",
    "dhcp-*",
    "dns-forward-max",
    "dns-loop-detect",
    "dnssec*",
    "domain",
    "edns-packet-max",
    "enable-*",
    "expand-hosts",
    "fast-dns-retry",
    "group",
    "ipset",
    "keep-in-foreground",
    "local-ttl",
    "localise-queries",
    "log-*",
    "max-*",
    "min-*",
    "neg-ttl",
    "nftset",
    "no-daemon",
    "no-dhcp-interface",
    "no-negcache",
    "no-ping",
    "no-poll",
    "no-round-robin",
    "pid-file",
    "proxy-dnssec",
    "pxe-*",
    "query-port",
    "quiet-*",
    "ra-param",
    "read-ethers",
    "rebind-*",
    "script-*",
    "strict-order",
    "tftp-*",
    "trust-anchor",
    "use-stale-cache",
    "user",
];

/// Options whose value starts with the names that they add.
const NAMES: [&str; 12] = [
    "auth-zone",
    "caa-record",
    "cname",
    "dns-rr",
    "dynamic-host",
    "host-record",
    "interface-name",
    "mx-host",
    "naptr-record",
    "ptr-record",
    "srv-host",
    "txt-record",
];

/// Those of [`NAMES`] that may give an address its name, which it is no line's business to say.
const ADDRESSES: [&str; 3] = ["auth-zone", "dynamic-host", "interface-name"];

/// What `filterwin2k` keeps from being forwarded: SOA, SRV and, of some names, ANY (255, IANA DNS
/// parameters). What is answered in its place the manual page does not say.
const FILTERED: [RecordType; 3] = [RecordType::Soa, RecordType::Srv, RecordType::Other(255)];

/// An option and its value.
fn option(start: usize, line: &str) -> Option<(Word<'_>, Word<'_>)> {
    let skipped = line.len() - line.trim_start().len();
    let (start, line) = (start + skipped, line.trim_start());
    if line.is_empty() {
        return None;
    }
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    let skipped = value.len() - value.trim_start().len();
    let value_start = (start + key.len() + 1 + skipped).min(start + line.len());
    let key = key.trim_end();
    Some((Word { text: key, start }, Word { text: value.trim(), start: value_start }))
}

/// Whether all lines are options, some of them of dnsmasq only.
pub fn recognise(text: &str) -> bool {
    let options: Vec<_> = lines(text).filter_map(|(start, line)| option(start, line)).collect();
    let plain = |word: &Word<'_>| {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !word.text.is_empty() && word.text.chars().all(letters)
    };
    let tells = |(key, value): &(Word<'_>, Word<'_>)| match key.text {
        "server" | "address" | "local" => value.text.starts_with('/') || target(*value).is_ok(),
        other => TELLING.contains(&other),
    };
    options.iter().all(|(key, _)| plain(key)) && options.iter().any(tells)
}

/// Reads a configuration into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut draft = Draft::new(input, assembly);
    draft.server.product = Some(Product::Dnsmasq);
    let (file, rest, bogus) = (None, None, None);
    let (local_service, addresses) = (None, Vec::new());
    let mut state = State {
        resolv: true,
        hosts: true,
        names: false,
        interfaces: false,
        file,
        rest,
        bogus,
        local_service,
        addresses,
    };
    for (start, line) in lines(text) {
        let Some((key, value)) = option(start, line) else { continue };
        if let Err(problem) = state.option(&mut draft, key, value) {
            draft.refuse(problem);
        }
    }
    // It never goes down from the root itself.
    let forwards_rest = draft.server.forwarders.iter().any(|one| one.domain == NameId::ROOT);
    draft.server.recursion = (forwards_rest || !state.resolv).then_some(false);
    let file = state.file.map_or("/etc/resolv.conf", |file| file.text);
    match (state.rest, state.file) {
        (Some(server), _) if state.resolv => {
            let message = format!(
                "the servers in `{file}` are asked as well, and are not known: there is no `no-resolv`"
            );
            draft.skip(server, message);
        }
        (None, Some(place)) if state.resolv => {
            draft.remark(place, format!("the servers in `{file}` are not known"));
        }
        _ => {}
    }
    other_types(&mut draft, &state.addresses);
    if let Some(place) = state.local_service.filter(|_| !state.interfaces) {
        serves_subnets(&mut draft, place);
    }
    if let Some(place) = state.bogus {
        bogus_private(&mut draft, place, state.hosts || state.names);
    }
    draft.finish();
}

/// `bogus-priv`: a private address has no name but that of `/etc/hosts` or of a lease, and is not
/// asked for elsewhere ("--bogus-priv" of the manual page); `named` where it may have one of these.
fn bogus_private<'t>(draft: &mut Draft<'t, '_>, place: Word<'t>, named: bool) {
    if !named {
        return draft.has_private_reverse(|_, _| false);
    }
    for apex in private_reverse() {
        if let Ok(domain) = draft.assembly.names().intern_text(&apex, NameId::ROOT) {
            draft.undecided(domain, place.text, Vec::new(), place);
        }
    }
}

/// Questions for another type than that of the addresses of `address=` are sent on: version 2.90
/// does so, and the manual page says of "A (or AAAA) queries" only that they are not
/// ("--address", read 2026-11). Without an address no type exists.
fn other_types(draft: &mut Draft<'_, '_>, addresses: &[Stated<'_>]) {
    for (at, one) in addresses.iter().enumerate() {
        let same = || addresses.iter().filter(|other| other.domain == one.domain);
        let is_first = addresses[..at].iter().all(|other| other.domain != one.domain);
        if !is_first || same().any(|one| one.address.is_none()) {
            continue;
        }
        let has = |v4: bool| same().any(|one| one.address.is_some_and(|one| one.is_ipv4() == v4));
        let types = [(RecordType::A, has(true)), (RecordType::Aaaa, has(false))];
        let except_types = types.into_iter().filter(|one| one.1).map(|one| one.0).collect();
        let part = Unsimulated::new(one.domain, "address".to_owned(), draft.origin(one.place));
        draft.server.unsimulated.push(Unsimulated { except_types, ..part });
    }
}

/// `local-service`: only hosts on subnets of the server are answered, with `host` the server itself
/// alone; of no effect beside options that name interfaces ("--local-service").
fn serves_subnets(draft: &mut Draft<'_, '_>, place: Word<'_>) {
    let part = Unsimulated::new(NameId::ROOT, "local-service".to_owned(), draft.origin(place));
    let except_localnets = !place.is("host");
    draft.server.unsimulated.push(Unsimulated { except_localnets, ..part });
}

/// A domain of `address=/DOMAIN/ADDRESS`.
struct Stated<'t> {
    domain: NameId,
    place: Word<'t>,
    address: Option<IpAddr>,
}

struct State<'t> {
    /// Servers are taken from a file of the system.
    resolv: bool,
    file: Option<Word<'t>>,
    /// A server for all names that no other one is for.
    rest: Option<Word<'t>>,
    /// Options name the interfaces at which it listens.
    interfaces: bool,
    /// The value of `local-service`.
    local_service: Option<Word<'t>>,
    /// What `address` says of each domain.
    addresses: Vec<Stated<'t>>,
    /// `bogus-priv`
    bogus: Option<Word<'t>>,
    /// Names are taken from `/etc/hosts`.
    hosts: bool,
    /// Addresses have names by leases, or by lines that do not state them.
    names: bool,
}

impl<'t> State<'t> {
    fn option(
        &mut self,
        draft: &mut Draft<'t, '_>,
        key: Word<'t>,
        value: Word<'t>,
    ) -> Result<(), Problem<'t>> {
        match key.text {
            "no-resolv" => self.resolv = false,
            "resolv-file" => self.file = Some(value),
            "server" | "local" | "address" if !wildcards(value).is_empty() => {
                return wildcards(value).into_iter().try_for_each(|domain| {
                    draft
                        .unsimulated_at(above_star(domain), &format!("{}={}", key.text, value.text))
                });
            }
            "server" | "local" => {
                if domains(value).0.is_empty() {
                    self.rest = Some(value);
                }
                server(draft, key, value)?;
            }
            "address" => self.addresses.extend(address(draft, value)?),
            // "Never forward A or AAAA queries for plain names": what hosts files and leases have
            // for them is not known.
            "domain-needed" => {
                let (domain, origin) = (NameId::ROOT, draft.origin(key));
                let part = Unsimulated::new(domain, key.text.to_owned(), origin);
                let types = vec![RecordType::A, RecordType::Aaaa];
                let names = Concerned::Plain;
                draft.server.unsimulated.push(Unsimulated { names, types, ..part });
                return Ok(());
            }
            "local-service" => {
                self.local_service = Some(value);
                return Ok(());
            }
            "except-interface" | "auth-server" => {
                self.interfaces = true;
                return Ok(());
            }
            "listen-address" => {
                self.interfaces = true;
                value.split(',').for_each(|one| draft.listens(key, one.text.trim()));
                return Ok(());
            }
            "interface" => {
                self.interfaces = true;
                draft.listens(key, value.text);
                return Ok(());
            }
            "conf-file" | "conf-dir" | "servers-file" => {
                draft.more(value);
                return Ok(());
            }
            "rev-server" => return reverse(draft, value),
            "bogus-priv" => {
                self.bogus = Some(key);
                return Ok(());
            }
            "no-hosts" => {
                self.hosts = false;
                return Ok(());
            }
            "filterwin2k" => {
                draft.unsimulated_types(&FILTERED, key);
                return Ok(());
            }
            "dhcp-host" => {
                draft.skip(key, "`dhcp-host` adds names, and is not read");
                return Ok(());
            }
            "port" if value.text == "53" => return Ok(()),
            other if NAMES.contains(&other) => {
                self.names |= ADDRESSES.contains(&other);
                return names(draft, other, value);
            }
            "dhcp-range" => {
                self.names = true;
                return Ok(());
            }
            other if is_one_of(other, HARMLESS) => return Ok(()),
            other => {
                draft.unsimulated(NameId::ROOT, other, key);
                return Ok(());
            }
        }
        draft.used();
        Ok(())
    }
}

/// `/a.test/b.test/VALUE` or `VALUE`: the domains and the value.
fn domains<'t>(value: Word<'t>) -> (Vec<Word<'t>>, Word<'t>) {
    if !value.text.starts_with('/') {
        return (Vec::new(), value);
    }
    let mut parts: Vec<Word<'t>> = value.from(1).split('/').collect();
    let last = parts.pop().unwrap_or(value);
    // "For historical reasons" `.contoso.com` is the same as `contoso.com` ("--server").
    let dots = |one: &Word<'_>| usize::from(one.text.len() > 1 && one.text.starts_with('.'));
    (parts.into_iter().map(|one| one.from(dots(&one))).collect(), last)
}

/// Those domains of a value that stand for more than the names at or below them: `#` for all
/// names, `*.contoso.com` for some, `*rp.test` for all that end so.
fn wildcards(value: Word<'_>) -> Vec<Word<'_>> {
    domains(value).0.into_iter().filter(|one| one.text == "#" || one.text.contains('*')).collect()
}

/// The domain at or below which all names stand that one with a star may cover.
fn above_star(domain: Word<'_>) -> Word<'_> {
    let tail = domain.text.rfind(['*', '#']).and_then(|star| {
        let dot = star + domain.text[star..].find('.')?;
        Some(&domain.text[dot + 1..])
    });
    word_of(domain, tail.filter(|tail| !tail.is_empty()).unwrap_or("."))
}

/// `server=/contoso.com/10.9.0.10#53`; without domains for all; without an address the
/// names are known here only.
fn server<'t>(
    draft: &mut Draft<'t, '_>,
    key: Word<'t>,
    value: Word<'t>,
) -> Result<(), Problem<'t>> {
    let (domains, to) = domains(value);
    if domains.is_empty() {
        let targets = vec![target(via(to))?];
        draft.forward_rest(key, targets);
        return Ok(());
    }
    for domain in domains {
        match to.text {
            // Names of this domain come from files of hosts only.
            "" => draft.zone(domain)?,
            "#" => {
                draft.unsimulated_at(domain, "server=/…/#")?;
            }
            _ => {
                let targets = vec![target(via(to))?];
                match domain.text {
                    // Names of one label.
                    "" => draft.skip(key, "servers for names of one label are not read"),
                    _ => draft.forward(domain, targets)?,
                }
            }
        }
    }
    Ok(())
}

/// A text of our own, at the place of a word.
fn word_of<'t>(place: Word<'t>, text: &'t str) -> Word<'t> {
    Word { text, ..place }
}

/// `host-record=nas.test,10.8.0.7,…`: the names before what is none.
fn names<'t>(draft: &mut Draft<'t, '_>, option: &str, value: Word<'t>) -> Result<(), Problem<'t>> {
    let several = ["host-record", "cname"].contains(&option);
    let parts = value.split(',').take(if several { usize::MAX } else { 1 });
    let is_name = |one: &Word<'t>| {
        let plain = one.text.parse::<IpAddr>().is_err() && one.text.parse::<u32>().is_err();
        plain && !one.text.is_empty()
    };
    // The last one of `cname` is what it leads to.
    let mut named: Vec<Word<'t>> = parts.filter(is_name).collect();
    if option == "cname" && named.len() > 1 {
        named.pop();
    }
    named.into_iter().try_for_each(|name| draft.unsimulated_at(name, option))?;
    if option == "host-record" {
        // It names its addresses, too.
        let addresses = value.split(',').filter(|one| one.text.parse::<IpAddr>().is_ok());
        for address in addresses {
            let name = draft.reverse_of(address)?;
            draft.undecided(name, option, Vec::new(), address);
        }
    }
    Ok(())
}

/// `rev-server=10.1.0.0/16,10.9.0.10`: the reverse names of these addresses go to that server.
fn reverse<'t>(draft: &mut Draft<'t, '_>, value: Word<'t>) -> Result<(), Problem<'t>> {
    let mut parts = value.split(',');
    let (Some(prefix), Some(to)) = (parts.next(), parts.next()) else {
        return Err((value, format!("expected `PREFIX,ADDRESS`, found `{}`", value.text)));
    };
    if reverse_domain(prefix.text).is_none() {
        let top = if prefix.text.contains(':') { "ip6.arpa" } else { "in-addr.arpa" };
        return draft.unsimulated_at(word_of(prefix, top), "rev-server");
    }
    let targets = vec![target(via(to))?];
    draft.forward(prefix, targets)?;
    draft.used();
    Ok(())
}

/// The address before `@` and an interface.
fn via(word: Word<'_>) -> Word<'_> {
    let text = word.text.split('@').next().unwrap_or(word.text);
    Word { text, ..word }
}

/// `address=/contoso.com/10.9.1.7`: the name and all below it; without an address, they
/// do not exist.
fn address<'t>(draft: &mut Draft<'t, '_>, value: Word<'t>) -> Result<Vec<Stated<'t>>, Problem<'t>> {
    let (domains, to) = domains(value);
    if domains.is_empty() {
        return Err((value, format!("expected `/NAME/ADDRESS`, found `{}`", value.text)));
    }
    let addresses = match to.text {
        "" => Vec::new(),
        "#" => {
            domains.into_iter().try_for_each(|one| draft.unsimulated_at(one, "address=/…/#"))?;
            return Ok(Vec::new());
        }
        text => {
            vec![text.parse().map_err(|_| (to, format!("expected an address, found `{text}`")))?]
        }
    };
    let mut stated = Vec::new();
    for place in domains {
        draft.answer(place, &addresses, true)?;
        let domain = draft.domain(place)?;
        stated.push(Stated { domain, place, address: addresses.first().copied() });
    }
    Ok(stated)
}
