//! Which relaxations may help a pod that does not run hardened: the likeliest by what it wrote and how it ended.

mod hints;

use std::collections::BTreeMap;

use hardening::quantity::Quantity;
use serde_json::Value;

use self::hints::Hints;
use crate::need::{Need, Relaxation};
use crate::outcome::{Evidence, Outcome, Readiness};
use crate::{paths, spec};

/// The capabilities that container engines give where nothing drops them.
pub const DEFAULT_CAPABILITIES: [&str; 14] = [
    "NET_BIND_SERVICE",
    "CHOWN",
    "SETUID",
    "SETGID",
    "FOWNER",
    "DAC_OVERRIDE",
    "FSETID",
    "KILL",
    "NET_RAW",
    "SYS_CHROOT",
    "SETPCAP",
    "SETFCAP",
    "AUDIT_WRITE",
    "MKNOD",
];

/// How often the measured limit of memory is multiplied.
const MEMORY: [u64; 3] = [2, 4, 8];

/// A relaxation that may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The relaxation.
    pub need: Need,
    /// Whether something that was seen speaks for it.
    pub is_likely: bool,
}

/// Lists what hardening took from the container that kept a pod from being ready, the least that could be given back
/// first. `written` is the `spec` of the pod as its author wrote it, in which `watched` was seen, and `hardened` what
/// `failed` came of.
pub fn candidates(
    written: &Value,
    hardened: &Value,
    watched: &BTreeMap<String, Evidence>,
    failed: &Outcome,
) -> Vec<Candidate> {
    let Readiness::Not { container, why, log } = &failed.readiness else { return Vec::new() };
    let hints = Hints::of(why, log, failed.evidence.get(container));
    let taken = Taken { written, hardened, container, watched: watched.get(container) };
    let mut found = Vec::new();
    let mut add = |relaxation: Relaxation, is_likely: bool| {
        found.push(Candidate { need: Need { container: container.clone(), relaxation }, is_likely });
    };
    let is_read_only = taken.has("readOnlyRootFilesystem", &Value::Bool(true));
    if is_read_only {
        let mounts = spec::mounts(hardened, container);
        let is_new = |path: &String| !mounts.iter().any(|mount| paths::is_at(mount, path));
        hints
            .paths
            .iter()
            .filter(|path| is_new(path))
            .for_each(|path| add(Relaxation::WritablePath(path.clone()), true));
    }
    if let Some(limit) = taken.memory_limit() {
        for (at, times) in MEMORY.into_iter().enumerate() {
            if hints.memory || at + 1 == MEMORY.len() {
                add(Relaxation::Memory(limit.saturating_mul(times)), hints.memory);
            }
        }
    }
    for name in taken.capabilities() {
        let is_likely = hints.capabilities.contains(&name.as_str());
        add(Relaxation::Capability(name), is_likely);
    }
    if taken.has("allowPrivilegeEscalation", &Value::Bool(false)) {
        add(Relaxation::PrivilegeEscalation, hints.escalation);
    }
    if is_read_only {
        add(Relaxation::WritableRoot, hints.read_only);
    }
    if let Some(user) = taken.user() {
        add(Relaxation::User(user), hints.user);
    }
    let unconfined = |pod: &Value| {
        spec::effective(pod, container, "seccompProfile").is_some_and(|profile| profile["type"] == "Unconfined")
    };
    if unconfined(written) && !unconfined(hardened) {
        add(Relaxation::Unconfined, hints.denied);
    }
    found
}

/// Everything that hardening took from a container.
struct Taken<'t> {
    written: &'t Value,
    hardened: &'t Value,
    container: &'t str,
    watched: Option<&'t Evidence>,
}

impl Taken<'_> {
    /// Whether a hardened setting has this value, and the author's has not.
    fn has(&self, key: &str, value: &Value) -> bool {
        let is = |pod: &Value| spec::effective(pod, self.container, key) == Some(value);
        is(self.hardened) && !is(self.written)
    }

    /// The limit of memory that hardening set, in bytes.
    fn memory_limit(&self) -> Option<u64> {
        let of = |pod: &Value| {
            let limit = &spec::container(pod, self.container)?["resources"]["limits"]["memory"];
            Quantity::parse(limit.as_str()?).ok()?.millis().map(|millis| millis / 1000)
        };
        let limit = of(self.hardened)?;
        of(self.written).is_none_or(|written| written > limit).then_some(limit)
    }

    /// The capabilities that it has no more, the likeliest of all first.
    fn capabilities(&self) -> Vec<String> {
        let all = |pod: &Value| {
            let (add, drop) =
                (spec::capabilities(pod, self.container, "add"), spec::capabilities(pod, self.container, "drop"));
            let own = DEFAULT_CAPABILITIES
                .into_iter()
                .map(str::to_owned)
                .filter(|name| !drop.contains(name) && !drop.iter().any(|dropped| dropped == "ALL"));
            let mut all: Vec<String> = own.collect();
            all.extend(add);
            all
        };
        let left = all(self.hardened);
        // What a trial never gives, it does not give back.
        let mut taken = all(self.written);
        taken.retain(|name| !left.contains(name) && name != "ALL");
        taken
    }

    /// The user that it ran as, where that is another.
    fn user(&self) -> Option<u32> {
        let of = |pod: &Value| {
            let id = spec::effective(pod, self.container, "runAsUser").and_then(Value::as_u64);
            id.and_then(|id| u32::try_from(id).ok())
        };
        let seen = || {
            let users = &self.watched?.users;
            users.first().copied()
        };
        let before = of(self.written).or_else(seen)?;
        (of(self.hardened)? != before).then_some(before)
    }
}

#[cfg(test)]
mod tests;
