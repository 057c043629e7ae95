//! Entries of `harden.lock` as settings: the same keys, read as strictly.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Known;
use crate::json::is_null;
use crate::path::push_key;
use crate::reference::{Reference, is_sha256};
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
        for (name, value) in objects(Some(raw))? {
            let entry = Entry::read(value).map_err(|error| below(&name, error))?;
            images.push((name, entry));
        }
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

/// The members of an object, none of which stands twice.
fn objects(raw: Option<&RawValue>) -> Result<Vec<(String, &RawValue)>, SettingsError> {
    match raw {
        Some(raw) if is_null(raw) => Err(SettingsError::new("must be an object")),
        raw => entries(raw),
    }
}

/// The values of an object's keys, which are all that there may be; `null` counts as unset.
fn values<'a, const N: usize>(
    raw: &'a RawValue,
    keys: &'static [&'static str; N],
) -> Result<[Option<&'a RawValue>; N], SettingsError> {
    let mut found = [None; N];
    place(raw, keys, &mut found)?;
    Ok(found)
}

fn place<'a>(
    raw: &'a RawValue,
    keys: &'static [&'static str],
    found: &mut [Option<&'a RawValue>],
) -> Result<(), SettingsError> {
    for (key, value) in objects(Some(raw))? {
        match keys.iter().position(|known| *known == key) {
            Some(at) => found[at] = Some(value).filter(|value| !is_null(value)),
            None => return Err(unknown_key(&key, &[keys])),
        }
    }
    Ok(())
}

/// The error, seen from the object that has the member `name`.
fn below(name: &str, error: SettingsError) -> SettingsError {
    let mut key = String::new();
    push_key(&mut key, name);
    error.under(&key)
}

fn text(raw: Option<&RawValue>, key: &str) -> Result<Option<String>, SettingsError> {
    raw.map(|raw| String::read(raw).map_err(|error| error.under(key))).transpose()
}

fn texts(raw: Option<&RawValue>, key: &str) -> Result<Vec<String>, SettingsError> {
    raw.map_or(Ok(Vec::new()), |raw| Vec::read(raw).map_err(|error| error.under(key)))
}

fn digest(raw: Option<&RawValue>) -> Result<String, SettingsError> {
    let digest = text(raw, "digest")?.unwrap_or_default();
    if is_sha256(&digest) {
        return Ok(digest);
    }
    Err(SettingsError::new("must be sha256: and 64 lower-case hexadecimal digits").under("digest"))
}

impl Entry {
    fn read(raw: &RawValue) -> Result<Entry, SettingsError> {
        let [own, platforms] = values(raw, &["digest", "platforms"])?;
        let mut entry = Entry { digest: digest(own)?, known: Vec::new() };
        for (name, build) in objects(platforms).map_err(|error| error.under("platforms"))? {
            let read = entry.add(&name, build);
            read.map_err(|error| below(&name, error).under("platforms"))?;
        }
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
        let [own, facts] = values(raw, &["digest", "facts"])?;
        digest(own)?;
        let Some(facts) = facts else { return Ok(()) };
        let sources = values(facts, &SOURCES).map_err(|error| error.under("facts"))?;
        let mut best = None;
        for (raw, key) in sources.into_iter().zip(SOURCES) {
            let Some(raw) = raw else { continue };
            let known = known(platform, raw).map_err(|error| error.under(key).under("facts"))?;
            best = best.or(known);
        }
        self.known.extend(best);
        Ok(())
    }

    /// The facts of the platforms that a pod of Linux can run on; those of Windows if there are no others.
    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }
}

/// The facts of one source, if they say a user.
fn known(platform: &str, raw: &RawValue) -> Result<Option<Known>, SettingsError> {
    let [user, uid, gid, volumes, ports, os] = values(raw, &["user", "uid", "gid", "volumes", "exposedPorts", "os"])?;
    let id = |raw: Option<&RawValue>, key: &str| -> Result<Option<String>, SettingsError> {
        raw.map(|raw| u32::read(raw).map(|id| id.to_string()).map_err(|error| error.under(key))).transpose()
    };
    text(os, "os")?;
    let (uid, gid) = (id(uid, "uid")?, id(gid, "gid")?);
    let of_ids = uid.map(|uid| uid + &gid.map(|gid| super::sentence(&[":", &gid])).unwrap_or_default());
    let user = text(user, "user")?.or(of_ids);
    let (volumes, ports) = (texts(volumes, "volumes")?, texts(ports, "exposedPorts")?);
    Ok(user.map(|user| Known { platform: platform.to_owned(), user, volumes, ports }))
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
fn key(image: &Reference<'_>) -> String {
    Reference { digest: image.digest.filter(|_| image.tag.is_none()), ..image.clone() }.to_string()
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
