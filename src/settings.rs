//! The operator's settings: read strictly, described once.
//!
//! A settings group is declared with [`settings!`](crate::settings!): names, types, defaults and docs in
//! one place. From it come the reader (which refuses unknown keys and names the key that is wrong), the
//! documentation of `harden explain`, and the JSON schema.

mod common;
mod schema;
mod types;

pub(crate) use common::ONLY_WITH_MUTATE;
pub use common::{Action, Bundled, Common, Exemption, Existing, Unfixable, UnknownKinds};
pub use schema::{alone, narrowed, one_of, schema_of, with_definitions};
pub use types::{IdRange, Names};
pub(crate) use types::{names, ordered, push_ranges};

use std::fmt;

use serde_json::value::RawValue;

use crate::json;

/// Settings that cannot be used: which key, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Where in the settings, as `user.ranges[0].min`; empty for the settings as a whole.
    pub key: String,
    /// The problem and the allowed values.
    pub message: String,
}

impl SettingsError {
    /// An error about the value itself; callers add the key with [`SettingsError::under`].
    pub fn new(message: impl Into<String>) -> SettingsError {
        SettingsError { key: String::new(), message: message.into() }
    }

    /// The same error, seen from the group whose list `key` has the value at `index`.
    pub fn within(self, key: &str, index: usize) -> SettingsError {
        self.under(&format!("{key}[{index}]"))
    }

    /// The same error, seen from the group that holds `key`.
    pub fn under(mut self, key: &str) -> SettingsError {
        let separator = if self.key.is_empty() || self.key.starts_with('[') { "" } else { "." };
        self.key = format!("{key}{separator}{}", self.key);
        self
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.message),
            key => write!(f, "{key}: {}", self.message),
        }
    }
}

impl std::error::Error for SettingsError {}

/// A value of the settings.
pub trait Setting: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// A value of another type or outside what is allowed; the key is relative to this value.
    fn read(raw: &RawValue) -> Result<Self, SettingsError>;

    /// JSON schema of the value.
    fn schema() -> serde_json::Value;

    /// The value as JSON, to show defaults.
    fn to_json(&self) -> serde_json::Value;
}

/// A set of named settings: what a `settings!` declaration makes.
pub trait Group: Default {
    /// The keys, in the order they are declared.
    const KEYS: &'static [&'static str];

    /// Reads the value of `key` if it is one of [`Group::KEYS`].
    ///
    /// # Errors
    /// As [`Setting::read`] of the value.
    fn set(&mut self, key: &str, raw: &RawValue) -> Result<bool, SettingsError>;

    /// Checks values against each other.
    ///
    /// # Errors
    /// Values that contradict each other.
    fn verify(&self) -> Result<(), SettingsError>;

    /// Returns the purpose of the group: the doc comment of its declaration.
    fn doc() -> String;

    /// Description of every setting.
    fn fields() -> Vec<Field>;
}

/// One setting, described.
#[derive(Debug, Clone)]
pub struct Field {
    /// The key, camelCase.
    pub key: &'static str,
    /// Its effect.
    pub doc: String,
    /// The default, as JSON.
    pub default: serde_json::Value,
    /// JSON schema of the value.
    pub schema: serde_json::Value,
}

/// The entries of a settings object; absent or `null` settings are an empty object.
///
/// # Errors
/// Settings that are not an object, or a key given twice.
pub fn entries(raw: Option<&RawValue>) -> Result<Vec<(String, &RawValue)>, SettingsError> {
    let Some(raw) = raw.filter(|raw| !json::is_null(raw)) else {
        return Ok(Vec::new());
    };
    let members = json::members(raw).map_err(|_| SettingsError::new("must be an object of settings"))?;
    let mut entries: Vec<(String, &RawValue)> = Vec::with_capacity(members.0.len());
    for (key, value) in members.0 {
        if entries.iter().any(|(seen, _)| **seen == *key) {
            return Err(SettingsError::new("is given twice; keep one").under(&key));
        }
        entries.push((key.0.into_owned(), value));
    }
    Ok(entries)
}

/// Refuses the list `key` for the first element in which `fault` finds one.
pub(crate) fn check_each<T>(
    key: &str,
    list: &[T],
    fault: impl Fn(&T) -> Option<SettingsError>,
) -> Result<(), SettingsError> {
    match list.iter().enumerate().find_map(|(index, element)| Some((index, fault(element)?))) {
        Some((index, error)) => Err(error.within(key, index)),
        None => Ok(()),
    }
}

/// The error for a key that no group knows.
pub fn unknown_key(key: &str, groups: &[&[&str]]) -> SettingsError {
    let known: Vec<&str> = groups.iter().flat_map(|keys| keys.iter().copied()).collect();
    SettingsError::new(format!("unknown setting, expected one of: {}", known.join(", "))).under(key)
}

/// Reads a nested group: every key must be its own.
///
/// # Errors
/// See [`fill`].
pub fn read_group<G: Group>(raw: &RawValue) -> Result<G, SettingsError> {
    let mut group = G::default();
    fill_from(raw, &mut group)?;
    Ok(group)
}

fn fill_from(raw: &RawValue, group: &mut dyn Fill) -> Result<(), SettingsError> {
    if json::is_null(raw) {
        return Err(SettingsError::new("must be an object of settings"));
    }
    fill(Some(raw), &mut [group], &[])
}

/// A [`Group`] as a trait object, so that what fills it is compiled once and not for each.
pub(crate) trait Fill {
    /// [`Group::KEYS`]
    fn keys(&self) -> &'static [&'static str];
    /// [`Group::set`]
    fn put(&mut self, key: &str, raw: &RawValue) -> Result<bool, SettingsError>;
    /// [`Group::verify`]
    fn check(&self) -> Result<(), SettingsError>;
}

impl<G: Group> Fill for G {
    fn keys(&self) -> &'static [&'static str] {
        G::KEYS
    }
    fn put(&mut self, key: &str, raw: &RawValue) -> Result<bool, SettingsError> {
        self.set(key, raw)
    }
    fn check(&self) -> Result<(), SettingsError> {
        self.verify()
    }
}

/// Reads `settings` into `groups`: every key must be of one of them. `elsewhere` are keys that a reader may take
/// for these, but that belong to the bundle as a whole.
///
/// # Errors
/// See [`entries`], [`Group::set`] and [`Group::verify`]; a key of no group.
pub(crate) fn fill(
    settings: Option<&RawValue>,
    groups: &mut [&mut dyn Fill],
    elsewhere: &[&str],
) -> Result<(), SettingsError> {
    for (key, value) in entries(settings)? {
        let mut known = false;
        for group in groups.iter_mut() {
            known = known || group.put(&key, value)?;
        }
        if !known && elsewhere.contains(&key.as_str()) {
            return Err(SettingsError::new("belongs at the top level of the bundle's settings").under(&key));
        }
        if !known {
            let keys: Vec<&[&str]> = groups.iter().map(|group| group.keys()).collect();
            return Err(unknown_key(&key, &keys));
        }
    }
    groups.iter().try_for_each(|group| group.check())
}

/// Declares a group of settings: a struct with defaults, its strict reader and its description.
///
/// `=> schema` behind a default or behind `check` narrows the JSON schema: what is refused beyond the type.
///
/// ```
/// hardening::settings! {
///     /// What the group is for.
///     pub struct Example {
///         /// What this setting does.
///         require_explicit("requireExplicit"): bool = true,
///     }
///     check(this) {
///         if !this.require_explicit {
///             return Err(hardening::settings::SettingsError::new("must be true").under("requireExplicit"));
///         }
///     }
/// }
/// # fn main() {
/// use hardening::settings::{Group, read_group};
/// assert_eq!(Example::KEYS, ["requireExplicit"]);
/// let raw = serde_json::value::RawValue::from_string(r#"{"requireExplicit": 1}"#.into()).unwrap();
/// assert_eq!(read_group::<Example>(&raw).unwrap_err().to_string(), "requireExplicit: must be true or false");
/// # }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident ($key:literal): $ty:ty = $default:expr $(=> $narrower:expr)?
            ),* $(,)?
        }
        $(check($this:ident) $check:block $(=> $narrower_group:expr)?)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $ty,)*
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $default,)* }
            }
        }

        impl $crate::settings::Group for $name {
            const KEYS: &'static [&'static str] = &[$($key),*];

            #[allow(unused_variables)]
            fn set(
                &mut self,
                key: &str,
                raw: &serde_json::value::RawValue,
            ) -> Result<bool, $crate::settings::SettingsError> {
                match key {
                    $($key => {
                        self.$field = $crate::settings::Setting::read(raw).map_err(|error| error.under($key))?;
                    })*
                    _ => return Ok(false),
                }
                #[allow(unreachable_code)]
                Ok(true)
            }

            fn verify(&self) -> Result<(), $crate::settings::SettingsError> {
                $(let $this = self; $check)?
                Ok(())
            }

            fn doc() -> String {
                [$($doc),*].map(|line: &str| line.strip_prefix(' ').unwrap_or(line)).join("\n")
            }

            fn fields() -> Vec<$crate::settings::Field> {
                #[allow(unused_variables)]
                let default = $name::default();
                vec![$($crate::settings::Field {
                    key: $key,
                    doc: [$($field_doc),*].map(|line: &str| line.strip_prefix(' ').unwrap_or(line)).join("\n"),
                    default: $crate::settings::Setting::to_json(&default.$field),
                    schema: {
                        let schema = <$ty as $crate::settings::Setting>::schema();
                        $(let schema = $crate::settings::narrowed(schema, $narrower);)?
                        schema
                    },
                },)*]
            }
        }

        impl $crate::settings::Setting for $name {
            fn read(raw: &serde_json::value::RawValue) -> Result<Self, $crate::settings::SettingsError> {
                $crate::settings::read_group(raw)
            }

            fn schema() -> serde_json::Value {
                let mut schema = $crate::settings::schema_of(&<Self as $crate::settings::Group>::fields());
                schema["title"] = stringify!($name).into();
                $($(let schema = $crate::settings::narrowed(schema, $narrower_group);)?)?
                schema
            }

            fn to_json(&self) -> serde_json::Value {
                #[allow(unused_mut)]
                let mut object = serde_json::Map::new();
                $(object.insert($key.into(), $crate::settings::Setting::to_json(&self.$field));)*
                object.into()
            }
        }
    };
}

/// Declares a setting that is one of a few words.
#[macro_export]
macro_rules! setting_words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $doc])* $variant,)* }

        impl $name {
            /// Every word, in the order they are declared.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl $crate::settings::Setting for $name {
            fn read(raw: &serde_json::value::RawValue) -> Result<Self, $crate::settings::SettingsError> {
                match $crate::json::text(raw).as_deref() {
                    $(Some($word) => Ok($name::$variant),)*
                    _ => Err($crate::settings::SettingsError::new(format!("must be one of: {}", Self::WORDS.join(", ")))),
                }
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({ "type": "string", "enum": Self::WORDS })
            }

            fn to_json(&self) -> serde_json::Value {
                self.word().into()
            }
        }
    };
}
