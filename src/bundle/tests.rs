//! The bundle's settings, and what whole requests come to with them.

use serde_json::{Value, json};

use super::*;
use crate::evaluate;

/// The policy of `settings`, as `id` or, for what warns beside, `(id)`; or the error.
fn ids(settings: Value) -> Result<Vec<String>, String> {
    let settings = RawValue::from_string(settings.to_string()).unwrap();
    let policy = Bundle::load(Some(&settings)).map_err(|error| error.to_string())?;
    let name = |active: &Active| if active.warns_only { format!("({})", active.id) } else { active.id.to_owned() };
    Ok(policy.rules.iter().map(name).collect())
}

fn error(settings: Value) -> String {
    ids(settings).unwrap_err()
}

/// Asks the bundle about a request with `object`.
fn answer(settings: Value, object: Value) -> Value {
    let request =
        json!({ "operation": "CREATE", "kind": { "kind": object["kind"], "group": group(&object) }, "object": object });
    let payload = json!({ "settings": settings, "request": request }).to_string();
    serde_json::from_slice(&evaluate::validate(payload.as_bytes(), Bundle::load).unwrap()).unwrap()
}

fn group(object: &Value) -> &str {
    object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

fn pod(spec: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": spec })
}

/// The texts of a member of the answer that is a list, or one text of several.
fn lines(answer: &Value, member: &str) -> Vec<String> {
    match &answer[member] {
        Value::Array(list) => list.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
        Value::String(text) => text.split("; ").map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn privileged_pod() -> Value {
    pod(json!({ "containers": [{ "name": "a", "securityContext": { "privileged": true } }] }))
}

#[test]
fn profiles() {
    assert!(HARDENING.is_sorted());
    assert_eq!(ids(json!({})).unwrap(), HARDENING);
    assert_eq!(ids(json!({ "profile": "hardening" })).unwrap(), HARDENING);
    assert_eq!(ids(json!({ "profile": "privileged" })).unwrap(), [""; 0]);
    let baseline = ids(json!({ "profile": "baseline" })).unwrap();
    assert_eq!(baseline.len(), 12);
    assert!(baseline.is_sorted());
    assert_eq!(ids(json!({ "profile": "baseline", "version": "latest" })).unwrap(), baseline);
    assert_eq!(ids(json!({ "profile": "baseline", "version": "v1.33" })).unwrap().len(), 11);
    assert_eq!(ids(json!({ "profile": "restricted" })).unwrap().len(), 15);
    assert_eq!(ids(json!({ "profile": "restricted", "version": "v1.0" })).unwrap().len(), 12);
}

#[test]
fn the_rules_of_hardening_exist() {
    let missing: Vec<_> = HARDENING.iter().filter(|id| !catalogue::IDS.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // If one did not, no request would be judged by the rest alone.
    let part = Part { id: "capabilites", judge: Judge::Rule, warns: false };
    let error = part.load(Choice::On(None), false, &Common::default()).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("is not a rule of this policy"));
}

#[test]
fn hardening_has_every_check_of_baseline() {
    for (id, _) in standard::checks(Level::Baseline, Version::LATEST) {
        assert!(HARDENING.contains(&id), "{id}");
    }
}

#[test]
fn a_rule_outside_the_profile_is_off_until_it_is_named() {
    let with = |rules: Value| ids(json!({ "profile": "baseline", "rules": rules })).unwrap();
    let has = |rules: Value, id: &str| with(rules).iter().any(|known| known == id);
    assert!(!has(json!({}), "image-tag"));
    for choice in [json!(true), json!({}), json!("warn"), json!({ "requireDigest": true })] {
        assert!(has(json!({ "image-tag": choice }), "image-tag"), "{choice}");
    }
    assert!(!has(json!({ "image-tag": false }), "image-tag"));
    assert!(!has(json!({ "privileged": false }), "privileged"));
    // Nothing to switch off, in this version or level.
    assert_eq!(with(json!({ "run-as-non-root": false, "volume-types": false })).len(), 12);
}

#[test]
fn warnings_beside() {
    let all = ids(json!({ "profile": "baseline", "warn": "restricted" })).unwrap();
    assert_eq!(all.iter().filter(|id| !id.starts_with('(')).count(), 12);
    let beside: Vec<&String> = all.iter().filter(|id| id.starts_with('(')).collect();
    let expected = [
        "(allow-privilege-escalation)",
        "(capabilities)",
        "(proc-mount)",
        "(run-as-non-root)",
        "(run-as-user)",
        "(seccomp-profile)",
        "(volume-types)",
    ];
    assert_eq!(beside, expected);
    assert_eq!(ids(json!({ "profile": "privileged", "warn": "baseline" })).unwrap().len(), 12);
    assert_eq!(ids(json!({ "profile": "restricted", "warn": "restricted" })).unwrap().len(), 15);
    // Another version: only what has changed.
    let all = ids(json!({ "profile": "baseline", "version": "v1.30", "warn": "baseline", "warnVersion": "latest" }));
    let beside: Vec<String> = all.unwrap().into_iter().filter(|id| id.starts_with('(')).collect();
    assert_eq!(beside, ["(host-probes)", "(proc-mount)", "(selinux-options)", "(sysctls)"]);
}

#[test]
fn what_is_refused_is_not_warned_of_again() {
    let object = pod(json!({ "hostPID": true, "volumes": [{ "name": "v", "hostPath": { "path": "/" } }],
        "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "Unconfined" } },
        "containers": [{ "name": "a", "securityContext": { "capabilities": { "add": ["SYS_ADMIN", "CHOWN"] } } }] }));
    let answer = answer(json!({ "profile": "baseline", "warn": "restricted" }), object);
    let starts = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.split(" is ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(answer["accepted"], false);
    assert_eq!(
        starts(lines(&answer, "message")),
        [
            "[capabilities] container \"a\": spec.containers[0].securityContext.capabilities.add[0]",
            "[host-namespaces] spec.hostPID",
            "[seccomp-profile] spec.securityContext.seccompProfile.type",
            "[host-path-volumes] spec.volumes[0].hostPath.path",
        ]
    );
    assert_eq!(
        starts(lines(&answer, "warnings")),
        [
            "[allow-privilege-escalation] container \"a\": spec.containers[0].securityContext.allowPrivilegeEscalation",
            "[capabilities] container \"a\": spec.containers[0].securityContext.capabilities.add[1]",
            "[capabilities] container \"a\": spec.containers[0].securityContext.capabilities.drop",
        ]
    );
}

#[test]
fn a_check_can_be_tuned() {
    let judged = |profile: &str, choice: Value| {
        let answer = answer(json!({ "profile": profile, "rules": { "privileged": choice } }), privileged_pod());
        (answer["accepted"].as_bool().unwrap(), lines(&answer, "warnings").len())
    };
    assert_eq!(judged("baseline", json!(true)), (false, 0));
    assert_eq!(judged("baseline", json!("reject")), (false, 0));
    assert_eq!(judged("baseline", json!(false)), (true, 0));
    assert_eq!(judged("baseline", json!("warn")), (true, 1));
    assert_eq!(judged("baseline", json!({ "action": "warn" })), (true, 1));
    assert_eq!(judged("baseline", json!("mutate")), (false, 0));
    assert_eq!(judged("baseline", json!({ "action": "mutate", "overwrite": true })), (true, 0));
    assert_eq!(judged("baseline", json!({ "exemptions": [{ "containers": ["a"] }] })), (true, 0));
    assert_eq!(judged("privileged", json!({})), (false, 0));
}

#[test]
fn own_settings_put_the_rule_in_the_place_of_the_check() {
    let plain = || pod(json!({ "containers": [{ "name": "a" }] }));
    let settings = |rule: Value| json!({ "profile": "baseline", "rules": { "privileged": rule } });
    assert_eq!(answer(settings(json!({})), plain())["accepted"], true);
    assert_eq!(answer(settings(json!({ "requireExplicit": true })), plain())["accepted"], false);
    // What only warns keeps its place.
    let rules = json!({ "run-as-user": { "user": { "require": "id" } } });
    let warned = answer(json!({ "profile": "baseline", "warn": "restricted", "rules": rules }), plain());
    assert_eq!(warned["accepted"], true);
    assert!(
        lines(&warned, "warnings").iter().any(|line| line.starts_with("[run-as-user]") && line.contains("runAsGroup"))
    );
    // The level in `warn` keeps its own check beside the rule.
    let rules = json!({ "capabilities": { "requiredDrop": [], "allowedAdd": ["SYS_ADMIN"] } });
    let both = ids(json!({ "profile": "baseline", "warn": "restricted", "rules": rules })).unwrap();
    assert_eq!(both.iter().filter(|id| id.contains("capabilities")).count(), 2);
}

#[test]
fn what_warns_can_be_switched_off_exempted_and_promoted() {
    let settings = |rules: Value| json!({ "profile": "baseline", "warn": "restricted", "rules": rules });
    let object = || {
        pod(
            json!({ "securityContext": { "runAsUser": 0, "runAsNonRoot": true, "seccompProfile": { "type": "Localhost" } },
        "containers": [{ "name": "a", "securityContext": { "allowPrivilegeEscalation": false } }] }),
        )
    };
    let judged = |rules: Value| {
        let answer = answer(settings(rules), object());
        (answer["accepted"].as_bool().unwrap(), lines(&answer, "warnings").len())
    };
    assert_eq!(judged(json!({})), (true, 2));
    assert_eq!(judged(json!({ "run-as-user": false })), (true, 1));
    assert_eq!(judged(json!({ "run-as-user": true })), (true, 2));
    assert_eq!(judged(json!({ "run-as-user": "reject" })), (false, 1));
    assert_eq!(judged(json!({ "run-as-user": { "action": "reject" } })), (false, 1));
    let exemptions = json!([{ "containers": ["a"] }]);
    assert_eq!(judged(json!({ "capabilities": { "exemptions": exemptions } })), (true, 1));
    // The action is the enforced check's.
    assert_eq!(judged(json!({ "capabilities": { "action": "reject" } })), (true, 2));
    assert_eq!(judged(json!({ "capabilities": false })), (true, 1));
    let all =
        answer(json!({ "profile": "baseline", "warn": "restricted", "action": "mutate", "overwrite": true }), object());
    assert_eq!((&all["accepted"], &all["mutated_object"]), (&json!(true), &Value::Null));
}

#[test]
fn mutation_brings_a_workload_to_restricted() {
    let insecure = |user: u8| {
        json!({ "hostNetwork": true, "hostPID": true,
        "securityContext": { "runAsUser": user, "sysctls": [{ "name": "kernel.msgmax", "value": "1" }, { "name": "net.ipv4.tcp_syncookies", "value": "1" }],
            "seLinuxOptions": { "type": "spc_t", "level": "s0" } },
        "volumes": [{ "name": "v", "emptyDir": {} }],
        "containers": [
            { "name": "a", "ports": [{ "containerPort": 80, "hostPort": 80 }], "livenessProbe": { "httpGet": { "port": 80, "host": "x" } },
              "securityContext": { "privileged": true, "procMount": "Unmasked", "allowPrivilegeEscalation": true,
                "capabilities": { "add": ["SYS_ADMIN", "net_bind_service"], "drop": ["all"] }, "seccompProfile": { "type": "Unconfined" },
                "appArmorProfile": { "type": "Unconfined" }, "runAsNonRoot": false } },
            { "name": "b" } ],
        "initContainers": [{ "name": "i", "securityContext": { "windowsOptions": { "hostProcess": true } } }] })
    };
    for version in Version::all() {
        let text = format!("v1.{}", version.minor());
        // Before 1.23 the standard has nothing against the id, and so nothing to repair it.
        let user = if version.minor() < 23 { 1 } else { 0 };
        let settings = json!({ "profile": "restricted", "version": text, "action": "mutate", "overwrite": true });
        let template = json!({ "metadata": { "annotations": {
            "container.apparmor.security.beta.kubernetes.io/b": "unconfined",
            "seccomp.security.alpha.kubernetes.io/pod": "unconfined" } }, "spec": insecure(user) });
        let object = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d" },
            "spec": { "replicas": 2, "template": template, "unknown": [1] } });
        let first = answer(settings.clone(), object.clone());
        assert_eq!(first["accepted"], true, "{text}: {first}");
        let mutated = first["mutated_object"].clone();
        assert_eq!(mutated["spec"]["unknown"], json!([1]));
        let enforced = json!({ "profile": "restricted", "version": text });
        assert_eq!(
            answer(enforced, mutated.clone()),
            answer(json!({ "profile": "privileged" }), mutated.clone()),
            "{text}"
        );
        assert_eq!(answer(settings, mutated)["mutated_object"], Value::Null, "{text}");
        // Without `overwrite` only what is unset is filled in, and the rest is refused.
        let careful = json!({ "profile": "restricted", "version": text, "action": "mutate" });
        assert_eq!(answer(careful.clone(), object)["accepted"], false);
        let plain = answer(careful, pod(json!({ "containers": [{ "name": "a" }] })));
        assert_eq!(plain["accepted"], true, "{text}: {plain}");
        assert_eq!(plain["mutated_object"]["spec"]["securityContext"]["runAsNonRoot"], true);
    }
}

#[test]
fn bad_settings() {
    let newest = Version::LATEST.minor();
    let unknown = format!("v1.{}", newest + 1);
    let newest = format!("version: must be latest or a version from v1.0 to v1.{newest}");
    for (settings, expected) in [
        (json!({ "profile": "strict" }), "profile: must be one of: hardening, privileged, baseline, restricted"),
        (json!({ "profile": "Baseline" }), "profile: must be one of:"),
        (json!({ "profile": null }), "profile: must be one of:"),
        (json!({ "profile": "baseline", "version": unknown }), newest.as_str()),
        (json!({ "profile": "baseline", "version": "1.30" }), "version: must be latest or"),
        (json!({ "profile": "baseline", "version": 1.3 }), "version: must be latest or"),
        (json!({ "version": "v1.30" }), "version: has no effect unless profile or warn is baseline or restricted"),
        (json!({ "profile": "privileged", "version": "v1.30" }), "version: has no effect"),
        (json!({ "warn": "hardening" }), "warn: must be one of: privileged, baseline, restricted"),
        (json!({ "warnVersion": "v1.30" }), "warnVersion: has no effect unless warn is baseline or restricted"),
        (json!({ "warn": "baseline", "warnVersion": "v2.0" }), "warnVersion: must be latest or"),
        (
            json!({ "profil": "baseline" }),
            "profil: unknown setting, expected one of: profile, version, warn, warnVersion, rules, action",
        ),
        (json!({ "rules": [] }), "rules: must be an object of settings"),
        (
            json!({ "rules": { "no-such": true } }),
            "rules.no-such: unknown rule, expected one of: allow-privilege-escalation, apparmor-profile",
        ),
        (json!({ "rules": { "no-such": false } }), "rules.no-such: unknown rule"),
        (
            json!({ "rules": { "privileged": 1 } }),
            "rules.privileged: must be an object of settings, false, true, or one of: reject, warn, mutate",
        ),
        (
            json!({ "rules": { "run-as-non-root": true } }),
            "rules.run-as-non-root: is a check of the Pod Security Standards that this profile and version lack",
        ),
        (
            json!({ "profile": "baseline", "rules": { "privileged": { "requireExplicit": 1 } } }),
            "rules.privileged.requireExplicit: must be true or false",
        ),
        (
            json!({ "profile": "baseline", "rules": { "privileged": { "explicit": true } } }),
            "rules.privileged.explicit: unknown setting, expected one of: requireExplicit, action",
        ),
        (
            json!({ "profile": "baseline", "rules": { "privileged": { "action": "deny" } } }),
            "rules.privileged.action: must be one of: reject, warn, mutate",
        ),
        (
            json!({ "profile": "baseline", "rules": { "privileged": { "overwrite": true } } }),
            "rules.privileged.overwrite: has no effect unless action is mutate",
        ),
        (
            json!({ "profile": "baseline", "rules": { "privileged": { "podTemplates": [] } } }),
            "rules.privileged.podTemplates: belongs at the top level of the bundle's settings",
        ),
        (
            json!({ "profile": "baseline", "warn": "restricted", "rules": { "capabilities": { "allowedAdd": ["nonsense"] } } }),
            "rules.capabilities.allowedAdd[0]: \"nonsense\" is not the name",
        ),
        (
            json!({ "profile": "restricted", "rules": { "run-as-non-root": { "user": {} } } }),
            "rules.run-as-non-root.user: unknown setting, expected one of: action, overwrite",
        ),
        (
            json!({ "profile": "baseline", "rules": { "image-tag": { "nonsense": 1 } } }),
            "rules.image-tag.nonsense: unknown setting",
        ),
    ] {
        let error = error(settings.clone());
        assert!(error.starts_with(expected), "{settings}: {error}");
    }
}

#[test]
fn versions_decide() {
    let sysctl = || {
        pod(
            json!({ "securityContext": { "sysctls": [{ "name": "net.ipv4.tcp_rmem", "value": "1" }] }, "containers": [{ "name": "a" }] }),
        )
    };
    for (version, accepted) in [("v1.0", false), ("v1.31", false), ("v1.32", true), ("latest", true)] {
        let answer = answer(json!({ "profile": "baseline", "version": version }), sysctl());
        assert_eq!(answer["accepted"], accepted, "{version}");
    }
}
