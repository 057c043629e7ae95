//! Refuses rules that are not tested through and through.

use std::collections::BTreeSet;

use hardening::bundle::Selection;
use hardening::catalogue::{RuleDoc, common_settings};
use hardening::settings::{Field, Group};
use serde_json::{Value, json};

use crate::case::{Case, List, Verdict};
use crate::expand::{self, Expanded, Input};
use crate::settings;

/// A policy, described by everything its cases must cover.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Id of the policy.
    pub id: String,
    /// Whether it can repair anything.
    pub mutates: bool,
    /// Whether it leaves Windows pods alone.
    pub windows_exempt: bool,
    /// Its own settings.
    pub settings: Vec<Field>,
}

impl Subject {
    /// Returns everything that the cases of `rule` must cover.
    pub fn rule(rule: &RuleDoc) -> Subject {
        Subject {
            id: rule.id.to_owned(),
            mutates: rule.mutates,
            windows_exempt: !rule.on_windows,
            settings: rule.settings.clone(),
        }
    }

    /// Returns everything that the bundle's cases must cover.
    pub fn bundle() -> Subject {
        let rules = Field { key: "rules", doc: String::new(), default: json!({}), schema: json!({ "type": "object" }) };
        let mut settings = Selection::fields();
        settings.push(rules);
        Subject { id: crate::BUNDLE.to_owned(), mutates: true, windows_exempt: true, settings }
    }
}

/// Everything that the cases of one policy cover.
#[derive(Debug, Default)]
pub struct Covered {
    traits: BTreeSet<&'static str>,
    own: BTreeSet<String>,
    common: BTreeSet<String>,
    lists: BTreeSet<&'static str>,
    kinds: BTreeSet<&'static str>,
}

const ACCEPT: &str = "a case that is accepted";
const REJECT: &str = "a case that is rejected";
const WARN: &str = "a case with action: warn";
const MUTATE: &str = "a case that is mutated";
const BAD_SETTINGS: &str = "a case with bad-settings";
const EXEMPTION: &str = "a case that an exemption lets pass";
const EXISTING_WARNS: &str = "an UPDATE whose existing violation only warns";
const EXISTING_REJECTS: &str = "an UPDATE with existingViolations: reject";
const WINDOWS: &str = "a Windows pod that is left alone";
const UNREADABLE: &str = "a request that cannot be read";

impl Covered {
    /// Takes note of a case and its requests.
    pub fn add(&mut self, subject: &Subject, case: &Case, requests: &[Expanded]) {
        // A word that a setting never takes in its place is covered by its refusal.
        let counts = |key: &String| case.bad_settings.is_none() || key.contains('=');
        self.own.extend(settings::used(&subject.settings, &case.settings).into_iter().filter(counts));
        self.common.extend(settings::used(&common_settings(false), &case.settings).into_iter().filter(counts));
        for request in requests {
            self.add_request(case, request);
        }
    }

    fn add_request(&mut self, case: &Case, expanded: &Expanded) {
        let expected = &expanded.expected;
        let request = match &expanded.input {
            Input::BadSettings(_) => return self.add_trait(true, BAD_SETTINGS),
            Input::Raw(_) => return self.add_trait(true, UNREADABLE),
            Input::Request(request) => request,
        };
        let is = |key: &str, word: &str| case.settings.get(key).is_some_and(|value| value == word);
        let silent = expected.warnings.is_empty();
        let accepts = expected.verdict == Verdict::Accept;
        let update = request["operation"] == "UPDATE" && !request["oldObject"].is_null();
        let exempt = case.settings.get("exemptions").is_some();
        let windows = is_windows(&request["object"]);
        let by_default = case.settings == json!({}) && expanded.kind.is_some();

        self.add_trait(accepts && silent && by_default && !update && !windows, ACCEPT);
        self.add_trait(expected.verdict == Verdict::Reject, REJECT);
        self.add_trait(accepts && !silent && is("action", "warn"), WARN);
        self.add_trait(expected.verdict == Verdict::Mutate, MUTATE);
        self.add_trait(accepts && silent && exempt, EXEMPTION);
        self.add_trait(update && !silent && !is("action", "warn"), EXISTING_WARNS);
        self.add_trait(
            update && !expected.violations.is_empty() && is("existingViolations", "reject"),
            EXISTING_REJECTS,
        );
        self.add_trait(accepts && silent && windows, WINDOWS);

        let places = expected.violations.iter().chain(&expected.warnings);
        for list in List::ALL {
            let field = list.field();
            let reported = places.clone().any(|place| place.path.contains(&format!("spec.{field}[")));
            // A list that the rule cannot judge needs a case that says so.
            let left_alone = accepts && expanded.list == Some(list) && case.lists.as_deref() == Some(&[list]);
            if reported || left_alone {
                self.lists.insert(field);
            }
        }
        if expected.verdict == Verdict::Reject && !expected.violations.is_empty() {
            self.kinds.extend(expanded.kind);
        }
    }

    fn add_trait(&mut self, given: bool, name: &'static str) {
        if given {
            self.traits.insert(name);
        }
    }

    /// Lists everything that `subject` has no case for, a line each.
    pub fn missing(&self, subject: &Subject) -> Vec<String> {
        let mut wanted =
            vec![ACCEPT, REJECT, WARN, BAD_SETTINGS, EXEMPTION, EXISTING_WARNS, EXISTING_REJECTS, UNREADABLE];
        if subject.mutates {
            wanted.push(MUTATE);
        }
        if subject.windows_exempt {
            wanted.push(WINDOWS);
        }
        let traits = wanted.into_iter().filter(|name| !self.traits.contains(name)).map(str::to_owned);
        let own = settings::keys(&subject.settings).into_iter().filter(|key| !self.own.contains(key));
        let lists = List::ALL.into_iter().map(List::field).filter(|list| !self.lists.contains(list));
        let kinds = expand::kinds().filter(|kind| !self.kinds.contains(kind));
        let missing =
            traits
                .chain(own.map(|key| format!("a case for the setting {key}")))
                .chain(lists.map(|list| {
                    format!("a case for {list} (a violation there, or an accepted case of that list alone)")
                }))
                .chain(kinds.map(|kind| format!("a rejected {kind}")));
        missing.map(|what| format!("{}: there is no case for this: {what}", subject.id)).collect()
    }
}

/// Common settings that no policy's cases use, a line each.
pub fn missing_common(covered: &[Covered]) -> Vec<String> {
    let unused = |key: &String| !covered.iter().any(|covered| covered.common.contains(key));
    let keys = settings::keys(&common_settings(false)).into_iter().filter(unused);
    keys.map(|key| format!("no case of any rule uses the common setting {key}")).collect()
}

/// Whether any pod template of the object is for Windows.
fn is_windows(object: &Value) -> bool {
    match object {
        Value::Object(members) => {
            members.get("os").is_some_and(|os| os["name"] == "windows") || members.values().any(is_windows)
        }
        Value::Array(items) => items.iter().any(is_windows),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
