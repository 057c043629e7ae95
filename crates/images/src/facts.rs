//! Facts about an image: whom it runs as, what it writes to, where it listens.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::platform::{Platform, PlatformError};

/// Where facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The Dockerfile that `harden.yaml` names for it.
    Dockerfile,
    /// The image's own configuration, from the registry.
    Image,
    /// A run of the image.
    Try,
}

impl Source {
    /// Every source with its word in the lock.
    pub const ALL: [(Source, &'static str); 3] =
        [(Source::Dockerfile, "dockerfile"), (Source::Image, "image"), (Source::Try, "try")];
}

/// The facts that one source knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Facts {
    /// `USER` as it is written; the empty text stands for root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's id, if it is numeric and one that Kubernetes takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The group's id, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// The paths of `VOLUME`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    /// `EXPOSE` with the protocol, such as `8080/tcp`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exposed_ports: Vec<String>,
    /// The operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The directories that a container wrote to in a trial, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written_paths: Vec<String>,
    /// The capabilities without which it does not run, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// The most memory that it used in a trial, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

/// A configuration of an image that is not one, or says more than is kept.
#[derive(Debug, Error)]
pub enum FactsError {
    /// It is not JSON of the right shape.
    #[error("the image's configuration cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Its platform is not one.
    #[error("the image's configuration names no platform: {0}")]
    Platform(#[from] PlatformError),
    /// A key in other case: container runtimes do not tell the two apart, and take the last one.
    #[error("the image's configuration has the key `{0}`, which container runtimes read as `{1}`")]
    Key(String, &'static str),
    /// A list that is longer than any real one.
    #[error("the image's configuration has {1} {0}; no more than {MOST} are taken")]
    TooMany(&'static str, usize),
    /// A text that is longer than any real one.
    #[error("the image's configuration has {0} of {1} bytes; no more than {LONGEST} are taken")]
    TooLong(&'static str, usize),
}

/// Most volumes or ports of an image.
pub(crate) const MOST: usize = 256;
/// Most bytes of a user, a path or a port.
pub(crate) const LONGEST: usize = 4096;

/// The configuration of an image, as far as it is of use here.
#[derive(Deserialize)]
struct Configuration {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
    #[serde(default)]
    config: Option<Run>,
    #[serde(flatten)]
    others: Keys,
}

/// The other keys of an object.
type Keys = BTreeMap<String, IgnoredAny>;

/// How a container of the image runs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Run {
    user: Option<String>,
    volumes: Option<Keys>,
    exposed_ports: Option<Keys>,
    #[serde(flatten)]
    others: Keys,
}

/// Whether no other key is one of those that are read, in other case as Go compares it: two letters beyond ASCII are `s`
/// and `k`, too.
fn check_keys(others: &Keys, read: &[&'static str]) -> Result<(), FactsError> {
    for key in others.keys() {
        let plain = key.replace('\u{17f}', "s").replace('\u{212a}', "k");
        if let Some(name) = read.iter().find(|name| plain.eq_ignore_ascii_case(name)) {
            return Err(FactsError::Key(key.clone(), name));
        }
    }
    Ok(())
}

impl Facts {
    /// Reads the configuration of an image: the platform it is built for, and the facts.
    ///
    /// # Errors
    /// Bytes that are not a configuration, one without a platform, or with longer lists than are kept.
    pub fn of_configuration(bytes: &[u8]) -> Result<(Platform, Facts), FactsError> {
        let configuration: Configuration = serde_json::from_slice(bytes)?;
        check_keys(&configuration.others, &["os", "architecture", "variant", "config"])?;
        let platform = Platform::new(&configuration.os, &configuration.architecture, configuration.variant.as_deref())?;
        let run = configuration.config.unwrap_or_default();
        check_keys(&run.others, &["User", "Volumes", "ExposedPorts"])?;
        let keys = |map: Option<Keys>| map.unwrap_or_default().into_keys().collect();
        let facts = Facts {
            volumes: keys(run.volumes),
            exposed_ports: keys(run.exposed_ports),
            os: Some(platform.os().to_owned()),
            ..Facts::of_user(run.user.unwrap_or_default())
        };
        facts.check()?;
        Ok((platform, facts))
    }

    /// The facts that a `USER` alone says.
    pub fn of_user(user: String) -> Facts {
        let (name, group) = user.split_once(':').map_or((user.as_str(), None), |(name, group)| (name, Some(group)));
        Facts { uid: id(name), gid: group.and_then(id), user: Some(user), ..Facts::default() }
    }

    /// The user as `USER` would say it: as it is written, else by its ids.
    pub fn written_user(&self) -> Option<String> {
        match (&self.user, self.uid, self.gid) {
            (Some(user), ..) => Some(user.clone()),
            (None, Some(uid), Some(gid)) => Some(format!("{uid}:{gid}")),
            (None, Some(uid), None) => Some(uid.to_string()),
            (None, None, _) => None,
        }
    }

    /// Whether nothing is longer than is kept.
    ///
    /// # Errors
    /// A longer list or text.
    pub(crate) fn check(&self) -> Result<(), FactsError> {
        let lists = [
            ("volumes", "a volume", &self.volumes),
            ("ports", "a port", &self.exposed_ports),
            ("written paths", "a written path", &self.written_paths),
            ("capabilities", "a capability", &self.capabilities),
        ];
        for (many, one, list) in lists {
            if list.len() > MOST {
                return Err(FactsError::TooMany(many, list.len()));
            }
            if let Some(long) = list.iter().find(|text| text.len() > LONGEST) {
                return Err(FactsError::TooLong(one, long.len()));
            }
        }
        let user = self.user.as_deref().unwrap_or_default();
        if user.len() > LONGEST { Err(FactsError::TooLong("a user", user.len())) } else { Ok(()) }
    }
}

/// A numeric id in the range of `runAsUser`.
fn id(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| is_number && i32::try_from(*id).is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn users_are_kept_as_written_and_as_numbers_where_they_are() {
        for (user, uid, gid) in [
            ("", None, None),
            ("1000", Some(1000), None),
            ("1000:2000", Some(1000), Some(2000)),
            ("0:1000", Some(0), Some(1000)),
            ("root", None, None),
            ("app:app", None, None),
            ("app:1000", None, Some(1000)),
            ("1000:app", Some(1000), None),
            ("1000:", Some(1000), None),
            ("+5", None, None),
            ("-1", None, None),
            ("2147483647", Some(2_147_483_647), None),
            ("2147483648", None, None),
            ("99999999999999999999", None, None),
            ("ContainerUser", None, None),
        ] {
            let facts = Facts::of_user(user.to_owned());
            assert_eq!((facts.user.as_deref(), facts.uid, facts.gid), (Some(user), uid, gid));
        }
    }

    #[test]
    fn a_configuration_is_read_as_registries_have_it() {
        let read = |text: &str| Facts::of_configuration(text.as_bytes());
        let (platform, facts) = read(
            r#"{"architecture":"arm64","variant":"v8","os":"linux","config":{"User":"101:101","Env":["A=b"],
               "Volumes":{"/var/lib":{},"/data":{}},"ExposedPorts":{"80/tcp":{},"8080/udp":{}}},"rootfs":{}}"#,
        )
        .unwrap();
        assert_eq!(platform.to_string(), "linux/arm64");
        assert_eq!((facts.uid, facts.gid, facts.os.as_deref()), (Some(101), Some(101), Some("linux")));
        assert_eq!(
            (facts.volumes.join(" "), facts.exposed_ports.join(" ")),
            ("/data /var/lib".into(), "80/tcp 8080/udp".into())
        );

        let (_, bare) = read(r#"{"architecture":"amd64","os":"linux","config":{"User":null,"Volumes":null}}"#).unwrap();
        assert_eq!(bare.user.as_deref(), Some(""), "nobody is root");
        assert_eq!(read(r#"{"architecture":"amd64","os":"linux"}"#).unwrap().1, bare);

        for (text, expected) in [
            ("<html>", "cannot be read"),
            (r#"{"os":"linux"}"#, "missing field `architecture`"),
            (r#"{"architecture":"","os":"linux"}"#, "names no platform"),
            (r#"{"architecture":"amd64","os":"linux","config":{"User":5}}"#, "cannot be read"),
            (
                r#"{"architecture":"amd64","os":"linux","config":{"User":"1000","user":"0"}}"#,
                "has the key `user`, which container runtimes read as `User`",
            ),
            (r#"{"architecture":"amd64","os":"linux","Config":{"User":"0"}}"#, "has the key `Config`"),
            (r#"{"architecture":"amd64","os":"linux","config":{"U\u017fer":"0"}}"#, "read as `User`"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let many: BTreeMap<String, BTreeMap<(), ()>> = (0..=MOST).map(|at| (at.to_string(), BTreeMap::new())).collect();
        let many = serde_json::json!({ "architecture": "a", "os": "b", "config": { "Volumes": many } }).to_string();
        assert!(read(&many).unwrap_err().to_string().contains("257 volumes; no more than 256"));
        let long = format!(r#"{{"architecture":"a","os":"b","config":{{"User":"{}"}}}}"#, "u".repeat(LONGEST + 1));
        assert!(read(&long).unwrap_err().to_string().contains("a user of 4097 bytes"));
    }
}
