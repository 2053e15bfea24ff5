//! Line by line: which lookup a line belongs to.

use super::command::{self, Tool};
use super::draft::Draft;
use super::powershell::{Object, Table};
use super::{Observation, Server, Status, Transcript, Unread, dig, host, nslookup, powershell};
use crate::name::Name;

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
        }
        let draft = self.draft(tool);
        draft.tool = tool;
        draft
    }

    /// Ends the lookup, if one goes on.
    pub fn end(&mut self) {
        powershell::close(self);
        self.part = Part::Outside;
        let Some(draft) = self.draft.take() else { return };
        let line = draft.line;
        match draft.unread() {
            Some(why) => self.unread.push(Unread { line, why }),
            None => self.done.extend(draft.finish()),
        }
    }

    /// A lookup that came whole.
    pub fn add(&mut self, observation: Observation) {
        self.end();
        self.done.push(observation);
    }

    pub fn finish(mut self) -> Transcript {
        self.end();
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
            self.end();
            self.session = None;
            if command.tool == Tool::DigShort {
                if let Some(why) = command.mixed {
                    self.unread.push(Unread { line: self.line, why: why.to_owned() });
                    return;
                }
                self.part = Part::Short;
            }
            self.draft = Some(Draft::of(self.line, command));
            return;
        }
        if command::is_prompt(line) {
            // What it prints is no answer of the lookup before.
            self.end();
            self.session = None;
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
            } else if let Some(draft) = &mut self.draft {
                draft.lost = true;
            }
        }
    }

    fn blank(&mut self) {
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
            self.draft = Some(draft);
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
            // Whose lookup it was is not shown.
            _ => self.skipped.push(self.line),
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
