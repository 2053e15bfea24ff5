//! Runs the specs: Markdown files below `tests/spec` with an estate, questions
//! and the expected answers. `tests/spec/README.md` tells the form.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use privdns::check::{Context, Rule, RuleSet, check};
use privdns::estate::{Estate, NoteKind};
use privdns::index::{Index, Settings, View};
use privdns::record::RecordType;

/// A fenced block.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(kind)) => {
                open = Some(Block { kind: kind.to_owned(), line: at + 2, text: String::new() });
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn specs(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            specs(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md")
            && path.file_name().is_some_and(|name| name != "README.md")
        {
            found.push(path);
        }
    }
    found.sort();
}

/// The part of a file that an estate block governs.
struct Section<'f> {
    file: &'f Path,
    line: usize,
    estate: String,
    /// Whether some of it is not meant to be understood.
    broken: bool,
    settings: Settings,
    questions: Vec<(usize, String)>,
    failures: &'f mut String,
}

impl Section<'_> {
    fn fail(&mut self, line: usize, message: &str) {
        let file = self.file.display();
        writeln!(self.failures, "{file}:{line}: {message}").unwrap();
    }

    fn load(&self) -> Estate {
        common::load([self.estate.as_str()])
    }

    /// The estate, where every line of it must have been understood.
    fn index(&mut self) -> Index {
        let estate = self.load();
        let mut failures = Vec::new();
        for note in estate.notes.iter().filter(|_| !self.broken) {
            if !matches!(note.kind, NoteKind::Reading | NoteKind::Contradiction) {
                let (line, _) = estate.input(note.origin.input).position(note.origin.start);
                failures.push((self.line + line - 1, note.message.clone()));
            }
        }
        for (line, message) in failures {
            self.fail(line, &message);
        }
        Index::new(estate)
    }

    fn answers(&mut self, block: &Block) -> usize {
        let index = self.index();
        let views = index.views(&self.settings);
        let questions = std::mem::take(&mut self.questions);
        let expected: Vec<&str> = block.text.lines().filter(|line| !line.is_empty()).collect();
        if questions.len() != expected.len() {
            let (asked, answered) = (questions.len(), expected.len());
            self.fail(block.line, &format!("{asked} questions and {answered} answers"));
        }
        for ((line, question), expected) in questions.iter().zip(&expected) {
            match answer(&views, question, expected) {
                Ok(found) if found == *expected => {}
                Ok(found) => self.fail(
                    *line,
                    &format!("{question}\n    expected {expected}\n       found {found}"),
                ),
                Err(error) => self.fail(*line, &error),
            }
        }
        expected.len()
    }

    fn findings(&mut self, block: &Block) -> usize {
        let index = Index::new(self.load());
        // What is on by default, and the rule that the file is about.
        let own = self.file.file_stem().unwrap_or_default();
        let wanted = |rule: &Rule| rule.set == RuleSet::Core || own == rule.name;
        let findings: Vec<String> = check(&Context::new(&index, &self.settings), wanted)
            .iter()
            .map(|one| format!("{}[{}] {}", one.severity.name(), one.rule.name, one.message))
            .collect();
        let expected: Vec<&str> = block.text.lines().filter(|line| !line.is_empty()).collect();
        if findings != expected {
            let (expected, findings) = (expected.join("\n    "), findings.join("\n    "));
            self.fail(block.line, &format!("expected\n    {expected}\n  found\n    {findings}"));
        }
        expected.len() + 1
    }
}

/// The answer in the form of the specs, with those parts that `expected` has.
fn answer(views: &[View<'_>], question: &str, expected: &str) -> Result<String, String> {
    let words: Vec<&str> = question.split_whitespace().collect();
    let [vnet, name, record_type] = words[..] else {
        return Err(format!("expected `VNET NAME TYPE`, found `{question}`"));
    };
    let record_type: RecordType = record_type.parse().map_err(|_| "no type".to_owned())?;
    let view = common::client(views, vnet)
        .ok_or_else(|| format!("no network or interface is named `{vnet}`"))?;
    let name = name.parse().map_err(|error| format!("{error}"))?;
    let shown = common::show(&view, &name, record_type);
    let has = |word: &str| expected.split_whitespace().any(|part| part == word);
    let mut parts = vec![shown.outcome.to_owned()];
    parts.extend((!shown.data.is_empty()).then_some(shown.data));
    if has("via") {
        parts.push(format!("via {}", shown.via.join(" ")));
    }
    if has("by") {
        parts.push(format!("by {}", shown.by));
    }
    // What an answer rests on is part of it, whether the spec thought of it or not.
    if !shown.assuming.is_empty() {
        parts.push(format!("assuming {}", shown.assuming.join(" ")));
    }
    if !shown.because.is_empty() {
        parts.push(format!("because {}", shown.because));
    }
    Ok(parts.join(" "))
}

#[test]
fn specs_hold() {
    let mut files = Vec::new();
    specs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec"), &mut files);
    let only = std::env::var("SPEC").unwrap_or_default();
    let mut failures = String::new();
    let mut checked = 0;
    for file in files.iter().filter(|file| file.to_string_lossy().contains(&only)) {
        let text = fs::read_to_string(file).unwrap();
        let mut section = Section {
            file,
            line: 0,
            estate: String::new(),
            broken: false,
            settings: Settings::default(),
            questions: Vec::new(),
            failures: &mut failures,
        };
        let before = checked;
        for block in blocks(&text) {
            match block.kind.as_str() {
                "estate" | "broken-estate" => {
                    section.broken = block.kind == "broken-estate";
                    section.line = block.line;
                    section.estate = block.text;
                    section.settings = Settings::default();
                }
                "assume" => {
                    section.settings = Settings::default();
                    for line in block.text.lines() {
                        if let Err(error) = section.settings.set(line.trim()) {
                            section.fail(block.line, &error);
                        }
                    }
                }
                "ask" => {
                    let lines = block.text.lines().enumerate();
                    section.questions = lines
                        .filter(|(_, line)| !line.is_empty())
                        .map(|(at, line)| (block.line + at, line.to_owned()))
                        .collect();
                }
                "answer" => checked += section.answers(&block),
                "findings" => checked += section.findings(&block),
                other => section.fail(block.line, &format!("`{other}` is no kind of block")),
            }
        }
        if checked == before {
            section.fail(1, "checks nothing");
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    assert!(checked > 0, "no spec was found");
}

/// The table of vectors names each of the 65, and files that are there.
#[test]
fn every_vector_has_a_place() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/resolve");
    let text = fs::read_to_string(directory.join("README.md")).unwrap();
    let mut found: Vec<u32> = Vec::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| ")) {
        let mut cells = row.split('|').map(str::trim);
        let numbers: Result<Vec<u32>, _> =
            cells.next().unwrap().split(',').map(|number| number.trim().parse()).collect();
        let Ok(numbers) = numbers else { continue };
        for file in cells.next().unwrap().split('`').skip(1).step_by(2) {
            let is_file = file.ends_with(".md") || file.ends_with(".rs");
            assert!(!is_file || directory.join(file).is_file(), "{file}");
        }
        found.extend(numbers);
    }
    found.sort_unstable();
    assert_eq!(found, (1..=65).collect::<Vec<_>>());
}
