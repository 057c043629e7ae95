//! Judging by outline finds, counts and refuses what judging whole documents does.
#![allow(clippy::unwrap_used)]

use super::*;
use sandbox::{Engine, Options};

pub(super) fn judge(settings: &str) -> Judge {
    let engine = Engine::new(Options { pool: 1, ..Options::default() }).unwrap();
    Judge::new(embedded::bundle(&engine).unwrap(), settings.to_owned()).unwrap()
}

pub(super) const POINTED: &str = r#"{"podTemplates":["/spec/workload"]}"#;
const EVERY_KIND: &str = r#"{"unknownKinds":"reject"}"#;

/// Judges a text by outline, and whole with the event parser; they agree. Gives how many chunks were passed over.
pub(super) fn compare(judge: &Judge, text: &str) -> usize {
    let by_outline = Part::of_chunks(judge, yaml::chunks(text)).finish();
    let whole = Part::of_parsed(judge, &yaml::parse_by_events(text), false).finish();
    assert_eq!(format!("{by_outline:#?}"), format!("{whole:#?}"), "{text}");
    yaml::chunks(text).filter(|chunk| pass_over(judge, chunk).is_some()).count()
}

#[test]
fn a_corpus_is_judged_alike() {
    let shape = corpus::Shape { files: 120, documents: 400, workloads: 60, bytes: 1_000_000 };
    let files = corpus::files(&shape, 3);
    let judges = [judge("{}"), judge(POINTED), judge(EVERY_KIND)];
    let mut passed = [0; 3];
    let mut counts = Counts::default();
    for file in &files {
        for (judge, passed) in judges.iter().zip(&mut passed) {
            *passed += compare(judge, &file.text);
        }
        counts.add(Part::of_chunks(&judges[0], yaml::chunks(&file.text)).finish().counts);
    }
    // The generator knows what it wrote.
    let census = corpus::Census::of(&files);
    let found = (counts.judged, counts.without_template, counts.not_kubernetes, counts.empty);
    assert_eq!(found, (census.workloads, census.without_template, census.not_kubernetes, census.empty));
    assert!(passed[0] > 280 && passed[1] > 200, "{passed:?}");
    assert_eq!(passed[2], 0, "every object is to be judged");
}

#[test]
fn the_examples_are_judged_alike() {
    let judge = judge("{}");
    let root = std::path::Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../examples");
    let mut read = 0;
    for folder in ["insecure", "hardened"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            compare(&judge, &std::fs::read_to_string(entry.unwrap().path()).unwrap());
            read += 1;
        }
    }
    assert!(read > 20);
}

/// A template is found however YAML lets its keys be written, and nowhere else.
#[test]
fn a_template_is_never_overlooked() {
    let container = "[{name: c, image: 'i:1'}]";
    let spec = "spec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: i:1\n";
    let head = "apiVersion: example.com/v1\nkind: Rollout\nmetadata: {name: r}\n";
    let workloads = [
        format!("{head}{spec}"),
        format!("{head}{}", spec.replace("containers", "\"containers\"")),
        format!("{head}{}", spec.replace("containers", "'containers'")),
        format!("{head}{}", spec.replace("containers", "\"\\x63ontainers\"")),
        format!("{head}{}", spec.replace("containers", "\"con\\u0074ainers\"")),
        format!("{head}{}", spec.replace("containers:", "? containers\n      :")),
        format!("{head}{}", spec.replace("containers:", "!!str containers:")),
        format!("{head}{}", spec.replace("containers:", "&k containers:")),
        format!("x: &k containers\n{head}{}", spec.replace("containers:", "*k :")),
        format!("{head}spec: {{template: {{spec: {{containers: {container}}}}}}}\n"),
        format!("{head}spec: {{\"template\": {{\"spec\": {{\"containers\": {container}}}}}}}\n"),
        format!("x: &t\n  spec:\n    containers: {container}\n{head}spec:\n  template: *t\n"),
        format!("x: &t\n  spec:\n    containers: {container}\n{head}spec:\n  template:\n    <<: *t\n"),
        format!(
            "{head}spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers: {container}\n"
        ),
        r#"{"apiVersion":"a/v1","k\u0069nd":"R","spec":{"template":{"spec":{"\u0063ontainers":[{"name":"c"}]}}}}"#
            .to_owned(),
        format!("{head}{spec}").replace('\n', "\r\n"),
        format!("apiVersion: v1\nkind: List\nitems:\n- {}", format!("{head}{spec}").replace('\n', "\n  ").trim_end()),
        format!("apiVersion: apps/v1\nkind: \"Deploy\\\n  ment\"\n{spec}"),
        "apiVersion: v1\nkind: Pod\n".to_owned(),
    ];
    let judge_plain = judge("{}");
    for text in &workloads {
        assert_eq!(compare(&judge_plain, text), 0, "{text}");
        let FileReport { problems, counts, .. } = Part::of_chunks(&judge_plain, yaml::chunks(text)).finish();
        assert_eq!(counts.judged + counts.partial + problems.len(), 1, "{text}");
    }
    let others = [
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    kind: Deployment\n    spec:\n      template:\n        spec:\n          containers: []\n".to_owned(),
        format!("{head}# spec: {{template: {{spec: {{containers: []}}}}}}\n"),
        format!("{head}spec:\n  template:\n    spec:\n      containers: 3\n"),
        format!("{head}spec:\n  other:\n    template:\n      spec:\n        containers:\n        - name: c\n"),
        "a: b\n".to_owned(),
        "kind: Deployment\n".to_owned(),
    ];
    for text in &others {
        assert_eq!(compare(&judge_plain, text), 1, "{text}");
    }
    // Where the settings point to.
    let judge = judge(POINTED);
    let pointed = format!("{head}spec:\n  workload:\n    spec:\n      containers:\n      - name: c\n");
    assert_eq!(compare(&judge, &pointed), 0);
    assert_eq!(compare(&judge, &others[1].replace("containers", "x")), 1);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let judge = judge("{}");
    for text in [
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: b\n",
        "apiVersion: v1\nkind: ConfigMap\nkind: ConfigMap\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: 1\n  a: 2\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n\ta: 1\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: *nowhere\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: .inf\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  ~: a\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"kind\": \"x\"}\n",
    ] {
        let text = format!("a: b\n---\n{text}---\nc: d\n");
        assert_eq!(compare(&judge, &text), 2, "{text}");
        assert_eq!(Part::of_chunks(&judge, yaml::chunks(&text)).finish().problems.len(), 1, "{text}");
    }
}

#[test]
fn parts_make_up_the_whole() {
    let judge = judge("{}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n";
    let text = format!("# c\n---\n{pod}---\na: [\n---\n---\nb: c\n---\n{pod}");
    let chunks: Vec<_> = yaml::chunks(&text).collect();
    let whole = format!("{:?}", Part::of_chunks(&judge, chunks.iter().copied()).finish());
    for at in 0..=chunks.len() {
        let (first, second) = chunks.split_at(at);
        let mut part = Part::of_chunks(&judge, first.iter().copied());
        part.append(Part::of_chunks(&judge, second.iter().copied()));
        assert_eq!(format!("{:?}", part.finish()), whole);
    }
    // Nothing but comments is one empty document, in however many parts.
    let mut nothing = Part::default();
    nothing.append(Part::of_chunks(&judge, yaml::chunks("# c\n")));
    assert_eq!(nothing.finish().counts, Counts { empty: 1, ..Counts::default() });
}
