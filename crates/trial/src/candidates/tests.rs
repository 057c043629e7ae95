use std::time::Duration;

use serde_json::json;

use super::*;

fn failed(log: &str) -> Outcome {
    let readiness =
        Readiness::Not { container: "app".to_owned(), why: "ended with 1".to_owned(), log: vec![log.to_owned()] };
    Outcome { readiness, evidence: BTreeMap::new(), took: Duration::ZERO }
}

fn likely(found: &[Candidate]) -> Vec<&Relaxation> {
    found.iter().filter(|candidate| candidate.is_likely).map(|candidate| &candidate.need.relaxation).collect()
}

#[test]
fn only_what_hardening_took_is_given_back() {
    let written = json!({ "containers": [{ "name": "app", "securityContext": { "capabilities": { "drop": ["cap_mknod"], "add": ["SYS_TIME"] } } }] });
    let hardened = json!({ "securityContext": { "runAsUser": 5, "seccompProfile": { "type": "RuntimeDefault" } },
        "containers": [{ "name": "app", "securityContext": { "capabilities": { "drop": ["ALL"] },
            "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false },
            "resources": { "limits": { "memory": "10Mi" } } }] });
    let watched = BTreeMap::from([("app".to_owned(), Evidence { users: [0].into(), ..Evidence::default() })]);
    let found = candidates(&written, &hardened, &watched, &failed("chown: Operation not permitted"));
    let all: Vec<&Relaxation> = found.iter().map(|candidate| &candidate.need.relaxation).collect();
    let capability = |name: &str| Relaxation::Capability(name.to_owned());
    for expected in [
        capability("CHOWN"),
        capability("SYS_TIME"),
        Relaxation::User(0),
        Relaxation::PrivilegeEscalation,
        Relaxation::WritableRoot,
        Relaxation::Memory(80 << 20),
    ] {
        assert!(all.contains(&&expected), "{expected:?} {all:?}");
    }
    for unexpected in [capability("MKNOD"), Relaxation::Unconfined, Relaxation::Memory(20 << 20)] {
        assert!(!all.contains(&&unexpected), "{unexpected:?} {all:?}");
    }
    assert_eq!(likely(&found), [&capability("CHOWN"), &Relaxation::User(0)]);
    assert_eq!(candidates(&written, &written, &watched, &failed("x")), []);
    assert_eq!(candidates(&hardened, &hardened, &watched, &failed("x")), []);
    let ready = Outcome { readiness: Readiness::Ready, ..failed("") };
    assert_eq!(candidates(&written, &hardened, &watched, &ready), []);
}

#[test]
fn a_path_of_the_log_is_likelier_than_a_writable_root() {
    let written = json!({ "containers": [{ "name": "app" }] });
    let hardened = json!({ "containers": [{ "name": "app", "securityContext": { "readOnlyRootFilesystem": true } }] });
    let found = candidates(&written, &hardened, &BTreeMap::new(), &failed("touch: /data/x: Read-only file system"));
    assert_eq!(likely(&found), [&Relaxation::WritablePath("/data".to_owned()), &Relaxation::WritableRoot]);
}
