//! Finds what exemptions leave alone. A policy does not say it, and saying it would be bytes in every policy: it is asked
//! again without the exemptions, and then with each of them alone where that makes a difference.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::Judge;
use crate::finding::{Finding, Muted};

/// An exemption of settings, as JSON, and the one rule it is for; none if it is for all.
pub(crate) type Key = (Option<String>, String);

/// The exemptions of a judge's settings.
pub(crate) struct Exemptions {
    all: Vec<Exemption>,
    /// The judge without any.
    bare: OnceLock<Option<Judge>>,
}

struct Exemption {
    key: Key,
    reason: String,
    /// The judge with no other.
    alone: OnceLock<Option<Judge>>,
    /// Whether it left something alone so far.
    is_met: AtomicBool,
}

impl Exemptions {
    /// The exemptions in the bundle's settings; `None` if there are none.
    pub(crate) fn of(settings: &Value) -> Option<Exemptions> {
        let mut all: Vec<Exemption> = Vec::new();
        let mut settings = settings.clone();
        each_list(&mut settings, &mut |rule, list| {
            for value in list.iter() {
                let key = key(rule, value);
                if all.iter().all(|other| other.key != key) {
                    let reason = value["reason"].as_str().unwrap_or_default().to_owned();
                    all.push(Exemption { key, reason, alone: OnceLock::new(), is_met: AtomicBool::new(false) });
                }
            }
        });
        (!all.is_empty()).then(|| Exemptions { all, bare: OnceLock::new() })
    }

    /// The exemptions that left something alone so far.
    pub(crate) fn met(&self) -> impl Iterator<Item = &Key> {
        self.all.iter().filter(|exemption| exemption.is_met.load(Ordering::Relaxed)).map(|exemption| &exemption.key)
    }

    /// The findings that `judge` does not have in an object because of an exemption, each with the reason. `ask` gives
    /// what a judge finds in the object, `found` is what this one did.
    pub(super) fn exempted(
        &self,
        judge: &Judge,
        ask: &dyn Fn(&Judge) -> Vec<Finding>,
        found: &[Finding],
    ) -> Vec<Finding> {
        let Some(bare) = self.bare.get_or_init(|| only(judge, None)) else { return Vec::new() };
        let mut exempted = without(ask(bare), found);
        if exempted.is_empty() {
            return exempted;
        }
        for exemption in &self.all {
            let is_needed = exempted.iter().any(|finding| finding.muted.is_none());
            if !is_needed && exemption.is_met.load(Ordering::Relaxed) {
                continue;
            }
            let Some(alone) = exemption.alone.get_or_init(|| only(judge, Some(&exemption.key))) else { continue };
            let left = ask(alone);
            for finding in exempted.iter_mut().filter(|finding| !left.iter().any(|other| is_same(finding, other))) {
                exemption.is_met.store(true, Ordering::Relaxed);
                finding.muted.get_or_insert(Muted::Exemption { reason: exemption.reason.clone() });
            }
        }
        for finding in &mut exempted {
            // A volume that containers mount which are exempt by one exemption each.
            if finding.muted.is_none() {
                self.all.iter().for_each(|exemption| exemption.is_met.store(true, Ordering::Relaxed));
                let reasons: BTreeSet<&str> = self.all.iter().map(|exemption| exemption.reason.as_str()).collect();
                let reason = reasons.into_iter().filter(|reason| !reason.is_empty()).collect::<Vec<_>>().join("; ");
                finding.muted = Some(Muted::Exemption { reason });
            }
            finding.violation.fixable = false;
            finding.violation.fix.clear();
        }
        exempted
    }
}

pub(crate) fn key(rule: Option<&str>, exemption: &Value) -> Key {
    (rule.map(str::to_owned), exemption.to_string())
}

/// The judge with this exemption alone, or with none.
fn only(judge: &Judge, kept: Option<&Key>) -> Option<Judge> {
    let mut settings: Value = serde_json::from_str(judge.settings()).ok()?;
    each_list(&mut settings, &mut |rule, list| list.retain(|value| Some(&key(rule, value)) == kept));
    judge.with_settings(settings.to_string()).ok()
}

/// Calls `with` for each list of exemptions in the bundle's settings, with its rule.
fn each_list(settings: &mut Value, with: &mut dyn FnMut(Option<&str>, &mut Vec<Value>)) {
    let list =
        |settings: &mut Map<String, Value>, rule: Option<&str>, with: &mut dyn FnMut(Option<&str>, &mut Vec<Value>)| {
            if let Some(Value::Array(list)) = settings.get_mut("exemptions") {
                with(rule, list);
            }
        };
    let Some(settings) = settings.as_object_mut() else { return };
    list(settings, None, with);
    for (rule, own) in settings.get_mut("rules").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(own) = own.as_object_mut() {
            list(own, Some(rule), with);
        }
    }
}

/// The findings without those that are in `found`, each of which takes one away.
fn without(findings: Vec<Finding>, found: &[Finding]) -> Vec<Finding> {
    let mut found: Vec<&Finding> = found.iter().collect();
    let mut is_new = |finding: &Finding| match found.iter().position(|other| is_same(finding, other)) {
        Some(at) => {
            found.swap_remove(at);
            false
        }
        None => true,
    };
    findings.into_iter().filter(|finding| is_new(finding)).collect()
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    let (one, other) = (&one.violation, &other.violation);
    (&one.rule, &one.path, &one.container) == (&other.rule, &other.path, &other.container)
}
