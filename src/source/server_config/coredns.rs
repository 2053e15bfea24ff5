//! `Corefile` of CoreDNS: one block for each set of zones, a plugin a line.
//!
//! ```text
//! contoso.com:53 {
//!     forward . 10.9.0.10
//! }
//! ```
//!
//! "Corefile explained" and the plugins' pages, coredns.io/manual, read 2026-11.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Draft, PORT, Problem, TLS_PORT, Word, lines, target_at, words};
use crate::estate::{Assembly, InputId, Product};
use crate::name::NameId;

/// Plugins that answer from data which are not in the file.
const DATA: [&str; 10] = [
    "file",
    "auto",
    "secondary",
    "hosts",
    "kubernetes",
    "k8s_external",
    "etcd",
    "route53",
    "azure",
    "clouddns",
];

/// Plugins that change no answer.
const HARMLESS: [&str; 27] = [
    "any",
    "bufsize",
    "cache",
    "cancel",
    "chaos",
    "debug",
    "dnssec",
    "dnstap",
    "errors",
    "geoip",
    "health",
    "loadbalance",
    "local",
    "log",
    "loop",
    "metadata",
    "minimal",
    "multisocket",
    "nsid",
    "pprof",
    "prometheus",
    "ready",
    "reload",
    "root",
    "timeouts",
    "tls",
    "trace",
];

/// Options of `forward` that change no answer.
const HARMLESS_FORWARDING: [&str; 12] = [
    "expire",
    "failfast_all_unhealthy_upstreams",
    "failover",
    "force_tcp",
    "health_check",
    "max_age",
    "max_concurrent",
    "max_connect_attempts",
    "max_fails",
    "policy",
    "prefer_udp",
    "tls",
];

/// Plugins by which the file is told.
const TELLING: [&str; 12] = [
    "forward",
    "file",
    "hosts",
    "kubernetes",
    "cache",
    "errors",
    "log",
    "health",
    "ready",
    "loop",
    "reload",
    "bind",
];

/// Whether the text starts with a block of CoreDNS.
pub fn recognise(text: &str) -> bool {
    let mut significant = lines(text).map(|(_, line)| line.trim()).filter(|line| !line.is_empty());
    let Some(first) = significant.next().and_then(|line| line.strip_suffix('{')) else {
        return false;
    };
    let zone = |word: &str| {
        word.starts_with('(') || word.starts_with('.') || word.contains('.') || word.contains(':')
    };
    let head = !first.contains([';', '=', '"', '<']) && first.split_whitespace().all(zone);
    let plugin =
        |line: &str| line.split_whitespace().next().is_some_and(|word| TELLING.contains(&word));
    head && !first.trim().is_empty() && significant.any(plugin)
}

/// Reads a configuration into `assembly`.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let (draft, zones) = (Draft::new(input, assembly), Vec::new());
    let snippets = HashMap::new();
    let (other_port, bound) = (None, true);
    let mut reader = Reader { draft, zones, snippets, plugin: "", other_port, bound, depth: 0 };
    // It answers what its blocks are for, and nothing else.
    reader.draft.server.recursion = Some(false);
    reader.draft.server.product = Some(Product::CoreDns);
    for (start, line) in lines(text) {
        let words = words(line, start);
        if let Err(problem) = reader.line(&words) {
            reader.draft.refuse(problem);
        }
    }
    reader.end_block();
    let server = &mut reader.draft.server;
    if let Some(word) = reader.other_port
        && server.forwarders.is_empty()
        && server.zones.is_empty()
    {
        reader.draft.unsimulated(NameId::ROOT, word.text, word);
    }
    reader.draft.finish();
}

struct Reader<'t, 'a> {
    draft: Draft<'t, 'a>,
    /// The zones of the open block.
    zones: Vec<Word<'t>>,
    /// The lines of each snippet, `(NAME) { … }`.
    snippets: HashMap<&'t str, Vec<Vec<Word<'t>>>>,
    /// The plugin whose block is open.
    plugin: &'t str,
    /// A block at another port than the usual one.
    other_port: Option<Word<'t>>,
    /// The open block says where it listens.
    bound: bool,
    /// How many braces are open.
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn line(&mut self, words: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(()) };
        if let Some(snippet) = self.snippet()
            && (self.depth > 1 || first.text != "}")
        {
            self.snippets.entry(snippet).or_default().push(words.to_vec());
        }
        if first.text == "}" {
            self.depth = self.depth.saturating_sub(1);
            return Ok(());
        }
        let opens = last.text == "{";
        let depth = self.depth;
        self.depth += usize::from(opens);
        let words = if opens { &words[..words.len() - 1] } else { words };
        match depth {
            0 if opens => {
                self.end_block();
                self.zones.clear();
                for word in words.iter().flat_map(|word| word.split(',')) {
                    let Some((zone, port)) = zone(word) else { continue };
                    if port.is_none_or(|port| port == PORT) {
                        self.zones.push(zone);
                        continue;
                    }
                    self.other_port = Some(word);
                    let message =
                        format!("`{}` is not at port 53, at which clients ask", word.text);
                    self.draft.remark(word, message);
                }
                self.bound = self.zones.is_empty() || self.snippet().is_some();
                Ok(())
            }
            0 => Err((*first, format!("expected zones and `{{`, found `{}`", first.text))),
            // A snippet is used where it is imported.
            _ if self.snippet().is_some() => Ok(()),
            // A block at another port.
            1 if self.zones.is_empty() => Ok(()),
            1 => {
                self.plugin = first.text;
                self.plugin(words)
            }
            2 if self.plugin == "forward" && !self.zones.is_empty() => self.forward_option(words),
            _ => Ok(()),
        }
    }

    /// A block that does not say where it listens does so everywhere ("bind").
    fn end_block(&mut self) {
        self.draft.anywhere |= !self.bound;
        self.bound = true;
    }

    /// The name of the snippet that is open.
    fn snippet(&self) -> Option<&'t str> {
        let first = self.zones.first().filter(|_| self.depth > 0)?;
        first.text.strip_prefix('(')?.strip_suffix(')')
    }

    /// `import SNIPPET`, as if its lines stood there; else another file.
    fn import(&mut self, at: Word<'t>, values: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let what = values.first().copied().unwrap_or(at);
        // While it is read a snippet does not import itself.
        let Some(lines) = self.snippets.remove(what.text) else {
            self.draft.more(what);
            return Ok(());
        };
        if lines.iter().flatten().any(|word| word.text.contains("{args")) {
            self.unsimulated(what)?;
        } else {
            lines.iter().try_for_each(|words| self.line(words))?;
        }
        self.snippets.insert(what.text, lines);
        Ok(())
    }

    fn plugin(&mut self, words: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        match name.text {
            "forward" => self.forward(*name, values)?,
            "bind" => {
                self.bound = true;
                values.iter().for_each(|value| self.draft.listens(*name, value.text));
                return Ok(());
            }
            "import" => return self.import(*name, values),
            known if DATA.contains(&known) => {
                let stated = zones_of_data(known, values);
                let own = if stated.is_empty() { self.zones.clone() } else { stated };
                if own.iter().any(|zone| zone.text == ".") {
                    // Files of hosts and the like may have any name and fall through.
                    let message = format!("plugin `{known}` may have any name, and is not read");
                    self.draft.skip(*name, message);
                    return Ok(());
                }
                for zone in own.into_iter().filter(|zone| !is_reverse(zone.text)) {
                    self.draft.zone(zone)?;
                }
            }
            known if HARMLESS.contains(&known) => return Ok(()),
            _ => return self.unsimulated(*name),
        }
        self.draft.used();
        Ok(())
    }

    /// A plugin decides about the zones of the block.
    fn unsimulated(&mut self, plugin: Word<'t>) -> Result<(), Problem<'t>> {
        for zone in self.zones.clone() {
            let domain = match zone.text {
                "." => NameId::ROOT,
                _ => self.draft.domain(zone)?,
            };
            self.draft.unsimulated(domain, plugin.text, plugin);
        }
        Ok(())
    }

    /// A line of the block of `forward`.
    fn forward_option(&mut self, words: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        match name.text {
            "except" => values.iter().try_for_each(|one| self.draft.unsimulated_at(*one, "except")),
            known if HARMLESS_FORWARDING.contains(&known) => Ok(()),
            _ => self.unsimulated(*name),
        }
    }

    /// `forward FROM TO…`: names at or below `FROM`, as far as they are in the block.
    fn forward(&mut self, at: Word<'t>, values: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let Some((from, to)) = values.split_first() else {
            return Err((at, "expected `forward FROM TO`".to_owned()));
        };
        let mut targets = Vec::new();
        for value in to {
            if value.text.starts_with('/') {
                let message = format!("the servers in `{}` are not known", value.text);
                self.draft.remark(*value, message);
                continue;
            }
            let known = [("dns://", PORT), ("tls://", TLS_PORT), ("", PORT)];
            let scheme = known.into_iter().find(|(head, _)| value.text.starts_with(head));
            let (head, usual) = scheme.unwrap_or(("", PORT));
            targets.push(target_at(value.from(head.len()), usual)?);
        }
        match from.text {
            "." => {
                for zone in self.zones.clone() {
                    match zone.text {
                        "." => self.draft.forward_rest(at, targets.clone()),
                        _ => self.draft.forward(zone, targets.clone())?,
                    }
                }
                Ok(())
            }
            _ => self.draft.forward(*from, targets),
        }
    }
}

/// The zones that stand behind a plugin that answers from data: `file DBFILE [ZONES…]`,
/// `hosts [FILE [ZONES…]]`, `azure RESOURCE_GROUP:ZONE…`, `route53 ZONE:ID…`, `auto [ZONES…]`.
fn zones_of_data<'t>(plugin: &str, values: &[Word<'t>]) -> Vec<Word<'t>> {
    let files = usize::from(["file", "hosts"].contains(&plugin));
    // A block may stand in the same line.
    let stated = values.iter().take_while(|value| value.text != "{").skip(files);
    let zone = |value: &Word<'t>| match (plugin, value.text.find(':')) {
        ("azure", Some(colon)) => value.from(colon + 1),
        ("route53" | "clouddns", Some(colon)) => Word { text: &value.text[..colon], ..*value },
        _ => *value,
    };
    let is_zone = |value: &Word<'t>| !value.text.contains('/') || is_reverse(value.text);
    stated.map(zone).filter(is_zone).collect()
}

fn is_reverse(text: &str) -> bool {
    text.ends_with(".arpa")
        || text.split('/').next().is_some_and(|head| head.parse::<IpAddr>().is_ok())
}

/// The zone of `dns://contoso.com:53`, and the port.
fn zone(word: Word<'_>) -> Option<(Word<'_>, Option<u16>)> {
    let (head, usual) = match word.text.split_once("://") {
        Some((scheme, _)) => (scheme.len() + "://".len(), (scheme != "dns").then_some(0)),
        None => (0, None),
    };
    let word = word.from(head);
    // The colons of an IPv6 prefix divide no port from it.
    let (text, port) = match word.text.split_once(':') {
        Some(parts) if word.text.matches(':').count() == 1 => parts,
        _ => (word.text, ""),
    };
    let port = port.parse().ok().or(usual);
    // `:53` is the root.
    let text = if text.is_empty() && word.text.starts_with(':') { "." } else { text };
    (!text.is_empty()).then_some((Word { text, start: word.start }, port))
}
