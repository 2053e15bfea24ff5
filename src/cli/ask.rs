//! What all commands share that ask real servers.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;
use super::output::Output;
use crate::live::{Manners, Question, ask_all, system_servers};
use crate::name::Name;
use crate::record::RecordType;
use crate::transcript::capture::LineV1;

/// Whom to ask, and how.
#[derive(clap::Args)]
pub struct Asking {
    /// A DNS server to ask, several times for several; without it those of the system
    #[arg(long, value_name = "IP[:PORT]", value_parser = server)]
    server: Vec<SocketAddr>,
    /// The most messages a second, those sent again too; Azure allows a virtual machine 1,000
    #[arg(long, value_name = "NUMBER", default_value = "200", value_parser = clap::value_parser!(u32).range(1..1000))]
    rate: u32,
    /// Seconds that an answer may take, each time
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    timeout: Duration,
    /// How often a question is sent before it counts as unanswered
    #[arg(long, value_name = "NUMBER", default_value = "2", value_parser = clap::value_parser!(u32).range(1..))]
    attempts: u32,
    /// Seconds after which no more is asked; what is left counts as unanswered
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    deadline: Duration,
}

/// An address, with a port where it is not 53.
pub fn server(text: &str) -> Result<SocketAddr, String> {
    address(text, 53)
}

/// An address, with a port where it is not this one.
pub fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    address.map(|address| SocketAddr::new(address, port)).map_err(|_| {
        format!("expected an address such as 10.0.0.4 or 10.0.0.4:5353, found `{text}`")
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0 && *seconds <= 86400.0);
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("expected seconds, more than 0, found `{text}`"))
}

impl Asking {
    /// The servers that were named.
    pub fn named(&self) -> &[SocketAddr] {
        &self.server
    }

    /// How to ask.
    pub fn manners(&self) -> Manners {
        let Asking { rate, timeout, attempts, deadline, .. } = *self;
        Manners { timeout, attempts, rate, deadline, parallel: 64 }
    }

    /// Whom to ask; of the system's servers the first, since clients ask no other while
    /// it answers.
    pub fn servers(&self, output: &Output) -> Result<Vec<SocketAddr>, Failure> {
        if !self.server.is_empty() {
            return Ok(self.server.clone());
        }
        let mut servers = system_servers().map_err(Failure::new)?;
        servers.truncate(1);
        let server = servers[0];
        match server.ip().is_loopback() {
            true => output.warning(&format!(
                "the system asks {}, a cache on this machine: whom it asks is not shown; \
                 `--server 168.63.129.16` asks Azure itself",
                server.ip()
            )),
            false => output.note(&format!("asking {}, the system's server", server.ip())),
        }
        Ok(servers)
    }
}

/// A file that lines go to, each at once, and what it holds already.
pub struct Save {
    file: File,
    path: PathBuf,
    output: Output,
    /// What was answered before.
    known: HashMap<(String, String, String), LineV1>,
}

fn key(line: &LineV1) -> (String, String, String) {
    (line.server.clone(), line.name.clone(), line.record_type.clone())
}

impl Save {
    /// Opens the file; a last line that is not whole is cut off.
    pub fn open(path: &Path, output: &Output) -> Result<Save, Failure> {
        let failure = |error: std::io::Error| {
            Failure::new(format!("cannot write `{}`: {error}", path.display()))
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failure)?;
        let text = std::fs::read_to_string(path).map_err(failure)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut known = HashMap::new();
        for (at, line) in text[..whole].lines().enumerate() {
            let line: LineV1 = serde_json::from_str(line).map_err(|error| {
                let place = format!("{}:{}", path.display(), at + 1);
                Failure::new(format!("{place}: expected a line of `privdns capture`: {error}"))
            })?;
            // What was not answered is asked again.
            if line.rcode.is_some() {
                known.insert(key(&line), line);
            }
        }
        file.set_len(whole as u64).map_err(failure)?;
        file.seek(SeekFrom::End(0)).map_err(failure)?;
        Ok(Save { file, path: path.to_owned(), output: output.clone(), known })
    }

    /// Says that answers are old ones, and of when.
    fn tell(&self, count: usize, first: &str, last: &str) {
        let answers = if count == 1 { "answer is" } else { "answers are" };
        let time = if first == last { first.to_owned() } else { format!("{first} to {last}") };
        self.output.warning(&format!(
            "{count} {answers} from `{}`, asked at {time}, and not asked again",
            self.path.display()
        ));
    }
}

/// Asks all names of all servers and gives the lines in that order.
///
/// What `save` holds already is not asked again, and each line goes there, or to `each`,
/// as soon as it is known.
pub fn gather(
    names: &[(Name, RecordType)],
    servers: &[SocketAddr],
    manners: Manners,
    mut save: Option<Save>,
    mut each: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<Vec<LineV1>, Failure> {
    let mut lines: Vec<Option<LineV1>> = Vec::new();
    let mut reused: Vec<String> = Vec::new();
    let mut questions = Vec::new();
    for &server in servers {
        for (name, record_type) in names {
            let key = (server.to_string(), name.to_string(), record_type.to_string());
            let known = save.as_ref().and_then(|save| save.known.get(&key).cloned());
            if known.is_none() {
                let (name, record_type) = (name.clone(), *record_type);
                questions.push((lines.len(), Question { server, name, record_type }));
            }
            reused.extend(known.iter().filter_map(|line| line.time.clone()));
            lines.push(known);
        }
    }
    if let (Some(save), Some(first), Some(last)) = (&save, reused.iter().min(), reused.iter().max())
    {
        save.tell(reused.len(), first, last);
    }
    // Name by name, so that one server's silence does not keep the others waiting.
    questions.sort_by_key(|(place, _)| place % names.len());
    let (places, questions): (Vec<usize>, Vec<Question>) = questions.into_iter().unzip();
    let progress = progress(questions.len());
    let heard = |at: usize, line: LineV1| -> Result<(), Failure> {
        let text = serde_json::to_string(&line).map_err(|error| Failure::new(error.to_string()))?;
        match &mut save {
            Some(save) => {
                let written = save.file.write_all(format!("{text}\n").as_bytes());
                written
                    .map_err(|error| Failure::new(format!("cannot write the capture: {error}")))?;
            }
            None => each(&text)?,
        }
        progress.inc(1);
        lines[places[at]] = Some(line);
        Ok(())
    };
    let done = ask_all(&questions, manners, heard);
    progress.finish_and_clear();
    done.map_err(|error| Failure::new(format!("cannot open sockets: {error}")))??;
    Ok(lines.into_iter().flatten().collect())
}

/// Shown on a terminal only.
fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} asked, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// The path of `--output` of captures, or nothing for standard output.
pub fn save(path: Option<&PathBuf>, output: &Output) -> Result<Option<Save>, Failure> {
    path.map(|path| Save::open(path, output)).transpose()
}
