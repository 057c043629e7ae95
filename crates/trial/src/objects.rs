//! The ConfigMaps, Secrets and Services of the given manifests, which pods refer to.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::workload::Workload;

/// ConfigMaps, Secrets and Services by namespace and name.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    config_maps: Vec<Named<ConfigMap>>,
    secrets: Vec<Named<Secret>>,
    services: Vec<Named<Service>>,
}

#[derive(Debug, Clone)]
struct Named<T> {
    namespace: Option<String>,
    name: String,
    object: T,
}

/// A ConfigMap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConfigMap {
    /// `data`, which variables and files are made of.
    pub(crate) data: BTreeMap<String, String>,
    /// `binaryData`, which only files are made of.
    pub(crate) binary: BTreeMap<String, Vec<u8>>,
}

/// A Secret: `data`, with `stringData` over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret {
    pub(crate) data: BTreeMap<String, Vec<u8>>,
}

/// A Service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Service {
    pub(crate) selector: BTreeMap<String, String>,
    #[serde(rename = "clusterIP")]
    pub(crate) cluster_ip: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServicePort {
    pub(crate) name: String,
    pub(crate) protocol: String,
    pub(crate) port: u16,
    pub(crate) target_port: Option<Value>,
}

/// An object that the API server would refuse.
#[derive(Debug, Error)]
pub enum ObjectError {
    /// A field is not of its type.
    #[error("{kind} {name}: {error}")]
    Field {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
        /// The field and what is wrong with it.
        error: serde_path_to_error::Error<serde_json::Error>,
    },
    /// A value that should be base64.
    #[error("{kind} {name}: {field}.{key} is not base64; write the text itself below {instead}")]
    NotBase64 {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
        /// The field with the keys.
        field: &'static str,
        /// The key.
        key: String,
        /// Where plain text may stand.
        instead: &'static str,
    },
}

/// Deserializes a value whose `null`s count as not set, as they do in Kubernetes; the error names the field.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    value: &Value,
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    serde_path_to_error::deserialize(without_nulls(value))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let set = members.iter().filter(|(_, value)| !value.is_null());
            set.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data {
    data: BTreeMap<String, String>,
    binary_data: BTreeMap<String, String>,
    string_data: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    spec: Service,
}

impl Objects {
    /// Adds an object; one of another kind is none of a pod's concern. Of two with the same name the later one counts,
    /// as it does for `kubectl apply`.
    ///
    /// # Errors
    /// A field of the wrong type, and bytes that are not base64.
    pub fn add(&mut self, object: &Value) -> Result<(), ObjectError> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, name) = (text("/kind"), text("/metadata/name"));
        if text("/apiVersion") != "v1" {
            return Ok(());
        }
        let namespace = Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty());
        let field = |error| ObjectError::Field { kind: kind.clone(), name: name.clone(), error };
        let bytes = |entries: BTreeMap<String, String>, field: &'static str, instead: &'static str| {
            let decode = |(key, value): (String, String)| {
                // Go's decoder, which the API server uses, passes over line ends.
                let value: String = value.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
                STANDARD.decode(value).map(|bytes| (key.clone(), bytes)).map_err(|_| ObjectError::NotBase64 {
                    kind: kind.clone(),
                    name: name.clone(),
                    field,
                    key,
                    instead,
                })
            };
            entries.into_iter().map(decode).collect::<Result<BTreeMap<_, _>, _>>()
        };
        match kind.as_str() {
            "ConfigMap" => {
                let all: Data = read(object).map_err(field)?;
                let binary = bytes(all.binary_data, "binaryData", "data")?;
                put(&mut self.config_maps, namespace, name.clone(), ConfigMap { data: all.data, binary });
            }
            "Secret" => {
                let all: Data = read(object).map_err(field)?;
                let mut data = bytes(all.data, "data", "stringData")?;
                data.extend(all.string_data.into_iter().map(|(key, value)| (key, value.into_bytes())));
                put(&mut self.secrets, namespace, name.clone(), Secret { data });
            }
            "Service" => {
                let all: Spec = read(object).map_err(field)?;
                put(&mut self.services, namespace, name.clone(), all.spec);
            }
            _ => {}
        }
        Ok(())
    }

    /// The ConfigMap of that name which a pod of `namespace` finds.
    pub(crate) fn config_map(&self, namespace: Option<&str>, name: &str) -> Option<&ConfigMap> {
        get(&self.config_maps, namespace, name)
    }

    /// The Secret of that name which a pod of `namespace` finds.
    pub(crate) fn secret(&self, namespace: Option<&str>, name: &str) -> Option<&Secret> {
        get(&self.secrets, namespace, name)
    }

    /// The services of a namespace, by name.
    pub(crate) fn services(&self, namespace: Option<&str>) -> impl Iterator<Item = (&str, &Service)> {
        let here = self.services.iter().filter(move |found| is_same(found.namespace.as_deref(), namespace));
        here.map(|found| (found.name.as_str(), &found.object))
    }

    /// The services that select a workload's pods, by name.
    pub(crate) fn services_of(&self, workload: &Workload) -> impl Iterator<Item = (&str, &Service)> {
        let selects = |service: &Service| {
            let has = |(key, value): (&String, &String)| {
                workload.labels().any(|label| label == (key.as_str(), value.as_str()))
            };
            !service.selector.is_empty() && service.selector.iter().all(has)
        };
        self.services(workload.namespace.as_deref()).filter(move |(_, service)| selects(service))
    }
}

/// Whether two namespaces may be the same: one that is not written is the one into which the manifests are applied,
/// which nobody knows here.
pub(crate) fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    a.is_none() || b.is_none() || a == b
}

fn put<T>(all: &mut Vec<Named<T>>, namespace: Option<String>, name: String, object: T) {
    all.retain(|known| known.name != name || known.namespace != namespace);
    all.push(Named { namespace, name, object });
}

/// The object of the very namespace, else one of a namespace that may be the same.
fn get<'a, T>(all: &'a [Named<T>], namespace: Option<&str>, name: &str) -> Option<&'a T> {
    let mut named = all.iter().filter(|found| found.name == name);
    let exact = named.clone().find(|found| found.namespace.as_deref() == namespace);
    exact.or_else(|| named.find(|found| is_same(found.namespace.as_deref(), namespace))).map(|found| &found.object)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
