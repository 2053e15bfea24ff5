//! Named assumptions: what Azure does not document, and what an export cannot
//! say, each with a default, a switch, and the answers that depend on it.

use std::fmt;

/// One thing that is assumed rather than known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Assumption {
    /// How a private zone answers for an empty non-terminal.
    EntAnswer,
    /// Whether private zones are consulted again after a redirect to public DNS.
    AfterRedirect,
    /// Whether a resource that no input lists has a private endpoint.
    UnlistedEndpoint,
    /// That a record in a private zone means that its resource has an endpoint.
    InferredEndpoint,
    /// Which DNS servers a network uses that was not exported.
    UnexportedDns,
    /// What a link does whose export cannot show its resolution policy.
    UnstatedPolicy,
    /// Which RCODE a loop of aliases gives.
    LoopRcode,
    /// How many aliases Azure DNS follows.
    AliasLimit,
    /// Whether a zone whose links were not exported is linked.
    UnexportedLinks,
    /// How a record set without records is answered.
    EmptySet,
    /// Whether a zone is added to a zone group without a gap.
    GroupEdit,
    /// Whether the public alias outlives the private endpoint that it was made for.
    AliasAfterEndpoint,
}

/// What is known of an assumption.
pub struct AssumptionDoc {
    /// Which.
    pub assumption: Assumption,
    /// The name on the command line and in reports.
    pub name: &'static str,
    /// The values; the first is the default.
    pub values: &'static [&'static str],
    /// What is not known.
    pub question: &'static str,
    /// The one live test that settles it.
    pub settled_by: &'static str,
}

/// All assumptions, in the order of [`Assumption`].
pub const ASSUMPTIONS: [AssumptionDoc; 12] = [
    AssumptionDoc {
        assumption: Assumption::EntAnswer,
        name: "ent-answer",
        values: &["nodata", "nxdomain"],
        question: "how a private zone answers for a name that only has names below it",
        settled_by: "put `x.y A` into a private zone and ask for `y`",
    },
    AssumptionDoc {
        assumption: Assumption::AfterRedirect,
        name: "after-redirect",
        values: &["consult-private", "public-only"],
        question: "whether private zones are consulted again for aliases met after NxDomainRedirect",
        settled_by: "link an empty old Batch zone with NxDomainRedirect and a new one with the \
                     record, and ask for the account",
    },
    AssumptionDoc {
        assumption: Assumption::UnlistedEndpoint,
        name: "unlisted-endpoint",
        values: &["unknown", "present", "absent"],
        question: "whether a resource that no input lists has an approved private endpoint",
        settled_by: "look the public name up outside Azure: an alias with `privatelink` means yes",
    },
    AssumptionDoc {
        assumption: Assumption::InferredEndpoint,
        name: "inferred-endpoint",
        values: &["present"],
        question: "that a record in a private zone means that its resource has an approved endpoint",
        settled_by: "export the resource or its private endpoint, or look the public name up \
                     outside Azure",
    },
    AssumptionDoc {
        assumption: Assumption::UnexportedDns,
        name: "unexported-dns",
        values: &["azure", "unknown"],
        question: "which DNS servers a virtual network uses that was not exported",
        settled_by: "az network vnet show --query dhcpOptions.dnsServers",
    },
    AssumptionDoc {
        assumption: Assumption::UnstatedPolicy,
        name: "unstated-policy",
        values: &["default", "redirect"],
        question: "what a link does whose export is too old to show resolutionPolicy",
        settled_by: "export the links with az 2.66 or later",
    },
    AssumptionDoc {
        assumption: Assumption::LoopRcode,
        name: "loop-rcode",
        values: &["servfail"],
        question: "which RCODE Azure DNS gives for a loop of aliases",
        settled_by: "put `a CNAME b` and `b CNAME a` into a private zone and ask for `a`",
    },
    AssumptionDoc {
        assumption: Assumption::AliasLimit,
        name: "alias-limit",
        values: &["16"],
        question: "how many aliases Azure DNS follows before it gives up",
        settled_by: "put a long chain of aliases into a private zone and ask for its start",
    },
    AssumptionDoc {
        assumption: Assumption::UnexportedLinks,
        name: "unexported-links",
        values: &["none", "unknown"],
        question: "whether a zone whose links were not exported is linked to a network",
        settled_by: "az network private-dns link vnet list",
    },
    AssumptionDoc {
        assumption: Assumption::EmptySet,
        name: "empty-set",
        values: &["nodata"],
        question: "that a record set without records exists for the resolver: no data, and no \
                   wildcard answers in its place",
        settled_by: "make a record set without records beside a wildcard, and ask for its name",
    },
    AssumptionDoc {
        assumption: Assumption::GroupEdit,
        name: "group-edit",
        values: &["in-place", "recreated"],
        question: "whether a zone added to an endpoint's zone group leaves the records in its \
                   other zones alone",
        settled_by: "add a zone to a zone group while a loop asks for the endpoint's name",
    },
    AssumptionDoc {
        assumption: Assumption::AliasAfterEndpoint,
        name: "alias-after-endpoint",
        values: &["stays", "goes"],
        question: "whether the public alias stays when a private endpoint is deleted that it was \
                   made for",
        settled_by: "delete the last endpoint of a resource and look its public name up outside \
                     Azure",
    },
];

/// The aliases Azure DNS is taken to follow; no document states a limit.
pub const ALIAS_LIMIT: usize = 16;

impl Assumption {
    /// What is known of it.
    pub fn doc(self) -> &'static AssumptionDoc {
        &ASSUMPTIONS[self as usize]
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doc().name)
    }
}

/// The value chosen for each assumption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings([u8; ASSUMPTIONS.len()]);

impl Settings {
    /// Takes `name=value`.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("expected NAME=VALUE, found `{text}`"))?;
        let doc = ASSUMPTIONS.iter().find(|doc| doc.name == name).ok_or_else(|| {
            let known: Vec<_> = ASSUMPTIONS.iter().map(|doc| doc.name).collect();
            format!("expected one of {}, found `{name}`", known.join(", "))
        })?;
        let place = doc.values.iter().position(|known| *known == value).ok_or_else(|| {
            format!("expected {} for `{name}`, found `{value}`", doc.values.join(" or "))
        })?;
        self.0[doc.assumption as usize] = place as u8;
        Ok(())
    }

    /// The chosen value.
    pub fn value(&self, assumption: Assumption) -> &'static str {
        assumption.doc().values[self.0[assumption as usize] as usize]
    }

    /// Whether the default stands.
    pub fn is_default(&self, assumption: Assumption) -> bool {
        self.0[assumption as usize] == 0
    }
}

/// The assumptions an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Assumed(u16);

impl Assumed {
    /// Adds one.
    pub fn add(&mut self, assumption: Assumption) {
        self.0 |= 1 << assumption as u8;
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Assumed) {
        self.0 |= other.0;
    }

    /// Whether it is among them.
    pub fn contains(self, assumption: Assumption) -> bool {
        self.0 & (1 << assumption as u8) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One by one.
    pub fn iter(self) -> impl Iterator<Item = Assumption> {
        ASSUMPTIONS.iter().map(|doc| doc.assumption).filter(move |&one| self.contains(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, doc) in ASSUMPTIONS.iter().enumerate() {
            assert_eq!(doc.assumption as usize, at);
        }
    }

    #[test]
    fn settings_take_known_names_and_values() {
        let mut settings = Settings::default();
        settings.set("ent-answer=nxdomain").unwrap();
        assert_eq!(settings.value(Assumption::EntAnswer), "nxdomain");
        insta::assert_snapshot!(settings.set("ent-answer=maybe").unwrap_err(), @"expected nodata or nxdomain for `ent-answer`, found `maybe`");
        assert!(settings.set("nothing=1").is_err());
        assert!(settings.set("ent-answer").is_err());
    }
}
