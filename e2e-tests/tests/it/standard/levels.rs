//! Two levels at once, as people label namespaces, and versions as they write them.

use hardening::standard::{Level, Version};
use serde_json::json;

use super::{bundle, cells, each, expected, pods, request, settings, typed};
use crate::support::{payload, reply};

/// The enforced level alone decides; a pod that either level minds is never passed in silence.
#[test]
fn what_is_enforced_decides_and_what_is_warned_of_is_said() {
    let cells = cells();
    let mut all = Vec::new();
    pods::random(6_000, 17, &mut |pod| all.push(pod));
    each(&all, |at, pod| {
        let (enforced, warned) = (cells[at * 31 % cells.len()], cells[at * 43 % cells.len()]);
        let mut settings = settings(enforced);
        settings["warn"] = json!(warned.0.word());
        settings["warnVersion"] = json!(format!("v1.{}", warned.1.minor()));
        let answer = reply(bundle(), payload(&settings, &request(pod)).as_bytes()).unwrap();
        let typed = typed(pod);
        let (refused, minded) = (expected(&typed, enforced), expected(&typed, warned));
        assert_eq!(answer["accepted"].as_bool().unwrap(), refused.is_empty(), "{settings} {pod}");
        let is_silent = answer["message"].is_null() && answer["warnings"].is_null();
        assert_eq!(is_silent, refused.is_empty() && minded.is_empty(), "{settings} {pod}");
        if refused.is_empty() {
            let warnings = answer["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
            let named = |id: &&str| warnings.iter().any(|line| line.as_str().unwrap().starts_with(&format!("[{id}] ")));
            let is_short = warnings.iter().any(|line| line.as_str().unwrap().starts_with("and "));
            assert!(is_short || minded.iter().all(named), "{minded:?}: {answer}");
        }
    });
}

#[test]
fn versions_as_people_write_them() {
    let policy = bundle();
    let verdict = |version: &str| {
        policy.validate_settings(&json!({ "profile": "baseline", "version": version }).to_string()).unwrap()
    };
    for version in Version::all() {
        assert!(verdict(&format!("v1.{}", version.minor())).valid, "{version:?}");
    }
    assert!(verdict("latest").valid);
    for version in
        ["v1.99", "v2.0", "1.30", "v1.30.2", "v1", "v1.030", "V1.30", " v1.30", "v1.+3", "v1.٣", "Latest", ""]
    {
        let refused = verdict(version);
        let message = refused.message.unwrap_or_default();
        let wanted = format!("must be latest or a version from v1.0 to v1.{}", Version::LATEST.minor());
        assert!(!refused.valid && message.contains(&wanted), "{version}: {message}");
    }
}

#[test]
fn latest_is_the_newest_version() {
    let mut all = Vec::new();
    pods::random(500, 23, &mut |pod| all.push(pod));
    let policy = bundle();
    for pod in &all {
        for level in [Level::Baseline, Level::Restricted] {
            let answer = |settings| reply(policy, payload(&settings, &request(pod)).as_bytes());
            let newest = answer(settings((level, Version::LATEST)));
            assert_eq!(newest, answer(json!({ "profile": level.word(), "version": "latest" })), "{pod}");
            assert_eq!(newest, answer(json!({ "profile": level.word() })), "{pod}");
        }
    }
}
