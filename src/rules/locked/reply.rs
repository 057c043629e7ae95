//! Reads the answers of Kubewarden's hosts about an image.
//!
//! Container runtimes read an image's configuration with Go's decoder, which takes keys in any case: `user` is `User`
//! to them. An image must not show one user here and another there, so keys are compared as Go does; one that stands
//! twice, in whatever case, is an error.

use super::Known;
use crate::json::{self, Object, Pairs, Slot, Text};
use serde_json::value::RawValue;

/// A problem of an answer: the field and why, never its content.
pub(super) type Problem = String;

/// Reads the answer of `oci/v1/oci_manifest_config`.
pub(super) fn known(text: &str) -> Result<Known, Problem> {
    let reply: ConfigReply<'_> = json::read_object(text).map_err(|error| error.to_string())?;
    let configuration = reply.config.ok_or("config is missing")?;
    let os = configuration.os.ok_or("config.os is missing")?;
    let architecture = configuration.architecture.ok_or("config.architecture is missing")?;
    let run = configuration.config.unwrap_or_default();
    Ok(Known {
        platform: super::sentence(&[&*os, "/", &*architecture]).to_ascii_lowercase(),
        user: run.user.map(|user| user.0.into_owned()).unwrap_or_default(),
        volumes: keys(run.volumes),
        ports: keys(run.ports),
    })
}

/// The keys of an object, as often as they stand.
#[inline(never)]
fn keys(pairs: Option<Pairs<'_, &RawValue>>) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, _) in pairs.unwrap_or_default().0 {
        keys.push(key.0.into_owned());
    }
    keys
}

/// Reads the answer of `oci/v1/manifest_digest`.
pub(super) fn digest(text: &str) -> Result<String, Problem> {
    let reply: DigestReply<'_> = json::read_object(text).map_err(|error| error.to_string())?;
    Ok(reply.digest.ok_or("digest is missing")?.0.into_owned())
}

/// Declares structs whose keys are compared as Go's decoder compares them.
macro_rules! go_object {
    ($($name:ident { $($field:ident: $ty:ty = $key:literal,)* })*) => {$(
        #[derive(Default)]
        struct $name<'a> {
            $($field: Option<$ty>,)*
        }

        impl<'a> Object<'a> for $name<'a> {
            fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
                $(if is_same(key, $key) {
                    return json::Field::slot(&mut self.$field);
                })*
                Slot::Skip
            }
        }

        impl<'a> json::Field<'a> for Option<$name<'a>> {
            fn slot(&mut self) -> Slot<'_, 'a> {
                Slot::Object(self)
            }
        }
    )*};
}

go_object! {
    ConfigReply { config: Configuration<'a> = "config", }
    Configuration { os: Text<'a> = "os", architecture: Text<'a> = "architecture", config: Run<'a> = "config", }
    Run {
        user: Text<'a> = "user",
        volumes: Pairs<'a, &'a RawValue> = "volumes",
        ports: Pairs<'a, &'a RawValue> = "exposedports",
    }
    DigestReply { digest: Text<'a> = "digest", }
}

/// Whether a key is this one, which is in lower case: Go takes two letters beyond ASCII for `s` and `k`, too.
#[inline(never)]
fn is_same(key: &str, wanted: &str) -> bool {
    let mut key = key.as_bytes();
    for letter in wanted.bytes() {
        let alias = match letter {
            b's' => "\u{17f}",
            b'k' => "\u{212a}",
            _ => "",
        };
        key = match key {
            [first, rest @ ..] if first.to_ascii_lowercase() == letter => rest,
            _ => match key.strip_prefix(alias.as_bytes()) {
                Some(rest) if !alias.is_empty() => rest,
                _ => return false,
            },
        };
    }
    key.is_empty()
}
