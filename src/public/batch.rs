//! Azure Batch: the forms that its private zones come in.
//!
//! "Use private endpoints with Azure Batch accounts",
//! learn.microsoft.com/azure/batch/private-connectivity (read 2026-11), tells of
//! the old regional zones `privatelink.<region>.batch.azure.com` and the global
//! zone `privatelink.batch.azure.com`. Two more forms, `<region>.privatelink.…`
//! and `<region>.service.privatelink.…`, stand in the 2023 edition of the
//! Private Link zone table and in landing-zone templates made after it.

use crate::name::Name;

/// The public suffixes of Batch accounts, one a cloud.
///
/// "Azure Private Endpoint private DNS zone values",
/// learn.microsoft.com/azure/private-link/private-endpoint-dns, read 2026-11.
pub const SUFFIXES: [&str; 3] =
    ["batch.azure.com", "batch.usgovcloudapi.net", "batch.chinacloudapi.cn"];

/// The forms a zone for Batch comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `privatelink.batch.azure.com`.
    Global,
    /// `privatelink.<region>.batch.azure.com`, for accounts.
    Regional(String),
    /// `<region>.privatelink.batch.azure.com`, a child of the global zone.
    Child(String),
    /// `<region>.service.privatelink.batch.azure.com`, a child of the global zone.
    ServiceChild(String),
}

impl Form {
    /// The form of a zone's apex, if it is one for Batch, and the cloud's suffix.
    pub fn of(apex: &Name) -> Option<(Form, &'static str)> {
        let text = apex.text();
        SUFFIXES.iter().find_map(|suffix| {
            let head = text.strip_suffix(suffix)?.strip_suffix('.')?;
            let form = if head == "privatelink" {
                Form::Global
            } else if let Some(region) = head.strip_prefix("privatelink.") {
                Form::Regional(region.to_owned())
            } else if let Some(region) = head.strip_suffix(".service.privatelink") {
                Form::ServiceChild(region.to_owned())
            } else {
                Form::Child(head.strip_suffix(".privatelink")?.to_owned())
            };
            Some((form, *suffix))
        })
    }

    /// The region of all but the global form.
    pub fn region(&self) -> Option<&str> {
        match self {
            Form::Global => None,
            Form::Regional(region) | Form::Child(region) | Form::ServiceChild(region) => {
                Some(region)
            }
        }
    }
}

/// The name that a global zone is asked for: `acct.region.privatelink.batch.azure.com`.
pub fn global_alias(public: &Name, suffix: &str) -> Option<Name> {
    let text = public.text();
    let head = text.strip_suffix(suffix)?;
    format!("{head}privatelink.{suffix}").parse().ok()
}

/// Whether a label has the shape of a GUID.
pub fn is_guid(label: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = label.split('-');
    lengths.iter().all(|&length| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|octet| octet.is_ascii_hexdigit())
        })
    }) && parts.next().is_none()
}
