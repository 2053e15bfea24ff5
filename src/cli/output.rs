//! Where results and messages go.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;

use super::Failure;
use crate::render::wrap::fit;

/// The columns of a terminal that does not tell.
const USUAL_WIDTH: u16 = 80;

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Arguments that each take what standard input holds, of which there is one.
pub fn one_stdin<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    let count = paths.into_iter().filter(|path| *path == Path::new("-")).count();
    match count {
        0 | 1 => Ok(()),
        _ => Err(Failure::new("`-` is standard input, which can be read once only")),
    }
}

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Text for people.
    Human,
    /// One JSON object.
    Json,
    /// One JSON object a line and question.
    Jsonl,
}

/// `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub struct ReportFile<F> {
    pub form: F,
    pub path: PathBuf,
}

impl<F: ValueEnum> FromStr for ReportFile<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, path) =
            text.split_once('=').ok_or_else(|| format!("expected FORMAT=FILE, found `{text}`"))?;
        let form = F::from_str(form, false).map_err(|_| {
            let known = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let known: Vec<String> = known.map(|known| known.get_name().to_owned()).collect();
            format!("expected {}, found `{form}`", known.join(", "))
        })?;
        if path == "-" {
            return Err("expected a file, found `-`; --format is for standard output".to_owned());
        }
        Ok(ReportFile { form, path: path.into() })
    }
}

/// Standard output and standard error.
#[derive(Clone)]
pub struct Output {
    choice: ColorChoice,
}

impl Output {
    pub fn new(color: Color) -> Output {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Output { choice }
    }

    /// The columns of the terminal that results go to, if they go to one.
    pub fn width(&self) -> Option<u16> {
        let known = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
        // Some terminals tell no size, or no rows, which counts as none.
        known.or_else(|| io::stdout().is_terminal().then_some(USUAL_WIDTH))
    }

    /// Writes a result; whoever closed the pipe has read enough.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.choice);
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
            Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Writes a result for people, in lines that fit the terminal it goes to, if to one.
    pub fn prose(&self, text: &str) -> Result<(), Failure> {
        self.result(&fit(text, self.width()))
    }

    /// Says why something could not be done.
    pub fn error(&self, message: &str) {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        self.message(&format!("{style}error{style:#}: {message}\n"));
    }

    /// Says what weakens a result.
    pub fn warning(&self, message: &str) {
        let style = anstyle::AnsiColor::Yellow.on_default().bold();
        self.message(&format!("{style}warning{style:#}: {message}\n"));
    }

    /// Says what can be tidied up.
    pub fn note(&self, message: &str) {
        let style = anstyle::AnsiColor::Cyan.on_default().bold();
        self.message(&format!("{style}note{style:#}: {message}\n"));
    }

    /// Says something beside the result.
    pub fn message(&self, text: &str) {
        // There is nobody left to tell that this failed.
        let _ = AutoStream::new(io::stderr().lock(), self.choice).write_all(text.as_bytes());
    }
}

/// Puts `text` into a file, whole or not at all.
pub fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let failure =
        |error: io::Error| Failure::new(format!("cannot write {}: {error}", path.display()));
    // What is no plain file, such as /dev/stderr, cannot be replaced.
    if std::fs::metadata(path).is_ok_and(|facts| !facts.is_file()) {
        return std::fs::write(path, text).map_err(failure);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        let _ = std::fs::remove_file(&part);
        failure(error)
    })
}
