//! What real lookups gave, as tools print it: text in, observations out.
//!
//! An [`Observation`] is one lookup: the name asked, the aliases in order, and how it
//! ended. [`read`] finds them in what people paste: `nslookup` of Windows (in any
//! language) and Linux, `dig`, `host`, `Resolve-DnsName`, the JSON of `az vm run-command`
//! and lines of [`capture`]. Prompts and prose around them are normal; a line that
//! nothing is made of is counted.
//!
//! ```
//! let text = "$ host fabrikam.vault.azure.net\n\
//!             fabrikam.vault.azure.net is an alias for fabrikam.privatelink.vaultcore.azure.net.\n\
//!             fabrikam.privatelink.vaultcore.azure.net has address 10.1.2.3\n";
//! let transcript = privdns::transcript::read(text);
//! let seen = &transcript.observations[0];
//! assert_eq!(seen.aliases.len(), 1);
//! assert_eq!(seen.records[0].data, "10.1.2.3");
//! ```

#![deny(clippy::disallowed_methods)]

pub mod capture;
mod command;
mod dig;
mod draft;
mod host;
mod json;
mod nslookup;
mod powershell;
mod reader;

use std::fmt;
use std::net::IpAddr;

use crate::name::Name;
use crate::record::RecordType;

pub use command::reverse_name;

/// How much of a text is looked at to tell whether it is a transcript.
const HEAD: usize = 64 << 10;

/// How a lookup ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Records of the type asked for.
    Answered,
    /// The last name exists without the type.
    NoData,
    /// The last name does not exist.
    NxDomain,
    /// No address, and the tool does not say why: NODATA, NXDOMAIN or a failure.
    NoAddress,
    /// The server failed.
    ServFail,
    /// The server refused.
    Refused,
    /// Another response code, by its name or number.
    Rcode(String),
    /// No server answered; why, where that is known.
    NoReply(String),
}

impl Status {
    /// As reports and captures have it.
    pub fn name(&self) -> &str {
        match self {
            Status::Answered => "NOERROR",
            Status::NoData => "NODATA",
            Status::NxDomain => "NXDOMAIN",
            Status::NoAddress => "no address",
            Status::ServFail => "SERVFAIL",
            Status::Refused => "REFUSED",
            Status::Rcode(name) => name,
            Status::NoReply(_) => "no reply",
        }
    }
}

/// How much of the chain of aliases a tool showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Whole,
    /// The aliases but not the name that has the address, as a cut Windows answer.
    Start,
    /// None of it, as Windows where a lookup fails.
    Nothing,
}

/// One record, names in it lower-case and dot-terminated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The owner.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
    /// Seconds, where they were shown.
    pub ttl: Option<u32>,
    /// The data, written as [`RecordData::texts`](crate::record::RecordData::texts) does.
    pub data: String,
}

impl Record {
    /// The address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.data.parse().ok()
    }
}

/// One alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The owner.
    pub name: Name,
    /// Where it leads.
    pub target: Name,
    /// Seconds, where they were shown.
    pub ttl: Option<u32>,
}

/// The SOA that came with a negative answer: which zone said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The zone's apex.
    pub apex: Name,
    /// The primary server and the mailbox, as far as shown.
    pub contacts: Vec<Name>,
    /// The seconds that the negative answer may be kept, where they were shown.
    pub ttl: Option<u32>,
    /// The seconds that a fresh one may be kept, where they were shown.
    pub minimum: Option<u32>,
}

impl Authority {
    /// Whether this is the SOA of a private zone of Azure.
    ///
    /// `azureprivatedns.net` and `azureprivatedns-host.microsoft.com` stand in the SOA
    /// sets of exported private zones and in published lookups; read 2026-11.
    pub fn is_azure_private(&self) -> bool {
        self.contacts.iter().any(|name| {
            matches!(
                name.text().as_str(),
                "azureprivatedns.net" | "azureprivatedns-host.microsoft.com"
            )
        })
    }
}

/// The server that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// What the tool calls it; `UnKnown` is no name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its port, where that is not 53.
    pub port: Option<u16>,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port, &self.name) {
            (Some(IpAddr::V6(address)), Some(port), _) => write!(f, "[{address}]:{port}"),
            (Some(address), Some(port), _) => write!(f, "{address}:{port}"),
            (Some(address), None, _) => write!(f, "{address}"),
            (None, _, Some(name)) => f.write_str(name),
            (None, _, None) => f.write_str("a server that is not shown"),
        }
    }
}

/// One lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The line it starts in, from 1.
    pub line: usize,
    /// The name asked.
    pub name: Name,
    /// The type asked; `None` for addresses of either kind, as `nslookup` asks.
    pub record_type: Option<RecordType>,
    /// Who was asked, where that is shown.
    pub server: Option<Server>,
    /// How it ended.
    pub status: Status,
    /// The aliases from the name asked on.
    pub aliases: Vec<Alias>,
    /// How much of the chain was shown.
    pub shown: Shown,
    /// The records at the end.
    pub records: Vec<Record>,
    /// Which zone said no, where that was shown.
    pub authority: Option<Authority>,
    /// What the server says of the answer: an extended DNS error (RFC 8914).
    pub extended_error: Option<String>,
}

impl Observation {
    /// The names of the chain as far as it was shown, the one asked first.
    pub fn names(&self) -> Vec<&Name> {
        std::iter::once(&self.name).chain(self.aliases.iter().map(|alias| &alias.target)).collect()
    }

    /// The types that the answer is about: the one asked, or those of the addresses.
    pub fn types(&self) -> Vec<RecordType> {
        if let Some(asked) = self.record_type {
            return vec![asked];
        }
        let mut types: Vec<RecordType> =
            self.records.iter().map(|record| record.record_type).collect();
        types.sort();
        types.dedup();
        match types.is_empty() {
            true => vec![RecordType::A],
            false => types,
        }
    }

    /// The data of the records of one type, sorted, each once.
    pub fn data(&self, record_type: RecordType) -> Vec<String> {
        let of_type = self.records.iter().filter(|record| record.record_type == record_type);
        let mut data: Vec<&Record> = of_type.collect();
        // Addresses in their own order, as the simulation has them.
        data.sort_by_key(|record| (record.address(), record.data.as_str()));
        let mut data: Vec<String> = data.into_iter().map(|record| record.data.clone()).collect();
        data.dedup();
        data
    }
}

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The lookups, in order.
    pub observations: Vec<Observation>,
    /// Lines that hold something and of which nothing was made, from 1.
    pub skipped: Vec<usize>,
    /// Lookups whose answer could not be read.
    pub unread: Vec<Unread>,
}

/// A lookup that was made, and whose answer could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The line of the command, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// Reads what tools printed.
pub fn read(text: &str) -> Transcript {
    let mut reader = reader::Reader::default();
    json::read(text, &mut reader);
    reader.finish()
}

/// Whether the text is output of `dig` or a capture, not a zone file.
pub fn recognise(text: &str) -> bool {
    text.lines().take(200).any(|line| {
        line.contains("->>HEADER<<-") || line.contains("<<>> DiG") || capture::recognise(line)
    })
}

/// Whether the text is nothing but lookups, in any form that [`read`] knows.
pub fn is_transcript(text: &str) -> bool {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    !read(&text[..end]).observations.is_empty()
}

/// Whether JSON is the answer of `az vm run-command invoke`, which holds what tools printed.
///
/// `ProvisioningState/succeeded` of Linux and `ComponentStatus/StdOut/succeeded` of Windows:
/// learn.microsoft.com/azure/virtual-machines/run-command-overview, read 2026-11.
pub fn is_run_command(text: &str) -> bool {
    let head = text.as_bytes();
    let head = &head[..head.len().min(1024)];
    let marks = [&b"\"ProvisioningState/"[..], b"\"ComponentStatus/"];
    marks.iter().any(|mark| memchr::memmem::find(head, mark).is_some())
}

/// Data of a record as reports write it: names lower-case and dot-terminated.
pub fn normalise(record_type: RecordType, data: &str) -> String {
    let name = |word: &str| word.parse::<Name>().map_or(word.to_owned(), |name| name.to_string());
    let words: Vec<&str> = data.split_whitespace().collect();
    match (record_type, &words[..]) {
        (RecordType::A | RecordType::Aaaa, [word]) => {
            word.parse::<IpAddr>().map_or((*word).to_owned(), |address| address.to_string())
        }
        (RecordType::Cname | RecordType::Ptr, [word]) => name(word),
        (RecordType::Mx | RecordType::Srv | RecordType::Soa, words) => {
            let numeric = |word: &str| word.bytes().all(|octet| octet.is_ascii_digit());
            let words = words.iter().map(|word| match numeric(word) {
                true => (*word).to_owned(),
                false => name(word),
            });
            words.collect::<Vec<_>>().join(" ")
        }
        _ => data.trim().to_owned(),
    }
}
