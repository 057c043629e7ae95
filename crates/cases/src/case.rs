//! The format of a case; `README.md` describes it for people.

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A file of cases.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// A container that the rule accepts.
    pub good_container: Option<Value>,
    /// A container that the rule rejects.
    pub bad_container: Option<Value>,
    /// A pod template that the rule accepts; made of `good-container` if that is given.
    pub good: Option<Value>,
    /// A pod template that the rule rejects; made of `bad-container` if that is given.
    pub bad: Option<Value>,
    /// Where the rule rejects `bad-container`, or else `bad`.
    #[serde(default)]
    pub at: Vec<String>,
    /// The cases.
    pub cases: Vec<Value>,
}

/// One case: an input, and the verdict that a policy must give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// A sentence that says what the case shows.
    pub name: String,
    /// The policy's settings.
    #[serde(default = "no_settings")]
    pub settings: Value,

    /// Input: a container, judged in each of the lists.
    pub container: Option<Value>,
    /// Input: a pod template, judged in each workload kind.
    pub template: Option<Value>,
    /// Input: an object, judged on CREATE.
    pub object: Option<Value>,
    /// Input: an admission request; what it leaves out is filled in from its object.
    pub request: Option<Value>,
    /// Input: the text that `validate` gets.
    pub raw: Option<String>,
    /// Input: the settings alone. A text that the refusal contains.
    pub bad_settings: Option<Texts>,

    /// The container or template before an UPDATE.
    pub old: Option<Value>,
    /// With `container`: the lists that it is placed in.
    pub lists: Option<Vec<List>>,
    /// With `container`: its neighbour in `containers`.
    pub beside: Option<Value>,
    /// With `template`: the kinds that it is placed in.
    pub kinds: Option<Vec<String>>,

    /// The expected verdict.
    pub verdict: Option<Verdict>,
    /// Paths of the violations that reject, in order.
    #[serde(default)]
    pub violations: Vec<String>,
    /// Paths of the violations that only warn, in order.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Texts that the message, the warnings or the error contain.
    #[serde(default)]
    pub message_contains: Texts,
    /// The changes of a mutation: path → new value; `null` for what it removes.
    pub mutated: Option<Map<String, Value>>,

    /// Among the cases of every rule: the rules it is for.
    #[serde(rename = "for")]
    pub only: Option<Only>,
    /// Among the cases of every rule: the rules it is not for.
    #[serde(default)]
    pub except: Vec<String>,
    /// Whether kwctl can run the case; not if it refuses to read the request.
    #[serde(default = "yes")]
    pub kwctl: bool,
}

/// A container list of the pod spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum List {
    /// `containers`
    Containers,
    /// `initContainers`
    InitContainers,
    /// `ephemeralContainers`
    EphemeralContainers,
}

impl List {
    /// The three lists.
    pub const ALL: [List; 3] = [List::Containers, List::InitContainers, List::EphemeralContainers];

    /// The field of the pod spec.
    pub fn field(self) -> &'static str {
        match self {
            List::Containers => "containers",
            List::InitContainers => "initContainers",
            List::EphemeralContainers => "ephemeralContainers",
        }
    }
}

/// The answer of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Accepted as it is; silently, unless the case names warnings.
    Accept,
    /// Refused.
    Reject,
    /// Not judged: the request or the settings cannot be read.
    Error,
    /// Accepted, changed.
    Mutate,
}

/// Rules that a case of every rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Rules that leave Windows pods alone.
    WindowsExempt,
    /// Rules that judge Windows pods.
    OnWindows,
    /// Rules that can repair something.
    Mutating,
    /// Rules that cannot repair anything.
    NotMutating,
}

/// One text or several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMore")]
pub struct Texts(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Texts {
    fn from(texts: OneOrMore) -> Texts {
        Texts(match texts {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        })
    }
}

fn no_settings() -> Value {
    Value::Object(Map::new())
}

fn yes() -> bool {
    true
}

impl Case {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// What the author has to change.
    pub fn verify(&self) -> Result<()> {
        let inputs = [
            self.container.is_some(),
            self.template.is_some(),
            self.object.is_some(),
            self.request.is_some(),
            self.raw.is_some(),
            self.bad_settings.is_some(),
        ];
        if inputs.iter().filter(|given| **given).count() != 1 {
            bail!("give exactly one of: container, template, object, request, raw, bad-settings");
        }
        let only_with = [
            (self.lists.is_some(), self.container.is_some(), "lists goes with container"),
            (self.beside.is_some(), self.container.is_some(), "beside goes with container"),
            (self.kinds.is_some(), self.template.is_some(), "kinds goes with template"),
            (
                self.old.is_some(),
                self.container.is_some() || self.template.is_some(),
                "old goes with container or template",
            ),
            (self.mutated.is_some(), self.verdict == Some(Verdict::Mutate), "mutated goes with verdict: mutate"),
            (self.bad_settings.is_some(), self.verdict.is_none(), "bad-settings needs no verdict"),
            (self.raw.is_some(), self.verdict == Some(Verdict::Error), "raw goes with verdict: error"),
        ];
        if let Some((.., problem)) = only_with.iter().find(|(given, allowed, _)| *given && !allowed) {
            bail!(*problem);
        }
        match self.verdict {
            None if self.bad_settings.is_none() => bail!("give a verdict: accept, reject, error or mutate"),
            Some(Verdict::Accept | Verdict::Mutate) if !self.violations.is_empty() => {
                bail!("what does not reject belongs in warnings")
            }
            Some(Verdict::Reject) if self.violations.is_empty() && self.message_contains.0.is_empty() => {
                bail!("a rejection names its violations (or its message, if it has none)")
            }
            Some(Verdict::Error) if !(self.violations.is_empty() && self.warnings.is_empty()) => {
                bail!("an error has no violations")
            }
            Some(Verdict::Mutate) if self.mutated.as_ref().is_none_or(Map::is_empty) => {
                bail!("say in mutated what is changed")
            }
            _ => Ok(()),
        }
    }
}
