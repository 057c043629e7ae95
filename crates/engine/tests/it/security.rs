//! Security contexts and limits, and what they break.

use std::collections::BTreeSet;

use trial::Readiness;
use trial::pod::{Container, Security};

use crate::support::{Bench, files, how, main_of, mount, not, pod, run, sh};

#[test]
fn a_security_context_is_the_kubelets() {
    let Some(test) = Bench::open() else { return };
    let script = "exec 2>&1; id; grep -E 'Cap(Prm|Bnd|Amb)|NoNew|Seccomp:' /proc/self/status; mount | grep -E ' on /(tmp|run|var/tmp|data) '; \
                  touch /tmp/x; ls -lan /data; cat /data/deep/key; hostname; echo $HOSTNAME; sleep 60";
    let security = Security {
        user: Some(1000),
        group: Some(3000),
        supplemental_groups: vec![77, 2000],
        read_only_root: true,
        no_new_privileges: true,
        add: BTreeSet::from(["NET_BIND_SERVICE".to_owned()]),
        drop: BTreeSet::from(["ALL".to_owned()]),
        ..Security::default()
    };
    let mut pod = pod(vec![Container { security, mounts: vec![mount("config", "/data", None)], ..sh(&test, script) }]);
    pod.hostname = "web-0".to_owned();
    pod.fs_group = Some(2000);
    pod.volumes = vec![files("config", &[("deep/key", "value\n", 0o600)])];
    let outcome = run(&test, &pod, &how(1));
    let log = main_of(&outcome).log.join("\n");
    assert!(log.contains("uid=1000(app) gid=3000") && log.contains("groups=77,2000,3000"), "{log}");
    assert!(log.contains("CapPrm:\t0000000000000000"), "a user other than root is handed none: {log}");
    assert!(log.contains("CapBnd:\t0000000000000400"), "{log}");
    assert!(log.contains("CapAmb:\t0000000000000000"), "{log}");
    assert!(log.contains("NoNewPrivs:\t1") && log.contains("Seccomp:\t2"), "{log}");
    assert!(log.contains("touch: /tmp/x: Read-only file system"), "the kubelet has no tmpfs there: {log}");
    assert!(log.contains(" on /data type ") && log.contains("(ro,"), "{log}");
    assert!(log.contains("drwxrwsrwx") && log.contains("2000"), "{log}");
    assert!(log.contains("value\nweb-0\nweb-0"), "the group may read it, and the host has its name: {log}");
    assert_eq!(main_of(&outcome).users, BTreeSet::from([1000]));
    assert_eq!(main_of(&outcome).written, []);
}

#[test]
fn what_hardening_breaks_is_seen() {
    let Some(test) = Bench::open() else { return };
    let none = BTreeSet::from(["ALL".to_owned()]);
    let with = |script: &str, security: Security| {
        let outcome = run(&test, &pod(vec![Container { security, ..sh(&test, script) }]), &how(1));
        (outcome.readiness == Readiness::Ready, main_of(&outcome).log.join(" "))
    };
    let dropped = Security { drop: none.clone(), ..Security::default() };
    let given = |name: &str| Security { add: BTreeSet::from([name.to_owned()]), ..dropped.clone() };
    let chown = "set -e; touch /data/x; chown 5 /data/x; sleep 60";
    assert!(with(chown, Security::default()).0);
    let (ready, log) = with(chown, dropped.clone());
    assert!(!ready && log.contains("Operation not permitted"), "{log}");
    assert!(with(chown, given("CHOWN")).0);

    let port = "nc -l -p 80 -e true || exit 3";
    assert!(with(port, given("NET_BIND_SERVICE")).0);
    let (ready, log) = with(port, dropped.clone());
    assert!(!ready && log.contains("ermission denied"), "{log}");

    let setuid = "/bin/su root -c id && sleep 60";
    let app = Security { user: Some(1000), ..Security::default() };
    let (ready, log) = with(setuid, app.clone());
    assert!(ready && log.contains("uid=0"), "{log}");
    let (ready, log) = with(setuid, Security { no_new_privileges: true, ..app });
    assert!(!ready && !log.contains("uid=0(root) gid=0"), "{log}");
}

#[test]
fn memory_is_limited() {
    let Some(test) = Bench::open() else { return };
    let script = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ${#x}; sleep 60";
    let with = |megabytes: u64| {
        let limited = Container { memory: Some(megabytes << 20), millicores: Some(1000), ..sh(&test, script) };
        run(&test, &pod(vec![limited]), &how(2))
    };
    let little = with(16);
    assert_eq!(not(&little), "was killed for want of memory");
    assert!(main_of(&little).out_of_memory);
    assert_eq!(with(256).readiness, Readiness::Ready);
}
