//! The corpus of `cli/tests/roundtrip`: manifests in awkward styles, repaired by the bundle.
//!
//! `NAME.in.yaml` becomes `NAME.out.yaml` byte for byte (`BLESS=1` writes it, for a person to read), and what
//! it says is what the policy wanted. Refused changes stand at the end of the expected file as comments.

use std::fs;
use std::path::Path;

use hardening::bundle::Bundle;
use hardening::evaluate::validate;
use hardening::policy::Load;
use hardening::violation::Edit;
use kube_yaml::patch::{self, Applied, Group};
use kube_yaml::yaml::{self, Node, Segment};
use serde_json::{Value, json};

/// The settings that fix every file: a fill in the pod, in the container, in a list, and volumes.
const SETTINGS: &str = r#"{"action":"mutate","unfixable":"warn","rules":{
    "run-as-user":{"user":{"default":10001}},
    "read-only-root-filesystem":{"writablePaths":["/tmp"]},
    "resources":{"limits":{"memory":{"default":"64Mi"}},"requests":{"cpu":{"default":"10m"}}}}}"#;

/// The object as the bundle wants it.
fn wanted(object: &Value) -> Option<Value> {
    let (version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let request = json!({ "operation": "CREATE", "kind": {"group": group, "kind": kind}, "object": object });
    let settings: Value = serde_json::from_str(SETTINGS).unwrap();
    let payload = json!({ "settings": settings, "request": request }).to_string();
    let answer = validate(payload.as_bytes(), Bundle::load).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    Some(answer["mutated_object"].clone()).filter(Value::is_object)
}

fn value(node: &Node<'_>) -> Value {
    serde_json::from_str(&node.to_json()).unwrap()
}

/// Every object of a text, with what it should be.
fn targets(text: &str) -> Vec<(usize, Vec<Segment>, Value)> {
    let parsed = yaml::parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    let mut found = Vec::new();
    for (document, content) in parsed.documents.iter().enumerate() {
        let items = content.root.get("items").and_then(Node::as_sequence);
        let paths: Vec<Vec<Segment>> = match items {
            Some(items) => (0..items.len()).map(|i| vec![Segment::Key("items".into()), Segment::Index(i)]).collect(),
            None => vec![Vec::new()],
        };
        for path in paths {
            if let Some(wanted) = content.root.at(&path).map(value).as_ref().and_then(wanted) {
                found.push((document, path, wanted));
            }
        }
    }
    found
}

/// The text with every object as it should be.
fn patched(text: &str, wanted: &[(usize, Vec<Segment>, Value)]) -> Applied {
    let parsed = yaml::parse(text);
    let edits = |(document, path, wanted): &(usize, Vec<Segment>, Value)| {
        patch::edits(&value(parsed.documents[*document].root.at(path).unwrap()), wanted)
    };
    let edits: Vec<Vec<Edit>> = wanted.iter().map(edits).collect();
    let groups = wanted.iter().zip(&edits);
    let groups = groups.map(|((document, path, _), edits)| Group { document: *document, path, edits });
    patch::apply(text, &parsed, &groups.collect::<Vec<_>>())
}

fn check(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).unwrap();
    let wanted = targets(&text);
    let outcome = patched(&text, &wanted);

    let refused: String = outcome.refused.iter().map(|r| format!("# refused: {}: {}\n", r.path, r.reason)).collect();
    let expected = Path::new(&path.display().to_string().replace(".in.", ".out.")).to_path_buf();
    let actual = [outcome.text.as_str(), &refused].concat();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, &actual).unwrap();
    }
    if fs::read_to_string(&expected).unwrap_or_default() != actual {
        return Err(format!("{} differs; BLESS=1 writes it", expected.display()));
    }

    let parsed = yaml::parse(&outcome.text);
    for (index, (document, at, wanted)) in wanted.iter().enumerate() {
        let now = value(parsed.documents[*document].root.at(at).unwrap());
        let is_whole = !outcome.refused.iter().any(|refusal| refusal.group == index);
        if is_whole && now != *wanted {
            return Err(format!("{}: is not what was wanted:\n{now}\n{wanted}", path.display()));
        }
    }
    let again = patched(&outcome.text, &wanted);
    if again.text != outcome.text {
        return Err(format!("{}: a second repair changes more", path.display()));
    }
    for line in text.lines().filter(|line| line.trim_start().starts_with('#')) {
        if !outcome.text.lines().any(|other| other == line) {
            return Err(format!("{}: the comment {line:?} is gone", path.display()));
        }
    }
    match lost(&text, &outcome.text) {
        Some(lost) => Err(format!("{}: not all of {lost:?} is there", path.display())),
        None => Ok(()),
    }
}

/// Lines of the old text that are in the new one neither as they were nor with something put into them.
fn lost(old: &str, new: &str) -> Option<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new);
    let changes = changes.iter().filter(|change| change.tag() != similar::DiffTag::Equal);
    let mut changes = changes.map(|change| (old[change.old_range()].concat(), new[change.new_range()].concat()));
    changes.find(|(old, new)| !is_kept(old.as_bytes(), new.as_bytes())).map(|(old, _)| old)
}

/// The text that an edit may remove: an empty value that gets content, one that is written in another way, and the
/// white space around it.
const REPLACED: [&[u8]; 10] = [b"{}", b"[]", b"null", b"~", b"all", b"cap_net_raw", b" ", b"\t", b"\r", b"\n"];

/// Whether every byte of `old` is in `new`, in its order, but for what may be replaced.
fn is_kept(old: &[u8], new: &[u8]) -> bool {
    // For each byte of the old text, how much of the new one those before it take at least.
    let mut taken: Vec<Option<usize>> = vec![None; old.len() + 1];
    taken[0] = Some(0);
    for at in 0..old.len() {
        let Some(from) = taken[at] else { continue };
        let mut reach = |to: usize, end: usize| taken[to] = Some(taken[to].map_or(end, |known| known.min(end)));
        if let Some(found) = new[from..].iter().position(|byte| *byte == old[at]) {
            reach(at + 1, from + found + 1);
        }
        for value in REPLACED.iter().filter(|value| old[at..].starts_with(value)) {
            reach(at + value.len(), from);
        }
    }
    taken[old.len()].is_some()
}

#[test]
fn a_lost_byte_is_noticed() {
    let old = "a: {}\nb: c # d\n";
    assert_eq!(lost(old, "a:\n  x: 1\nb: c # d\n"), None);
    assert_eq!(lost(old, "a: {x: 1}\nb: c # d\ne: 1"), None);
    for new in ["a: {}\nb: c\n", "b: c # d\n", "a: {}\nb: # d\n", "b: c # d\na: {}\n", "A: {}\nb: c # d\n"] {
        assert!(lost(old, new).is_some(), "{new:?}");
    }
}

#[test]
fn every_style_keeps_what_is_not_edited() {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let folder = Path::new(&here).join("tests/roundtrip");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.display().to_string().contains(".in."));
    files.sort();
    assert!(files.len() >= 110, "only {} files", files.len());
    let failures: Vec<String> = files.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), files.len(), failures.join("\n"));
}
