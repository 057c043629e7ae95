//! `harden test`, with the real binary.

use guests::{VALID, answering, answering_with};
use serde_json::Value;

use crate::support::*;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      securityContext:
        privileged: true
    - name: side
      image: ghcr.io/org/side:1
";

/// Runs one suite with `pod.yaml` beside it.
fn test(suite: &str, args: &[&str]) -> Run {
    let folder = folder(&[("harden-test.yaml", suite), ("pod.yaml", POD)]);
    harden(folder.path(), &[&["test"], args].concat())
}

#[test]
fn the_example_passes() {
    let run = harden(&project("."), &["test", "examples/tests"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("6 tests in 1 suite: 6 passed, 0 failed"), "{}", run.out);
}

#[test]
fn f9_another_verdict_lists_why_line_by_line() {
    let suite = "policies: [{profile: hardening}]\ntests:\n  - {name: passes, file: pod.yaml, expect: allowed}\n";
    let run = test(suite, &[]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let reasons: Vec<&str> = run.out.lines().filter(|line| line.starts_with("            · ")).collect();
    assert!(reasons.len() > 10 && reasons.iter().all(|line| line.contains("· error[")), "{}", run.out);
    assert!(reasons.iter().any(|line| line.contains("error[privileged] container \"app\": ")), "{}", run.out);
    assert!(run.out.lines().all(|line| line.len() < 300), "{}", run.out);
}

#[test]
fn a_failure_is_a_diff_of_violations() {
    let suite = "\
name: privileged
policies: [{rule: privileged}]
tests:
  - name: exactly one
    file: pod.yaml
    expect:
      verdict: allowed
      violations:
        - {rule: privileged, container: app}
        - {rule: privileged, container: init, path: 'spec.initContainers[0].securityContext.privileged'}
";
    let run = test(suite, &[]);
    assert_eq!(run.code, 1, "{}", run.err);
    for line in [
        "./harden-test.yaml: privileged",
        "  FAILED  exactly one  (./harden-test.yaml:4)",
        "          Pod web: verdict (- expected, + got)",
        "            - allowed",
        "            + denied",
        "          Pod web: violations (- expected, + got)",
        "              error[privileged] container \"app\": spec.containers[0].securityContext.privileged is true, must be false",
        "            + error[privileged] container \"side\": spec.containers[1].securityContext.privileged is not set, must be false",
        "            - violation[privileged] container: init path: spec.initContainers[0].securityContext.privileged",
        "1 test in 1 suite: 0 passed, 1 failed",
    ] {
        assert!(run.out.lines().any(|got| got == line), "{line:?} is missing in:\n{}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'));
}

#[test]
fn every_kind_of_expectation_can_fail_and_hold() {
    let mutate = "[{rule: privileged, settings: {action: mutate, overwrite: true}}]";
    let deny = "[{rule: privileged}]";
    for (policies, holds, fails, what) in [
        (deny, "denied", "allowed", "verdict"),
        (deny, "{violations: [{container: app}, {container: side}]}", "{violations: [{container: app}]}", "violations"),
        (deny, "{contains: [{rule: privileged, container: side}]}", "{contains: [{rule: image-tag}]}", "violations"),
        (
            deny,
            "{violations: [{rule: privileged, count: 2}]}",
            "{violations: [{rule: privileged, count: 3}]}",
            "violations",
        ),
        (deny, "{contains: [{level: error}]}", "{contains: [{level: warning}]}", "violations"),
        (
            deny,
            "{contains: [{containerType: container}]}",
            "{contains: [{containerType: initContainer}]}",
            "violations",
        ),
        (deny, "{message: is true}", "{message: is false}", "message"),
        (deny, "{messageMatches: 'containers.1..*not set'}", "{messageMatches: '^containers'}", "message"),
        (deny, "{mutation: unchanged}", "{mutation: changed}", "mutation"),
        (mutate, "{mutation: changed}", "{mutation: unchanged}", "mutation"),
        (
            mutate,
            "{mutation: {contains: {spec: {containers: [{name: side, securityContext: {privileged: false}}]}}}}",
            "{mutation: {contains: {spec: {containers: [{name: side, securityContext: {privileged: true}}]}}}}",
            "mutation",
        ),
        (
            mutate,
            "{mutation: {patch: [{op: replace, path: /spec/containers/0/securityContext/privileged, value: false}]}}",
            "{mutation: {patch: [{op: remove, path: /spec}]}}",
            "mutation",
        ),
        ("[{rule: privileged, settings: {acton: warn}}]", "invalidSettings", "allowed", "verdict"),
        (deny, "denied", "invalidSettings", "verdict"),
        (deny, "{verdict: denied}", "failed", "verdict"),
    ] {
        let suite =
            |expect: &str| format!("policies: {policies}\ntests:\n  - {{name: t, file: pod.yaml, expect: {expect}}}\n");
        let run = test(&suite(holds), &[]);
        assert_eq!(run.code, 0, "{holds}: {}{}", run.out, run.err);
        let run = test(&suite(fails), &[]);
        assert_eq!(run.code, 1, "{fails}: {}{}", run.out, run.err);
        assert!(run.out.contains(&format!("{what} (- expected, + got)")), "{fails}: {}", run.out);
    }
}

#[test]
fn the_whole_object_can_be_expected() {
    let object =
        "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, securityContext: {privileged: PRIVILEGED}}]}}";
    let suite = |wanted: &str| {
        format!(
            "policies: [{{rule: privileged, settings: {{action: mutate, overwrite: true}}}}]\ntests:\n  - name: t\n    object: {}\n    expect: {{mutation: {{object: {}}}}}\n",
            object.replace("PRIVILEGED", "true"),
            object.replace("PRIVILEGED", wanted)
        )
    };
    assert_eq!(test(&suite("false"), &[]).code, 0);
    let run = test(&suite("true"), &[]);
    let line = |sign: char, value: &str| {
        run.out
            .lines()
            .any(|line| line.trim_start().starts_with(sign) && line.ends_with(&format!(" \"privileged\": {value}")))
    };
    assert!(line('-', "true") && line('+', "false"), "{}", run.out);
}

#[test]
fn objects_of_a_file_are_expected_one_by_one() {
    let suite = "\
policies: [{profile: baseline}]
tests:
  - name: one is bad
    file: both.yaml
    expect: allowed
    objects:
      - object: Pod web
        expect: {verdict: denied, violations: [{rule: privileged}]}
  - name: no such object
    file: both.yaml
    objects: [{object: Pod nobody, expect: allowed}]
";
    let both = format!("{POD}---\n{}", POD.replace("privileged: true", "privileged: false").replace("web", "good"));
    let folder = folder(&[("a.harden-test.yaml", suite), ("both.yaml", &both)]);
    let run = harden(folder.path(), &["test"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("  ok      one is bad"), "{}", run.out);
    assert!(run.out.contains("there is no object Pod nobody; objects: Pod web, Pod good"), "{}", run.out);
    assert!(run.out.contains("2 tests in 1 suite: 1 passed, 0 failed; 1 could not be run"), "{}", run.out);
}

#[test]
fn any_wapc_policy_is_tested() {
    let suite = "\
policies: [{policy: ours.wasm, settings: {anything: goes}}]
tests:
  - name: it refuses
    request: {uid: x, operation: CREATE, object: {a: 1}}
    expect: {verdict: denied, message: not on Fridays, violations: [{rule: ours.wasm, message: not on Fridays, level: error}]}
  - name: and another lets everything pass
    policies: [{policy: theirs.wasm}]
    file: review.json
    expect: {verdict: allowed, message: take care, mutation: {object: {b: 2}}}
  - name: one refusal is enough
    policies: [{policy: theirs.wasm}, {policy: ours.wasm}]
    file: review.json
    expect: denied
  - name: one that breaks down has given no verdict
    policies: [{policy: broken.wasm}]
    file: review.json
    expect: failed
";
    let review = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","operation":"CREATE","object":{"a":1}}}"#;
    let folder = folder(&[("harden-test.yaml", suite), ("review.json", review)]);
    for (name, answer) in [
        ("ours.wasm", r#"{"accepted":false,"message":"not on Fridays"}"#),
        ("theirs.wasm", r#"{"accepted":true,"warnings":["take care"],"mutated_object":{"b":2}}"#),
        ("broken.wasm", "no JSON"),
    ] {
        std::fs::write(folder.path().join(name), answering(answer, VALID)).unwrap();
    }
    let run = harden(folder.path(), &["test"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("4 passed"), "{}", run.out);
}

#[test]
fn a_policy_that_wants_wasi_gets_it_when_it_is_allowed() {
    let suite = "policies: [{policy: tinygo.wasm}]\ntests: [{name: t, file: pod.yaml, expect: allowed}]\n";
    let folder = folder(&[("harden-test.yaml", suite), ("pod.yaml", POD)]);
    let import = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    let wasm = answering_with(r#"{"accepted":true}"#, VALID, import);
    std::fs::write(folder.path().join("tinygo.wasm"), wasm).unwrap();
    let refused = harden(folder.path(), &["test"]);
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(refused.out.contains("tinygo.wasm") && refused.out.contains("wasi"), "{}", refused.out);
    let allowed = harden(folder.path(), &["test", "--allow-wasi"]);
    assert_eq!(allowed.code, 0, "{}{}", allowed.out, allowed.err);
}

#[test]
fn the_request_is_the_api_servers() {
    let suite = "\
policies: [{profile: privileged, rules: {privileged: {exemptions: [{namespaces: [kube-*]}]}}}]
tests:
  - {name: by namespace, file: pod.yaml, namespace: kube-system, expect: allowed}
  - {name: elsewhere, file: pod.yaml, expect: denied}
  - {name: what goes is not judged, file: pod.yaml, operation: DELETE, expect: {verdict: allowed, violations: []}}
  - {name: a scale has no template, file: pod.yaml, subresource: status, expect: allowed}
";
    let run = test(suite, &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_configuration_is_what_a_suite_tests_unless_it_says_more() {
    let suite = "\
tests:
  - {name: found, file: pod.yaml, expect: {verdict: denied, violations: [{rule: privileged}]}}
  - {name: named, policies: [{config: other.yaml}], file: pod.yaml, expect: allowed}
";
    let files = [
        ("harden.yaml", "profile: baseline\n"),
        ("tests/other.yaml", "profile: privileged\n"),
        ("tests/harden-test.yaml", suite),
        ("tests/pod.yaml", POD),
    ];
    let folder = folder(&files);
    let run = harden(folder.path(), &["test"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_malformed_suite_is_shown_where_it_stands() {
    let tests = "tests: [{name: t, file: pod.yaml, expect: allowed}]\n";
    for (suite, message) in [
        ("test: []\n".to_owned(), "harden-test.yaml:1:1: test: unknown setting, did you mean tests?"),
        (
            "tests:\n  - name: t\n    file: pod.yaml\n    expect:\n      verdict: allowed\n      mesage: x\n"
                .to_owned(),
            "harden-test.yaml:6:7: tests[0].expect.mesage: unknown setting, did you mean message?",
        ),
        (
            "tests:\n  - {name: t, file: p, expect: alowed}\n".to_owned(),
            "tests[0].expect: must be one of: allowed, denied",
        ),
        ("tests: []\n".to_owned(), "tests: must hold at least one test"),
        ("name: x\n".to_owned(), "tests: must hold at least one test"),
        ("tests: [{name: t, expect: allowed}]\n".to_owned(), "tests[0]: needs one of: object, file, request"),
        ("tests: [{name: t, file: pod.yaml}]\n".to_owned(), "tests[0].expect: must say what is expected"),
        ("tests: [{file: pod.yaml, expect: allowed}]\n".to_owned(), "tests[0].name: must say what the test shows"),
        (
            "tests: [{name: t, file: a, request: {}, expect: allowed}]\n".to_owned(),
            "tests[0].request: stands beside file",
        ),
        (
            "tests: [{name: t, file: a, expect: {messageMatches: '('}}]\n".to_owned(),
            "tests[0].expect.messageMatches: \"(\" is not a regular expression: unclosed group",
        ),
        (
            "tests: [{name: t, file: a, expect: {contains: [{rule: a, count: 0}]}}]\n".to_owned(),
            "tests[0].expect.contains[0].count: must be from 1 to 1000",
        ),
        (
            "tests: [{name: t, file: a, expect: {contains: [{count: 2}]}}]\n".to_owned(),
            "tests[0].expect.contains[0]: must name something",
        ),
        (
            "tests: [{name: t, file: a, operation: UPDATE, expect: allowed}]\n".to_owned(),
            "tests[0].oldObject: an UPDATE needs the object before it",
        ),
        (
            format!("policies: [{{rule: privilege}}]\n{tests}"),
            "policies[0].rule: unknown rule, did you mean privileged?",
        ),
        (format!("policies: [{{rule: a, policy: b}}]\n{tests}"), "policies[0].rule: stands beside policy"),
        (
            format!("policies: [{{rule: privileged, profile: baseline}}]\n{tests}"),
            "policies[0].profile: has no effect beside rule",
        ),
        ("a: b: c\n".to_owned(), "is not valid YAML"),
    ] {
        let run = test(&suite, &[]);
        assert_eq!(run.code, 2, "{suite}: {}", run.out);
        assert!(run.out.contains(message), "{suite}: {}", run.out);
    }
}

#[test]
fn what_cannot_be_run_is_exit_code_2() {
    for (suite, message) in [
        ("tests: [{name: t, file: nowhere.yaml, expect: denied}]\n", "cannot read `./nowhere.yaml`"),
        (
            "policies: [{policy: nowhere.wasm}]\ntests: [{name: t, file: pod.yaml, expect: failed}]\n",
            "cannot read policy",
        ),
        ("tests: [{name: t, object: {a: 1}, expect: denied}]\n", "object: has no apiVersion or no kind"),
    ] {
        let run = test(suite, &[]);
        assert_eq!(run.code, 2, "{suite}: {}", run.out);
        assert!(run.out.contains(message) && run.out.contains("1 could not be run"), "{suite}: {}", run.out);
    }
    let nothing = harden(folder(&[("pod.yaml", POD)]).path(), &["test"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (2, ""));
    assert!(nothing.err.contains("there is no suite in .: call one harden-test.yaml"), "{}", nothing.err);
}

const THREE: &str = "\
name: Three <tests>
policies: [{rule: privileged}]
tests:
  - {name: denied & sealed, file: pod.yaml, expect: denied}
  - {name: wrong, file: pod.yaml, expect: {contains: [{rule: '\"<x>'}]}}
  - {name: later, file: pod.yaml, expect: allowed, skip: waits for <them>}
";

#[test]
fn tests_are_chosen_by_name() {
    let run = test(THREE, &["--filter", "sealed"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("1 test in 1 suite: 1 passed"), "{}", run.out);
    assert!(test(THREE, &["--filter", "Three"]).out.contains("3 tests in 1 suite: 1 passed, 1 failed, 1 skipped"));
    let none = test(THREE, &["--filter", "nobody"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("no test's name contains \"nobody\""), "{}", none.err);
}

#[test]
fn quiet_says_what_fails_and_nothing_else() {
    assert_eq!(test(THREE, &["-q", "--filter", "sealed"]).out, "");
    let run = test(THREE, &["-q"]);
    assert!(run.out.contains("FAILED  wrong") && !run.out.contains("sealed"), "{}", run.out);
}

#[test]
fn json_has_everything() {
    let run = test(THREE, &["--format", "json"]);
    assert_eq!(run.code, 1);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["summary"]["failed"], 1);
    let tests = report["suites"][0]["tests"].as_array().unwrap();
    let statuses: Vec<&str> = tests.iter().map(|test| test["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["passed", "failed", "skipped"]);
    assert_eq!((tests[1]["line"].as_u64(), tests[2]["reason"].as_str()), (Some(5), Some("waits for <them>")));
    assert_eq!(tests[1]["mismatches"][0]["what"], "violations");
    assert_eq!(tests[1]["mismatches"][0]["expected"][0], "violation[\"<x>]");
    assert_eq!(tests[1]["mismatches"][0]["notes"].as_array().unwrap().len(), 2);
}

#[test]
fn junit_adds_up_and_nothing_breaks_out() {
    let folder = folder(&[("a.harden-test.yaml", THREE), ("b.harden-test.yaml", "tests: 3\n"), ("pod.yaml", POD)]);
    let run = harden(folder.path(), &["test", "--format", "junit"]);
    assert_eq!(run.code, 2);
    let xml = &run.out;
    let root = xml.lines().nth(1).unwrap();
    assert_eq!(root, "<testsuites name=\"harden test\" tests=\"4\" skipped=\"1\" failures=\"1\" errors=\"1\">");
    for (part, count) in [("<testcase ", 4), ("<failure ", 1), ("<skipped ", 1), ("<error ", 1), ("<testsuite ", 2)] {
        assert_eq!(xml.matches(part).count(), count, "{part}: {xml}");
    }
    assert!(
        xml.contains("name=\"Three &lt;tests&gt;\" tests=\"3\" skipped=\"1\" errors=\"0\" failures=\"1\""),
        "{xml}"
    );
    assert!(xml.contains("name=\"denied &amp; sealed\" classname=") && xml.contains("[&quot;&lt;x&gt;]"), "{xml}");
    assert!(!xml.contains("<tests>") && !xml.contains("<them>"), "{xml}");
}
