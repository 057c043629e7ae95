use super::super::testing::{POD, judged};
use super::*;
use kube_yaml::yaml;

/// A text with replacements made.
fn applied(text: &str, replacements: &[Replacement]) -> String {
    let mut new = text.to_owned();
    for replacement in replacements.iter().rev() {
        new.replace_range(replacement.range.clone(), &replacement.text);
    }
    new
}

#[test]
fn a_replacement_repairs_its_finding_and_nothing_else() {
    let text = format!("# first\n---\n{POD}---\n{POD}");
    let report = judged("pod.yaml", &text);
    let parsed = yaml::parse(&text);
    let mut count = 0;
    let mut fixes = Fixes::of(&report, &parsed);
    for (index, (finding, expected)) in report.findings.iter().zip(repaired(&report)).enumerate() {
        let replacements = fixes.replacements(index, usize::MAX).unwrap();
        if !finding.violation.fixable {
            assert!(!expected);
            continue;
        }
        assert!(expected && !replacements.is_empty(), "{:?}", finding.violation);
        let new = applied(&text, &replacements);
        let after = judged("pod.yaml", &new);
        assert!(after.problems.is_empty() && after.findings.len() < report.findings.len(), "{new}");
        count += 1;
    }
    assert!(count > 4, "{count}");
}

/// A `List` of Deployments, and a pod with many containers.
fn crowds(count: usize) -> [String; 3] {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {}\n  template:\n    \
        metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - {name: a, image: 'x:1'}\n      - name: b\n        \
        # why\n        image: x:1\n";
    let item = "- ".to_owned() + &deployment.trim_end().replace('\n', "\n  ") + "\n";
    let list = "apiVersion: v1\nkind: List\nitems:\n".to_owned() + &item.repeat(count);
    let block = POD.to_owned() + &"    - name: app\n      image: x:1\n".repeat(count);
    let containers = vec![r#"{"name": "a", "image": "x:1"}"#; count].join(", ");
    let json = format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{"containers": [{containers}]}}}}"#
    );
    [list, block, json]
}

#[test]
fn s14_the_work_grows_with_the_text() {
    let read = |text: &str| {
        let report = judged("crowd.yaml", text);
        let parsed = yaml::parse(text);
        let mut fixes = Fixes::of(&report, &parsed);
        let all = 0..report.findings.len();
        let made = all.filter(|index| !fixes.replacements(*index, usize::MAX).unwrap().is_empty()).count();
        assert!(made > 20, "{made}");
        fixes.read()
    };
    for (small, large) in crowds(300).iter().zip(crowds(1_200)) {
        let (few, many) = (read(small), read(&large));
        assert!(many < 5 * few, "4 times the text, but {few} and {many} bytes read: {small}");
    }
}

const SHARED: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: a, image: 'x:1', securityContext: &sc {privileged: false}}
    - {name: b, image: 'x:1', securityContext: *sc}
";

const ESCALATION: &str = "allow-privilege-escalation";

/// Review of the command line, bug 3.
#[test]
fn what_an_alias_shares_is_repaired_if_all_want_it() {
    let report = judged("pod.yaml", SHARED);
    let parsed = yaml::parse(SHARED);
    let mut fixes = Fixes::of(&report, &parsed);
    let found = report.findings.iter().enumerate().filter(|(_, finding)| finding.violation.rule == ESCALATION);
    let found: Vec<usize> = found.map(|(index, _)| index).collect();
    assert_eq!(found.len(), 2);
    for index in found {
        let new = applied(SHARED, &fixes.replacements(index, usize::MAX).unwrap());
        assert_eq!(new, SHARED.replace("{privileged: false}", "{privileged: false, allowPrivilegeEscalation: false}"));
    }
}

#[test]
fn what_an_alias_shares_with_a_suppressed_container_is_not_repaired() {
    let mut report = judged("pod.yaml", SHARED);
    let is_of_b = |finding: &&mut Finding| finding.violation.container.as_deref() == Some("b");
    for finding in report.findings.iter_mut().filter(is_of_b) {
        finding.muted = Some(Muted::Suppression { reason: "b".to_owned(), line: 9 });
    }
    let repaired = super::repaired(&report);
    let mut found = report.findings.iter().zip(repaired).filter(|(finding, _)| finding.violation.rule == ESCALATION);
    assert!(found.all(|(_, repaired)| !repaired));
}

/// Review of the command line, bug 11.
#[test]
fn the_fixes_of_a_file_can_be_taken_all_at_once() {
    let bare = "    - name: bare\n      image: x:1\n    - {name: flow, image: 'x:1', securityContext: {}}\n";
    for text in [POD.to_owned() + bare, crowds(2)[0].clone(), crowds(2)[2].clone()] {
        let report = judged("pod.yaml", &text);
        let parsed = yaml::parse(&text);
        let mut fixes = Fixes::of(&report, &parsed);
        let mut all: Vec<Replacement> = Vec::new();
        for index in 0..report.findings.len() {
            for replacement in fixes.replacements(index, usize::MAX).unwrap().iter() {
                if !all.contains(replacement) {
                    all.push(replacement.clone());
                }
            }
        }
        all.sort_by_key(|replacement| (replacement.range.start, replacement.range.end));
        let new = applied(&text, &all);
        let after = judged("pod.yaml", &new);
        assert!(after.problems.is_empty(), "{:?}\n{new}", after.problems);
        let repaired = repaired(&report).into_iter().filter(|repaired| *repaired).count();
        assert!(repaired > 4 && after.findings.len() + repaired <= report.findings.len(), "{new}");
    }
}
