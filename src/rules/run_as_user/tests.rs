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
