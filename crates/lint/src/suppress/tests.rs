use super::*;
use kube_yaml::yaml::Segment;

const POD: &str = "\
# above
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: app:latest
      securityContext:
        privileged: true
    - name: side
      image: side:latest
";

/// Findings as a policy would report them for `POD` and texts made from it.
fn findings(text: &str) -> Vec<Finding> {
    let parsed = kube_yaml::yaml::parse(text);
    let mut found = Vec::new();
    for document in &parsed.documents {
        let containers = document.root.at(&[Segment::Key("spec".into()), Segment::Key("containers".into())]);
        for (index, container) in containers.and_then(|c| c.as_sequence()).unwrap_or_default().iter().enumerate() {
            let name = container.get("name").and_then(|name| name.as_str()).map(str::to_owned);
            for (rule, field) in [
                ("image-tag", "image"),
                ("privileged", "securityContext.privileged"),
                ("seccomp-profile", "securityContext.seccompProfile"),
            ] {
                let path = format!("spec.containers[{index}].{field}");
                found.push(Finding {
                    place: Place::find(&document.root, &path),
                    level: Level::Error,
                    object: Object::of(&document.root),
                    violation: Violation {
                        path,
                        container: name.clone(),
                        ..Violation::whole(rule, String::new(), true)
                    },
                    policy: None,
                    muted: None,
                });
            }
        }
    }
    found
}

/// `rule@container` of what is muted, and `rule: message` of what is said about suppressions.
fn judged(text: &str) -> (Vec<String>, Vec<String>) {
    let mut found = findings(text);
    let known = ["image-tag", "privileged", "seccomp-profile", "capabilities"];
    apply(&Text::new(text), &mut found, &known, &|_| true, "2026-11-24".parse().unwrap());
    let muted = found.iter().filter(|finding| finding.muted.is_some());
    let muted = muted.map(|f| format!("{}@{}", f.violation.rule, f.violation.container.as_deref().unwrap_or("")));
    let about = found.iter().filter(|finding| [UNUSED, EXPIRED, INVALID].contains(&&*finding.violation.rule));
    let about = about.map(|f| format!("{}:{} {}", f.place.line, f.violation.rule, f.violation.message));
    (muted.collect(), about.collect())
}

fn with(line: &str, comment: &str) -> String {
    assert!(POD.contains(line), "{line}");
    POD.replacen(line, &format!("{line} # harden: ignore{comment}"), 1)
}

#[test]
fn a_comment_mutes_what_begins_on_its_line() {
    for (text, muted) in [
        (with("image: app:latest", "[image-tag] x"), vec!["image-tag@app"]),
        (with("privileged: true", "[privileged] x"), vec!["privileged@app"]),
        // A container: also what it lacks.
        (with("- name: side", "[privileged, seccomp-profile] x"), vec!["privileged@side", "seccomp-profile@side"]),
        // A field with all below it.
        (with("securityContext:", "[privileged] x"), vec!["privileged@app"]),
        (with("spec:", "[image-tag] x"), vec!["image-tag@app", "image-tag@side"]),
        // The document, by its first line or the comment above it.
        (with("apiVersion: v1", "[image-tag] x"), vec!["image-tag@app", "image-tag@side"]),
        (with("# above", "[image-tag] x").replace("# above ", ""), vec!["image-tag@app", "image-tag@side"]),
        // A line of its own is for the next one.
        (
            POD.replace("      image: app", "      # harden: ignore[image-tag] x\n      # more\n      image: app"),
            vec!["image-tag@app"],
        ),
    ] {
        let (found, about) = judged(&text);
        assert_eq!((found, about), (muted.iter().map(|m| (*m).to_owned()).collect(), vec![]), "{text}");
    }
}

#[test]
fn what_looks_like_a_comment_in_a_value_is_none() {
    let block =
        POD.replace("  name: web", "  name: web\n  annotations:\n    note: |\n      # harden: ignore[image-tag] x");
    assert_eq!(judged(&block), (vec![], vec![]));
    let quoted = POD.replace("name: web", "name: \"a # harden: ignore[image-tag] x\"");
    assert_eq!(judged(&quoted), (vec![], vec![]));
}

#[test]
fn other_documents_are_not_meant() {
    let two = format!("{}---\n{POD}", with("apiVersion: v1", "[image-tag] x"));
    assert_eq!(judged(&two).0.len(), 2);
    let second = format!("{POD}--- # harden: ignore[image-tag] x\n{POD}");
    assert_eq!(judged(&second).0.len(), 2);
}

#[test]
fn annotations_mute_for_the_object_or_one_container() {
    let annotated =
        |annotation: &str| POD.replace("  name: web", &format!("  name: web\n  annotations:\n    {annotation}"));
    assert_eq!(judged(&annotated("harden/ignore.image-tag: x")).0, ["image-tag@app", "image-tag@side"]);
    assert_eq!(judged(&annotated("harden/ignore.image-tag.side: x")).0, ["image-tag@side"]);
    let (muted, about) = judged(&annotated("harden/ignore.image-tag: ''"));
    assert!(
        muted.is_empty() && about[0].starts_with("7:invalid-suppression a suppression needs a reason"),
        "{about:?}"
    );
}

#[test]
fn suppressions_that_are_not_as_they_should_be_are_findings() {
    for (comment, muted, about) in [
        ("[image-tag]", 0, "9:invalid-suppression a suppression needs a reason"),
        (" image-tag x", 0, "9:invalid-suppression name the rules"),
        ("[image-tags] x", 0, "9:invalid-suppression there is no rule image-tags, did you mean image-tag?"),
        (
            "[image-tag] until=2026-11-23 x",
            0,
            "9:expired-suppression the suppression of image-tag was until 2026-11-23: x",
        ),
        ("[image-tag] until=tomorrow x", 0, "9:invalid-suppression \"tomorrow\" is not a date"),
        ("[image-tag, capabilities] x", 1, "9:unused-suppression there is nothing to ignore for capabilities"),
    ] {
        let (found, said) = judged(&with("image: app:latest", comment));
        assert_eq!((found.len(), said.len()), (muted, 1), "{comment}: {said:?}");
        assert!(said[0].starts_with(about), "{comment}: {said:?}");
    }
    assert_eq!(
        judged(&with("image: app:latest", "[image-tag] until=2026-11-24 x")),
        (vec!["image-tag@app".into()], vec![])
    );
    let after = format!("{POD}# harden: ignore[image-tag] x\n");
    assert!(judged(&after).1[0].contains(UNUSED), "nothing follows it");
}
