//! The bundle's description: for people and generators, never part of its wasm.

use serde_json::{Map, Value, json};

use super::{Bundle, HARDENING, RULES, Selection, known_ids};
use crate::catalogue::{self, RuleDoc, common_settings};
use crate::policy::Load;
use crate::rules::{Example, Severity};
use crate::settings::{Action, Field, Group, narrowed, schema_of};
use crate::standard::{Level, Version, checks};

const ID: &str = "hardening";

const DOC: &str = "\
Every rule of the suite in one policy: those of a profile, changed one by one.

One policy for all of them costs the cluster one evaluation of each request, and its users one answer with every
violation of every rule. The request is parsed once.

**Restricted fields:** those of the rules that apply.

**Allowed values:** what the rules of `profile` allow. `hardening` is the ten rules of application hardening and
every other check of the baseline level: what it accepts, `baseline` accepts too. `baseline` and `restricted` decide
as Pod Security Admission does, for each `version` of Kubernetes. `rules` changes single ones: `false` switches a rule off, `reject`, `warn`
or `mutate` says what its violations lead to, and settings of its own make it judge by those. A rule that the
profile does not have is added.

**Kubernetes:** all versions. Of Windows pods only what applies to them is judged.";

/// Names the profiles that have a rule or a check called `id`, at the newest version.
pub fn profiles(id: &str) -> Vec<&'static str> {
    let level = |level| checks(level, Version::LATEST).any(|(check, _)| check == id);
    let all = [
        ("hardening", HARDENING.contains(&id)),
        ("baseline", level(Level::Baseline)),
        ("restricted", level(Level::Restricted)),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(profile, _)| profile).collect()
}

/// The bundle as a rule's description; its settings do not include the common ones either.
pub fn doc() -> RuleDoc {
    RuleDoc {
        module: "bundle",
        id: ID,
        title: "Pods are hardened",
        severity: Severity::Critical,
        mutates: true,
        on_windows: true,
        sources: &[
            "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
            "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
        ],
        doc: DOC.to_owned(),
        settings: settings(),
        asks: &[],
        example: EXAMPLE,
        example_settings: "{}",
        load: Bundle::load,
    }
}

const EXAMPLE: Example = Example {
    rejected: "containers: [{image: 'registry.example.com/web:latest', securityContext: {privileged: true}}]",
    accepted: "{securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, seccompProfile: {type: \
               RuntimeDefault}}, containers: [{securityContext: {privileged: false, allowPrivilegeEscalation: false, \
               readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}, resources: {requests: {cpu: 100m, memory: \
               128Mi}, limits: {cpu: 500m, memory: 256Mi}}}]}",
    fix: "`harden fix` fills in most of it and names what needs a person: versions of images, ids of users, limits. \
          Each rule's own page says how to deal with it.",
};

fn settings() -> Vec<Field> {
    let rules = Field {
        key: RULES,
        doc: "What differs from the profile, by rule: `false`, `true`, an action, or settings of the rule's own."
            .into(),
        default: json!({}),
        schema: narrowed(rules_schema(), json!({ "type": ["object", "null"] })),
    };
    Selection::fields().into_iter().chain([rules]).collect()
}

/// The schema of `rules`: for each rule `true`, `false`, an action or settings. A check of the standard that is not a
/// rule has the common settings only.
pub fn rules_schema() -> Value {
    let docs = catalogue::all();
    let mut choices = Map::new();
    for id in known_ids() {
        let doc = docs.iter().find(|doc| doc.id == id);
        let own = doc.map(|doc| doc.settings.clone()).unwrap_or_default();
        let fields: Vec<Field> = own.into_iter().chain(common_settings(true)).collect();
        let title = doc.map_or("A check of the Pod Security Standards.", |doc| doc.title);
        choices.insert(id.to_owned(), entry_schema(&fields, title));
    }
    json!({ "type": "object", "additionalProperties": false, "properties": choices })
}

/// The schema of the entry of one rule in `rules`, which has these settings.
pub fn entry_schema(fields: &[Field], title: &str) -> Value {
    let mut entry = schema_of(fields);
    entry["type"] = json!(["object", "boolean", "string"]);
    entry["description"] = title.into();
    entry["if"] = json!({ "type": "string" });
    entry["then"] = json!({ "enum": Action::WORDS });
    entry
}
