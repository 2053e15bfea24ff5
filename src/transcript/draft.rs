//! One lookup while its lines come in.

use super::capture::chain;
use super::command::{Command, Question, Tool};
use super::{Alias, Authority, Observation, Record, Server, Shown, Status};
use crate::name::Name;
use crate::record::RecordType;

/// What was gathered of one lookup.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub line: usize,
    pub tool: Tool,
    /// As typed, or as the question section has it.
    pub asked: Option<Name>,
    pub record_type: Option<RecordType>,
    pub server: Option<Server>,
    pub status: Option<Status>,
    /// The name that the status is about.
    pub failed: Option<Name>,
    /// All records of the answer, aliases among them.
    pub answers: Vec<Record>,
    pub authority: Option<Authority>,
    /// What the server says of the answer.
    pub extended_error: Option<String>,
    /// Windows: the names under `Aliases:`, the one asked first.
    pub listed: Vec<Name>,
    /// The name that the addresses belong to, as `nslookup` says it.
    pub last: Option<Name>,
    /// How much of the chain the tool shows.
    pub shown: Shown,
    /// Whether its command was shown.
    pub called: bool,
    /// Whether nothing but answers is printed, so that silence is one, too.
    pub quiet: bool,
    /// Whether an empty line came.
    pub parted: bool,
    /// Whether lines came of which nothing was made.
    pub lost: bool,
}

impl Draft {
    pub fn new(line: usize, tool: Tool) -> Draft {
        Draft {
            line,
            tool,
            asked: None,
            record_type: None,
            server: None,
            status: None,
            failed: None,
            answers: Vec::new(),
            authority: None,
            extended_error: None,
            listed: Vec::new(),
            last: None,
            shown: Shown::Whole,
            called: false,
            quiet: false,
            parted: false,
            lost: false,
        }
    }

    pub fn of(line: usize, command: Command) -> Draft {
        Draft {
            asked: command.name,
            record_type: command.record_type,
            server: command.server,
            called: true,
            quiet: command.quiet,
            ..Draft::new(line, command.tool)
        }
    }

    /// The lookup of a further question in the call of `dig` in that line.
    pub fn further(line: usize, question: Question, quiet: bool) -> Draft {
        Draft {
            asked: question.name,
            record_type: Some(question.record_type),
            server: question.server,
            called: true,
            quiet,
            ..Draft::new(line, Tool::Dig)
        }
    }

    /// A line came of which nothing was made; behind an empty one it is no output of a tool
    /// that prints nothing but answers.
    pub fn lose(&mut self) {
        self.lost |= !(self.quiet && self.parted);
    }

    /// The one kind of addresses that came where both were asked for.
    pub fn half(&self) -> Option<RecordType> {
        let kinds = [RecordType::A, RecordType::Aaaa];
        let came = |kind: &RecordType| self.answers.iter().any(|one| one.record_type == *kind);
        let mut came = kinds.into_iter().filter(came);
        let half = came.next().filter(|_| self.record_type.is_none());
        half.filter(|_| came.next().is_none())
    }

    /// Whether anything came that belongs to an answer.
    pub fn has_content(&self) -> bool {
        self.status.is_some()
            || !self.answers.is_empty()
            || !self.listed.is_empty()
            || self.last.is_some()
            || self.authority.is_some()
    }

    /// Why nothing can be made of a lookup that was answered; `None` where it can.
    pub fn unread(&self) -> Option<String> {
        let silent = self.called && self.lost && !self.has_content();
        let why = match &self.record_type {
            Some(record_type) => format!("type {record_type}"),
            None => "its output is in no form that is known".to_owned(),
        };
        (silent && self.tool != Tool::DigShort).then_some(why)
    }

    /// Whether a record of this owner can belong to this answer.
    pub fn follows(&self, owner: &Name) -> bool {
        let leads = |record: &Record| {
            record.name == *owner
                || (record.record_type == RecordType::Cname && record.data == owner.to_string())
        };
        match &self.asked {
            Some(asked) if self.answers.is_empty() => asked == owner,
            _ => self.answers.is_empty() || self.answers.iter().any(leads),
        }
    }

    pub fn push(&mut self, record: Record) {
        if !self.answers.contains(&record) {
            self.answers.push(record);
        }
    }

    /// An answer with an address at the last name.
    pub fn push_address(&mut self, text: &str) -> bool {
        let Ok(address) = text.parse::<std::net::IpAddr>() else { return false };
        let record_type = if address.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        // Its owner is known at the end.
        let name = self.last.clone().unwrap_or_default();
        self.push(Record { name, record_type, ttl: None, data: address.to_string() });
        true
    }

    /// The lookup, if it is one: it has a name, and something came of it.
    pub fn finish(mut self) -> Option<Observation> {
        if self.tool == Tool::DigShort {
            return self.finish_short();
        }
        if self.tool == Tool::Nslookup {
            self.finish_nslookup();
        }
        // Silence is an answer where only answers are printed.
        let silent = self.quiet && self.called && self.asked.is_some();
        if !self.has_content() && !silent {
            return None;
        }
        self.complete_short_name();
        let name = self
            .asked
            .clone()
            .or_else(|| self.answers.first().map(|record| record.name.clone()))
            .or_else(|| self.failed.clone())
            .filter(|name| !name.is_root())?;
        let asked = self.record_type.unwrap_or(RecordType::A);
        let answers = std::mem::take(&mut self.answers);
        let (aliases, records) = chain(&name, asked, answers);
        let status = self.end(&aliases, &records);
        Some(Observation {
            line: self.line,
            name,
            record_type: self.record_type,
            server: self.server,
            status,
            aliases,
            shown: self.shown,
            records,
            authority: self.authority,
            extended_error: self.extended_error,
        })
    }

    /// `+short` prints data only; nothing at all may mean anything but an answer.
    fn finish_short(self) -> Option<Observation> {
        let name = self.asked?;
        let mut aliases = Vec::new();
        let mut records = Vec::new();
        let mut owner = name.clone();
        for record in self.answers {
            if record.record_type == RecordType::Cname
                && self.record_type != Some(RecordType::Cname)
            {
                let Ok(target) = record.data.parse::<Name>() else { continue };
                let name = std::mem::replace(&mut owner, target.clone());
                aliases.push(Alias { name, target, ttl: None });
            } else {
                records.push(Record { name: owner.clone(), ..record });
            }
        }
        let status = match (self.status, records.is_empty()) {
            (Some(status), _) => status,
            (None, true) => Status::NoAddress,
            (None, false) => Status::Answered,
        };
        Some(Observation {
            line: self.line,
            name,
            record_type: self.record_type,
            server: self.server,
            status,
            aliases,
            shown: Shown::Whole,
            records,
            authority: None,
            extended_error: self.extended_error,
        })
    }

    /// Windows lists names, not records: the one asked, the aliases, and last the
    /// one that has the addresses.
    fn finish_nslookup(&mut self) {
        let mut names = std::mem::take(&mut self.listed);
        names.extend(self.last.clone());
        if self.record_type == Some(RecordType::Ptr) {
            // `Name:` is the host, `Address:` what was asked.
            if let (Some(asked), Some(host)) = (&self.asked, names.last()) {
                let data = host.to_string();
                let name = asked.clone();
                self.answers = vec![Record { name, record_type: RecordType::Ptr, ttl: None, data }];
            }
            return;
        }
        if self.answers.iter().any(|record| record.record_type == RecordType::Cname) {
            return;
        }
        for pair in names.windows(2) {
            self.answers.push(Record {
                name: pair[0].clone(),
                record_type: RecordType::Cname,
                ttl: None,
                data: pair[1].to_string(),
            });
        }
        if let Some(first) = names.first() {
            self.complete(first.clone());
        }
        let owner = names.last().or(self.asked.as_ref()).cloned().unwrap_or_default();
        for record in &mut self.answers {
            if record.name.is_root() {
                // Nothing said which name has it.
                self.shown = Shown::Start;
                record.name = owner.clone();
            }
        }
    }

    /// What was typed may be the start of what was asked: the tool appends its domain.
    fn complete(&mut self, full: Name) {
        match &self.asked {
            Some(typed) if !full.to_string().starts_with(&typed.to_string()) => {}
            _ => self.asked = Some(full),
        }
    }

    fn complete_short_name(&mut self) {
        let known = self.answers.first().map(|record| record.name.clone());
        if let Some(full) = known.or_else(|| self.failed.clone()).filter(|name| !name.is_root()) {
            self.complete(full);
        }
    }

    fn end(&self, aliases: &[Alias], records: &[Record]) -> Status {
        match &self.status {
            // Windows tries again before it gives up.
            Some(Status::Answered | Status::NoReply(_)) | None if !records.is_empty() => {
                Status::Answered
            }
            // A header says NOERROR where there is no record.
            Some(Status::Answered) => Status::NoData,
            None if aliases.is_empty() && self.authority.is_some() => Status::NoData,
            None => Status::NoAddress,
            Some(status) => status.clone(),
        }
    }
}
