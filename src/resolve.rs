//! The engine: what a network's clients are answered.
//!
//! [`resolve`] walks one question through a [`View`]. Azure DNS asks the linked zone
//! with the longest apex and nothing else; a name that no linked zone claims goes to
//! the built-in names of the network, to the rule that forwards it, or to public DNS;
//! every alias starts the choice anew. A name that is forwarded goes on at whoever
//! listens there: Azure DNS of another network behind an inbound endpoint, a modelled
//! DNS server with its zones and forwarders, or somebody of whom nothing is known.
//! It does no input or output and, for names of the estate, allocates nothing. A
//! [`Recorder`] hears of each hop: [`Trace`] keeps them, `()` does not.
//!
//! The order (zones, rules, public DNS) is that of "What is Azure DNS Private
//! Resolver?", learn.microsoft.com/azure/dns/dns-private-resolver-overview, read
//! 2026-11.

#![deny(clippy::disallowed_methods)]

mod forwarder;
mod gap;
mod pending;
mod trace;
mod walk;

use std::net::{IpAddr, SocketAddr};

use crate::estate::{BlockResponse, ZoneId};
use crate::index::{
    Assumed, Assumption, Basis, Claim, Party, Place, PolicyRef, RuleRef, SetRef, View,
};
use crate::record::{RecordData, RecordType};

pub use gap::{Gap, shown_target};
pub use pending::{LinkState, Way, ways};
pub use trace::{
    Hidden, Hop, HopResult, Trace, alternatives, behind_rules, hidden_behind, passed_over,
};
use walk::Walk;

/// How a question ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Records of the type asked for.
    Answered,
    /// The last name exists without the type.
    NoData,
    /// The last name does not exist.
    NxDomain,
    /// The chain ends at a public endpoint whose address the estate does not hold.
    Public,
    /// A loop of aliases.
    AliasLoop,
    /// More aliases than Azure DNS is taken to follow.
    TooManyAliases,
    /// It was forwarded to a server that is not modelled.
    Forwarded(SocketAddr),
    /// It was forwarded in a circle.
    ForwardLoop,
    /// A server neither has it nor looks it up for others.
    Refused,
    /// A DNS security policy blocks it.
    Blocked(BlockResponse),
    /// The estate cannot say.
    Unknown(Gap),
}

impl Outcome {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::NoData => "no-data",
            Outcome::NxDomain => "nxdomain",
            Outcome::Public => "public",
            Outcome::AliasLoop => "alias-loop",
            Outcome::TooManyAliases => "too-many-aliases",
            Outcome::Forwarded(_) => "forwarded",
            Outcome::ForwardLoop => "forward-loop",
            Outcome::Refused => "refused",
            Outcome::Blocked(_) => "blocked",
            Outcome::Unknown(_) => "unknown",
        }
    }

    /// Whether it goes round, or on for too long.
    pub fn is_loop(self) -> bool {
        matches!(self, Outcome::AliasLoop | Outcome::TooManyAliases | Outcome::ForwardLoop)
    }

    /// Whether nobody can say what comes of it.
    pub fn is_unknown(self) -> bool {
        matches!(self, Outcome::Unknown(_) | Outcome::Forwarded(_))
    }
}

/// Who had the last word.
#[derive(Clone, Copy, Debug)]
pub enum Decider {
    /// A private zone.
    Zone(ZoneId),
    /// Public DNS; on what basis, where there is one.
    Public(Option<Basis>),
    /// A forwarding rule, whose target is not modelled.
    Rule(RuleRef),
    /// A DNS server that is not modelled.
    Server(Option<IpAddr>),
    /// A modelled DNS server, by its place in the estate, from this zone of its own.
    Own(u32, Option<ZoneId>),
    /// The built-in names of a network.
    BuiltIn,
    /// A rule of a DNS security policy.
    Policy(PolicyRef),
    /// Nobody: the walk went round or too far.
    None,
}

/// Where a client ends up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// At a private address, or at data of a private zone.
    Private,
    /// At a public address or endpoint.
    Public,
    /// Nowhere.
    None,
    /// Nobody can say.
    Unknown,
}

impl Reach {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Reach::Private => "private",
            Reach::Public => "public",
            Reach::None => "none",
            Reach::Unknown => "unknown",
        }
    }
}

/// The response code of a DNS message (RFC 1035, section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rcode {
    /// The name exists.
    NoError,
    /// The name does not exist.
    NxDomain,
    /// The resolver failed.
    ServFail,
    /// The server does not answer such questions.
    Refused,
}

impl Rcode {
    /// As tools print it.
    pub fn name(self) -> &'static str {
        match self {
            Rcode::NoError => "NOERROR",
            Rcode::NxDomain => "NXDOMAIN",
            Rcode::ServFail => "SERVFAIL",
            Rcode::Refused => "REFUSED",
        }
    }
}

/// The answer to one question.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// Who had the last word.
    pub decider: Decider,
    /// The final record set, where a private zone has it.
    pub set: Option<SetRef>,
    /// Where a client ends up.
    pub reach: Reach,
    /// How many aliases were followed.
    pub aliases: u8,
    /// It goes round, and by the setting of `loop-rcode` nobody answers.
    pub timed_out: bool,
    /// What the answer depends on.
    pub assumed: Assumed,
}

impl Answer {
    /// The response code; `None` where the estate cannot say.
    pub fn rcode(&self) -> Option<Rcode> {
        match self.outcome {
            _ if self.timed_out => None,
            Outcome::Answered | Outcome::NoData | Outcome::Public => Some(Rcode::NoError),
            Outcome::NxDomain => Some(Rcode::NxDomain),
            Outcome::AliasLoop | Outcome::TooManyAliases | Outcome::ForwardLoop => {
                Some(Rcode::ServFail)
            }
            Outcome::Refused => Some(Rcode::Refused),
            Outcome::Blocked(BlockResponse::Alias) => Some(Rcode::NoError),
            Outcome::Blocked(BlockResponse::ServFail) => Some(Rcode::ServFail),
            Outcome::Unknown(Gap::PublicFailure) => Some(Rcode::ServFail),
            Outcome::Unknown(_) | Outcome::Forwarded(_) => None,
        }
    }

    /// Whether another answer to the same question says the same, whatever it rests on.
    fn is_like(&self, other: &Answer) -> bool {
        let decides = |answer: &Answer| std::mem::discriminant(&answer.decider);
        (self.outcome, self.set, self.reach, self.aliases)
            == (other.outcome, other.set, other.reach, other.aliases)
            && decides(self) == decides(other)
    }

    /// The zone that had the last word.
    pub fn zone(&self) -> Option<ZoneId> {
        match self.decider {
            Decider::Zone(zone) => Some(zone),
            _ => None,
        }
    }
}

/// Who makes a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The client itself.
    Client,
    /// Azure DNS of the view's network, or of another, as [`View::azure`] has them.
    Azure(Option<u32>),
    /// A modelled DNS server, by its place in the estate.
    Server(u32),
}

/// Who was asked at a hop.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// A private zone that claims the name.
    Zone(Claim),
    /// The built-in names of the network.
    BuiltIn,
    /// A forwarding rule that covers the name.
    Rule(RuleRef),
    /// Public DNS, since nothing else claims the name.
    Public(Option<Basis>),
    /// Public DNS, since the zone that claims the name lacks it and its link redirects.
    Redirected(Option<Basis>),
    /// A server that is not modelled.
    Server(Option<IpAddr>),
    /// The DNS server that the clients have.
    Configured,
    /// A zone of the server's own.
    Own(ZoneId),
    /// A forwarder of the server, by its place; `None` for Azure DNS, which an Azure
    /// Firewall asks unless it was given others.
    Forwarder(Option<u32>),
    /// A rule of a DNS security policy that covers the name.
    Policy(PolicyRef),
    /// Nobody: it ends here.
    Nobody,
}

/// What a hop gave.
#[derive(Clone, Debug)]
pub enum Said<'a> {
    /// The final record set of a zone.
    Set(SetRef),
    /// The final record set of public DNS or of built-in names.
    Records(&'a RecordData),
    /// An alias, from this set of a zone where it is from one.
    Alias(Place, Option<SetRef>),
    /// The name exists without the type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// A public endpoint of unknown address.
    Endpoint,
    /// It was passed on to whoever listens at that address.
    Forwarded(SocketAddr, Party),
    /// An alias closed a loop.
    Loop,
    /// One alias too many.
    Limit,
    /// Who makes the hop was asked the same before.
    ForwardLoop,
    /// The server does not look it up.
    Refused,
    /// The policy lets it pass, and it is looked up.
    Permitted,
    /// The policy blocks it.
    Blocked(BlockResponse),
    /// The estate cannot say.
    Unknown(Gap),
}

/// Hears of each hop of a walk.
pub trait Recorder {
    /// `by` looked `name` up at `asked`, and this came of it.
    fn hop(&mut self, name: &Place, by: Actor, asked: Asked, said: Said<'_>);

    /// The walk is made anew: what was heard does not count.
    fn again(&mut self);
}

/// Hears nothing.
impl Recorder for () {
    fn hop(&mut self, _: &Place, _: Actor, _: Asked, _: Said<'_>) {}

    fn again(&mut self) {}
}

/// Resolves one question as a client in the view's network would have it answered.
///
/// Of several servers the first one answers; [`alternatives`] are the views of the others.
pub fn resolve(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    recorder: &mut impl Recorder,
) -> Answer {
    if let Some(answer) = walk::recorded(view, name, record_type, recorder) {
        return answer;
    }
    let answer = walk(view, name, record_type, recorder);
    match answer.outcome {
        Outcome::Unknown(gap) if gap.pending().is_some() => {
            pending::settle(view, name, record_type, answer, recorder)
        }
        _ => answer,
    }
}

/// The same, where what waits for a link is unknown even if it is the same with and without it.
fn walk(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    recorder: &mut impl Recorder,
) -> Answer {
    let chosen = view.settings().value(Assumption::ForwardedAliases);
    let (mut answer, rests) = Walk::new(view, record_type, chosen).run(name, recorder);
    let other = |value| Walk::new(view, record_type, value).run(name, &mut ()).0;
    if rests && forwarder::differs(other, &answer, chosen) {
        answer.assumed.add(Assumption::ForwardedAliases);
    }
    answer
}
