//! Recorded public answers: what `dig` printed, or `privdns capture` wrote.

use crate::estate::{Assembly, Fate, InputId, NoteKind, Origin, PublicData, PublicFact};
use crate::name::Name;
use crate::record::{RecordType, is_private};
use crate::transcript::{self, Observation, Record, Status};

use super::estate_text::record_set;

/// Reads lookups as what public DNS says.
pub fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let lines = Lines::new(text);
    let found = transcript::read(text);
    for observation in &found.observations {
        let origin = lines.origin(input, observation.line);
        let fate = put(observation, origin, assembly);
        assembly.count(input, fate);
    }
    for unread in &found.unread {
        let origin = lines.origin(input, unread.line);
        let message = format!("is a lookup that is not read: {}", unread.why);
        assembly.note(NoteKind::Unsupported, message, origin);
        assembly.count(input, Fate::Unsupported);
    }
    for &line in &found.skipped {
        let origin = lines.origin(input, line);
        assembly.note(NoteKind::Unsupported, "is no part of a lookup", origin);
        assembly.count(input, Fate::Unsupported);
    }
}

/// Where each line starts and how long it is.
struct Lines(Vec<(u32, u32)>);

impl Lines {
    fn new(text: &str) -> Lines {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let place = (start, line.trim_end().len() as u32);
            start += line.len() as u32;
            place
        });
        Lines(lines.collect())
    }

    fn origin(&self, input: InputId, line: usize) -> Origin {
        let (start, length) = self.0.get(line - 1).copied().unwrap_or_default();
        Origin { input, start, length }
    }
}

fn put(observation: &Observation, origin: Origin, assembly: &mut Assembly) -> Fate {
    let mut sets: Vec<Vec<Record>> = Vec::new();
    let alias = |alias: &transcript::Alias| Record {
        name: alias.name.clone(),
        record_type: RecordType::Cname,
        ttl: alias.ttl,
        data: alias.target.to_string(),
    };
    let records = observation.aliases.iter().map(alias).chain(observation.records.iter().cloned());
    for record in records {
        let same = |set: &&mut Vec<Record>| {
            set[0].name == record.name && set[0].record_type == record.record_type
        };
        match sets.iter_mut().find(same) {
            Some(set) => set.push(record),
            None => sets.push(vec![record]),
        }
    }
    let mut fate = Fate::Used;
    for set in sets {
        if let Err(why) = put_set(&set, origin, assembly) {
            assembly.note(NoteKind::Refused, why, origin);
            fate = Fate::Refused;
        }
    }
    let last: Name = observation.names().last().map_or_else(Name::root, |name| (*name).clone());
    // No data of one type says nothing of the others; addresses are what is asked for.
    let addresses = observation.record_type.is_none_or(|asked| asked == RecordType::A);
    let data = match &observation.status {
        Status::NxDomain => PublicData::NxDomain,
        Status::NoData if addresses => PublicData::NoData,
        Status::ServFail => PublicData::ServFail,
        Status::Answered => return fate,
        status => {
            let message = format!("`{}` is not what public DNS says of a name", status.name());
            assembly.note(NoteKind::Unsupported, message, origin);
            return Fate::Unsupported;
        }
    };
    let name = assembly.names().intern(&last);
    assembly.put_public(PublicFact::Recorded { name, data, origin });
    fate
}

/// One record set; a private address is said to be one.
fn put_set(set: &[Record], origin: Origin, assembly: &mut Assembly) -> Result<(), String> {
    let mut whole = None;
    for record in set {
        let Record { name, record_type, data, .. } = record;
        let ttl = record.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
        let (owner, ttl, data) =
            record_set(&format!("{name} {record_type} {ttl}{data}"), assembly.names())?;
        match &mut whole {
            None => whole = Some((owner, ttl, data)),
            Some((_, _, known)) => drop(known.merge(data)),
        }
    }
    if let Some(address) = set.iter().filter_map(Record::address).find(|&one| is_private(one)) {
        let message = format!(
            "{address} is private: this lookup seems to be made inside a network, and is taken as \
             what public DNS says"
        );
        assembly.note(NoteKind::Reading, message, origin);
    }
    if let Some((name, ttl, data)) = whole {
        let data = PublicData::Records(data, ttl);
        assembly.put_public(PublicFact::Recorded { name, data, origin });
    }
    Ok(())
}
