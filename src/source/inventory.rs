//! Where the services of Private Link state the names of their resources.
//!
//! One table serves every form of input: the management API's properties, found
//! with or without `properties` around them and in any case, and the attributes
//! that Terraform has for them. A name belongs to the sub-resource that a private
//! endpoint has to lead to for the name to be an alias.
//!
//! Properties: REST references of each provider, learn.microsoft.com/rest/api, and
//! Azure/azure-rest-api-specs `specification/*/resource-manager`. Attributes:
//! registry.terraform.io/providers/hashicorp/azurerm. Sub-resources: "Azure Private Endpoint
//! private DNS zone values", learn.microsoft.com/azure/private-link/private-endpoint-dns. All read
//! 2026-11.

use serde_json::{Map, Value};

/// A service whose resources are reached by name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// The type in the management API.
    pub kind: &'static str,
    /// Paths to names or addresses, each with its sub-resource. `a.b` is `b` within
    /// `a`, `a[]` stands for each element, `*` for each member.
    names: &'static [(&'static str, &'static str)],
    /// Paths to ids of the private zones it uses.
    zones: &'static [&'static str],
    /// The sub-resource of a connection that names none.
    ungrouped: Option<&'static str>,
    /// Terraform's types of it, and the attributes that hold the properties.
    terraform: &'static [(&'static str, Attributes)],
}

/// Attributes of Terraform, each with the path of its property.
pub(super) type Attributes = &'static [(&'static str, &'static str)];

/// One that has `names`; if all are of one sub-resource, a connection means that one.
const fn service(
    kind: &'static str,
    names: &'static [(&'static str, &'static str)],
    terraform: &'static [(&'static str, Attributes)],
) -> Service {
    Service { kind, names, zones: &[], ungrouped: None, terraform }
}

/// The property that says whether the internet reaches a resource.
const ACCESS: &str = "publicNetworkAccess";
const CONNECTIONS: &str = "privateEndpointConnections";

const APP_NAMES: &[(&str, &str)] = &[
    ("defaultHostName", "sites"),
    ("hostNames[]", "sites"),
    ("enabledHostNames[]", "sites"),
    ("hostNameSslStates[].name", "sites"),
];
const APP: Attributes = &[("default_hostname", "defaultHostName")];
const HOSTNAME: Attributes = &[("hostname", "hostName")];
const ENDPOINT: Attributes = &[("endpoint", "endpoint")];
const SERVER: Attributes = &[("fqdn", "fullyQualifiedDomainName")];
const BUS: Attributes = &[("endpoint", "serviceBusEndpoint")];

const SERVICES: &[Service] = &[
    Service {
        // API versions before node management endpoints name no sub-resource.
        ungrouped: Some("batchAccount"),
        ..service(
            "Microsoft.Batch/batchAccounts",
            &[("accountEndpoint", "batchAccount"), ("nodeManagementEndpoint", "nodeManagement")],
            &[("azurerm_batch_account", &[("account_endpoint", "accountEndpoint")])],
        )
    },
    service(
        "Microsoft.KeyVault/vaults",
        &[("vaultUri", "vault")],
        &[("azurerm_key_vault", &[("vault_uri", "vaultUri")])],
    ),
    service(
        "Microsoft.KeyVault/managedHSMs",
        &[("hsmUri", "managedhsm")],
        &[("azurerm_key_vault_managed_hardware_security_module", &[("hsm_uri", "hsmUri")])],
    ),
    service(
        "Microsoft.Storage/storageAccounts",
        &[
            ("primaryEndpoints.blob", "blob"),
            ("primaryEndpoints.dfs", "dfs"),
            ("primaryEndpoints.file", "file"),
            ("primaryEndpoints.queue", "queue"),
            ("primaryEndpoints.table", "table"),
            ("primaryEndpoints.web", "web"),
            ("secondaryEndpoints.blob", "blob_secondary"),
            ("secondaryEndpoints.dfs", "dfs_secondary"),
            ("secondaryEndpoints.file", "file_secondary"),
            ("secondaryEndpoints.queue", "queue_secondary"),
            ("secondaryEndpoints.table", "table_secondary"),
            ("secondaryEndpoints.web", "web_secondary"),
        ],
        &[(
            "azurerm_storage_account",
            &[
                ("primary_blob_endpoint", "primaryEndpoints.blob"),
                ("primary_dfs_endpoint", "primaryEndpoints.dfs"),
                ("primary_file_endpoint", "primaryEndpoints.file"),
                ("primary_queue_endpoint", "primaryEndpoints.queue"),
                ("primary_table_endpoint", "primaryEndpoints.table"),
                ("primary_web_endpoint", "primaryEndpoints.web"),
                ("secondary_blob_endpoint", "secondaryEndpoints.blob"),
                ("secondary_dfs_endpoint", "secondaryEndpoints.dfs"),
                ("secondary_file_endpoint", "secondaryEndpoints.file"),
                ("secondary_queue_endpoint", "secondaryEndpoints.queue"),
                ("secondary_table_endpoint", "secondaryEndpoints.table"),
                ("secondary_web_endpoint", "secondaryEndpoints.web"),
            ],
        )],
    ),
    service(
        "Microsoft.ContainerRegistry/registries",
        &[("loginServer", "registry"), ("dataEndpointHostNames[]", "registry")],
        &[(
            "azurerm_container_registry",
            &[
                ("login_server", "loginServer"),
                ("data_endpoint_host_names", "dataEndpointHostNames[]"),
            ],
        )],
    ),
    service(
        "Microsoft.Sql/servers",
        &[("fullyQualifiedDomainName", "sqlServer")],
        &[("azurerm_mssql_server", &[("fully_qualified_domain_name", "fullyQualifiedDomainName")])],
    ),
    service(
        "Microsoft.Sql/managedInstances",
        &[("fullyQualifiedDomainName", "managedInstance")],
        &[("azurerm_mssql_managed_instance", SERVER)],
    ),
    service(
        "Microsoft.DocumentDB/databaseAccounts",
        &[
            ("documentEndpoint", "Sql"),
            ("locations[].documentEndpoint", "Sql"),
            ("readLocations[].documentEndpoint", "Sql"),
            ("writeLocations[].documentEndpoint", "Sql"),
            ("mongoEndpoint", "MongoDB"),
            ("cassandraEndpoint", "Cassandra"),
            ("gremlinEndpoint", "Gremlin"),
            ("tableEndpoint", "Table"),
        ],
        &[(
            "azurerm_cosmosdb_account",
            &[
                ("endpoint", "documentEndpoint"),
                ("read_endpoints", "readLocations[].documentEndpoint"),
                ("write_endpoints", "writeLocations[].documentEndpoint"),
            ],
        )],
    ),
    service(
        "Microsoft.Web/sites",
        APP_NAMES,
        &[
            ("azurerm_app_service", &[("default_site_hostname", "defaultHostName")]),
            ("azurerm_function_app", APP),
            ("azurerm_linux_web_app", APP),
            ("azurerm_windows_web_app", APP),
            ("azurerm_linux_function_app", APP),
            ("azurerm_windows_function_app", APP),
            ("azurerm_function_app_flex_consumption", APP),
            ("azurerm_logic_app_standard", APP),
        ],
    ),
    service(
        "Microsoft.Web/staticSites",
        &[("defaultHostname", "staticSites"), ("customDomains[]", "staticSites")],
        &[("azurerm_static_web_app", &[("default_host_name", "defaultHostname")])],
    ),
    Service {
        zones: &["apiServerAccessProfile.privateDNSZone"],
        ..service(
            "Microsoft.ContainerService/managedClusters",
            &[("privateFQDN", "management"), ("fqdn", "management")],
            &[(
                "azurerm_kubernetes_cluster",
                &[
                    ("private_fqdn", "privateFQDN"),
                    ("fqdn", "fqdn"),
                    ("private_dns_zone_id", "apiServerAccessProfile.privateDNSZone"),
                ],
            )],
        )
    },
    service(
        "Microsoft.EventHub/namespaces",
        &[("serviceBusEndpoint", "namespace")],
        &[("azurerm_eventhub_namespace", &[])],
    ),
    service(
        "Microsoft.ServiceBus/namespaces",
        &[("serviceBusEndpoint", "namespace")],
        &[("azurerm_servicebus_namespace", BUS)],
    ),
    service(
        "Microsoft.Relay/namespaces",
        &[("serviceBusEndpoint", "namespace")],
        &[("azurerm_relay_namespace", &[])],
    ),
    service(
        "Microsoft.EventGrid/topics",
        &[("endpoint", "topic")],
        &[("azurerm_eventgrid_topic", ENDPOINT)],
    ),
    service(
        "Microsoft.EventGrid/domains",
        &[("endpoint", "domain")],
        &[("azurerm_eventgrid_domain", ENDPOINT)],
    ),
    service(
        "Microsoft.EventGrid/namespaces",
        &[
            ("topicsConfiguration.hostname", "topic"),
            ("topicSpacesConfiguration.hostname", "topicSpace"),
        ],
        &[],
    ),
    service(
        "Microsoft.CognitiveServices/accounts",
        &[("endpoint", "account"), ("endpoints.*", "account")],
        &[("azurerm_cognitive_account", ENDPOINT), ("azurerm_ai_services", ENDPOINT)],
    ),
    service(
        "Microsoft.Search/searchServices",
        &[("endpoint", "searchService")],
        &[("azurerm_search_service", ENDPOINT)],
    ),
    service(
        "Microsoft.AppConfiguration/configurationStores",
        &[("endpoint", "configurationStores")],
        &[("azurerm_app_configuration", ENDPOINT)],
    ),
    service(
        "Microsoft.SignalRService/SignalR",
        &[("hostName", "signalr")],
        &[("azurerm_signalr_service", HOSTNAME)],
    ),
    service(
        "Microsoft.SignalRService/WebPubSub",
        &[("hostName", "webpubsub")],
        &[("azurerm_web_pubsub", HOSTNAME)],
    ),
    service(
        "Microsoft.Cache/Redis",
        &[("hostName", "redisCache")],
        &[("azurerm_redis_cache", HOSTNAME)],
    ),
    service(
        "Microsoft.Cache/RedisEnterprise",
        &[("hostName", "redisEnterprise")],
        &[("azurerm_redis_enterprise_cluster", HOSTNAME), ("azurerm_managed_redis", HOSTNAME)],
    ),
    service(
        "Microsoft.Devices/IotHubs",
        &[("hostName", "iotHub")],
        &[("azurerm_iothub", HOSTNAME)],
    ),
    service(
        "Microsoft.Devices/ProvisioningServices",
        &[("serviceOperationsHostName", "iotDps"), ("deviceProvisioningHostName", "iotDps")],
        &[(
            "azurerm_iothub_dps",
            &[
                ("service_operations_host_name", "serviceOperationsHostName"),
                ("device_provisioning_host_name", "deviceProvisioningHostName"),
            ],
        )],
    ),
    service(
        "Microsoft.DigitalTwins/digitalTwinsInstances",
        &[("hostName", "API")],
        &[("azurerm_digital_twins_instance", &[("host_name", "hostName")])],
    ),
    service(
        "Microsoft.DBforPostgreSQL/servers",
        &[("fullyQualifiedDomainName", "postgresqlServer")],
        &[("azurerm_postgresql_server", SERVER)],
    ),
    Service {
        zones: &["network.privateDnsZoneArmResourceId"],
        ..service(
            "Microsoft.DBforPostgreSQL/flexibleServers",
            &[("fullyQualifiedDomainName", "postgresqlServer")],
            &[(
                "azurerm_postgresql_flexible_server",
                &[
                    ("fqdn", "fullyQualifiedDomainName"),
                    ("private_dns_zone_id", "network.privateDnsZoneArmResourceId"),
                ],
            )],
        )
    },
    service(
        "Microsoft.DBforMySQL/servers",
        &[("fullyQualifiedDomainName", "mysqlServer")],
        &[("azurerm_mysql_server", SERVER)],
    ),
    Service {
        zones: &["network.privateDnsZoneResourceId"],
        ..service(
            "Microsoft.DBforMySQL/flexibleServers",
            &[("fullyQualifiedDomainName", "mysqlServer")],
            &[(
                "azurerm_mysql_flexible_server",
                &[
                    ("fqdn", "fullyQualifiedDomainName"),
                    ("private_dns_zone_id", "network.privateDnsZoneResourceId"),
                ],
            )],
        )
    },
    service(
        "Microsoft.DBforMariaDB/servers",
        &[("fullyQualifiedDomainName", "mariadbServer")],
        &[("azurerm_mariadb_server", SERVER)],
    ),
    service(
        "Microsoft.Kusto/Clusters",
        &[("uri", "cluster"), ("dataIngestionUri", "cluster")],
        &[("azurerm_kusto_cluster", &[("uri", "uri"), ("data_ingestion_uri", "dataIngestionUri")])],
    ),
    service(
        "Microsoft.Synapse/workspaces",
        &[
            ("connectivityEndpoints.dev", "Dev"),
            ("connectivityEndpoints.sql", "Sql"),
            ("connectivityEndpoints.sqlOnDemand", "SqlOnDemand"),
        ],
        &[("azurerm_synapse_workspace", &[("connectivity_endpoints", "connectivityEndpoints")])],
    ),
    service(
        "Microsoft.Databricks/workspaces",
        &[("workspaceUrl", "databricks_ui_api")],
        &[("azurerm_databricks_workspace", &[("workspace_url", "workspaceUrl")])],
    ),
    service(
        "Microsoft.ApiManagement/service",
        &[("gatewayUrl", "Gateway"), ("additionalLocations[].gatewayRegionalUrl", "Gateway")],
        &[("azurerm_api_management", &[("gateway_url", "gatewayUrl")])],
    ),
    service(
        "Microsoft.Automation/automationAccounts",
        &[("automationHybridServiceUrl", "DSCAndHybridWorker")],
        &[("azurerm_automation_account", &[("hybrid_service_url", "automationHybridServiceUrl")])],
    ),
    service(
        "Microsoft.Monitor/accounts",
        &[("metrics.prometheusQueryEndpoint", "prometheusMetrics")],
        &[("azurerm_monitor_workspace", &[("query_endpoint", "metrics.prometheusQueryEndpoint")])],
    ),
    service(
        "Microsoft.Dashboard/grafana",
        &[("endpoint", "grafana")],
        &[("azurerm_dashboard_grafana", ENDPOINT)],
    ),
    service(
        "Microsoft.Attestation/attestationProviders",
        &[("attestUri", "standard")],
        &[("azurerm_attestation_provider", &[("attestation_uri", "attestUri")])],
    ),
    // These have no names of their own; their endpoints lead to them.
    Service {
        ungrouped: Some("hybridcompute"),
        ..service(
            "Microsoft.HybridCompute/privateLinkScopes",
            &[],
            &[("azurerm_arc_private_link_scope", &[])],
        )
    },
    Service {
        ungrouped: Some("azuremonitor"),
        ..service(
            "Microsoft.Insights/privateLinkScopes",
            &[],
            &[("azurerm_monitor_private_link_scope", &[])],
        )
    },
];

/// The service of a type of the management API.
pub(super) fn of_type(kind: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.kind.eq_ignore_ascii_case(kind))
}

/// The service of a type of Terraform, and its attributes.
pub(super) fn of_terraform(kind: &str) -> Option<(&'static Service, Attributes)> {
    SERVICES.iter().find_map(|service| {
        let own = service.terraform.iter().find(|entry| entry.0 == kind)?;
        Some((service, own.1))
    })
}

/// The properties that services and connections to them have at their top.
pub(super) fn properties() -> impl Iterator<Item = &'static str> {
    let first = |path: &'static str| path.split(['.', '[']).next().unwrap_or(path);
    let paths = |service: &'static Service| {
        let names = service.names.iter().map(|entry| entry.0);
        names.chain(service.zones.iter().copied())
    };
    [ACCESS, CONNECTIONS, "groupIds", "groupId", "privateLinkServiceConnectionState"]
        .into_iter()
        .chain(SERVICES.iter().flat_map(paths).map(first))
}

/// What a resource of a service says of itself.
pub(super) struct Facts<'v> {
    /// Names, each with its sub-resource and whether that has an approved endpoint.
    pub names: Vec<(&'v str, &'static str, Option<bool>)>,
    /// Ids of the private zones it uses.
    pub zones: Vec<&'v str>,
    /// Whether the internet reaches it.
    pub public_access: Option<bool>,
}

impl Service {
    /// Reads a resource.
    pub fn facts<'v>(&self, item: &'v Value) -> Facts<'v> {
        let connections = property(item, CONNECTIONS).and_then(Value::as_array);
        let mut names: Vec<(&str, &'static str, Option<bool>)> = Vec::new();
        for &(path, group) in self.names {
            for text in texts(item, path) {
                let name = host(text);
                if !name.is_empty() && !names.iter().any(|known| known.0 == name) {
                    names.push((name, group, self.has_endpoint(connections, group)));
                }
            }
        }
        let is_id = |text: &&str| text.starts_with('/');
        let zones = self.zones.iter().flat_map(|path| texts(item, path)).filter(is_id).collect();
        let access = property(item, ACCESS).and_then(Value::as_str);
        let public_access = access.map(|access| access.eq_ignore_ascii_case("Enabled"));
        Facts { names, zones, public_access }
    }

    /// The zone that AKS makes by itself for a private cluster, and the group that it puts it
    /// in, where that is stated.
    ///
    /// "Create a private Azure Kubernetes Service (AKS) cluster" (`system`, the default, makes
    /// a zone in the node resource group), learn.microsoft.com/azure/aks/private-clusters, read
    /// 2026-11.
    pub fn system_zone<'v>(&self, item: &'v Value) -> Option<(&'v str, Option<&'v str>)> {
        let path = *self.zones.iter().find(|path| path.starts_with("apiServerAccessProfile."))?;
        let stated = texts(item, path).next().unwrap_or("system");
        if !stated.eq_ignore_ascii_case("system") {
            return None;
        }
        let (_, zone) = texts(item, "privateFQDN").next()?.split_once('.')?;
        let is_own = zone.split('.').nth(1).is_some_and(|label| label == "privatelink");
        is_own.then(|| (zone, texts(item, "nodeResourceGroup").next()))
    }

    /// Whether a sub-resource has an approved connection, as far as connections tell.
    fn has_endpoint(&self, connections: Option<&Vec<Value>>, group: &str) -> Option<bool> {
        let mut answer = Some(false);
        for connection in connections? {
            let groups = self.groups(connection);
            let fits = groups.iter().any(|own| own.eq_ignore_ascii_case(group));
            match is_approved(connection) {
                Some(false) => {}
                Some(true) if fits => return Some(true),
                None if fits => answer = None,
                // Storage does not say which of its sub-resources a connection leads to.
                _ if groups.is_empty() => answer = None,
                _ => {}
            }
        }
        answer
    }

    /// The sub-resources that a connection leads to; none where nothing tells.
    pub fn groups<'v>(&self, connection: &'v Value) -> Vec<&'v str> {
        let stated = groups(connection);
        if !stated.is_empty() {
            return stated;
        }
        let first = self.names.first().map(|entry| entry.1);
        let only = first.filter(|first| self.names.iter().all(|entry| entry.1 == *first));
        self.ungrouped.or(only).into_iter().collect()
    }
}

/// The sub-resources that a connection itself says it leads to.
pub(super) fn groups(connection: &Value) -> Vec<&str> {
    let list = property(connection, "groupIds").and_then(Value::as_array);
    let one = property(connection, "groupId").and_then(Value::as_str);
    list.into_iter().flatten().filter_map(Value::as_str).chain(one).collect()
}

/// Whether a connection is approved; `None` where it does not say.
pub(super) fn is_approved(connection: &Value) -> Option<bool> {
    let status = texts(connection, "privateLinkServiceConnectionState.status").next()?;
    Some(status.eq_ignore_ascii_case("Approved"))
}

/// A property at the top of an item or below `properties`, unless it is null.
pub(super) fn property<'v>(item: &'v Value, key: &str) -> Option<&'v Value> {
    member(item, key).or_else(|| member(item.get("properties")?, key))
}

fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    let same = |entry: &(&String, &'v Value)| entry.0.eq_ignore_ascii_case(key);
    let found = members.get(key).or_else(|| members.iter().find(same).map(|entry| entry.1));
    found.filter(|value| !value.is_null())
}

/// The texts that a path leads to.
pub(super) fn texts<'v>(item: &'v Value, path: &str) -> impl Iterator<Item = &'v str> {
    let mut at = vec![item];
    for step in path.split('.') {
        let (key, each) = match step.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (step, false),
        };
        let next = |value: &'v Value| -> Vec<&'v Value> {
            // Elements of lists have `properties` of their own.
            let found = match key {
                "*" => return value.as_object().into_iter().flat_map(Map::values).collect(),
                key => property(value, key),
            };
            match found {
                Some(Value::Array(values)) if each => values.iter().collect(),
                found => found.into_iter().collect(),
            }
        };
        at = at.into_iter().flat_map(next).collect();
    }
    at.into_iter().filter_map(Value::as_str)
}

/// Puts a value where a path leads; for `a[].b` it is a list, one for each element.
pub(super) fn put(target: &mut Map<String, Value>, path: &str, value: Value) {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let key = step.trim_end_matches("[]");
    let Some(rest) = rest else {
        target.insert(key.to_owned(), value);
        return;
    };
    if step == key {
        let inner = target.entry(key).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(inner) = inner {
            put(inner, rest, value);
        }
        return;
    }
    let Value::Array(values) = value else { return };
    let element = |value: Value| {
        let mut element = Map::new();
        put(&mut element, rest, value);
        Value::Object(element)
    };
    target.insert(key.to_owned(), values.into_iter().map(element).collect());
}

/// The host of an address, or the name itself.
fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.split(['/', ':']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::public::Catalogue;

    /// A sub-resource that is spelt otherwise would never meet an endpoint's.
    #[test]
    fn the_catalogue_has_every_sub_resource() {
        let known: BTreeSet<(String, String)> = Catalogue::get()
            .entries()
            .iter()
            .map(|entry| (entry.resource_type.to_lowercase(), entry.subresource.to_lowercase()))
            .collect();
        for service in SERVICES {
            for (_, group) in service.names {
                let key = (service.kind.to_lowercase(), group.to_lowercase());
                assert!(known.contains(&key), "{key:?}");
            }
        }
    }

    #[test]
    fn the_documentation_has_every_service() {
        let text = include_str!("../../docs/inputs.md");
        let text = text.split("## Who else").next().unwrap();
        for service in SERVICES {
            let row = text.lines().find(|line| line.contains(&format!("`{}`", service.kind)));
            let row = row.unwrap_or_else(|| panic!("{}", service.kind));
            for (terraform, _) in service.terraform {
                assert!(row.contains(&format!("`{terraform}`")), "{terraform}");
            }
            for (path, _) in service.names {
                let whole = row.contains(&format!("`{path}`"));
                let head = path.split('.').next().unwrap_or(path);
                assert!(whole || row.contains(&format!("`{head}.…`")), "{path}");
            }
        }
        assert_eq!(text.matches("\n| `Microsoft.").count(), SERVICES.len());
    }

    #[test]
    fn every_type_stands_once_and_attributes_lead_to_what_is_read() {
        let mut types = BTreeSet::new();
        for service in SERVICES {
            assert!(types.insert(service.kind.to_lowercase()), "{}", service.kind);
            for (terraform, attributes) in service.terraform {
                assert!(types.insert((*terraform).to_owned()), "{terraform}");
                for (attribute, path) in *attributes {
                    let mut paths = service.names.iter().map(|entry| entry.0);
                    let read = paths.any(|own| own.starts_with(path));
                    assert!(read || service.zones.contains(path), "{terraform}.{attribute}");
                }
            }
        }
    }

    #[test]
    fn what_is_put_is_found() {
        let mut item = Map::new();
        put(&mut item, "a.b", json!("x"));
        put(&mut item, "a.c[].d", json!(["y", "z"]));
        let item = json!({ "properties": item });
        assert_eq!(texts(&item, "A.b").collect::<Vec<_>>(), ["x"]);
        assert_eq!(texts(&item, "a.c[].d").collect::<Vec<_>>(), ["y", "z"]);
        assert_eq!(texts(&item, "a.*").collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn a_connection_that_says_too_little_makes_nothing_known() {
        let connection = |status: Value, group: Value| {
            json!({"properties": {"groupIds": group,
                "privateLinkServiceConnectionState": {"status": status}}})
        };
        let known = |kind: &str, connections: Value| {
            let item = json!({"vaultUri": "https://kv.vault.azure.net/",
                "primaryEndpoints": {"blob": "https://st.blob.core.windows.net/"},
                "privateEndpointConnections": connections});
            of_type(kind).unwrap().facts(&item).names[0].2
        };
        let (vault, storage) = ("Microsoft.KeyVault/vaults", "microsoft.storage/storageaccounts");
        let (approved, pending) = (json!("Approved"), json!("Pending"));
        assert_eq!(known(vault, Value::Null), None);
        assert_eq!(known(vault, json!([])), Some(false));
        assert_eq!(known(vault, json!([connection(approved.clone(), Value::Null)])), Some(true));
        assert_eq!(known(vault, json!([connection(pending.clone(), Value::Null)])), Some(false));
        assert_eq!(known(vault, json!([connection(Value::Null, Value::Null)])), None);
        assert_eq!(known(storage, json!([connection(approved.clone(), Value::Null)])), None);
        assert_eq!(known(storage, json!([connection(pending, Value::Null)])), Some(false));
        assert_eq!(
            known(storage, json!([connection(approved.clone(), json!(["blob"]))])),
            Some(true)
        );
        assert_eq!(known(storage, json!([connection(approved, json!(["file"]))])), Some(false));
    }
}
