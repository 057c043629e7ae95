//! Judging, fixing, listing and pinning ask nobody, and the lock is trusted as far as the configuration beside it.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use serde_json::json;

use super::world::pod;
use crate::oci::client::Client;
use crate::oci::fake::{Fake, Reply};
use crate::support::{examples, folder, harden};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A lock with these references.
fn lock_of(keys: &[&str]) -> String {
    let entries = keys.iter().map(|key| ((*key).to_owned(), json!({ "digest": DIGEST, "platforms": {} })));
    let entries: serde_json::Map<_, _> = entries.collect();
    json!({ "version": 1, "images": entries }).to_string()
}

#[test]
fn check_fix_level_list_and_pin_ask_no_registry() {
    let fake = Fake::start(|_, _, _| Reply::Status(500, "", Vec::new()));
    let client = Client::new();
    let reference = format!("{}/app:v1", fake.host());
    client.write("pod.yaml", pod(&reference));
    client.write("harden.lock", lock_of(&[&reference]));
    for (args, code) in [
        (&["check", "."][..], 1),
        (&["matrix", "."], 1),
        (&["level", "."], 0),
        (&["fix", "--diff", "."], 1),
        (&["images"], 0),
        (&["images", "pin", "--diff"], 1),
        (&["images", "pin"], 0),
        (&["images", "pin", "--unpin"], 0),
    ] {
        let run = client.harden(args);
        assert_eq!(run.code, code, "{args:?}: {}{}", run.out, run.err);
    }
    assert_eq!(fake.asked(), Vec::<String>::new());
}

#[test]
fn what_the_lock_lacks_is_said_and_fails() {
    let folder = folder(&[
        ("a.yaml", &pod("nginx:1")),
        ("b.yaml", &pod("redis:7")),
        ("c.yaml", &pod("'No Image'")),
        ("harden.lock", &lock_of(&["docker.io/library/nginx:1"])),
    ]);
    let run = harden(folder.path(), &["images", "pin"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(
        run.out.contains("b.yaml:7:14: docker.io/library/redis:7 is not in the lock: `harden images lock`"),
        "{}",
        run.out
    );
    assert!(run.out.contains("c.yaml:7:14: No Image is not the name of an image"), "{}", run.out);
    assert!(run.out.ends_with("1 reference pinned, 2 left\n"), "{}", run.out);
    let run = harden(folder.path(), &["images"]);
    assert!(run.out.contains("No Image  invalid: \"No Image\" is not the name of an image: "), "{}", run.out);
    assert!(run.out.ends_with("3 images in 3 places: 1 pinned, 1 unknown, 1 invalid\n"), "{}", run.out);
    fs::remove_file(folder.path().join("harden.lock")).unwrap();
    let run = harden(folder.path(), &["images", "pin"]);
    assert!(
        run.code == 2 && run.err.contains("there is no lock `harden.lock`: `harden images lock` writes it"),
        "{}",
        run.err
    );
}

#[test]
fn check_locked_fails_for_what_the_lock_lacks() {
    let pinned = |digit: &str| pod(&format!("nginx:1@sha256:{}", digit.repeat(64)));
    let folder = folder(&[
        ("harden.yaml", "rules: {image-tag: true}\nprofile: privileged\n"),
        ("a.yaml", &pod("nginx:1")),
        ("b.yaml", &pinned("a")),
        ("harden.lock", &lock_of(&["docker.io/library/nginx:1"])),
    ]);
    let check = |args: &[&str]| harden(folder.path(), &[&["check"], args].concat());
    let run = check(&["--locked"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    fs::write(folder.path().join("c.yaml"), pod("redis:7")).unwrap();
    fs::write(folder.path().join("d.yaml"), pinned("b")).unwrap();
    assert_eq!(check(&[]).code, 0, "only --locked asks for the lock");
    let run = check(&["--locked", "--format", "concise"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(
        run.out.contains("c.yaml:7:14: ") && run.out.contains("docker.io/library/redis:7 is not in the lock"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("d.yaml:7:14: ") && run.out.contains(&format!("and the lock has {DIGEST}")),
        "{}",
        run.out
    );
    fs::rename(folder.path().join("harden.lock"), folder.path().join("other")).unwrap();
    let run = check(&["--locked"]);
    assert!(run.code == 2 && run.err.contains("there is no lock `") && run.err.contains("harden.lock`"), "{}", run.err);
    assert_eq!(check(&["--locked", "--lock", "other"]).code, 2);
    assert_eq!(check(&["--lock", "other"]).code, 0, "without --locked, what the lock lacks is only counted");
    let run = check(&["--lock", "nowhere"]);
    assert!(run.code == 2 && run.err.contains("there is no lock `nowhere`"), "{}", run.err);
}

#[test]
fn a_lock_that_is_damaged_or_leads_elsewhere_is_refused() {
    let outside = folder(&[("lock", &lock_of(&["docker.io/library/nginx:1"]))]);
    let folder = folder(&[("pod.yaml", &pod("nginx:1")), ("harden.yaml", "{}\n")]);
    let place = folder.path().join("harden.lock");
    symlink(outside.path().join("lock"), &place).unwrap();
    let run = harden(folder.path(), &["images"]);
    assert!(run.code == 2 && run.err.contains("is a symbolic link, which is not followed"), "{}", run.err);
    let given = place.display().to_string();
    for args in [&["images", "--lock", &given][..], &["images", "--trust-config"]] {
        let run = harden(folder.path(), args);
        assert!(run.code == 0 && run.out.contains("nginx:1  locked"), "{args:?}: {}{}", run.out, run.err);
    }
    fs::remove_file(folder.path().join("harden.yaml")).unwrap();
    let run = harden(folder.path(), &["images"]);
    assert!(run.code == 2 && run.err.contains("is a symbolic link"), "{}", run.err);
    fs::remove_file(&place).unwrap();
    for (text, expected) in [
        ("<<<<<<< HEAD\n", "harden.lock is not a lock: "),
        (r#"{"version":1,"images":{},"key":0}"#, "unknown field `key`"),
        (&lock_of(&["nginx:1"]), "`nginx:1` is written in full as `docker.io/library/nginx:1`"),
    ] {
        fs::write(&place, text).unwrap();
        for args in [&["images"][..], &["images", "pin"], &["images", "lock"]] {
            let run = harden(folder.path(), args);
            assert!(run.code == 2 && run.err.contains(expected), "{args:?}: {}", run.err);
        }
        assert_eq!(fs::read_to_string(&place).unwrap(), text, "a lock that is not understood is not written over");
    }
}

#[test]
fn a_lock_of_another_user_is_refused_as_their_harden_yaml_is() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can give files away");
        return;
    }
    let lock = lock_of(&["docker.io/library/nginx:1"]);
    for config in [&[("harden.yaml", "profile: privileged\n")][..], &[]] {
        let manifest = pod("nginx:1");
        let files = [("pod.yaml", manifest.as_str()), ("harden.lock", lock.as_str())];
        let folder = folder(&[&files, config].concat());
        let place = folder.path().join("harden.lock");
        let own = harden(folder.path(), &["check", "--profile", "privileged", "--locked"]);
        assert_eq!(own.code, 0, "{}{}", own.out, own.err);
        chown(&place, Some(65534), None).unwrap();
        for args in [&["images"][..], &["images", "pin"], &["check", "--locked"]] {
            let run = harden(folder.path(), args);
            assert!(run.code == 2 && run.err.contains("harden.lock: belongs to another user (65534)"), "{}", run.err);
            let taken = harden(folder.path(), &[args, &["--trust-config"]].concat());
            assert!(!taken.err.contains("belongs to"), "{args:?}: {}", taken.err);
        }
        let given = harden(folder.path(), &["images", "--lock", "harden.lock"]);
        assert_eq!(given.code, 0, "what is named is meant: {}", given.err);
    }
}

#[test]
fn every_reference_of_the_examples_is_read() {
    let run = harden(&examples(), &["images", "--format", "json", "."]);
    let listing: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let rows = listing["images"].as_array().unwrap();
    assert!(rows.len() > 20, "{}", rows.len());
    let invalid: Vec<_> = rows.iter().filter(|row| row["state"] == "invalid").collect();
    assert_eq!(invalid, Vec::<&serde_json::Value>::new());
}
