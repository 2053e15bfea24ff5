//! `convert`: the same estate in another form.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::RangedU64ValueParser;

use super::output::{Output, one_stdin, write_file};
use super::{Failure, Verdict, load};
use crate::estate::Estate;
use crate::render::convert::{self, Azurerm, File, Losses};
use crate::source::{estate_text, zone_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// Directories (read with all below them), files, or `-`
    #[arg(required = true, value_name = "ESTATE")]
    estate: Vec<PathBuf>,
    /// The form to write; what it cannot hold is told on standard error
    #[arg(long, value_enum, value_name = "FORM")]
    to: To,
    /// Where to: a file for `estate`, a directory for all others. Without it, a single file
    /// goes to standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Write into a directory that holds something; what is there under other names stays
    #[arg(long)]
    force: bool,
    /// The major version of Terraform's provider: 4 or 5
    #[arg(long, value_name = "MAJOR", default_value = "5", value_parser = RangedU64ValueParser::<u8>::new().range(4..=5))]
    azurerm: u8,
    #[command(flatten)]
    options: load::Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// The text form, which holds all that privdns knows
    Estate,
    /// JSON as `az` writes it, one file for each call of `privdns collect`
    Az,
    /// One master file a zone
    Zonefile,
    /// Terraform for azurerm, with `import` blocks; one file a subscription
    Terraform,
    /// Bicep; one file a resource group
    Bicep,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    one_stdin(arguments.estate.iter().chain(arguments.options.public()))?;
    arguments.options.settings(crate::index::Settings::default())?;
    if let Some(path) = arguments.output.as_deref().filter(|_| arguments.to != To::Estate) {
        refuse_used(path, arguments.force)?;
    }
    let estate = arguments.options.load(&arguments.estate, output)?;
    let (files, losses) = match arguments.to {
        To::Estate => {
            let file = File { path: String::new(), text: estate_text::write(&estate) };
            (vec![file], convert::estate_losses(&estate))
        }
        To::Az => convert::az(&estate),
        To::Zonefile => zone_files(&estate),
        To::Terraform => {
            let version = if arguments.azurerm == 4 { Azurerm::V4 } else { Azurerm::V5 };
            convert::terraform(&estate, version)
        }
        To::Bicep => convert::bicep(&estate),
    };
    if files.is_empty() {
        return Err(Failure::new("nothing to write: no zone that this form could hold is known"));
    }
    let several = arguments.to == To::Az || files.len() > 1;
    match (arguments.output.as_deref(), &files[..]) {
        (None, [file]) if !several => output.result(&file.text)?,
        (None, _) => {
            let message = format!(
                "this form is {} files; give a directory for them: -o DIRECTORY",
                files.len()
            );
            return Err(Failure::new(message));
        }
        (Some(path), [file]) if arguments.to == To::Estate => write_file(path, &file.text)?,
        (Some(path), files) => write_files(path, files)?,
    }
    for line in losses.lines() {
        output.message(&format!("note: {line}\n"));
    }
    Ok(Verdict::Clean)
}

fn zone_files(estate: &Estate) -> (Vec<File>, Losses) {
    let named = estate.zone_ids().zip(convert::zone_files(estate));
    let files =
        named.filter(|((_, zone), _)| convert::has_zone_file(zone)).map(|((id, zone), name)| {
            let written = zone_file::write(estate, id);
            // The one fact beside the records that readers of zone files know to look for.
            let plain = |group: &&String| !group.chars().any(char::is_control);
            let text = match zone.group.as_ref().filter(plain) {
                Some(group) => format!("; Resource Group Name: {group}\n{written}"),
                None => written,
            };
            File { path: format!("{name}.txt"), text }
        });
    (files.collect(), convert::zone_file_losses(estate))
}

/// Refuses what is no directory, or holds something.
fn refuse_used(path: &Path, force: bool) -> Result<(), Failure> {
    let Ok(facts) = std::fs::metadata(path) else { return Ok(()) };
    if !facts.is_dir() {
        let message = format!("`{}` is a file; this form is a directory of files", path.display());
        return Err(Failure::new(message));
    }
    let mut entries = std::fs::read_dir(path)
        .map_err(|error| Failure::new(format!("cannot read `{}`: {error}", path.display())))?;
    if !force && entries.next().is_some() {
        let message = format!("`{}` is not empty; --force writes into it", path.display());
        return Err(Failure::new(message));
    }
    Ok(())
}

fn write_files(directory: &Path, files: &[File]) -> Result<(), Failure> {
    for file in files {
        let path = directory.join(&file.path);
        let parent = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(parent).map_err(|error| {
            Failure::new(format!("cannot make `{}`: {error}", parent.display()))
        })?;
        write_file(&path, &file.text)?;
    }
    Ok(())
}
