//! Files to an estate.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::output::Output;
use super::settings::NAME;
use super::{Failure, assume_help, settings};
use crate::estate::{Assembly, DOCUMENTATION, Estate, InputId, NoteKind, TRANSCRIPT, UNRECOGNISED};
use crate::index::Settings;
use crate::name::Name;
use crate::record::RecordType;
use crate::render::locate;
use crate::source::{self, Format, Hints, Role};

/// Directories of tools, in which nobody keeps an export.
const SKIPPED: [&str; 3] = [".git", ".terraform", "node_modules"];

/// What every command takes that reads an estate.
#[derive(Clone, clap::Args)]
pub struct Options {
    /// Recorded answers of public DNS, as a zone file, `.estate` text, output of `dig` or a capture; they win over the catalogue
    #[arg(long, value_name = "FILE")]
    public: Vec<PathBuf>,
    #[arg(long, value_name = "NAME=VALUE", help = assume_help())]
    assume: Vec<String>,
    /// Read all inputs as this, whatever they look like
    #[arg(long, value_name = "FORMAT", value_parser = input_format)]
    input_format: Option<Format>,
    /// The zone of zone files that do not name theirs
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<String>,
}

fn zone(text: &str) -> Result<String, String> {
    text.parse::<Name>().map(|name| name.text()).map_err(|error| error.to_string())
}

fn input_format(text: &str) -> Result<Format, String> {
    Format::ALL.iter().find(|entry| entry.1 == text).map(|entry| entry.0).ok_or_else(|| {
        let known: Vec<&str> = Format::ALL.iter().map(|entry| entry.1).collect();
        format!("expected {}", known.join(", "))
    })
}

impl Options {
    /// The assumptions in force, where a file of settings chose some.
    pub fn settings(&self, chosen: Settings) -> Result<Settings, Failure> {
        settings(chosen, &self.assume)
    }

    /// The assumptions in force: those of the flags over those of a file of settings, which is
    /// `config` or lies at or above `paths`.
    pub fn assumptions(
        &self,
        config: Option<&Path>,
        paths: &[PathBuf],
    ) -> Result<Settings, Failure> {
        self.settings(settings::Settings::load(config, paths)?.assumptions)
    }

    /// The assumptions in force and the estate that `path` names, with a warning where a part
    /// of it could not be read.
    pub fn open(
        &self,
        config: Option<&Path>,
        path: &PathBuf,
        output: &Output,
    ) -> Result<(Settings, Estate), Failure> {
        let paths = std::slice::from_ref(path);
        let settings = self.assumptions(config, paths)?;
        let estate = self.load(paths, output)?;
        warn_unread(&estate, output);
        Ok((settings, estate))
    }

    /// The files of recorded answers.
    pub fn public(&self) -> &[PathBuf] {
        &self.public
    }

    /// Reads everything that `paths` name.
    pub fn load(&self, paths: &[PathBuf], output: &Output) -> Result<Estate, Failure> {
        self.load_beside(paths, &[], output)
    }

    /// The same where files of privdns itself may lie among them.
    pub fn load_beside(
        &self,
        paths: &[PathBuf],
        own: &[&Path],
        output: &Output,
    ) -> Result<Estate, Failure> {
        let (estate, usable) = self.load_anyhow(paths, own, output)?;
        usable.map(|()| estate)
    }

    /// The same, and whether what was to be read could be.
    pub fn load_anyhow(
        &self,
        paths: &[PathBuf],
        own: &[&Path],
        output: &Output,
    ) -> Result<(Estate, Result<(), Failure>), Failure> {
        let mut files = Vec::new();
        for path in paths {
            collect(path, &mut files, output)?;
        }
        let own: HashSet<PathBuf> =
            own.iter().filter_map(|path| std::fs::canonicalize(path).ok()).collect();
        files.retain(|file| {
            paths.contains(file)
                || file.file_name().is_none_or(|name| name != NAME)
                    && (own.is_empty()
                        || !std::fs::canonicalize(file).is_ok_and(|file| own.contains(&file)))
        });
        if files.is_empty() {
            let paths: Vec<String> =
                paths.iter().map(|path| format!("`{}`", path.display())).collect();
            return Err(Failure::new(format!("{} holds no files", paths.join(" and "))));
        }
        let named: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let mut assembly = Assembly::default();
        let mut must_read = HashSet::new();
        let hints = Hints { format: self.input_format, zone: self.zone.as_deref() };
        for file in &files {
            let octets = match read(file) {
                Ok(octets) => octets,
                // A file that was named is asked for; one in a directory may be anybody's.
                Err(error) if named.contains(file.as_path()) => return Err(error),
                Err(failure) => {
                    output.error(&failure.to_string());
                    continue;
                }
            };
            let path = show(file);
            source::read_with(&path, octets, hints, Role::Estate, &mut assembly);
            if named.contains(file.as_path()) {
                must_read.insert(path);
            }
        }
        for file in &self.public {
            source::read(&show(file), read(file)?, None, Role::Public, &mut assembly);
            must_read.insert(show(file));
        }
        let estate = assembly.finish();
        let usable = refuse_unread(&estate, &must_read);
        Ok((estate, usable))
    }
}

/// Says that something was not read, for commands whose report does not.
pub fn warn_unread(estate: &Estate, output: &Output) {
    warn_of(unread(estate).len(), output);
}

/// What was not read, each with its place and why.
pub fn unread(estate: &Estate) -> Vec<String> {
    let refused = |kind: NoteKind| {
        kind.is_refusal() || matches!(kind, NoteKind::Unreadable | NoteKind::Partial)
    };
    let notes = estate.notes.iter().filter(|note| refused(note.kind));
    notes.map(|note| format!("{}: {}", estate.show_origin(note.origin), note.message)).collect()
}

/// Says that so many parts were not read.
pub fn warn_of(count: usize, output: &Output) {
    if count > 0 {
        let parts = if count == 1 { "part" } else { "parts" };
        output.warning(&format!(
            "{count} {parts} of the input could not be read, which weakens the answers; \
             `privdns check` and `privdns inputs` tell which"
        ));
    }
}

/// How a path is shown: with `/`, and `-` as what it is.
fn show(path: &Path) -> String {
    match path.to_string_lossy() {
        text if text == "-" => "<stdin>".to_owned(),
        text => text.replace('\\', "/"),
    }
}

pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failure = |error| Failure::new(format!("cannot read `{}`: {error}", path.display()));
    if path == Path::new("-") {
        let mut octets = Vec::new();
        std::io::stdin().lock().read_to_end(&mut octets).map_err(failure)?;
        return Ok(octets);
    }
    std::fs::read(path).map_err(failure)
}

/// The files at and below `path`, sorted.
fn collect(path: &Path, files: &mut Vec<PathBuf>, output: &Output) -> Result<(), Failure> {
    let failure = |error| Failure::new(format!("cannot read `{}`: {error}", path.display()));
    if path == Path::new("-") || !std::fs::metadata(path).map_err(failure)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut seen = HashSet::new();
    let mut directories = vec![path.to_owned()];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        // A link may lead back up.
        let real = std::fs::canonicalize(&directory).unwrap_or_else(|_| directory.clone());
        if !seen.insert(real) {
            continue;
        }
        let entries = match std::fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if directory == path => return Err(failure(error)),
            Err(error) => {
                output.error(&format!("cannot read `{}`: {error}", directory.display()));
                continue;
            }
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            match std::fs::metadata(&path) {
                Ok(facts) if facts.is_dir() => {
                    if !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                        directories.push(path);
                    }
                }
                Ok(facts) if facts.is_file() => found.push(path),
                Ok(_) => {}
                Err(error) => output.error(&format!("cannot read `{}`: {error}", path.display())),
            }
        }
    }
    found.sort();
    files.extend(found);
    Ok(())
}

/// Fails where an input that was named, or all of them, could not be read.
fn refuse_unread(estate: &Estate, named: &HashSet<String>) -> Result<(), Failure> {
    let unread: Vec<_> = estate
        .notes
        .iter()
        .filter(|note| {
            let whole = matches!(note.kind, NoteKind::Unreadable)
                || (note.kind == NoteKind::Unrecognised
                    && [UNRECOGNISED, DOCUMENTATION, TRANSCRIPT]
                        .contains(&estate.input(note.origin.input).kind));
            whole && !holds_facts(estate, note.origin.input)
        })
        .collect();
    let nothing = is_empty(estate);
    let told: Vec<String> = unread
        .iter()
        .filter(|note| nothing || named.contains(&estate.input(note.origin.input).path))
        .map(|note| {
            let located = locate(estate, note.origin);
            format!("{}:{}:{}: {}", located.path, located.line, located.column, note.message)
        })
        .collect();
    match (&told[..], nothing) {
        ([], false) => Ok(()),
        ([], true) => {
            let others: Vec<String> = estate
                .notes
                .iter()
                .map(|note| format!("\n  {}: {}", estate.show_origin(note.origin), note.message))
                .take(5)
                .collect();
            Err(Failure::new(format!(
                "the inputs hold nothing about private DNS{}",
                others.concat()
            )))
        }
        ([one], _) => Err(Failure::new(one.clone())),
        (told, _) => Err(Failure::new(format!("nothing could be read\n  {}", told.join("\n  ")))),
    }
}

fn is_empty(estate: &Estate) -> bool {
    estate.zones.is_empty()
        && estate.vnets.is_empty()
        && estate.endpoints.is_empty()
        && estate.inbound.is_empty()
        && estate.rulesets.is_empty()
        && estate.servers.is_empty()
        && estate.interfaces.is_empty()
        && estate.policies.is_empty()
        && estate.domain_lists.is_empty()
        && estate.resources.is_empty()
        && estate.public.is_empty()
}

/// Whether some fact comes from an input: then it was read in part.
fn holds_facts(estate: &Estate, input: InputId) -> bool {
    estate.zones.iter().any(|zone| {
        zone.origin.input == input
            || zone.record_sets.iter().any(|set| set.origin.input == input)
            || zone.links.iter().any(|link| link.origin.input == input)
    }) || estate.vnets.iter().any(|vnet| vnet.origin.input == input)
        || estate.endpoints.iter().any(|endpoint| endpoint.origin.input == input)
        || estate.inbound.iter().any(|one| one.origin.input == input)
        || estate.rulesets.iter().any(|ruleset| {
            ruleset.origin.input == input
                || ruleset.rules.iter().any(|rule| rule.origin.input == input)
                || ruleset.links.iter().any(|link| link.origin.input == input)
        })
        || estate.servers.iter().any(|server| server.origin.input == input)
        || estate.interfaces.iter().any(|one| one.origin.input == input)
        || estate.domain_lists.iter().any(|one| one.origin.input == input)
        || estate.policies.iter().any(|policy| {
            policy.origin.input == input
                || policy.rules.iter().any(|rule| rule.origin.input == input)
                || policy.links.iter().any(|link| link.origin.input == input)
        })
        || estate.resources.iter().any(|resource| resource.origin.input == input)
        || estate.public.iter().any(|fact| fact.origin().input == input)
}

/// A name to ask for. What is pasted from elsewhere parses as a name as well, so an address
/// of the web, a port and an IP address are refused.
pub fn asked_name(text: &str) -> Result<Name, String> {
    if text.contains([':', '/']) && text.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("expected a name, found `{text}`: leave out scheme, port and path"));
    }
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Err(format!(
            "expected a name, found the address {address}: ask for its reverse name with type PTR"
        ));
    }
    text.parse().map_err(|error| format!("name {error}"))
}

/// Names to ask for, one a line, each with a type after it where that is not `record_type`.
pub fn read_names(
    path: &Path,
    record_type: RecordType,
) -> Result<Vec<(Name, RecordType)>, Failure> {
    let text = source::decode_text(read(path)?)
        .map_err(|why| Failure::new(format!("`{}` {why}", path.display())))?;
    let mut names = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let wrong = |why: String| Failure::new(format!("{}:{}: {why}", path.display(), at + 1));
        let mut words = line.split_whitespace();
        let name = asked_name(words.next().unwrap_or("")).map_err(wrong)?;
        let record_type = match words.next() {
            None => record_type,
            Some(word) => word.parse().map_err(|error| wrong(format!("{error}")))?,
        };
        names.push((name, record_type));
    }
    Ok(names)
}
