//! `resolve`: what names resolve to in each network.

use std::borrow::Cow;
use std::path::PathBuf;

use super::output::{Form, Output, ReportFile, one_stdin, write_file};
use super::{Failure, Verdict, load};
use crate::estate::{Estate, VnetId};
use crate::index::{Index, Place, View};
use crate::name::Name;
use crate::record::RecordType;
use crate::render::human;
use crate::render::json::{ResolutionV1, ResolveV1, resolution};

#[derive(clap::Args)]
pub struct Arguments {
    /// A directory (read with all below it), a file, or `-`
    #[arg(value_name = "ESTATE")]
    estate: PathBuf,
    /// The names to look up
    #[arg(value_name = "NAME", required_unless_present = "queries")]
    names: Vec<String>,
    /// Ask from this virtual network (a name, `group/name` or a resource id), or as an
    /// interface with DNS servers of its own (`vnet/name`); from all of them without it
    #[arg(long, value_name = "VNET")]
    vnet: Option<String>,
    /// The type of record to ask for
    #[arg(long = "type", value_name = "TYPE", default_value = "A")]
    record_type: String,
    /// Show the whole walk, hop by hop
    #[arg(long)]
    trace: bool,
    /// Questions, one a line: network, name and type with tabs between; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    queries: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "human", value_name = "FORM")]
    format: Form,
    /// Write a report to a file, beside the one on standard output
    #[arg(long, value_name = "FORM=FILE")]
    output: Vec<ReportFile<Form>>,
    /// The settings, whose assumptions hold; without it, the privdns.toml that `check` takes
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: load::Options,
}

/// Who asks.
#[derive(Clone, Copy)]
enum From {
    /// All networks, and the interfaces that have DNS servers of their own.
    All,
    Vnet(VnetId),
    /// By its place.
    Interface(u32),
}

/// One question, from one network or from all.
struct Question {
    from: From,
    name: Place,
    record_type: RecordType,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Verdict, Failure> {
    let inputs = std::iter::once(&arguments.estate).chain(&arguments.queries);
    one_stdin(inputs.chain(arguments.options.public()).chain(&arguments.config))?;
    let (settings, estate) =
        arguments.options.open(arguments.config.as_deref(), &arguments.estate, output)?;
    if estate.vnets.is_empty() {
        return Err(Failure::new(
            "the estate has no virtual network to ask from: add the export of \
             `az network private-dns link vnet list` or `az network vnet list`",
        ));
    }
    let index = Index::new(estate);
    let views = index.views(&settings);
    let mut verdict = Verdict::Clean;
    let mut questions = Vec::new();
    match &arguments.queries {
        None => {
            let from = match &arguments.vnet {
                Some(text) => find_asker(index.estate(), text)?,
                None => From::All,
            };
            for text in &arguments.names {
                questions.push(question(&index, from, text, &arguments.record_type)?);
            }
        }
        Some(path) => {
            let text = crate::source::decode_text(load::read(path)?)
                .map_err(|why| Failure::new(format!("`{}` {why}", path.display())))?;
            for (at, line) in text.lines().enumerate() {
                match read_line(&index, line, arguments) {
                    Ok(Some(one)) => questions.push(one),
                    Ok(None) => {}
                    Err(failure) => {
                        output.error(&format!("{}:{}: {failure}", path.display(), at + 1));
                        verdict = Verdict::Incomplete;
                    }
                }
            }
        }
    }
    for file in &arguments.output {
        let text = report(&views, &questions, file.form, arguments.trace)?;
        write_file(&file.path, &anstream::adapter::strip_str(&text).to_string())?;
    }
    let text = report(&views, &questions, arguments.format, arguments.trace)?;
    match arguments.format {
        Form::Human => output.prose(&text)?,
        Form::Json | Form::Jsonl => output.result(&text)?,
    }
    Ok(verdict)
}

fn question(index: &Index, from: From, name: &str, record_type: &str) -> Result<Question, Failure> {
    let parsed: Name = name.parse().map_err(|error| Failure::new(format!("name {error}")))?;
    let record_type = record_type.parse().map_err(|error| Failure::new(format!("{error}")))?;
    Ok(Question { from, name: index.locate(&parsed), record_type })
}

/// `vnet`, `name` and `type`; the type may be left out, and `*` is every network.
fn read_line(
    index: &Index,
    line: &str,
    arguments: &Arguments,
) -> Result<Option<Question>, Failure> {
    let line = line.trim_end();
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
    let (vnet, name, record_type) = match fields[..] {
        [vnet, name] => (vnet, name, arguments.record_type.as_str()),
        [vnet, name, record_type] => (vnet, name, record_type),
        _ => {
            return Err(Failure::new(format!(
                "expected `vnet`, `name` and `type` with tabs between, found `{line}`"
            )));
        }
    };
    let from = match vnet {
        "*" | "" => From::All,
        text => find_asker(index.estate(), text)?,
    };
    question(index, from, name, record_type).map(Some)
}

/// The network that `text` means, or else the interface.
fn find_asker(estate: &Estate, text: &str) -> Result<From, Failure> {
    if estate.vnets_like(text).is_empty() {
        let show = |at: u32| {
            let id = estate.interfaces[at as usize].id.as_ref();
            id.map_or_else(|| estate.interface_name(at), ToString::to_string)
        };
        match estate.interfaces_like(text)[..] {
            [] => {}
            [interface] => return Ok(From::Interface(interface)),
            ref several => {
                let candidates: Vec<String> = several.iter().map(|&at| show(at)).collect();
                return Err(Failure::new(format!(
                    "several interfaces are named `{text}`:\n  {}",
                    candidates.join("\n  ")
                )));
            }
        }
    }
    find_vnet(estate, text).map(From::Vnet)
}

/// The network that `text` means.
pub fn find_vnet(estate: &Estate, text: &str) -> Result<VnetId, Failure> {
    let found = estate.vnets_like(text);
    let show = |id: VnetId| {
        let vnet = estate.vnet(id);
        vnet.id.as_ref().map_or_else(|| vnet.qualified(), ToString::to_string)
    };
    match found[..] {
        [one] => Ok(one),
        [] => {
            let mut known: Vec<String> =
                estate.vnet_ids().map(|(id, _)| estate.vnet_name(id)).collect();
            let more = known.len().saturating_sub(20);
            known.truncate(20);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Err(Failure::new(format!(
                "no virtual network is named `{text}`; there are {}{more}",
                known.join(", ")
            )))
        }
        _ => {
            let candidates: Vec<String> = found.into_iter().map(show).collect();
            Err(Failure::new(format!(
                "several virtual networks are named `{text}`:\n  {}",
                candidates.join("\n  ")
            )))
        }
    }
}

fn report(
    views: &[View<'_>],
    questions: &[Question],
    form: Form,
    trace: bool,
) -> Result<String, Failure> {
    let mut text = String::new();
    let mut all = Vec::new();
    for question in questions {
        match form {
            Form::Human => text.push_str(&human(views, question, trace)),
            _ => {
                for (view, vnet, interface) in askers(views, question) {
                    let mut one = resolution(&view, vnet, &question.name, question.record_type);
                    if let Some(at) = interface {
                        let facts = &view.index().estate().interfaces[at as usize];
                        one = one.of_interface(&facts.name);
                    }
                    match form {
                        Form::Jsonl => text.push_str(&(json(&one)? + "\n")),
                        _ => all.push(one),
                    }
                }
            }
        }
    }
    if form == Form::Json {
        let report = ResolveV1::new(all);
        text = serde_json::to_string_pretty(&report).map_err(|e| Failure::new(e.to_string()))?;
        text.push('\n');
    }
    Ok(text)
}

fn json(resolution: &ResolutionV1) -> Result<String, Failure> {
    serde_json::to_string(resolution).map_err(|error| Failure::new(error.to_string()))
}

/// Who asks: a view, its network, and the interface where it is one.
type Asker<'v, 'i> = (Cow<'v, View<'i>>, VnetId, Option<u32>);

/// The networks of a question in order, then the interfaces with DNS servers of their own.
fn askers<'v, 'i>(views: &'v [View<'i>], question: &Question) -> Vec<Asker<'v, 'i>> {
    let all = views.iter().flat_map(|view| view.vnets().iter().map(move |&vnet| (view, vnet)));
    let mut networks: Vec<(&View<'i>, VnetId)> = all.collect();
    networks.sort_by_key(|entry| entry.1);
    let Some((first, _)) = networks.first() else { return Vec::new() };
    let interfaces = first.index().estate().interfaces.iter().zip(0u32..);
    let own = interfaces.filter_map(|(facts, at)| {
        let wanted = match question.from {
            From::All => !facts.servers.is_empty(),
            From::Vnet(_) => false,
            From::Interface(wanted) => wanted == at,
        };
        let vnet = facts.vnet.filter(|_| wanted)?;
        let (view, _) = networks.iter().find(|entry| entry.1 == vnet)?;
        Some((Cow::Owned(view.of(vnet).of_interface(facts)), vnet, Some(at)))
    });
    let own: Vec<Asker<'v, 'i>> = own.collect();
    let plain = networks.iter().filter(|(_, vnet)| match question.from {
        From::All => true,
        From::Vnet(wanted) => wanted == *vnet,
        From::Interface(_) => false,
    });
    let plain = plain.map(|&(view, vnet)| {
        let built_in = view.index().built_in(view.vnets(), &question.name, question.record_type);
        match (built_in, view.vnets()) {
            // Of networks that share a view each has its own machines and addresses.
            (Some(_), [_, _, ..]) => (Cow::Owned(view.of(vnet)), vnet, None),
            _ => (Cow::Borrowed(view), vnet, None),
        }
    });
    plain.chain(own).collect()
}

/// The answer for each group of networks and interfaces that get the same in the same way.
fn human(views: &[View<'_>], question: &Question, trace: bool) -> String {
    let (name, record_type) = (&question.name, question.record_type);
    let mut groups: Vec<Group<'_, '_>> = Vec::new();
    for (view, vnet, interface) in askers(views, question) {
        let answer = human::answer(&view, name, record_type, true);
        let known = groups.iter().position(|group| group.answer == answer);
        let at = known.unwrap_or_else(|| {
            let (vnets, interfaces) = (Vec::new(), Vec::new());
            groups.push(Group { answer, view, vnet, vnets, interfaces });
            groups.len() - 1
        });
        match interface {
            Some(interface) => groups[at].interfaces.push(interface),
            None => groups[at].vnets.push(vnet),
        }
    }
    let mut text = String::new();
    for Group { answer, view, vnet, vnets, interfaces } in groups {
        let index = view.index();
        text.push_str(&human::question(index, &vnets, &interfaces, name, record_type));
        if trace {
            text.push_str(&human::hops(&view, vnet, name, record_type));
            text.push_str(&human::answer(&view, name, record_type, false));
        } else {
            text.push_str(&answer);
        }
        text.push('\n');
    }
    text
}

/// Askers who get the same.
struct Group<'v, 'i> {
    answer: String,
    /// The view and the network of the first one.
    view: Cow<'v, View<'i>>,
    vnet: VnetId,
    vnets: Vec<VnetId>,
    interfaces: Vec<u32>,
}
