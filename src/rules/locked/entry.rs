//! Entries of `harden.lock` as settings: the same keys, read as strictly.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Known;
use crate::json::is_null;
use crate::path::push_key;
use crate::reference::{DEFAULT_TAG, Reference, is_sha256};
use crate::settings::{Setting, SettingsError, entries, unknown_key};

/// Entries by the image's name in full, with the tag, or with the digest where there is none; in the order they stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Images(Vec<(String, Entry)>);

/// An entry: the digest that the tag stands for, and what is known about the image of each platform.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) digest: String,
    known: Vec<Known>,
}

impl Setting for Images {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let mut images = Vec::new();
        each(raw, &mut |name, value| {
            images.push((name.to_owned(), Entry::read(value)?));
            Ok(())
        })?;
        Ok(Images(images))
    }

    /// The schema of `harden.lock` has the rest, below a platform.
    fn schema() -> Value {
        let entry = json!({
            "digest": { "type": "string", "pattern": DIGEST, "description": "The digest that the tag stands for." },
            "platforms": { "type": "object", "description": "The image of each platform, such as `linux/amd64`." },
        });
        let required = ["digest", "platforms"];
        let entry =
            json!({ "type": "object", "additionalProperties": false, "properties": entry, "required": required });
        json!({ "type": "object", "additionalProperties": entry })
    }

    fn to_json(&self) -> Value {
        let platform = |known: &Known| {
            let facts = json!({ "user": known.user, "volumes": known.volumes, "exposedPorts": known.ports });
            (known.platform.clone(), json!({ "facts": { "image": facts } }))
        };
        let entry = |entry: &Entry| {
            let platforms: serde_json::Map<_, _> = entry.known.iter().map(platform).collect();
            json!({ "digest": entry.digest, "platforms": platforms })
        };
        self.0.iter().map(|(name, known)| (name.clone(), entry(known))).collect::<serde_json::Map<_, _>>().into()
    }
}

/// The sources of facts; the first of these that says a user decides.
const SOURCES: [&str; 3] = ["image", "dockerfile", "try"];

/// Reads an object member by member, none of which stands twice.
fn each(
    raw: &RawValue,
    read: &mut dyn FnMut(&str, &RawValue) -> Result<(), SettingsError>,
) -> Result<(), SettingsError> {
    if is_null(raw) {
        return Err(SettingsError::new("must be an object"));
    }
    for (name, value) in entries(Some(raw))? {
        read(&name, value).map_err(|error| {
            let mut key = String::new();
            push_key(&mut key, &name);
            error.under(&key)
        })?;
    }
    Ok(())
}

/// Reads an object that may have these keys, by their places; `null` counts as unset.
fn fields(
    raw: &RawValue,
    keys: &[&str],
    read: &mut dyn FnMut(usize, &RawValue) -> Result<(), SettingsError>,
) -> Result<(), SettingsError> {
    each(raw, &mut |key, value| match keys.iter().position(|known| *known == key) {
        None => Err(SettingsError { key: String::new(), ..unknown_key(key, &[keys]) }),
        Some(_) if is_null(value) => Ok(()),
        Some(at) => read(at, value),
    })
}

/// Reads a digest.
fn digest(raw: &RawValue) -> Result<String, SettingsError> {
    let digest = String::read(raw)?;
    if is_sha256(&digest) { Ok(digest) } else { Err(no_digest()) }
}

fn no_digest() -> SettingsError {
    SettingsError::new("must be sha256: and 64 lower-case hexadecimal digits")
}

/// Refuses an object that has no digest.
fn require(digest: &str) -> Result<(), SettingsError> {
    if digest.is_empty() { Err(no_digest().under("digest")) } else { Ok(()) }
}

impl Entry {
    fn read(raw: &RawValue) -> Result<Entry, SettingsError> {
        let mut entry = Entry { digest: String::new(), known: Vec::new() };
        fields(raw, &["digest", "platforms"], &mut |at, value| {
            if at == 0 {
                entry.digest = digest(value)?;
                return Ok(());
            }
            each(value, &mut |platform, build| entry.add(platform, build))
        })?;
        require(&entry.digest)?;
        if !entry.known.iter().all(Known::is_windows) {
            entry.known.retain(|known| !known.is_windows());
        }
        Ok(entry)
    }

    /// Adds the image of a platform.
    fn add(&mut self, platform: &str, raw: &RawValue) -> Result<(), SettingsError> {
        if !(1..=2).contains(&platform.matches('/').count()) || platform.split('/').any(str::is_empty) {
            let message = "must be named OS/ARCHITECTURE, such as linux/amd64 or linux/arm/v7";
            return Err(SettingsError::new(message));
        }
        let mut own = String::new();
        let mut sources = [None, None, None];
        fields(raw, &["digest", "facts"], &mut |at, value| {
            if at == 0 {
                own = digest(value)?;
                return Ok(());
            }
            fields(value, &SOURCES, &mut |source, facts| {
                sources[source] = known(platform, facts)?;
                Ok(())
            })
        })?;
        require(&own)?;
        self.known.extend(sources.into_iter().flatten().next());
        Ok(())
    }

    /// The facts of the platforms that a pod of Linux can run on; those of Windows if there are no others.
    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }
}

/// The facts of one source, if they say a user.
fn known(platform: &str, raw: &RawValue) -> Result<Option<Known>, SettingsError> {
    let (mut user, mut uid, mut gid) = (None, None, None);
    let mut known =
        Known { platform: platform.to_owned(), user: String::new(), volumes: Vec::new(), ports: Vec::new() };
    fields(raw, &["user", "os", "uid", "gid", "volumes", "exposedPorts"], &mut |at, value| {
        match at {
            0 => user = Some(String::read(value)?),
            1 => drop(String::read(value)?),
            2 => uid = Some(u32::read(value)?),
            3 => gid = Some(u32::read(value)?),
            4 => known.volumes = Vec::read(value)?,
            _ => known.ports = Vec::read(value)?,
        }
        Ok(())
    })?;
    known.user = match (user, uid, gid) {
        (Some(user), ..) => user,
        (None, Some(uid), Some(gid)) => super::sentence(&[&uid.to_string(), ":", &gid.to_string()]),
        (None, Some(uid), None) => uid.to_string(),
        (None, None, _) => return Ok(None),
    };
    Ok(Some(known))
}

const DIGEST: &str = "^sha256:[0-9a-f]{64}$";

/// Refuses keys that no image is looked up by.
pub(in super::super) fn check(images: &Images) -> Result<(), SettingsError> {
    for (name, entry) in &images.0 {
        let problem = match Reference::parse(name) {
            Err(why) => Some(super::sentence(&["is not the name of an image: ", why])),
            Ok(reference) => {
                let full = key(&reference);
                let is_other = reference.digest.is_some_and(|digest| digest != entry.digest);
                if full != *name {
                    Some(super::sentence(&["must be written in full, as ", &full]))
                } else if is_other {
                    Some("names another digest than its entry".to_owned())
                } else {
                    None
                }
            }
        };
        if let Some(problem) = problem {
            let mut key = "images".to_owned();
            push_key(&mut key, name);
            return Err(SettingsError::new(problem).under(&key));
        }
    }
    Ok(())
}

/// The key of an image: its name in full with the tag, or with the digest where no tag is written.
pub(super) fn key(image: &Reference<'_>) -> String {
    let (mark, version) = match (image.tag, image.digest) {
        (None, Some(digest)) => ("@", digest),
        (tag, _) => (":", tag.unwrap_or(DEFAULT_TAG)),
    };
    super::sentence(&[image.registry, "/", &image.repository, mark, version])
}

/// The entry of an image; none if the reference has another digest.
pub(super) fn of<'i>(images: &'i Images, image: &Reference<'_>) -> Option<&'i Entry> {
    if images.0.is_empty() {
        return None;
    }
    let key = key(image);
    let (_, entry) = images.0.iter().find(|(name, _)| *name == key)?;
    Some(entry).filter(|entry| image.digest.is_none_or(|digest| digest == entry.digest))
}
