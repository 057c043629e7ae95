//! The expectations of a test.

use hardening::settings::{Group, Setting, SettingsError, entries, read_group, schema_of};
use regex::Regex;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::model::Json;

hardening::setting_words! {
    /// The outcome of a request.
    pub enum Verdict {
        /// Every policy lets it pass.
        Allowed = "allowed",
        /// A policy refuses it.
        Denied = "denied",
        /// A policy gives no verdict: it fails, or takes too long; in the cluster the request is refused.
        Failed = "failed",
        /// A policy does not take its settings.
        InvalidSettings = "invalidSettings",
    }
}

hardening::settings! {
    /// The expectation; a word alone is the verdict.
    pub struct Expected {
        /// The verdict; any if unset.
        verdict("verdict"): Option<Verdict> = None,
        /// The violations: these and no others, in any order; `[]` for none.
        violations("violations"): Option<Vec<Matcher>> = None,
        /// Violations that are there, whatever else is.
        contains("contains"): Vec<Matcher> = Vec::new(),
        /// A text that the message, or a warning, contains.
        message("message"): Option<String> = None,
        /// A regular expression that the message, or a warning, matches.
        message_matches("messageMatches"): Option<Pattern> = None,
        /// The expected change of the object.
        mutation("mutation"): Option<Mutation> = None,
    }
    check(this) {
        if this.violations.is_some() && !this.contains.is_empty() {
            return Err(SettingsError::new("stands beside violations, which are all that there may be").under("contains"));
        }
        if *this == Expected::default() {
            return Err(SettingsError::new("must not be empty"));
        }
        let fails = matches!(this.verdict, Some(Verdict::Failed | Verdict::InvalidSettings));
        let pointless = [
            ("violations", this.violations.is_some()),
            ("contains", !this.contains.is_empty()),
            ("mutation", this.mutation.is_some()),
        ];
        if let (true, Some((key, _))) = (fails, pointless.iter().find(|(_, given)| *given)) {
            return Err(SettingsError::new("cannot come of a policy that gives no verdict").under(key));
        }
    }
}

hardening::settings! {
    /// A violation, by what is known of it; every key that is given must agree.
    pub struct Matcher {
        /// Id of the rule; for a policy that lists no violations its `policy`, as the suite writes it.
        rule("rule"): Option<String> = None,
        /// Field path, such as `spec.containers[0].image`.
        path("path"): Option<String> = None,
        /// Name of the container.
        container("container"): Option<String> = None,
        /// `container`, `initContainer` or `ephemeralContainer`.
        container_type("containerType"): Option<String> = None,
        /// Whether it refuses the request or only warns.
        level("level"): Option<ExpectedLevel> = None,
        /// A text that its message contains.
        message("message"): Option<String> = None,
        /// How many violations it describes.
        count("count"): u32 = 1 => json!({ "minimum": 1, "maximum": MOST }),
    }
    check(this) {
        if (Matcher { count: 1, ..this.clone() }) == Matcher::default() {
            return Err(SettingsError::new("must name something: rule, path, container, containerType, level or message"));
        }
        if !(1..=MOST).contains(&this.count) {
            return Err(SettingsError::new(format!("must be from 1 to {MOST}")).under("count"));
        }
    }
}

/// The most violations that one description stands for.
const MOST: u32 = 1000;

hardening::setting_words! {
    /// The consequence of a violation.
    pub enum ExpectedLevel {
        /// It refuses the request.
        Error = "error",
        /// It warns.
        Warning = "warning",
    }
}

/// The expectation of one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expectation(pub Expected);

impl Expectation {
    /// Whether something must be judged to tell.
    pub(super) fn needs_object(&self) -> bool {
        self.0.verdict != Some(Verdict::InvalidSettings)
    }
}

impl Setting for Expectation {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        if raw.get().starts_with('{') {
            return read_group(raw).map(Expectation);
        }
        let verdict = Verdict::read(raw).map_err(|_| {
            SettingsError::new(format!("must be one of: {}; or an object that says more", Verdict::WORDS.join(", ")))
        })?;
        Ok(Expectation(Expected { verdict: Some(verdict), ..Expected::default() }))
    }

    fn schema() -> Value {
        let mut detailed = schema_of(&Expected::fields());
        detailed["minProperties"] = 1.into();
        json!({ "title": "Expectation", "type": ["string", "object"], "anyOf": [Verdict::schema(), detailed] })
    }

    fn to_json(&self) -> Value {
        self.0.to_json()
    }
}

/// A regular expression.
#[derive(Debug, Clone)]
pub struct Pattern(pub Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Setting for Pattern {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let text = String::read(raw)?;
        Regex::new(&text).map(Pattern).map_err(|error| {
            let message = error.to_string();
            // The last line says what is wrong, those before it draw where.
            let why = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
            SettingsError::new(format!("{text:?} is not a regular expression: {why}"))
        })
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "regex" })
    }

    fn to_json(&self) -> Value {
        self.0.as_str().into()
    }
}

/// The expected change of the object.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
    /// It stays as it is.
    Unchanged,
    /// It changes, however.
    Changed,
    /// It becomes this.
    Object(Json),
    /// The object has these fields afterwards.
    Contains(Json),
    /// The JSON patch has these operations.
    Patch(Vec<Json>),
}

/// The words and keys of [`Mutation`].
const MUTATION: &str = "must be unchanged, changed, or an object with one of: object, contains, patch";

impl Setting for Mutation {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        match raw.get() {
            "\"unchanged\"" => return Ok(Mutation::Unchanged),
            "\"changed\"" => return Ok(Mutation::Changed),
            text if text.starts_with('{') => {}
            _ => return Err(SettingsError::new(MUTATION)),
        }
        let entries = entries(Some(raw))?;
        let [(key, value)] = entries.as_slice() else { return Err(SettingsError::new(MUTATION)) };
        let read = match key.as_str() {
            "object" => Json::read(value).map(Mutation::Object),
            "contains" => Json::read(value).map(Mutation::Contains),
            "patch" => Vec::read(value).map(Mutation::Patch),
            _ => return Err(hardening::settings::unknown_key(key, &[&["object", "contains", "patch"]])),
        };
        read.map_err(|error| error.under(key))
    }

    fn schema() -> Value {
        let operation = json!({
            "type": "object",
            "required": ["op", "path"],
            "properties": { "op": { "enum": ["add", "remove", "replace", "move", "copy", "test"] }, "path": { "type": "string" } },
        });
        json!({
            "type": ["string", "object"],
            "anyOf": [
                { "type": "string", "enum": ["unchanged", "changed"] },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": {
                        "object": { "type": "object", "description": "The whole object." },
                        "contains": { "type": "object", "description": "Fields that are in it; lists by the names of their items, else by position." },
                        "patch": { "type": "array", "items": operation, "description": "Operations of the JSON patch (RFC 6902)." },
                    },
                },
            ],
        })
    }

    fn to_json(&self) -> Value {
        match self {
            Mutation::Unchanged => "unchanged".into(),
            Mutation::Changed => "changed".into(),
            Mutation::Object(object) => json!({ "object": object.to_json() }),
            Mutation::Contains(object) => json!({ "contains": object.to_json() }),
            Mutation::Patch(patch) => json!({ "patch": patch.to_json() }),
        }
    }
}
