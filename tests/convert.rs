//! `convert`: what is read back is the same, and what cannot be is told.

mod common;

use std::fs;
use std::path::Path;

use privdns::estate::Estate;
use privdns::index::Index;
use privdns::render::convert::{self, Azurerm, File};
use privdns::source::estate_text;
use proptest::prelude::*;

use common::program::{directory, run};
use common::{TYPES, answers, findings, names_and_below, read, read_paths};

const FIXTURE: &str = "fixtures/batch-migration";

/// A file of its own with that text.
fn written(name: &str, text: &str) -> String {
    let path = directory(&format!("convert/{name}")).join("in.estate");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_read_back_is_the_same_estate() {
    let before = Index::new(read_paths(&[&Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE)]));
    let names = names_and_below(before.estate());
    let (expected, told) = (answers(&before, &names, &TYPES), findings(&before));
    assert!(told.len() > 10);
    let path = directory("convert/fixture");
    for form in ["estate", "az", "zonefile"] {
        let to = path.join(if form == "estate" { "all.estate" } else { form });
        let (status, out, _) = run(&["convert", FIXTURE, "--to", form, "-o", to.to_str().unwrap()]);
        assert_eq!((status, out.as_str()), (0, ""), "{form}");
    }
    // Zone files hold records only: the rest comes from the text, without its records.
    let text = fs::read_to_string(path.join("all.estate")).unwrap();
    let mut rest = String::new();
    let mut in_zone = false;
    for line in text.lines() {
        in_zone = line.starts_with("zone ") || in_zone && line.starts_with(' ');
        match line.starts_with("zone ") {
            true => rest.push_str(&format!("{line}  unread\n")),
            false if in_zone => {}
            false => rest.push_str(&format!("{line}\n")),
        }
    }
    let rest_path = path.join("rest.estate");
    fs::write(&rest_path, rest).unwrap();
    for paths in [
        &[&*path.join("all.estate")][..],
        &[&*path.join("az")],
        &[&*path.join("zonefile"), &*rest_path],
    ] {
        let after = Index::new(read_paths(paths));
        assert_eq!(answers(&after, &names, &TYPES), expected, "{paths:?}");
        assert_eq!(findings(&after), told, "{paths:?}");
    }
}

/// Everything that the text form can say.
const ALL: &str = r##"vnet hub  id /subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub  location westeurope  space 10.0.0.0/16,fd00::/48
vnet lone  group rg  dns 10.0.0.4,10.0.0.5
vnet seen  dns unknown

zone corp.internal  group rg  links-missing  link rg/lone:redirect:registration:pending:name=other
  @  MX  60  10 mail.corp.internal.
  *.dev  AAAA  300  fd00::1
  a-b  CNAME  nas.corp.internal.
  a.b  CNAME  10  nas.corp.internal.
  none  A
  ptr  PTR  60  a.example.  b.example.
  t  TXT  60  "${x} %{y} \"q\" \\ it's" "second"
  t  TXT  60  "\255"
  vm  A  !registered  10  10.0.0.9

zone seen.internal  unread  links-unread

zone privatelink.blob.core.windows.net  id /subscriptions/s1/resourceGroups/RG-dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net  partial  links-unread  link /subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub:redirect  link rg/lone:unstated:name=l
  @  SOA  60  ns.corp.internal. hostmaster.corp.internal. 7 1 2 3 4
  _sip._tcp  SRV  60  1 2 5060 sip.corp.internal.
  acct  A  !creator "created by private endpoint pe"  10  10.0.0.4  10.0.0.5

resource acct  type Microsoft.Batch/batchAccounts  location westeurope  id /subscriptions/s1/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/acct  public-access off
  acct.westeurope.batch.azure.com  batchAccount  endpoint
  x.westeurope.service.batch.azure.com  nodeManagement  no-endpoint

resource vault  type Microsoft.KeyVault/vaults

endpoint pe  vnet /subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub  target /subscriptions/s1/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/acct  id /subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe  group batchAccount  not-approved
  acct.westeurope.batch.azure.com  10.0.0.4

public blob other
public record www.example.com A  60  192.0.2.1
public record gone.example.com NXDOMAIN
"##;

#[test]
fn the_text_form_holds_everything() {
    let path = written("text", ALL);
    assert_eq!(run(&["convert", &path, "--to", "estate"]), (0, ALL.to_owned(), told("estate")));
}

/// What is said to be lost of [`ALL`].
fn told(form: &str) -> String {
    let estate = common::load([ALL]);
    let losses = match form {
        "estate" => convert::estate_losses(&estate),
        "zonefile" => convert::zone_file_losses(&estate),
        "az" => convert::az(&estate).1,
        "terraform" => convert::terraform(&estate, Azurerm::V5).1,
        _ => convert::bicep(&estate).1,
    };
    losses.lines().map(|line| format!("note: {line}\n")).collect()
}

#[test]
fn whatever_a_form_cannot_hold_is_told() {
    insta::assert_snapshot!(told("estate"), @"");
    insta::assert_snapshot!(told("az"), @r#"
    note: 2 zones: known in part only; items stand one by one, as `az … show` gives them
    note: 2 public answers: left out; no export of Azure holds any
    note: 1 statement on an endpoint: left out; no resource is named
    note: 1 resource: left out; only Batch accounts are written
    note: 2 links: left out; the zone or the network has no resource id
    note: 1 TXT record set: with octets that are no UTF-8, replaced by U+FFFD
    note: 1 private endpoint: with the network's id in `subnet`, since no subnet is known
    note: 2 zones: without a resource id, which is not made up
    note: 2 virtual networks: without a resource id, which is not made up; not seen by what reads by id
    "#);
    insta::assert_snapshot!(told("zonefile"), @r#"
    note: 2 marks of record sets: a zone file cannot say what is registered, or who made it
    note: 3 facts of public DNS: a zone file holds none
    note: 3 links: a zone file holds none
    note: 1 private endpoint: a zone file holds none
    note: 2 resources: a zone file holds none
    note: 3 virtual networks: a zone file holds none
    note: 1 resource id: a zone file names the resource group only
    note: 1 zone: known in part only, which a zone file cannot say
    note: 1 zone: left out, for want of records
    note: 1 zone: read back as partial, for want of a SOA record
    note: 1 record set: with the TTL of the file, for want of an own
    note: 1 record set: written as a comment, for want of records
    "#);
    insta::assert_snapshot!(told("terraform"), @r#"
    note: 1 TXT record set: each record as one string, since this form has no other
    note: 1 record set: kept by private endpoints; take out what a zone group keeps
    note: 2 zones: known in part only
    note: 1 record set: left out, for want of records
    note: 1 zone: left out; mentioned by something else, and not known otherwise
    note: 3 facts of public DNS: left out; this form has zones, record sets and links
    note: 1 private endpoint: left out; this form has zones, record sets and links
    note: 2 resources: left out; this form has zones, record sets and links
    note: 3 virtual networks: left out; this form has zones, record sets and links
    note: 1 record set: left out; virtual machines register these
    note: 1 link: pending, which only the service can say
    note: 2 links: to a network without a resource id; a variable asks for it
    note: 1 TXT record set: with octets that are no UTF-8, replaced by U+FFFD
    note: 1 record set: without a TTL; a variable asks for it
    note: 1 zone: without a resource id
    note: 1 SOA record: without host and serial number, which the service keeps
    note: 1 link: written without a policy, since none is stated
    "#);
    insta::assert_snapshot!(told("bicep"), @r#"
    note: 1 record set: kept by private endpoints; take out what a zone group keeps
    note: 2 zones: known in part only
    note: 1 zone: left out; mentioned by something else, and not known otherwise
    note: 3 facts of public DNS: left out; this form has zones, record sets and links
    note: 1 private endpoint: left out; this form has zones, record sets and links
    note: 2 resources: left out; this form has zones, record sets and links
    note: 3 virtual networks: left out; this form has zones, record sets and links
    note: 1 record set: left out; virtual machines register these
    note: 1 link: pending, which only the service can say
    note: 2 links: to a network without a resource id; a parameter asks for it
    note: 1 TXT record set: with octets that are no UTF-8, replaced by U+FFFD
    note: 2 record sets: without a TTL; a parameter asks for it
    note: 1 zone: without a resource id
    note: 1 SOA record: without host and serial number, which the service keeps
    note: 1 link: written without a policy, since none is stated
    "#);
    let to = directory("convert/told");
    let path = written("told-in", ALL);
    for form in ["az", "zonefile", "terraform", "bicep"] {
        let to = to.join(form);
        let output = run(&["convert", &path, "--to", form, "-o", to.to_str().unwrap()]);
        assert_eq!(output, (0, String::new(), told(form)));
        assert!(fs::read_dir(&to).unwrap().count() > 0);
    }
}

fn one(files: Vec<File>) -> String {
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().map(|file| format!("{}\n{}", file.path, file.text)).collect()
}

/// Who else answers, as far as `az` knows it.
#[test]
fn az_json_holds_who_else_answers() {
    let network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
    let text = format!(
        "vnet hub  id {network}/virtualNetworks/hub  space 10.0.0.0/16  dns 10.0.0.4\n\n\
         inbound in  vnet rg/hub  address 10.0.0.4  id {network}/dnsResolvers/r/inboundEndpoints/in\n\n\
         ruleset rules  id {network}/dnsForwardingRulesets/rules  location westeurope  link rg/hub:name=l\n  \
           .  !disabled  !name all  10.9.0.10\n  corp.contoso.com  !name corp  10.9.0.10  10.9.0.11:5353\n\n\
         server fw  kind firewall  vnet rg/hub  address 10.0.2.4  recursion off  id {network}/azureFirewalls/fw\n  \
           forward .  168.63.129.16\n\n\
         server fw-off  kind firewall  vnet rg/hub  address 10.0.3.4  recursion off  id {network}/azureFirewalls/fw-off\n  \
           forward .\n\n\
         nic vm  vnet rg/hub  address 10.0.1.4  dns 168.63.129.16  role primary  id {network}/networkInterfaces/vm\n"
    );
    let before = estate_text::write(&common::load([text.as_str()]));
    let (files, losses) = convert::az(&common::load([text.as_str()]));
    assert_eq!(losses.lines().count(), 0);
    let after = read(files.iter().map(|file| (&file.path, &file.text)));
    assert_eq!(estate_text::write(&after), before);

    let more = format!(
        "{text}\nsite hq  dns 10.9.0.10\nserver dc  address 10.9.0.10\n  zone hq.internal\n\
        nic other  vnet rg/hub  vm vm2\nruleset bare\n"
    );
    let losses: Vec<String> = convert::az(&common::load([more.as_str()])).1.lines().collect();
    insta::assert_snapshot!(losses.join("\n"), @"
    1 DNS server: left out; `az` knows firewalls that forward everything, and nothing else
    1 site: left out; it is not in Azure
    1 network interface: left out; without a resource id, which is not made up
    1 ruleset: left out; without a resource id, which is not made up
    1 network interface: without its virtual machine, whose resource id is not known
    1 ruleset: without saying that it has no rules
    ");
}

/// All record types and odd names, with ids.
fn types() -> Estate {
    let zone = "zone corp.internal  id /SUBSCRIPTIONS/s1/resourcegroups/RG/providers/microsoft.network/privatednszones/corp.internal  link hub:registration";
    let text = r#"
  @     SOA   3600 azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10
  @     MX    60 10 mail.corp.internal
  @     MX    60 20 mail2.corp.internal
  *.dev AAAA  300 fd00::1
  a-b   CNAME 10 nas.corp.internal
  a.b   CNAME 10 nas.corp.internal
  a\032b A    10 10.0.0.1 10.0.0.2
  4     PTR   60 host.corp.internal
  _sip._tcp SRV 60 1 2 5060 sip.corp.internal
  t     TXT   60 "${x} %{y} \"q\" \\ it's"
"#;
    common::load([format!(
        "vnet hub  id /subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub\n{zone}{text}"
    )
    .as_str()])
}

/// A zone and a network of which only the names are known.
const BARE: &str =
    "vnet hub\nzone privatelink.blob.core.windows.net  link hub\n  acct  A  10.0.0.4\n";

#[test]
fn terraform_is_written_for_every_type() {
    let (files, losses) = convert::terraform(&types(), Azurerm::V5);
    assert_eq!(losses.lines().count(), 1, "{losses:?}");
    insta::assert_snapshot!(one(files), @r#"
    zones.tf
    # Subscription s1.

    resource "azurerm_private_dns_zone" "corp_internal" {
      name                = "corp.internal"
      resource_group_name = "RG"
    }

    import {
      to = azurerm_private_dns_zone.corp_internal
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal"
    }

    resource "azurerm_private_dns_mx_record" "corp_internal_apex" {
      name                = "@"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 60

      record {
        preference = 10
        exchange   = "mail.corp.internal"
      }

      record {
        preference = 20
        exchange   = "mail2.corp.internal"
      }
    }

    import {
      to = azurerm_private_dns_mx_record.corp_internal_apex
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/MX/@"
    }

    resource "azurerm_private_dns_aaaa_record" "corp_internal_wildcard_dev" {
      name                = "*.dev"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 300
      records             = ["fd00::1"]
    }

    import {
      to = azurerm_private_dns_aaaa_record.corp_internal_wildcard_dev
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/AAAA/*.dev"
    }

    resource "azurerm_private_dns_cname_record" "corp_internal_a_b" {
      name                = "a-b"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 10
      record              = "nas.corp.internal"
    }

    import {
      to = azurerm_private_dns_cname_record.corp_internal_a_b
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/CNAME/a-b"
    }

    resource "azurerm_private_dns_cname_record" "corp_internal_a_b_2" {
      name                = "a.b"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 10
      record              = "nas.corp.internal"
    }

    import {
      to = azurerm_private_dns_cname_record.corp_internal_a_b_2
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/CNAME/a.b"
    }

    resource "azurerm_private_dns_a_record" "corp_internal_a_032b" {
      name                = "a\\032b"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 10
      records             = ["10.0.0.1", "10.0.0.2"]
    }

    import {
      to = azurerm_private_dns_a_record.corp_internal_a_032b
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/A/a\\032b"
    }

    resource "azurerm_private_dns_ptr_record" "corp_internal_4" {
      name                = "4"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 60
      records             = ["host.corp.internal"]
    }

    import {
      to = azurerm_private_dns_ptr_record.corp_internal_4
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/PTR/4"
    }

    resource "azurerm_private_dns_srv_record" "corp_internal__sip__tcp" {
      name                = "_sip._tcp"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 60

      record {
        priority = 1
        weight   = 2
        port     = 5060
        target   = "sip.corp.internal"
      }
    }

    import {
      to = azurerm_private_dns_srv_record.corp_internal__sip__tcp
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/SRV/_sip._tcp"
    }

    resource "azurerm_private_dns_txt_record" "corp_internal_t" {
      name                = "t"
      private_dns_zone_id = azurerm_private_dns_zone.corp_internal.id
      ttl                 = 60

      record {
        value = "$${x} %%{y} \"q\" \\ it's"
      }
    }

    import {
      to = azurerm_private_dns_txt_record.corp_internal_t
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/TXT/t"
    }

    resource "azurerm_private_dns_zone_virtual_network_link" "corp_internal_to_hub" {
      name                 = "to-hub"
      private_dns_zone_id  = azurerm_private_dns_zone.corp_internal.id
      virtual_network_id   = "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub"
      registration_enabled = true
    }

    import {
      to = azurerm_private_dns_zone_virtual_network_link.corp_internal_to_hub
      id = "/subscriptions/s1/resourceGroups/RG/providers/Microsoft.Network/privateDnsZones/corp.internal/virtualNetworkLinks/to-hub"
    }
    "#);
    let (files, _) = convert::terraform(&common::load([BARE]), Azurerm::V4);
    insta::assert_snapshot!(one(files), @r#"
    zones.tf
    resource "azurerm_private_dns_zone" "privatelink_blob_core_windows_net" {
      name                = "privatelink.blob.core.windows.net"
      resource_group_name = var.resource_group_of_privatelink_blob_core_windows_net
    }

    resource "azurerm_private_dns_a_record" "privatelink_blob_core_windows_net_acct" {
      name                = "acct"
      zone_name           = azurerm_private_dns_zone.privatelink_blob_core_windows_net.name
      resource_group_name = azurerm_private_dns_zone.privatelink_blob_core_windows_net.resource_group_name
      ttl                 = var.ttl
      records             = ["10.0.0.4"]
    }

    resource "azurerm_private_dns_zone_virtual_network_link" "privatelink_blob_core_windows_net_to_hub" {
      name                  = "to-hub"
      private_dns_zone_name = azurerm_private_dns_zone.privatelink_blob_core_windows_net.name
      resource_group_name   = azurerm_private_dns_zone.privatelink_blob_core_windows_net.resource_group_name
      virtual_network_id    = var.id_of_hub
      registration_enabled  = false
      resolution_policy     = "Default"
    }

    variable "id_of_hub" {
      type        = string
      description = "The resource id of virtual network hub."
    }

    variable "resource_group_of_privatelink_blob_core_windows_net" {
      type        = string
      description = "The resource group of zone privatelink.blob.core.windows.net."
    }

    variable "ttl" {
      type        = number
      description = "The TTL in seconds of record sets that were given without one."
    }
    "#);
}

#[test]
fn bicep_is_written_for_every_type() {
    let (files, losses) = convert::bicep(&types());
    assert_eq!(losses.lines().count(), 1, "{losses:?}");
    insta::assert_snapshot!(one(files), @r#"
    rg.bicep
    // Resource group rg of subscription s1.

    resource vnet_hub 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
      name: 'hub'
      scope: resourceGroup('s1', 'net')
    }

    resource zone_corp_internal 'Microsoft.Network/privateDnsZones@2024-06-01' = {
      name: 'corp.internal'
      location: 'global'
    }

    resource zone_corp_internal_apex_mx 'Microsoft.Network/privateDnsZones/MX@2024-06-01' = {
      parent: zone_corp_internal
      name: '@'
      properties: {
        ttl: 60
        mxRecords: [
          {
            preference: 10
            exchange: 'mail.corp.internal'
          }
          {
            preference: 20
            exchange: 'mail2.corp.internal'
          }
        ]
      }
    }

    resource zone_corp_internal_wildcard_dev_aaaa 'Microsoft.Network/privateDnsZones/AAAA@2024-06-01' = {
      parent: zone_corp_internal
      name: '*.dev'
      properties: {
        ttl: 300
        aaaaRecords: [
          {
            ipv6Address: 'fd00::1'
          }
        ]
      }
    }

    resource zone_corp_internal_a_b_cname 'Microsoft.Network/privateDnsZones/CNAME@2024-06-01' = {
      parent: zone_corp_internal
      name: 'a-b'
      properties: {
        ttl: 10
        cnameRecord: {
          cname: 'nas.corp.internal'
        }
      }
    }

    resource zone_corp_internal_a_b_cname_2 'Microsoft.Network/privateDnsZones/CNAME@2024-06-01' = {
      parent: zone_corp_internal
      name: 'a.b'
      properties: {
        ttl: 10
        cnameRecord: {
          cname: 'nas.corp.internal'
        }
      }
    }

    resource zone_corp_internal_a_032b_a 'Microsoft.Network/privateDnsZones/A@2024-06-01' = {
      parent: zone_corp_internal
      name: 'a\\032b'
      properties: {
        ttl: 10
        aRecords: [
          {
            ipv4Address: '10.0.0.1'
          }
          {
            ipv4Address: '10.0.0.2'
          }
        ]
      }
    }

    resource zone_corp_internal_4_ptr 'Microsoft.Network/privateDnsZones/PTR@2024-06-01' = {
      parent: zone_corp_internal
      name: '4'
      properties: {
        ttl: 60
        ptrRecords: [
          {
            ptrdname: 'host.corp.internal'
          }
        ]
      }
    }

    resource zone_corp_internal__sip__tcp_srv 'Microsoft.Network/privateDnsZones/SRV@2024-06-01' = {
      parent: zone_corp_internal
      name: '_sip._tcp'
      properties: {
        ttl: 60
        srvRecords: [
          {
            priority: 1
            weight: 2
            port: 5060
            target: 'sip.corp.internal'
          }
        ]
      }
    }

    resource zone_corp_internal_t_txt 'Microsoft.Network/privateDnsZones/TXT@2024-06-01' = {
      parent: zone_corp_internal
      name: 't'
      properties: {
        ttl: 60
        txtRecords: [
          {
            value: [
              '\${x} %{y} "q" \\ it\'s'
            ]
          }
        ]
      }
    }

    resource zone_corp_internal_link_to_hub 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
      parent: zone_corp_internal
      name: 'to-hub'
      location: 'global'
      properties: {
        registrationEnabled: true
        virtualNetwork: {
          id: vnet_hub.id
        }
      }
    }
    "#);
    let (files, _) = convert::bicep(&common::load([BARE]));
    insta::assert_snapshot!(one(files), @r#"
    zones.bicep
    @description('The TTL in seconds of record sets that were given without one.')
    param ttl int

    @description('The resource id of virtual network hub.')
    param vnet_hub_id string

    resource zone_privatelink_blob_core_windows_net 'Microsoft.Network/privateDnsZones@2024-06-01' = {
      name: 'privatelink.blob.core.windows.net'
      location: 'global'
    }

    resource zone_privatelink_blob_core_windows_net_acct_a 'Microsoft.Network/privateDnsZones/A@2024-06-01' = {
      parent: zone_privatelink_blob_core_windows_net
      name: 'acct'
      properties: {
        ttl: ttl
        aRecords: [
          {
            ipv4Address: '10.0.0.4'
          }
        ]
      }
    }

    resource zone_privatelink_blob_core_windows_net_link_to_hub 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
      parent: zone_privatelink_blob_core_windows_net
      name: 'to-hub'
      location: 'global'
      properties: {
        registrationEnabled: false
        resolutionPolicy: 'Default'
        virtualNetwork: {
          id: vnet_hub_id
        }
      }
    }
    "#);
}

/// Every block is closed and every string ends on its line.
fn is_balanced(text: &str, quote: char) -> bool {
    let mut depth = 0;
    for line in text.lines().filter(|line| !line.starts_with(['#', '/'])) {
        let mut within = false;
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' if within => drop(characters.next()),
                c if c == quote => within = !within,
                '{' | '[' if !within => depth += 1,
                '}' | ']' if !within => depth -= 1,
                _ => {}
            }
        }
        if within || depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[test]
fn several_subscriptions_and_groups_are_several_files() {
    let zone = |subscription: &str, group: &str, name: &str| {
        format!(
            "zone {name}  id /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{name}\n"
        )
    };
    let text = [zone("s1", "a", "x.y"), zone("s1", "b", "x.y"), zone("s2", "a", "x.y")].concat();
    let estate = common::load([text.as_str()]);
    let paths = |files: Vec<File>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
    assert_eq!(paths(convert::terraform(&estate, Azurerm::V5).0), ["s1/zones.tf", "s2/zones.tf"]);
    assert_eq!(paths(convert::bicep(&estate).0), ["s1/a.bicep", "s1/b.bicep", "s2/a.bicep"]);
    assert_eq!(convert::zone_files(&estate), ["x.y.a", "x.y.b", "x.y.a.2"]);
}

#[test]
fn a_directory_is_asked_for_and_not_overwritten() {
    let path = written("refused", BARE);
    let (status, out, err) = run(&["convert", &path, "--to", "az"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("give a directory for them: -o DIRECTORY"), "{err}");
    let (status, out, _) = run(&["convert", &path, "--to", "zonefile"]);
    let expected = "$ORIGIN privatelink.blob.core.windows.net.\n$TTL 3600\nacct IN A 10.0.0.4\n";
    assert_eq!((status, out.as_str()), (0, expected));
    let to = directory("convert/refused-out");
    let to = to.to_str().unwrap();
    assert_eq!(run(&["convert", &path, "--to", "az", "-o", to]).0, 0);
    let (status, _, err) = run(&["convert", &path, "--to", "az", "-o", to]);
    assert_eq!(status, 2);
    assert!(err.contains("is not empty; --force writes into it"), "{err}");
    assert_eq!(run(&["convert", &path, "--to", "az", "-o", to, "--force"]).0, 0);
    let (status, _, err) = run(&["convert", &path, "--to", "bicep", "-o", &path, "--force"]);
    assert_eq!(status, 2);
    assert!(err.contains("is a file; this form is a directory of files"), "{err}");
    assert_eq!(fs::read_to_string(&path).unwrap(), BARE);
    let left = fs::read_dir(Path::new(to)).unwrap();
    let parts = left.filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "part")
    });
    assert_eq!(parts.count(), 0);
}

fn record() -> impl Strategy<Value = String> {
    let owner = prop::sample::select(vec!["@", "a", "b", "*", "a.b", "x/y", "\\@", "a\\032b"]);
    let data = prop::sample::select(vec![
        "A 10.0.0.1",
        "A 60 10.0.0.1 10.0.0.2",
        "A !registered 10 10.0.0.3",
        "A !creator \"pe\" 10 10.0.0.4",
        "A",
        "AAAA 60 fd00::1",
        "CNAME a.example",
        "CNAME .",
        "MX 60 1 a.example",
        "PTR 60 a.example b.example",
        "SRV 60 1 2 3 a.example",
        "TXT \"${x}\" \"é \\\\ \\\"\"",
        "TXT 0 \"\"",
        "SOA 60 a.example b.example 1 2 3 4 5",
    ]);
    (owner, data).prop_map(|(owner, data)| format!("  {owner}  {data}\n"))
}

const ID: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

fn zone(apex: &'static str) -> impl Strategy<Value = String> {
    let flags = ["", ":unstated", ":redirect", ":pending", ":registration:name=l"];
    let link = |vnet: &'static str| {
        prop::option::of(prop::sample::select(flags.to_vec())).prop_map(move |flags| match flags {
            Some(flags) => format!("  link {ID}/virtualNetworks/{vnet}{flags}"),
            None => String::new(),
        })
    };
    let extent = prop::sample::select(vec!["", "  partial", "  unread"]);
    let links = prop::sample::select(vec!["", "  links-missing", "  links-unread"]);
    let records = prop::collection::vec(record(), 0..6);
    (link("hub"), link("spoke"), extent, links, records).prop_map(
        move |(hub, spoke, extent, links, records)| {
            // A part of nothing is not told from nothing.
            let extent =
                if records.is_empty() && extent == "  partial" { "  unread" } else { extent };
            let id = format!("{ID}/privateDnsZones/{apex}");
            format!("zone {apex}  id {id}{extent}{links}{hub}{spoke}\n{}", records.concat())
        },
    )
}

fn estate() -> impl Strategy<Value = String> {
    let dns =
        prop::sample::select(vec!["", "  dns 10.0.0.4", "  dns unknown", "  space 10.0.0.0/8"]);
    let endpoint = prop::sample::select(vec!["", "  not-approved", "  group blob"]);
    let batch = prop::sample::select(vec!["", "  endpoint", "  no-endpoint"]);
    (zone("corp.internal"), zone("privatelink.blob.core.windows.net"), dns, endpoint, batch)
        .prop_map(|(one, other, dns, endpoint, batch)| {
            let batch_id = ID.replace("Network", "Batch");
            format!(
                "vnet hub  id {ID}/virtualNetworks/hub{dns}\nvnet spoke  id {ID}/virtualNetworks/spoke\n{one}{other}\
                 endpoint pe  id {ID}/privateEndpoints/pe  vnet {ID}/virtualNetworks/hub{endpoint}\n  a.example 10.0.0.1\n\
                 resource r  type Microsoft.Batch/batchAccounts  id {batch_id}/batchAccounts/r{}\n  r.example  batchAccount{batch}\n",
                if batch.is_empty() { "" } else { "  public-access on" },
            )
        })
}

proptest! {
    #![proptest_config(common::cases(300))]

    #[test]
    fn az_json_reads_back(text in estate()) {
        let before = common::load([text.as_str()]);
        let (files, _) = convert::az(&before);
        let after = read(files.iter().map(|file| (&file.path, &file.text)));
        let shown: String = files.iter().map(|file| format!("{}\n{}", file.path, file.text)).collect();
        prop_assert_eq!(estate_text::write(&after), estate_text::write(&before), "{}\n--\n{}", text, shown);
        prop_assert!(after.notes.is_empty(), "{:?}\n{}", after.notes, shown);
    }

    #[test]
    fn programs_are_balanced(text in estate()) {
        let estate = common::load([text.as_str()]);
        let (terraform, _) = convert::terraform(&estate, Azurerm::V5);
        let (bicep, _) = convert::bicep(&estate);
        for (files, quote) in [(terraform, '"'), (bicep, '\'')] {
            for file in files {
                prop_assert!(is_balanced(&file.text, quote), "{}", file.text);
            }
        }
    }
}
