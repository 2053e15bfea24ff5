//! Private zones that were regional, or split by something else, and are one zone now.
//!
//! Old zones come in two shapes. A *child* of the global zone, such as
//! `westeurope.privatelink.batch.azure.com`, has the longer name: wherever it is linked it
//! answers for its names, and records of the global zone below it are not seen. A *regional*
//! zone, such as `privatelink.westeurope.batch.azure.com`, is met earlier in the public chain.

use crate::name::Name;

/// A service whose zones moved.
#[derive(Debug)]
pub struct Move {
    /// The word on the command line.
    pub key: &'static str,
    /// The service.
    pub service: &'static str,
    /// The zone that all records belong in, one a cloud.
    pub globals: &'static [&'static str],
    /// What stands before a global zone's name in the names of its children; `{region}` is
    /// any label.
    pub children: &'static [&'static str],
    /// Whether `privatelink.{region}.SUFFIX` is an old zone as well.
    pub regional: bool,
    /// The documents that say so, with the day they were read.
    pub source: &'static str,
}

/// All moves.
pub const MOVES: [Move; 6] = [
    Move {
        key: "batch",
        service: "Azure Batch",
        globals: &[
            "privatelink.batch.azure.com",
            "privatelink.batch.usgovcloudapi.net",
            "privatelink.batch.chinacloudapi.cn",
        ],
        children: &["{region}.service", "{region}"],
        regional: true,
        source: "learn.microsoft.com/azure/batch/private-connectivity and the 2023 edition of the \
                 Private Link zone table, read 2026-11",
    },
    Move {
        key: "redis-enterprise",
        service: "Azure Cache for Redis Enterprise",
        globals: &["privatelink.redisenterprise.cache.azure.net"],
        children: &["{region}"],
        regional: false,
        source: "private endpoint migration of Redis Enterprise, Azure/AzureCacheForRedis, read \
                 2026-11: with both zones linked the longer name is used",
    },
    Move {
        key: "container-registry",
        service: "Azure Container Registry",
        globals: &["privatelink.azurecr.io"],
        children: &["{region}.data", "{region}"],
        regional: false,
        source: "learn.microsoft.com/azure/private-link/private-endpoint-dns, footnote on the data \
                 zone, read 2026-11",
    },
    Move {
        key: "app-service",
        service: "Azure App Service",
        globals: &["privatelink.azurewebsites.net"],
        children: &["scm"],
        regional: false,
        source: "learn.microsoft.com/azure/private-link/private-endpoint-dns, where the name is \
                 listed and both records belong in one zone, read 2026-11",
    },
    Move {
        key: "site-recovery",
        service: "Azure Site Recovery",
        globals: &["privatelink.siterecovery.windowsazure.com"],
        children: &["{region}"],
        regional: false,
        source: "learn.microsoft.com/azure/private-link/private-endpoint-dns, editions of 2023 and \
                 2026, read 2026-11",
    },
    Move {
        key: "file-sync",
        service: "Azure File Sync",
        globals: &["privatelink.afs.azure.net"],
        children: &["{region}"],
        regional: false,
        source: "learn.microsoft.com/azure/private-link/private-endpoint-dns, editions of 2023 and \
                 2026, read 2026-11",
    },
];

/// An old zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// The zone that its records belong in.
    pub global: &'static str,
    /// The region, where the name has one.
    pub region: Option<String>,
    /// Whether it is met before the global zone in the public chain, rather than a child of it.
    pub regional: bool,
}

impl Move {
    /// The move of that key.
    pub fn named(key: &str) -> Option<&'static Move> {
        MOVES.iter().find(|one| one.key == key)
    }

    /// What an apex is to this move, where it is an old zone.
    pub fn old(&self, apex: &Name) -> Option<Old> {
        let text = apex.text();
        self.globals.iter().find_map(|global| {
            let child = |region| Old { global, region, regional: false };
            if let Some(head) = text.strip_suffix(global).and_then(|head| head.strip_suffix('.')) {
                return self.children.iter().find_map(|template| {
                    let fits = match template.strip_prefix("{region}") {
                        Some(rest) => head.strip_suffix(rest).map(|region| Some(region.to_owned())),
                        None => (head == *template).then_some(None),
                    };
                    let plain = |region: &Option<String>| {
                        region.as_ref().is_none_or(|region| !region.contains('.'))
                    };
                    fits.filter(plain).map(child)
                });
            }
            let suffix = global.strip_prefix("privatelink.").filter(|_| self.regional)?;
            let region =
                text.strip_prefix("privatelink.")?.strip_suffix(suffix)?.strip_suffix('.')?;
            let region = Some(region.to_owned()).filter(|region| !region.contains('.'));
            region.map(|region| Old { global, region: Some(region), regional: true })
        })
    }
}

impl Old {
    /// The name under which the global zone is asked for what an owner of the old zone has.
    pub fn target(&self, owner: &Name, apex: &Name) -> Option<Name> {
        if !self.regional {
            return Some(owner.clone());
        }
        let head = owner.text();
        let head = head.strip_suffix(&apex.text())?.strip_suffix('.')?;
        format!("{head}.{}.{}", self.region.as_deref()?, self.global).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(key: &str, apex: &str) -> Option<(String, bool)> {
        let old = Move::named(key)?.old(&apex.parse().unwrap())?;
        Some((format!("{} {}", old.global, old.region.unwrap_or_default()), old.regional))
    }

    #[test]
    fn old_zones_are_known_by_their_names() {
        let batch = |region: &str, regional| {
            Some((format!("privatelink.batch.azure.com {region}"), regional))
        };
        assert_eq!(old("batch", "privatelink.eastus.batch.azure.com"), batch("eastus", true));
        assert_eq!(old("batch", "eastus.privatelink.batch.azure.com"), batch("eastus", false));
        assert_eq!(
            old("batch", "eastus.service.privatelink.batch.azure.com"),
            batch("eastus", false)
        );
        assert_eq!(old("batch", "privatelink.batch.azure.com"), None);
        assert_eq!(old("batch", "a.b.privatelink.batch.azure.com"), None);
        assert!(old("container-registry", "eastus.data.privatelink.azurecr.io").is_some());
        assert!(old("app-service", "scm.privatelink.azurewebsites.net").is_some());
        assert_eq!(old("app-service", "x.privatelink.azurewebsites.net"), None);
    }

    #[test]
    fn records_keep_their_name_or_get_their_region() {
        let target = |key: &str, owner: &str, apex: &str| {
            let apex: Name = apex.parse().unwrap();
            let old = Move::named(key).unwrap().old(&apex).unwrap();
            old.target(&owner.parse().unwrap(), &apex).unwrap().text()
        };
        assert_eq!(
            target(
                "batch",
                "a.privatelink.eastus.batch.azure.com",
                "privatelink.eastus.batch.azure.com"
            ),
            "a.eastus.privatelink.batch.azure.com"
        );
        let redis = "c.eastus.privatelink.redisenterprise.cache.azure.net";
        assert_eq!(target("redis-enterprise", redis, &redis[2..]), redis);
    }
}
