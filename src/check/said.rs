//! What an answer comes to, for rules that compare what several askers get.

use crate::check::Context;
use crate::index::{Index, Place, SetRef, View};
use crate::name::NameId;
use crate::record::RecordType;
use crate::resolve::{Gap, Outcome, Reach, resolve};

/// What an answer is compared by: how it ends, where it leads, and with which data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    outcome: Outcome,
    reach: Reach,
    set: Option<SetRef>,
}

impl Said {
    /// Whether clients notice no difference.
    pub fn agrees(&self, other: &Said, index: &Index) -> bool {
        let data = |set: Option<SetRef>| set.map(|set| &index.set(set).data);
        let texts = |set| data(set).map(|data| data.texts(&index.estate().names));
        self.outcome == other.outcome
            && self.reach == other.reach
            // Servers may have copies of one set.
            && (self.set == other.set
                || data(self.set) == data(other.set)
                || texts(self.set) == texts(other.set))
    }

    /// Whether it leads to a private address, or to data of a private zone.
    pub fn is_private(&self) -> bool {
        self.outcome == Outcome::Answered && self.reach == Reach::Private
    }

    /// Whether it leads nowhere.
    pub fn is_nowhere(&self) -> bool {
        self.reach == Reach::None
    }

    /// The data, or how it ends, in words.
    pub fn show(&self, index: &Index) -> String {
        match (self.outcome, self.set) {
            (Outcome::NxDomain, _) => "NXDOMAIN".to_owned(),
            (Outcome::Public, _) => "what public DNS says".to_owned(),
            (_, Some(set)) => index.set(set).data.texts(&index.estate().names).join(" "),
            (outcome, None) => outcome.name().to_owned(),
        }
    }
}

/// What clients of a view are told of the A records of a name; `None` where nobody can say.
pub(super) fn said(view: &View<'_>, name: NameId) -> Option<Said> {
    said_of(view, (name, RecordType::A))
}

/// A name, and the type that is asked for.
pub(super) type Question = (NameId, RecordType);

/// What clients of a view are told; `None` where nobody can say.
pub(super) fn said_of(view: &View<'_>, (name, record_type): Question) -> Option<Said> {
    let answer = resolve(view, &Place::Known(name), record_type, &mut ());
    match answer.outcome {
        // Whatever public DNS says, it is not what a private zone says.
        Outcome::Unknown(Gap::PublicUnrecorded) => {
            Some(Said { outcome: Outcome::Public, reach: Reach::Public, set: None })
        }
        outcome if outcome.is_unknown() => None,
        outcome => Some(Said { outcome, reach: answer.reach, set: answer.set }),
    }
}

/// The names that clients ask for addresses: of endpoints, and those with an address or an
/// alias in a private zone, or, where `of_servers` is set, in a zone of a DNS server.
pub(super) fn asked_names(context: &Context<'_>, of_servers: bool) -> Vec<NameId> {
    let estate = context.estate();
    let own = estate.server_zones().map(|(_, zone)| zone).filter(|_| of_servers);
    let sets = estate.zones.iter().chain(own).flat_map(|zone| &zone.record_sets).filter(|set| {
        matches!(set.data.record_type(), RecordType::A | RecordType::Aaaa | RecordType::Cname)
    });
    let services = context.index().services().iter().map(|service| service.name);
    let mut names: Vec<NameId> = sets.map(|set| set.owner).chain(services).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What clients ask: for addresses, and for what else private zones and DNS servers have.
pub(super) fn questions(context: &Context<'_>) -> Vec<Question> {
    let estate = context.estate();
    let own = estate.server_zones().map(|(_, zone)| zone);
    let sets = estate.zones.iter().chain(own).flat_map(|zone| &zone.record_sets);
    let others = sets.filter_map(|set| match set.data.record_type() {
        // The zone's own start of authority is each server's.
        RecordType::A | RecordType::Cname | RecordType::Soa => None,
        other => Some((set.owner, other)),
    });
    let addresses = asked_names(context, true).into_iter().map(|name| (name, RecordType::A));
    let mut questions: Vec<Question> = addresses.chain(others).collect();
    questions.sort_unstable();
    questions.dedup();
    questions
}

/// Names in their own order, which is not that of the inputs; those that clients of a private
/// endpoint ask for come first.
pub(super) fn sorted(
    context: &Context<'_>,
    names: impl IntoIterator<Item = NameId>,
) -> Vec<NameId> {
    let mut names: Vec<NameId> = names.into_iter().collect();
    let (index, all) = (context.index(), &context.estate().names);
    names.sort_by_cached_key(|&name| (index.service_of(name).is_none(), all.name(name)));
    names
}
