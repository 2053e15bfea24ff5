//! The statements of who answers and forwards: `site`, `inbound`, `ruleset`,
//! `server` and `nic`.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use super::{
    Open, Problem, Reader, Word, at, data, id_of, list, name_of, option, options, plain, problem,
    type_of, vnet_word, word, write_data,
};
use crate::estate::{
    Asking, Concerned, ConfigOf, Estate, Extent, Forwarder, ForwardingRule, InboundEndpoint,
    Interface, Origin, Product, RecordSet, ResourceId, Ruleset, RulesetId, RulesetLink, Server,
    ServerKind, Unsimulated, VnetId, Zone,
};
use crate::name::NameId;

/// Where DNS servers listen ("Domain names - implementation and specification", RFC 1035).
const PORT: u16 = 53;

/// `on` or `off`, or two other words for them.
fn either(word: &Word<'_>, yes: &str, no: &str) -> Result<bool, Problem> {
    match &*word.text {
        text if text == yes => Ok(true),
        text if text == no => Ok(false),
        text => problem(word, format!("expected `{yes}` or `{no}`, found `{text}`")),
    }
}

/// `IP` or `IP:PORT`, an IPv6 address with a port in brackets.
fn target(word: &Word<'_>) -> Result<SocketAddr, Problem> {
    let address = || word.text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
    word.text.parse().or_else(|_| address()).map_err(|_| {
        at(word, format!("expected the address of a DNS server, found `{}`", word.text))
    })
}

/// A name and options with a value each, and apart from them the words that have none.
pub(super) fn flags<'t>(words: &[Word<'t>], known: &[&str]) -> (Vec<Word<'t>>, Vec<String>) {
    let mut rest = words.iter();
    let mut options: Vec<Word<'t>> = rest.next().into_iter().cloned().collect();
    let mut flags = Vec::new();
    while let Some(word) = rest.next() {
        if known.contains(&&*word.text) {
            flags.push(word.text.to_string());
        } else {
            options.push(word.clone());
            options.extend(rest.next().cloned());
        }
    }
    (options, flags)
}

fn targets(words: &[Word<'_>]) -> Result<Vec<SocketAddr>, Problem> {
    words.iter().map(target).collect()
}

fn write_targets(targets: &[SocketAddr], text: &mut String) {
    for target in targets {
        let _ = match target.port() {
            PORT => write!(text, "  {}", target.ip()),
            _ => write!(text, "  {target}"),
        };
    }
}

impl<'t> Reader<'t, '_> {
    pub(super) fn site(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (name, options) = options(words, first, &["dns", "space"])?;
        let mut servers = None;
        let mut space = Vec::new();
        for (option, value) in options {
            match &*option.text {
                "dns" if value.text == "unknown" => servers = None,
                "dns" => servers = Some(list(value, "an IP address")?),
                _ => space = list(value, "an address prefix")?,
            }
        }
        let id = self.assembly.site_named(&name.text, origin);
        let site = self.assembly.vnet(id);
        site.servers = site.servers.take().or(servers);
        if site.space.is_empty() {
            site.space = space;
        }
        site.origin = origin;
        Ok(())
    }

    /// The network that the option `vnet` or `site` names.
    fn home(&mut self, option: &Word<'t>, value: &Word<'t>) -> Result<VnetId, Problem> {
        if option.text == "site" {
            let origin = self.origin(value.start, value.length);
            return Ok(self.assembly.site_named(&value.text, origin));
        }
        Ok(self.link(value)?.vnet)
    }

    pub(super) fn inbound(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (name, options) = options(words, first, &["vnet", "address", "id"])?;
        let name = name.text.to_string();
        let mut one = InboundEndpoint { name, id: None, vnet: None, addresses: Vec::new(), origin };
        for (option, value) in options {
            match &*option.text {
                "vnet" => one.vnet = Some(self.home(option, value)?),
                "address" => one.addresses = list(value, "an IP address")?,
                _ => one.id = Some(id_of(value)?),
            }
        }
        self.assembly.put_inbound(one);
        Ok(())
    }

    pub(super) fn nic(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let known = [
            "vnet",
            "site",
            "address",
            "dns",
            "vm",
            "vm-resource",
            "suffix",
            "role",
            "power",
            "id",
        ];
        let (name, options) = options(words, first, &known)?;
        let mut one = Interface {
            name: name.text.to_string(),
            id: None,
            vnet: None,
            addresses: Vec::new(),
            servers: Vec::new(),
            machine: None,
            by_resource: false,
            suffix: None,
            primary: None,
            running: None,
            origin,
        };
        for (option, value) in options {
            match &*option.text {
                "vnet" | "site" => one.vnet = Some(self.home(option, value)?),
                "address" => one.addresses = list(value, "an IP address")?,
                "dns" => one.servers = list(value, "an IP address")?,
                "vm" => one.machine = Some(value.text.to_string()),
                "vm-resource" => {
                    (one.machine, one.by_resource) = (Some(value.text.to_string()), true);
                }
                "suffix" => one.suffix = Some(value.text.to_string()),
                "role" => one.primary = Some(either(value, "primary", "secondary")?),
                "power" => one.running = Some(either(value, "on", "off")?),
                _ => one.id = Some(id_of(value)?),
            }
        }
        self.assembly.put_interface(one);
        Ok(())
    }

    pub(super) fn ruleset(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let (rest, flags) = flags(words, &["unread", "partial", "links-unread"]);
        let flag = |text: &str| flags.iter().any(|flag| flag == text);
        let (name, options) = options(&rest, first, &["link", "location", "group", "id"])?;
        let value =
            |wanted: &str| options.iter().find(|(o, _)| o.text == wanted).map(|(_, value)| *value);
        let group = value("group").map(|word| word.text.to_string());
        let id = match value("id") {
            Some(id) => self.assembly.ruleset_of(&id.text, origin).map_err(|m| at(id, m))?,
            None => self.assembly.ruleset_named(&name.text, group.as_deref(), origin),
        };
        for (_, value) in options.iter().filter(|(option, _)| option.text == "link") {
            let link = self.link(value)?;
            let origin = link.origin;
            let link =
                RulesetLink { name: link.name, vnet: link.vnet, pending: link.pending, origin };
            self.assembly.put_ruleset_link(id, link);
        }
        let ruleset = self.assembly.ruleset(id);
        ruleset.location =
            ruleset.location.take().or(value("location").map(|w| w.text.to_string()));
        ruleset.rules_listed |= !flag("unread");
        ruleset.links_listed |= !flag("links-unread");
        ruleset.refused += u32::from(flag("partial"));
        ruleset.origin = origin;
        self.open = Open::Ruleset(id);
        Ok(())
    }

    /// `DOMAIN [!disabled] [!name NAME] IP…`
    pub(super) fn rule(
        &mut self,
        ruleset: RulesetId,
        words: &[Word<'t>],
        origin: Origin,
    ) -> Result<(), Problem> {
        let domain = name_of(self.assembly.names(), &words[0], NameId::ROOT)?;
        let mut rule = ForwardingRule {
            name: String::new(),
            domain,
            targets: Vec::new(),
            enabled: true,
            origin,
        };
        let mut values = &words[1..];
        while let Some(word) = values.first() {
            match &*word.text {
                "!disabled" => rule.enabled = false,
                "!name" if values.len() > 1 => {
                    rule.name = values[1].text.to_string();
                    values = &values[1..];
                }
                _ => break,
            }
            values = &values[1..];
        }
        rule.targets = targets(values)?;
        self.assembly.put_rule(ruleset, rule);
        Ok(())
    }

    pub(super) fn server(
        &mut self,
        words: &[Word<'t>],
        first: &Word<'t>,
        origin: Origin,
    ) -> Result<(), Problem> {
        let known = ["vnet", "site", "address", "kind", "product", "recursion", "id", "config"];
        let (rest, flags) = flags(words, &["partial"]);
        let (name, options) = options(&rest, first, &known)?;
        let mut server = Server {
            name: name.text.to_string(),
            id: None,
            kind: ServerKind::Dns,
            product: None,
            addresses: Vec::new(),
            vnet: None,
            recursion: Some(true),
            refused: u32::from(!flags.is_empty()),
            zones: Vec::new(),
            forwarders: Vec::new(),
            unsimulated: Vec::new(),
            includes: Vec::new(),
            origin,
        };
        if options.iter().any(|(option, _)| option.text == "config") {
            // The file says so, unless the statement does.
            server.recursion = None;
        }
        for (option, value) in options {
            match &*option.text {
                "config" => {
                    let (server, path) = (name.text.to_string(), value.text.to_string());
                    let (at, statement) = (self.origin(value.start, value.length), origin);
                    self.assembly.put_config_of(ConfigOf { server, path, origin: at, statement });
                }
                "vnet" | "site" => server.vnet = Some(self.home(option, value)?),
                "address" => server.addresses = list(value, "an IP address")?,
                "recursion" if value.text == "unknown" => server.recursion = None,
                "recursion" => server.recursion = Some(either(value, "on", "off")?),
                "kind" if either(value, "firewall", "dns")? => server.kind = ServerKind::Firewall,
                "kind" => server.kind = ServerKind::Dns,
                "product" => server.product = Some(product(value)?),
                _ => server.id = Some(id_of(value)?),
            }
        }
        self.open = Open::Server(server);
        Ok(())
    }

    /// `zone APEX [partial|unread|by-default]`, `record NAME TYPE …`, `forward DOMAIN IP…` (or
    /// `forward-first`, `stub`) or `unsimulated DOMAIN WHAT` of `server`.
    pub(super) fn server_line(
        &mut self,
        server: &mut Server,
        words: &[Word<'t>],
        origin: Origin,
    ) -> Result<(), Problem> {
        let text = self.text;
        let names = self.assembly.names();
        let [what, name, rest @ ..] = words else {
            return problem(&words[0], "expected a name after it");
        };
        let name_id = name_of(names, name, NameId::ROOT)?;
        if let Some(asking) = Asking::ALL.into_iter().find(|one| one.word() == what.text) {
            let (domain, targets) = (name_id, targets(rest)?);
            server.forwarders.push(Forwarder { asking, domain, targets, origin });
            return Ok(());
        }
        match &*what.text {
            "unsimulated" => {
                let one = unsimulated(name, name_id, rest, origin)?;
                server.unsimulated.push(one);
                Ok(())
            }
            "zone" => {
                let mut zone = Zone { listed: true, ..Zone::new(name_id, origin) };
                for word in rest {
                    match &*word.text {
                        "partial" => zone.refused = 1,
                        "unread" => zone.listed = false,
                        "by-default" => zone.by_default = true,
                        text => {
                            let message = format!(
                                "expected `partial`, `unread` or `by-default`, found `{text}`"
                            );
                            return problem(word, message);
                        }
                    }
                }
                server.zones.push(zone);
                Ok(())
            }
            "record" => {
                let holds = |zone: &&mut Zone| names.is_at_or_below(name_id, zone.apex);
                let Some(zone) =
                    server.zones.iter_mut().filter(holds).max_by_key(|zone| names.depth(zone.apex))
                else {
                    let message = format!("`{}` is in no zone of this server", name.text);
                    return problem(name, message);
                };
                let Some((kind, values)) = rest.split_first() else {
                    return problem(name, "expected a record type after the name");
                };
                if kind.text.eq_ignore_ascii_case("NS") {
                    // Those of the apex say who has the zone; others that the names are elsewhere.
                    if name_id != zone.apex {
                        let what = "NS record".to_owned();
                        server.unsimulated.push(Unsimulated::new(name_id, what, origin));
                    }
                    return Ok(());
                }
                let (owner, registered, creator) = (name_id, false, None);
                let (ttl, data) = data(type_of(kind)?, values, kind, text, names)?;
                let set = RecordSet { owner, ttl, data, registered, creator, origin };
                zone.record_sets.push(set);
                Ok(())
            }
            other => problem(
                what,
                format!(
                    "expected `zone`, `record`, `forward`, `forward-first`, `stub` or \
                     `unsimulated`, found `{other}`"
                ),
            ),
        }
    }
}

/// What stands behind `unsimulated DOMAIN`: `WHAT`, with `except PREFIX,…` and `types TYPE,…`.
fn unsimulated(
    name: &Word<'_>,
    domain: NameId,
    rest: &[Word<'_>],
    origin: Origin,
) -> Result<Unsimulated, Problem> {
    let Some((what, options)) = rest.split_first().filter(|(_, rest)| rest.len() % 2 == 0) else {
        let message = "expected what is not simulated after the name, and perhaps `except PREFIX,…` \
                       or `types TYPE,…`";
        return problem(name, message);
    };
    let mut one = Unsimulated::new(domain, what.text.to_string(), origin);
    for option in options.chunks(2) {
        let [key, value] = option else { continue };
        match &*key.text {
            "except" => one.except = list(value, "a prefix such as `10.0.0.0/16`")?,
            "types" => one.types = list(value, "a record type")?,
            "except-types" => one.except_types = list(value, "a record type")?,
            "clients" if &*value.text == "outside" => one.except_localnets = true,
            "names" if &*value.text == "foreign" => one.names = Concerned::Foreign,
            "names" if &*value.text == "plain" => one.names = Concerned::Plain,
            "clients" => return problem(value, "expected `outside`"),
            "names" => return problem(value, "expected `foreign` or `plain`"),
            text => {
                let message = format!(
                    "expected `except`, `clients`, `types`, `except-types` or `names`, found `{text}`"
                );
                return problem(key, message);
            }
        }
    }
    Ok(one)
}

fn product(value: &Word<'_>) -> Result<Product, Problem> {
    let found = Product::ALL.into_iter().find(|product| product.word() == value.text);
    found.ok_or_else(|| {
        let known = Product::ALL.map(|product| format!("`{}`", product.word())).join(", ");
        at(value, format!("expected one of {known}, found `{}`", value.text))
    })
}

/// Everything that stands for itself: one statement each, those of zones apart.
pub(super) fn write(estate: &Estate, text: &mut String) {
    for one in &estate.inbound {
        let _ = write!(text, "\ninbound {}", word(&one.name));
        write_home(estate, one.vnet, text);
        write_addresses("address", &one.addresses, text);
        option(text, "id", one.id.as_ref().map(ResourceId::as_str));
        text.push('\n');
    }
    estate.rulesets.iter().for_each(|ruleset| write_ruleset(estate, ruleset, text));
    estate.servers.iter().for_each(|server| write_server(estate, server, text));
    for one in &estate.interfaces {
        let _ = write!(text, "\nnic {}", word(&one.name));
        write_home(estate, one.vnet, text);
        write_addresses("address", &one.addresses, text);
        write_addresses("dns", &one.servers, text);
        let machine = if one.by_resource { "vm-resource" } else { "vm" };
        option(text, machine, one.machine.as_deref());
        option(text, "suffix", one.suffix.as_deref());
        option(text, "role", one.primary.map(|yes| if yes { "primary" } else { "secondary" }));
        option(text, "power", one.running.map(|yes| if yes { "on" } else { "off" }));
        option(text, "id", one.id.as_ref().map(ResourceId::as_str));
        text.push('\n');
    }
}

fn write_home(estate: &Estate, vnet: Option<VnetId>, text: &mut String) {
    let Some(vnet) = vnet else { return };
    let kind = if estate.vnet(vnet).site { "site" } else { "vnet" };
    option(text, kind, Some(&vnet_word(estate, vnet)));
}

fn write_addresses(name: &str, addresses: &[IpAddr], text: &mut String) {
    let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    option(text, name, Some(addresses.join(",")).filter(|text| !text.is_empty()).as_deref());
}

/// The links of a ruleset or of a DNS security policy.
pub(super) fn write_links(estate: &Estate, links: &[RulesetLink], text: &mut String) {
    for link in links {
        let mut network = vnet_word(estate, link.vnet);
        if link.pending.is_some() {
            network.push_str(":pending");
        }
        if link.name != format!("to-{}", estate.vnet(link.vnet).name) {
            let _ = write!(network, ":name={}", link.name);
        }
        option(text, "link", Some(&network));
    }
}

fn write_ruleset(estate: &Estate, ruleset: &Ruleset, text: &mut String) {
    let _ = write!(text, "\nruleset {}", word(&ruleset.name));
    match &ruleset.id {
        Some(id) => option(text, "id", Some(id.as_str())),
        None => option(text, "group", ruleset.group.as_deref()),
    }
    option(text, "location", ruleset.location.as_deref());
    write_links(estate, &ruleset.links, text);
    let flags = [
        (!ruleset.rules_listed, "  unread"),
        (ruleset.refused > 0, "  partial"),
        (!ruleset.links_listed, "  links-unread"),
    ];
    flags.iter().filter(|flag| flag.0).for_each(|flag| text.push_str(flag.1));
    text.push('\n');
    for rule in &ruleset.rules {
        let _ = write!(text, "  {}", plain(&estate.names.show(rule.domain).to_string()));
        if !rule.enabled {
            text.push_str("  !disabled");
        }
        option(text, "!name", Some(rule.name.as_str()).filter(|name| !name.is_empty()));
        write_targets(&rule.targets, text);
        text.push('\n');
    }
}

fn write_server(estate: &Estate, server: &Server, text: &mut String) {
    let _ = write!(text, "\nserver {}", word(&server.name));
    option(text, "kind", (server.kind == ServerKind::Firewall).then_some("firewall"));
    option(text, "product", server.product.map(Product::word));
    write_home(estate, server.vnet, text);
    write_addresses("address", &server.addresses, text);
    let recursion = match server.recursion {
        Some(true) => None,
        Some(false) => Some("off"),
        None => Some("unknown"),
    };
    option(text, "recursion", recursion);
    text.push_str(if server.refused > 0 { "  partial" } else { "" });
    option(text, "id", server.id.as_ref().map(ResourceId::as_str));
    text.push('\n');
    let show = |name: NameId| plain(&estate.names.show(name).to_string());
    for zone in &server.zones {
        let _ = write!(text, "  zone {}", show(zone.apex));
        text.push_str(if zone.by_default { "  by-default" } else { "" });
        text.push_str(match zone.extent() {
            Extent::Whole if zone.unread.is_empty() => "\n",
            Extent::Whole | Extent::Partial => "  partial\n",
            Extent::Unknown => "  unread\n",
        });
        let mut sets: Vec<&RecordSet> = zone.record_sets.iter().collect();
        sets.sort_by_cached_key(|set| (estate.names.name(set.owner), set.data.record_type()));
        for set in sets {
            let head = format!("  record {} {}", show(set.owner), set.data.record_type());
            write_data(&head, set.ttl, &set.data, &estate.names, text);
        }
    }
    for forwarder in &server.forwarders {
        let _ = write!(text, "  {} {}", forwarder.asking.word(), show(forwarder.domain));
        write_targets(&forwarder.targets, text);
        text.push('\n');
    }
    for one in &server.unsimulated {
        let _ = write!(text, "  unsimulated {}  {}", show(one.domain), word(&one.what));
        let except: Vec<String> = one.except.iter().map(ToString::to_string).collect();
        option(text, "except", (!except.is_empty()).then_some(except.join(",")).as_deref());
        let types: Vec<String> = one.types.iter().map(ToString::to_string).collect();
        option(text, "types", (!types.is_empty()).then_some(types.join(",")).as_deref());
        let but: Vec<String> = one.except_types.iter().map(ToString::to_string).collect();
        option(text, "except-types", (!but.is_empty()).then_some(but.join(",")).as_deref());
        option(text, "clients", one.except_localnets.then_some("outside"));
        let names = match one.names {
            Concerned::All => None,
            Concerned::Foreign => Some("foreign"),
            Concerned::Plain => Some("plain"),
        };
        option(text, "names", names);
        text.push('\n');
    }
}
