//! Tables of cases: what passes, and where what does not is reported.

mod groups;
mod repairs;

use serde_json::value::RawValue;

use super::super::testing::*;
use super::*;
use crate::policy::{Load, Single};

const GROUP_ASIDE: &str = r#""group":{"require":"any"}"#;

/// Members of a security context; an empty value is left out.
fn context(user: &str, group: &str, non_root: &str) -> String {
    let members = [("runAsUser", user), ("runAsGroup", group), ("runAsNonRoot", non_root)];
    let set = members.iter().filter(|(_, value)| !value.is_empty());
    format!("{{{}}}", set.map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(","))
}

/// A pod spec with the pod's context and those of its containers `c0`, `c1` ….
fn spec(pod: &str, containers: &[String]) -> String {
    let container = |(i, context): (usize, &String)| format!(r#"{{"name":"c{i}","securityContext":{context}}}"#);
    let containers = containers.iter().enumerate().map(container).collect::<Vec<_>>().join(",");
    format!(r#"{{"securityContext":{pod},"containers":[{containers}]}}"#)
}

/// Violations of the pod `spec`, with the containers left out for which `exempt` is true.
fn judge(settings: &str, spec: &str, exempt: &[bool]) -> Vec<Violation> {
    let settings = RawValue::from_string(settings.to_owned()).unwrap();
    let policy = Single::<RunAsUser>::load(Some(&settings)).unwrap();
    judge_with(&*policy.rules[0].rule, spec, exempt)
}

fn judge_with(rule: &dyn Rule, spec: &str, exempt: &[bool]) -> Vec<Violation> {
    let object = RawValue::from_string(format!("{{\"spec\":{spec}}}")).unwrap();
    let templates = crate::workload::templates("", "Pod", &object, &[]).unwrap();
    let mut report = Report::default();
    rule.check(&View::new("", &templates[0].template, exempt), &mut report);
    report.violations
}

/// Rows: `user.require`; `runAsUser` is unset, 0, allowed, not allowed, negative, too large for the kernel;
/// in each, `runAsNonRoot` is unset, true, false. `u` and `n`: `runAsUser` and `runAsNonRoot` are refused.
const USERS: [&str; 6] = ["", "0", "1500", "500", "-1500", "4294967296"];
const NON_ROOTS: [&str; 3] = ["", "true", "false"];
const REQUIRE_USER: [(&str, [[&str; 3]; 6]); 4] = [
    ("id", [["u", "u", "un"], ["u", "u", "un"], ["", "", "n"], ["u", "u", "un"], ["u", "u", "un"], ["u", "u", "un"]]),
    (
        "nonRoot",
        [["n", "", "n"], ["un", "u", "un"], ["n", "", "n"], ["un", "u", "un"], ["un", "u", "un"], ["un", "u", "un"]],
    ),
    (
        "idOrNonRoot",
        [["u", "", "n"], ["u", "u", "un"], ["", "", "n"], ["u", "", "n"], ["u", "u", "un"], ["u", "u", "un"]],
    ),
    ("any", [["", "", "n"], ["u", "u", "un"], ["", "", "n"], ["u", "u", "un"], ["u", "u", "un"], ["u", "u", "un"]]),
];

fn user_settings(require: &str, default: &str) -> String {
    format!(r#"{{"user":{{"require":"{require}","ranges":[{{"min":1000,"max":2000}}]{default}}},{GROUP_ASIDE}}}"#)
}

#[test]
fn users_on_every_level() {
    const POD: &str = "spec.securityContext.";
    const CONTAINER: &str = "spec.containers[0].securityContext.";
    for (require, table) in REQUIRE_USER {
        let settings = user_settings(require, "");
        for (user, row) in USERS.into_iter().zip(table) {
            for (non_root, bad) in NON_ROOTS.into_iter().zip(row) {
                let at = |user_at: &str, non_root_at: &str| {
                    let user = bad.contains('u').then(|| format!("{user_at}runAsUser"));
                    user.into_iter().chain(bad.contains('n').then(|| format!("{non_root_at}runAsNonRoot"))).collect()
                };
                let written = context(user, "", non_root);
                let set = |value: &str| if value.is_empty() { CONTAINER } else { POD };
                let mut cases: Vec<(String, String, Vec<String>)> = vec![
                    ("{}".to_owned(), written.clone(), at(CONTAINER, CONTAINER)),
                    (written.clone(), "{}".to_owned(), at(set(user), set(non_root))),
                    (context(user, "", ""), context("", "", non_root), at(set(user), CONTAINER)),
                ];
                if !user.is_empty() && !non_root.is_empty() {
                    // Overridden, the pod's values do not matter, good or bad.
                    cases.push((context("0", "", "false"), written.clone(), at(CONTAINER, CONTAINER)));
                    cases.push((context("1500", "", "true"), written, at(CONTAINER, CONTAINER)));
                }
                for (pod, container, expected) in cases {
                    let spec = spec(&pod, &[container]);
                    assert_eq!(paths::<RunAsUser>(&settings, &spec), expected, "{require}: {spec}");
                }
            }
        }
    }
}

#[test]
fn groups_on_every_level() {
    for (settings, group, passes) in [
        ("{}", "", false),
        ("{}", "0", false),
        ("{}", "1", true),
        ("{}", "4294967295", true),
        ("{}", "4294967296", false),
        ("{}", "-1", false),
        (r#"{"group":{"ranges":[{"min":5,"max":6},{"min":9,"max":9}]}}"#, "4", false),
        (r#"{"group":{"ranges":[{"min":5,"max":6},{"min":9,"max":9}]}}"#, "9", true),
        (r#"{"group":{"ranges":[{"max":9}]}}"#, "0", true),
        (r#"{"group":{"ranges":[{"max":9}]}}"#, "", false),
        (r#"{"group":{"require":"notRoot"}}"#, "", true),
        (r#"{"group":{"require":"notRoot"}}"#, "0", false),
        (r#"{"group":{"require":"notRoot"}}"#, "7", true),
        (r#"{"group":{"require":"notRoot","ranges":[{"min":5,"max":6}]}}"#, "7", false),
        (r#"{"group":{"require":"any"}}"#, "", true),
        (r#"{"group":{"require":"any"}}"#, "0", false),
        (r#"{"group":{"require":"any","ranges":[{}]}}"#, "0", true),
        (r#"{"group":{"require":"any","ranges":[{"min":5,"max":6}]}}"#, "7", false),
    ] {
        let expect = |path: &str| if passes { vec![] } else { vec![path.to_owned()] };
        let inherited = if group.is_empty() { "spec.containers[0]." } else { "spec." };
        for (pod, container, expected) in [
            (context("1", "", ""), context("", group, ""), "spec.containers[0]."),
            (context("1", group, ""), "{}".to_owned(), inherited),
        ] {
            let spec = spec(&pod, &[container]);
            let expected = expect(&format!("{expected}securityContext.runAsGroup"));
            assert_eq!(paths::<RunAsUser>(settings, &spec), expected, "{settings}: {spec}");
        }
        if !group.is_empty() {
            let spec = spec(&context("1", "0", ""), &[context("", group, "")]);
            let expected = expect("spec.containers[0].securityContext.runAsGroup");
            assert_eq!(paths::<RunAsUser>(settings, &spec), expected, "{settings}: {spec}");
        }
    }
}

#[test]
fn ranges_with_0_allow_root() {
    for (require, container, passes) in [
        ("id", r#"{"runAsUser":0}"#, true),
        ("id", r#"{"runAsUser":0,"runAsNonRoot":false}"#, true),
        ("id", r#"{"runAsUser":10}"#, false),
        ("id", r#"{}"#, false),
        ("any", r#"{"runAsUser":0,"runAsNonRoot":false}"#, true),
        ("any", r#"{"runAsNonRoot":false}"#, true),
        ("any", r#"{"runAsUser":10}"#, false),
    ] {
        let settings = format!(r#"{{"user":{{"require":"{require}","ranges":[{{"max":9}}]}},{GROUP_ASIDE}}}"#);
        let spec = spec("{}", &[container.to_owned()]);
        assert_eq!(paths::<RunAsUser>(&settings, &spec).is_empty(), passes, "{require} {spec}");
    }
}

#[test]
fn every_list_is_judged_and_an_inherited_value_reported_once() {
    let lists = r#""containers":[{},{}],"initContainers":[{}],"ephemeralContainers":[{}]"#;
    let of = |context: &str| paths::<RunAsUser>("{}", &format!(r#"{{"securityContext":{context},{lists}}}"#));
    assert_eq!(of(&context("1", "1", "true")), [""; 0]);
    assert_eq!(of(&context("0", "1", "")), ["spec.securityContext.runAsUser"]);
    assert_eq!(
        of(&context("0", "0", "false")),
        ["runAsUser", "runAsGroup", "runAsNonRoot"].map(|field| format!("spec.securityContext.{field}"))
    );
    let each = ["containers[0]", "containers[1]", "initContainers[0]", "ephemeralContainers[0]"];
    assert_eq!(of(&context("1", "", "")), each.map(|c| format!("spec.{c}.securityContext.runAsGroup")));
    assert_eq!(of(&context("null", "1", "null")), each.map(|c| format!("spec.{c}.securityContext.runAsUser")));
}

#[test]
fn windows_pods_answer_for_run_as_non_root_only() {
    for (require, non_root, passes) in [
        ("id", "", true),
        ("id", "true", true),
        ("id", "false", false),
        ("nonRoot", "", false),
        ("nonRoot", "true", true),
        ("nonRoot", "false", false),
        ("idOrNonRoot", "", false),
        ("idOrNonRoot", "true", true),
        ("idOrNonRoot", "false", false),
        ("any", "", true),
        ("any", "false", false),
    ] {
        let settings = format!(r#"{{"user":{{"require":"{require}"}},"fsGroup":{{}},"supplementalGroups":{{}}}}"#);
        let pod = r#""os":{"name":"windows"},"securityContext":{"runAsUser":0,"fsGroup":0,"supplementalGroups":[0]}"#;
        let spec = format!(r#"{{{pod},"containers":[{{"securityContext":{}}}]}}"#, context("", "0", non_root));
        let expected = if passes { vec![] } else { vec!["spec.containers[0].securityContext.runAsNonRoot"] };
        let violations = judge(&settings, &spec, &[]);
        assert_eq!(violations.iter().map(|v| v.path.as_str()).collect::<Vec<_>>(), expected, "{settings} {spec}");
        assert_eq!(judge(&settings, &repairs::repair(&spec, &violations, true), &[]), [], "{settings} {spec}");
    }
}

#[test]
fn groups_of_the_pod_are_judged_when_the_settings_name_them() {
    for (settings, context, expected) in [
        ("", r#"{"fsGroup":0,"supplementalGroups":[0]}"#, vec![]),
        (r#","fsGroup":{}"#, r#"{"fsGroup":0,"supplementalGroups":[0]}"#, vec!["fsGroup"]),
        (r#","fsGroup":{}"#, r#"{"fsGroup":1}"#, vec![]),
        (r#","fsGroup":{"default":5}"#, r#"{}"#, vec![]),
        (r#","fsGroup":{"ranges":[{"min":5,"max":6}]}"#, r#"{"fsGroup":7}"#, vec!["fsGroup"]),
        (r#","fsGroup":{"ranges":[{"max":6}]}"#, r#"{"fsGroup":0}"#, vec![]),
        (r#","fsGroup":null"#, r#"{"fsGroup":0}"#, vec![]),
        (
            r#","supplementalGroups":{}"#,
            r#"{"fsGroup":0,"supplementalGroups":[0,1,-1]}"#,
            vec!["supplementalGroups[0]", "supplementalGroups[2]"],
        ),
        (r#","supplementalGroups":{}"#, r#"{"supplementalGroups":[]}"#, vec![]),
        (r#","supplementalGroups":{"default":5}"#, r#"{}"#, vec![]),
        (
            r#","supplementalGroups":{"ranges":[{"min":5,"max":6}]}"#,
            r#"{"supplementalGroups":[5,7]}"#,
            vec!["supplementalGroups[1]"],
        ),
    ] {
        let settings = format!(r#"{{"user":{{"require":"any"}},{GROUP_ASIDE}{settings}}}"#);
        let found = paths::<RunAsUser>(&settings, &spec(context, &["{}".to_owned()]));
        let expected: Vec<String> = expected.iter().map(|field| format!("spec.securityContext.{field}")).collect();
        assert_eq!(found, expected, "{settings} {context}");
    }
}

#[test]
fn messages() {
    let ranges = r#"{"user":{"ranges":[{"min":1000,"max":2000},{"min":5000,"max":5000}]},"group":{"require":"any"}}"#;
    let either = r#"{"user":{"require":"idOrNonRoot","ranges":[{"min":7,"max":9}]},"group":{"require":"any"}}"#;
    let non_root = r#"{"user":{"require":"nonRoot"},"group":{"require":"any"}}"#;
    for (settings, pod, container, expected) in [
        (
            "{}",
            r#"{"runAsUser":1}"#,
            "{}",
            r#"container "c0": spec.containers[0].securityContext.runAsGroup is not set, must be a group id other than 0, here or in the pod's securityContext"#,
        ),
        (
            "{}",
            r#"{"runAsUser":0,"runAsGroup":1}"#,
            "{}",
            "spec.securityContext.runAsUser is 0, must be a user id other than 0",
        ),
        (
            ranges,
            "{}",
            r#"{"runAsUser":3}"#,
            r#"container "c0": spec.containers[0].securityContext.runAsUser is 3, must be a user id from 1000 to 2000 or 5000"#,
        ),
        (
            either,
            "{}",
            "{}",
            r#"container "c0": spec.containers[0].securityContext.runAsUser is not set, must be a user id from 7 to 9, or runAsNonRoot must be true, here or in the pod's securityContext"#,
        ),
        (
            either,
            r#"{"runAsUser":5}"#,
            "{}",
            "spec.securityContext.runAsUser is 5, must be a user id from 7 to 9, or runAsNonRoot must be true",
        ),
        (either, r#"{"runAsUser":0}"#, "{}", "spec.securityContext.runAsUser is 0, must be a user id from 7 to 9"),
        (non_root, r#"{"runAsNonRoot":false}"#, "{}", "spec.securityContext.runAsNonRoot is false, must be true"),
        (
            non_root,
            "{}",
            "{}",
            r#"container "c0": spec.containers[0].securityContext.runAsNonRoot is not set, must be true, here or in the pod's securityContext"#,
        ),
    ] {
        let violations = violations::<RunAsUser>(settings, &spec(pod, &[container.to_owned()]));
        assert_eq!(violations.iter().map(Violation::message).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn defaults_are_shown() {
    use crate::settings::Group as _;
    let shown: Vec<(&str, String)> =
        RunAsUser::fields().into_iter().map(|field| (field.key, field.default.to_string())).collect();
    let ids = r#"{"default":null,"ranges":[{"max":4294967295,"min":1}],"require":"id"}"#;
    assert_eq!(
        shown,
        [
            ("user", ids.to_owned()),
            ("group", ids.to_owned()),
            ("fsGroup", "null".to_owned()),
            ("supplementalGroups", "null".to_owned())
        ]
    );
}

#[test]
fn bad_settings() {
    for (settings, expected) in [
        (r#"{"user":1000}"#, "user: must be an object"),
        (r#"{"user":null}"#, "user: must be an object"),
        (r#"{"user":{"require":"root"}}"#, "user.require: must be one of: id, nonRoot, idOrNonRoot, any"),
        (r#"{"group":{"require":"nonRoot"}}"#, "group.require: must be one of: id, notRoot, any"),
        (r#"{"user":{"ranges":[]}}"#, "user.ranges: must hold at least one range"),
        (r#"{"group":{"ranges":[]}}"#, "group.ranges: must hold at least one range"),
        (r#"{"fsGroup":{"ranges":[]}}"#, "fsGroup.ranges: must hold at least one range"),
        (r#"{"supplementalGroups":{"ranges":[]}}"#, "supplementalGroups.ranges: must hold at least one range"),
        (r#"{"user":{"ranges":[{"min":2,"max":1}]}}"#, "user.ranges[0].min: must not be greater than max (2 > 1)"),
        (r#"{"user":{"ranges":[{"min":-1}]}}"#, "user.ranges[0].min: must be a whole number"),
        (r#"{"user":{"ranges":[{"from":1}]}}"#, "user.ranges[0].from: unknown setting, expected one of: min, max"),
        (r#"{"user":{"default":0}}"#, "user.default: 0 is not in ranges"),
        (r#"{"user":{"ranges":[{"min":5}],"default":4}}"#, "user.default: 4 is not in ranges"),
        (r#"{"group":{"default":0}}"#, "group.default: 0 is not in ranges"),
        (r#"{"fsGroup":{"default":0}}"#, "fsGroup.default: 0 is not in ranges"),
        (r#"{"supplementalGroups":{"default":"x"}}"#, "supplementalGroups.default: must be a whole number"),
        (r#"{"supplementalGroups":{"default":0}}"#, "supplementalGroups.default: 0 is not in ranges"),
        (r#"{"fsGroup":{"require":"id"}}"#, "fsGroup.require: unknown setting, expected one of: ranges, default"),
        (
            r#"{"user":{"require":"nonRoot","ranges":[{"min":1,"max":2},{"max":9}]}}"#,
            "user.ranges[1].min: must be 1 or more, require: nonRoot never allows 0",
        ),
        (r#"{"user":{"require":"idOrNonRoot","ranges":[{}]}}"#, "user.ranges[0].min: must be 1 or more"),
        (r#"{"group":{"require":"notRoot","ranges":[{}]}}"#, "group.ranges[0].min: must be 1 or more"),
        (
            r#"{"runAsUser":{}}"#,
            "runAsUser: unknown setting, expected one of: user, group, fsGroup, supplementalGroups",
        ),
    ] {
        let error = settings_error::<RunAsUser>(settings).unwrap_or_default();
        assert!(error.starts_with(expected), "{settings}: {error}");
    }
    for settings in [
        r#"{"user":{"ranges":[{}],"default":0}}"#,
        r#"{"user":{"require":"any","ranges":[{"max":0}]}}"#,
        r#"{"user":{"require":"nonRoot","ranges":[{"min":5,"max":9}],"default":7}}"#,
        r#"{"group":{"require":"any","ranges":[{}],"default":0},"fsGroup":{},"supplementalGroups":null}"#,
    ] {
        assert_eq!(settings_error::<RunAsUser>(settings), None, "{settings}");
    }
}
