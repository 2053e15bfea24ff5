//! `Corefile` of CoreDNS: one block for each set of zones, a plugin a line.
//!
//! ```text
//! contoso.com:53 {
//!     forward . 10.9.0.10
//! }
//! ```
//!
//! "Corefile explained" and the plugins' pages, coredns.io/manual, read 2026-11.

use super::{Draft, Problem, Word, lines, target, words};
use crate::estate::{Assembly, InputId};

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

/// Plugins that change questions or answers.
const CHANGING: [&str; 7] = ["rewrite", "template", "dns64", "view", "erratic", "grpc", "proxy"];

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
    let mut reader = Reader { draft: Draft::new(input, assembly), zones: Vec::new(), depth: 0 };
    // It answers what its blocks are for, and nothing else.
    reader.draft.server.recursion = Some(false);
    for (start, line) in lines(text) {
        let words = words(line, start);
        if let Err(problem) = reader.line(&words) {
            reader.draft.refuse(problem);
        }
    }
    reader.draft.finish();
}

struct Reader<'t, 'a> {
    draft: Draft<'t, 'a>,
    /// The zones of the open block.
    zones: Vec<Word<'t>>,
    /// How many braces are open.
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn line(&mut self, words: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(()) };
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
                self.zones =
                    words.iter().flat_map(|word| word.split(',')).filter_map(zone).collect();
                Ok(())
            }
            0 => Err((*first, format!("expected zones and `{{`, found `{}`", first.text))),
            // A snippet is used where it is imported.
            1 if self.zones.iter().any(|zone| zone.text.starts_with('(')) => Ok(()),
            1 => self.plugin(words),
            _ => Ok(()),
        }
    }

    fn plugin(&mut self, words: &[Word<'t>]) -> Result<(), Problem<'t>> {
        let Some((name, values)) = words.split_first() else { return Ok(()) };
        match name.text {
            "forward" => self.forward(*name, values)?,
            "bind" => {
                let addresses = values.iter().filter_map(|value| value.text.parse().ok());
                addresses.for_each(|address| self.draft.listens(address));
                return Ok(());
            }
            "import" => {
                self.draft.more(values.first().copied().unwrap_or(*name));
                return Ok(());
            }
            known if CHANGING.contains(&known) => {
                let message = format!("plugin `{known}` changes answers, and is not read");
                self.draft.skip(*name, message);
                return Ok(());
            }
            known if DATA.contains(&known) => {
                let stated: Vec<Word<'t>> = values
                    .iter()
                    .copied()
                    .filter(|value| !value.text.contains('/') || is_reverse(value.text))
                    .collect();
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
            _ => return Ok(()),
        }
        self.draft.used();
        Ok(())
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
            let skip = ["dns://", "tls://"].iter().find(|head| value.text.starts_with(**head));
            targets.push(target(value.from(skip.map_or(0, |head| head.len())))?);
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

fn is_reverse(text: &str) -> bool {
    text.ends_with(".arpa")
        || text.split('/').next().is_some_and(|head| head.parse::<std::net::IpAddr>().is_ok())
}

/// The zone of `dns://contoso.com:53`.
fn zone(word: Word<'_>) -> Option<Word<'_>> {
    let word = word.from(if word.text.starts_with("dns://") { "dns://".len() } else { 0 });
    let text = word.text.split_once(':').map_or(word.text, |(zone, _)| zone);
    // `:53` is the root.
    let text = if text.is_empty() && word.text.starts_with(':') { "." } else { text };
    (!text.is_empty()).then_some(Word { text, start: word.start })
}
