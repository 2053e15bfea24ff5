//! Estates of any size, the same every time.

use std::fmt::Write as _;

/// Record sets of one zone; Azure allows 25,000.
const ZONE_SIZE: usize = 10_000;

/// How many networks there are; every zone is linked to some of them.
pub const VNETS: usize = 100;

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

/// One zone with its record sets.
pub struct Zone {
    pub apex: String,
    /// Owner and data; every tenth is an alias of the one before it.
    pub sets: Vec<(String, Data)>,
}

pub enum Data {
    A(u32),
    Cname(String),
}

/// Zones with `count` record sets together: storage accounts in the first,
/// hosts of a company in the others.
pub fn zones(count: usize) -> Vec<Zone> {
    let mut zones = Vec::new();
    let mut made = 0;
    while made < count {
        let apex = match zones.len() {
            0 => "privatelink.blob.core.windows.net".to_owned(),
            number => format!("site{number}.corp.example"),
        };
        let size = ZONE_SIZE.min(count - made);
        let sets = (0..size).map(|at| {
            let number = made + at;
            let owner = match zones.is_empty() {
                true => format!("account{number}"),
                false => format!("host{number}.rack{}", at % 50),
            };
            (owner, Data::A(0x0a00_0000 + number as u32))
        });
        let mut sets: Vec<(String, Data)> = sets.collect();
        if !zones.is_empty() {
            for at in (9..sets.len()).step_by(10) {
                let target = format!("{}.{apex}", sets[at - 1].0);
                sets[at].1 = Data::Cname(target);
            }
        }
        made += size;
        zones.push(Zone { apex, sets });
    }
    zones
}

fn address(octets: u32) -> std::net::Ipv4Addr {
    octets.into()
}

/// A zone as `az network private-dns record-set list` writes it.
pub fn json(zone: &Zone) -> String {
    let apex = &zone.apex;
    let id = format!(
        "{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/{apex}"
    );
    let mut text = String::from("[\n");
    let soa = "\"soaRecord\": {\"email\": \"host.example\", \"expireTime\": 2419200, \
               \"host\": \"a.example\", \"minimumTtl\": 10, \"refreshTime\": 3600, \
               \"retryTime\": 300, \"serialNumber\": 1},";
    item(&mut text, &id, apex, "@", "SOA", "", soa);
    for (owner, data) in &zone.sets {
        text.push_str(",\n");
        match data {
            Data::A(octets) => {
                let data = format!(
                    "\"aRecords\": [\n      {{\n        \"ipv4Address\": \"{}\"\n      }}\n    ],",
                    address(*octets)
                );
                item(&mut text, &id, apex, owner, "A", &data, "");
            }
            Data::Cname(target) => {
                let data = format!("\"cnameRecord\": {{\n      \"cname\": \"{target}\"\n    }},");
                item(&mut text, &id, apex, owner, "CNAME", &data, "");
            }
        }
    }
    text.push_str("\n]\n");
    text
}

fn item(
    text: &mut String,
    id: &str,
    apex: &str,
    owner: &str,
    kind: &str,
    before: &str,
    after: &str,
) {
    let fqdn = if owner == "@" { apex.to_owned() } else { format!("{owner}.{apex}") };
    write!(
        text,
        "  {{\n    {before}\n    \"etag\": \"1c3d2f0a-7f4e-4f2b-9a77-5d4c0f5b6a11\",\n    \
         \"fqdn\": \"{fqdn}.\",\n    \"id\": \"{id}/{kind}/{owner}\",\n    \
         \"isAutoRegistered\": false,\n    \"name\": \"{owner}\",\n    \
         \"resourceGroup\": \"rg-dns\",\n    {after}\n    \"ttl\": 3600,\n    \
         \"type\": \"Microsoft.Network/privateDnsZones/{kind}\"\n  }}"
    )
    .unwrap();
}

/// A zone as a master file.
pub fn zone_file(zone: &Zone) -> String {
    let mut text = format!(
        "$ORIGIN {}.\n@ 3600 IN SOA a.example. host.example. 1 3600 300 2419200 10\n",
        zone.apex
    );
    for (owner, data) in &zone.sets {
        match data {
            Data::A(octets) => writeln!(text, "{owner} 3600 IN A {}", address(*octets)),
            Data::Cname(target) => writeln!(text, "{owner} 3600 IN CNAME {target}."),
        }
        .unwrap();
    }
    text
}

/// The networks and links, as `.estate` text: the networks form ten groups that
/// see the same.
pub fn links(zones: &[Zone]) -> String {
    let mut text = String::new();
    for vnet in 0..VNETS {
        writeln!(text, "vnet vnet{vnet}").unwrap();
    }
    for (at, zone) in zones.iter().enumerate() {
        write!(text, "zone {} group rg-dns", zone.apex).unwrap();
        for vnet in (0..VNETS).filter(|vnet| at == 0 || vnet % 10 != at % 10) {
            write!(text, " link vnet{vnet}").unwrap();
        }
        text.push('\n');
    }
    text
}
