//! What a plan of Terraform would do, as steps.
//!
//! `resource_changes` of `terraform show -json`: "JSON Output Format",
//! developer.hashicorp.com/terraform/internals/json-format, read 2026-11.

use std::net::SocketAddr;

use serde_json::Value;

use crate::estate::Wish;
use crate::name::{Name, NameId, Names};
use crate::source::changes::{Problem, WantedStep};
use crate::source::{estate_text, inventory};

/// Reads the steps that a plan amounts to: what goes, then what comes or is changed.
///
/// Terraform orders by what depends on what; that all that goes is gone before anything comes
/// is the worst of those orders, and what really happens to a resource that is replaced.
pub fn read(text: &str, names: &mut Names) -> Result<Vec<WantedStep>, Vec<Problem>> {
    let problem = |message: &str| vec![Problem { message: message.to_owned(), at: 0..0 }];
    let plan: Value = serde_json::from_str(text).map_err(|error| problem(&error.to_string()))?;
    let Some(resources) = plan["resource_changes"].as_array() else {
        return Err(problem(
            "expected `resource_changes`: the output of `terraform show -json PLAN`",
        ));
    };
    let mut goes = Collected::default();
    let mut comes = Collected::default();
    for resource in resources {
        let [leaving, coming] = asks(resource, names);
        let (address, at) = place(resource, text);
        leaving.into_iter().for_each(|asks| goes.take(address, &at, asks));
        coming.into_iter().for_each(|asks| comes.take(address, &at, asks));
    }
    comes.remarks.extend(unfinished(&plan, names));
    let problems =
        [std::mem::take(&mut goes.problems), std::mem::take(&mut comes.problems)].concat();
    if !problems.is_empty() {
        return Err(problems);
    }
    goes.order();
    let steps = [("Terraform: what goes", goes), ("Terraform: what comes or is changed", comes)];
    let steps = steps.into_iter().map(|(title, collected)| WantedStep {
        title: title.to_owned(),
        wishes: collected.wishes,
        places: collected.places,
        remarks: collected.remarks,
    });
    Ok(steps.filter(|step| !step.wishes.is_empty() || !step.remarks.is_empty()).collect())
}

/// What a resource asks for: what goes, and what comes or is changed.
fn asks(resource: &Value, names: &mut Names) -> [Vec<Asks>; 2] {
    let (mut goes, mut comes) = (Vec::new(), Vec::new());
    if resource["mode"] == "data" {
        return [goes, comes];
    }
    let actions = resource["change"]["actions"].as_array().into_iter().flatten();
    let actions: Vec<&str> = actions.filter_map(Value::as_str).collect();
    let (before, after) = (&resource["change"]["before"], &resource["change"]["after"]);
    let unknown = &resource["change"]["after_unknown"];
    let kind = resource["type"].as_str().unwrap_or("");
    if actions.contains(&"delete") {
        goes.push(gone(kind, before, names));
    }
    if actions.contains(&"create") {
        comes.push(made(kind, after, unknown, names));
    }
    if actions.contains(&"update") {
        goes.push(dropped(kind, before, after));
        comes.push(updated(kind, before, after, unknown, names));
    }
    [goes, comes]
}

/// The address of a resource, and its place, which stands for the resource.
fn place<'v>(resource: &'v Value, text: &str) -> (&'v str, std::ops::Range<usize>) {
    let address = resource["address"].as_str().unwrap_or("");
    let at = text.find(&format!("\"{address}\"")).map_or(0..0, |at| at..at + address.len() + 2);
    (address, at)
}

/// What the plan says that it does not cover: what it leaves to a later plan, and what came
/// after an error.
fn unfinished(plan: &Value, names: &mut Names) -> Vec<String> {
    let mut remarks = Vec::new();
    if plan["errored"] == true {
        remarks.push(
            "the plan ended with an error, so what else it would do is not tried: make it again"
                .to_owned(),
        );
    }
    for deferred in plan["deferred_changes"].as_array().into_iter().flatten() {
        let resource = &deferred["resource_change"];
        if asks(resource, names).iter().flatten().any(|asks| !matches!(asks, Asks::Nothing)) {
            let address = resource["address"].as_str().unwrap_or("");
            let later = "Terraform defers it to a later plan";
            remarks.push(format!("`{address}` is not tried: {later}"));
        }
    }
    if remarks.is_empty() && plan["complete"] == false {
        remarks.push(
            "the plan is not complete: a later one does the rest, which is not tried".to_owned(),
        );
    }
    remarks
}

/// What one resource asks for: wishes, or why they are not known before the apply.
enum Asks {
    Nothing,
    Of(Vec<Wish>),
    Later(&'static str),
    /// What it does to names is not worked out.
    Untried,
    Wrong(String),
}

#[derive(Default)]
struct Collected {
    wishes: Vec<Wish>,
    places: Vec<std::ops::Range<usize>>,
    remarks: Vec<String>,
    problems: Vec<Problem>,
}

impl Collected {
    /// What stands in a zone goes before the zone, in whatever order the plan lists them.
    fn order(&mut self) {
        let wishes = std::mem::take(&mut self.wishes).into_iter();
        let mut both: Vec<_> = wishes.zip(std::mem::take(&mut self.places)).collect();
        both.sort_by_key(|(wish, _)| matches!(wish, Wish::DeleteZone { .. }));
        (self.wishes, self.places) = both.into_iter().unzip();
    }

    fn take(&mut self, address: &str, at: &std::ops::Range<usize>, asks: Asks) {
        match asks {
            Asks::Nothing => {}
            Asks::Of(wishes) => {
                self.places.extend(wishes.iter().map(|_| at.clone()));
                self.wishes.extend(wishes);
            }
            Asks::Later(what) => self.remarks.push(format!(
                "`{address}` is not tried: its {what} are known after the apply only"
            )),
            Asks::Untried => self.remarks.push(format!(
                "`{address}` is not tried: what it does to names has to be looked at"
            )),
            Asks::Wrong(message) => {
                self.problems
                    .push(Problem { message: format!("`{address}`: {message}"), at: at.clone() });
            }
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value[key].as_str().filter(|text| !text.is_empty())
}

/// `group/zone` of a resource in a zone.
fn zone(value: &Value, key: &str) -> Option<String> {
    let zone = text(value, key)?;
    Some(match text(value, "resource_group_name") {
        Some(group) => format!("{group}/{zone}"),
        None => zone.to_owned(),
    })
}

fn record_type(kind: &str) -> Option<String> {
    let kind = kind.strip_prefix("azurerm_private_dns_")?.strip_suffix("_record")?;
    Some(kind.to_uppercase())
}

/// The owner of a record, absolute.
fn owner(values: &Value) -> Option<String> {
    let (name, zone) = (text(values, "name")?, text(values, "zone_name")?);
    Some(if name == "@" { zone.to_owned() } else { format!("{name}.{zone}") })
}

const LINK: &str = "azurerm_private_dns_zone_virtual_network_link";
const ENDPOINT: &str = "azurerm_private_endpoint";
const RULE: &str = "azurerm_private_dns_resolver_forwarding_rule";
const RULESET_LINK: &str = "azurerm_private_dns_resolver_virtual_network_link";

const VNET: &str = "azurerm_virtual_network";
const SERVERS: &str = "azurerm_virtual_network_dns_servers";

/// Resources whose end moves names, or what stands on them.
const CARRIERS: [&str; 8] = [
    VNET,
    "azurerm_resource_group",
    "azurerm_private_dns_resolver",
    "azurerm_private_dns_resolver_inbound_endpoint",
    "azurerm_private_dns_resolver_outbound_endpoint",
    "azurerm_private_dns_resolver_dns_forwarding_ruleset",
    "azurerm_firewall",
    "azurerm_firewall_policy",
];

/// The attributes of resources that say whom clients or a proxy ask, or where it listens.
const ASKED: [(&str, &str); 8] = [
    (CLUSTER, "private_cluster_enabled"),
    (CLUSTER, "private_cluster_public_fqdn_enabled"),
    (CLUSTER, "private_dns_zone_id"),
    ("azurerm_firewall_policy", "dns"),
    ("azurerm_firewall", "dns_servers"),
    ("azurerm_firewall", "dns_proxy_enabled"),
    ("azurerm_network_interface", "dns_servers"),
    ("azurerm_private_dns_resolver_inbound_endpoint", "ip_configurations"),
];

const CLUSTER: &str = "azurerm_kubernetes_cluster";

/// The attributes of resources that say whether they answer in public.
const ACCESS: [&str; 2] = ["public_network_access_enabled", "public_network_access"];

/// Resources that may make or change any other, by a template of their own.
const TEMPLATES: &str = "_template_deployment";

/// Whether what it does cannot be seen in the plan, or is a zone that a cluster makes itself.
fn is_opaque(kind: &str, values: &Value) -> bool {
    kind.ends_with(TEMPLATES) || (kind == CLUSTER && values["private_cluster_enabled"] == true)
}

/// The types of Azure that have a part in resolution, as the `azapi` provider writes them.
const TYPES: [&str; 10] = [
    "microsoft.resources/deployments",
    "microsoft.resources/deploymentstacks",
    "microsoft.network/privatednszones",
    "microsoft.network/privateendpoints",
    "microsoft.network/virtualnetworks",
    "microsoft.network/dnsresolvers",
    "microsoft.network/dnsforwardingrulesets",
    "microsoft.network/azurefirewalls",
    "microsoft.network/firewallpolicies",
    "microsoft.resources/resourcegroups",
];

/// Whether an `azapi` resource is of one of the types, or stands in one.
fn is_azapi(kind: &str, values: &Value) -> bool {
    let own = text(values, "type").unwrap_or("").to_lowercase();
    kind.starts_with("azapi_") && TYPES.iter().any(|one| own.starts_with(one))
}

/// Whether it is a resource that has private endpoints and names in public.
fn is_service(kind: &str, values: &Value) -> bool {
    let own = text(values, "type").filter(|_| kind.starts_with("azapi_"));
    let own = own.and_then(|own| inventory::of_type(own.split('@').next()?));
    own.is_some() || inventory::of_terraform(kind).is_some()
}

/// Of an `azapi` resource a whole zone that goes can be tried, and nothing else.
fn azapi_gone(values: &Value) -> Asks {
    let own = text(values, "type").unwrap_or("").to_lowercase();
    let is_zone = own.split('@').next() == Some(TYPES[0]);
    match text(values, "id").filter(|_| is_zone) {
        Some(id) => Asks::Of(vec![Wish::DeleteZone { zone: id.to_owned() }]),
        None => Asks::Untried,
    }
}

/// The DNS servers that a network has after the apply.
fn servers(vnet: Option<&str>, after: &Value, unknown: &Value) -> Asks {
    let open = match &unknown["dns_servers"] {
        Value::Bool(open) => *open,
        Value::Array(parts) => parts.iter().any(|part| *part == true),
        _ => false,
    };
    let servers = after["dns_servers"].as_array().into_iter().flatten();
    let servers = servers.map(|one| one.as_str().unwrap_or("").parse());
    match (vnet, servers.collect::<Result<Vec<_>, _>>()) {
        (Some(vnet), Ok(servers)) if !open => {
            Asks::Of(vec![Wish::SetServers { vnet: vnet.to_owned(), servers }])
        }
        _ => Asks::Later("servers"),
    }
}

fn endpoint(values: &Value) -> Option<String> {
    text(values, "id").or_else(|| text(values, "name")).map(str::to_owned)
}

/// The zones of an endpoint's zone group.
fn group(values: &Value) -> Vec<String> {
    let zones = values["private_dns_zone_group"][0]["private_dns_zone_ids"].as_array();
    zones.into_iter().flatten().filter_map(|zone| zone.as_str().map(str::to_owned)).collect()
}

fn of(wish: Option<Wish>) -> Asks {
    wish.map_or(Asks::Later("names"), |wish| Asks::Of(vec![wish]))
}

fn gone(kind: &str, before: &Value, names: &mut Names) -> Asks {
    if let Some(record_type) = record_type(kind) {
        let Some((owner, zone)) = owner(before).zip(zone(before, "zone_name")) else {
            return Asks::Nothing;
        };
        return match (owner.parse(), record_type.parse()) {
            (Ok(owner), Ok(record_type)) => {
                let owner = names.intern(&owner);
                Asks::Of(vec![Wish::Remove { zone: Some(zone), owner, record_type }])
            }
            _ => Asks::Wrong("expected a name and a type of record".to_owned()),
        };
    }
    match kind {
        "azurerm_private_dns_zone" => {
            of(zone(before, "name").map(|zone| Wish::DeleteZone { zone }))
        }
        LINK => of(zone(before, "private_dns_zone_name").map(|zone| Wish::Unlink {
            zone,
            vnet: text(before, "virtual_network_id").map(str::to_owned),
        })),
        ENDPOINT => of(endpoint(before).map(|endpoint| Wish::DeleteEndpoint { endpoint })),
        RULE => of(text(before, RULESET)
            .zip(domain(before, names))
            .map(|(ruleset, domain)| Wish::RemoveRule { ruleset: ruleset.to_owned(), domain })),
        RULESET_LINK => of(text(before, RULESET).map(|ruleset| Wish::UnlinkRuleset {
            ruleset: ruleset.to_owned(),
            vnet: text(before, "virtual_network_id").map(str::to_owned),
        })),
        // Without it a network has the servers of Azure.
        SERVERS => servers(text(before, "virtual_network_id"), &Value::Null, &Value::Null),
        _ if is_azapi(kind, before) => azapi_gone(before),
        _ if CARRIERS.contains(&kind) || is_opaque(kind, before) => Asks::Untried,
        // Its endpoints are left without a resource, and its names in public end.
        _ if is_service(kind, before) => Asks::Untried,
        _ => Asks::Nothing,
    }
}

fn made(kind: &str, after: &Value, unknown: &Value, names: &mut Names) -> Asks {
    if let Some(record_type) = record_type(kind) {
        return put(&record_type, after, unknown, names);
    }
    match kind {
        "azurerm_private_dns_zone" => match text(after, "name").map(str::parse) {
            Some(Ok(apex)) => Asks::Of(vec![Wish::CreateZone {
                apex: names.intern(&apex),
                group: text(after, "resource_group_name").map(str::to_owned),
            }]),
            Some(Err(error)) => Asks::Wrong(format!("{error}")),
            None => Asks::Later("names"),
        },
        LINK => {
            let link = zone(after, "private_dns_zone_name").zip(text(after, "virtual_network_id"));
            of(link.map(|(zone, vnet)| Wish::Link {
                zone,
                vnet: vnet.to_owned(),
                name: text(after, "name").map(str::to_owned),
                redirect: redirects(after),
                registration: after["registration_enabled"] == true,
            }))
        }
        RULE => rule(after, names),
        RULESET_LINK => {
            let link = text(after, RULESET).zip(text(after, "virtual_network_id"));
            of(link.map(|(ruleset, vnet)| Wish::LinkRuleset {
                ruleset: ruleset.to_owned(),
                vnet: vnet.to_owned(),
                name: text(after, "name").map(str::to_owned),
            }))
        }
        // A new endpoint has no address before the apply.
        ENDPOINT if !group(after).is_empty() || unknown["private_dns_zone_group"].is_array() => {
            Asks::Later("records")
        }
        SERVERS => servers(text(after, "virtual_network_id"), after, unknown),
        _ if is_azapi(kind, after) || is_opaque(kind, after) => Asks::Untried,
        _ => Asks::Nothing,
    }
}

const RULESET: &str = "dns_forwarding_ruleset_id";

fn domain(rule: &Value, names: &mut Names) -> Option<NameId> {
    let domain: Name = text(rule, "domain_name")?.parse().ok()?;
    Some(names.intern(&domain))
}

/// The rule as it is after the apply; one that is not enabled forwards nothing.
fn rule(after: &Value, names: &mut Names) -> Asks {
    let Some((ruleset, domain)) = text(after, RULESET).zip(domain(after, names)) else {
        return Asks::Later("names");
    };
    let ruleset = ruleset.to_owned();
    if after["enabled"] == false {
        return Asks::Of(vec![Wish::RemoveRule { ruleset, domain }]);
    }
    let targets = after["target_dns_servers"].as_array().into_iter().flatten();
    let targets = targets.map(|one| {
        let port = one["port"].as_u64().and_then(|port| port.try_into().ok()).unwrap_or(53);
        Some(SocketAddr::new(text(one, "ip_address")?.parse().ok()?, port))
    });
    match targets.collect::<Option<Vec<_>>>() {
        Some(targets) if !targets.is_empty() => {
            let name = text(after, "name").map(str::to_owned);
            Asks::Of(vec![Wish::PutRule { ruleset, domain, name, targets }])
        }
        _ => Asks::Later("targets"),
    }
}

fn redirects(link: &Value) -> bool {
    text(link, "resolution_policy")
        .is_some_and(|policy| policy.eq_ignore_ascii_case("NxDomainRedirect"))
}

/// What an update takes away first: the zone group of an endpoint.
fn dropped(kind: &str, before: &Value, after: &Value) -> Asks {
    let (old, new) = (group(before), group(after));
    match endpoint(before).filter(|_| kind == ENDPOINT) {
        // Other zones are other groups to Terraform, which makes them anew
        // (hashicorp/terraform-provider-azurerm issue 27559, read 2026-11).
        Some(endpoint) if !old.is_empty() && old != new => {
            Asks::Of(vec![Wish::RemoveFromGroup { endpoint, zone: None }])
        }
        _ => Asks::Nothing,
    }
}

fn updated(kind: &str, before: &Value, after: &Value, unknown: &Value, names: &mut Names) -> Asks {
    if let Some(record_type) = record_type(kind) {
        return put(&record_type, after, unknown, names);
    }
    match kind {
        LINK if redirects(before) != redirects(after) => {
            let link = zone(after, "private_dns_zone_name").zip(text(after, "virtual_network_id"));
            of(link.map(|(zone, vnet)| Wish::SetPolicy {
                zone,
                vnet: vnet.to_owned(),
                redirect: redirects(after),
            }))
        }
        ENDPOINT if group(before) != group(after) => {
            let Some(endpoint) = endpoint(before) else { return Asks::Later("names") };
            if unknown["private_dns_zone_group"][0]["private_dns_zone_ids"] == true {
                return Asks::Later("zones");
            }
            let add = |zone: String| Wish::AddToGroup { endpoint: endpoint.clone(), zone };
            Asks::Of(group(after).into_iter().map(add).collect())
        }
        RULE => rule(after, names),
        VNET if before["dns_servers"] != after["dns_servers"] => {
            servers(endpoint(before).as_deref(), after, unknown)
        }
        SERVERS if before["dns_servers"] != after["dns_servers"] => {
            servers(text(before, "virtual_network_id"), after, unknown)
        }
        _ if is_azapi(kind, before) && before["body"] != after["body"] => Asks::Untried,
        _ if ASKED.iter().any(|(own, key)| *own == kind && before[*key] != after[*key]) => {
            Asks::Untried
        }
        _ if ACCESS.iter().any(|key| before[*key] != after[*key]) => Asks::Untried,
        _ if kind.ends_with(TEMPLATES) => Asks::Untried,
        _ => Asks::Nothing,
    }
}

fn put(record_type: &str, after: &Value, unknown: &Value, names: &mut Names) -> Asks {
    let (Some(owner), Some(zone)) = (owner(after), zone(after, "zone_name")) else {
        return Asks::Later("names");
    };
    let open = |key: &str| match &unknown[key] {
        Value::Bool(unknown) => *unknown,
        Value::Array(parts) => parts.iter().any(|part| *part == true),
        _ => false,
    };
    if open("records") || open("record") {
        return Asks::Later("records");
    }
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let rows = |keys: &[&str]| -> Vec<String> {
        let rows = after["record"].as_array().into_iter().flatten();
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        rows.map(|row| keys.iter().map(|key| word(&row[*key])).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let data: Vec<String> = match record_type {
        "CNAME" => text(after, "record").map(str::to_owned).into_iter().collect(),
        "MX" => rows(&["preference", "exchange"]),
        "SRV" => rows(&["priority", "weight", "port", "target"]),
        "TXT" => rows(&["value"]).iter().map(|text| quote(text)).collect(),
        _ => {
            let records = after["records"].as_array().into_iter().flatten();
            records.filter_map(|one| one.as_str().map(str::to_owned)).collect()
        }
    };
    let ttl = after["ttl"].as_u64().map(|ttl| format!("{ttl} ")).unwrap_or_default();
    let line = format!("{owner} {record_type} {ttl}{}", data.join(" "));
    match estate_text::record_set(&line, names) {
        Ok((owner, ttl, data)) => Asks::Of(vec![Wish::Put { zone: Some(zone), owner, ttl, data }]),
        Err(message) => Asks::Wrong(message),
    }
}
