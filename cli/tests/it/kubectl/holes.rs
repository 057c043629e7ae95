//! The holes that were found in earlier readers, by their names.

/// A pod with something in its only container.
macro_rules! pod {
    ($rest:literal) => {
        concat!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: i\n",
            $rest
        )
    };
}

/// A name and a text that was read otherwise than `kubectl` reads it.
pub(crate) const HOLES: [(&str, &str); 44] = [
    (
        "s1-literal-behind-an-anchor",
        pod!("    args:\n    - 'x\n y'\n    - &a |\n      \"\n  hostPID: true\n  dnsPolicy: \"ClusterFirst\"\n"),
    ),
    (
        "s1-folded-behind-a-tag",
        pod!("    args:\n    - !!str >-\n      [\n    tty:\tfalse\n  hostPID: true\n  c: [d]\n"),
    ),
    (
        "s1-literal-behind-both",
        pod!("    args:\n    - &a !!str |+\n      '\n    w: 'a'#c\n  hostPID: true\n  a: 'b'\n"),
    ),
    (
        "s1-literal-behind-a-key-and-an-anchor",
        pod!("    args:\n    - k: &x |\n        {\n    w: [\n  a\n  ]\n  hostPID: true\n  g: {h: i}\n"),
    ),
    ("s1-verbatim-tag", pod!("    args:\n    - !<x> |\n      \"\n    w: \"x\n y\"\n  hostPID: true\n  a: \"b\"\n")),
    ("s1-tab-behind-a-colon", pod!("    tty:\tfalse\n  hostPID: true\n")),
    ("s1-comment-behind-a-quote", pod!("    w: '/x'#c\n    v: \"y\"#c\n    u: {a: b}#c\n")),
    ("s1-brackets-at-the-margin", pod!("    command: [\na\n]\n  x: {\nb: c\n}\n")),
    (
        "s3-key-behind-a-question-mark",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {?hostPID: true, containers: [{name: c}]}\n",
    ),
    (
        "s3-quoted-key-behind-a-question-mark",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {?\"hostPID\": true, ?x, containers: []}\n",
    ),
    (
        "s3-capability-behind-a-question-mark",
        pod!("    securityContext: {capabilities: {drop: [ALL], ?add: [SYS_ADMIN]}}\n"),
    ),
    ("s3-question-mark-in-a-list", pod!("    args: [?a, ?b: c, ? d, e?f]\n")),
    (
        "s4-items-of-any-kind",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n",
    ),
    ("s4-items-of-a-pod", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nitems:\n- spec: {hostPID: true}\n"),
    (
        "s4-typed-list",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: p}\n  spec: {hostPID: true}\n- null\n- {kind: '', apiVersion: ''}\n",
    ),
    (
        "s4-list-in-a-list",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod}\n",
    ),
    (
        "s4-list-in-a-typed-list",
        "apiVersion: v1\nkind: PodList\nitems:\n- items:\n  - {apiVersion: v1, kind: Pod}\n- {}\n",
    ),
    ("s4-list-without-api-version", "kind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n"),
    ("s4-pod-without-api-version", "kind: Pod\nmetadata: {name: p}\nspec: {hostPID: true}\n"),
    ("s4-typed-list-without-api-version", "kind: PodList\nitems:\n- metadata: {name: p}\n"),
    (
        "s4-separator-with-a-comment-at-once",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---#: |\n apiVersion: v1\n kind: Pod\n",
    ),
    (
        "s4-separator-with-a-comment",
        "apiVersion: v1\nkind: ConfigMap\n--- # c\napiVersion: v1\nkind: Pod\n---\t\napiVersion: v1\nkind: Pod\n",
    ),
    (
        "s4-separator-with-a-no-break-space",
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: \"b\n---\u{a0}\n\"}\nx: |\n apiVersion: v1\n kind: Pod\n",
    ),
    (
        "s4-separator-with-a-no-break-space-alone",
        "apiVersion: v1\nkind: ConfigMap\n---\u{a0}: |\n---\u{a0}\n apiVersion: v1\n kind: Pod\n",
    ),
    (
        "s4-separator-with-a-carriage-return",
        "apiVersion: v1\nkind: ConfigMap\n---\r# c\rx: |\n apiVersion: v1\n kind: Pod\n",
    ),
    (
        "s4-separator-with-a-next-line",
        "apiVersion: v1\nkind: ConfigMap\n--- #\u{85}x: |\n apiVersion: v1\n kind: Pod\n",
    ),
    ("s4-separator-in-front", "---#: |\n  a\napiVersion: v1\nkind: Pod\n"),
    ("s4-separator-in-quotes", "apiVersion: v1\nkind: Pod\nx: 'a\n---# '\napiVersion: v1\nkind: Pod\n"),
    ("s4-json-behind-a-no-break-space", "\u{a0}{apiVersion: v1,\nkind: Pod,\nmetadata: {name: p}}\n"),
    ("s4-json-and-then-yaml", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\napiVersion: v1\nkind: Pod\n"),
    (
        "s4-json-stream",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"} {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{}}\n",
    ),
    ("s4-line-that-ends-twice", pod!("    x: \"a\r\r\n      b\"\n")),
    ("s4-no-line-break-at-the-end", pod!("    args:\n    - |\n      x")),
    ("s10-anchor-with-a-colon", pod!("    securityContext: {capabilities: {drop: [&a:b ALL]}}\n")),
    (
        "s10-anchor-with-a-colon-in-lines",
        pod!("    securityContext:\n      capabilities:\n        drop:\n        - &a:b ALL\n"),
    ),
    ("s10-anchor-with-a-colon-at-a-key", pod!("    &a:b tty: false\n")),
    ("s10-anchor-with-a-question-mark", pod!("    tty: &a?c true\n    &k?l stdin: true\n")),
    ("s10-anchor-with-a-dot", pod!("    tty: &a.b true\n    stdin: *a.b\n")),
    ("s10-tag-with-a-comma", pod!("    securityContext: {privileged: false, !x,allowPrivilegeEscalation: false}\n")),
    ("s10-tag-with-a-comma-at-a-value", pod!("    securityContext: {privileged: !x,true, a: b}\n")),
    ("s16-key-with-its-colon", pod!("    x: {name:, tty: }\n    y: [x:]\n")),
    ("s16-key-with-its-colon-at-the-end", pod!("    x: {tty:}\n    y: {\"tty\":}\n    z: {a: b:}\n")),
    (
        "s16-colon-at-a-comma",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c,tty:,securityContext: {privileged: true}}]}\n",
    ),
    ("s16-value-left-out", "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c,image: i,tty: }]}\n"),
];
