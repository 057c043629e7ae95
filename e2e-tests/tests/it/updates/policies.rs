//! The policies with their settings, and what the model holds bad under them.

use std::sync::LazyLock;

use hardening::bundle::Bundle;
use hardening::catalogue::{self, RuleDoc};
use hardening::evaluate;
use hardening::policy::Load;
use serde_json::Value;

use super::generate::{Case, Pod};
use super::model::{Bad, Member, bad, none};

/// The answer of a policy.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The request goes through.
    Accepted,
    /// It does not.
    Refused,
}

static RULES: LazyLock<Vec<RuleDoc>> = LazyLock::new(catalogue::all);

/// A policy with settings.
pub(crate) struct Policy {
    /// Id of the rule, or `hardening`.
    pub(crate) id: &'static str,
    /// Its settings but for exemptions, as JSON.
    pub(crate) settings: &'static str,
    /// The reasons to refuse a container.
    pub(crate) bad: fn(&Member<'_>) -> Bad,
}

impl Policy {
    /// Returns its answer to the creation of the new object.
    pub(crate) fn create(&self, case: &Case) -> Verdict {
        self.ask(case, case.create())
    }

    /// Returns its answer to the update.
    pub(crate) fn update(&self, case: &Case) -> Verdict {
        self.ask(case, case.update())
    }

    /// Returns the new object after its mutation where it mutates and refuses nothing; nothing if it leaves it as it
    /// is.
    pub(crate) fn mutated(&self, case: &Case) -> Option<Pod> {
        let mut settings: Value = serde_json::from_str(self.settings).unwrap();
        settings["action"] = "mutate".into();
        settings["unfixable"] = "warn".into();
        let answer = self.answer(case, settings, case.create());
        answer.get("mutated_object").filter(|object| !object.is_null()).map(|object| case.pod_of(object))
    }

    fn ask(&self, case: &Case, request: &str) -> Verdict {
        let answer = self.answer(case, serde_json::from_str(self.settings).unwrap(), request);
        if answer["accepted"] == true { Verdict::Accepted } else { Verdict::Refused }
    }

    fn answer(&self, case: &Case, mut settings: Value, request: &str) -> Value {
        settings["exemptions"] = case.exemption.to_json();
        let payload = format!(r#"{{"settings":{settings},"request":{request}}}"#);
        let answer = match RULES.iter().find(|rule| rule.id == self.id) {
            Some(rule) => rule.validate(payload.as_bytes()),
            None => evaluate::validate(payload.as_bytes(), Bundle::load),
        };
        serde_json::from_slice(&answer.unwrap()).unwrap()
    }
}

const fn policy(id: &'static str, settings: &'static str, bad: fn(&Member<'_>) -> Bad) -> Policy {
    Policy { id, settings, bad }
}

const READ_ONLY: &str = r#"{"allowedPaths":[{"pathPrefix":"/","readOnly":true}]}"#;

/// Every rule, settings under which pods inherit otherwise, and the bundle.
pub(crate) const POLICIES: &[Policy] = &[
    policy("allow-privilege-escalation", "{}", |it| it.escalates()),
    policy("apparmor-profile", "{}", |it| it.apparmor()),
    policy("capabilities", "{}", |it| it.capabilities()),
    policy("host-namespaces", "{}", |it| it.host_namespaces()),
    policy("host-path-volumes", "{}", |it| it.host_paths(|_| false)),
    policy("host-path-volumes", READ_ONLY, |it| it.host_paths(|_| true)),
    policy("host-ports", "{}", |it| it.host_ports()),
    policy("host-probes", "{}", |it| it.host_probes()),
    policy("image-tag", "{}", |it| it.latest_images()),
    policy("privileged", "{}", |it| said(it.privileged(), false)),
    policy("privileged", r#"{"requireExplicit":false}"#, is_privileged),
    policy("proc-mount", "{}", |it| it.unmasks_proc()),
    policy("read-only-root-filesystem", "{}", |it| it.root_is_writable()),
    policy("resources", "{}", |it| it.limits("")),
    policy("resources", r#"{"limits":{"cpu":{"max":1},"memory":{"max":1}}}"#, |it| it.limits("1")),
    policy("run-as-user", "{}", |it| {
        let ids =
            [("user", it.user()), ("group", it.group())].into_iter().filter(|(_, id)| matches!(id, None | Some(0)));
        ids.map(|(name, id)| format!("{name} {id:?}")).chain(may_be_root(it)).collect()
    }),
    policy("run-as-user", r#"{"user":{"require":"nonRoot"},"group":{"require":"any"}}"#, |it| {
        user_0(it).into_iter().chain(said(it.non_root(), true)).collect()
    }),
    policy("seccomp-profile", "{}", |it| it.seccomp()),
    policy("selinux-options", "{}", |it| it.selinux()),
    policy("service-account-token", "{}", |it| it.token()),
    policy("sysctls", "{}", |it| it.sysctls()),
    policy("volume-types", "{}", |it| it.nfs().into_iter().chain(it.host_paths(|_| false)).collect()),
    policy("windows-host-process", "{}", |it| it.is_host_process()),
    policy("hardening", r#"{"profile":"hardening"}"#, |it| {
        let facts =
            [it.escalates(), it.apparmor(), it.capabilities(), it.latest_images(), said(it.privileged(), false)];
        let more = [it.root_is_writable(), it.limits(""), it.seccomp(), it.selinux(), may_be_root(it)];
        facts.into_iter().chain(more).flatten().collect()
    }),
    policy("hardening", r#"{"profile":"baseline"}"#, baseline),
    policy("hardening", r#"{"profile":"restricted"}"#, |it| {
        let facts = [it.escalates(), it.capabilities(), it.seccomp(), it.nfs(), user_0(it), said(it.non_root(), true)];
        facts.into_iter().flatten().chain(baseline(it)).collect()
    }),
];

fn baseline(it: &Member<'_>) -> Bad {
    let volumes = it.host_paths(|_| false);
    let facts = [it.apparmor(), it.host_namespaces(), volumes, it.host_ports(), it.host_probes(), is_privileged(it)];
    let more = [it.unmasks_proc(), it.selinux(), it.sysctls(), it.is_host_process()];
    facts.into_iter().chain(more).flatten().collect()
}

fn said(value: Option<bool>, wanted: bool) -> Bad {
    if value == Some(wanted) { none() } else { bad(&format!("{value:?}, not {wanted}")) }
}

fn is_privileged(it: &Member<'_>) -> Bad {
    if it.privileged() == Some(true) { bad("privileged") } else { none() }
}

fn may_be_root(it: &Member<'_>) -> Bad {
    if it.non_root() == Some(false) { bad("may be root") } else { none() }
}

fn user_0(it: &Member<'_>) -> Bad {
    if it.user() == Some(0) { bad("user 0") } else { none() }
}
