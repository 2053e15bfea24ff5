//! What Azure PowerShell writes with `ConvertTo-Json`: `Get-AzPrivateDnsZone`,
//! `…RecordSet`, `…VirtualNetworkLink`, `Get-AzVirtualNetwork`,
//! `Get-AzPrivateEndpoint`, `Get-AzPrivateDnsZoneGroup`, `Get-AzDnsResolver…`,
//! `Get-AzDnsForwardingRuleset…`, `Get-AzNetworkInterface`, `Get-AzVM`, `Get-AzFirewall…`,
//! `Search-AzGraph`, and those of services such as `Get-AzBatchAccount`.
//!
//! ```json
//! { "Id": "/subscriptions/…/privateDnsZones/contoso.com/A/nas", "Name": "nas",
//!   "ZoneName": "contoso.com", "Ttl": 300, "RecordType": 0,
//!   "Records": [{ "Ipv4Address": "10.0.0.7" }] }
//! ```
//!
//! The objects are those of the management API with capitals and without
//! `properties`. `ConvertTo-Json` goes two levels deep unless told otherwise and
//! turns what lies deeper into text, which is refused.
//!
//! Azure/azure-powershell, `PSPrivateDnsRecordSet.cs` and
//! `PSPrivateDnsVirtualNetworkLink.cs`, and the list views in its help; read 2026-11.
//! No recorded `ConvertTo-Json` was at hand.

use std::ops::Range;

use serde_json::{Map, Value};

use super::json::{self, Elements};
use super::{arm, inventory, rows};
use crate::estate::{Assembly, Extent, Fate, InputId, NoteKind, Origin};

/// How deep lists may stand within lists.
const DEPTH_LIMIT: usize = 8;

/// Where the first object is told by its keys.
const HEAD: usize = 64 << 10;

/// The order in which the module numbers record types.
///
/// Azure/azure-powershell, `PrivateDns.Management.Sdk/Generated/Models/RecordType.cs`; read
/// 2026-11. Used only where neither id nor record tells.
const RECORD_TYPES: [&str; 8] = ["A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT"];

/// The key of a record that tells its type.
const RECORD_KEYS: [(&str, &str); 8] = [
    ("ipv4Address", "A"),
    ("ipv6Address", "AAAA"),
    ("cname", "CNAME"),
    ("exchange", "MX"),
    ("ptrdname", "PTR"),
    ("serialNumber", "SOA"),
    ("target", "SRV"),
    ("value", "TXT"),
];

/// Properties that are a text; some modules write the number of an enum.
const TEXTS: [&str; 12] = [
    "domainName",
    "forwardingRuleState",
    "powerState",
    "subnetId",
    "virtualNetworkId",
    "fqdn",
    "resolutionPolicy",
    "virtualNetworkLinkState",
    "provisioningState",
    "accountEndpoint",
    "nodeManagementEndpoint",
    "publicNetworkAccess",
];

/// Properties that are a number, or true or false.
const SCALARS: [&str; 7] = [
    "dnsEnableProxy",
    "primary",
    "ttl",
    "isAutoRegistered",
    "numberOfRecordSets",
    "numberOfVirtualNetworkLinks",
    "registrationEnabled",
];

/// Lists of text within properties, and lists of objects.
const TEXT_LISTS: [&str; 5] =
    ["addressPrefixes", "appliedDnsServers", "dnsServers", "ipAddresses", "groupIds"];
const OBJECT_LISTS: [&str; 8] = [
    "records",
    "recordSets",
    "customDnsConfigs",
    "privateLinkServiceConnections",
    "manualPrivateLinkServiceConnections",
    "privateEndpointConnections",
    "privateDnsZoneConfigs",
    "privateLinkServiceConnectionState",
];

/// Whether the first object of the text has keys as PowerShell writes them.
pub(super) fn recognise(text: &str) -> bool {
    let mut at = json::skip_space(text, 0);
    for _ in 0..DEPTH_LIMIT {
        let rest = &text[at..];
        if rest.starts_with('[') {
            at = json::skip_space(text, at + 1);
        } else if let Some(list) = wrapped(text, at) {
            at = list;
        } else {
            break;
        }
    }
    if !text[at..].starts_with('{') {
        return false;
    }
    let mut end = text.len().min(at + HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (members, _) = json::members(&text[..end], at);
    let has = |name: &str| members.iter().any(|member| &text[member.key.clone()] == name);
    has("ResourceId") || has("ResourceGroupName") || has("ZoneName") || has("Id") && has("Name")
}

/// The list in `{"value": […], "Count": 2}` of Windows PowerShell and in
/// `{"Data": […], "SkipToken": …}`, if it comes first.
fn wrapped(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].strip_prefix('{')?.trim_start();
    let rest = ["\"value\"", "\"Data\""].iter().find_map(|key| rest.strip_prefix(key))?;
    let list = rest.trim_start().strip_prefix(':')?.trim_start();
    list.starts_with('[').then_some(text.len() - list.len())
}

/// Reads every object of `text` into `assembly`.
pub(super) fn read(input: InputId, text: &str, assembly: &mut Assembly) {
    let mut reader = Reader { input, text, assembly, items: Vec::new(), extent: Extent::Unknown };
    let mut at = json::skip_space(text, 0);
    let mut between = 0usize;
    while at < text.len() {
        if text[at..].starts_with(['{', '[']) {
            at = json::skip_space(text, reader.value(at));
            continue;
        }
        between += 1;
        match json::next_value(text, at) {
            Some(next) => at = next,
            None => break,
        }
    }
    if between > 0 {
        let message = format!("text between the JSON values was passed over, {between} times");
        reader.note(NoteKind::Reading, message, 0..0);
    }
    let fates = arm::take_items(input, text, reader.items, reader.extent, reader.assembly);
    fates.into_iter().for_each(|fate| reader.assembly.count(input, fate));
}

struct Reader<'t, 'a> {
    input: InputId,
    text: &'t str,
    assembly: &'a mut Assembly,
    items: Vec<(Value, Range<usize>)>,
    /// Whether there was a list of them, and all of it.
    extent: Extent,
}

impl Reader<'_, '_> {
    fn note(&mut self, kind: NoteKind, message: impl Into<String>, range: Range<usize>) {
        let (start, length) = (range.start as u32, range.len() as u32);
        self.assembly.note(kind, message, Origin { input: self.input, start, length });
        // What is refused here is one item each time.
        if kind == NoteKind::Refused {
            self.assembly.count(self.input, Fate::Refused);
        }
        if matches!(kind, NoteKind::Refused | NoteKind::Partial) {
            self.extent = Extent::Partial;
        }
    }

    /// Reads the value at `at` and says where it ends.
    fn value(&mut self, at: usize) -> usize {
        let end = json::skip_value(self.text, at).unwrap_or(self.text.len());
        if self.text[at..].starts_with('[') {
            self.list(at, 0);
            return end;
        }
        let (members, _) = json::members(self.text, at);
        let member = |name: &str| {
            let found = members.iter().find(|member| &self.text[member.key.clone()] == name)?;
            Some(found.value.clone())
        };
        let is_list = |value: &Range<usize>| self.text[value.clone()].starts_with('[');
        match member("Data").or_else(|| member("value")).filter(is_list) {
            Some(list) => {
                let token = member("SkipToken").map(|range| &self.text[range]);
                if token.is_some_and(|token| !["null", "\"\""].contains(&token)) {
                    let message = "is one page of several: `SkipToken` says that more follows";
                    self.note(NoteKind::Partial, message, at..at + 1);
                }
                self.list(list.start, 0);
            }
            None => {
                self.object(at..end);
            }
        }
        end
    }

    fn list(&mut self, at: usize, depth: usize) {
        if self.extent == Extent::Unknown {
            self.extent = Extent::Whole;
        }
        let mut elements = Elements::new(self.text, at);
        while let Some(element) = elements.next() {
            match element {
                Ok(range) if !self.text[range.clone()].starts_with('[') => {
                    if !self.object(range.clone()) {
                        elements.resume_within(&range);
                    }
                }
                Ok(range) if depth < DEPTH_LIMIT => self.list(range.start, depth + 1),
                Ok(range) => {
                    let message =
                        format!("lists within lists are read to a depth of {DEPTH_LIMIT}");
                    self.note(NoteKind::Refused, message, range.start..range.start + 1);
                }
                Err(broken) => {
                    self.note(NoteKind::Refused, broken.message, broken.at..broken.at + 1);
                }
            }
        }
    }

    /// Takes one object; false where it is no JSON at all.
    fn object(&mut self, range: Range<usize>) -> bool {
        let item = match serde_json::from_str(&self.text[range.clone()]) {
            Ok(Value::Object(stated)) => item(stated),
            Ok(other) => Err(format!("expected an object, found `{other:.60}`")),
            Err(error) => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or("").to_owned();
                self.note(NoteKind::Refused, message, range);
                return false;
            }
        };
        match item {
            Ok(item) => self.items.push((item, range)),
            Err(message) => self.note(NoteKind::Refused, message, range),
        }
        true
    }
}

/// The item as the management API would state it, or why there is none.
fn item(stated: Map<String, Value>) -> Result<Value, String> {
    // A row of Resource Graph keeps the keys of the service.
    if stated.get("id").is_some_and(Value::is_string) {
        if stated.get("properties").is_some_and(is_cut_text) {
            return Err(cut_off("properties"));
        }
        return rows::item(stated);
    }
    let text = |key: &str| stated.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut properties = Map::new();
    for (key, value) in &stated {
        let name = camel(key);
        if name == "virtualNetworkId" && value.is_string() {
            properties.insert("virtualNetwork".to_owned(), serde_json::json!({ "id": value }));
        }
        let Some(name) = arm::property_named(&name).filter(|_| !value.is_null()) else { continue };
        let lowered = lowered(value);
        let is_text = TEXTS.contains(&name);
        let kept = if is_text && !lowered.is_string() {
            continue;
        } else if is_text || SCALARS.contains(&name) || !is_cut(name, &lowered) {
            lowered
        } else if let Some(whole) = text(&format!("{key}Text"))
            .and_then(|text| serde_json::from_str(text).ok())
            .filter(|whole: &Value| whole.is_object() || whole.is_array())
        {
            // The network module states such properties a second time, as JSON in a text.
            self::lowered(&whole)
        } else if name == "metadata" {
            continue;
        } else {
            return Err(cut_off(key));
        };
        // Whether a connection is approved cannot be told from a number.
        let numbered = |connection: &Value| {
            let state = &connection["privateLinkServiceConnectionState"];
            state["status"].is_number() || connection["properties"].is_number()
        };
        match &kept {
            Value::Array(connections)
                if name == "privateEndpointConnections" && connections.iter().any(numbered) => {}
            Value::Object(_) if name == "records" => {
                properties.insert(name.to_owned(), Value::Array(vec![kept]));
            }
            _ => {
                properties.insert(name.to_owned(), kept);
            }
        }
    }
    if let Some(Value::Array(records)) = properties.get_mut("records") {
        records.iter_mut().for_each(wrap_text);
    }
    let mut item = Map::new();
    let resource_id = text("Id").or_else(|| text("ResourceId"));
    let name = text("Name").or_else(|| text("AccountName"));
    match (resource_id, text("ZoneName"), name) {
        (Some(id), ..) => {
            item.insert("id".to_owned(), id.into());
            item.extend(name.map(|name| ("name".to_owned(), name.into())));
        }
        (None, Some(zone), Some(name)) => {
            let kind = match stated.get("RecordType") {
                Some(record_type) => record_type_of(record_type, properties.get("records")),
                None => properties.get("virtualNetwork").map(|_| "virtualNetworkLinks".to_owned()),
            };
            let kind = kind.ok_or_else(no_id)?;
            item.insert(
                "type".to_owned(),
                format!("Microsoft.Network/privateDnsZones/{kind}").into(),
            );
            item.insert("name".to_owned(), format!("{zone}/{name}").into());
        }
        _ => return Err(no_id()),
    }
    let texts = [("location", text("Location")), ("resourceGroup", text("ResourceGroupName"))];
    item.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.into()))));
    item.insert("properties".to_owned(), Value::Object(properties));
    Ok(Value::Object(item))
}

fn no_id() -> String {
    "expected an object with `Id` or `ResourceId`; convert whole objects, without `Select-Object`"
        .to_owned()
}

fn cut_off(key: &str) -> String {
    format!("`{key}` was cut off by ConvertTo-Json; use -Depth 10")
}

fn record_type_of(stated: &Value, records: Option<&Value>) -> Option<String> {
    if let Some(text) = stated.as_str() {
        return Some(text.to_owned());
    }
    let told = RECORD_KEYS
        .iter()
        .find(|(key, _)| records.is_some_and(|records| !records[0][key].is_null()));
    let number = || usize::try_from(stated.as_u64()?).ok();
    let numbered = || RECORD_TYPES.get(number()?).copied();
    told.map(|told| told.1).or_else(numbered).map(str::to_owned)
}

/// The module joins the texts of a TXT record to one.
fn wrap_text(record: &mut Value) {
    if let Some(value) = record.get_mut("value").filter(|value| value.is_string()) {
        *value = Value::Array(vec![value.take()]);
    }
}

/// `ResourceGuid` as `resourceGuid`.
fn camel(key: &str) -> String {
    let mut letters = key.chars();
    match letters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

/// The value with all keys in camel case.
fn lowered(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (camel(key), lowered(value))).collect()
        }
        Value::Array(values) => values.iter().map(lowered).collect(),
        other => other.clone(),
    }
}

/// Whether a text is what `ConvertTo-Json` makes of an object that lies too deep.
fn is_cut_text(value: &Value) -> bool {
    let heads = ["@{", "System.", "Microsoft.Azure."];
    value.as_str().is_some_and(|text| heads.iter().any(|head| text.starts_with(head)))
}

/// Whether something in a property that is a list or an object was cut off.
fn is_cut(name: &str, value: &Value) -> bool {
    fn inner(name: &str, value: &Value) -> bool {
        match value {
            // What a TXT record says may look like anything.
            _ if name == "value" => false,
            Value::String(_) => {
                is_cut_text(value) || TEXT_LISTS.contains(&name) || OBJECT_LISTS.contains(&name)
            }
            Value::Array(values) => values.iter().any(|value| match value {
                Value::String(_) if TEXT_LISTS.contains(&name) => is_cut_text(value),
                value => inner(name, value),
            }),
            Value::Object(members) => members.iter().any(|(key, value)| inner(key, value)),
            _ => false,
        }
    }
    // Services state texts where other kinds of item have lists and objects.
    let text_fits = inventory::properties().any(|known| known == name);
    value.is_string() && !text_fits || inner(name, value)
}

#[cfg(test)]
mod tests {
    use crate::source::show::{read, show};

    const ZONE: &str = "/subscriptions/S/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/contoso.com";
    const NET: &str = "/subscriptions/S/resourceGroups/net/providers/Microsoft.Network";

    fn document(text: &str) -> String {
        text.replace("ZONE", ZONE).replace("NET", NET)
    }

    #[test]
    fn zones_record_sets_and_links_are_read() {
        let zones = r#"{"Name": "contoso.com", "ResourceId": "ZONE", "ResourceGroupName": "dns",
            "NumberOfRecordSets": 4, "NumberOfVirtualNetworkLinks": 1, "Tags": {}}"#;
        let sets = r#"[
            {"Id": "ZONE/A/nas", "Name": "nas", "ZoneName": "contoso.com", "Ttl": 300, "RecordType": 0,
             "Records": [{"Ipv4Address": "10.0.0.7"}], "Metadata": "System.Collections.Hashtable", "IsAutoRegistered": null},
            {"Id": "ZONE/TXT/t", "Name": "t", "ZoneName": "contoso.com", "Ttl": 300, "RecordType": 7,
             "Records": [{"Value": "System.out"}], "Metadata": {"creator": "me"}},
            {"Name": "alias", "ZoneName": "contoso.com", "ResourceGroupName": "dns", "Ttl": 60, "RecordType": 2,
             "Records": [{"Cname": "nas.contoso.com"}]},
            {"Name": "v6", "ZoneName": "contoso.com", "ResourceGroupName": "dns", "Ttl": 60, "RecordType": "AAAA",
             "Records": {"Ipv6Address": "fd00::1"}}
        ]"#;
        let links = r#"{"value": [{"Name": "l", "ResourceId": "ZONE/virtualNetworkLinks/l", "ZoneName": "contoso.com",
            "VirtualNetworkId": "NET/virtualNetworks/hub", "RegistrationEnabled": true,
            "ResolutionPolicy": "NxDomainRedirect", "VirtualNetworkLinkState": 1, "ProvisioningState": "Succeeded"}], "Count": 1}"#;
        let estate = read(&[zones, sets, links].map(document));
        insta::assert_snapshot!(show(&estate), @r#"
        zone contoso.com
          nas.contoso.com A 10.0.0.7
          t.contoso.com TXT "System.out"
          alias.contoso.com CNAME nas.contoso.com.
          v6.contoso.com AAAA fd00::1
          link l to hub
        "#);
        assert!(estate.inputs.iter().all(|input| input.kind == "powershell"));
        assert_eq!(estate.zones[0].declared_record_sets, Some(4));
        assert_eq!(estate.zones[0].links[0].policy, crate::estate::Policy::NxDomainRedirect);
    }

    #[test]
    fn networks_endpoints_and_batch_accounts_are_read() {
        let network = r#"[{"Name": "hub", "Id": "NET/virtualNetworks/hub", "Location": "westeurope",
            "AddressSpace": {"AddressPrefixes": "10.0.0.0/16 10.1.0.0/16"},
            "AddressSpaceText": "{\"AddressPrefixes\": [\"10.0.0.0/16\", \"10.1.0.0/16\"]}",
            "DhcpOptions": {"DnsServers": ["10.0.0.4"]}, "Subnets": ["Microsoft.Azure.Commands.Network.Models.PSSubnet"]}]"#;
        let endpoint = r#"{"Name": "pe", "Id": "NET/privateEndpoints/pe", "Subnet": {"Id": "NET/virtualNetworks/hub/subnets/s"},
            "PrivateLinkServiceConnections": [{"PrivateLinkServiceId": "NET/x/y", "GroupIds": ["blob"],
                "PrivateLinkServiceConnectionState": {"Status": "Approved"}}],
            "CustomDnsConfigs": [{"Fqdn": "x.blob.core.windows.net", "IpAddresses": ["10.0.0.9"]}]}"#;
        let account = r#"{"AccountName": "acct", "ResourceGroupName": "b", "Location": "eastus",
            "Id": "/subscriptions/S/resourceGroups/b/providers/Microsoft.Batch/batchAccounts/acct",
            "AccountEndpoint": "acct.eastus.batch.azure.com", "PublicNetworkAccess": 1,
            "PrivateEndpointConnections": [{"PrivateLinkServiceConnectionState": {"Status": 0}}]}"#;
        let estate = read(&[network, endpoint, account].map(document));
        assert_eq!(show(&estate), "");
        assert_eq!(estate.vnets[0].space.len(), 2);
        assert_eq!(estate.vnets[0].servers.as_ref().map(Vec::len), Some(1));
        assert_eq!(estate.endpoints[0].state, crate::estate::ConnectionState::Approved);
        assert_eq!(estate.endpoints[0].names.len(), 1);
        assert_eq!(estate.resources[0].names[0].endpoint, None);
        assert_eq!(estate.resources[0].public_access, None);
    }

    #[test]
    fn what_was_cut_off_is_refused() {
        let text = r#"[
            {"Id": "ZONE/A/a", "Name": "a", "RecordType": 0, "Records": ["Microsoft.Azure.Commands.PrivateDns.Models.ARecord"]},
            {"Id": "ZONE/A/b", "Name": "b", "RecordType": 0, "Records": "10.0.0.7"},
            {"Id": "NET/virtualNetworks/hub", "Name": "hub", "DhcpOptions": {"DnsServers": "10.0.0.4 10.0.0.5"}},
            {"Name": "c", "RecordType": 0, "Records": []},
            {"Id": "ZONE/A/d", "Name": "d", "RecordType": 0, "Records": [{"Ipv4Address": "10.0.0.7"}]},
            7
        ]"#;
        insta::assert_snapshot!(show(&read(&[document(text)])), @r#"
        zone contoso.com
          d.contoso.com A 10.0.0.7
        Refused: `Records` was cut off by ConvertTo-Json; use -Depth 10
          at "{\"Id\": \"/subscriptions/S/resourceGroups/"
        Refused: `Records` was cut off by ConvertTo-Json; use -Depth 10
          at "{\"Id\": \"/subscriptions/S/resourceGroups/"
        Refused: `DhcpOptions` was cut off by ConvertTo-Json; use -Depth 10
          at "{\"Id\": \"/subscriptions/S/resourceGroups/"
        Refused: expected an object with `Id` or `ResourceId`; convert whole objects, without `Select-Object`
          at "{\"Name\": \"c\", \"RecordType\": 0, \"Records\""
        Refused: expected an object, found `7`
          at "7"
        "#);
    }

    #[test]
    fn search_az_graph_is_read() {
        let text = r#"{"Data": [
            {"id": "ZONE/a/nas", "name": "nas", "type": "microsoft.network/privatednszones/a", "ResourceId": "ZONE/a/nas",
             "properties": {"ttl": 60, "records": [{"ipv4Address": "10.0.0.7"}]}},
            {"id": "ZONE/a/cut", "name": "cut", "type": "microsoft.network/privatednszones/a", "ResourceId": "ZONE/a/cut",
             "properties": "@{ttl=60; records=System.Object[]}"}
        ], "SkipToken": "x"}"#;
        insta::assert_snapshot!(show(&read(&[document(text)])), @r#"
        zone contoso.com
          nas.contoso.com A 10.0.0.7
        Partial: is one page of several: `SkipToken` says that more follows
          at "{"
        Refused: `properties` was cut off by ConvertTo-Json; use -Depth 10
          at "{\"id\": \"/subscriptions/S/resourceGroups/"
        "#);
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            r#"{"Id": 1, "Name": 2}"#,
            r#"[{"Id": "x", "Name": "y", "Records": [7, null, {}]}, "#,
            r#"{"ZoneName": "é", "Name": "é", "RecordType": 99999999999999999999}"#,
            r#"{"Data": [{"ResourceId": null}], "SkipToken""#,
            "{\"ZoneName\": 1}\n}}\n]",
        ] {
            assert!(!read(&[text]).notes.is_empty(), "{text}");
        }
    }
}
