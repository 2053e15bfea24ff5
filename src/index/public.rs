//! What public DNS says, as far as the estate and the catalogue tell.
//!
//! Recorded answers win over the catalogue. The catalogue's chains hold for a
//! resource that has an approved private endpoint; which ones have is taken from
//! the inventory, or else inferred from records in private zones, and said so.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;

use smallvec::SmallVec;

use super::reach::Aliases;
use super::{Index, Place};
use crate::estate::{
    ConnectionState, Estate, Note, NoteKind, Origin, PublicData, PublicFact, RecordSet, Resource,
    VnetId, differing_owners,
};
use crate::name::{Name, NameId, Names};
use crate::public::{AliasCondition, Catalogue, Chain, Next};
use crate::record::{RecordData, RecordType, Ttl};

/// What a public answer rests on.
#[derive(Clone, Copy, Debug)]
pub enum Basis {
    /// A recorded answer, by its place in the estate's public facts.
    Recorded(u32),
    /// A chain of the catalogue.
    Catalogue(&'static Chain),
}

/// Why a resource is taken to have a private endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A `public` line, the resource or a private endpoint says so, here.
    Stated(Origin),
    /// A record in a private zone suggests it, here.
    Inferred(Origin),
    /// The service has the alias for everybody.
    Always,
}

/// A resource behind a Private Link name, with an approved endpoint as far as known.
#[derive(Clone, Debug)]
pub struct Service {
    /// The public name.
    pub name: NameId,
    /// The chain of its service.
    pub chain: &'static Chain,
    /// The aliases after the public name, in order.
    pub aliases: Box<[NameId]>,
    /// How the endpoint is known.
    pub evidence: Evidence,
    /// The addresses of its private endpoints, where an input states them.
    pub addresses: Box<[IpAddr]>,
    /// The networks that its private endpoints are in, where an input states them.
    pub vnets: Box<[VnetId]>,
    /// The resource's place in the estate, where it was exported.
    pub resource: Option<u32>,
}

/// The TTL of records that an endpoint's zone group makes, in seconds.
///
/// Seen in exports of record sets whose `metadata.creator` is a private endpoint, read 2026-11.
const ENDPOINT_TTL: u32 = 10;

impl Service {
    /// The record set that leads to its endpoints, where their addresses are known.
    pub fn addresses_as_records(&self) -> Option<(RecordData, Option<Ttl>)> {
        let mut addresses: SmallVec<[Ipv4Addr; 4]> = self
            .addresses
            .iter()
            .filter_map(|address| match address {
                IpAddr::V4(address) => Some(*address),
                IpAddr::V6(_) => None,
            })
            .collect();
        addresses.sort_unstable();
        (!addresses.is_empty()).then(|| (RecordData::A(addresses), Ttl::new(ENDPOINT_TTL)))
    }
}

/// What public DNS says of one name and type: one hop.
#[derive(Clone, Debug)]
pub enum PublicAnswer<'i> {
    /// Records of the type asked for.
    Records(&'i RecordData, Basis),
    /// An alias.
    Alias {
        /// Where it leads.
        target: Place,
        /// What it rests on.
        basis: Basis,
        /// How the endpoint is known that makes the alias; `None` for a recorded one.
        evidence: Option<Evidence>,
    },
    /// An alias if the resource has an approved endpoint, else a public endpoint;
    /// nothing tells which.
    Either {
        /// Where the alias would lead.
        target: Place,
        /// What it rests on.
        basis: Basis,
    },
    /// The name is one into which the public name of a resource is an alias while it has an
    /// approved endpoint; nothing tells whether it has.
    WithEndpoint {
        /// Where the next alias leads; `None` where this is the last name.
        target: Option<Place>,
        /// What it rests on.
        basis: Basis,
    },
    /// The same of a resource that is known to have no approved endpoint.
    WithoutEndpoint(Basis),
    /// The name leads to a public endpoint whose address nobody recorded.
    Endpoint(Basis),
    /// The name exists without the type.
    NoData(Basis),
    /// The name does not exist.
    NxDomain(Basis),
    /// Looking it up fails.
    ServFail(Basis),
    /// Nothing is known.
    Unrecorded,
}

/// What is known of one public name.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// An alias that this service has because of its endpoint.
    Alias { target: NameId, service: u32 },
    /// The end of a service's chain.
    End(&'static Chain),
    /// What would be an alias of a resource that has no endpoint.
    Unused(&'static Chain),
}

pub(super) struct PublicDns {
    recorded: HashMap<NameId, Vec<u32>>,
    known: HashMap<NameId, Known>,
    services: Vec<Service>,
    /// By public name: the service.
    by_name: HashMap<NameId, u32>,
    /// The public names that stated resources have, too, as a record tells.
    by_record: HashSet<NameId>,
    leading: OnceLock<Aliases>,
}

/// What the inputs say of a public name before chains are laid out.
struct State {
    present: bool,
    evidence: Evidence,
    addresses: Vec<IpAddr>,
    vnets: Vec<VnetId>,
    resource: Option<u32>,
    /// A record tells that the resource has this name, too.
    by_record: bool,
}

impl PublicDns {
    pub fn new(estate: &mut Estate) -> PublicDns {
        let mut recorded: HashMap<NameId, Vec<u32>> = HashMap::new();
        for (at, fact) in estate.public.iter().enumerate() {
            if let PublicFact::Recorded { name, .. } = fact {
                recorded.entry(*name).or_default().push(at as u32);
            }
        }
        let states = states(estate);
        let mut dns = PublicDns {
            recorded,
            known: HashMap::new(),
            services: Vec::new(),
            by_name: HashMap::new(),
            by_record: HashSet::new(),
            leading: OnceLock::new(),
        };
        for (name, state) in states {
            dns.lay_out(estate, name, state);
        }
        let names = &estate.names;
        // By name, so that the order of inputs has no say.
        let mut order: Vec<u32> = (0..dns.services.len() as u32).collect();
        order.sort_by_cached_key(|&at| names.name(dns.services[at as usize].name));
        let mut place = vec![0u32; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old as usize] = new as u32;
        }
        let mut services: Vec<Option<Service>> = dns.services.into_iter().map(Some).collect();
        dns.services = order.iter().filter_map(|&old| services[old as usize].take()).collect();
        let by_name = dns.services.iter().enumerate();
        dns.by_name = by_name.map(|(at, service)| (service.name, at as u32)).collect();
        for known in dns.known.values_mut() {
            if let Known::Alias { service, .. } = known {
                *service = place[*service as usize];
            }
        }
        dns
    }

    /// Enters the chain of one resource.
    fn lay_out(&mut self, estate: &mut Estate, name: NameId, state: State) {
        let catalogue = Catalogue::get();
        let public_name = estate.names.name(name);
        let Some(found) = catalogue.find(&public_name) else { return };
        let chain = found.chain;
        if !state.present {
            self.known.entry(name).or_insert(Known::End(chain));
            if is_conditional(chain) {
                for alias in found.chain_names() {
                    let alias = estate.names.intern(&alias);
                    self.known.entry(alias).or_insert(Known::Unused(chain));
                }
            }
            return;
        }
        let aliases: Box<[NameId]> =
            found.chain_names().iter().map(|alias| estate.names.intern(alias)).collect();
        if aliases.is_empty() {
            return;
        }
        let service = self.services.len() as u32;
        let mut at = name;
        for &target in &aliases {
            self.known.insert(at, Known::Alias { target, service });
            at = target;
        }
        self.known.insert(at, Known::End(chain));
        if state.by_record {
            self.by_record.insert(name);
        }
        self.services.push(Service {
            name,
            chain,
            aliases,
            evidence: state.evidence,
            addresses: state.addresses.into(),
            vnets: state.vnets.into(),
            resource: state.resource,
        });
    }

    pub fn services(&self) -> &[Service] {
        &self.services
    }

    pub fn service_of(&self, name: NameId) -> Option<&Service> {
        self.by_name.get(&name).map(|&at| &self.services[at as usize])
    }

    /// The names of which something is known: of resources, their aliases, what is recorded.
    pub fn names(&self) -> impl Iterator<Item = NameId> {
        self.known.keys().chain(self.recorded.keys()).copied()
    }

    /// By the target of an alias: the names that have it.
    pub fn leading(&self, estate: &Estate) -> &Aliases {
        self.leading.get_or_init(|| {
            let mut leading = Aliases::new();
            for (&name, known) in &self.known {
                if let Known::Alias { target, .. } = known {
                    leading.entry(*target).or_default().push(name);
                }
            }
            for fact in &estate.public {
                if let PublicFact::Recorded { name, data: PublicData::Records(data, _), .. } = fact
                    && let RecordData::Cname(target) = data
                {
                    leading.entry(*target).or_default().push(*name);
                }
            }
            leading
        })
    }

    /// The names of which this says something else than `other`, whose names are the same;
    /// what is recorded is the same, too.
    pub fn differences(&self, other: &PublicDns) -> Vec<NameId> {
        let said = |known: Option<&Known>| match known {
            None => None,
            Some(Known::Alias { target, .. }) => Some((Some(*target), true)),
            Some(Known::End(_)) => Some((None, true)),
            Some(Known::Unused(_)) => Some((None, false)),
        };
        let names: HashSet<NameId> = self.known.keys().chain(other.known.keys()).copied().collect();
        let differs = |name: &NameId| said(self.known.get(name)) != said(other.known.get(name));
        names.into_iter().filter(differs).collect()
    }

    /// Whether the records of a zone suggest other endpoints than before, so that some of this
    /// does not hold any more.
    ///
    /// They do not where the resource is known by more than them, or where another record, of
    /// which the evidence is, suggests it all the same.
    pub fn suggested_otherwise(&self, names: &Names, old: &[RecordSet], new: &[RecordSet]) -> bool {
        let suggests = |sets: &[RecordSet], owner: NameId| {
            let from = sets.partition_point(|set| set.owner < owner);
            let mut own = sets[from..].iter().take_while(|set| set.owner == owner);
            own.find(|set| is_suggestive(names, set)).map(|set| set.origin)
        };
        differing_owners(old, new).into_iter().any(|owner| {
            let [old, new] = [old, new].map(|sets| suggests(sets, owner));
            if old == new {
                return false;
            }
            let Some(public_name) = suggested(&names.name(owner)) else { return false };
            let service = names.get(&public_name).and_then(|name| self.service_of(name));
            match service.map(|service| service.evidence) {
                Some(Evidence::Stated(_)) => {
                    service.is_some_and(|service| self.by_record.contains(&service.name))
                }
                Some(Evidence::Inferred(first)) => {
                    [old, new].into_iter().flatten().any(|origin| origin <= first)
                }
                Some(Evidence::Always) | None => true,
            }
        })
    }

    pub fn answer<'i>(
        &'i self,
        index: &'i Index,
        place: &Place,
        record_type: RecordType,
    ) -> PublicAnswer<'i> {
        if let Place::Known(node) = place {
            if let Some(facts) = self.recorded.get(node) {
                return recorded(index.estate(), facts, record_type);
            }
            match self.known.get(node) {
                Some(Known::Alias { target, service }) => {
                    let service = &self.services[*service as usize];
                    return PublicAnswer::Alias {
                        target: Place::Known(*target),
                        basis: Basis::Catalogue(service.chain),
                        evidence: Some(service.evidence),
                    };
                }
                Some(Known::End(chain)) => return PublicAnswer::Endpoint(Basis::Catalogue(chain)),
                Some(Known::Unused(chain)) => {
                    return PublicAnswer::WithoutEndpoint(Basis::Catalogue(chain));
                }
                None => {}
            }
        }
        self.by_catalogue(index, &index.name(place))
    }

    /// A name that no input mentions, or of whose resource nothing is known.
    fn by_catalogue<'i>(&'i self, index: &'i Index, name: &Name) -> PublicAnswer<'i> {
        let Some(found) = Catalogue::get().find(name) else { return PublicAnswer::Unrecorded };
        let basis = Basis::Catalogue(found.chain);
        let target = match found.next() {
            Next::Alias(target) => Some(index.locate(&target)),
            Next::PublicEndpoint => None,
            Next::Nothing | Next::NotBound => return PublicAnswer::Unrecorded,
        };
        if found.step > 0 && is_conditional(found.chain) {
            return PublicAnswer::WithEndpoint { target, basis };
        }
        let Some(target) = target else { return PublicAnswer::Endpoint(basis) };
        match found.chain.condition {
            AliasCondition::Always => {
                PublicAnswer::Alias { target, basis, evidence: Some(Evidence::Always) }
            }
            AliasCondition::None => PublicAnswer::Unrecorded,
            AliasCondition::ApprovedEndpoint | AliasCondition::Unknown => {
                PublicAnswer::Either { target, basis }
            }
        }
    }
}

/// Whether the aliases of a chain are there only while a resource has an approved endpoint.
fn is_conditional(chain: &Chain) -> bool {
    matches!(chain.condition, AliasCondition::ApprovedEndpoint | AliasCondition::Unknown)
}

fn recorded<'i>(estate: &'i Estate, facts: &[u32], record_type: RecordType) -> PublicAnswer<'i> {
    let mut answer = PublicAnswer::Unrecorded;
    for &at in facts {
        let PublicFact::Recorded { data, .. } = &estate.public[at as usize] else { continue };
        let basis = Basis::Recorded(at);
        match data {
            PublicData::NxDomain => return PublicAnswer::NxDomain(basis),
            PublicData::ServFail => return PublicAnswer::ServFail(basis),
            PublicData::NoData => answer = PublicAnswer::NoData(basis),
            PublicData::Records(data, _) if data.record_type() == record_type => {
                return PublicAnswer::Records(data, basis);
            }
            PublicData::Records(RecordData::Cname(target), _) => {
                let target = Place::Known(*target);
                return PublicAnswer::Alias { target, basis, evidence: None };
            }
            // Data of another type tells that the name exists, not what else it has.
            PublicData::Records(..) => {}
        }
    }
    answer
}

/// Which public names have an endpoint, by everything the inputs say.
///
/// A `public` line wins over the inventory, the inventory over private
/// endpoints, and those over what records suggest.
fn states(estate: &mut Estate) -> Vec<(NameId, State)> {
    let catalogue = Catalogue::get();
    let mut states: HashMap<NameId, State> = HashMap::new();
    let mut notes = Vec::new();
    let stated = |origin| State {
        present: true,
        evidence: Evidence::Stated(origin),
        addresses: Vec::new(),
        vnets: Vec::new(),
        resource: None,
        by_record: false,
    };
    for at in 0..estate.public.len() {
        let PublicFact::Endpoint { name, service, present, origin } = &estate.public[at] else {
            continue;
        };
        let refuse = |message: String| Note {
            kind: NoteKind::Refused,
            message,
            origin: *origin,
            other: None,
        };
        let text = match service {
            None => name.clone(),
            Some(key) => match catalogue.service(key) {
                Some(chain) => format!("{name}.{}", chain.public_suffix()),
                None => {
                    notes.push(refuse(format!("`{key}` is no service of the catalogue")));
                    continue;
                }
            },
        };
        let Ok(public_name) = text.parse::<Name>() else { continue };
        if catalogue.find(&public_name).is_none_or(|found| found.step != 0) {
            notes.push(refuse(format!("`{text}` fits no public name of the catalogue")));
            continue;
        }
        let (present, origin) = (*present, *origin);
        let name = estate.names.intern(&public_name);
        states.insert(name, State { present, ..stated(origin) });
    }
    estate.notes.extend(notes);
    for (at, resource) in estate.resources.iter().enumerate() {
        for name in &resource.names {
            let Some(present) = name.endpoint else { continue };
            let state = states
                .entry(name.name)
                .or_insert_with(|| State { present, ..stated(resource.origin) });
            state.resource = Some(at as u32);
        }
    }
    for at in 0..estate.endpoints.len() {
        let endpoint = &estate.endpoints[at];
        if endpoint.state != ConnectionState::Approved {
            continue;
        }
        let (origin, vnet) = (endpoint.origin, endpoint.vnet);
        let names = endpoint.names.iter().filter_map(|(name, addresses)| {
            let found = catalogue.find(&estate.names.name(*name))?;
            Some((found.public_name()?, addresses.clone()))
        });
        let mut names: Vec<(Name, Vec<IpAddr>)> = names.collect();
        if names.is_empty() {
            // What `az` shows of an endpoint whose records a zone group keeps.
            names.extend(names_of_target(estate, at).into_iter().map(|name| (name, Vec::new())));
        }
        for (public_name, addresses) in names {
            let name = estate.names.intern(&public_name);
            let state = states.entry(name).or_insert_with(|| stated(origin));
            state.vnets.extend(vnet.filter(|vnet| !state.vnets.contains(vnet)));
            for address in addresses {
                if !state.addresses.contains(&address) {
                    state.addresses.push(address);
                }
            }
        }
    }
    infer(estate, &mut states);
    for (at, resource) in estate.resources.iter().enumerate() {
        for name in &resource.names {
            if let Some(state) = states.get_mut(&name.name) {
                state.resource = Some(at as u32);
            }
        }
    }
    let mut states: Vec<(NameId, State)> = states.into_iter().collect();
    states.sort_by_key(|entry| entry.0);
    states
}

/// The public names that an endpoint serves, by the resource it leads to.
///
/// A resource that was exported has them; else they follow from its name, where
/// the catalogue has nothing in them but that.
fn names_of_target(estate: &Estate, endpoint: usize) -> Vec<Name> {
    let endpoint = &estate.endpoints[endpoint];
    let Some(target) = &endpoint.target else { return Vec::new() };
    let in_group =
        |group: &str| endpoint.groups.iter().any(|wanted| wanted.eq_ignore_ascii_case(group));
    let named =
        |resource: &&Resource| resource.id.as_ref() == Some(target) && !resource.names.is_empty();
    if let Some(resource) = estate.resources.iter().find(named) {
        let names = resource.names.iter().filter(|name| in_group(&name.group));
        return names.map(|name| estate.names.name(name.name)).collect();
    }
    let Some(kind) = target.resource_type() else { return Vec::new() };
    let apexes: HashSet<Name> =
        estate.zones.iter().map(|zone| estate.names.name(zone.apex)).collect();
    let named = |chain: &'static Chain| -> Option<(Name, bool)> {
        let fits = chain.resource_types.iter().any(|known| known.eq_ignore_ascii_case(&kind))
            && chain.subresources.iter().any(|known| in_group(known));
        let text = chain.names[0].text().replace("{name}", target.name());
        let name: Name = text.parse().ok().filter(|_| fits && !text.contains('{'))?;
        let zone_is_here = chain
            .expected_records
            .iter()
            .any(|(zone, _)| zone.parse().is_ok_and(|zone: Name| apexes.contains(&zone)));
        Some((name, zone_is_here))
    };
    let chains = Catalogue::get().chains().iter();
    let found: Vec<(&Chain, (Name, bool))> =
        chains.filter_map(|chain| Some((chain, named(chain)?))).collect();
    // An id does not tell the cloud; the zones do, or else it is the commercial one.
    let here = found.iter().any(|(_, (_, here))| *here);
    found
        .into_iter()
        .filter(|(chain, (_, zone_is_here))| match here {
            true => *zone_is_here,
            false => chain.cloud == "AzureCloud",
        })
        .map(|(_, (name, _))| name)
        .collect()
}

/// Whether a record may suggest an endpoint, by its type and as it is no wildcard.
fn is_suggestive(names: &Names, set: &RecordSet) -> bool {
    let types = [RecordType::A, RecordType::Aaaa, RecordType::Cname];
    types.contains(&set.data.record_type()) && names.label(set.owner) != b"*"
}

/// The public name of the resource of which such a record suggests an endpoint.
fn suggested(owner: &Name) -> Option<Name> {
    let found = Catalogue::get().find(owner)?;
    // A record under the public name itself says nothing of an endpoint.
    let tells = found.step > 0 && found.chain.condition != AliasCondition::Always;
    found.public_name().filter(|_| tells)
}

/// The label of a public name that is the resource's own.
fn first_label(name: &Name) -> Box<[u8]> {
    name.labels().next().unwrap_or_default().into()
}

/// A record under a name that a chain passes through suggests an endpoint; where one of the
/// same resource is stated by another of its public names, that states it for all.
fn infer(estate: &mut Estate, states: &mut HashMap<NameId, State>) {
    let catalogue = Catalogue::get();
    let Estate { names, zones, .. } = estate;
    let mut stated: HashMap<(Name, Box<[u8]>), Origin> = HashMap::new();
    for (&name, state) in states.iter() {
        let Evidence::Stated(origin) = state.evidence else { continue };
        let name = names.name(name);
        let aliases = catalogue.find(&name).filter(|_| state.present);
        for alias in aliases.into_iter().flat_map(|found| found.chain_names()) {
            let first = stated.entry((alias, first_label(&name))).or_insert(origin);
            *first = (*first).min(origin);
        }
    }
    for zone in zones.iter() {
        if !catalogue.may_match_below(&names.name(zone.apex)) {
            continue;
        }
        let mut last = None;
        for set in &zone.record_sets {
            if last == Some(set.owner) || !is_suggestive(names, set) {
                continue;
            }
            last = Some(set.owner);
            let owner = names.name(set.owner);
            let Some(public_name) = suggested(&owner) else { continue };
            let name = names.intern(&public_name);
            let origin = set.origin;
            let evidence = match stated.get(&(owner, first_label(&public_name))) {
                Some(&origin) => Evidence::Stated(origin),
                None => Evidence::Inferred(origin),
            };
            let state = states.entry(name).or_insert_with(|| State {
                present: true,
                evidence,
                addresses: Vec::new(),
                vnets: Vec::new(),
                resource: None,
                by_record: true,
            });
            // Of several records the first in place order, whatever the order of reading.
            if let Evidence::Inferred(first) = &mut state.evidence {
                *first = (*first).min(origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use crate::estate::{Assembly, Change, Shared, ZoneId};
    use crate::index::Index;
    use crate::name::{Name, Names};
    use crate::record::{RecordData, RecordType};
    use crate::source::{self, Role};

    const ESTATE: &str = "\
vnet hub
zone privatelink.vaultcore.azure.net group one link hub
  stated A 10.0.0.4
  twice A 10.0.0.5
  once A 10.0.0.6
  once TXT x
zone privatelink.vaultcore.azure.net group two
  twice A 10.0.0.5
public vault stated
";

    fn index() -> Index {
        let mut assembly = Assembly::default();
        source::read("e", ESTATE.as_bytes(), None, Role::Estate, &mut assembly);
        Index::new(assembly.finish())
    }

    /// Whether a change has public DNS worked out again; it is right then in any case.
    fn is_new(index: &Index, names: &Shared<Names>, change: Change) -> bool {
        let after = index.after_with(names, &[change]).unwrap();
        let whole = Index::new(after.estate().clone());
        assert_eq!(format!("{:?}", after.services()), format!("{:?}", whole.services()));
        !Arc::ptr_eq(&index.public, &after.public)
    }

    fn owner(label: &str) -> Name {
        format!("{label}.privatelink.vaultcore.azure.net").parse().unwrap()
    }

    #[test]
    fn only_what_records_suggest_is_worked_out_again() {
        let index = index();
        let names = &index.estate().names;
        let removed = |zone: u32, label: &str, record_type| {
            let (zone, owner) = (ZoneId(zone), names.get(&owner(label)).unwrap());
            is_new(&index, names, Change::Remove { zone, owner, record_type })
        };
        assert!(!removed(0, "stated", RecordType::A));
        assert!(removed(0, "once", RecordType::A));
        assert!(!removed(0, "once", RecordType::Txt));
        // The first of two is the evidence.
        assert!(removed(0, "twice", RecordType::A) && !removed(1, "twice", RecordType::A));
    }

    /// A record that is put where the resource is known already changes nothing of it.
    #[test]
    fn a_record_of_a_known_resource_suggests_nothing_new() {
        let index = index();
        let mut names = index.estate().names.clone();
        let mut put = |label: &str| {
            let data = RecordData::A([Ipv4Addr::new(10, 0, 0, 9)].into_iter().collect());
            let owner = names.intern(&owner(label));
            is_new(&index, &names, Change::Put { zone: ZoneId(1), owner, data, ttl: None })
        };
        assert!(!put("stated") && !put("twice") && put("new"));
    }
}
