//! What differs between the record sets of a zone and those of the zone after a change.

use super::RecordSet;
use crate::name::NameId;

/// The owners whose sets are not the same in both lists, which stand by owner and type, in order.
pub fn differing_owners(old: &[RecordSet], new: &[RecordSet]) -> Vec<NameId> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut owners = Vec::new();
    let key = |set: &RecordSet| (set.owner, set.data.record_type());
    loop {
        let owner = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(one), Some(other)) if key(one) == key(other) => {
                let facts = |set: &RecordSet| (set.ttl, set.origin);
                let differs = one.data != other.data || facts(one) != facts(other);
                let owner = one.owner;
                old.next();
                new.next();
                differs.then_some(owner)
            }
            (Some(one), Some(other)) if key(one) > key(other) => new.next().map(|set| set.owner),
            (Some(_), _) => old.next().map(|set| set.owner),
            (None, Some(_)) => new.next().map(|set| set.owner),
        };
        if let Some(owner) = owner.filter(|owner| owners.last() != Some(owner)) {
            owners.push(owner);
        }
    }
    owners
}
