//! Texts that `kubectl` reads otherwise than most parsers: what it would create is what is judged.

use kube_yaml::yaml;

use crate::support::{folder, harden};

/// A pod without anything to find.
const GOOD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: ghcr.io/org/app:1
    resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}
    securityContext:
      privileged: false
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop:
        - ALL
";

/// Runs `harden check` on the pod with a part replaced.
fn check(part: &str, new: &str) -> (i32, String) {
    assert!(GOOD.contains(part), "{part}");
    let folder = folder(&[("pod.yaml", &GOOD.replace(part, new))]);
    let run = harden(folder.path(), &["check", "--no-config", "--strict", "--require-objects", "pod.yaml"]);
    (run.code, run.out + &run.err)
}

/// The pod with a part replaced violates a rule.
fn violates(part: &str, new: &str, rule: &str) {
    let (code, out) = check(part, new);
    assert!(code == 1 && out.contains(rule), "{new}\n{code} {out}");
}

#[test]
fn the_pod_is_good() {
    assert_eq!(check("- ALL", "- ALL").0, 0);
}

#[test]
fn s1_containers_behind_a_block_scalar_are_judged() {
    for header in ["&a |", "!!str >-", "&a !!str |+", "! |", "!<x> |", "k: &x |"] {
        for odd in ["'x\n y'", "\"x\n y\"", "'x'#c", "[x,\n y]"] {
            let more = format!(
                "- ALL\n    args:\n    - {odd}\n    - {header}\n        \"\n  - name: evil\n    image: evil.example/rootkit:1\n    \
                 securityContext: {{privileged: true}}\n  hostPID: true\n  dnsPolicy: \"ClusterFirst\"\n"
            );
            violates("- ALL", &more, "hostPID");
            violates("- ALL", &more, "evil");
        }
    }
}

#[test]
fn s3_a_key_behind_a_question_mark_in_brackets_is_that_key() {
    violates("runAsNonRoot: true,", "?runAsNonRoot: false,", "runAsNonRoot");
    violates("{cpu: 1, memory: 1Gi}}", "{cpu: 1, ?memory: 2Gi}}", "memory");
    let drop = "capabilities:\n        drop:\n        - ALL\n";
    violates(drop, "capabilities: {drop: [ALL], ?add: [SYS_ADMIN]}\n", "SYS_ADMIN");
    violates(drop, "capabilities: {drop: [ALL], ? add : [SYS_ADMIN]}\n", "SYS_ADMIN");
}

#[test]
fn s10_anchors_and_tags_end_where_they_do_for_kubectl() {
    violates("- ALL", "- &a:b ALL", "drop");
    violates("privileged: false", "&a:b privileged: false", "privileged");
    let field = "      allowPrivilegeEscalation: false\n";
    violates(field, "      &a?b allowPrivilegeEscalation: false\n", "allowPrivilegeEscalation");
    violates("runAsUser: 1000,", "!x,runAsUser: 1000,", "runAsUser");
    // In brackets the anchor is that of an empty key, which `kubectl` does not take either.
    for refused in ["- &é ALL", "- &a.b ALL", "- *a/b", "- [&a:b ALL]"] {
        assert_eq!(check("- ALL", refused).0, 2, "{refused}");
    }
}

#[test]
fn s16_a_colon_that_ends_a_word_in_brackets_is_a_part_of_it() {
    violates("runAsUser: 1000,", "runAsUser:,", "runAsUser");
    violates("{type: RuntimeDefault}", "{type:}", "seccomp");
}

/// The text of a fix means the same to `kubectl`, except for the fix.
#[test]
fn s1_s16_fixes_can_be_read() {
    for (text, kept) in [
        ("  - name: b\n    args:\n    - 'x\n y'\n    - &a |\n        \"\n    image: c:1\n", "x y"),
        ("  - {name: b,image: \"c:1\",tty: }\n", "\"tty\":null"),
        ("  - {name: b,image: \"c:1\", ?tty: true}\n", "\"tty\":true"),
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n{text}  dnsPolicy: Default\n"
        );
        let folder = folder(&[("pod.yaml", &text)]);
        let run = harden(folder.path(), &["fix", "--no-config", "pod.yaml"]);
        let fixed = std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
        assert_ne!(fixed, text, "{}{}", run.out, run.err);
        let parsed = yaml::parse(&fixed);
        assert_eq!(parsed.errors, [], "{fixed}");
        let json = parsed.documents[0].root.to_json();
        for part in [kept, "\"allowPrivilegeEscalation\":false", "\"dnsPolicy\":\"Default\""] {
            assert!(json.contains(part), "{part}: {fixed}");
        }
    }
}
