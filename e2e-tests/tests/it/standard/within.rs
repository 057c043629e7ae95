//! The profile `hardening` accepts nothing that the baseline level refuses (S11).

use std::collections::BTreeSet;

use hardening::bundle::Bundle;
use hardening::evaluate;
use hardening::policy::Load;
use hardening::standard::{Level, Version};
use serde_json::{Value, json};

use super::oracle::{ADDABLE, Facts};
use super::{Refusing, compiled, each, expected_in, pods, request, typed};
use crate::support::payload;

/// The profile with everything off that `baseline` does not ask for, so that many pods pass.
fn lenient() -> Value {
    json!({ "rules": {
        "allow-privilege-escalation": false, "image-tag": false, "read-only-root-filesystem": false,
        "resources": false, "run-as-user": false, "privileged": { "requireExplicit": false },
        "capabilities": { "requiredDrop": [], "allowedAdd": ADDABLE },
    } })
}

fn accepts(settings: &Value, pod: &Value) -> bool {
    let payload = payload(settings, &request(pod));
    let answer = evaluate::validate(payload.as_bytes(), Bundle::load).unwrap();
    answer.starts_with(br#"{"accepted":true"#)
}

/// Fields that the API server refuses in Windows pods: no rule judges them there.
fn without_forbidden_fields(mut pod: Value) -> Value {
    if pod["spec"]["os"]["name"] != "windows" {
        return pod;
    }
    let linux = [
        "appArmorProfile",
        "capabilities",
        "privileged",
        "procMount",
        "seLinuxOptions",
        "seccompProfile",
        "sysctls",
        "allowPrivilegeEscalation",
    ];
    let clean = |context: &mut Value| {
        if let Some(context) = context.as_object_mut() {
            context.retain(|key, _| !linux.contains(&key.as_str()));
        }
    };
    clean(&mut pod["spec"]["securityContext"]);
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
            clean(&mut container["securityContext"]);
        }
    }
    if let Some(metadata) = pod["metadata"].as_object_mut() {
        metadata.remove("annotations");
    }
    pod
}

/// Values that have become allowed, and since when: an older cluster's baseline refuses them, and the profile, which
/// has no version, follows the newest.
fn is_newer(minor: u8, refusing: &Refusing) -> bool {
    refusing.iter().all(|id| match *id {
        "sysctls" => minor < Version::LATEST.minor(),
        "selinux-options" => minor < 31,
        _ => false,
    })
}

#[test]
fn what_hardening_accepts_baseline_accepts() {
    let mut all = Vec::new();
    pods::systematic(&mut |pod| all.push(without_forbidden_fields(pod)));
    pods::random(20_000, 61, &mut |pod| all.push(without_forbidden_fields(pod)));
    let lenient = lenient();
    let accepted = std::sync::atomic::AtomicUsize::new(0);
    each(&all, |at, pod| {
        if !accepts(&lenient, pod) {
            return;
        }
        accepted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let typed = typed(pod);
        let facts = Facts::of(&typed);
        assert_eq!(expected_in(&facts, (Level::Baseline, Version::LATEST)), Refusing::new(), "{pod}");
        for version in Version::all() {
            let refusing = expected_in(&facts, (Level::Baseline, version));
            assert!(is_newer(version.minor(), &refusing), "v1.{}: {refusing:?}: {pod}", version.minor());
        }
        if at % 50 == 0 {
            let (by_wasm, ids) = compiled(&json!({ "profile": "baseline" }), &request(pod)).unwrap();
            assert!(by_wasm && ids == BTreeSet::new(), "{ids:?}: {pod}");
        }
    });
    let accepted = accepted.into_inner();
    assert!(accepted > 2_000, "{accepted} of {}", all.len());
}
