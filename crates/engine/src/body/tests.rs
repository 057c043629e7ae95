//! What an engine is asked for, field by field.

use std::collections::BTreeSet;

use super::*;

fn around<'a>(kind: Choice, ways: &'a Ways, facts: &'a ImageFacts) -> Around<'a> {
    Around {
        kind,
        ways,
        sandbox: "s",
        hostname: "web-0",
        image: "sha256:1",
        facts,
        mounts: Vec::new(),
        labels: HashMap::new(),
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn security(user: Option<u32>, add: &[&str], drop: &[&str]) -> Security {
    Security { user, add: set(add), drop: set(drop), ..Security::default() }
}

/// What is added and dropped on podman and on docker.
fn asked(security: &Security, kind: Choice, facts: &ImageFacts) -> (BTreeSet<String>, BTreeSet<String>, usize) {
    let mut notes = Vec::new();
    let (add, drop) = capabilities(security, kind, is_root(security, facts), &mut notes);
    (add.into_iter().collect(), drop.into_iter().collect(), notes.len())
}

#[test]
fn nothing_of_the_host_is_ever_given() {
    let container = Container { security: security(None, &["SYS_ADMIN"], &[]), ..Container::default() };
    for kind in [Choice::Podman, Choice::Docker] {
        let (body, _) = body(&container, around(kind, &Ways::default(), &ImageFacts::default()));
        let host = body.host_config.unwrap_or_default();
        assert_eq!(host.privileged, Some(false));
        assert_eq!(host.network_mode.as_deref(), Some("container:s"));
        assert_eq!(host.ipc_mode.as_deref(), Some("container:s"));
        assert_eq!((host.pid_mode, host.userns_mode, host.cgroupns_mode), (None, None, None));
        assert_eq!((host.binds, host.devices, host.port_bindings, host.volumes_from), (None, None, None, None));
    }
}

#[test]
fn root_has_the_capabilities_of_a_cluster() {
    let facts = ImageFacts::default();
    let all = set(&DEFAULT_CAPABILITIES);
    assert_eq!(asked(&security(None, &[], &[]), Choice::Docker, &facts), (set(&[]), set(&[]), 0));
    assert_eq!(asked(&security(None, &[], &[]), Choice::Podman, &facts), (all.clone(), set(&[]), 0));
    let some = security(Some(0), &["NET_ADMIN"], &["CHOWN", "MKNOD"]);
    assert_eq!(asked(&some, Choice::Docker, &facts), (set(&["NET_ADMIN"]), set(&["CHOWN", "MKNOD"]), 0));
    let mut added = all.clone();
    added.retain(|name| name != "CHOWN" && name != "MKNOD");
    added.insert("NET_ADMIN".to_owned());
    assert_eq!(asked(&some, Choice::Podman, &facts), (added, set(&["CHOWN", "MKNOD"]), 0));
    let one = security(None, &["CHOWN"], &["ALL"]);
    let mut dropped = all;
    dropped.remove("CHOWN");
    assert_eq!(asked(&one, Choice::Docker, &facts), (set(&[]), dropped.clone(), 0));
    assert_eq!(asked(&one, Choice::Podman, &facts), (set(&["CHOWN"]), dropped, 0));
}

#[test]
fn others_are_not_handed_capabilities() {
    let app = ImageFacts { user: "app:app".to_owned(), ..ImageFacts::default() };
    let bind = security(None, &["NET_BIND_SERVICE"], &["ALL"]);
    let mut dropped = set(&DEFAULT_CAPABILITIES);
    dropped.remove("NET_BIND_SERVICE");
    assert_eq!(asked(&bind, Choice::Podman, &app), (set(&[]), dropped, 0));
    let trace = security(Some(1000), &["SYS_PTRACE"], &[]);
    assert_eq!(asked(&trace, Choice::Podman, &app), (set(&["SYS_PTRACE"]), set(&[]), 1), "which a note says");
    assert_eq!(asked(&trace, Choice::Docker, &app), (set(&["SYS_PTRACE"]), set(&[]), 0));
}

#[test]
fn ids_are_those_of_the_manifest_then_of_the_image() {
    for (image, own, group, expected) in [
        ("", None, None, None),
        ("app", None, None, None),
        ("app", Some(1000), None, Some("1000")),
        ("app", Some(1000), Some(2000), Some("1000:2000")),
        ("app:staff", None, Some(2000), Some("app:2000")),
        ("", None, Some(2000), Some("0:2000")),
    ] {
        let facts = ImageFacts { user: image.to_owned(), ..ImageFacts::default() };
        let security = Security { user: own, group, ..Security::default() };
        assert_eq!(user(&security, &facts).as_deref(), expected, "{image:?} {own:?} {group:?}");
    }
}

#[test]
fn a_command_replaces_the_images_arguments() {
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    for (command, args, entrypoint, cmd) in [
        (None, None, None, None),
        (None, words(&["a"]), None, words(&["a"])),
        (words(&["c"]), None, words(&["c"]), words(&[])),
        (words(&["c"]), words(&["a"]), words(&["c"]), words(&["a"])),
    ] {
        let container = Container { command, args, ..Container::default() };
        let (body, _) = body(&container, around(Choice::Docker, &Ways::default(), &ImageFacts::default()));
        assert_eq!((body.entrypoint, body.cmd), (entrypoint, cmd));
    }
}

#[test]
fn a_read_only_root_has_no_memory_file_systems() {
    let security = Security { read_only_root: true, no_new_privileges: true, ..Security::default() };
    let container = Container { security, ..Container::default() };
    let facts = ImageFacts { volumes: set(&["/var/tmp"]), ..ImageFacts::default() };
    let ways = Ways::default();
    let places = |kind| {
        let mut around = around(kind, &ways, &facts);
        around.mounts.push(("v".to_owned(), "/tmp/".to_owned(), false));
        let host = body(&container, around).0.host_config.unwrap_or_default();
        assert_eq!(host.readonly_rootfs, Some(true));
        assert_eq!(host.security_opt, Some(vec!["no-new-privileges:true".to_owned()]));
        assert_eq!(host.mounts.map(|mounts| mounts.len()), Some(1));
        host.tmpfs
    };
    assert_eq!(places(Choice::Docker), None);
    let run = HashMap::from([("/run".to_owned(), "ro".to_owned())]);
    assert_eq!(places(Choice::Podman), Some(run), "but where something is mounted");
}

#[test]
fn limits_and_the_name_of_the_host() {
    let container = Container { memory: Some(64 << 20), millicores: Some(250), ..Container::default() };
    let facts = ImageFacts::default();
    for limits in [true, false] {
        let ways = Ways { limits, ..Ways::default() };
        let (body, _) = body(&container, around(Choice::Podman, &ways, &facts));
        assert_eq!(body.hostname.as_deref(), Some("web-0"));
        assert_eq!(body.env, Some(vec!["HOSTNAME=web-0".to_owned()]));
        let host = body.host_config.unwrap_or_default();
        let expected = limits.then_some((64 << 20, 64 << 20, 250_000_000));
        assert_eq!(host.memory.zip(host.memory_swap).zip(host.nano_cpus).map(|((a, b), c)| (a, b, c)), expected);
    }
}
