//! `Resolve-DnsName`: tables whose names wrap inside their column, and lists.

use super::command::Tool;
use super::draft::Draft;
use super::reader::{Part, Reader};
use super::{Authority, Record, Status, normalise};
use crate::name::Name;
use crate::record::RecordType;

/// The rows of a table so far; a row may go on in the next line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// The line of its head.
    line: usize,
    /// The column where the last field starts.
    data: usize,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    name: String,
    record_type: RecordType,
    ttl: Option<u32>,
    section: String,
    data: String,
}

/// One object of PowerShell's output.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub name: String,
    pub record_type: Option<RecordType>,
    pub ttl: Option<u32>,
    pub section: String,
    pub data: String,
    pub contacts: Vec<Name>,
    /// Seconds that a fresh negative answer may be kept.
    pub minimum: Option<u32>,
    /// What comes before the name in data of MX and SRV, in that order.
    pub numbers: [String; 4],
}

impl Object {
    /// Takes a property; whether it is one of a record.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        let value = value.trim();
        match key.to_ascii_lowercase().as_str() {
            "name" if self.name.is_empty() => value.clone_into(&mut self.name),
            "querytype" | "type" => self.record_type = type_of(value).or(self.record_type),
            "ttl" => self.ttl = value.parse().ok(),
            "section" => value.clone_into(&mut self.section),
            "ip4address" | "ip6address" | "ipaddress" | "namehost" | "strings"
                if !value.is_empty() =>
            {
                value.clone_into(&mut self.data);
            }
            "nameexchange" | "nametarget" if self.data.is_empty() => {
                value.clone_into(&mut self.data)
            }
            "primaryserver" | "nameadministrator" => self.contacts.extend(value.parse::<Name>()),
            "defaultttl" => {
                self.minimum = value.parse().ok();
                self.ttl = [self.ttl, self.minimum].into_iter().flatten().min();
            }
            "preference" => value.clone_into(&mut self.numbers[0]),
            "priority" => value.clone_into(&mut self.numbers[1]),
            "weight" => value.clone_into(&mut self.numbers[2]),
            "port" => value.clone_into(&mut self.numbers[3]),
            _ => return false,
        }
        true
    }
}

fn type_of(text: &str) -> Option<RecordType> {
    text.parse().ok().or_else(|| format!("TYPE{text}").parse().ok())
}

pub(super) fn take(reader: &mut Reader, line: &str, next: &str) -> bool {
    if let Some(start) = table_start(line) {
        close(reader);
        reader.part = Part::Table(Table { line: reader.line, data: start, rows: Vec::new() });
        return true;
    }
    if let Part::Table(table) = &mut reader.part {
        return row(table, line);
    }
    if let Some(error) = error(line) {
        return failed(reader, line, error);
    }
    list(reader, line, next)
}

/// Where the last column starts, of the line with the columns' names.
fn table_start(line: &str) -> Option<usize> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["Name", "Type", "TTL", "Section", first, ..] => {
            line.rfind(&format!(" {first}")).map(|at| at + 1)
        }
        _ => None,
    }
}

fn row(table: &mut Table, line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    if line.trim().starts_with("---") {
        return true;
    }
    if let [name, record_type, ttl, section, data @ ..] = &words[..]
        && let (Ok(record_type), Ok(ttl)) = (record_type.parse(), ttl.parse())
    {
        let (name, section, data) = ((*name).to_owned(), (*section).to_owned(), data.join(" "));
        table.rows.push(Row { name, record_type, ttl: Some(ttl), section, data });
        return true;
    }
    // A wrapped line has the rest of the name, of the data, or of both.
    let Some(last) = table.rows.last_mut() else { return false };
    match words[..] {
        [data] if line.starts_with(char::is_whitespace) && line.find(data) >= Some(table.data) => {
            last.data.push_str(data);
        }
        [name] => last.name.push_str(name),
        [name, data] => {
            last.name.push_str(name);
            last.data.push_str(data);
        }
        _ => return false,
    }
    true
}

/// Ends a table, whose wrapped names are whole only then, or a list.
pub(super) fn close(reader: &mut Reader) {
    if let Some(object) = reader.object.take() {
        add(reader, &object);
    }
    let Part::Table(table) = &mut reader.part else { return };
    let Table { line, rows, .. } = std::mem::take(table);
    reader.part = Part::Outside;
    let here = std::mem::replace(&mut reader.line, line);
    for Row { name, record_type, ttl, section, data } in rows {
        let mut object =
            Object { name, record_type: Some(record_type), ttl, section, ..Object::default() };
        let mut words = data.split_whitespace();
        match record_type {
            // The target comes first, the numbers behind it.
            RecordType::Srv | RecordType::Mx => {
                words.next().unwrap_or_default().clone_into(&mut object.data);
                let from = usize::from(record_type == RecordType::Srv);
                for (number, word) in object.numbers[from..].iter_mut().zip(words) {
                    word.clone_into(number);
                }
            }
            RecordType::Soa => {
                object.contacts = words.take(2).filter_map(|word| word.parse().ok()).collect();
            }
            _ => object.data = data,
        }
        add(reader, &object);
    }
    reader.line = here;
}

/// Takes one record into the lookup it belongs to.
pub(super) fn add(reader: &mut Reader, object: &Object) -> bool {
    let (Ok(name), Some(record_type)) = (object.name.parse::<Name>(), object.record_type) else {
        return false;
    };
    if object.section.eq_ignore_ascii_case("Authority") || object.section == "2" {
        if record_type == RecordType::Soa {
            let (contacts, ttl) = (object.contacts.clone(), object.ttl);
            let authority = Authority { apex: name, contacts, ttl, minimum: object.minimum };
            reader.draft(Tool::PowerShell).authority = Some(authority);
        }
        return true;
    }
    if !matches!(object.section.as_str(), "" | "1")
        && !object.section.eq_ignore_ascii_case("Answer")
    {
        return true;
    }
    // A chain without data yet goes on, whatever name the pasted record has.
    let other = reader.draft.as_ref().is_some_and(|draft| {
        draft.has_content()
            && !draft.follows(&name)
            && (draft.tool != Tool::PowerShell
                || record_type == RecordType::Cname
                || draft.answers.iter().any(|record| record.record_type != RecordType::Cname))
    });
    if other {
        reader.end();
    }
    let draft = reader.draft(Tool::PowerShell);
    draft.tool = Tool::PowerShell;
    let numbers: Vec<&str> =
        object.numbers.iter().map(String::as_str).filter(|number| !number.is_empty()).collect();
    let data = normalise(record_type, format!("{} {}", numbers.join(" "), object.data).trim());
    if !data.is_empty() {
        draft.push(Record { name, record_type, ttl: object.ttl, data });
    }
    true
}

/// A line `Key : value` of a list.
fn list(reader: &mut Reader, line: &str, next: &str) -> bool {
    let Some((key, value)) = line.split_once(" : ").or_else(|| line.split_once(": ")) else {
        return false;
    };
    let key = key.trim();
    if key == "Name" {
        // `nslookup` has a name, too; a list goes on with the type.
        let kind = next.split(':').next().unwrap_or("").trim();
        if !matches!(kind, "QueryType" | "Type") {
            return false;
        }
        close(reader);
        reader.object = Some(Object::default());
        reader.part = Part::List;
    }
    match (&mut reader.object, &reader.part) {
        (Some(object), Part::List) => object.set(key, value) || !key.contains('.'),
        _ => false,
    }
}

/// What an error says, by its text or by its identifier.
///
/// System error codes 9002, 9003, 9005, 9501 and 1460, learn.microsoft.com/windows/win32/debug,
/// read 2026-11.
fn error(line: &str) -> Option<Status> {
    let told = |marks: &[&str]| marks.iter().any(|mark| line.contains(mark));
    match () {
        () if told(&["DNS name does not exist", "DNS_ERROR_RCODE_NAME_ERROR"]) => {
            Some(Status::NxDomain)
        }
        () if told(&["DNS server failure", "DNS_ERROR_RCODE_SERVER_FAILURE"]) => {
            Some(Status::ServFail)
        }
        () if told(&["DNS operation refused", "DNS_ERROR_RCODE_REFUSED"]) => Some(Status::Refused),
        () if told(&["No records found for given DNS query", "DNS_INFO_NO_RECORDS"]) => {
            Some(Status::NoData)
        }
        () if told(&["timeout period expired", "ERROR_TIMEOUT"]) => {
            Some(Status::NoReply("the timeout period expired".to_owned()))
        }
        () => None,
    }
}

/// `Resolve-DnsName : <name> : DNS name does not exist`
fn failed(reader: &mut Reader, line: &str, status: Status) -> bool {
    let name = line.split(" : ").map(|part| part.rsplit(": ").next().unwrap_or(part).trim());
    let name = name.filter(|part| part.contains('.') && !part.contains(' '));
    let name: Option<Name> = match line.contains("FullyQualifiedErrorId") {
        true => None,
        false => name.filter_map(|part| part.parse().ok()).next(),
    };
    let same = |draft: &Draft| name.is_none() || draft.asked == name || draft.failed == name;
    if name.is_some() && reader.draft.as_ref().is_some_and(|draft| !same(draft)) {
        reader.end();
    }
    if name.is_none() && reader.draft.is_none() {
        // The second line of an error that was told already.
        return true;
    }
    let draft = reader.draft(Tool::PowerShell);
    draft.tool = Tool::PowerShell;
    draft.failed = name.or(draft.failed.take());
    draft.status = Some(status);
    if draft.status == Some(Status::NxDomain) && draft.answers.is_empty() {
        draft.shown = super::Shown::Nothing;
    }
    true
}
