//! Configuration of dnsmasq: `server=/contoso.com/10.9.0.10` and its like.
//!
//! The manual page, thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html, read 2026-11.

use super::{Draft, Problem, Word, lines, target};
use crate::estate::{Assembly, InputId};

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

/// Options that add names which are not read.
const NAMES: [&str; 12] = [
    "host-record",
    "cname",
    "addn-hosts",
    "hostsdir",
    "srv-host",
    "ptr-record",
    "txt-record",
    "mx-host",
    "auth-zone",
    "dhcp-host",
    "alias",
    "ipset",
];

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
    let mut state = State { resolv: true, file: None };
    for (start, line) in lines(text) {
        let Some((key, value)) = option(start, line) else { continue };
        if let Err(problem) = state.option(&mut draft, key, value) {
            draft.refuse(problem);
        }
    }
    // It never goes down from the root itself.
    let forwards_rest =
        draft.server.forwarders.iter().any(|one| one.domain == crate::name::NameId::ROOT);
    draft.server.recursion = (forwards_rest || !state.resolv).then_some(false);
    if let Some(file) = state.file.filter(|_| state.resolv && !forwards_rest) {
        draft.remark(file, format!("the servers in `{}` are not known", file.text));
    }
    draft.finish();
}

struct State<'t> {
    /// Servers are taken from a file of the system.
    resolv: bool,
    file: Option<Word<'t>>,
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
            "server" | "local" => server(draft, key, value)?,
            "address" => address(draft, value)?,
            "listen-address" => {
                let addresses = value.split(',').filter_map(|one| one.text.trim().parse().ok());
                addresses.for_each(|address| draft.listens(address));
                return Ok(());
            }
            "conf-file" | "conf-dir" | "servers-file" => {
                draft.more(value);
                return Ok(());
            }
            other if NAMES.contains(&other) => {
                draft.skip(key, format!("`{other}` adds names or changes them, and is not read"));
                return Ok(());
            }
            _ => return Ok(()),
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
    (parts, last)
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
                let message = "names that go to the usual servers are not read";
                draft.skip(domain, message);
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

/// The address before `@` and an interface.
fn via(word: Word<'_>) -> Word<'_> {
    let text = word.text.split('@').next().unwrap_or(word.text);
    Word { text, ..word }
}

/// `address=/contoso.com/10.9.1.7`: the name and all below it; without an address, they
/// do not exist.
fn address<'t>(draft: &mut Draft<'t, '_>, value: Word<'t>) -> Result<(), Problem<'t>> {
    let (domains, to) = domains(value);
    if domains.is_empty() {
        return Err((value, format!("expected `/NAME/ADDRESS`, found `{}`", value.text)));
    }
    let addresses = match to.text {
        "" => Vec::new(),
        text => {
            vec![text.parse().map_err(|_| (to, format!("expected an address, found `{text}`")))?]
        }
    };
    for domain in domains {
        draft.answer(domain, &addresses, true)?;
    }
    Ok(())
}
