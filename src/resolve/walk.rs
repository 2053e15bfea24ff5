//! One walk: from the client to whoever answers.

use std::net::{IpAddr, SocketAddr};

use smallvec::SmallVec;

use super::forwarder::Through;
use super::{Actor, Answer, Asked, Decider, Gap, Outcome, Reach, Recorder, Said};
use crate::estate::{
    BlockResponse, Concerned, Extent, PolicyAction, Product, ServerKind, Unsimulated, VnetId,
    ZoneId,
};
use crate::index::{
    ALIAS_LIMIT, ALIASES_SEEN, AZURE_DNS, Assumed, Assumption, AzureDns, Basis, BuiltInAnswer,
    Claim, Doubt, Evidence, Found, Index, MachineDoubt, Own, Party, Place, PolicyRef,
    PolicyVerdict, PublicAnswer, RegisteredAnswer, RuleRef, RulesetHold, Servers, View,
};
use crate::name::{NameId, Names};
use crate::public::{Catalogue, Certainty, Chain};
use crate::record::{RecordData, RecordType, is_private_v4, is_private_v6};

/// A zone's NXDOMAIN may be overruled only for these types.
///
/// Private DNS REST reference 2024-06-01, `resolutionPolicy` of a virtual network
/// link ("for A, AAAA, CNAME queries"); read 2026-11.
const REDIRECTED_TYPES: [RecordType; 3] = [RecordType::A, RecordType::Aaaa, RecordType::Cname];

/// NS, which private zones do not hold, by its number (IANA DNS parameters).
const NS: RecordType = RecordType::Other(2);

/// Where DNS servers listen (RFC 1035).
pub(super) const PORT: u16 = 53;

/// How many that pass a question on, one to the next, are simulated.
pub(super) const FORWARD_LIMIT: usize = 64;

/// Whether a name has one label.
fn is_plain(names: &Names, place: &Place) -> bool {
    let depth = match place {
        Place::Known(id) => names.depth(*id),
        Place::Other { name, .. } => name.depth(),
    };
    depth == 1
}

pub(super) struct Walk<'v, 'i> {
    pub(super) view: &'v View<'i>,
    record_type: RecordType,
    assumed: Assumed,
    /// How it ends, as soon as it does.
    answer: Answer,
    /// The names so far, to notice a loop.
    seen: SmallVec<[Place; ALIAS_LIMIT + 1]>,
    /// The last name of what was forwarded, as soon as that is answered.
    last: Option<Place>,
    /// Who is asked at the moment, each with how many aliases came before, to notice
    /// that a question goes round.
    actors: SmallVec<[(Actor, usize); 4]>,
    /// The forwarders of servers through which the question went.
    pub(super) passed: SmallVec<[Through; 4]>,
    /// The value of [`Assumption::ForwardedAliases`].
    pub(super) aliases_of_forwarders: &'static str,
    /// That value was asked for.
    pub(super) rests_on_aliases: bool,
}

/// What a walk would come to at once where clients ask Azure DNS, a linked zone has the very
/// record set and nothing else may decide. Most questions are of that kind.
pub(super) fn recorded(
    view: &View<'_>,
    name: &Place,
    record_type: RecordType,
    recorder: &mut impl Recorder,
) -> Option<Answer> {
    let (Servers::Azure, Place::Known(node)) = (view.servers(), name) else { return None };
    let index = view.index();
    let claim = view.azure(None).settled_claim(index, *node)?;
    let Found::Set(set) = index.look_up(claim.zone(), name, record_type) else { return None };
    let facts = index.set(set);
    if facts.owner != *node {
        return None;
    }
    recorder.hop(name, Actor::Azure(None), Asked::Zone(claim), Said::Set(set));
    Some(Answer {
        outcome: Outcome::Answered,
        decider: Decider::Zone(claim.zone()),
        set: Some(set),
        reach: reach(index, &facts.data, Reach::Private),
        aliases: 0,
        timed_out: false,
        assumed: Assumed::default(),
    })
}

/// How the walk goes on after one name.
enum Step {
    Done,
    /// The name, which is among those seen now, is an alias of this one.
    Alias(Place),
}

/// What somebody who follows a chain remembers of it.
struct Frame {
    actor: Actor,
    /// No alias was followed yet.
    first: bool,
    /// A zone's NXDOMAIN was overruled by its link's policy.
    redirected: bool,
    /// Private zones are out of the question since then.
    public_only: bool,
    /// The last alias came from public DNS.
    public_alias: bool,
    /// The longest rule that a reserved suffix set aside: Azure resolves the chain itself then.
    set_aside: Option<RuleRef>,
}

/// What the last hop gives, and how the walk ends with it.
type Ending<'s> = (Said<'s>, Outcome, Reach);

/// The name exists without the type.
const NO_DATA: Ending<'static> = (Said::NoData, Outcome::NoData, Reach::None);

/// The name does not exist.
const NX_DOMAIN: Ending<'static> = (Said::NxDomain, Outcome::NxDomain, Reach::None);

/// A public endpoint, whose address nobody recorded.
const PUBLIC_END: Ending<'static> = (Said::Endpoint, Outcome::Public, Reach::Public);

/// The end in a gap that a hop meets.
fn open(gap: Gap) -> Ending<'static> {
    (Said::Unknown(gap), Outcome::Unknown(gap), Reach::Unknown)
}

/// From where somebody asks 168.63.129.16.
#[derive(Clone, Copy)]
enum Home {
    Vnet(VnetId),
    Nowhere(Gap),
}

impl<'v, 'i> Walk<'v, 'i> {
    pub(super) fn new(
        view: &'v View<'i>,
        record_type: RecordType,
        aliases_of_forwarders: &'static str,
    ) -> Self {
        let (seen, actors, passed) = (SmallVec::new(), SmallVec::new(), SmallVec::new());
        let last = None;
        let answer = Answer {
            outcome: Outcome::NoData,
            decider: Decider::None,
            set: None,
            reach: Reach::None,
            aliases: 0,
            timed_out: false,
            assumed: Assumed::default(),
        };
        Walk {
            view,
            record_type,
            assumed: answer.assumed,
            answer,
            seen,
            last,
            actors,
            passed,
            aliases_of_forwarders,
            rests_on_aliases: false,
        }
    }

    /// The answer, and whether [`Assumption::ForwardedAliases`] was asked for on the way.
    pub(super) fn run(mut self, name: &Place, recorder: &mut impl Recorder) -> (Answer, bool) {
        if let Step::Alias(_) = self.client(name, recorder) {
            // A client follows no alias itself.
            self.end(Outcome::NoData, Decider::None, Reach::None);
        }
        let timed_out = self.answer.outcome.is_loop()
            && self.view.settings().value(Assumption::LoopRcode) == "time-out";
        let aliases = self.seen.len() as u8;
        let answer = Answer { aliases, timed_out, assumed: self.assumed, ..self.answer };
        (answer, self.rests_on_aliases)
    }

    fn client(&mut self, name: &Place, recorder: &mut impl Recorder) -> Step {
        let view = self.view;
        let vnet = view.vnets().first().copied();
        let site = vnet.is_some_and(|vnet| view.index().estate().vnet(vnet).site);
        match view.servers() {
            Servers::Azure if site => {
                let gap = Gap::AzureUnreachable(None);
                recorder.hop(
                    name,
                    Actor::Client,
                    Asked::Server(Some(AZURE_DNS)),
                    Said::Unknown(gap),
                );
                self.unknown(gap, Decider::Server(Some(AZURE_DNS)))
            }
            Servers::Azure => self.azure(None, name, recorder),
            Servers::AssumedAzure => {
                self.assumed.add(Assumption::UnexportedDns);
                self.azure(None, name, recorder)
            }
            Servers::Custom(address) => match view.party(address) {
                party if !party.is_modelled() => {
                    let gap = Gap::of_party(party, address).unwrap_or(Gap::CustomServer(address));
                    let asked = Asked::Server(Some(address));
                    recorder.hop(name, Actor::Client, asked, Said::Unknown(gap));
                    self.unknown(gap, Decider::Server(Some(address)))
                }
                party => {
                    let target = SocketAddr::new(address, PORT);
                    let said = Said::Forwarded(target, party);
                    recorder.hop(name, Actor::Client, Asked::Configured, said);
                    let home = Home::Nowhere(Gap::AzureUnreachable(None));
                    self.ask(target, party, home, Decider::None, name, recorder)
                }
            },
            Servers::Unknown => {
                if !site {
                    self.assumed.add(Assumption::UnexportedDns);
                }
                let gap = if site { Gap::SiteServers } else { Gap::ServersUnknown };
                recorder.hop(name, Actor::Client, Asked::Server(None), Said::Unknown(gap));
                self.unknown(gap, Decider::Server(None))
            }
        }
    }

    /// Asks `party`, who listens at `target`; `home` is where that would be, were it
    /// 168.63.129.16, and `decider` has the last word if nobody is known to listen.
    fn ask(
        &mut self,
        target: SocketAddr,
        party: Party,
        home: Home,
        decider: Decider,
        name: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let vnet = match party {
            Party::Server(server) => return self.server(server, name, recorder),
            Party::Unknown | Party::Several | Party::Elsewhere => {
                if let Some(gap) = Gap::of_party(party, target.ip()) {
                    return self.stop(gap, decider, name, recorder);
                }
                let outcome = Outcome::Forwarded(target);
                return self.end(outcome, decider, Reach::Unknown);
            }
            Party::Inbound(at) => match index.estate().inbound[at as usize].vnet {
                Some(vnet) => vnet,
                None => return self.stop(Gap::InboundPlace(at), decider, name, recorder),
            },
            Party::Azure => match home {
                Home::Vnet(vnet) => vnet,
                Home::Nowhere(gap) => return self.stop(gap, decider, name, recorder),
            },
        };
        let own = self.view.azure(None).vnet() == Some(vnet);
        let other = if own { None } else { self.view.azure_of(vnet) };
        self.azure(other, name, recorder)
    }

    /// Ends in a gap that nobody was asked for.
    fn stop(
        &mut self,
        gap: Gap,
        decider: Decider,
        name: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let by = self.actors.last().map_or(Actor::Client, |actor| actor.0);
        self.last(open(gap), by, Asked::Nobody, decider, name, recorder)
    }

    fn end(&mut self, outcome: Outcome, decider: Decider, reach: Reach) -> Step {
        self.answer.outcome = outcome;
        self.answer.decider = decider;
        self.answer.set = None;
        self.answer.reach = reach;
        Step::Done
    }

    fn unknown(&mut self, gap: Gap, decider: Decider) -> Step {
        self.end(Outcome::Unknown(gap), decider, Reach::Unknown)
    }

    /// Tells the hop with which it ends.
    #[inline]
    fn last(
        &mut self,
        (said, outcome, reach): Ending<'_>,
        by: Actor,
        asked: Asked,
        decider: Decider,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        recorder.hop(place, by, asked, said);
        self.end(outcome, decider, reach)
    }

    /// Ends a chain that must not go on at `target`.
    fn stop_at(&mut self, target: &Place, by: Actor, recorder: &mut impl Recorder) -> Option<Step> {
        let (said, outcome, assumption) = if self.seen.contains(target) {
            (Said::Loop, Outcome::AliasLoop, Assumption::LoopRcode)
        } else if self.seen.len() > ALIASES_SEEN && self.is_too_long() {
            (Said::Limit, Outcome::TooManyAliases, Assumption::AliasLimit)
        } else {
            return None;
        };
        recorder.hop(target, by, Asked::Nobody, said);
        self.assumed.add(assumption);
        Some(self.end(outcome, Decider::None, Reach::None))
    }

    /// Whether Azure DNS gives up on a chain of more aliases than are known to work.
    fn is_too_long(&mut self) -> bool {
        self.assumed.add(Assumption::AliasLimit);
        self.seen.len() > self.view.settings().alias_limit()
    }

    /// Lets `actor` follow the chain from `name` on, step by step.
    fn chain<R: Recorder>(
        &mut self,
        actor: Actor,
        name: &Place,
        recorder: &mut R,
        mut step: impl FnMut(&mut Self, &mut Frame, &Place, &mut R) -> Step,
    ) -> Step {
        let asked = (actor, self.seen.len());
        if self.actors.len() >= FORWARD_LIMIT {
            return self.stop(Gap::TooManyServers, Decider::None, name, recorder);
        }
        if self.actors.contains(&asked) {
            recorder.hop(name, actor, Asked::Nobody, Said::ForwardLoop);
            self.assumed.add(Assumption::LoopRcode);
            return self.end(Outcome::ForwardLoop, Decider::None, Reach::None);
        }
        self.actors.push(asked);
        let (redirected, public_only, public_alias) = (false, false, false);
        let (first, set_aside) = (true, None);
        let mut frame = Frame { actor, first, redirected, public_only, public_alias, set_aside };
        let mut place = name.clone();
        let last = loop {
            let Step::Alias(target) = step(self, &mut frame, &place, recorder) else {
                break Step::Done;
            };
            if let Actor::Server(server) = actor
                && !self.can_follow(server, &target)
            {
                break Step::Alias(target);
            }
            if !self.passed.is_empty() && self.leaves(&target) {
                break Step::Alias(target);
            }
            if let Some(end) = self.stop_at(&target, actor, recorder) {
                break end;
            }
            frame.first = false;
            place = target;
        };
        self.actors.pop();
        self.last.get_or_insert(place);
        last
    }

    /// Asks Azure DNS of the view's network, or of another.
    fn azure(&mut self, other: Option<u32>, name: &Place, recorder: &mut impl Recorder) -> Step {
        let dns = self.view.azure(other);
        self.chain(Actor::Azure(other), name, recorder, |walk, frame, place, recorder| {
            walk.azure_step(dns, other, frame, place, recorder)
        })
    }

    fn azure_step(
        &mut self,
        dns: &AzureDns,
        other: Option<u32>,
        frame: &mut Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        if dns.lacks_policy() && self.is_doubted(Assumption::UnexportedLinks) {
            return self.stop(Gap::UnlistedPolicies, Decider::None, place, recorder);
        }
        if dns.has_policies()
            && let Some(end) = self.policy(dns, frame, place, recorder)
        {
            return end;
        }
        if frame.redirected && self.is_asked_again(dns, other, frame, place) {
            self.assumed.add(Assumption::AfterRedirect);
        }
        if frame.public_only {
            return self.public(frame, place, false, recorder);
        }
        if let Some(Doubt { zone, missing }) = dns.doubt(index, place.node())
            && (missing || self.is_doubted(Assumption::UnexportedLinks))
        {
            let gap = Gap::UnreadLinks(zone);
            recorder.hop(place, frame.actor, Asked::Public(None), Said::Unknown(gap));
            return self.unknown(gap, Decider::None);
        }
        if dns.lacks_zone(index, place) && self.is_doubted(Assumption::UnexportedZones) {
            return self.stop(Gap::UnlistedZones, Decider::None, place, recorder);
        }
        let Some(claim) = dns.claim(index, place.node()) else {
            return self.unclaimed(dns, other, frame, place, recorder);
        };
        if !dns.rulesets().is_empty()
            && let Some(rule) = self.rule_within(dns, claim, place)
        {
            return self.by_rule(rule, frame, place, recorder);
        }
        let gap = match claim {
            Claim::Zone { zone, link } => {
                return self.zone(frame, place, claim, zone, link, recorder);
            }
            Claim::Pending { zone, .. } => Gap::PendingLink(zone),
            Claim::Two(zone, other) => Gap::TwoZones(zone, other),
        };
        recorder.hop(place, frame.actor, Asked::Zone(claim), Said::Unknown(gap));
        self.unknown(gap, Decider::Zone(claim.zone()))
    }

    /// Whether what was not read is taken to be unknown; else it is taken not to be there.
    fn is_doubted(&mut self, assumption: Assumption) -> bool {
        self.assumed.add(assumption);
        self.view.settings().value(assumption) == "unknown"
    }

    /// Whether anybody but public DNS has a part in a name after a redirect, if private zones
    /// and rules are consulted again.
    fn is_asked_again(
        &mut self,
        dns: &AzureDns,
        other: Option<u32>,
        frame: &mut Frame,
        place: &Place,
    ) -> bool {
        let (index, node, kept) = (self.view.index(), place.node(), self.assumed);
        let doubted = |what| self.view.settings().value(what) == "unknown";
        let unlinked = doubted(Assumption::UnexportedLinks);
        let asked = dns.claim(index, node).is_some()
            || dns.doubt(index, node).is_some_and(|doubt| doubt.missing || unlinked)
            || (dns.lacks_zone(index, place) && doubted(Assumption::UnexportedZones))
            || (dns.lacks_ruleset() && unlinked)
            || index.built_in(self.view.scope(other), place, self.record_type).is_some()
            || !matches!(self.rule(dns, frame, place), Ok(None));
        // What the rule rests on is said where it is followed.
        self.assumed = kept;
        asked
    }

    /// What the DNS security policy of a network makes of a name: an end, or nothing.
    ///
    /// Rules are applied to the names of aliases, too ("DNS security policy",
    /// learn.microsoft.com/azure/dns/dns-security-policy, read 2026-11).
    fn policy(
        &mut self,
        dns: &AzureDns,
        frame: &Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Option<Step> {
        let index = self.view.index();
        let (at, response) = match self.verdict(dns, place) {
            Ok(Some((at, PolicyAction::Block(response)))) => (at, response),
            Ok(Some((at, _))) => {
                recorder.hop(place, frame.actor, Asked::Policy(at), Said::Permitted);
                return None;
            }
            Ok(None) => return None,
            Err(gap) => return Some(self.stop(gap, Decider::None, place, recorder)),
        };
        if !frame.public_only && dns.claim(index, place.node()).is_some() {
            self.assumed.add(Assumption::PolicyOrder);
            if self.view.settings().value(Assumption::PolicyOrder) == "zones-first" {
                return None;
            }
        }
        Some(self.block(at, response, frame, place, recorder))
    }

    fn block(
        &mut self,
        at: PolicyRef,
        response: BlockResponse,
        frame: &Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        recorder.hop(place, frame.actor, Asked::Policy(at), Said::Blocked(response));
        self.answer.set = None;
        self.end(Outcome::Blocked(response), Decider::Policy(at), Reach::None)
    }

    /// The rule of the policy that decides on a name, if one does.
    fn verdict(
        &mut self,
        dns: &AzureDns,
        place: &Place,
    ) -> Result<Option<(PolicyRef, PolicyAction)>, Gap> {
        let (verdict, rests) = self.view.index().verdict(dns, place);
        if rests && self.is_doubted(Assumption::UnreadPolicy) {
            return Err(Gap::UnreadPolicy);
        }
        match verdict {
            PolicyVerdict::Silent => Ok(None),
            PolicyVerdict::Rule(at, action) => Ok(Some((at, action))),
            PolicyVerdict::Perhaps(_) if !self.is_doubted(Assumption::UnexportedLinks) => Ok(None),
            doubt => Err(Gap::Policy(doubt)),
        }
    }

    /// What the DNS security policy of a network makes of the aliases in an answer that one of
    /// its rules had forwarded, the names after the first `before` seen: an end, or nothing.
    fn policy_on_aliases(
        &mut self,
        frame: &Frame,
        before: usize,
        recorder: &mut impl Recorder,
    ) -> Option<Step> {
        let Actor::Azure(other) = frame.actor else { return None };
        let dns = self.view.azure(other);
        // Of a chain that was not followed to its end nobody knows all names.
        let unknown = self.answer.outcome.is_unknown() || self.answer.outcome.is_loop();
        if !dns.has_policies() || unknown || self.seen.len() == before {
            return None;
        }
        let kept = self.assumed;
        let aliases = self.seen[before + 1..].iter().chain(&self.last);
        let aliases = aliases.filter(|alias| **alias != self.seen[before]);
        let aliases: Vec<Place> = aliases.cloned().collect();
        let decided = aliases.into_iter().find_map(|place| match self.verdict(dns, &place) {
            Ok(Some((at, PolicyAction::Block(response)))) => Some((place, Ok((at, response)))),
            Ok(_) => None,
            Err(gap) => Some((place, Err(gap))),
        });
        let (place, decided) = decided?;
        self.assumed.add(Assumption::PolicyOnForwarded);
        if self.view.settings().value(Assumption::PolicyOnForwarded) == "no" {
            self.assumed = kept;
            self.assumed.add(Assumption::PolicyOnForwarded);
            return None;
        }
        Some(match decided {
            Ok((at, response)) => self.block(at, response, frame, &place, recorder),
            Err(gap) => self.stop(gap, Decider::None, &place, recorder),
        })
    }

    /// A name of no linked zone: built-in names, rules, then public DNS.
    fn unclaimed(
        &mut self,
        dns: &AzureDns,
        other: Option<u32>,
        frame: &mut Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let built_in = index.built_in(self.view.scope(other), place, self.record_type);
        if dns.rulesets().is_empty() {
            return match built_in {
                Some(answer) => self.built_in(answer, frame, place, recorder),
                None => self.unruled(dns, frame, place, recorder),
            };
        }
        let setting = self.view.settings().value(Assumption::BuiltInOrder);
        if let Some(answer) = built_in {
            let ruled = dns.rule(index, place.node()).is_some();
            if ruled {
                self.assumed.add(Assumption::BuiltInOrder);
            }
            if !ruled || setting == "built-in-first" {
                return self.built_in(answer, frame, place, recorder);
            }
        }
        match self.rule(dns, frame, place) {
            Ok(Some(rule)) => self.by_rule(rule, frame, place, recorder),
            Ok(None) => self.unruled(dns, frame, place, recorder),
            Err(gap) => self.stop(gap, Decider::None, place, recorder),
        }
    }

    /// A name that no rule forwards which was read.
    fn unruled(
        &mut self,
        dns: &AzureDns,
        frame: &mut Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        if dns.lacks_ruleset() && self.is_doubted(Assumption::UnexportedLinks) {
            return self.stop(Gap::UnlistedRulesets, Decider::None, place, recorder);
        }
        self.public(frame, place, false, recorder)
    }

    /// The rule for a part of the zone that claims a name, where such a rule would win.
    fn rule_within(&mut self, dns: &AzureDns, claim: Claim, place: &Place) -> Option<RuleRef> {
        let index = self.view.index();
        let names = &index.estate().names;
        let (rule, hold) = dns.rule(index, place.node())?;
        let apex = index.estate().zone(claim.zone()).apex;
        let longer = names.depth(index.rule(rule).domain) > names.depth(apex);
        if !longer || hold != RulesetHold::Linked {
            return None;
        }
        self.assumed.add(Assumption::RuleLongerThanZone);
        let wins = self.view.settings().value(Assumption::RuleLongerThanZone) == "rule-wins";
        wins.then_some(rule)
    }

    /// The rule that forwards a name which no zone claims.
    fn rule(
        &mut self,
        dns: &AzureDns,
        frame: &mut Frame,
        place: &Place,
    ) -> Result<Option<RuleRef>, Gap> {
        let index = self.view.index();
        let estate = index.estate();
        let settings = self.view.settings();
        let linked = |entry: &&(_, RulesetHold)| entry.1 == RulesetHold::Linked;
        let mut held = dns.rulesets().iter().filter(linked);
        if let (Some(&(one, _)), Some(&(other, _))) = (held.next(), held.next()) {
            return Err(Gap::TwoRulesets(one, other));
        }
        for &(ruleset, hold) in dns.rulesets() {
            if hold != RulesetHold::Perhaps && !estate.ruleset(ruleset).is_whole() {
                return Err(Gap::UnreadRules(ruleset));
            }
        }
        let Some((rule, hold)) = dns.rule(index, place.node()) else { return Ok(None) };
        let depth = |name: NameId| estate.names.depth(name);
        let domain = index.rule(rule).domain;
        let reserved = index.reserved(place.node());
        if reserved.map_or_else(|| self.may_be_reserved(place), |name| depth(name) >= depth(domain))
        {
            self.assumed.add(Assumption::ReservedSuffixes);
        }
        if reserved.is_some_and(|name| depth(name) > depth(domain))
            && settings.value(Assumption::ReservedSuffixes) == "listed"
        {
            frame.set_aside = Some(rule);
            return Ok(None);
        }
        // Azure resolves the whole chain of a name for which it ignores a rule, and with it all
        // shorter ones.
        let with = |aside: RuleRef| {
            let above = estate.names.is_at_or_below(index.rule(aside).domain, domain);
            aside.ruleset == rule.ruleset && above
        };
        if frame.set_aside.is_some_and(with) {
            return Ok(None);
        }
        if !frame.first {
            self.assumed.add(Assumption::RulesOnCnameTargets);
            if settings.value(Assumption::RulesOnCnameTargets) == "no" {
                return Ok(None);
            }
        }
        match hold {
            RulesetHold::Linked => Ok(Some(rule)),
            RulesetHold::Pending => Err(Gap::PendingRuleset(rule.ruleset)),
            RulesetHold::Perhaps => match self.is_doubted(Assumption::UnexportedLinks) {
                true => Err(Gap::UnreadRulesetLinks(rule.ruleset)),
                false => Ok(None),
            },
        }
    }

    /// A service's name that no known reserved suffix covers may be under an unknown one.
    fn may_be_reserved(&self, place: &Place) -> bool {
        Catalogue::get().find(&self.view.index().name(place)).is_some()
    }

    fn by_rule(
        &mut self,
        rule: RuleRef,
        frame: &Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let decider = Decider::Rule(rule);
        let Some(target) = self.view.target_of(&index.rule(rule).targets) else {
            return self.stop(Gap::NoTarget(rule), decider, place, recorder);
        };
        // From which network the outbound endpoint asks is not known.
        let party = index.party_at(None, target);
        recorder.hop(place, frame.actor, Asked::Rule(rule), Said::Forwarded(target, party));
        let home = Home::Nowhere(Gap::AzureAsTarget(rule));
        let before = self.seen.len();
        self.last = None;
        let step = self.ask(target, party, home, decider, place, recorder);
        if let Some(end) = self.policy_on_aliases(frame, before, recorder) {
            return end;
        }
        if let Step::Alias(target) = &step
            && !self.leaves(target)
        {
            self.assumed.add(Assumption::RechaseForwarded);
            if self.view.settings().value(Assumption::RechaseForwarded) == "never" {
                return self.end(Outcome::NoData, decider, Reach::None);
            }
        }
        step
    }

    fn built_in(
        &mut self,
        answer: BuiltInAnswer<'_>,
        frame: &Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let ending = match answer {
            BuiltInAnswer::Records(data) => (
                Said::Records(data),
                Outcome::Answered,
                reach(self.view.index(), data, Reach::Private),
            ),
            BuiltInAnswer::Perhaps(_, zone) if self.is_doubted(Assumption::UnexportedLinks) => {
                open(Gap::Machine(MachineDoubt::UnreadLinks(zone)))
            }
            BuiltInAnswer::Perhaps(data, _) => (
                Said::Records(data),
                Outcome::Answered,
                reach(self.view.index(), data, Reach::Private),
            ),
            BuiltInAnswer::NoData => NO_DATA,
            BuiltInAnswer::NxDomain => NX_DOMAIN,
            BuiltInAnswer::Unlisted => open(Gap::BuiltInUnlisted),
            BuiltInAnswer::Doubt(doubt) => open(Gap::Machine(doubt)),
        };
        self.last(ending, frame.actor, Asked::BuiltIn, Decider::BuiltIn, place, recorder)
    }

    /// What a zone has; why that is not certain where it is not.
    #[inline]
    fn look_up(&self, zone: ZoneId, place: &Place) -> Result<Found, Gap> {
        let index = self.view.index();
        let found = index.look_up(zone, place, self.record_type);
        // What was read is certain; what was not read may be anything.
        let exact = matches!(found, Found::Set(set) | Found::Alias(set, _)
            if Place::Known(index.set(set).owner) == *place);
        match index.extent(zone) {
            _ if found == Found::Unread => return Err(Gap::UnreadSet(zone)),
            Extent::Whole => {}
            _ if exact => {}
            Extent::Partial => return Err(Gap::PartialZone(zone)),
            Extent::Unknown => return Err(Gap::UnreadZone(zone)),
        }
        Ok(found)
    }

    fn zone(
        &mut self,
        frame: &mut Frame,
        place: &Place,
        claim: Claim,
        zone: ZoneId,
        link: u32,
        recorder: &mut impl Recorder,
    ) -> Step {
        let (by, asked, decider) = (frame.actor, Asked::Zone(claim), Decider::Zone(zone));
        let mut found = match self.look_up(zone, place) {
            Ok(found) => found,
            Err(gap) => {
                return self.last(open(gap), by, asked, decider, place, recorder);
            }
        };
        if let Found::NoData { empty_set: true, .. } = found {
            self.assumed.add(Assumption::EmptySet);
        }
        if let Some(registered) = self.view.index().registered(zone, place, found, self.record_type)
        {
            self.assumed.add(Assumption::UnrecordedMachines);
            if self.view.settings().value(Assumption::UnrecordedMachines) != "absent" {
                return self.registered(registered, by, asked, decider, place, recorder);
            }
        }
        if self.record_type == RecordType::Soa
            && matches!(found, Found::NoData { .. })
            && self.is_apex(zone, place)
        {
            // Azure makes it with the zone; inputs may leave it out.
            let gap = Gap::UnreadSoa(zone);
            return self.last(open(gap), by, asked, decider, place, recorder);
        }
        if self.record_type == NS && self.is_apex(zone, place) {
            self.assumed.add(Assumption::ApexNs);
            if self.view.settings().value(Assumption::ApexNs) == "unknown" {
                let gap = Gap::ApexNs(zone);
                return self.last(open(gap), by, asked, decider, place, recorder);
            }
        }
        if let Found::NoData { empty_non_terminal: true, .. } = found {
            self.assumed.add(Assumption::EntAnswer);
            if self.view.settings().value(Assumption::EntAnswer) == "nxdomain" {
                found = Found::NxDomain;
            }
        }
        if !matches!(found, Found::NxDomain | Found::Unread) {
            frame.public_alias = false;
            return self.found(found, by, asked, decider, place, recorder);
        }
        recorder.hop(place, by, asked, Said::NxDomain);
        let may_redirect = REDIRECTED_TYPES.contains(&self.record_type);
        if !may_redirect || !self.redirects(zone, link) {
            return self.end(Outcome::NxDomain, decider, Reach::None);
        }
        frame.redirected = true;
        frame.public_only = self.view.settings().value(Assumption::AfterRedirect) == "public-only";
        self.public(frame, place, true, recorder)
    }

    /// Whether the link of a zone has a name that the zone lacks asked in public DNS.
    fn redirects(&mut self, zone: ZoneId, link: u32) -> bool {
        let (redirects, assumed) = self.view.redirects(zone, link);
        assumed.into_iter().flatten().for_each(|one| self.assumed.add(one));
        redirects
    }

    /// What a zone has by the machines that are registered in it.
    fn registered(
        &mut self,
        registered: RegisteredAnswer<'_>,
        by: Actor,
        asked: Asked,
        decider: Decider,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let is_unknown = self.view.settings().value(Assumption::UnrecordedMachines) == "unknown";
        let ending = match (registered, registered.interface()) {
            (_, Some(interface)) if is_unknown => {
                open(Gap::Machine(MachineDoubt::Unrecorded(interface)))
            }
            (RegisteredAnswer::Doubt(doubt), _) => open(Gap::Machine(doubt)),
            (RegisteredAnswer::Records(data, _), _) => (
                Said::Records(data),
                Outcome::Answered,
                reach(self.view.index(), data, Reach::Private),
            ),
            (RegisteredAnswer::NoData(_), _) => NO_DATA,
            (RegisteredAnswer::NxDomain(_), _) => NX_DOMAIN,
        };
        self.last(ending, by, asked, decider, place, recorder)
    }

    fn is_apex(&self, zone: ZoneId, place: &Place) -> bool {
        *place == Place::Known(self.view.index().estate().zone(zone).apex)
    }

    /// What a zone had, told and turned into a step.
    #[inline]
    fn found(
        &mut self,
        found: Found,
        by: Actor,
        asked: Asked,
        decider: Decider,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let ending = match found {
            Found::Set(set) => {
                let index = self.view.index();
                let reach = reach(index, &index.set(set).data, Reach::Private);
                let ending = (Said::Set(set), Outcome::Answered, reach);
                let step = self.last(ending, by, asked, decider, place, recorder);
                self.answer.set = Some(set);
                return step;
            }
            Found::Alias(set, target) => {
                let target = Place::Known(target);
                recorder.hop(place, by, asked, Said::Alias(target.clone(), Some(set)));
                self.seen.push(place.clone());
                return Step::Alias(target);
            }
            Found::NoData { .. } => NO_DATA,
            Found::NxDomain | Found::Unread => NX_DOMAIN,
        };
        self.last(ending, by, asked, decider, place, recorder)
    }

    /// Asks a modelled DNS server.
    fn server(&mut self, server: u32, name: &Place, recorder: &mut impl Recorder) -> Step {
        self.chain(Actor::Server(server), name, recorder, |walk, frame, place, recorder| {
            walk.server_step(server, frame, place, recorder)
        })
    }

    /// Whether a server can go on at the target of an alias; else it returns the alias alone.
    fn can_follow(&self, server: u32, target: &Place) -> bool {
        let index = self.view.index();
        let facts = &index.estate().servers[server as usize];
        facts.recursion != Some(false)
            || facts.kind == ServerKind::Firewall
            || index.own(server, target.node()).is_some()
    }

    /// What decides at a server about a name for whoever asks it, and is not simulated.
    fn unsimulated(&self, server: u32, place: &Place) -> Option<u32> {
        let index = self.view.index();
        let (estate, names) = (index.estate(), &index.estate().names);
        let facts = &estate.servers[server as usize];
        // A zone for a part of such a domain is nearer.
        let zone = match index.own(server, place.node()) {
            Some(Own::Zone(zone)) => Some(names.depth(estate.zone(zone).apex)),
            _ => None,
        };
        index.unsimulated(server, place.node()).find(|&at| {
            let one = &facts.unsimulated[at as usize];
            let nearer = zone.is_some_and(|zone| zone > names.depth(one.domain));
            let named = match one.names {
                Concerned::All => one.domain == NameId::ROOT || !nearer,
                Concerned::Foreign => zone.is_none(),
                Concerned::Plain => zone.is_none() && is_plain(names, place),
            };
            named && one.concerns_type(self.record_type) && !self.is_exempt(server, one)
        })
    }

    /// Whether whoever asks a server at the moment is surely not concerned by a part of its
    /// configuration.
    fn is_exempt(&self, server: u32, part: &Unsimulated) -> bool {
        let index = self.view.index();
        let estate = index.estate();
        if !part.is_about_clients() {
            return false;
        }
        match self.actors.iter().rev().nth(1) {
            None | Some((Actor::Client, _)) => {
                self.view.vnets().iter().all(|&vnet| index.is_exempt(server, part, vnet))
            }
            Some(&(Actor::Server(by), _)) => {
                let addresses = &estate.servers[by as usize].addresses;
                let covered = |one: &IpAddr| part.except.iter().any(|prefix| prefix.contains(one));
                let same = |vnet| index.sits_in(server, vnet) && index.sits_in(by, vnet);
                !addresses.is_empty() && addresses.iter().all(covered)
                    || part.except_localnets && estate.vnet_ids().any(|(vnet, _)| same(vnet))
            }
            // An outbound endpoint asks from some network.
            Some((Actor::Azure(_), _)) => {
                let mut vnets = estate.vnet_ids().filter(|(_, vnet)| !vnet.site);
                vnets.all(|(vnet, _)| index.is_exempt(server, part, vnet))
            }
        }
    }

    fn server_step(
        &mut self,
        server: u32,
        frame: &mut Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let facts = &index.estate().servers[server as usize];
        if let Some(what) = self.unsimulated(server, place) {
            let gap = Gap::Unsimulated(server, what);
            return self.stop(gap, Decider::Own(server, None), place, recorder);
        }
        if !facts.includes.is_empty() {
            // It may have a longer zone or forwarder for any name.
            let gap = Gap::PartialServer(server);
            return self.stop(gap, Decider::Own(server, None), place, recorder);
        }
        let mut own = index.own(server, place.node());
        let is_special = match own {
            Some(Own::Zone(_)) => true,
            Some(Own::Forwarder(at)) => facts.forwarders[at as usize].domain != NameId::ROOT,
            None => false,
        };
        if is_special && frame.public_alias && !self.applies_to_aliases(server) {
            self.assumed.add(Assumption::ForwardersOnAliases);
            if self.view.settings().value(Assumption::ForwardersOnAliases) == "no" {
                own = index.own(server, NameId::ROOT);
            }
        }
        if facts.refused > 0 && !is_special {
            let gap = Gap::PartialServer(server);
            return self.stop(gap, Decider::Own(server, None), place, recorder);
        }
        match own {
            Some(Own::Zone(zone)) => self.own_zone(server, zone, frame, place, recorder),
            Some(Own::Forwarder(at)) => {
                match self.view.target_of(&facts.forwarders[at as usize].targets) {
                    Some(target) => match self.stub_gap(server, at, target, place) {
                        Some(gap) => self.stop(gap, Decider::Own(server, None), place, recorder),
                        None => self.by_forwarder(server, Some(at), target, place, recorder),
                    },
                    None => {
                        let gap = Gap::NoForwarder(server);
                        self.stop(gap, Decider::Own(server, None), place, recorder)
                    }
                }
            }
            None if facts.kind == ServerKind::Firewall => {
                let azure = SocketAddr::new(AZURE_DNS, PORT);
                self.by_forwarder(server, None, azure, place, recorder)
            }
            None => match facts.recursion {
                Some(true) => self.public(frame, place, false, recorder),
                Some(false) => {
                    recorder.hop(place, frame.actor, Asked::Nobody, Said::Refused);
                    let decider = Decider::Own(server, None);
                    self.end(Outcome::Refused, decider, Reach::None)
                }
                None => {
                    let gap = Gap::ServerRecursion(server);
                    self.stop(gap, Decider::Own(server, None), place, recorder)
                }
            },
        }
    }

    fn own_zone(
        &mut self,
        server: u32,
        zone: ZoneId,
        frame: &mut Frame,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        frame.public_alias = false;
        let (by, asked) = (frame.actor, Asked::Own(zone));
        let decider = Decider::Own(server, Some(zone));
        let found = match self.look_up(zone, place) {
            Ok(Found::NoData { .. }) if self.is_bare_domain(server, zone, place) => {
                Ok(Found::NxDomain)
            }
            // Every zone has one.
            Ok(Found::NoData { .. })
                if self.record_type == RecordType::Soa && self.is_apex(zone, place) =>
            {
                Err(Gap::UnreadSoa(zone))
            }
            Ok(Found::NoData { .. }) if self.record_type == NS && self.is_apex(zone, place) => {
                Err(Gap::ApexNs(zone))
            }
            found => found,
        };
        match found {
            Ok(found) => self.found(found, by, asked, decider, place, recorder),
            Err(gap) => self.last(open(gap), by, asked, decider, place, recorder),
        }
    }

    /// Whether a name is a domain of dnsmasq without any record: it has no zones with an SOA, and
    /// says of such a domain itself, too, that it does not exist ("address", dnsmasq(8), read
    /// 2026-11).
    fn is_bare_domain(&self, server: u32, zone: ZoneId, place: &Place) -> bool {
        let estate = self.view.index().estate();
        estate.servers[server as usize].product == Some(Product::Dnsmasq)
            && estate.zone(zone).record_sets.is_empty()
            && self.is_apex(zone, place)
    }

    fn by_forwarder(
        &mut self,
        server: u32,
        forwarder: Option<u32>,
        target: SocketAddr,
        place: &Place,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let estate = index.estate();
        let asker = estate.servers[server as usize].vnet;
        let party = index.party_at(asker, target);
        let said = Said::Forwarded(target, party);
        recorder.hop(place, Actor::Server(server), Asked::Forwarder(forwarder), said);
        let home = match asker {
            Some(vnet) if estate.vnet(vnet).site => {
                Home::Nowhere(Gap::AzureUnreachable(Some(server)))
            }
            Some(vnet) => Home::Vnet(vnet),
            None => Home::Nowhere(Gap::ServerPlace(server)),
        };
        let through = forwarder.map(|forwarder| Through { server, forwarder });
        self.passed.extend(through);
        let step =
            self.ask(target, party, home, Decider::Server(Some(target.ip())), place, recorder);
        self.passed.truncate(self.passed.len() - usize::from(through.is_some()));
        step
    }

    fn public(
        &mut self,
        frame: &mut Frame,
        place: &Place,
        redirected: bool,
        recorder: &mut impl Recorder,
    ) -> Step {
        let index = self.view.index();
        let by = frame.actor;
        frame.public_alias = true;
        let asked = |basis: Option<Basis>| match redirected {
            true => Asked::Redirected(basis),
            false => Asked::Public(basis),
        };
        let decider = |basis: Basis| Decider::Public(Some(basis));
        let (ending, basis) = match index.public(place, self.record_type) {
            PublicAnswer::Records(data, basis) => {
                let reach = reach(self.view.index(), data, Reach::Public);
                ((Said::Records(data), Outcome::Answered, reach), basis)
            }
            PublicAnswer::Alias { target, basis, evidence } => {
                if let Basis::Catalogue(chain) = basis {
                    self.assumed.join(rests_on(chain));
                }
                if let Some(Evidence::Inferred(_)) = evidence {
                    self.assumed.add(Assumption::InferredEndpoint);
                    match self.view.settings().value(Assumption::InferredEndpoint) {
                        "unknown" => {
                            let gap = Gap::EndpointUnknown;
                            recorder.hop(place, by, asked(Some(basis)), Said::Unknown(gap));
                            return self.unknown(gap, decider(basis));
                        }
                        "absent" => {
                            recorder.hop(place, by, asked(Some(basis)), Said::Endpoint);
                            let outcome = Outcome::Public;
                            return self.end(outcome, decider(basis), Reach::Public);
                        }
                        _ => {}
                    }
                }
                return self.public_alias(by, place, target, basis, asked(Some(basis)), recorder);
            }
            PublicAnswer::Either { target, basis } => {
                return self.either(frame, place, target, basis, asked(Some(basis)), recorder);
            }
            PublicAnswer::Endpoint(basis) => {
                // Only addresses are known to be there.
                if !matches!(self.record_type, RecordType::A | RecordType::Aaaa) {
                    (open(Gap::PublicUnrecorded), basis)
                } else {
                    (PUBLIC_END, basis)
                }
            }
            PublicAnswer::NoData(basis) => (NO_DATA, basis),
            PublicAnswer::NxDomain(basis) => (NX_DOMAIN, basis),
            PublicAnswer::ServFail(basis) => (open(Gap::PublicFailure), basis),
            PublicAnswer::WithEndpoint { target, basis } => {
                let asked = asked(Some(basis));
                return self.with_endpoint(by, place, target, basis, asked, recorder);
            }
            PublicAnswer::WithoutEndpoint(basis) => {
                return self.unused(by, place, basis, asked(Some(basis)), recorder);
            }
            PublicAnswer::Unrecorded => {
                let gap = Gap::PublicUnrecorded;
                recorder.hop(place, by, asked(None), Said::Unknown(gap));
                return self.unknown(gap, Decider::Public(None));
            }
        };
        self.last(ending, by, asked(Some(basis)), decider(basis), place, recorder)
    }

    fn public_alias(
        &mut self,
        by: Actor,
        place: &Place,
        target: Place,
        basis: Basis,
        asked: Asked,
        recorder: &mut impl Recorder,
    ) -> Step {
        recorder.hop(place, by, asked, Said::Alias(target.clone(), None));
        self.seen.push(place.clone());
        if self.record_type == RecordType::Cname {
            return self.end(Outcome::Answered, Decider::Public(Some(basis)), Reach::Public);
        }
        Step::Alias(target)
    }

    /// The resource may or may not have an endpoint: only where both lead to the
    /// same public end does that not matter.
    fn either(
        &mut self,
        frame: &Frame,
        place: &Place,
        target: Place,
        basis: Basis,
        asked: Asked,
        recorder: &mut impl Recorder,
    ) -> Step {
        let (by, decider) = (frame.actor, Decider::Public(Some(basis)));
        let setting = self.view.settings().value(Assumption::UnlistedEndpoint);
        if setting != "unknown" {
            self.assumed.add(Assumption::UnlistedEndpoint);
        }
        if setting == "present" {
            return self.public_alias(by, place, target, basis, asked, recorder);
        }
        let address = matches!(self.record_type, RecordType::A | RecordType::Aaaa);
        if !address || (setting == "unknown" && self.matters(frame, target)) {
            return self.last(open(Gap::EndpointUnknown), by, asked, decider, place, recorder);
        }
        self.last(PUBLIC_END, by, asked, decider, place, recorder)
    }

    /// A name below a `privatelink` label: public DNS has it while the resource has an
    /// endpoint, and nothing tells whether it has.
    fn with_endpoint(
        &mut self,
        by: Actor,
        place: &Place,
        target: Option<Place>,
        basis: Basis,
        asked: Asked,
        recorder: &mut impl Recorder,
    ) -> Step {
        let decider = Decider::Public(Some(basis));
        let setting = self.view.settings().value(Assumption::UnlistedEndpoint);
        if setting != "unknown" {
            self.assumed.add(Assumption::UnlistedEndpoint);
        }
        let address = matches!(self.record_type, RecordType::A | RecordType::Aaaa);
        match (setting, target) {
            ("present", Some(target)) => {
                self.public_alias(by, place, target, basis, asked, recorder)
            }
            ("present", None) if address => {
                self.last(PUBLIC_END, by, asked, decider, place, recorder)
            }
            ("absent", _) => self.unused(by, place, basis, asked, recorder),
            _ => self.last(open(Gap::EndpointUnknown), by, asked, decider, place, recorder),
        }
    }

    /// The same of a resource without an endpoint.
    fn unused(
        &mut self,
        by: Actor,
        place: &Place,
        basis: Basis,
        asked: Asked,
        recorder: &mut impl Recorder,
    ) -> Step {
        let decider = Decider::Public(Some(basis));
        self.assumed.add(Assumption::UnusedAlias);
        if self.view.settings().value(Assumption::UnusedAlias) == "unknown" {
            let gap = Gap::PublicUnrecorded;
            return self.last(open(gap), by, asked, decider, place, recorder);
        }
        self.last(NX_DOMAIN, by, asked, decider, place, recorder)
    }

    /// Whether anybody but public DNS has a name of the chain that starts at `alias`.
    fn matters(&self, frame: &Frame, alias: Place) -> bool {
        let index = self.view.index();
        let mut place = alias;
        for _ in 0..ALIAS_LIMIT {
            let node = place.node();
            let held = match frame.actor {
                Actor::Azure(_) if frame.public_only => false,
                Actor::Azure(other) => {
                    let dns = self.view.azure(other);
                    dns.claim(index, node).is_some() || dns.rule(index, node).is_some()
                }
                Actor::Server(server) => index.own(server, node).is_some(),
                Actor::Client => false,
            };
            if held || self.holds_otherwise(node) {
                return true;
            }
            match index.public(&place, self.record_type) {
                PublicAnswer::Alias { target, .. }
                | PublicAnswer::Either { target, .. }
                | PublicAnswer::WithEndpoint { target: Some(target), .. } => place = target,
                PublicAnswer::Endpoint(_) | PublicAnswer::WithEndpoint { target: None, .. } => {
                    return false;
                }
                // Recorded data, or nothing known: not the plain public end.
                _ => return true,
            }
        }
        true
    }
}

/// Where records lead: addresses by what they are, other data by who has it.
fn reach(index: &Index, data: &RecordData, source: Reach) -> Reach {
    let public = |public: bool| if public { Reach::Public } else { Reach::Private };
    match data {
        RecordData::A(addresses) => {
            let spaces = &index.estate().vnets;
            public(!addresses.iter().all(|&address| {
                is_private_v4(address)
                    || spaces.iter().any(|vnet| {
                        vnet.space.iter().any(|space| space.contains(&IpAddr::V4(address)))
                    })
            }))
        }
        RecordData::Aaaa(addresses) => {
            public(!addresses.iter().all(|&address| is_private_v6(address)))
        }
        _ => source,
    }
}

/// What the aliases of a chain are assumed by.
fn rests_on(chain: &Chain) -> Assumed {
    let mut assumed = Assumed::default();
    if chain.certainty == Certainty::Inferred && chain.id.starts_with("batch-") {
        assumed.add(match chain.id.starts_with("batch-node") {
            true => Assumption::NodeManagementChain,
            false => Assumption::SovereignBatch,
        });
    }
    assumed
}
