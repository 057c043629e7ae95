//! Only what cannot be edited is left alone.

use super::*;

/// Nothing changes; path, line and a part of the reason of each refusal.
fn assert_refused(text: &str, changes: &str, refused: &[(&str, usize, &str)]) {
    let wanted = change(&meaning(text, 0), changes);
    let outcome = edit(text, &wanted);
    assert_eq!(outcome.text, text, "{changes}");
    let found: Vec<_> = outcome.refused.iter().map(|refusal| (refusal.path.as_str(), refusal.line)).collect();
    let known: Vec<_> = refused.iter().map(|(path, line, _)| (*path, *line)).collect();
    assert_eq!(found, known, "{text}\n{:?}", outcome.refused);
    for (refusal, (_, _, part)) in outcome.refused.iter().zip(refused) {
        assert!(refusal.reason.to_string().contains(part), "{}", refusal.reason);
    }
}

#[test]
fn what_comes_from_elsewhere() {
    let text = "a: &x {b: 1}\nc: *x\n";
    assert_refused(text, "/c/d = 2; /e = 3", &[("c.d", 2, "an alias from line 1")]);
    assert_refused(text, "/a/d = 2; /e = 3", &[("a.d", 1, "the anchor on line 1")]);
    assert_refused("a: &x {b: 1}\nc: {<<: *x}\n", "/c/b -", &[("c.b", 2, "a merge key from line 1")]);
    // A merge key behind an entry wins over it.
    assert_refused("a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n", "/c/b = 3", &[("c.b", 2, "a merge key from line 1")]);
}

#[test]
fn an_anchor_changes_only_if_its_users_agree() {
    let text = "a: &x\n  b: 1\n  c: 2\nd: *x\n";
    assert_refused(
        text,
        "/a/b = 3; /d/b = 3; /a/c = 4",
        &[("a.b", 2, "the anchor on line 1"), ("a.c", 3, "the anchor on line 1")],
    );
}

#[test]
fn an_alias_loses_no_anchor() {
    let text = "a: &x {b: 1}\nc: *x\n";
    assert_refused(text, "/a -", &[("a", 1, "the anchor on line 1")]);
}

#[test]
fn odd_layouts() {
    let pair = "a: [b: c]\n";
    assert_refused(pair, "/a/0/x = 1", &[("a[0].x", 1, "this layout")]);
    let tagged = "a: !!str 5\n";
    assert_refused(tagged, "/a = 5", &[("a", 1, "without changing something else")]);
}

#[test]
fn templates_that_happen_to_be_yaml() {
    let text = "a: 1\n---\n# {{- if .Values.on }}\na: {b: 1}\n# {{- end }}\n";
    let parsed = yaml::parse(text);
    let wanted = [json!({"a": 2}), json!({"a": {"b": 1, "c": 2}})];
    let targets: Vec<Target<'_>> = (0..parsed.documents.len())
        .map(|document| Target { document, path: Vec::new(), wanted: &wanted[document] })
        .collect();
    let outcome = patch(text, &targets);
    assert_eq!(outcome.text, text.replacen("a: 1", "a: 2", 1));
    assert_eq!((outcome.refused[0].group, outcome.refused[0].line), (1, 2));
    assert!(
        outcome.refused[0].reason.to_string().contains("is in a template: the comment on line 3"),
        "{:?}",
        outcome.refused
    );
    // A value in quotes is a value.
    let quoted = "a: \"{{ .Values.a }}\" # {{ .Values.a }}\n";
    let outcome = edit(quoted, &json!({"a": "{{ .Values.a }}", "b": 1}));
    assert_eq!(outcome.text, [quoted, "b: 1\n"].concat());
}

#[test]
fn one_document_does_not_spoil_the_others() {
    let text = "a: 1\n---\nb: [\n---\na: &x {b: 1}\nc: *x\n---\na: 2 # c\n";
    let parsed = yaml::parse(text);
    assert_eq!((parsed.documents.len(), parsed.errors.len()), (3, 1));
    let wanted: Vec<Value> = [json!({"a": 1, "z": 1}), json!({"a": {"b": 1}, "c": {"b": 2}}), json!({"a": 3})].into();
    let target = |(document, wanted)| Target { document, path: Vec::new(), wanted };
    let targets: Vec<Target<'_>> = wanted.iter().enumerate().map(target).collect();
    let outcome = patch(text, &targets);
    assert_eq!(outcome.text, "a: 1\nz: 1\n---\nb: [\n---\na: &x {b: 1}\nc: *x\n---\na: 3 # c\n");
    let refused: Vec<_> = outcome.refused.iter().map(|r| (r.group, r.path.as_str(), r.line)).collect();
    assert_eq!(refused, [(1, "c.b", 6)]);
    assert!(outcome.refused[0].reason.to_string().contains("line 5"), "{}", outcome.refused[0].reason);
}

#[test]
fn items_of_a_list_share_a_document() {
    let text = "kind: List\nitems:\n- a: &x\n    b: 1\n- a: *x\n- c: {}\n";
    let both = json!({"a": {"b": 2}});
    let third = json!({"c": {"d": 1}});
    let target = |index: usize, wanted| Target {
        document: 0,
        path: vec![Segment::Key("items".into()), Segment::Index(index)],
        wanted,
    };
    let outcome = patch(text, &[target(0, &both), target(1, &both), target(2, &third)]);
    assert_eq!(outcome.refused, []);
    assert_eq!(outcome.text, "kind: List\nitems:\n- a: &x\n    b: 2\n- a: *x\n- c:\n    d: 1\n");
    // Only one of two wants it.
    let outcome = patch(text, &[target(0, &both), target(2, &third)]);
    assert_eq!(outcome.text, text.replace("{}", "\n    d: 1").replace("c: \n", "c:\n"));
    assert_eq!((outcome.refused.len(), outcome.refused[0].group), (1, 0));
}

#[test]
fn targets_that_are_not_there() {
    let wanted = json!({"a": 2});
    let path = vec![Segment::Key("x".to_owned())];
    let twice = |document, path| Target { document, path, wanted: &wanted };
    let targets = [twice(0, vec![]), twice(0, vec![]), twice(7, vec![]), twice(1, path)];
    let outcome = patch("a: 1\n---\nb: 1\n", &targets);
    assert_eq!(outcome.text, "a: 2\n---\nb: 1\n");
    assert_eq!(outcome.refused.iter().map(|refusal| refusal.group).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(patch("", &[]), Applied::default());
}

#[test]
fn many_bad_changes_end_in_time() {
    let mut text = "a: &x\n".to_owned();
    let mut wanted = json!({"a": {}, "c": {}});
    for index in 0..400 {
        text += &format!("  k{index}: 1\n");
        wanted["a"][format!("k{index}")] = json!(if index % 2 == 0 { 2 } else { 1 });
        wanted["c"][format!("k{index}")] = json!(1);
    }
    text += "c: *x\nd: 1\n";
    wanted["d"] = json!(2);
    let outcome = edit(&text, &wanted);
    assert_eq!(outcome.text, text);
    assert!(outcome.refused.len() >= 200);
}
