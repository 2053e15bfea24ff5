//! Zone files (RFC 1035, section 5), read and written.
//!
//! There are two dialects. `az network private-dns zone export` writes targets
//! of MX, SRV, PTR and NS records without the final dot though they are
//! absolute, and does not double a backslash (azure-cli, `vendored_sdks` and
//! `zone_file/make_zone_file.py`, read 2026-11); its header names the zone and
//! the resource group. Any other file follows the RFC.
//!
//! An *entry* is one line, or several within parentheses. An entry that cannot
//! be read costs itself only: an open quote ends with its line, and an open
//! parenthesis at the next line that starts a record.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::estate::{
    Assembly, Estate, InputId, NoteKind, Origin, PublicData, PublicFact, RecordSet, ZoneId,
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
type Place = (String, usize, usize);

/// A line, or several within parentheses.
struct Entry {
    /// The first octet of the first line.
    line: usize,
    /// From the first word or parenthesis to the end of the last.
    start: usize,
    end: usize,
    failure: Option<Place>,
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
        let unclosed = "expected `)`, found the next record";
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
/// `fallback_origin` is the zone where the text itself names none.
pub fn read(input: InputId, text: &str, fallback_origin: Option<&str>, assembly: &mut Assembly) {
    read_as(false, input, text, fallback_origin, assembly);
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
    fallback: Option<&str>,
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
    Item(Place),
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
    /// How many records were refused.
    refused: u32,
}

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    fallback: Option<&'t str>,
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
            match outcome {
                Ok(()) => continue,
                Err(Problem::Nameless) => self.say_nameless(),
                Err(Problem::Item((message, start, length))) => {
                    self.note(NoteKind::Refused, message, self.place(start, length));
                }
            }
            self.open.refused += 1;
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
                     header of an `az` export"
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

    /// The zone that the file's name hints at, if nothing else says.
    fn guess(&mut self) -> Option<NameId> {
        let text = self.fallback?;
        let name = self.assembly.names().intern_text(text, NameId::ROOT).ok()?;
        let message = format!("the zone is guessed from the file's name: `{text}`");
        self.note(NoteKind::Reading, message, self.place(0, 0));
        self.context.origin = Some(name);
        Some(name)
    }

    /// The name of `word`; one without a final dot is below `base`, or else the origin.
    fn name(&mut self, word: &Word<'_>, base: Option<NameId>) -> Outcome<NameId> {
        // `_sip._tls.@`, as `az … zone import` takes it.
        let below = word.text.strip_suffix(".@");
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
    ) -> Outcome {
        let Some((first, rest)) = words.split_first() else { return Ok(()) };
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
            return Ok(());
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
            Ok(RecordType::Other(_)) | Err(_) => {
                let kind = word.text.to_ascii_uppercase();
                let seen = self.unsupported.entry(kind).or_insert((0, place));
                seen.0 += 1;
                return Ok(());
            }
            Ok(record_type) => record_type,
        };
        if record_type == RecordType::Soa && !self.public {
            self.open(owner, place);
        }
        if broken {
            return Ok(());
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
        Ok(())
    }

    fn directive(&mut self, word: &Word<'t>, values: &[Word<'t>], place: Origin) -> Outcome {
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
                Ok(())
            }
            ("$TTL", [value, ..]) => {
                self.context.default_ttl = Some(time_to_live(value)?);
                Ok(())
            }
            ("$ORIGIN" | "$TTL", []) => Err(at(word, format!("expected a value after `{name}`"))),
            ("$INCLUDE" | "$GENERATE", _) => {
                let message = format!("`{name}` is not followed, so records may be missing");
                self.note(NoteKind::Unsupported, message, place);
                self.open.refused += 1;
                Ok(())
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
                RecordData::A([parse::<Ipv4Addr>(&values[0], "an IPv4 address")?].as_slice().into())
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
        let Open { apex, soa, mut sets, mut refused } = std::mem::take(&mut self.open);
        if apex.is_none() && sets.is_empty() {
            self.open.refused = refused;
            return;
        }
        let apex = match apex.or_else(|| self.public.then_some(NameId::ROOT)) {
            Some(apex) => apex,
            None => match self.guess() {
                Some(apex) => apex,
                None => return self.say_nameless(),
            },
        };
        sets.retain(|set| {
            let names = self.assembly.names();
            if self.public || names.is_at_or_below(set.owner, apex) {
                return true;
            }
            let message =
                format!("`{}` is not in zone `{}`", names.show(set.owner), names.show(apex));
            self.assembly.note(NoteKind::Refused, message, set.origin);
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
            if !more.is_empty() {
                refused += self.join(&mut set, &mut more);
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
        zone.record_sets.extend(whole);
    }

    /// What is wrong with a second record where one can be only.
    fn second(&mut self, first: &RecordData, owner: NameId) -> String {
        let owner = self.assembly.names().show(owner).to_string();
        match first {
            RecordData::Cname(_) => format!("`{owner}` has a second alias; the first one stays"),
            _ => format!("`{owner}` has a second SOA; the first one stays"),
        }
    }

    /// Adds the records of `more` to `set`, each once; how many do not fit.
    fn join(&mut self, set: &mut RecordSet, more: &mut Vec<RecordSet>) -> u32 {
        fn once<T: Clone + Eq + Hash>(records: &mut Vec<T>) {
            let mut seen = HashSet::with_capacity(records.len());
            records.retain(|record| seen.insert(record.clone()));
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
                            let message = self.second(first, set.owner);
                            self.assembly.note(NoteKind::Refused, message, later.origin);
                            refused += 1;
                        }
                    }
                }
            };
        }
        if let Some(other) = more.iter().find(|later| later.ttl != set.ttl) {
            let message = "this line's TTL differs from the set's; the lower one counts";
            self.assembly.note(NoteKind::Reading, message, other.origin);
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
        for record in records {
            let _ = writeln!(text, "{owner} {ttl}IN {record_type} {record}");
        }
    }
    text
}
