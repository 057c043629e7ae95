//! Volumes: ConfigMaps and their like as files, an `emptyDir` as a folder for all, and a folder of root for what is not
//! here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::{Refusal, TranslateError};
use super::fields::{self, For};
use super::given::Given;
use super::resources;
use super::template::{self, FieldFiles, KeyFiles, Projected};
use crate::disk;
use crate::pod::{File, Volume};

/// The mode of a file for which none is written.
const DEFAULT_MODE: i64 = 0o644;

/// The volumes of the template, and those that a StatefulSet claims for its pods.
pub(super) fn volumes(given: &Given<'_>) -> Result<Vec<Volume>, TranslateError> {
    let spec = &given.template.spec;
    let mut volumes = Vec::new();
    for (at, volume) in spec.volumes.iter().enumerate() {
        volumes.push(one(given, &format!("spec.volumes[{at}]"), volume)?);
    }
    for claim in &given.workload.claims {
        let claimed = stand_in(given, claim, "volumeClaimTemplates");
        volumes.retain(|volume| volume.name != *claim);
        volumes.push(claimed);
    }
    Ok(volumes)
}

fn one(given: &Given<'_>, at: &str, volume: &template::Volume) -> Result<Volume, TranslateError> {
    let name = &volume.name;
    let Some((kind, source)) = volume.source.iter().next() else {
        // The API server makes it one.
        return Ok(empty(name));
    };
    let at = format!("{at}.{kind}");
    let mut files = Files { given, at: &at, volume: name, mode: DEFAULT_MODE, found: BTreeMap::new() };
    match kind.as_str() {
        "emptyDir" => return Ok(empty(name)),
        "configMap" | "secret" => files.of_keys(kind == "secret", source)?,
        "downwardAPI" => files.of_fields(given.read(&at, source)?)?,
        "projected" => files.of_sources(given.read(&at, source)?)?,
        "image" => {
            given.note(format!("Volume {name} (image) is an empty folder here."));
            return Ok(Volume { takes_group: false, ..fixed(name, Vec::new()) });
        }
        _ => return Ok(stand_in(given, name, kind)),
    }
    Ok(fixed(name, files.found.into_values().collect()))
}

/// A volume that nobody can write into.
fn fixed(name: &str, files: Vec<File>) -> Volume {
    Volume { name: name.to_owned(), files, mode: 0o755, takes_group: true, writable: false }
}

/// An `emptyDir`: a folder into which everybody may write.
fn empty(name: &str) -> Volume {
    Volume { name: name.to_owned(), files: Vec::new(), mode: 0o777, takes_group: true, writable: true }
}

/// The stand-in for a volume that is not here: an empty folder of root, like a new disk.
fn stand_in(given: &Given<'_>, name: &str, kind: &str) -> Volume {
    given.note(format!("Volume {name} ({kind}) is an empty folder here, which belongs to root like a new disk."));
    let takes_group = disk::takes_group(kind);
    // The kubelet lets the group that owns a volume write into it.
    let is_owned = takes_group && given.template.spec.security_context.fs_group.is_some();
    let mode = if is_owned { 0o775 } else { 0o755 };
    Volume { name: name.to_owned(), files: Vec::new(), mode, takes_group, writable: true }
}

/// The files of a volume, gathered from its sources. Of two at the same path the later one stays.
struct Files<'g, 'a> {
    given: &'g Given<'a>,
    at: &'g str,
    volume: &'g str,
    mode: i64,
    found: BTreeMap<String, File>,
}

impl Files<'_, '_> {
    fn of_keys(&mut self, secret: bool, source: &Value) -> Result<(), TranslateError> {
        let source: KeyFiles = self.given.read(self.at, source)?;
        self.mode = source.default_mode.unwrap_or(DEFAULT_MODE);
        self.add_keys(self.at, secret, &source)
    }

    fn of_fields(&mut self, source: FieldFiles) -> Result<(), TranslateError> {
        self.mode = source.default_mode.unwrap_or(DEFAULT_MODE);
        self.add_fields(self.at, &source)
    }

    fn of_sources(&mut self, projected: Projected) -> Result<(), TranslateError> {
        self.mode = projected.default_mode.unwrap_or(DEFAULT_MODE);
        for (at, source) in projected.sources.iter().enumerate() {
            let at = format!("{}.sources[{at}]", self.at);
            if let Some(source) = &source.config_map {
                self.add_keys(&format!("{at}.configMap"), false, source)?;
            }
            if let Some(source) = &source.secret {
                self.add_keys(&format!("{at}.secret"), true, source)?;
            }
            if let Some(source) = &source.downward_api {
                self.add_fields(&format!("{at}.downwardAPI"), source)?;
            }
            for (kind, source) in [
                ("serviceAccountToken", &source.service_account_token),
                ("clusterTrustBundle", &source.cluster_trust_bundle),
            ] {
                if let Some(source) = source {
                    let volume = self.volume;
                    self.given.note(format!(
                        "Volume {volume}: {} ({kind}) is an empty file: there is no API server here.",
                        source.path
                    ));
                    self.put(&format!("{at}.{kind}.path"), &source.path, Vec::new(), None)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the keys of a ConfigMap or a Secret: those named by `items`, else all.
    fn add_keys(&mut self, at: &str, secret: bool, source: &KeyFiles) -> Result<(), TranslateError> {
        let kind = if secret { "secret" } else { "configmap" };
        let (namespace, objects) = (self.given.namespace(), self.given.objects);
        let all: Option<BTreeMap<&String, Vec<u8>>> = if secret {
            let found = objects.secret(namespace, &source.name);
            found.map(|found| found.data.iter().map(|(key, bytes)| (key, bytes.clone())).collect())
        } else {
            objects.config_map(namespace, &source.name).map(|found| {
                let text = found.data.iter().map(|(key, text)| (key, text.clone().into_bytes()));
                text.chain(found.binary.iter().map(|(key, bytes)| (key, bytes.clone()))).collect()
            })
        };
        let name = source.name.clone();
        let Some(mut all) = all else {
            if source.optional {
                return Ok(());
            }
            // Every publisher of a cluster's certificates writes it into each namespace.
            if !secret && name == "kube-root-ca.crt" {
                self.given
                    .note(format!("Volume {}: ca.crt is an empty file: there is no API server here.", self.volume));
                return self.put(at, "ca.crt", Vec::new(), None);
            }
            return Err(self.refused(Refusal::NotFound { kind, name }));
        };
        if source.items.is_empty() {
            for (key, bytes) in all {
                self.put(at, key, bytes, None)?;
            }
            return Ok(());
        }
        for (index, item) in source.items.iter().enumerate() {
            match all.remove(&item.key).or_else(|| self.again(source, index)) {
                Some(bytes) => self.put(&format!("{at}.items[{index}]"), &item.path, bytes, item.mode)?,
                None if source.optional => {}
                None => {
                    let volume = self.volume.to_owned();
                    return Err(self.refused(Refusal::NoFile { volume, kind, name, key: item.key.clone() }));
                }
            }
        }
        Ok(())
    }

    /// The bytes of a key that an earlier item has taken.
    fn again(&self, source: &KeyFiles, index: usize) -> Option<Vec<u8>> {
        let earlier = source.items[..index].iter().find(|earlier| earlier.key == source.items[index].key)?;
        self.found.get(&earlier.path).map(|file| file.bytes.clone())
    }

    fn add_fields(&mut self, at: &str, source: &FieldFiles) -> Result<(), TranslateError> {
        for (index, item) in source.items.iter().enumerate() {
            let at = format!("{at}.items[{index}]");
            let text = match (&item.field_ref, &item.resource_field_ref) {
                (Some(field), _) => fields::field(self.given, &format!("{at}.fieldRef"), &field.field_path, For::File)?,
                (None, Some(field)) => resources::field(self.given, &format!("{at}.resourceFieldRef"), None, field)?,
                (None, None) => {
                    return Err(self.given.value(&at, "has neither fieldRef nor resourceFieldRef; write one"));
                }
            };
            self.put(&at, &item.path, text.into_bytes(), item.mode)?;
        }
        Ok(())
    }

    /// Adds a file at a path that stays in the volume.
    fn put(&mut self, at: &str, path: &str, bytes: Vec<u8>, mode: Option<i64>) -> Result<(), TranslateError> {
        let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
        let is_outside = path.starts_with('/') || path.starts_with("..") || !stays_below(path);
        if is_outside || names.is_empty() || path.contains('\0') {
            let why = format!("{path:?} must be a relative path without `..`");
            return Err(self.given.value(at, why));
        }
        let mode = mode.unwrap_or(self.mode);
        let Some(mode) = u32::try_from(mode).ok().filter(|mode| *mode <= 0o777) else {
            return Err(self.given.value(at, format!("the mode {mode} must be from 0 to 511 (0777)")));
        };
        // The kubelet lets the group of the volumes read what it mounts.
        let mode = if self.given.template.spec.security_context.fs_group.is_some() { mode | 0o440 } else { mode };
        let path = names.join("/");
        self.found.insert(path.clone(), File { path, bytes, mode });
        Ok(())
    }

    /// The kubelet's word on a volume, for which no container of the pod starts.
    fn refused(&self, refusal: Refusal) -> TranslateError {
        let mut mounting = self.given.containers().map(|(_, container)| container);
        let mounts =
            |container: &&template::Container| container.volume_mounts.iter().any(|mount| mount.name == self.volume);
        let container = mounting.find(mounts).or_else(|| self.given.template.spec.containers.first());
        self.given.refused(container.map_or("", |container| &container.name), refusal)
    }
}

/// Whether a path has no `..` in it.
pub(super) fn stays_below(path: &str) -> bool {
    path.split('/').all(|name| name != "..")
}
