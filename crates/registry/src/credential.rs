//! Logins, from the docker config file that `docker login` and its like write.
//!
//! The crate `docker_credential` knows no `registrytoken`, takes `auth` before an identity token, names neither file
//! nor key in its errors, and runs helpers without a limit.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::login::Login;
use crate::{Error, helper};

/// A login for a registry, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credential {
    /// The secret and how it is used.
    pub(super) login: Login,
    /// Whose it is or where one was looked for, for messages.
    pub(super) origin: String,
}

/// The file, as far as it concerns logins. Its other keys are docker's business.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
    registrytoken: String,
}

/// The login for the registry `host`: `config.json` in `$DOCKER_CONFIG`, else in `~/.docker`.
///
/// # Errors
/// A config file or an entry that cannot be read, a helper that fails. A missing file or entry is not an error.
pub(super) fn of_user(host: &str) -> Result<Credential, Error> {
    let given = std::env::var_os("DOCKER_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    match given.or_else(|| std::env::home_dir().map(|home| home.join(".docker"))) {
        Some(folder) => in_file(&folder.join("config.json"), host),
        None => {
            Ok(Credential { login: Login::Anonymous, origin: "a docker config file (set DOCKER_CONFIG)".to_owned() })
        }
    }
}

fn in_file(path: &Path, host: &str) -> Result<Credential, Error> {
    let file = path.to_owned();
    let config: Config = match bounded::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| Error::Config(file.clone(), error.into()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Config::default(),
        Err(error) => return Err(Error::Config(file, error)),
    };
    let helper = of_registry(&config.cred_helpers, host).map(|(_, helper)| helper.as_str());
    let helper = helper.or(Some(config.creds_store.as_str()).filter(|store| !store.is_empty()));
    if let Some(helper) = helper {
        match helper::ask(helper, server_name(host)) {
            Ok(Some(login)) => return Ok(credential(login, &format!("docker-credential-{helper}"))),
            Ok(None) => {}
            Err(error) => return Err(Error::Helper(file, error)),
        }
    }
    let login = match of_registry(&config.auths, host) {
        Some((key, entry)) => entry.login().ok_or_else(|| Error::Auth(file, key.clone()))?,
        None => Login::Anonymous,
    };
    Ok(credential(login, &path.display().to_string()))
}

fn credential(login: Login, place: &str) -> Credential {
    let origin = match &login {
        Login::Anonymous => place.to_owned(),
        Login::Password(user, _) => format!("`{user}` from {place}"),
        Login::Identity(_) | Login::Registry(_) => format!("the token from {place}"),
    };
    Credential { login, origin }
}

impl Entry {
    /// The login of an entry; `None` if its `auth` is not base64 of `user:password`.
    fn login(&self) -> Option<Login> {
        if !self.registrytoken.is_empty() {
            return Some(Login::Registry(self.registrytoken.clone()));
        }
        if !self.identitytoken.is_empty() {
            return Some(Login::Identity(self.identitytoken.clone()));
        }
        if !self.auth.is_empty() {
            let decoded = String::from_utf8(STANDARD.decode(self.auth.trim()).ok()?).ok()?;
            let (user, password) = decoded.split_once(':')?;
            // docker pads what it writes with zero bytes on some platforms.
            return Some(Login::Password(user.to_owned(), password.trim_end_matches('\0').to_owned()));
        }
        let is_empty = self.username.is_empty();
        Some(if is_empty { Login::Anonymous } else { Login::Password(self.username.clone(), self.password.clone()) })
    }
}

/// The entry for `host`: under its very name, or under a URL of it as older clients wrote.
fn of_registry<'a, T>(entries: &'a BTreeMap<String, T>, host: &str) -> Option<(&'a String, &'a T)> {
    entries.get_key_value(host).or_else(|| entries.iter().find(|(key, _)| host_of(key) == host_of(host)))
}

fn host_of(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    match rest.split('/').next().unwrap_or(rest) {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        host => host,
    }
}

/// The name under which helpers keep the login.
fn server_name(host: &str) -> &str {
    if host_of(host) == "docker.io" { "https://index.docker.io/v1/" } else { host }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use std::fs;

    use super::*;

    fn find(config: &Value, host: &str) -> Result<Login, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        fs::write(&path, config.to_string()).unwrap();
        in_file(&path, host).map(|found| found.login)
    }

    fn password(user: &str, password: &str) -> Login {
        Login::Password(user.to_owned(), password.to_owned())
    }

    #[test]
    fn entries_are_found_as_docker_writes_them() {
        let auth = |text: &str| json!({ "auth": STANDARD.encode(text) });
        let config = json!({
            "auths": {
                "ghcr.io": auth("ann:pass:with:colons"),
                "https://old.example.com/v2/": auth("bob:b"),
                "https://index.docker.io/v1/": auth("hub:h"),
                "127.0.0.1:5000": { "username": "carl", "password": "c" },
                "empty.example.com": {},
                "identity.example.com": { "auth": STANDARD.encode("00000000-0000:"), "identitytoken": "refresh" },
                "token.example.com": { "registrytoken": "bearer" },
            },
            "credsStore": "",
            "HttpHeaders": { "User-Agent": "x" },
        });
        for (host, expected) in [
            ("ghcr.io", password("ann", "pass:with:colons")),
            ("old.example.com", password("bob", "b")),
            ("docker.io", password("hub", "h")),
            ("127.0.0.1:5000", password("carl", "c")),
            ("empty.example.com", Login::Anonymous),
            ("identity.example.com", Login::Identity("refresh".to_owned())),
            ("token.example.com", Login::Registry("bearer".to_owned())),
            ("127.0.0.1:5001", Login::Anonymous),
            ("evil-ghcr.io", Login::Anonymous),
        ] {
            assert_eq!(find(&config, host).unwrap(), expected, "{host}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_file_and_key() {
        for auth in ["no base64!", &STANDARD.encode("no colon"), &STANDARD.encode(b"\xff:x")] {
            let error = find(&json!({ "auths": { "ghcr.io": { "auth": auth } } }), "ghcr.io").unwrap_err().to_string();
            assert!(error.contains("config.json: auths.\"ghcr.io\".auth is not base64"), "{error}");
        }
        let error = find(&json!({ "auths": [] }), "ghcr.io").unwrap_err().to_string();
        assert!(error.contains("config.json cannot be read: "), "{error}");
        for helper in ["../evil", "", "a b"] {
            let config = json!({ "credHelpers": { "ghcr.io": helper } });
            let error = find(&config, "ghcr.io").unwrap_err().to_string();
            assert!(error.contains("is not the name of a credential helper"), "{error}");
        }
        let config = json!({ "credsStore": "there-is-no-such-helper" });
        let error = find(&config, "ghcr.io").unwrap_err().to_string();
        assert!(error.contains("docker-credential-there-is-no-such-helper cannot be run"), "{error}");
    }

    #[test]
    fn no_file_is_no_login_and_secrets_are_not_shown() {
        let found = in_file(Path::new("does/not/exist/config.json"), "ghcr.io").unwrap();
        assert_eq!(found.login, Login::Anonymous);
        let shown = format!("{:?}", credential(password("ann", "hunter2"), "config.json"));
        assert!(shown.contains("ann") && !shown.contains("hunter2"), "{shown}");
    }
}
