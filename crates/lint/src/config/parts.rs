//! The nested parts of the configuration.

use hardening::bundle::Profile;
use hardening::glob::Glob;
use hardening::settings::{Exemption, Group, Setting, SettingsError, entries, read_group};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::rules::{Rules, check_id};
use super::{FailOn, Format, KubernetesVersion, PathGlob};

hardening::settings! {
    /// Other choices for some files.
    pub struct Override {
        /// The files, as globs relative to the configuration.
        paths("paths"): Vec<PathGlob> = Vec::new(),
        /// Why; for people.
        reason("reason"): String = String::new(),
        /// The profile for these files, without the configuration's `rules`; that of the configuration if unset.
        profile("profile"): Option<Profile> = None,
        /// Version of the Pod Security Standards for these files; that of the configuration if unset.
        kubernetes_version("kubernetesVersion"): Option<KubernetesVersion> = None,
        /// Entries that take the place of the configuration's, all of which are gone if `profile` is set here.
        rules("rules"): Rules = Rules::default(),
        /// Exemptions besides those of the configuration.
        exemptions("exemptions"): Vec<ConfigExemption> = Vec::new(),
        /// The severity that fails a run in these files; by default that of the configuration.
        fail_on("failOn"): Option<FailOn> = None,
    }
    check(this) {
        if this.paths.is_empty() {
            return Err(SettingsError::new("must name at least one glob").under("paths"));
        }
    }
}

hardening::settings! {
    /// A report that is written.
    pub struct Output {
        /// Format of the report.
        format("format"): Format = Format::Text,
        /// File relative to the configuration; standard output if unset.
        path("path"): Option<String> = None,
    }
}

hardening::settings! {
    /// A Kubewarden policy that judges every object besides the rules.
    pub struct ExtraPolicy {
        /// File relative to the configuration, or `registry://…`.
        module("module"): String = String::new(),
        /// The policy's settings.
        settings("settings"): RawObject = RawObject::default(),
    }
    check(this) {
        if this.module.is_empty() {
            return Err(SettingsError::new("must name a file or registry://…").under("module"));
        }
    }
}

hardening::settings! {
    /// The Dockerfile that an image is built from.
    pub struct Dockerfile {
        /// Glob on the image's name without tag and digest, as written or as the full reference.
        image("image"): Option<Glob> = None,
        /// The Dockerfile, relative to the configuration.
        path("path"): String = String::new(),
        /// The stage that is built; the last if unset.
        target("target"): Option<String> = None,
        /// Values of `ARG`s.
        args("args"): RawObject = RawObject::default(),
    }
    check(this) {
        if this.image.is_none() {
            return Err(SettingsError::new("must be a glob on the image's name").under("image"));
        }
        if this.path.is_empty() {
            return Err(SettingsError::new("must name a Dockerfile").under("path"));
        }
    }
}

/// A JSON object whose meaning others decide.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawObject(pub Map<String, Value>);

impl Setting for RawObject {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        entries(Some(raw)).map_err(|_| SettingsError::new("must be an object"))?;
        serde_json::from_str(raw.get()).map(RawObject).map_err(|_| SettingsError::new("must be an object"))
    }

    fn schema() -> Value {
        json!({ "type": "object" })
    }

    fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// An exemption of the policies, for all rules or for some.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConfigExemption {
    /// The rules it is for; all if empty.
    pub rules: Vec<String>,
    /// The exemption as the policies take it.
    pub exemption: Map<String, Value>,
}

const RULES: &str = "rules";

impl Setting for ConfigExemption {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let mut rules: Vec<String> = Vec::new();
        let mut exemption = Map::new();
        for (key, value) in entries(Some(raw))? {
            if key == RULES {
                rules = Vec::read(value).map_err(|error| error.under(RULES))?;
                for (index, id) in rules.iter().enumerate() {
                    check_id(id).map_err(|error| error.under(&format!("{RULES}[{index}]")))?;
                }
            } else {
                let value = serde_json::from_str(value.get()).map_err(|error| SettingsError::new(error.to_string()))?;
                exemption.insert(key, value);
            }
        }
        // The policies' own reader says what is allowed.
        let text = Value::Object(exemption.clone()).to_string();
        let raw = RawValue::from_string(text).map_err(|error| SettingsError::new(error.to_string()))?;
        read_group::<Exemption>(&raw)?;
        Ok(ConfigExemption { rules, exemption })
    }

    fn schema() -> Value {
        let mut schema = hardening::settings::schema_of(&Exemption::fields());
        schema["properties"][RULES] = json!({
            "type": "array",
            "items": { "type": "string", "enum": super::rules::known_ids() },
            "description": "The rules it is for; all if unset.",
            "default": [],
        });
        schema
    }

    fn to_json(&self) -> Value {
        let mut object = self.exemption.clone();
        if !self.rules.is_empty() {
            object.insert(RULES.to_owned(), self.rules.clone().into());
        }
        Value::Object(object)
    }
}
