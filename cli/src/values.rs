//! Values of arguments that shells complete.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use hardening::bundle::Profile;
use hardening::rules::Severity;
use hardening::settings::{Setting, SettingsError};
use lint::config::{FailOn, known_ids};
use lint::dockerfile::DOCKERFILE_USER;
use lint::own_rules::OWN_RULES;

/// Reads a value as `parser` does, and tells shells the words that it takes.
#[derive(Clone)]
pub struct Words<P> {
    parser: P,
    words: fn() -> Vec<&'static str>,
}

impl<P: TypedValueParser> TypedValueParser for Words<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<P::Value, clap::Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}

/// Reads the id of a rule that `harden explain` knows.
pub fn explained() -> Words<StringValueParser> {
    let words = || known_ids().into_iter().chain(OWN_RULES.iter().map(|rule| rule.id)).collect();
    Words { parser: StringValueParser::new(), words }
}

/// Reads the id of a rule that `--rule` takes, which may be the name of a further policy, too.
pub(crate) fn rules() -> Words<StringValueParser> {
    let words = || known_ids().into_iter().chain([DOCKERFILE_USER]).collect();
    Words { parser: StringValueParser::new(), words }
}

/// How clap reads a setting.
type Reader<T> = fn(&str) -> Result<T, SettingsError>;

/// Reads `--profile`.
pub(crate) fn profiles() -> Words<Reader<Profile>> {
    Words { parser: setting, words: || Profile::WORDS.to_vec() }
}

/// Reads `--severity`.
pub(crate) fn shown_severities() -> Words<Reader<Severity>> {
    const ALL: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let read: Reader<Severity> = |text| {
        let severity = ALL.into_iter().find(|severity| severity.word() == text);
        severity.ok_or_else(|| SettingsError::new("must be low, medium, high or critical"))
    };
    Words { parser: read, words: || ALL.map(Severity::word).to_vec() }
}

/// Reads `--fail-on`.
pub(crate) fn severities() -> Words<Reader<FailOn>> {
    Words { parser: setting, words: || FailOn::WORDS.to_vec() }
}

/// Reads an argument as the configuration reads a key.
pub(crate) fn setting<T: Setting>(text: &str) -> Result<T, SettingsError> {
    let raw = serde_json::value::to_raw_value(text).map_err(|error| SettingsError::new(error.to_string()))?;
    T::read(&raw)
}
