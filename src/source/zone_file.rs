//! Zone files (RFC 1035, section 5), read and written.
//!
//! There are two dialects. `az network private-dns zone export` writes targets
//! of MX, SRV, PTR and NS records without the final dot though they are
//! absolute, and does not double a backslash (azure-cli,
//! `command_modules/network/zone_file/make_zone_file.py`, read 2026-11); its
//! header names the zone and the resource group. Any other file follows the RFC.
//!
//! An *entry* is one line, or several within parentheses. An entry that cannot
//! be read costs itself only: an open quote ends with its line, and an open
//! parenthesis at the next line that starts a record.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use smallvec::SmallVec;

use crate::estate::{
    Assembly, Estate, Fate, InputId, NoteKind, Origin, PublicData, PublicFact, RecordSet, ZoneId,
};
use crate::name::{Name, NameError, NameId};
use crate::record::{Mx, RecordData, RecordType, Soa, Srv, Ttl};

/// What the first line of an `az` export says.
const EXPORTED: &str = "Exported zone file from Azure DNS";

/// What comes before the zone's name in the header of an `az` export.
const ZONE_NAME: &str = "Zone name:";

/// The TTL of records where nothing states one, as `az … zone import` has it.
const DEFAULT_TTL: u32 = 3600;

/// The longest character-string (RFC 1035, section 3.3).
const STRING_LIMIT: usize = 255;

/// How many lines that are not blank are looked at to tell the format.
const TELLING_LINES: usize = 50;

/// The type that once held what TXT holds (RFC 7208, section 3.1).
const SPF: RecordType = RecordType::Other(99);

/// Delegates a name to another server.
const NS: RecordType = RecordType::Other(2);

/// Types of other servers that [`RecordType`] has no name for.
const FURTHER_TYPES: &str = "AFSDB ALIAS ANAME APL CDNSKEY CDS CERT CSYNC DHCID DNSKEY HINFO HIP \
     IPSECKEY KEY LOC NSEC NSEC3 NSEC3PARAM RP RRSIG SSHFP TLSA URI WINS WINSR ZONEMD";

/// Whether the first lines of `text` hold the header of an `az` export, a
/// `$ORIGIN` or `$TTL`, or a SOA record.
pub fn recognise(text: &str) -> bool {
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(TELLING_LINES) {
        // A transcript of dig and documentation may quote any of what is looked for.
        let comment = line.trim_start_matches(';').trim();
        let dig = comment.starts_with("<<>> DiG")
            || comment.starts_with("->>HEADER<<-")
            || comment.starts_with("Got answer:")
            || comment.ends_with(" SECTION:");
        if dig || line.starts_with('#') || line.starts_with("```") || line.starts_with("---") {
            return false;
        }
        let told = match line.as_bytes()[0] {
            b';' => comment.starts_with(EXPORTED) || comment.starts_with(ZONE_NAME),
            b'$' => line.split_ascii_whitespace().next().is_some_and(|word| {
                word.eq_ignore_ascii_case("$ORIGIN") || word.eq_ignore_ascii_case("$TTL")
            }),
            _ => starts_a_zone(line),
        };
        if told {
            return true;
        }
    }
    false
}

/// The words from the record type on, where `line` has one at its place.
fn from_type(line: &str) -> Option<impl Iterator<Item = &str>> {
    let mut words = line.split_ascii_whitespace().peekable();
    if !line.starts_with([' ', '\t']) {
        words.next();
    }
    for _ in 0..2 {
        words.next_if(|word| class(word).is_some() || seconds(word).is_some());
    }
    let word = *words.peek()?;
    (word.parse::<RecordType>().is_ok() || is_further_type(word)).then_some(words)
}

/// Whether `line` is the first of a SOA record rather than a sentence about one.
fn starts_a_zone(line: &str) -> bool {
    let Some(mut words) = from_type(line) else { return false };
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("SOA"))
        && words.take(3).enumerate().any(|(at, word)| {
            word.ends_with('(')
                || at == 2 && word.starts_with(|c: char| c == '(' || c.is_ascii_digit())
        })
}

/// Whether `line` is the first of an entry, rather than one within parentheses.
fn starts_an_entry(line: &str) -> bool {
    line.starts_with('$') || from_type(line).is_some()
}

fn is_further_type(word: &str) -> bool {
    FURTHER_TYPES.split(' ').any(|name| name.eq_ignore_ascii_case(word))
}

/// Whether what git leaves around sides that it could not merge starts here.
fn is_marker(line: &[u8]) -> bool {
    [b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"].iter().any(|mark| line.starts_with(*mark))
        && line.get(7).is_none_or(u8::is_ascii_whitespace)
}

/// Whether the class is that of the internet; `None` where `word` is no class.
fn class(word: &str) -> Option<bool> {
    if word.eq_ignore_ascii_case("IN") {
        return Some(true);
    }
    let other = ["CH", "HS", "CS"].iter().any(|name| name.eq_ignore_ascii_case(word));
    other.then_some(false)
}

/// A number of seconds, with units or without: `3600`, `1W2d3h4M5`.
fn seconds(word: &str) -> Option<u32> {
    let (mut total, mut number, mut digits) = (0_u32, 0_u32, false);
    for octet in word.bytes() {
        let unit = match octet.to_ascii_lowercase() {
            digit @ b'0'..=b'9' => {
                number = number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
                digits = true;
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        if !std::mem::take(&mut digits) {
            return None;
        }
        total = total.checked_add(std::mem::take(&mut number).checked_mul(unit)?)?;
    }
    let units = word.bytes().next_back().is_some_and(|octet| octet.is_ascii_alphabetic());
    (digits || units).then(|| total.checked_add(number))?
}

/// The octets of a character-string. In an `az` export only `"` and `\` are escaped.
fn octets(raw: &str, az: bool) -> Vec<u8> {
    let bytes = raw.as_bytes();
    let mut octets = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(escape) = memchr::memchr(b'\\', &bytes[at..]) {
        octets.extend_from_slice(&bytes[at..at + escape]);
        at += escape + 1;
        let number = raw.get(at..at + 3).filter(|text| text.bytes().all(|o| o.is_ascii_digit()));
        let (octet, length) = match (bytes.get(at), number.and_then(|text| text.parse().ok())) {
            (Some(&next @ (b'"' | b'\\')), _) => (next, 1),
            (None, _) => (b'\\', 0),
            _ if az => (b'\\', 0),
            (_, Some(number)) => (number, 3),
            (Some(&next), None) => (next, 1),
        };
        octets.push(octet);
        at += length;
    }
    octets.extend_from_slice(&bytes[at..]);
    octets
}

/// One word; a quoted one without its quotes, its escapes as they stand.
#[derive(Clone, Copy, Debug)]
struct Word<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len() + if self.quoted { 2 } else { 0 }
    }
}

/// What is wrong, at which octet, and for how many.
type Fault = (String, usize, usize);

/// A line, or several within parentheses.
struct Entry {
    /// The first octet of the first line.
    line: usize,
    /// From the first word or parenthesis to the end of the last.
    start: usize,
    end: usize,
    failure: Option<Fault>,
    /// Whether it failed within parentheses, so that its other lines come next.
    inside: bool,
}

/// Cuts a text into entries, and entries into words.
struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[at..]).map_or(self.text.len(), |end| at + end)
    }

    /// The line at `at`, without its end.
    fn line(&self, at: usize) -> &'t str {
        self.text[at..self.line_end(at)].trim_end_matches('\r')
    }

    /// The next entry, its words in `words`; `None` at the end of the text.
    fn next(&mut self, words: &mut Vec<Word<'t>>) -> Option<Entry> {
        words.clear();
        let bytes = self.text.as_bytes();
        let line = self.at;
        if line >= bytes.len() {
            return None;
        }
        let mut entry = Entry { line, start: usize::MAX, end: line, failure: None, inside: false };
        // What follows a marker is a branch's name or a commit's title.
        if is_marker(&bytes[line..]) {
            entry.start = line;
            entry.end = line + self.line(line).len();
            self.at = self.line_end(line) + 1;
            return Some(entry);
        }
        let mut open = None;
        let mut at = line;
        let unclosed = "expected `)` before the next entry";
        let failure = loop {
            let start = at;
            match bytes.get(at) {
                None => break open.map(|open| ("expected `)`, found the end of the file", open)),
                Some(b'\n') => {
                    at += 1;
                    let Some(open) = open else { break None };
                    let next = self.line(at);
                    let indented = next.starts_with([' ', '\t']);
                    if is_marker(&bytes[at..]) || !indented && starts_an_entry(next) {
                        break Some((unclosed, open));
                    }
                    continue;
                }
                Some(b' ' | b'\t' | b'\r') => {
                    at += 1;
                    continue;
                }
                Some(b';') => {
                    at = self.line_end(at);
                    continue;
                }
                Some(b'(') => {
                    if let Some(open) = open.replace(at) {
                        break Some(("expected `)`, found another `(`", open));
                    }
                    at += 1;
                }
                Some(b')') => {
                    if open.take().is_none() {
                        break Some(("expected `(` before this `)`", at));
                    }
                    at += 1;
                }
                Some(b'"') => {
                    let Some(end) = string_end(bytes, at + 1) else {
                        break Some(("expected `\"`, found the end of the line", at));
                    };
                    words.push(Word { text: &self.text[at + 1..end], start: at, quoted: true });
                    at = end + 1;
                }
                Some(_) => {
                    at = word_end(bytes, at);
                    words.push(Word { text: &self.text[start..at], start, quoted: false });
                }
            }
            entry.start = entry.start.min(start);
            entry.end = at;
        };
        self.at = at;
        if let Some((message, place)) = failure {
            entry.failure = Some((message.to_owned(), place, self.line(place).len()));
            entry.inside = open.is_some();
            self.at = self.line_end(line) + 1;
        }
        Some(entry)
    }
}

/// The closing quote of a string that starts at `at`, on the same line.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at),
            b'\n' => return None,
            _ if matches!(bytes.get(at + 1), Some(b'\r' | b'\n')) => return None,
            _ => at += 2,
        }
    }
}

fn word_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"') => return at,
            Some(b'\\') if !matches!(bytes.get(at + 1), None | Some(b'\r' | b'\n')) => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// Reads the zones of `text` into `assembly`.
///
/// `fallback` is the zone where the text itself names none.
pub fn read(input: InputId, text: &str, fallback: Option<Fallback<'_>>, assembly: &mut Assembly) {
    read_as(false, input, text, fallback, assembly);
}

/// The zone of a text that names none.
#[derive(Clone, Copy, Debug)]
pub enum Fallback<'t> {
    /// Somebody said so.
    Stated(&'t str),
    /// The file's name suggests it.
    Guessed(&'t str),
}

/// Reads recorded answers of public DNS: a zone file whose names are absolute,
/// with or without the final dot.
pub fn read_public(input: InputId, text: &str, assembly: &mut Assembly) {
    read_as(true, input, text, None, assembly);
}

fn read_as(
    public: bool,
    input: InputId,
    text: &str,
    fallback: Option<Fallback<'_>>,
    assembly: &mut Assembly,
) {
    let context = Context { origin: public.then_some(NameId::ROOT), ..Context::default() };
    Reader {
        input,
        text,
        fallback,
        public,
        assembly,
        context,
        open: Open::default(),
        unsupported: BTreeMap::new(),
        said: false,
        handed_over: false,
    }
    .read();
}

enum Problem {
    /// One item is wrong.
    Item(Fault),
    /// A name is relative, and nothing says to what.
    Nameless,
}

type Outcome<T = ()> = Result<T, Problem>;

fn at(word: &Word<'_>, message: impl Into<String>) -> Problem {
    Problem::Item((message.into(), word.start, word.end() - word.start))
}

/// What a line takes from the lines above it.
#[derive(Default)]
struct Context<'t> {
    /// Whether an `az` export is read.
    az: bool,
    group: Option<&'t str>,
    origin: Option<NameId>,
    /// Whether `origin` was stated; else it follows the SOA records.
    origin_stated: bool,
    owner: Option<NameId>,
    /// Of `$TTL`, and of the last record that stated one.
    default_ttl: Option<Ttl>,
    last_ttl: Option<Ttl>,
}

/// The zone that is being read.
#[derive(Default)]
struct Open {
    /// The owner of its SOA record or, so far, the first origin.
    apex: Option<NameId>,
    /// Where its SOA record stands.
    soa: Option<Origin>,
    /// Its records, each as a set of its own.
    sets: Vec<RecordSet>,
    /// How many records were refused whose owner is not known.
    refused: u32,
    /// The owners of the others.
    unread: Vec<NameId>,
}

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    fallback: Option<Fallback<'t>>,
    /// Whether recorded public answers are read rather than zones.
    public: bool,
    assembly: &'a mut Assembly,
    context: Context<'t>,
    open: Open,
    /// By type: how many records of it there are, and where the first one is.
    unsupported: BTreeMap<String, (usize, Origin)>,
    /// Whether it was said that no zone is named.
    said: bool,
    /// Whether anything was handed over.
    handed_over: bool,
}

impl<'t> Reader<'t, '_> {
    fn read(mut self) {
        let mut lexer = Lexer { text: self.text, at: 0 };
        let mut words = Vec::new();
        // Whether lines are passed over that belong to a broken entry.
        let mut recovering = false;
        while let Some(entry) = lexer.next(&mut words) {
            if words.is_empty() && entry.failure.is_none() {
                self.wordless(lexer.line(entry.line), entry.line);
                continue;
            }
            if recovering && !starts_an_entry(lexer.line(entry.line)) {
                continue;
            }
            let indented = self.text[entry.line..].starts_with([' ', '\t']);
            let place = self.place(entry.start, entry.end.saturating_sub(entry.start));
            let mut outcome = self.entry(&words, indented, place, entry.failure.is_some());
            recovering = entry.inside;
            if let Some(failure) = entry.failure {
                outcome = Err(Problem::Item(failure));
            }
            // What sets the origin or the TTL is no record, right or wrong.
            let first = words.first().filter(|word| !word.quoted).map_or("", |word| word.text);
            if !["$ORIGIN", "$TTL"].iter().any(|name| first.eq_ignore_ascii_case(name)) {
                let fate = outcome.as_ref().map_or(Fate::Refused, |fate| *fate);
                self.assembly.count(self.input, fate);
            }
            match outcome {
                Ok(_) => continue,
                Err(Problem::Nameless) => self.say_nameless(),
                Err(Problem::Item((message, start, length))) => {
                    self.note(NoteKind::Refused, message, self.place(start, length));
                }
            }
            // A directive has no owner; a name that could not be read has been forgotten.
            match self
                .context
                .owner
                .filter(|_| !words.first().is_some_and(|w| w.text.starts_with('$')))
            {
                Some(owner) => self.open.unread.push(owner),
                None => self.open.refused += 1,
            }
        }
        self.close();
        for (kind, (count, place)) in std::mem::take(&mut self.unsupported) {
            let records = if count == 1 { "record" } else { "records" };
            let message = match self.public {
                true => format!("{count} {kind} {records} not read"),
                false => format!("{count} {kind} {records} not used: a private zone holds none"),
            };
            self.note(NoteKind::Unsupported, message, place);
        }
        if !self.handed_over {
            self.say_nameless();
        }
    }

    fn place(&self, start: usize, length: usize) -> Origin {
        Origin { input: self.input, start: start as u32, length: length as u32 }
    }

    fn note(&mut self, kind: NoteKind, message: impl Into<String>, place: Origin) {
        self.assembly.note(kind, message, place);
    }

    /// Once, since every line would suffer from it.
    fn say_nameless(&mut self) {
        if !std::mem::replace(&mut self.said, true) {
            let message = match self.public {
                true => "holds no record that could be read",
                false => {
                    "does not say which zone it holds: expected a SOA record, `$ORIGIN` or the \
                     header of an `az` export; `--zone ZONE` can say it"
                }
            };
            self.note(NoteKind::Unreadable, message, self.place(0, 0));
        }
    }

    /// An empty line, a comment or a marker.
    fn wordless(&mut self, line: &'t str, start: usize) {
        if is_marker(line.as_bytes()) {
            let message = "a merge-conflict marker; both sides are read";
            return self.note(NoteKind::Reading, message, self.place(start, line.len()));
        }
        if !line.starts_with(';') {
            return;
        }
        let comment = line.trim_start_matches([';', ' ', '\t']).trim_end();
        let fresh = self.open.sets.is_empty() && self.open.soa.is_none();
        if comment.starts_with(EXPORTED) {
            // Exports may be pasted one below the other.
            if !fresh {
                self.close();
            }
            let origin = self.public.then_some(NameId::ROOT);
            self.context = Context { az: true, origin, ..Context::default() };
        } else if !fresh {
            // Not in the header.
        } else if let Some(group) = comment.strip_prefix("Resource Group Name:") {
            self.context.group = Some(group.trim()).filter(|group| !group.is_empty());
        } else if let Some(name) = comment.strip_prefix(ZONE_NAME) {
            self.context.az = true;
            match self.assembly.names().intern_text(name.trim(), NameId::ROOT) {
                Ok(name) => {
                    self.open.apex = Some(name);
                    self.context.origin = Some(name);
                    self.context.origin_stated = true;
                }
                Err(error) => {
                    let place = self.place(start, line.len());
                    self.note(NoteKind::Refused, format!("in the header: {error}"), place);
                }
            }
        }
    }

    /// The zone that somebody stated or the file's name hints at, if the text does not say.
    fn guess(&mut self) -> Option<NameId> {
        let (text, guessed) = match self.fallback? {
            Fallback::Stated(text) => (text, false),
            Fallback::Guessed(text) => (text, true),
        };
        let name = self.assembly.names().intern_text(text, NameId::ROOT).ok()?;
        if guessed {
            let message = format!("the zone is guessed from the file's name: `{text}`");
            self.note(NoteKind::Reading, message, self.place(0, 0));
        }
        self.context.origin = Some(name);
        Some(name)
    }

    /// The name of `word`; one without a final dot is below `base`, or else the origin.
    fn name(&mut self, word: &Word<'_>, base: Option<NameId>) -> Outcome<NameId> {
        // `_sip._tls.@`, as `az … zone import` takes it.
        let below = word.text.strip_suffix(".@").filter(|text| !text.ends_with('\\'));
        let absolute = word.text.ends_with('.') && !word.text.ends_with("\\.");
        let base = match base.filter(|_| below.is_none() && word.text != "@") {
            Some(base) => base,
            None if absolute => NameId::ROOT,
            None => match self.context.origin.or_else(|| self.guess()) {
                Some(origin) => {
                    self.open.apex = self.open.apex.or(Some(origin));
                    origin
                }
                None => return Err(Problem::Nameless),
            },
        };
        let name = self.assembly.names().intern_text(below.unwrap_or(word.text), base);
        name.map_err(|error| at(word, error.to_string()))
    }

    /// Reads an entry; of a `broken` one only what later lines depend on.
    fn entry(
        &mut self,
        words: &[Word<'t>],
        indented: bool,
        place: Origin,
        broken: bool,
    ) -> Outcome<Fate> {
        // Words there are, or else a quote or parenthesis that fails the entry.
        let Some((first, rest)) = words.split_first() else { return Ok(Fate::Refused) };
        if first.text.starts_with('$') && !first.quoted {
            return self.directive(first, rest, place);
        }
        let mut rest = words;
        if !indented {
            // A line below must not go to the owner above where this one is refused.
            self.context.owner = None;
            self.context.owner = Some(self.name(first, None)?);
            rest = &words[1..];
        }
        let owner = match self.context.owner {
            Some(owner) => owner,
            None if self.said => return Err(Problem::Nameless),
            None => {
                let message = "expected an owner: no line above states one that could be read";
                return Err(at(first, message));
            }
        };
        let mut ttl = None;
        let mut internet = None;
        while let Some((word, tail)) = rest.split_first() {
            if internet.is_none() && class(word.text).is_some() {
                internet = class(word.text);
            } else if ttl.is_none() && word.text.starts_with(|c: char| c.is_ascii_digit()) {
                ttl = Some(time_to_live(word)?);
            } else {
                break;
            }
            rest = tail;
        }
        self.context.last_ttl = ttl.or(self.context.last_ttl);
        let Some((word, values)) = rest.split_first() else {
            let last = words.last().unwrap_or(first);
            return Err(at(last, "expected a record type after this"));
        };
        if internet == Some(false) {
            self.note(NoteKind::Unsupported, "only records of class `IN` are read", place);
            return Ok(Fate::Unsupported);
        }
        let record_type = match word.text.parse() {
            Ok(SPF) => {
                self.note(NoteKind::Reading, "an SPF record is read as TXT", place);
                RecordType::Txt
            }
            Err(_) if !is_further_type(word.text) => {
                let message = format!("expected a record type, found `{}`", word.text);
                return Err(at(word, message));
            }
            Ok(RecordType::Other(_)) | Err(_) if broken => return Ok(Fate::Refused),
            Ok(NS) if !self.public && self.open.apex.is_some_and(|apex| apex != owner) => {
                let owner = self.assembly.names().show(owner).to_string();
                let message =
                    format!("`{owner}` is delegated to another server, which is not used");
                self.note(NoteKind::Delegation, message, place);
                return Ok(Fate::Unsupported);
            }
            Ok(RecordType::Other(_)) | Err(_) => {
                let kind = word.text.to_ascii_uppercase();
                let seen = self.unsupported.entry(kind).or_insert((0, place));
                seen.0 += 1;
                return Ok(Fate::Unsupported);
            }
            Ok(record_type) => record_type,
        };
        if record_type == RecordType::Soa && !self.public {
            self.open(owner, place);
        }
        if broken {
            return Ok(Fate::Refused);
        }
        let data = self.data(record_type, word, values)?;
        let default = self.context.default_ttl.or(self.context.last_ttl).or(Ttl::new(DEFAULT_TTL));
        self.open.sets.push(RecordSet {
            owner,
            ttl: ttl.or(default),
            data,
            registered: false,
            creator: None,
            origin: place,
        });
        Ok(Fate::Used)
    }

    fn directive(&mut self, word: &Word<'t>, values: &[Word<'t>], place: Origin) -> Outcome<Fate> {
        let name = word.text.to_ascii_uppercase();
        match (name.as_str(), values) {
            ("$ORIGIN", [value, ..]) => {
                let text = value.text;
                let wrong = |error: NameError| at(value, error.to_string());
                let absolute: Name = text.parse().map_err(wrong)?;
                let names = self.assembly.names();
                let apex =
                    self.open.apex.map(|apex| names.name(apex)).filter(|apex| !apex.is_root());
                // The dot is forgotten more often than a name repeats the zone's.
                let forgotten = !text.ends_with('.')
                    && match self.context.origin {
                        None => true,
                        Some(_) => apex.is_some_and(|apex| absolute.is_at_or_below(&apex)),
                    };
                let base = self.context.origin.filter(|_| !forgotten).unwrap_or(NameId::ROOT);
                let origin = names.intern_text(text, base).map_err(wrong)?;
                if forgotten {
                    let message = format!("`{text}` is read as if it had a final dot");
                    self.note(NoteKind::Reading, message, place);
                }
                self.context.origin = Some(origin);
                self.context.origin_stated = true;
                self.open.apex = self.open.apex.or(Some(origin));
                Ok(Fate::Used)
            }
            ("$TTL", [value, ..]) => {
                self.context.default_ttl = Some(time_to_live(value)?);
                Ok(Fate::Used)
            }
            ("$ORIGIN" | "$TTL", []) => Err(at(word, format!("expected a value after `{name}`"))),
            ("$INCLUDE" | "$GENERATE", _) => {
                let message = format!("`{name}` is not followed, so records may be missing");
                self.note(NoteKind::Unsupported, message, place);
                self.open.refused += 1;
                Ok(Fate::Unsupported)
            }
            _ => Err(at(word, format!("expected `$ORIGIN` or `$TTL`, found `{}`", word.text))),
        }
    }

    /// Opens the zone of a SOA record.
    fn open(&mut self, owner: NameId, place: Origin) {
        if self.open.soa.is_some() && self.open.apex != Some(owner) {
            self.close();
        }
        self.open.apex = Some(owner);
        self.open.soa = self.open.soa.or(Some(place));
        if !self.context.origin_stated {
            self.context.origin = Some(owner);
        }
    }

    fn data(
        &mut self,
        record_type: RecordType,
        word: &Word<'t>,
        values: &[Word<'t>],
    ) -> Outcome<RecordData> {
        let form = match record_type {
            RecordType::Mx => "preference exchange",
            RecordType::Srv => "priority weight port target",
            RecordType::Soa => "host mailbox serial refresh retry expire minimum",
            RecordType::Cname | RecordType::Ptr => "target",
            RecordType::Txt => "string",
            _ => "address",
        };
        let count = form.split(' ').count();
        if values.len() < count || values.len() > count && record_type != RecordType::Txt {
            let found = match (values.first(), values.last()) {
                (Some(first), Some(last)) => {
                    let words = self.text[first.start..last.end()].split_whitespace();
                    format!("`{}`", words.collect::<Vec<_>>().join(" "))
                }
                _ => "nothing".to_owned(),
            };
            let message = format!("expected `{form}` after {record_type}, found {found}");
            return Err(at(word, message));
        }
        // What `az` writes without a dot is absolute all the same.
        let base = self.context.az.then_some(NameId::ROOT);
        Ok(match record_type {
            RecordType::A => {
                let address: Ipv4Addr = parse(&values[0], "an IPv4 address")?;
                RecordData::A(SmallVec::from_slice(&[address]))
            }
            RecordType::Aaaa => {
                RecordData::Aaaa([parse::<Ipv6Addr>(&values[0], "an IPv6 address")?].into())
            }
            RecordType::Cname => RecordData::Cname(self.name(&values[0], None)?),
            RecordType::Ptr => RecordData::Ptr([self.name(&values[0], base)?].into()),
            RecordType::Mx => {
                let preference = parse(&values[0], "a preference from 0 to 65535")?;
                RecordData::Mx([Mx { preference, exchange: self.name(&values[1], base)? }].into())
            }
            RecordType::Srv => {
                let number = |at: usize| parse(&values[at], "a number from 0 to 65535");
                let (priority, weight, port) = (number(0)?, number(1)?, number(2)?);
                let target = self.name(&values[3], base)?;
                RecordData::Srv([Srv { priority, weight, port, target }].into())
            }
            RecordType::Soa => {
                let time = |at: usize| {
                    let word = &values[at];
                    let message = || format!("expected a time, found `{}`", word.text);
                    seconds(word.text).ok_or_else(|| self::at(word, message()))
                };
                RecordData::Soa(Box::new(Soa {
                    host: self.name(&values[0], None)?,
                    mailbox: self.name(&values[1], None)?,
                    serial: parse(&values[2], "a serial number")?,
                    refresh: time(3)?,
                    retry: time(4)?,
                    expire: time(5)?,
                    minimum: time(6)?,
                }))
            }
            _ => {
                let mut strings: Vec<Box<[u8]>> = Vec::with_capacity(values.len());
                for value in values {
                    // `az` joins the strings of a record, and always quotes.
                    let octets = octets(value.text, self.context.az && value.quoted);
                    match octets.len() {
                        0..=STRING_LIMIT => strings.push(octets.into()),
                        _ => strings.extend(octets.chunks(STRING_LIMIT).map(Box::from)),
                    }
                }
                RecordData::Txt([strings.into()].into())
            }
        })
    }

    /// Hands over what was read since the last zone was.
    fn close(&mut self) {
        let Open { apex, soa, mut sets, mut refused, mut unread } = std::mem::take(&mut self.open);
        if apex.is_none() && sets.is_empty() {
            self.open.refused = refused;
            self.open.unread = unread;
            return;
        }
        let apex = match apex.or_else(|| self.public.then_some(NameId::ROOT)) {
            Some(apex) => apex,
            None => match self.guess() {
                Some(apex) => apex,
                None => {
                    sets.iter().for_each(|_| self.assembly.take_back(self.input));
                    return self.say_nameless();
                }
            },
        };
        sets.retain(|set| {
            let names = self.assembly.names();
            if self.public || names.is_at_or_below(set.owner, apex) {
                return true;
            }
            let message =
                format!("`{}` is not in zone `{}`", names.show(set.owner), names.show(apex));
            self.assembly.note(NoteKind::OutsideZone, message, set.origin);
            self.assembly.take_back(self.input);
            refused += 1;
            false
        });
        sets.sort_by_key(|set| (set.owner, set.data.record_type(), set.origin));
        let mut whole: Vec<RecordSet> = Vec::with_capacity(sets.len());
        let mut sets = sets.into_iter().peekable();
        let mut more = Vec::new();
        while let Some(mut set) = sets.next() {
            let key = (set.owner, set.data.record_type());
            while let Some(later) = sets.next_if(|l| (l.owner, l.data.record_type()) == key) {
                more.push(later);
            }
            if !more.is_empty() && self.join(&mut set, &mut more) > 0 {
                unread.push(set.owner);
            }
            whole.push(set);
        }
        self.handed_over = true;
        if self.public {
            for RecordSet { owner: name, ttl, data, origin, .. } in whole {
                let data = PublicData::Records(data, ttl);
                self.assembly.put_public(PublicFact::Recorded { name, data, origin });
            }
            return;
        }
        let first = whole.iter().map(|set| set.origin).min();
        let place = soa.or(first).unwrap_or(self.place(0, 0));
        let zone = self.assembly.zone_named(apex, self.context.group, place);
        let zone = self.assembly.zone(zone);
        zone.refused += refused;
        zone.listed |= refused == 0 && !whole.is_empty();
        zone.unread.extend(unread);
        zone.record_sets.extend(whole);
    }

    /// What is wrong with a second record where one can be only.
    fn second(&mut self, first: &RecordData, owner: NameId) -> (NoteKind, String) {
        let owner = self.assembly.names().show(owner).to_string();
        let (kind, what) = match first {
            RecordData::Cname(_) => (NoteKind::SecondAlias, "alias"),
            _ => (NoteKind::Refused, "SOA"),
        };
        (kind, format!("`{owner}` has a second {what}; the first one stays"))
    }

    /// Adds the records of `more` to `set`, each once; how many do not fit.
    fn join(&mut self, set: &mut RecordSet, more: &mut Vec<RecordSet>) -> u32 {
        fn once<T: Clone + Eq + Hash>(records: &mut Vec<T>) {
            let mut seen = HashSet::with_capacity(records.len());
            records.retain(|record| seen.insert(record.clone()));
        }
        // A zone transfer ends with the SOA that it starts with.
        let soa = set.data.record_type() == RecordType::Soa;
        let again = more.iter().find(|later| later.data == set.data);
        if let Some(again) = again.filter(|_| !soa && !self.public) {
            let owner = self.assembly.names().show(set.owner).to_string();
            let message =
                format!("`{owner}` {} is stated twice in one file", set.data.record_type());
            self.assembly.note(NoteKind::Repeated, message, again.origin);
        }
        let mut refused = 0;
        macro_rules! add {
            ($($list:ident),*) => {
                match &mut set.data {
                    $(RecordData::$list(list) => {
                        let mut all = std::mem::take(list).into_vec();
                        for later in more.drain(..) {
                            if let RecordData::$list(list) = later.data {
                                all.extend(list);
                            }
                        }
                        once(&mut all);
                        *list = all.into();
                    })*
                    first => {
                        for later in more.drain(..).filter(|later| later.data != *first) {
                            let (kind, message) = self.second(first, set.owner);
                            self.assembly.note(kind, message, later.origin);
                            self.assembly.take_back(self.input);
                            refused += 1;
                        }
                    }
                }
            };
        }
        if let Some(other) = more.iter().find(|later| later.ttl != set.ttl) {
            let message = "this line's TTL differs from the set's; the lower one counts";
            self.assembly.note(NoteKind::UnevenTtl, message, other.origin);
            set.ttl = more.iter().map(|later| later.ttl).fold(set.ttl, Ord::min);
        }
        add!(A, Aaaa, Mx, Ptr, Srv, Txt);
        refused
    }
}

fn parse<T: FromStr>(word: &Word<'_>, what: &str) -> Outcome<T> {
    word.text.parse().map_err(|_| at(word, format!("expected {what}, found `{}`", word.text)))
}

fn time_to_live(word: &Word<'_>) -> Outcome<Ttl> {
    let most = Ttl::MOST;
    let message = || format!("expected a TTL of at most {most} seconds, found `{}`", word.text);
    seconds(word.text).and_then(Ttl::new).ok_or_else(|| at(word, message()))
}

/// One zone as a zone file, sorted.
///
/// [`read`] reads it back the same, but for what the format cannot hold: links,
/// the resource group, marks of registered sets, and sets without records,
/// which are written as comments.
pub fn write(estate: &Estate, zone: ZoneId) -> String {
    let zone = estate.zone(zone);
    let names = &estate.names;
    let mut text = format!("$ORIGIN {}\n$TTL {DEFAULT_TTL}\n", names.name(zone.apex));
    let mut sets: Vec<&RecordSet> = zone.record_sets.iter().collect();
    sets.sort_by_cached_key(|set| {
        let record_type = set.data.record_type();
        (names.name(set.owner), record_type != RecordType::Soa, record_type)
    });
    for set in sets {
        let owner = names.relative(set.owner, zone.apex);
        let record_type = set.data.record_type();
        let ttl = set.ttl.map(|ttl| format!("{} ", ttl.seconds())).unwrap_or_default();
        let records = set.data.texts(names);
        if records.is_empty() {
            let _ = writeln!(text, "; {owner} {ttl}IN {record_type} holds no record");
        }
        for mut record in records {
            // A TXT record of no string at all reads as one of an empty string.
            if record.is_empty() {
                record.push_str("\"\"");
            }
            let _ = writeln!(text, "{owner} {ttl}IN {record_type} {record}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn estate(text: &str) -> Estate {
        let mut assembly = Assembly::default();
        let input = assembly.add_input("x", "zone-file", String::new(), text.to_owned());
        read(input, text, Some(Fallback::Guessed("guessed.example")), &mut assembly);
        assembly.finish()
    }

    /// The records of all zones as lines, with the notes and their places above.
    fn shown(text: &str) -> String {
        let estate = estate(text);
        let mut shown = String::new();
        for note in &estate.notes {
            let (start, length) = (note.origin.start as usize, note.origin.length as usize);
            let place = text[start..start + length].lines().next().unwrap_or("");
            let line = estate.show_origin(note.origin).split(':').nth(1).unwrap().to_owned();
            let _ = writeln!(shown, "{:?} {line} `{place}`: {}", note.kind, note.message);
        }
        for (id, zone) in estate.zone_ids() {
            let group = zone.group.as_deref().unwrap_or("-");
            let _ = write!(shown, "{} {group} {:?}", estate.zone_name(id), zone.extent());
            for &owner in &zone.unread {
                let _ = write!(shown, " unread:{}", estate.names.show(owner));
            }
            shown.push('\n');
            shown.extend(write(&estate, id).split_inclusive('\n').skip(2));
        }
        shown
    }

    const SOA: &str = "@ IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300\n";

    #[test]
    fn an_export_of_az_is_read() {
        let text = "\n; Exported zone file from Azure DNS\n;      Zone name: corp.internal\n\
            ;      Resource Group Name: rg-DNS\n;      Date and time (UTC): Fri, 20 Nov 2026\n\n\
            $TTL 300\n$ORIGIN corp.internal.\n    \n\
            @ 3600 IN SOA azureprivatedns.net. azureprivatedns-host.microsoft.com. (\n\
            \x20             1 ; serial\n              3600 ; refresh\n              300 ; retry\n\
            \x20             2419200 ; expire\n              300 ; minimum\n              )\n\n\
            \x20 10 IN TXT \"c\\d \\\"e\\\" f\\\\g \\065;\"\n\n\
            NAS 3600 IN A 10.0.0.4\n    3600 IN A 10.0.0.5\n\n    60 IN MX 1 ex.chan.ge\n\n\
            alias 3600 IN CNAME nas.corp.internal.\n\nptr 3600 IN PTR myptrdname\n\n\
            _sip._tcp 3600 IN SRV 1 5 120 targ.et\n";
        assert!(recognise(text));
        insta::assert_snapshot!(shown(text), @r#"
        corp.internal rg-DNS Whole
        @ 3600 IN SOA azureprivatedns.net. azureprivatedns-host.microsoft.com. 1 3600 300 2419200 300
        @ 10 IN TXT "c\\d \"e\" f\\g \\065;"
        _sip._tcp 3600 IN SRV 1 5 120 targ.et.
        alias 3600 IN CNAME nas.corp.internal.
        nas 3600 IN A 10.0.0.4
        nas 3600 IN A 10.0.0.5
        nas 60 IN MX 1 ex.chan.ge.
        ptr 3600 IN PTR myptrdname.
        "#);
    }

    #[test]
    fn exports_pasted_together_are_several_zones() {
        let export = |zone: &str, group: &str| {
            format!(
                "; {EXPORTED}\n; Resource Group Name: {group}\n; Zone name: {zone}\n\n\
                 $ORIGIN {zone}.\n{SOA}www 60 IN A 10.0.0.1\n"
            )
        };
        let text = export("a.example", "one") + &export("b.example", "two");
        insta::assert_snapshot!(shown(&text), @r#"
        a.example one Whole
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        www 60 IN A 10.0.0.1
        b.example two Whole
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        www 60 IN A 10.0.0.1
        "#);
    }

    #[test]
    fn the_rfc_dialect_is_read() {
        let text = "$origin corp.internal.\r\n$Ttl 1h30m\r\n\
            @ IN SOA ns hostmaster ( 1\t; serial (of today)\r\n 12h 15m 3w ; \"times\"\r\n3h )\r\n\
            \tMX 10 mail\r\n\
            nas 1W2d3h4M5 in A 10.0.0.4 ; comment\r\n\tIN A 10.0.0.9\r\n  IN 60 AAAA ::1\r\n\
            _sip._tls.@ SRV ( 1\r\n 2 443 foo.com.) ; (\r\n\
            t TXT \"a;b\" c\\;d \"\\\"e\\\" \\065\\\\\" \"\"\r\n\
            $ORIGIN sub\r\n@ CNAME x.\\@.y\r\n$ORIGIN other.corp.internal\r\nz PTR @\r\n";
        insta::assert_snapshot!(shown(text), @r#"
        UnevenTtl 8 `IN A 10.0.0.9`: this line's TTL differs from the set's; the lower one counts
        Reading 15 `$ORIGIN other.corp.internal`: `other.corp.internal` is read as if it had a final dot
        corp.internal - Whole
        @ 5400 IN SOA ns.corp.internal. hostmaster.corp.internal. 1 43200 900 1814400 10800
        @ 5400 IN MX 10 mail.corp.internal.
        _sip._tls 5400 IN SRV 1 2 443 foo.com.
        nas 5400 IN A 10.0.0.4
        nas 5400 IN A 10.0.0.9
        nas 60 IN AAAA ::1
        z.other 5400 IN PTR other.corp.internal.
        sub 5400 IN CNAME x.\@.y.sub.corp.internal.
        t 5400 IN TXT "a;b" "c;d" "\"e\" A\\" ""
        "#);
    }

    #[test]
    fn ttls_come_from_the_directive_or_the_last_record_or_are_3600() {
        let text = format!("$ORIGIN a.example.\n{SOA}b A 10.0.0.1\nc 7 A 10.0.0.1\nd A 10.0.0.1\n");
        insta::assert_snapshot!(shown(&text), @r#"
        a.example - Whole
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        b 3600 IN A 10.0.0.1
        c 7 IN A 10.0.0.1
        d 7 IN A 10.0.0.1
        "#);
        let text = format!("{text}$TTL 9\ne A 10.0.0.1\nf 2147483648 A 10.0.0.1\n");
        insta::assert_snapshot!(shown(&text).lines().last().unwrap(), @"e 9 IN A 10.0.0.1");
    }

    #[test]
    fn what_does_not_fit_is_noted_where_it_stands() {
        let text = format!(
            "$ORIGIN a.example.\n{SOA}@ NS ns.example.\n@ RRSIG A 1\nspf SPF \"v=spf1 -all\"\n\
             ch CH TXT x\n$INCLUDE other.zone\n$FOO\nbad A 10.0.0\n  A 10.0.0.1\n\
             mx MX 10\nbad..name A 10.0.0.1\n  A 10.0.0.2\nx XX y\nttl 9q A 10.0.0.1\n\
             out.example. A 10.0.0.1\nlone\n$ORIGIN\n"
        );
        insta::assert_snapshot!(shown(&text), @r#"
        Unsupported 3 `@ NS ns.example.`: 1 NS record not used: a private zone holds none
        Unsupported 4 `@ RRSIG A 1`: 1 RRSIG record not used: a private zone holds none
        Reading 5 `spf SPF "v=spf1 -all"`: an SPF record is read as TXT
        Unsupported 6 `ch CH TXT x`: only records of class `IN` are read
        Unsupported 7 `$INCLUDE other.zone`: `$INCLUDE` is not followed, so records may be missing
        Refused 8 `$FOO`: expected `$ORIGIN` or `$TTL`, found `$FOO`
        Refused 9 `10.0.0`: expected an IPv4 address, found `10.0.0`
        Refused 11 `MX`: expected `preference exchange` after MX, found `10`
        Refused 12 `bad..name`: `bad..name` has an empty label
        Refused 13 `A`: expected an owner: no line above states one that could be read
        Refused 14 `XX`: expected a record type, found `XX`
        Refused 15 `9q`: expected a TTL of at most 2147483647 seconds, found `9q`
        OutsideZone 16 `out.example. A 10.0.0.1`: `out.example` is not in zone `a.example`
        Refused 17 `lone`: expected a record type after this
        Refused 18 `$ORIGIN`: expected a value after `$ORIGIN`
        a.example - Partial unread:bad.a.example unread:mx.a.example unread:x.a.example unread:ttl.a.example unread:lone.a.example
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        bad 3600 IN A 10.0.0.1
        spf 3600 IN TXT "v=spf1 -all"
        "#);
    }

    #[test]
    fn sets_are_put_together() {
        let text = format!(
            "$ORIGIN a.example.\n{SOA}c CNAME x.example.\nc CNAME X.example.\nc CNAME y.example.\n\
             n 100 A 10.0.0.4\nm A 10.0.0.1\nn 50 A 10.0.0.3\nn 100 A 10.0.0.4\n{SOA}"
        );
        insta::assert_snapshot!(shown(&text), @r#"
        Repeated 4 `c CNAME X.example.`: `c.a.example` CNAME is stated twice in one file
        SecondAlias 5 `c CNAME y.example.`: `c.a.example` has a second alias; the first one stays
        UnevenTtl 8 `n 50 A 10.0.0.3`: this line's TTL differs from the set's; the lower one counts
        Repeated 9 `n 100 A 10.0.0.4`: `n.a.example` A is stated twice in one file
        UnevenTtl 10 `@ IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300`: this line's TTL differs from the set's; the lower one counts
        a.example - Whole unread:c.a.example
        @ 100 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        c 3600 IN CNAME x.example.
        m 100 IN A 10.0.0.1
        n 50 IN A 10.0.0.3
        n 50 IN A 10.0.0.4
        "#);
    }

    #[test]
    fn merge_markers_are_passed_over() {
        let text = format!(
            "$ORIGIN a.example.\n<<<<<<< HEAD (mine\n{SOA}n A 10.0.0.1\n=======\nn A 10.0.0.2\n\
             >>>>>>> it's \"theirs\nm TXT ( x\n||||||| base\n y )\no A 10.0.0.3\n"
        );
        insta::assert_snapshot!(shown(&text), @r#"
        Reading 2 `<<<<<<< HEAD (mine`: a merge-conflict marker; both sides are read
        Reading 5 `=======`: a merge-conflict marker; both sides are read
        Reading 7 `>>>>>>> it's "theirs`: a merge-conflict marker; both sides are read
        Refused 8 `( x`: expected `)` before the next entry
        Reading 9 `||||||| base`: a merge-conflict marker; both sides are read
        a.example - Whole unread:m.a.example
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        n 3600 IN A 10.0.0.1
        n 3600 IN A 10.0.0.2
        o 3600 IN A 10.0.0.3
        "#);
    }

    #[test]
    fn an_open_quote_or_parenthesis_costs_its_entry_only() {
        let text = "a.example. SOA ns hostmaster ( 1 2 3\n 4 5\n  60 A 10.0.0.9\nb TXT \"x\n\
            \x20 TXT y\nc TXT ( x ( y )\nd A 10.0.0.4 )\ne TXT ( \"x\n \"y\" )\nf A 10.0.0.6\n\
            g TXT ( z";
        insta::assert_snapshot!(shown(text), @r#"
        Refused 1 `( 1 2 3`: expected `)` before the next entry
        Refused 4 `"x`: expected `"`, found the end of the line
        Refused 6 `( x ( y )`: expected `)`, found another `(`
        Refused 7 `)`: expected `(` before this `)`
        Refused 8 `"x`: expected `"`, found the end of the line
        Refused 11 `( z`: expected `)`, found the end of the file
        a.example - Whole unread:a.example unread:b.a.example unread:c.a.example unread:d.a.example unread:e.a.example unread:g.a.example
        @ 60 IN A 10.0.0.9
        b 60 IN TXT "y"
        f 60 IN A 10.0.0.6
        "#);
    }

    #[test]
    fn the_zone_is_found_or_guessed_or_missed() {
        let soa = SOA.replace('@', "b.example.");
        let text = format!("{soa}n A 10.0.0.1\nc.example. SOA h. m. 1 2 3 4 5\nn A 10.0.0.2\n");
        insta::assert_snapshot!(shown(&text), @r#"
        b.example - Whole
        @ 3600 IN SOA ns.example. hostmaster.example. 1 3600 300 2419200 300
        n 3600 IN A 10.0.0.1
        c.example - Whole
        @ 3600 IN SOA h. m. 1 2 3 4 5
        n 3600 IN A 10.0.0.2
        "#);
        insta::assert_snapshot!(shown("n A 10.0.0.1\n"), @r#"
        Reading 1 ``: the zone is guessed from the file's name: `guessed.example`
        guessed.example - Whole
        n 3600 IN A 10.0.0.1
        "#);
        insta::assert_snapshot!(shown("; nothing\n"), @"Unreadable 1 ``: does not say which zone it holds: expected a SOA record, `$ORIGIN` or the header of an `az` export; `--zone ZONE` can say it");
        let text = "n A 10.0.0.1\n  A 10.0.0.2\nm A 10.0.0.1\n";
        let mut assembly = Assembly::default();
        let input = assembly.add_input("x", "zone-file", String::new(), String::new());
        read(input, text, None, &mut assembly);
        let estate = assembly.finish();
        assert_eq!((estate.notes.len(), estate.zones.len()), (1, 0));
        assert_eq!(estate.notes[0].kind, NoteKind::Unreadable);
    }

    #[test]
    fn a_long_string_is_cut_where_the_dns_has_to() {
        let text = format!("$ORIGIN a.example.\nt TXT \"{}\"\n", "x".repeat(300));
        let estate = estate(&text);
        let RecordData::Txt(records) = &estate.zones[0].record_sets[0].data else { panic!() };
        assert_eq!(records[0].iter().map(|string| string.len()).collect::<Vec<_>>(), [255, 45]);
    }

    #[test]
    fn a_record_knows_its_lines() {
        let text = "$ORIGIN a.example.\n  \nt  TXT ( x ; one\n  y ) ; two\n   60 A 10.0.0.1\r\n";
        let estate = estate(text);
        let places = estate.zones[0].record_sets.iter().map(|set| {
            let start = set.origin.start as usize;
            &text[start..start + set.origin.length as usize]
        });
        assert_eq!(places.collect::<Vec<_>>(), ["60 A 10.0.0.1", "t  TXT ( x ; one\n  y )"]);
    }

    #[test]
    fn public_answers_are_facts_of_public_dns() {
        let text = "a.example.com 60 IN CNAME b.example.net\nb.example.net. A 192.0.2.1\n\
                    b.example.net. A 192.0.2.2\nexample.net NS ns.example.net\n";
        let mut assembly = Assembly::default();
        let input = assembly.add_input("x", "zone-file", String::new(), text.to_owned());
        read_public(input, text, &mut assembly);
        let estate = assembly.finish();
        let facts = estate.public.iter().map(|fact| match fact {
            PublicFact::Recorded { name, data: PublicData::Records(data, _), .. } => {
                format!("{} {}", estate.names.show(*name), data.texts(&estate.names).join(" "))
            }
            other => format!("{other:?}"),
        });
        assert_eq!(
            facts.collect::<Vec<_>>(),
            ["a.example.com b.example.net.", "b.example.net 192.0.2.1 192.0.2.2"]
        );
        assert_eq!(estate.notes[0].message, "1 NS record not read");
        assert!(estate.zones.is_empty());
    }

    #[test]
    fn the_format_is_told_from_transcripts_and_documents() {
        let soa = "example. 300 IN SOA ns.example. host.example. 1 2 3 4 5\n";
        for text in ["$TTL 5\n", "\n; c\n$Origin x.\n", SOA, "; Zone name: x\n", "x SOA a. b. (\n"]
        {
            assert!(recognise(text), "{text}");
        }
        for text in [
            "vnet hub\nzone corp.internal  link hub\n  @  SOA 60 a b 1 2 3 4 5\n",
            "# Zones\n\n```\n$ORIGIN a.example.\n",
            "the SOA record (see below)\n",
            "zones:\n  - |\n    $ORIGIN a.example.\n",
            "Server:\t10.0.0.2\nAddress:\t10.0.0.2#53\n\n** server can't find x: NXDOMAIN\n",
            "x SOA 300 Authority ns.example host.example 1\n",
            &format!("; <<>> DiG 9.10.6 <<>> -x 10.0.0.1\n{soa}"),
            &format!("% dig x\n\n;; AUTHORITY SECTION:\n{soa}"),
        ] {
            assert!(!recognise(text), "{text}");
        }
    }

    fn texts(estate: &Estate) -> Vec<(String, Option<Ttl>, Vec<String>)> {
        let set = |set: &RecordSet| {
            let owner = format!("{} {}", estate.names.name(set.owner), set.data.record_type());
            (owner, set.ttl, set.data.texts(&estate.names))
        };
        let mut texts: Vec<_> = estate.zones[0].record_sets.iter().map(set).collect();
        texts.sort();
        texts
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            records in prop::collection::vec(
                ("[ab@$;(\\\\.\"*_ \u{1}é]{1,3}", 0..=Ttl::MOST, prop::collection::vec(any::<u8>(), 0..9), 0..5),
                1..9,
            )
        ) {
            let mut assembly = Assembly::default();
            let input = assembly.add_input("x", "zone-file", String::new(), String::new());
            let place = Origin { input, start: 0, length: 0 };
            let apex = assembly.names().intern(&"z.example".parse().unwrap());
            let zone = assembly.zone_named(apex, None, place);
            for (label, seconds, octets, kind) in records {
                let label = Name::from_labels([label.as_bytes(), b"z", b"example"]).unwrap();
                let owner = assembly.names().intern(&label);
                let data = match kind {
                    0 => RecordData::Cname(owner),
                    1 => RecordData::Mx([Mx { preference: 1, exchange: owner }].into()),
                    2 => RecordData::A([Ipv4Addr::LOCALHOST].as_slice().into()),
                    _ => RecordData::Txt([Box::from([Box::from(octets)])].into()),
                };
                let set = RecordSet {
                    owner, ttl: Ttl::new(seconds), data, registered: false, creator: None, origin: place,
                };
                assembly.put_record_set(zone, set);
            }
            let written = assembly.finish();
            let text = write(&written, ZoneId(0));
            prop_assert!(recognise(&text));
            let read = estate(&text);
            prop_assert!(read.notes.is_empty(), "{text}\n{:?}", read.notes);
            prop_assert_eq!(texts(&read), texts(&written), "{}", text);
        }

        #[test]
        fn no_text_is_too_broken(lines in prop::collection::vec("[ ab@$(\\\\);\"\r\t1A.=é]{0,9}", 0..20)) {
            let text = lines.join("\n");
            recognise(&text);
            estate(&text);
        }
    }
}
