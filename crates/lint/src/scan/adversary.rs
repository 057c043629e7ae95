//! Documents put together at random from what could mislead a reader that does not read everything: whatever they
//! are, the outline finds, counts and refuses what the whole reading does.
#![allow(clippy::unwrap_used)]

use super::tests::{POINTED, compare, judge};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// Texts that may stand before the first key.
const HEADS: [&str; 9] = [
    "",
    "---\n",
    "--- # kind: Pod\n",
    "\u{feff}",
    "\u{feff}---\n",
    "%YAML 1.1\n---\n",
    "%TAG ! tag:example.com,2000:\n---\n",
    "# kind: Pod\n\n",
    "a: b\n---\n",
];

const VERSIONS: [&str; 12] = [
    "apiVersion: apps/v1\n",
    "apiVersion: v1\n",
    "\"apiVersion\": 'apps/v1'\n",
    "'apiVersion': \"apps\\/v1\"\n",
    "\"api\\u0056ersion\": apps/v1\n",
    "? apiVersion\n: apps/v1\n",
    "!!str apiVersion: apps/v1\n",
    "apiVersion: &v apps/v1\n",
    "apiVersion: |-\n  apps/v1\n",
    "apiVersion: >-\n  apps/v1\n",
    "apiVersion: 1\n",
    "",
];

const KINDS: [&str; 20] = [
    "kind: Deployment\n",
    "kind: Pod\n",
    "kind: ConfigMap\n",
    "kind: Rollout\n",
    "kind: Rollout # kind: Pod\n",
    "\"kind\": \"Deployment\"\n",
    "\"\\x6bind\": Deployment\n",
    "\"ki\\\n  nd\": Deployment\n",
    "kind: \"Deploy\\\n  ment\"\n",
    "kind: \"Deploy\\u006dent\"\n",
    "kind: >-\n  Deployment\n",
    "kind: |\n  Deployment\n",
    "kind: !!str Deployment\n",
    "kind: &k Deployment\n",
    "kind :   Deployment\n",
    "kind:\n  Deployment\n",
    "kind: List\n",
    "kind: yes\n",
    "kind: ConfigMap\n\"kind\": Pod\n",
    "",
];

const BODIES: [&str; 24] = [
    "spec:\n  template:\n    spec:\n      containers:\n      - name: c\n",
    "spec:\n  template:\n    spec:\n      \"containers\":\n        - name: c\n",
    "spec: {template: {spec: {containers: [{name: c}]}}}\n",
    "spec: {\"template\": {'spec': {\"\\x63ontainers\": [{name: c}]}}}\n",
    "spec:\n  containers: [{name: c}]\n",
    "spec:\n  jobTemplate: {spec: {template: {spec: {containers: []}}}}\n",
    "spec:\n  workload:\n    spec:\n      containers:\n      - name: c\n",
    "x: &t\n  spec: {containers: [{name: c}]}\nspec:\n  template: *t\n",
    "x: &t\n  template: {spec: {containers: [{name: c}]}}\nspec:\n  <<: *t\n",
    "<<: {spec: {template: {spec: {containers: [{name: c}]}}}}\n",
    "? spec\n: template: {spec: {containers: [{name: c}]}}\n",
    "data:\n  a: |\n    kind: Deployment\n    spec:\n      template: {spec: {containers: [{name: c}]}}\n",
    "data:\n  a: >+\n    kind: Deployment\n\n    spec: x\n\n",
    "data:\n  a: \"x\n    kind: Pod\n    spec: y\"\n",
    "data:\n  a: 'it''s\n\n    kind: Pod'\n",
    "data:\n  a: plain\n    kind and more\n",
    "data:\n  a: |2\n      kind: Pod\n",
    "# spec:\n#   template: {spec: {containers: []}}\n",
    "items:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers: [{name: c}]\n- kind: x\n",
    "items: [{apiVersion: v1, kind: Pod, spec: {containers: [{name: c}]}}]\n",
    "spec:\n  template:\n    spec:\n      containers: &c\n",
    "spec:\n  template:\n    spec:\n      containers: 3\n",
    "metadata: {name: n, namespace: \"\\u006e\", annotations: {a: 010, b: 1e3}}\n",
    "",
];

/// Texts that are wrong or only look so.
const ODDITIES: [&str; 14] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "a: [\n",
    "a: b: c\n",
    "\ta: b\n",
    "a: *nowhere\n",
    "a: 1\na: 2\n",
    "a: .inf\n",
    "a: @b\n",
    "a: \u{85}\n",
];

const TAILS: [&str; 10] = [
    "",
    "",
    "\n",
    "...\n",
    "...\nkind: Pod\n",
    "---\n",
    "---\nkind: Pod\napiVersion: v1\n",
    "# kind: Pod",
    "  ",
    "   # c\n",
];

fn documents() -> impl Strategy<Value = String> {
    let parts = (select(&VERSIONS[..]), select(&KINDS[..]), select(&BODIES[..]), select(&ODDITIES[..]));
    let shuffled = parts.prop_flat_map(|(a, b, c, d)| Just(vec![a, b, c, d]).prop_shuffle());
    (select(&HEADS[..]), shuffled, select(&TAILS[..]), 0..8_u8).prop_map(|(head, parts, tail, form)| {
        let text = format!("{head}{}{tail}", parts.concat());
        match form {
            0 => text.replace('\n', "\r\n"),
            1 => text.replace('\n', "\r"),
            2 => text.trim_end().to_owned(),
            _ => text,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_misleads_the_outline(texts in proptest::collection::vec(documents(), 1..3), pointed in any::<bool>()) {
        thread_local! {
            static JUDGES: [Judge; 2] = [judge("{}"), judge(POINTED)];
        }
        JUDGES.with(|judges| compare(&judges[usize::from(pointed)], &texts.concat()));
    }
}

/// The pieces are not all so odd that nothing is ever passed over, nor all so plain that everything is.
#[test]
fn the_pieces_are_of_both_kinds() {
    let judge = judge("{}");
    let mut passed = 0;
    let mut all = 0;
    for kind in KINDS {
        for body in BODIES {
            let text = format!("apiVersion: apps/v1\n{kind}{body}");
            passed += compare(&judge, &text);
            all += yaml::chunks(&text).count();
        }
    }
    assert!(passed * 10 > all && passed * 10 < all * 9, "{passed} of {all}");
}
