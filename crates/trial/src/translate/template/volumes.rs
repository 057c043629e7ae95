//! The volumes of a template.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{FieldRef, ResourceFieldRef};

/// A volume: its name, and one member that says what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::translate) struct Volume {
    pub(in crate::translate) name: String,
    #[serde(flatten)]
    pub(in crate::translate) source: Map<String, Value>,
}

/// A ConfigMap or a Secret as files, as a volume or in a projected one; of a Secret volume, `secretName` is the name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct KeyFiles {
    #[serde(alias = "secretName")]
    pub(in crate::translate) name: String,
    pub(in crate::translate) items: Vec<KeyFile>,
    pub(in crate::translate) default_mode: Option<i64>,
    pub(in crate::translate) optional: bool,
}

/// A key that becomes a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::translate) struct KeyFile {
    pub(in crate::translate) key: String,
    pub(in crate::translate) path: String,
    pub(in crate::translate) mode: Option<i64>,
}

/// Fields of the pod as files.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct FieldFiles {
    pub(in crate::translate) items: Vec<FieldFile>,
    pub(in crate::translate) default_mode: Option<i64>,
}

/// A field that becomes a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct FieldFile {
    pub(in crate::translate) path: String,
    pub(in crate::translate) mode: Option<i64>,
    pub(in crate::translate) field_ref: Option<FieldRef>,
    pub(in crate::translate) resource_field_ref: Option<ResourceFieldRef>,
}

/// A volume of several sources.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct Projected {
    pub(in crate::translate) sources: Vec<Projection>,
    pub(in crate::translate) default_mode: Option<i64>,
}

/// A source of a projected volume.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct Projection {
    pub(in crate::translate) config_map: Option<KeyFiles>,
    pub(in crate::translate) secret: Option<KeyFiles>,
    #[serde(rename = "downwardAPI")]
    pub(in crate::translate) downward_api: Option<FieldFiles>,
    pub(in crate::translate) service_account_token: Option<PathOnly>,
    pub(in crate::translate) cluster_trust_bundle: Option<PathOnly>,
}

/// A file whose content only a cluster has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::translate) struct PathOnly {
    pub(in crate::translate) path: String,
}
