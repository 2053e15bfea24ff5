//! Failover groups of SQL servers: names that lead to whichever server is the primary one.
//!
//! `GROUP.database.windows.net` is an alias of the primary server's public name, and
//! `GROUP.secondary.database.windows.net` of the secondary one's ("Failover groups overview",
//! learn.microsoft.com/azure/azure-sql/database/failover-group-sql-db, read 2026-11). So a
//! client of a group asks for the record of the server that is primary at the time.

use serde_json::Value;

use super::forwarding::Stated;
use super::inventory::{property, texts};
use super::{Outcome, Reader};
use crate::estate::{PublicData, PublicFact, ResourceId};
use crate::name::NameId;
use crate::record::RecordData;

/// The suffix of SQL servers by the start of the region's name.
///
/// "Azure Private Endpoint private DNS zone values",
/// learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11.
const SUFFIXES: [(&str, &str); 3] = [
    ("china", "database.chinacloudapi.cn"),
    ("usgov", "database.usgovcloudapi.net"),
    ("usdod", "database.usgovcloudapi.net"),
];
const SUFFIX: &str = "database.windows.net";

fn suffix(location: &str) -> &'static str {
    let location = location.to_ascii_lowercase().replace(' ', "");
    let known = SUFFIXES.iter().find(|entry| location.starts_with(entry.0));
    known.map_or(SUFFIX, |entry| entry.1)
}

/// The server in the id of a failover group, or in that of a server.
fn server(id: &str) -> Option<String> {
    let id = ResourceId::new(id)?.up_to("servers")?;
    Some(id.name().to_owned())
}

impl Reader<'_, '_> {
    /// A group as one of its servers states it; both say the same.
    pub(super) fn failover_group(&mut self, item: &Stated<'_>) -> Outcome {
        let text = |path: &str| texts(&item.value, path).next().map(str::to_owned);
        let stated = text("id").and_then(|id| Some((server(&id)?, id)));
        let Some((own, id)) = stated else {
            return item.problem("expected the id of a failover group of a SQL server");
        };
        let group = id.rsplit('/').next().unwrap_or("").to_owned();
        let partner = property(&item.value, "partnerServers").and_then(Value::as_array);
        let partner = partner.and_then(|list| server(list.first()?.get("id")?.as_str()?));
        let suffix = suffix(&text("location").unwrap_or_default());
        let is_primary = match text("replicationRole") {
            Some(role) => role.eq_ignore_ascii_case("Primary"),
            None => return item.problem("this failover group has no `replicationRole`"),
        };
        let (primary, secondary) =
            if is_primary { (Some(own), partner) } else { (partner, Some(own)) };
        for (name, server) in [(group.clone(), primary), (format!("{group}.secondary"), secondary)]
        {
            let Some(server) = server else { continue };
            let names = self.assembly.names();
            let parse = |names: &mut crate::name::Names, text: &str| {
                names
                    .intern_text(text, NameId::ROOT)
                    .map_err(|error| (error.to_string(), item.origin))
            };
            let name = parse(names, &format!("{name}.{suffix}"))?;
            let target = parse(names, &format!("{server}.{suffix}"))?;
            let data = PublicData::Records(RecordData::Cname(target), None);
            self.assembly.put_public(PublicFact::Recorded { name, data, origin: item.origin });
        }
        Ok(())
    }
}
