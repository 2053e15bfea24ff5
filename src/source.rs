//! Reading inputs: octets in, facts and notes out.
//!
//! A format is told by content, never by a file's name. One bad item becomes a
//! [`Note`](crate::estate::Note) at its place and the rest is read; an input of
//! which nothing can be read is a note too, of kind
//! [`NoteKind::Unreadable`] or [`NoteKind::Unrecognised`].
//!
//! ```
//! use privdns::estate::Assembly;
//! use privdns::source::{self, Role};
//!
//! let mut assembly = Assembly::default();
//! let text = "vnet hub\nzone corp.internal  link hub\n  nas  A  10.0.0.7\n";
//! source::read("example.estate", text.as_bytes(), None, Role::Estate, &mut assembly);
//! let estate = assembly.finish();
//! assert_eq!(estate.record_set_count(), 1);
//! assert!(estate.notes.is_empty());
//! ```

#![deny(clippy::disallowed_methods)]

mod arm;
pub mod changes;
mod decode;
pub mod estate_text;
mod inventory;
mod json;
mod lookups;
mod powershell;
mod rows;
mod server_config;
#[cfg(test)]
mod show;
mod template;
pub mod terraform;
pub mod zone_file;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use zone_file::Fallback;

use crate::estate::{Assembly, DOCUMENTATION, InputId, NoteKind, Origin, TRANSCRIPT, UNRECOGNISED};
use crate::transcript;

/// A format of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON of `az`, of the management API or of Resource Graph.
    AzJson,
    /// Objects of Azure PowerShell, through `ConvertTo-Json`.
    PowerShell,
    /// A deployment template of Azure Resource Manager.
    Template,
    /// Rows of Resource Graph as CSV.
    Csv,
    /// A master file, as `az network private-dns zone export` and name servers write it.
    ZoneFile,
    /// The `.estate` text form.
    Estate,
    /// A state or plan of Terraform, as JSON.
    Terraform,
    /// Output of `dig`, or a capture, as recorded public answers.
    Lookups,
    /// `named.conf` of BIND.
    Bind,
    /// `Corefile` of CoreDNS.
    CoreDns,
    /// Configuration of dnsmasq.
    Dnsmasq,
    /// Configuration of Unbound.
    Unbound,
    /// Zones and forwarders of a Windows DNS server, as JSON or CSV.
    WindowsDns,
}

impl Format {
    /// All formats, with the names they have on the command line and in reports.
    pub const ALL: [(Format, &'static str); 13] = [
        (Format::AzJson, "az-json"),
        (Format::Template, "template"),
        (Format::PowerShell, "powershell"),
        (Format::Csv, "csv"),
        (Format::Terraform, "terraform"),
        (Format::ZoneFile, "zone-file"),
        (Format::Estate, "estate"),
        (Format::Lookups, "lookups"),
        (Format::Bind, "bind"),
        (Format::CoreDns, "coredns"),
        (Format::Dnsmasq, "dnsmasq"),
        (Format::Unbound, "unbound"),
        (Format::WindowsDns, "windows-dns"),
    ];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|entry| entry.0 == self).map_or("", |entry| entry.1)
    }
}

/// What an input is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The estate itself.
    Estate,
    /// Recorded answers of public DNS.
    Public,
}

/// The largest input that is read: places in it are kept in 32 bits.
pub const SIZE_LIMIT: usize = u32::MAX as usize;

/// What is said of inputs that their contents may not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'h> {
    /// The format, whatever the content looks like.
    pub format: Option<Format>,
    /// The zone of zone files that name none.
    pub zone: Option<&'h str>,
}

/// Reads one input into `assembly`, perhaps as a given format.
pub fn read<'o>(
    path: &str,
    octets: impl Into<Cow<'o, [u8]>>,
    format: Option<Format>,
    role: Role,
    assembly: &mut Assembly,
) -> InputId {
    read_with(path, octets, Hints { format, zone: None }, role, assembly)
}

/// Reads one input into `assembly`.
///
/// Owned octets become the text that the estate keeps; borrowed ones are copied.
pub fn read_with<'o>(
    path: &str,
    octets: impl Into<Cow<'o, [u8]>>,
    hints: Hints<'_>,
    role: Role,
    assembly: &mut Assembly,
) -> InputId {
    let decode::Decoded { text, remark, failure, octets } = decode::decode(octets.into());
    let input = assembly.add_input(path, UNRECOGNISED, String::new(), String::new());
    let start = Origin { input, start: 0, length: 0 };
    if let Some(remark) = remark {
        assembly.note(NoteKind::Reading, remark, start);
    }
    let on_disk = octets.as_deref().unwrap_or(text.as_bytes());
    // The digest of a large file takes long enough to be worth another core.
    let (sha256, ()) = rayon::join(
        || hash(on_disk),
        || match failure {
            Some(failure) => assembly.note(NoteKind::Unrecognised, failure, start),
            None => read_text(path, input, &text, hints, role, assembly),
        },
    );
    assembly.put_text(input, sha256, text);
    input
}

fn read_text(
    path: &str,
    input: InputId,
    text: &str,
    hints: Hints<'_>,
    role: Role,
    assembly: &mut Assembly,
) {
    let start = Origin { input, start: 0, length: 0 };
    if text.len() > SIZE_LIMIT {
        let message = format!("has {} octets, at most {SIZE_LIMIT} are read", text.len());
        assembly.note(NoteKind::Unreadable, message, start);
    } else if text.trim().is_empty() {
        assembly.note(NoteKind::Unreadable, "is empty", start);
    } else {
        // Recorded answers need no header: each line has a whole name.
        let fallback = (role == Role::Public).then_some(Format::ZoneFile);
        let lookups =
            (role == Role::Public && transcript::recognise(text)).then_some(Format::Lookups);
        match hints.format.or(lookups).or_else(|| recognise(text)).or(fallback) {
            Some(Format::AzJson) if role == Role::Public => {
                let message = "is an export, which holds no public answers; expected a zone file or \
                               `.estate` text";
                assembly.note(NoteKind::Unreadable, message, first_line(input, text));
            }
            Some(format) => {
                assembly.set_kind(input, format.name());
                match (format, role) {
                    (Format::AzJson, _) => arm::read(input, text, assembly),
                    (Format::PowerShell, _) => powershell::read(input, text, assembly),
                    (Format::Csv, _) => rows::read(input, text, assembly),
                    (Format::Template, _) => template::read(input, text, assembly),
                    (Format::ZoneFile, Role::Estate) => {
                        let guessed = zone_of_path(path);
                        let guessed = guessed.as_deref().map(Fallback::Guessed);
                        let fallback = hints.zone.map(Fallback::Stated).or(guessed);
                        zone_file::read(input, text, fallback, assembly);
                    }
                    (Format::ZoneFile, Role::Public) => {
                        zone_file::read_public(input, text, assembly);
                    }
                    (Format::Estate, _) => estate_text::read(input, text, assembly),
                    (Format::Lookups, _) => lookups::read(input, text, assembly),
                    (Format::Terraform, _) => terraform::read(input, text, assembly),
                    (Format::Bind, _) => server_config::bind::read(input, text, assembly),
                    (Format::CoreDns, _) => server_config::coredns::read(input, text, assembly),
                    (Format::Dnsmasq, _) => server_config::dnsmasq::read(input, text, assembly),
                    (Format::Unbound, _) => server_config::unbound::read(input, text, assembly),
                    (Format::WindowsDns, _) => server_config::windows::read(input, text, assembly),
                }
            }
            None => {
                let (kind, message) = unrecognised(text);
                assembly.set_kind(input, kind);
                assembly.note(NoteKind::Unrecognised, message, first_line(input, text));
            }
        }
    }
}

/// Octets as text: UTF-8 or UTF-16, with or without a byte order mark; or why not.
pub fn decode_text(octets: Vec<u8>) -> Result<String, String> {
    let decoded = decode::decode(octets.into());
    decoded.failure.map_or(Ok(decoded.text), Err)
}

fn hash(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The format of `text`, by its content.
fn recognise(text: &str) -> Option<Format> {
    match text.trim_start().as_bytes().first()? {
        b'{' | b'[' if is_lookups(text) => None,
        b'{' | b'[' if server_config::windows::recognise_json(text) => Some(Format::WindowsDns),
        b'{' if terraform::recognise(text) => Some(Format::Terraform),
        b'{' | b'[' if json::may_start(text) => Some(json_format(text)),
        _ if is_bicep(text) => None,
        _ if server_config::windows::recognise_csv(text) => Some(Format::WindowsDns),
        _ if rows::recognise(text) => Some(Format::Csv),
        _ if server_config::bind::recognise(text) => Some(Format::Bind),
        _ if estate_text::recognise(text) => Some(Format::Estate),
        _ if zone_file::recognise(text) => Some(Format::ZoneFile),
        _ if server_config::coredns::recognise(text) => Some(Format::CoreDns),
        _ if server_config::unbound::recognise(text) => Some(Format::Unbound),
        _ if server_config::dnsmasq::recognise(text) => Some(Format::Dnsmasq),
        _ if is_powershell_list(text) => None,
        // Output is pasted together with the prompt that made it.
        _ if json::starts_in_a_line(text) => {
            json::next_value(text, 0).map(|at| json_format(&text[at..]))
        }
        _ => None,
    }
}

/// Whose JSON it is.
fn json_format(text: &str) -> Format {
    if template::recognise(text) {
        Format::Template
    } else if powershell::recognise(text) {
        Format::PowerShell
    } else {
        Format::AzJson
    }
}

/// Whether JSON holds lookups: what `capture` wrote, or the answer of a machine.
fn is_lookups(text: &str) -> bool {
    transcript::capture::recognise(text) || transcript::is_run_command(text)
}

/// Whether the text starts with `Name      : value`, as PowerShell lists objects.
fn is_powershell_list(text: &str) -> bool {
    let line = text.trim_start().lines().next().unwrap_or("");
    let word = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric());
    line.split_once(" : ").is_some_and(|(key, _)| word(key.trim_end()))
        && text.contains("ResourceGroupName")
}

/// The zone that a file's name hints at: `contoso.com.txt` holds `contoso.com`, perhaps.
fn zone_of_path(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let stem = [".txt", ".zone", ".dns", ".db"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    (stem.contains('.') && stem.parse::<crate::name::Name>().is_ok()).then(|| stem.to_owned())
}

fn first_line(input: InputId, text: &str) -> Origin {
    let start = text.len() - text.trim_start().len();
    let length = text[start..].lines().next().map_or(0, str::len);
    Origin { input, start: start as u32, length: length as u32 }
}

/// Whether a line is the head of a table that the portal exports.
fn is_portal_list(line: &str) -> bool {
    let cells = || line.split([',', ';']).map(|cell| cell.trim().trim_matches('"'));
    ["name", "resource group", "subscription"]
        .iter()
        .all(|wanted| cells().any(|cell| cell.eq_ignore_ascii_case(wanted)))
}

/// How many lines are looked at for declarations of Bicep.
const BICEP_HEAD: usize = 500;

/// Whether some line declares a resource, a module or the scope as Bicep does.
///
/// "Understand the structure and syntax of Bicep files",
/// learn.microsoft.com/azure/azure-resource-manager/bicep/file, read 2026-11.
fn is_bicep(text: &str) -> bool {
    text.lines().take(BICEP_HEAD).any(|line| {
        let mut words = line.split_whitespace();
        let first = words.next();
        let quoted = |word: Option<&str>| word.is_some_and(|word| word.starts_with('\''));
        match first {
            Some("resource" | "module") => words.next().is_some() && quoted(words.next()),
            Some("targetScope") => words.next() == Some("=") && quoted(words.next()),
            _ => false,
        }
    })
}

/// Whether the text starts as a document of YAML does: with `---`, as objects of Kubernetes
/// do, or with a key that has a block.
fn is_yaml(text: &str) -> bool {
    let is_noise = |line: &&str| line.is_empty() || line.starts_with('#');
    let mut lines = text.lines().map(str::trim_end);
    let first = lines.find(|line| !is_noise(line)).unwrap_or("");
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let opens_block =
        first.strip_suffix(':').is_some_and(|key| !key.is_empty() && key.chars().all(plain));
    first == "---"
        || opens_block
        || ["apiVersion: ", "kind: "].iter().any(|key| first.starts_with(key))
}

/// Whether the text starts as Markdown or HTML do.
fn is_documentation(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("<!") || text.trim_start_matches('#').starts_with(' ') && text.starts_with('#')
}

/// What kind of text it seems to be, and what would be read instead.
fn unrecognised(text: &str) -> (&'static str, String) {
    let trimmed = text.trim_start();
    let line = trimmed.lines().next().unwrap_or("");
    let shown: String = line.chars().take(60).collect();
    let (kind, hint) = if trimmed.starts_with("- ") && text.contains("/subscriptions/") {
        (UNRECOGNISED, "this looks like the YAML of `az … -o yaml`; export with `-o json`")
    } else if is_bicep(trimmed) {
        (UNRECOGNISED, "this looks like Bicep source; compile it with `bicep build`")
    } else if trimmed.contains("resource \"") && trimmed.contains('{') {
        (UNRECOGNISED, "this looks like Terraform source")
    } else if is_powershell_list(text) {
        (
            UNRECOGNISED,
            "this looks like a PowerShell list, which cuts off what is long; export with \
             `| ConvertTo-Json -Depth 10`",
        )
    } else if is_documentation(text) {
        (DOCUMENTATION, "this looks like documentation")
    } else if is_portal_list(line) {
        (
            UNRECOGNISED,
            "this looks like the CSV of a list in the portal, which has no ids, records or links; \
             export with `privdns collect`, or from Resource Graph with `| project id, name, type, \
             location, resourceGroup, properties`",
        )
    } else if !transcript::recognise(text) && is_yaml(trimmed) {
        (UNRECOGNISED, "this looks like YAML; export as JSON, with `-o json`")
    } else if transcript::is_transcript(text) {
        (
            TRANSCRIPT,
            "this is a transcript of lookups; `privdns compare ESTATE --transcript FILE` holds it \
             against an estate, `--public FILE` reads what public DNS answered",
        )
    } else {
        (
            UNRECOGNISED,
            "expected JSON of `az` or PowerShell, a template, CSV of Resource Graph, a zone file or \
             `.estate` text",
        )
    };
    (kind, format!("is no export that is known: {hint}; the first line is `{shown}`"))
}
