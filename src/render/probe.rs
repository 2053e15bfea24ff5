//! What probing needs, as `az` commands, and what it found.

use serde::Serialize;

use super::command::shell;
use super::human::plural;
use super::json::SCHEMA_VERSION;
use super::table::table;
use crate::index::{ASSUMPTIONS, Assumption, Settings};
use crate::name::Name;
use crate::probe::{EMPTY_SET, Finding, HERE, NOBODY, Scratch, show};
use crate::record::RecordType;
use crate::transcript::Observation;

/// The name of all links and rules that are made for probing.
const MADE: &str = "privdns-probe";

/// Where the scratch records are made; what is not told stands in capitals.
pub struct Place<'p> {
    /// The resource group of the scratch zones, best one of their own.
    pub group: &'p str,
    /// Its region.
    pub location: &'p str,
    /// The resource id of the network.
    pub vnet: &'p str,
    /// The ruleset and its resource group.
    pub ruleset: Option<(&'p str, &'p str)>,
}

/// The commands that make the scratch records, and those that delete them, for a POSIX
/// shell such as that of Azure Cloud Shell.
pub fn commands(scratch: &Scratch, place: &Place<'_>) -> (Vec<String>, Vec<String>) {
    let group = shell(place.group);
    let zone = scratch.zone.text();
    let mut make = vec![format!("az group create -n {group} -l {}", shell(place.location))];
    make.push(format!("cat > {MADE}.zone <<'END'\n{}END", scratch.zone_file()));
    let mut delete = Vec::new();
    let create = |zone: &str| format!("az network private-dns zone create -g {group} -n {zone}");
    let add = |zone: &str, name: &str| {
        format!(
            "az network private-dns record-set a add-record -g {group} -z {zone} -n {name} -a {HERE}"
        )
    };
    let mut link = |zone: &str, policy: &str| {
        delete.push(format!(
            "az network private-dns link vnet delete -g {group} -z {zone} -n {MADE} -y"
        ));
        delete.push(format!("az network private-dns zone delete -g {group} -n {zone} -y"));
        let vnet = shell(place.vnet);
        format!(
            "az network private-dns link vnet create -g {group} -z {zone} -n {MADE} -v {vnet} -e \
             false{policy}"
        )
    };
    let redirect = " --resolution-policy NxDomainRedirect";
    make.push(format!("az network private-dns zone import -g {group} -n {zone} -f {MADE}.zone"));
    make.push(format!(
        "az network private-dns record-set a create -g {group} -z {zone} -n {EMPTY_SET}"
    ));
    make.push(link(&zone, ""));
    let redirecting = scratch.redirecting().text();
    make.extend([create(&redirecting), add(&redirecting, "here"), link(&redirecting, "")]);
    make.push("# This may be refused, which is an answer, too.".to_owned());
    make.push(format!(
        "az network private-dns link vnet update -g {group} -z {redirecting} -n {MADE}{redirect}"
    ));
    if let Some((old, new, account)) = scratch.batch_zones() {
        make.extend([create(&old), link(&old, redirect)]);
        make.extend([create(&new), add(&new, &account), link(&new, "")]);
    }
    if let Some((group, ruleset)) = place.ruleset {
        let rule = |verb: &str, label: &str| {
            let (group, ruleset) = (shell(group), shell(ruleset));
            format!(
                "az dns-resolver forwarding-rule {verb} -g {group} --ruleset-name {ruleset} -n \
                 {MADE}-{label}"
            )
        };
        for (label, domain) in scratch.rules() {
            make.push(format!(
                "{} --domain-name {domain} --forwarding-rule-state Enabled --target-dns-servers \
                 '[{{ip-address:{NOBODY},port:53}}]'",
                rule("create", label)
            ));
            delete.push(format!("{} -y", rule("delete", label)));
        }
    }
    delete.push(format!("rm {MADE}.zone"));
    delete.push(format!("# And the group, if it holds nothing else: az group delete -n {group}"));
    (make, delete)
}

/// One assumption that was probed.
pub struct Probed {
    /// Which it is.
    pub assumption: Assumption,
    /// The questions with what was seen.
    pub answers: Vec<Observation>,
    /// What they come to.
    pub finding: Finding,
}

/// What was probed, and under which settings.
pub struct Report<'r> {
    /// The server.
    pub server: String,
    /// The scratch zone.
    pub zone: &'r Name,
    /// The settings before.
    pub before: Settings,
    /// All that was probed.
    pub probed: &'r [Probed],
    /// The file that the values go to, and whether they were written.
    pub file: Option<(String, bool)>,
}

impl Report<'_> {
    fn count(&self, of: fn(&Finding) -> bool) -> usize {
        self.probed.iter().filter(|one| of(&one.finding)).count()
    }

    /// The assumptions that lookups in a network cannot settle.
    fn others(&self) -> impl Iterator<Item = &'static str> {
        let probed: Vec<Assumption> = self.probed.iter().map(|one| one.assumption).collect();
        let other = ASSUMPTIONS.iter().filter(move |doc| !probed.contains(&doc.assumption));
        other.map(|doc| doc.name)
    }

    /// The report for people.
    pub fn human(&self, width: Option<u16>) -> String {
        let mut text = format!("asked {}, scratch zone {}\n\n", self.server, self.zone.text());
        let rows = self.probed.iter().map(|one| {
            let seen: Vec<String> = one.answers.last().map(show).into_iter().collect();
            let result = match &one.finding {
                Finding::Settled(value) => (*value).to_owned(),
                Finding::NoValue(_) => "no value".to_owned(),
                Finding::Undecided(_) => "undecided".to_owned(),
                Finding::NotTried(_) => "not tried".to_owned(),
            };
            let before = self.before.value(one.assumption).to_owned();
            [one.assumption.to_string(), before, seen.concat(), result]
        });
        text.push_str(&table(&["assumption", "before", "seen", "settled"], rows, width));
        text.push('\n');
        for one in self.probed {
            let name = one.assumption;
            match &one.finding {
                Finding::Settled(_) => {}
                Finding::NoValue(seen) => text.push_str(&format!(
                    "{name}: {seen}, which no value stands for; the setting stays\n"
                )),
                Finding::Undecided(why) => {
                    text.push_str(&format!("{name}: undecided, because {why}\n"));
                }
                Finding::NotTried(needs) => {
                    text.push_str(&format!("{name}: not tried, needs {needs}\n"));
                }
            }
        }
        let others: Vec<&str> = self.others().collect();
        let others = format!(
            "no lookup in a network settles {}; `privdns assumptions` says what does",
            others.join(", ")
        );
        let columns = textwrap::Options::new(width.map_or(100, usize::from));
        let whole = columns.word_splitter(textwrap::WordSplitter::NoHyphenation);
        text.push_str(&textwrap::fill(&others, whole));
        text.push_str(&format!("\n\n{}\n", self.sums()));
        if let Some((file, written)) = &self.file {
            let verb = if *written { "wrote" } else { "would write" };
            text.push_str(&format!("{verb} what is settled to {file}, under [assume]\n"));
        }
        text
    }

    fn sums(&self) -> String {
        let settled = self.count(|finding| matches!(finding, Finding::Settled(_)));
        let changed = self.probed.iter().filter(|one| match one.finding {
            Finding::Settled(value) => value != self.before.value(one.assumption),
            _ => false,
        });
        let mut text = format!(
            "{} settled, {} otherwise than before",
            plural(settled, "assumption", "assumptions"),
            changed.count()
        );
        for (count, words) in [
            (self.count(|f| matches!(f, Finding::NoValue(_))), "without a value"),
            (self.count(|f| matches!(f, Finding::Undecided(_))), "undecided"),
            (self.count(|f| matches!(f, Finding::NotTried(_))), "not tried"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {words}"));
            }
        }
        text
    }
}

/// The settings that were found.
pub fn settled(probed: &[Probed]) -> Vec<(&'static str, &'static str)> {
    let settled = |one: &Probed| match one.finding {
        Finding::Settled(value) => Some((one.assumption.doc().name, value)),
        _ => None,
    };
    probed.iter().filter_map(settled).collect()
}

#[derive(Serialize)]
struct AnswerV1 {
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    seen: String,
}

#[derive(Serialize)]
struct ProbeV1 {
    assumption: &'static str,
    before: &'static str,
    verdict: &'static str,
    value: Option<&'static str>,
    because: Option<String>,
    answers: Vec<AnswerV1>,
}

/// The report of `probe`.
#[derive(Serialize)]
pub struct ProbesV1 {
    schema_version: &'static str,
    command: &'static str,
    server: String,
    zone: String,
    settings: Option<String>,
    written: bool,
    probes: Vec<ProbeV1>,
    not_by_lookups: Vec<&'static str>,
}

impl From<&Report<'_>> for ProbesV1 {
    fn from(report: &Report<'_>) -> ProbesV1 {
        ProbesV1 {
            schema_version: SCHEMA_VERSION,
            command: "probe",
            server: report.server.clone(),
            zone: report.zone.to_string(),
            settings: report.file.as_ref().map(|(file, _)| file.clone()),
            written: report.file.as_ref().is_some_and(|(_, written)| *written),
            probes: report.probed.iter().map(|one| probe(report, one)).collect(),
            not_by_lookups: report.others().collect(),
        }
    }
}

fn probe(report: &Report<'_>, one: &Probed) -> ProbeV1 {
    let (verdict, value, because) = match &one.finding {
        Finding::Settled(value) => ("settled", Some(*value), None),
        Finding::NoValue(seen) => ("no-value", None, Some(seen.clone())),
        Finding::Undecided(why) => ("undecided", None, Some(why.clone())),
        Finding::NotTried(needs) => ("not-tried", None, Some(format!("needs {needs}"))),
    };
    let answers = one.answers.iter().map(|seen| AnswerV1 {
        name: seen.name.to_string(),
        record_type: seen.record_type.unwrap_or(RecordType::A).to_string(),
        seen: show(seen),
    });
    ProbeV1 {
        assumption: one.assumption.doc().name,
        before: report.before.value(one.assumption),
        verdict,
        value,
        because,
        answers: answers.collect(),
    }
}
