//! Which names a private zone may have.
//!
//! "What is a private Azure DNS zone", learn.microsoft.com/azure/dns/private-dns-privatednszone,
//! and, of characters, "Naming rules and restrictions for Azure resources",
//! learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules; read 2026-11.

use crate::name::Name;

/// The names that no private zone may have, of commercial Azure, of Azure Government
/// and of Azure in China; names below them are allowed.
pub const RESERVED_ZONE_NAMES: [&str; 24] = [
    "azclient.ms",
    "azure.com",
    "cloudapp.net",
    "core.windows.net",
    "microsoft.com",
    "msidentity.com",
    "trafficmanager.net",
    "windows.net",
    "azclient.us",
    "azure.us",
    "usgovcloudapp.net",
    "core.usgovcloudapi.net",
    "microsoft.us",
    "msidentity.us",
    "usgovtrafficmanager.net",
    "usgovcloudapi.net",
    "azclient.cn",
    "azure.cn",
    "chinacloudapp.cn",
    "core.chinacloudapi.cn",
    "microsoft.cn",
    "msidentity.cn",
    "trafficmanager.cn",
    "chinacloudapi.cn",
];

/// Domains that public DNS does not have: for special use (RFC 6761, RFC 6762, RFC 7686,
/// RFC 8375, RFC 9476), for private use (ICANN board resolution of 2024-07-29 on `internal`), and
/// the others that private networks use though nobody gave them away (RFC 6762 appendix G).
const PRIVATE_DOMAINS: [&str; 14] = [
    "alt",
    "corp",
    "example",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Whether a name is in a domain that public DNS does not have.
pub fn is_private_name(name: &Name) -> bool {
    let labels: Vec<&[u8]> = name.labels().collect();
    PRIVATE_DOMAINS.iter().any(|domain| {
        let domain: Vec<&[u8]> = domain.split('.').map(str::as_bytes).collect();
        labels.ends_with(&domain)
    })
}

/// How many labels a zone's name has at least and at most.
pub const ZONE_NAME_LABELS: std::ops::RangeInclusive<usize> = 2..=34;

/// Whether a zone's name may have it in a label.
pub fn fits_zone_name(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

/// Why Azure refuses a zone of that name, if it does.
pub fn refused_zone_name(name: &Name) -> Option<String> {
    let labels = name.labels().count();
    let wrong = name.labels().flatten().find(|octet| !fits_zone_name(**octet));
    if RESERVED_ZONE_NAMES.contains(&name.text().as_str()) {
        return Some(format!("Azure reserves the name `{}`: it refuses such a zone", name.text()));
    }
    if !ZONE_NAME_LABELS.contains(&labels) {
        let (least, most) = (ZONE_NAME_LABELS.start(), ZONE_NAME_LABELS.end());
        let count = if labels == 1 { "1 label".to_owned() } else { format!("{labels} labels") };
        return Some(format!(
            "`{}` has {count}: a private zone's name has {least} to {most}",
            name.text()
        ));
    }
    wrong.map(|&octet| {
        format!(
            "`{}` has `{}`: a private zone's name has letters, digits, hyphens and underscores",
            name.text(),
            char::from(octet).escape_default()
        )
    })
}
