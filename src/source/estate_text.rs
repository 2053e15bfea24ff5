//! The `.estate` text form, read and written.
//!
//! The form is described in `docs/estate-format.md`. What [`write()`] writes,
//! [`read`] reads back as the same facts.

mod forwarding;
mod policy;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;

use crate::estate::{
    Assembly, ConnectionState, DomainList, Endpoint, Estate, Fate, GroupNames, InputId, Link,
    NoteKind, Origin, Policy, PublicData, PublicFact, RecordSet, Resource, ResourceId, RulesetId,
    SecurityPolicy, Server, ServiceName, Vnet, VnetId, Zone, ZoneId,
};
use crate::name::{NameId, Names};
use crate::record::{Mx, RecordData, RecordType, Soa, Srv, Ttl, quote};

const STATEMENTS: [&str; 12] = [
    "vnet",
    "zone",
    "resource",
    "endpoint",
    "public",
    "site",
    "inbound",
    "ruleset",
    "server",
    "nic",
    "security-policy",
    "domain-list",
];

/// Whether the first statement of `text` is one of `.estate`.
pub fn recognise(text: &str) -> bool {
    let statement = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    text.lines().find(|line| statement(line)).is_some_and(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or("");
        // Terraform has blocks named `resource`, too.
        let block = line.trim_end().ends_with('{');
        let indented = line.starts_with([' ', '\t']);
        !indented && !block && STATEMENTS.contains(&first) && words.next().is_some()
    })
}

/// One word and where it starts.
#[derive(Clone, Debug)]
struct Word<'t> {
    text: Cow<'t, str>,
    start: usize,
    length: usize,
    quoted: bool,
}

/// The octets of a word; in quotes they need not be UTF-8.
fn octets(word: &Word<'_>, raw: &str) -> Box<[u8]> {
    match word.quoted {
        false => word.text.as_bytes().into(),
        true => unescape(&raw.as_bytes()[word.start + 1..word.start + word.length - 1]).into(),
    }
}

/// What stands within quotes: `\ddd` is an octet, `\` before anything else is dropped.
fn unescape(inner: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&first, tail)) = rest.split_first() {
        let number = || {
            let digits = std::str::from_utf8(tail.get(..3)?).ok()?;
            digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let (octet, after): (u8, &[u8]) = match (first, tail.split_first()) {
            (b'\\', Some((&next, after))) => match number() {
                Some(octet) => (octet, &tail[3..]),
                None => (next, after),
            },
            _ => (first, tail),
        };
        octets.push(octet);
        rest = after;
    }
    octets
}

fn words(line: &str, offset: usize) -> Result<Vec<Word<'_>>, (String, usize)> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let start = at;
        match bytes.get(at) {
            None | Some(b'#') => return Ok(words),
            Some(b'"') => {
                at += 1;
                loop {
                    match bytes.get(at) {
                        None => {
                            return Err(("this quoted word has no end".into(), offset + start));
                        }
                        Some(b'"') => break,
                        Some(b'\\') => at += 2,
                        Some(_) => at += 1,
                    }
                }
                let text = unescape(&bytes[start + 1..at]);
                at += 1;
                words.push(Word {
                    text: String::from_utf8_lossy(&text).into_owned().into(),
                    start: offset + start,
                    length: at - start,
                    quoted: true,
                });
            }
            Some(_) => {
                while bytes.get(at).is_some_and(|octet| !octet.is_ascii_whitespace()) {
                    at += 1;
                }
                words.push(Word {
                    text: line[start..at].into(),
                    start: offset + start,
                    length: at - start,
                    quoted: false,
                });
            }
        }
    }
}

/// What indented lines belong to.
enum Open {
    Nothing,
    /// A statement that was refused; its lines go with it.
    Refused,
    Zone(ZoneId),
    Resource(Resource),
    Endpoint(Endpoint),
    Ruleset(RulesetId),
    Server(Server),
    Policy(SecurityPolicy),
    DomainList(DomainList),
}

/// Reads `text` into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let (open, sets, refusal) = (Open::Nothing, Vec::new(), NoteKind::Refused);
    let mut reader = Reader { input, text, assembly, open, sets, refusal };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let fate = reader.line(line.trim_end(), offset).unwrap_or_else(|(message, at, length)| {
            let origin = reader.origin(at, length);
            let kind = std::mem::replace(&mut reader.refusal, NoteKind::Refused);
            reader.assembly.note(kind, message, origin);
            Some(Fate::Refused)
        });
        if let Some(fate) = fate {
            reader.assembly.count(input, fate);
        }
        offset += line.len();
    }
    reader.close();
}

/// What is wrong, at which octet, and for how many.
type Problem = (String, usize, usize);

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    assembly: &'a mut Assembly,
    open: Open,
    /// The record sets of the open zone; lines of one owner and type add up.
    sets: Vec<RecordSet>,
    /// What the note about the line that is being read is about, should it be refused.
    refusal: NoteKind,
}

impl<'t> Reader<'t, '_> {
    fn origin(&self, start: usize, length: usize) -> Origin {
        Origin { input: self.input, start: start as u32, length: length as u32 }
    }

    fn close(&mut self) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Zone(zone) => {
                let mut sets = std::mem::take(&mut self.sets);
                self.join_all(&mut sets);
                for set in sets {
                    self.assembly.put_record_set(zone, set);
                }
            }
            Open::Resource(resource) => self.assembly.put_resource(resource),
            Open::Endpoint(endpoint) => self.assembly.put_endpoint(endpoint),
            Open::Server(mut server) => {
                for zone in &mut server.zones {
                    self.join_all(&mut zone.record_sets);
                }
                self.assembly.put_server(server);
            }
            Open::Policy(policy) => self.assembly.put_policy(policy),
            Open::DomainList(list) => self.assembly.put_domain_list(list),
            Open::Nothing | Open::Refused | Open::Ruleset(_) => {}
        }
    }

    /// One set for each owner and type; what a machine registered does not add to what
    /// somebody wrote.
    fn join_all(&mut self, sets: &mut Vec<RecordSet>) {
        let key = |set: &RecordSet| (set.owner, set.data.record_type(), set.registered);
        sets.sort_by_key(|set| (key(set), set.origin));
        sets.dedup_by(|later, kept| {
            let same = key(later) == key(kept);
            same && self.join(kept, later)
        });
    }

    /// Adds the records of `later` to `kept`; always the end of `later`.
    fn join(&mut self, kept: &mut RecordSet, later: &mut RecordSet) -> bool {
        if later.ttl.is_some() && kept.ttl.is_some() && later.ttl != kept.ttl {
            let message = "this line's TTL differs from the set's; the lower one counts";
            self.assembly.note(NoteKind::UnevenTtl, message, later.origin);
        }
        kept.ttl = match (kept.ttl, later.ttl) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if kept.data == later.data {
            let owner = self.assembly.names().show(later.owner).to_string();
            let message =
                format!("`{owner}` {} is stated twice in one file", later.data.record_type());
            self.assembly.note(NoteKind::Repeated, message, later.origin);
        }
        let data = std::mem::replace(&mut later.data, RecordData::Empty(RecordType::A));
        if let Err(refused) = kept.data.merge(data) {
            let owner = self.assembly.names().show(later.owner).to_string();
            let (kind, what) = match refused {
                RecordData::Cname(_) => (NoteKind::SecondAlias, "alias"),
                _ => (NoteKind::Refused, "SOA"),
            };
            let message = format!("`{owner}` has a second {what}; the first one stays");
            self.assembly.note(kind, message, later.origin);
            self.assembly.take_back(self.input);
        }
        true
    }

    /// Reads a line and says what became of it, if there is anything on it.
    fn line(&mut self, line: &'t str, offset: usize) -> Result<Option<Fate>, Problem> {
        let words = words(line, offset).map_err(|(message, at)| (message, at, 1))?;
        let Some((first, rest)) = words.split_first() else { return Ok(None) };
        if line.starts_with([' ', '\t']) {
            // The note of the statement stands for its lines, too.
            if let Open::Refused = self.open {
                return Ok(Some(Fate::Refused));
            }
            return self.indented(&words).map(|()| Some(Fate::Used));
        }
        self.close();
        self.open = Open::Refused;
        let last = words.last().unwrap_or(first);
        let origin = self.origin(first.start, last.start + last.length - first.start);
        match &*first.text {
            "vnet" => self.vnet(rest, first, origin),
            "zone" => self.zone(rest, first, origin),
            "resource" => self.resource(rest, first, origin),
            "endpoint" => self.endpoint(rest, first, origin),
            "public" => self.public(rest, first, origin),
            "site" => self.site(rest, first, origin),
            "inbound" => self.inbound(rest, first, origin),
            "ruleset" => self.ruleset(rest, first, origin),
            "server" => self.server(rest, first, origin),
            "nic" => self.nic(rest, first, origin),
            "security-policy" => self.security_policy(rest, first, origin),
            "domain-list" => self.domain_list(rest, first, origin),
            _ => problem(
                first,
                format!("expected one of {}, found `{}`", STATEMENTS.join(", "), first.text),
            ),
        }?;
        if let Open::Refused = self.open {
            // It was understood, and is of a kind that has no lines.
            self.open = Open::Nothing;
        }
        Ok(Some(Fate::Used))
    }

    fn indented(&mut self, words: &[Word<'t>]) -> Result<(), Problem> {
        let (first, last) = (&words[0], &words[words.len() - 1]);
        let origin = self.origin(first.start, last.start + last.length - first.start);
        match &mut self.open {
            Open::Refused => Ok(()),
            Open::Nothing => problem(first, "this line belongs to no statement above it"),
            Open::Zone(zone) => {
                let zone = *zone;
                let result = self.record(zone, words, origin);
                if result.is_err() {
                    let apex = self.assembly.zone(zone).apex;
                    match name_of(self.assembly.names(), first, apex) {
                        Ok(owner) => self.assembly.zone(zone).unread.push(owner),
                        Err(_) => self.assembly.zone(zone).refused += 1,
                    }
                }
                result
            }
            Open::Resource(resource) => {
                let name = name_of(self.assembly.names(), first, NameId::ROOT)?;
                let Some(group) = words.get(1) else {
                    return problem(
                        first,
                        "expected a sub-resource such as `batchAccount` after the name",
                    );
                };
                let endpoint = match words.get(2) {
                    None => None,
                    Some(word) if word.text == "endpoint" => Some(true),
                    Some(word) if word.text == "no-endpoint" => Some(false),
                    Some(word) => {
                        let message =
                            format!("expected `endpoint` or `no-endpoint`, found `{}`", word.text);
                        return problem(word, message);
                    }
                };
                resource.names.push(ServiceName { name, group: group.text.to_string(), endpoint });
                Ok(())
            }
            Open::Endpoint(endpoint) => {
                let name = name_of(self.assembly.names(), first, NameId::ROOT)?;
                let addresses = words[1..]
                    .iter()
                    .map(|word| parse(word, "an IP address"))
                    .collect::<Result<_, _>>()?;
                endpoint.names.push((name, addresses));
                Ok(())
            }
            Open::Ruleset(ruleset) => {
                let ruleset = *ruleset;
                let result = self.rule(ruleset, words, origin);
                if result.is_err() {
                    self.assembly.ruleset(ruleset).refused += 1;
                }
                result
            }
            Open::Policy(_) => {
                let rule = self.policy_rule(words, origin);
                if let Open::Policy(policy) = &mut self.open {
                    match &rule {
                        Ok(rule) => policy.rules.push(rule.clone()),
                        Err(_) => policy.refused += 1,
                    }
                }
                rule.map(drop)
            }
            Open::DomainList(_) => {
                let result = self.domains(words);
                if let (Err(_), Open::DomainList(list)) = (&result, &mut self.open) {
                    list.partial = true;
                }
                result
            }
            Open::Server(_) => {
                let Open::Server(mut server) = std::mem::replace(&mut self.open, Open::Nothing)
                else {
                    return Ok(());
                };
                let result = self.server_line(&mut server, words, origin);
                server.refused += u32::from(result.is_err());
                self.open = Open::Server(server);
                result
            }
        }
    }

    fn vnet(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (name, options) = options(words, first, &["group", "id", "location", "dns", "space"])?;
        let mut group = None;
        let mut id = None;
        let mut servers = Some(Vec::new());
        let mut space = Vec::new();
        let mut location = None;
        for (option, value) in options {
            match &*option.text {
                "group" => group = Some(value.text.to_string()),
                "id" => id = Some(value),
                "location" => location = Some(value.text.to_string()),
                "dns" if value.text == "azure" => servers = Some(Vec::new()),
                "dns" if value.text == "unknown" => servers = None,
                "dns" => servers = Some(list(value, "an IP address")?),
                _ => space = list(value, "an address prefix")?,
            }
        }
        let vnet = match id {
            Some(id) => self.assembly.vnet_of(&id.text, origin).map_err(|m| at(id, m))?,
            None => self.assembly.vnet_named(&name.text, group.as_deref(), origin),
        };
        let vnet = self.assembly.vnet(vnet);
        vnet.servers = vnet.servers.take().or(servers);
        vnet.location = vnet.location.take().or(location);
        vnet.group = vnet.group.take().or(group);
        if vnet.space.is_empty() {
            vnet.space = space;
        }
        vnet.origin = origin;
        Ok(())
    }

    fn zone(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let Some((name, rest)) = words.split_first() else {
            return problem(first, "expected the apex of a zone");
        };
        let apex = name_of(self.assembly.names(), name, NameId::ROOT)?;
        let mut group = None;
        let mut id = None;
        let mut links = Vec::new();
        let mut listed = true;
        let mut refused = 0;
        let (mut links_listed, mut links_missing) = (true, false);
        let mut rest = rest.iter();
        while let Some(option) = rest.next() {
            match &*option.text {
                "partial" => refused = 1,
                "unread" => listed = false,
                "links-missing" => links_missing = true,
                "links-unread" => links_listed = false,
                "group" | "id" | "link" => {
                    let Some(value) = rest.next() else {
                        return problem(
                            option,
                            format!("expected a value after `{}`", option.text),
                        );
                    };
                    match &*option.text {
                        "group" => group = Some(value.text.to_string()),
                        "id" => id = Some(value),
                        _ => links.push(value),
                    }
                }
                other => {
                    let message = format!(
                        "expected `link`, `group`, `id`, `partial`, `unread`, `links-missing` or \
                         `links-unread`, found `{other}`"
                    );
                    return problem(option, message);
                }
            }
        }
        let zone = match id {
            Some(id) => self.assembly.zone_of(&id.text, origin).map_err(|m| at(id, m))?,
            None => self.assembly.zone_named(apex, group.as_deref(), origin),
        };
        let known = links.len() as u32;
        for word in links {
            let link = self.link(word)?;
            self.assembly.put_link(zone, link);
        }
        let fill = self.assembly.zone(zone);
        fill.listed |= listed;
        fill.links_listed |= links_listed && !links_missing;
        if links_missing {
            fill.declared_links = fill.declared_links.max(Some(known + 1));
        }
        fill.refused += refused;
        fill.origin = origin;
        self.open = Open::Zone(zone);
        Ok(())
    }

    /// `vnet`, `group/vnet` or a whole id, with flags after colons.
    fn link(&mut self, word: &Word<'t>) -> Result<Link, Problem> {
        let mut parts = word.text.split(':');
        let network = parts.next().unwrap_or("");
        let origin = self.origin(word.start, word.length);
        let vnet = if network.starts_with('/') {
            self.assembly.vnet_of(network, origin).map_err(|message| at(word, message))?
        } else {
            let (group, name) = match network.rsplit_once('/') {
                Some((group, name)) => (Some(group), name),
                None => (None, network),
            };
            if name.is_empty() {
                return problem(word, "expected the name of a virtual network");
            }
            self.assembly.vnet_named(name, group, origin)
        };
        let name = format!("to-{}", network.rsplit('/').next().unwrap_or(network));
        let mut link = Link {
            name,
            vnet,
            registration: false,
            // The text form says all there is: a link without a word has no policy.
            policy: Policy::Default,
            pending: None,
            origin,
        };
        for flag in parts {
            match flag {
                "redirect" => link.policy = Policy::NxDomainRedirect,
                "default" => link.policy = Policy::Default,
                "unstated" => link.policy = Policy::Unstated,
                "registration" => link.registration = true,
                "pending" => link.pending = Some("InProgress".to_owned()),
                other => match other.strip_prefix("name=") {
                    Some(name) => link.name = name.to_owned(),
                    None => {
                        let message = format!(
                            "expected `redirect`, `default`, `unstated`, `registration`, `pending` or \
                             `name=…`, found `{other}`"
                        );
                        return problem(word, message);
                    }
                },
            }
        }
        Ok(link)
    }

    fn record(&mut self, zone: ZoneId, words: &[Word<'t>], origin: Origin) -> Result<(), Problem> {
        let apex = self.assembly.zone(zone).apex;
        let names = self.assembly.names();
        let owner = name_of(names, &words[0], apex)?;
        if !names.is_at_or_below(owner, apex) {
            let message = format!("`{}` is not in zone `{}`", names.show(owner), names.show(apex));
            self.refusal = NoteKind::OutsideZone;
            return problem(&words[0], message);
        }
        let Some(word) = words.get(1) else {
            return problem(&words[0], "expected a record type after the owner");
        };
        if word.text.eq_ignore_ascii_case("NS") && owner != apex {
            self.refusal = NoteKind::Delegation;
        }
        let record_type = type_of(word)?;
        let mut values = &words[2..];
        let mut set = RecordSet {
            owner,
            ttl: None,
            data: RecordData::Empty(record_type),
            registered: false,
            creator: None,
            origin,
        };
        // Marks of a set stand before its data: `!registered`, `!creator "…"`.
        while let Some(word) = values.first().filter(|word| !word.quoted) {
            if word.text == "!registered" {
                set.registered = true;
            } else if word.text == "!creator" && values.len() > 1 {
                set.creator = Some(values[1].text.as_ref().into());
                values = &values[1..];
            } else {
                break;
            }
            values = &values[1..];
        }
        (set.ttl, set.data) = data(record_type, values, word, self.text, names)?;
        self.sets.push(set);
        Ok(())
    }

    fn resource(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let known = ["type", "location", "public-access", "id", "group"];
        let (name, options) = options(words, first, &known)?;
        let mut resource = Resource {
            name: name.text.to_string(),
            id: None,
            kind: String::new(),
            location: None,
            public_access: None,
            names: Vec::new(),
            origin,
        };
        for (option, value) in options {
            match &*option.text {
                "type" => resource.kind = value.text.to_string(),
                "location" => resource.location = Some(value.text.to_string()),
                "id" => resource.id = Some(id_of(value)?),
                "public-access" if value.text == "on" => resource.public_access = Some(true),
                "public-access" if value.text == "off" => resource.public_access = Some(false),
                "public-access" => {
                    return problem(
                        value,
                        format!("expected `on` or `off`, found `{}`", value.text),
                    );
                }
                _ => {}
            }
        }
        self.open = Open::Resource(resource);
        Ok(())
    }

    fn endpoint(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (words, state) = match words.iter().position(|word| word.text == "not-approved") {
            Some(at) => {
                let mut words = words.to_vec();
                words.remove(at);
                (Cow::Owned(words), ConnectionState::NotApproved)
            }
            None => (Cow::Borrowed(words), ConnectionState::Approved),
        };
        let (name, options) =
            options(&words, first, &["vnet", "target", "group", "id", "zone-group"])?;
        let mut endpoint = Endpoint {
            name: name.text.to_string(),
            id: None,
            vnet: None,
            state,
            target: None,
            groups: Vec::new(),
            names: Vec::new(),
            zone_group: Vec::new(),
            group_names: GroupNames::default(),
            gone: false,
            origin,
        };
        for (option, value) in options {
            match &*option.text {
                "zone-group" => endpoint.zone_group.push(value.text.as_ref().into()),
                "vnet" => endpoint.vnet = Some(self.link(value)?.vnet),
                "target" => endpoint.target = Some(id_of(value)?),
                "id" => endpoint.id = Some(id_of(value)?),
                _ => endpoint.groups.push(value.text.to_string()),
            }
        }
        self.open = Open::Endpoint(endpoint);
        Ok(())
    }

    fn public(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let [what, name, rest @ ..] = words else {
            return problem(
                first,
                "expected `record`, `endpoint`, `no-endpoint` or a service, and a name",
            );
        };
        let (service, present) = match &*what.text {
            "record" => return self.public_record(name, rest, origin),
            "endpoint" => (None, true),
            "no-endpoint" => (None, false),
            service => match rest {
                [] => (Some(service.to_owned()), true),
                [word] if word.text == "endpoint" => (Some(service.to_owned()), true),
                [word] if word.text == "no-endpoint" => (Some(service.to_owned()), false),
                [word, ..] => {
                    let message =
                        format!("expected `endpoint` or `no-endpoint`, found `{}`", word.text);
                    return problem(word, message);
                }
            },
        };
        // The name is checked here, and made whole where the catalogue is known.
        name_of(&mut Names::default(), name, NameId::ROOT)?;
        let name = name.text.to_string();
        self.assembly.put_public(PublicFact::Endpoint { name, service, present, origin });
        Ok(())
    }

    fn public_record(
        &mut self,
        name: &Word<'t>,
        rest: &[Word<'t>],
        origin: Origin,
    ) -> Result<(), Problem> {
        let names = self.assembly.names();
        let owner = name_of(names, name, NameId::ROOT)?;
        let Some((what, values)) = rest.split_first() else {
            return problem(
                name,
                "expected a record type, NXDOMAIN, NODATA or SERVFAIL after the name",
            );
        };
        let data = match &*what.text {
            "NXDOMAIN" => PublicData::NxDomain,
            "NODATA" => PublicData::NoData,
            "SERVFAIL" => PublicData::ServFail,
            _ => {
                let record_type = type_of(what)?;
                let (ttl, data) = data(record_type, values, what, self.text, names)?;
                PublicData::Records(data, ttl)
            }
        };
        self.assembly.put_public(PublicFact::Recorded { name: owner, data, origin });
        Ok(())
    }
}

/// Reads one record set as a line of a zone has it, the owner absolute: `NAME TYPE [TTL] DATA…`.
pub fn record_set(
    text: &str,
    names: &mut Names,
) -> Result<(NameId, Option<Ttl>, RecordData), String> {
    let read = |names: &mut Names| -> Result<_, Problem> {
        let words = words(text, 0).map_err(|(message, start)| (message, start, 1))?;
        let [owner, what, values @ ..] = &words[..] else {
            return Err(("expected `NAME TYPE [TTL] DATA…`".to_owned(), 0, text.len()));
        };
        let owner = name_of(names, owner, NameId::ROOT)?;
        let (ttl, data) = data(type_of(what)?, values, what, text, names)?;
        Ok((owner, ttl, data))
    };
    read(names).map_err(|(message, _, _)| message)
}

fn problem<T>(word: &Word<'_>, message: impl Into<String>) -> Result<T, Problem> {
    Err(at(word, message))
}

fn at(word: &Word<'_>, message: impl Into<String>) -> Problem {
    (message.into(), word.start, word.length)
}

fn name_of(names: &mut Names, word: &Word<'_>, origin: NameId) -> Result<NameId, Problem> {
    names.intern_text(&word.text, origin).map_err(|error| at(word, error.to_string()))
}

fn type_of(word: &Word<'_>) -> Result<RecordType, Problem> {
    match word.text.parse() {
        Ok(RecordType::Other(_)) => {
            problem(word, format!("a private zone holds no {} records", word.text))
        }
        Ok(record_type) => Ok(record_type),
        Err(_) => problem(word, format!("expected a record type, found `{}`", word.text)),
    }
}

fn id_of(word: &Word<'_>) -> Result<ResourceId, Problem> {
    ResourceId::new(&word.text)
        .ok_or_else(|| at(word, format!("expected a resource id, found `{}`", word.text)))
}

fn parse<T: std::str::FromStr>(word: &Word<'_>, what: &str) -> Result<T, Problem> {
    word.text.parse().map_err(|_| at(word, format!("expected {what}, found `{}`", word.text)))
}

/// A list with commas, without white space.
fn list<T: std::str::FromStr>(word: &Word<'_>, what: &str) -> Result<Vec<T>, Problem> {
    word.text
        .split(',')
        .map(|item| item.parse().map_err(|_| at(word, format!("expected {what}, found `{item}`"))))
        .collect()
}

type Options<'w, 't> = Vec<(&'w Word<'t>, &'w Word<'t>)>;

/// A name, then options with a value each.
fn options<'w, 't>(
    words: &'w [Word<'t>],
    first: &Word<'t>,
    known: &[&str],
) -> Result<(&'w Word<'t>, Options<'w, 't>), Problem> {
    let Some((name, rest)) = words.split_first() else {
        return problem(first, format!("expected a name after `{}`", first.text));
    };
    let mut options = Vec::new();
    for pair in rest.chunks(2) {
        if !known.contains(&&*pair[0].text) {
            let message = format!("expected one of {}, found `{}`", known.join(", "), pair[0].text);
            return problem(&pair[0], message);
        }
        let [option, value] = pair else {
            return problem(&pair[0], format!("expected a value after `{}`", pair[0].text));
        };
        options.push((option, value));
    }
    Ok((name, options))
}

/// `[TTL] DATA…` of a record line.
fn data(
    record_type: RecordType,
    values: &[Word<'_>],
    what: &Word<'_>,
    text: &str,
    names: &mut Names,
) -> Result<(Option<Ttl>, RecordData), Problem> {
    let fields = match record_type {
        RecordType::Mx => 2,
        RecordType::Srv => 4,
        RecordType::Soa => 7,
        _ => 1,
    };
    let number = |word: &Word<'_>| !word.quoted && word.text.bytes().all(|o| o.is_ascii_digit());
    // A leading number is a TTL where the data has no room for it.
    let leading = match record_type {
        RecordType::Mx | RecordType::Srv | RecordType::Soa => values.len() == fields + 1,
        RecordType::Cname | RecordType::Ptr => values.len() > 1,
        _ => true,
    };
    let (ttl, values) = match values.split_first() {
        Some((first, rest)) if leading && number(first) => {
            let seconds: u32 = parse(first, "a TTL in seconds")?;
            let ttl = Ttl::new(seconds).ok_or_else(|| {
                at(first, format!("a TTL has at most {} seconds, found {seconds}", Ttl::MOST))
            })?;
            (Some(ttl), rest)
        }
        _ => (None, values),
    };
    if values.is_empty() {
        return Ok((ttl, RecordData::Empty(record_type)));
    }
    let exactly = |count: usize, form: &str| {
        if values.len() == count {
            return Ok(());
        }
        let message =
            format!("expected `{form}` after {record_type}, found {} words", values.len());
        problem(what, message)
    };
    let data = match record_type {
        RecordType::A => RecordData::A(
            values.iter().map(|word| parse(word, "an IPv4 address")).collect::<Result<_, _>>()?,
        ),
        RecordType::Aaaa => RecordData::Aaaa(
            values.iter().map(|word| parse(word, "an IPv6 address")).collect::<Result<_, _>>()?,
        ),
        RecordType::Cname => {
            exactly(1, "target")?;
            RecordData::Cname(name_of(names, &values[0], NameId::ROOT)?)
        }
        RecordType::Ptr => RecordData::Ptr(
            values
                .iter()
                .map(|word| name_of(names, word, NameId::ROOT))
                .collect::<Result<_, _>>()?,
        ),
        RecordType::Mx => {
            exactly(2, "preference exchange")?;
            let preference = parse(&values[0], "a preference from 0 to 65535")?;
            let exchange = name_of(names, &values[1], NameId::ROOT)?;
            RecordData::Mx([Mx { preference, exchange }].into())
        }
        RecordType::Srv => {
            exactly(4, "priority weight port target")?;
            let number = |at: usize| parse(&values[at], "a number from 0 to 65535");
            RecordData::Srv(
                [Srv {
                    priority: number(0)?,
                    weight: number(1)?,
                    port: number(2)?,
                    target: name_of(names, &values[3], NameId::ROOT)?,
                }]
                .into(),
            )
        }
        RecordType::Soa => {
            exactly(7, "host mailbox serial refresh retry expire minimum")?;
            let seconds = |at: usize| parse(&values[at], "a number of seconds");
            RecordData::Soa(Box::new(Soa {
                host: name_of(names, &values[0], NameId::ROOT)?,
                mailbox: name_of(names, &values[1], NameId::ROOT)?,
                serial: parse(&values[2], "a serial number")?,
                refresh: seconds(3)?,
                retry: seconds(4)?,
                expire: seconds(5)?,
                minimum: seconds(6)?,
            }))
        }
        RecordType::Txt => {
            let strings = values.iter().map(|word| octets(word, text)).collect();
            RecordData::Txt([strings].into())
        }
        RecordType::Other(_) => RecordData::Empty(record_type),
    };
    Ok((ttl, data))
}

/// The estate as text.
///
/// Inputs, notes and places are left out; everything else is read back the same.
pub fn write(estate: &Estate) -> String {
    let mut text = String::new();
    estate.vnets.iter().for_each(|vnet| write_vnet(vnet, &mut text));
    for zone in &estate.zones {
        text.push('\n');
        write_zone(estate, zone, &mut text);
    }
    for resource in &estate.resources {
        let _ = write!(text, "\nresource {}", word(&resource.name));
        option(&mut text, "type", Some(resource.kind.as_str()).filter(|kind| !kind.is_empty()));
        option(&mut text, "location", resource.location.as_deref());
        option(&mut text, "id", resource.id.as_ref().map(ResourceId::as_str));
        let access = resource.public_access.map(|on| if on { "on" } else { "off" });
        option(&mut text, "public-access", access);
        text.push('\n');
        for name in &resource.names {
            let _ = write!(text, "  {}  {}", estate.names.show(name.name), word(&name.group));
            text.push_str(match name.endpoint {
                Some(true) => "  endpoint\n",
                Some(false) => "  no-endpoint\n",
                None => "\n",
            });
        }
    }
    for endpoint in &estate.endpoints {
        let _ = write!(text, "\nendpoint {}", word(&endpoint.name));
        let vnet = endpoint.vnet.map(|vnet| vnet_word(estate, vnet));
        option(&mut text, "vnet", vnet.as_deref());
        option(&mut text, "target", endpoint.target.as_ref().map(ResourceId::as_str));
        option(&mut text, "id", endpoint.id.as_ref().map(ResourceId::as_str));
        for group in &endpoint.groups {
            option(&mut text, "group", Some(group));
        }
        for zone in &endpoint.zone_group {
            option(&mut text, "zone-group", Some(zone));
        }
        if endpoint.state == ConnectionState::NotApproved {
            text.push_str("  not-approved");
        }
        text.push('\n');
        for (name, addresses) in &endpoint.names {
            let _ = write!(text, "  {}", estate.names.show(*name));
            for address in addresses {
                let _ = write!(text, "  {address}");
            }
            text.push('\n');
        }
    }
    forwarding::write(estate, &mut text);
    policy::write(estate, &mut text);
    if !estate.public.is_empty() {
        text.push('\n');
    }
    for fact in &estate.public {
        write_public(estate, fact, &mut text);
    }
    text
}

fn word(text: &str) -> Cow<'_, str> {
    let plain = !text.is_empty()
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"#\\".contains(c));
    if plain { text.into() } else { quote(&[text.as_bytes().into()]).into() }
}

fn option(text: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = write!(text, "  {name} {}", word(value));
    }
}

fn vnet_word(estate: &Estate, id: VnetId) -> String {
    let vnet = estate.vnet(id);
    match &vnet.id {
        Some(id) => id.to_string(),
        None => vnet.qualified(),
    }
}

fn write_vnet(vnet: &Vnet, text: &mut String) {
    let _ = write!(text, "{} {}", if vnet.site { "site" } else { "vnet" }, word(&vnet.name));
    match &vnet.id {
        Some(id) => option(text, "id", Some(id.as_str())),
        None => option(text, "group", vnet.group.as_deref()),
    }
    option(text, "location", vnet.location.as_deref());
    let join = |items: Vec<String>| (!items.is_empty()).then(|| items.join(","));
    option(text, "space", join(vnet.space.iter().map(ToString::to_string).collect()).as_deref());
    match &vnet.servers {
        None => text.push_str("  dns unknown"),
        Some(servers) => {
            let servers = servers.iter().map(IpAddr::to_string).collect();
            option(text, "dns", join(servers).as_deref());
        }
    }
    text.push('\n');
}

fn write_zone(estate: &Estate, zone: &Zone, text: &mut String) {
    use crate::estate::Extent;
    let _ = write!(text, "zone {}", estate.names.show(zone.apex));
    match &zone.id {
        Some(id) => option(text, "id", Some(id.as_str())),
        None => option(text, "group", zone.group.as_deref()),
    }
    match zone.extent() {
        Extent::Whole if zone.unread.is_empty() => {}
        Extent::Whole | Extent::Partial => text.push_str("  partial"),
        Extent::Unknown => text.push_str("  unread"),
    }
    match (zone.links_extent(), zone.declared_links) {
        (Extent::Whole, _) => {}
        (_, Some(_)) => text.push_str("  links-missing"),
        _ if zone.links_short => text.push_str("  links-missing"),
        (_, None) => text.push_str("  links-unread"),
    }
    for link in &zone.links {
        let mut network = vnet_word(estate, link.vnet);
        match link.policy {
            Policy::Default => {}
            Policy::NxDomainRedirect => network.push_str(":redirect"),
            Policy::Unstated => network.push_str(":unstated"),
        }
        if link.registration {
            network.push_str(":registration");
        }
        if link.pending.is_some() {
            network.push_str(":pending");
        }
        if link.name != format!("to-{}", estate.vnet(link.vnet).name) {
            let _ = write!(network, ":name={}", link.name);
        }
        option(text, "link", Some(&network));
    }
    text.push('\n');
    let mut sets: Vec<(String, &RecordSet)> = zone
        .record_sets
        .iter()
        .map(|set| (estate.names.relative(set.owner, zone.apex), set))
        .collect();
    sets.sort_by(|a, b| {
        let key = |entry: &(String, &RecordSet)| (entry.0 != "@", entry.0.clone());
        key(a).cmp(&key(b)).then(a.1.data.record_type().cmp(&b.1.data.record_type()))
    });
    for (owner, set) in sets {
        let record_type = set.data.record_type();
        let mut head = format!("  {}  {record_type}", plain(&owner));
        if set.registered {
            head.push_str("  !registered");
        }
        if let Some(creator) = &set.creator {
            let _ = write!(head, "  !creator {}", quote(&[creator.as_bytes().into()]));
        }
        write_data(&head, set.ttl, &set.data, &estate.names, text);
    }
}

/// Names as words: one that starts with `#` would be a comment.
fn plain(names: &str) -> String {
    let words = names.split(' ').map(|word| match word.strip_prefix('#') {
        Some(rest) => format!("\\#{rest}"),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Lines of `head`, TTL and data; several only where one line cannot hold the set.
fn write_data(head: &str, ttl: Option<Ttl>, data: &RecordData, names: &Names, text: &mut String) {
    // A set without records has nothing to keep for a time, and `CNAME 300` is an alias of `300`.
    let ttl = ttl.filter(|_| !matches!(data, RecordData::Empty(_)));
    let ttl = ttl.map(|ttl| format!("  {}", ttl.seconds())).unwrap_or_default();
    let mut texts = data.texts(names);
    if !matches!(data, RecordData::Txt(_)) {
        texts.iter_mut().for_each(|text| *text = plain(text));
    }
    match data {
        RecordData::Mx(_) | RecordData::Srv(_) | RecordData::Txt(_) => {
            for record in texts {
                let _ = writeln!(text, "{head}{ttl}  {record}");
            }
        }
        _ => {
            let _ = write!(text, "{head}{ttl}");
            for record in texts {
                let _ = write!(text, "  {record}");
            }
            text.push('\n');
        }
    }
}

fn write_public(estate: &Estate, fact: &PublicFact, text: &mut String) {
    match fact {
        PublicFact::Endpoint { name, service, present, .. } => {
            let _ = match (service, present) {
                (Some(service), true) => writeln!(text, "public {service} {name}"),
                (Some(service), false) => writeln!(text, "public {service} {name} no-endpoint"),
                (None, true) => writeln!(text, "public endpoint {name}"),
                (None, false) => writeln!(text, "public no-endpoint {name}"),
            };
        }
        PublicFact::Recorded { name, data, .. } => {
            let head = format!("public record {}", plain(&estate.names.show(*name).to_string()));
            let _ = match data {
                PublicData::NoData => writeln!(text, "{head} NODATA"),
                PublicData::NxDomain => writeln!(text, "{head} NXDOMAIN"),
                PublicData::ServFail => writeln!(text, "{head} SERVFAIL"),
                PublicData::Records(data, ttl) => {
                    let head = format!("{head} {}", data.record_type());
                    write_data(&head, *ttl, data, &estate.names, text);
                    Ok(())
                }
            };
        }
    }
}
