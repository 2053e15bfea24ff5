//! Line by line: which lookup a line belongs to.

use std::collections::VecDeque;

use super::command::{self, Question, Tool};
use super::draft::Draft;
use super::powershell::{Object, Table};
use super::{Observation, Server, Status, Transcript, Unread, dig, host, nslookup, powershell};
use crate::name::Name;
use crate::record::RecordType;

/// The part of an output that the next line is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// None that matters.
    Outside,
    /// A section of `dig`.
    Dig(dig::Section),
    /// The lines of `dig +short`.
    Short,
    /// `nslookup`, `host`: the server; then the answer.
    Header,
    Answer,
    /// The names under `Aliases:`.
    Aliases,
    /// The target of an alias stands on the next line; this is its owner.
    Canonical(Name),
    /// The strings of TXT stand on the next lines; this is their owner.
    Text(Name),
    /// The fields of SRV stand on the next lines; the owner, and those so far.
    Service(Name, Vec<String>),
    /// A table or a list of `Resolve-DnsName`.
    Table(Table),
    List,
}

/// Takes lines and gives lookups.
#[derive(Debug)]
pub(super) struct Reader {
    pub draft: Option<Draft>,
    pub part: Part,
    /// The line, from 1.
    pub line: usize,
    /// The object whose list goes on.
    pub object: Option<Object>,
    /// The server of an interactive session.
    pub session: Option<Server>,
    /// The type that such a session asks for.
    session_type: Option<RecordType>,
    /// What else the last call of `dig` asks for, and its answers did not show yet.
    more: VecDeque<Question>,
    /// The line of that call, and whether it prints nothing but answers.
    call: (usize, bool),
    /// Whether a loop of the shell goes on over several lines.
    looping: bool,
    /// Whether what is printed cannot be told to be whose answer.
    muted: bool,
    done: Vec<Observation>,
    skipped: Vec<usize>,
    unread: Vec<Unread>,
}

impl Default for Reader {
    fn default() -> Self {
        Reader {
            draft: None,
            part: Part::Outside,
            line: 0,
            object: None,
            session: None,
            session_type: None,
            more: VecDeque::new(),
            call: (0, false),
            looping: false,
            muted: false,
            done: Vec::new(),
            skipped: Vec::new(),
            unread: Vec::new(),
        }
    }
}

impl Reader {
    /// The lookup so far, or a new one of this tool.
    pub fn draft(&mut self, tool: Tool) -> &mut Draft {
        let line = self.line;
        self.draft.get_or_insert_with(|| Draft::new(line, tool))
    }

    /// The lookup of `nslookup`, which goes on asking the same server.
    pub fn nslookup(&mut self) -> &mut Draft {
        let session = self.session.clone();
        let draft = self.draft(Tool::Nslookup);
        draft.tool = Tool::Nslookup;
        draft.server = draft.server.take().or(session);
        draft
    }

    /// Ends the lookup and starts one of this tool, unless nothing has come of it yet.
    pub fn renew(&mut self, tool: Tool) -> &mut Draft {
        if self.draft.as_ref().is_some_and(Draft::has_content) {
            self.end();
            if tool == Tool::Dig {
                self.next_question();
            }
        }
        let draft = self.draft(tool);
        draft.tool = tool;
        draft
    }

    /// Begins the next lookup of the same call of `dig`; whether there is one.
    fn next_question(&mut self) -> bool {
        let next = self.more.pop_front();
        self.begin(next)
    }

    fn begin(&mut self, question: Option<Question>) -> bool {
        let Some(question) = question else { return false };
        self.draft = Some(Draft::further(self.call.0, question, self.call.1));
        true
    }

    /// Begins the lookup of the same call that asks for this name, if there is one.
    pub fn question_of(&mut self, name: &Name) -> bool {
        let at = self.more.iter().position(|question| question.name.as_ref() == Some(name));
        let question = at.and_then(|at| self.more.remove(at));
        if question.is_some() {
            self.end();
        }
        self.begin(question)
    }

    /// Goes over to the lookup of the same call that asks for another type of the same name,
    /// with the aliases that were printed.
    pub fn other_type(&mut self, record_type: RecordType) {
        let Some(draft) = &self.draft else { return };
        let wanted = |question: &Question| {
            question.name == draft.asked && question.record_type == record_type
        };
        let at = self.more.iter().position(wanted).filter(|_| draft.asked.is_some());
        let Some(question) = at.and_then(|at| self.more.remove(at)) else { return };
        let aliases = draft.answers.iter().filter(|one| one.record_type == RecordType::Cname);
        let aliases = aliases.cloned().collect();
        self.end();
        self.begin(Some(question));
        if let Some(draft) = &mut self.draft {
            draft.answers = aliases;
        }
    }

    /// Ends the last call: what it asked for and did not print has no answer, or it was not
    /// read.
    pub fn hang_up(&mut self) {
        self.end();
        let (line, quiet) = self.call;
        let silent =
            |one: &Observation| one.line == line && matches!(one.status, Status::NoReply(_));
        let heard = quiet && !self.done.last().is_some_and(silent);
        for question in std::mem::take(&mut self.more) {
            match &question.name {
                Some(name) if heard && question.record_type != RecordType::Cname => {
                    // Its aliases were printed with another type.
                    let same = |one: &&Observation| one.line == line && one.name == *name;
                    let aliases = self.done.iter().rfind(same).map(|one| one.aliases.clone());
                    let silent = Draft::further(line, question, true).finish();
                    let aliases = aliases.unwrap_or_default();
                    self.done.extend(silent.map(|one| Observation { aliases, ..one }));
                }
                name => {
                    let name = name.as_ref().map_or("a variable".to_owned(), Name::text);
                    let why = format!("no answer to {name} {} was found", question.record_type);
                    self.unread.push(Unread { line, why });
                }
            }
        }
        (self.looping, self.muted, self.session_type) = (false, false, None);
    }

    /// Ends the lookup with what went wrong. Where it asked for addresses of both kinds and
    /// those of one came, the other kind has gone wrong.
    pub fn fail(&mut self, status: Status, other: bool) {
        let half = self.draft.as_ref().and_then(Draft::half);
        let (Some(half), Some(draft)) = (half, &mut self.draft) else {
            if let Some(draft) = &mut self.draft {
                draft.status = Some(status);
            }
            return self.end();
        };
        draft.failed = None;
        self.end();
        if let Some(answered) = self.done.last().filter(|_| other) {
            let record_type = if half == RecordType::A { RecordType::Aaaa } else { RecordType::A };
            let (line, records) = (self.line, Vec::new());
            let record_type = Some(record_type);
            let failed = Observation { line, record_type, status, records, ..answered.clone() };
            self.done.push(failed);
        }
    }

    /// Ends the lookup, if one goes on.
    pub fn end(&mut self) {
        powershell::close(self);
        self.part = Part::Outside;
        let Some(draft) = self.draft.take() else { return };
        let line = draft.line;
        if let Some(why) = draft.unread() {
            self.unread.push(Unread { line, why });
            return;
        }
        let (half, follows) = (draft.half(), draft.tool == Tool::Nslookup && !draft.called);
        let Some(found) = draft.finish() else { return };
        // The kind that has gone wrong may be told before the other.
        if let (Some(half), Some(before)) = (half.filter(|_| follows), self.done.last_mut())
            && before.name == found.name
            && before.record_type.is_none()
            && !matches!(before.status, Status::Answered | Status::NxDomain)
        {
            let a = half == RecordType::A;
            before.record_type = Some(if a { RecordType::Aaaa } else { RecordType::A });
        }
        self.done.push(found);
    }

    /// A lookup that came whole.
    pub fn add(&mut self, observation: Observation) {
        self.end();
        self.done.push(observation);
    }

    pub fn finish(mut self) -> Transcript {
        self.hang_up();
        Transcript { observations: self.done, skipped: self.skipped, unread: self.unread }
    }

    /// Takes all lines of a text that starts in line `first`; `step` is 0 where they
    /// stand in one line of the file.
    pub fn text(&mut self, text: &str, first: usize, step: usize) {
        let lines = unquoted(text.lines().collect());
        for (at, line) in lines.iter().enumerate() {
            self.line = first + at * step;
            let next = lines[at + 1..].iter().find(|line| !line.trim().is_empty());
            self.take(line, next.copied().unwrap_or(""));
        }
    }

    fn take(&mut self, line: &str, next: &str) {
        let line = strip(line);
        let line = line.as_ref();
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            return;
        }
        if trimmed.is_empty() {
            self.blank();
            return;
        }
        if let Some(command) = command::find(line) {
            let repeated = self.looping && !command::is_prompt(line);
            self.hang_up();
            self.call(command, repeated);
            return;
        }
        if command::is_prompt(line) {
            // What it prints is no answer of the lookup before.
            self.hang_up();
            self.session = None;
            self.looping = command::loops(line);
            self.skipped.push(self.line);
            return;
        }
        if self.muted {
            self.skipped.push(self.line);
            return;
        }
        if let Some(rest) = trimmed.strip_prefix('>') {
            self.prompt(rest, next);
            return;
        }
        if timed_out(trimmed) {
            self.no_reply(trimmed);
            return;
        }
        let known = powershell::take(self, line, next)
            || dig::take(self, line)
            || host::take(self, trimmed)
            || nslookup::take(self, line);
        if !known && !is_noise(trimmed) {
            self.session = None;
            self.skipped.push(self.line);
            if self.part == Part::Short {
                self.end();
            } else if command::is_bare_prompt(trimmed) {
                self.hang_up();
            } else if let Some(draft) = &mut self.draft {
                draft.lose();
            }
        }
    }

    /// A command that was echoed.
    pub fn call(&mut self, mut command: command::Command, repeated: bool) {
        self.session = None;
        if repeated {
            command.repeated();
        }
        if let Some(why) = command.hides() {
            self.unread.push(Unread { line: self.line, why: why.to_owned() });
            self.muted = command.tool != Tool::DigShort;
            return;
        }
        if command.tool == Tool::DigShort {
            self.part = Part::Short;
        }
        self.more = std::mem::take(&mut command.more).into();
        self.call = (self.line, command.quiet);
        self.draft = Some(Draft::of(self.line, command));
    }

    fn blank(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.parted = true;
        }
        match self.part {
            Part::Short | Part::Table(_) | Part::List => {
                powershell::close(self);
                self.part = Part::Outside;
            }
            Part::Dig(_) | Part::Aliases => self.part = Part::Outside,
            _ => {}
        }
    }

    /// After `>`: a name typed in an interactive session, or a quoted line.
    fn prompt(&mut self, rest: &str, next: &str) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        if let [word] = words[..]
            && self.part != Part::Short
            && !word.contains(':')
            && !rest.starts_with("   ")
            && let Some(command) = command::call(Tool::Nslookup, &[word])
            && command.name.is_some()
        {
            self.end();
            let mut draft = Draft::of(self.line, command);
            draft.server.clone_from(&self.session);
            draft.record_type = self.session_type.or(draft.record_type);
            self.draft = Some(draft);
        } else if let ["set", setting] = words[..] {
            if let Some(("q" | "ty" | "type" | "querytype", asked)) = setting.split_once('=') {
                // `A+AAAA` is what is asked for without it.
                self.session_type = asked.parse().ok();
            }
        } else if !matches!(words[..], [] | ["set" | "server" | "exit", ..]) {
            self.take(rest.strip_prefix(' ').unwrap_or(rest), next);
        }
    }

    /// Nobody answered what was asked last.
    fn no_reply(&mut self, why: &str) {
        match &mut self.draft {
            Some(draft) if draft.asked.is_some() && draft.answers.is_empty() => {
                draft.status = Some(Status::NoReply(why.trim_start_matches([';', ' ']).to_owned()));
            }
            _ => {
                self.end();
                if self.next_question() {
                    return self.no_reply(why);
                }
                // Whose lookup it was is not shown.
                self.skipped.push(self.line);
            }
        }
    }
}

/// Lines without the marks of quoting in mail. Names typed in an interactive session stand
/// behind the same mark, but seldom side by side, and never with answers behind it.
fn unquoted(mut lines: Vec<&str>) -> Vec<&str> {
    let typed = |line: &str| {
        let words: Vec<&str> = line[1..].split_whitespace().collect();
        matches!(words[..], [word] if !word.ends_with(':'))
            || matches!(words[..], ["set" | "server" | "exit", ..])
    };
    let quoted = |line: &&str| line.starts_with('>');
    for _ in 0..3 {
        let mut start = 0;
        while start < lines.len() {
            let run = lines[start..].iter().take_while(|line| quoted(line)).count();
            let block = &mut lines[start..start + run];
            if run > 1 && !block.iter().all(|line| typed(line)) {
                for line in block {
                    *line = line[1..].strip_prefix(' ').unwrap_or(&line[1..]);
                }
            }
            start += run.max(1);
        }
    }
    lines
}

/// The line without colours, and without what only ends it.
fn strip(line: &str) -> std::borrow::Cow<'_, str> {
    let line = line.trim_end().trim_start_matches('\u{feff}');
    if !line.contains('\u{1b}') {
        return line.into();
    }
    let mut text = String::new();
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => drop(rest.by_ref().find(|c| c.is_ascii_alphabetic())),
            other => text.push(other),
        }
    }
    text.into()
}

/// What `dig`, `host` and `nslookup` say where nobody answers.
fn timed_out(line: &str) -> bool {
    [
        "connection timed out; no servers could be reached",
        "no servers could be reached",
        ";; communications error to",
        "DNS request timed out",
        "*** Request to",
    ]
    .iter()
    .any(|mark| line.contains(mark))
}

/// Lines that tools print around every answer.
fn is_noise(line: &str) -> bool {
    line.starts_with(';')
        || line.starts_with("[std")
        || line.starts_with("Enable succeeded")
        || line.starts_with("timeout was")
        || line.starts_with("timeout (")
        || line.starts_with("At line:")
        || line.starts_with("+ ")
}
