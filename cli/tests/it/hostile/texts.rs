//! Texts that are large, deep or wide.

use std::fmt::Write;

use super::bounded::{check_beside_good, head};

/// Expects one error with this text for a file.
fn refused(mib: u64, text: &str, why: &str) {
    let run = check_beside_good(mib, &[("hostile.yaml", text.as_bytes())]);
    assert_eq!(run.code, 2, "{}", head(&run.out));
    let errors: Vec<&str> = run.out.lines().filter(|line| line.contains("hostile.yaml")).collect();
    assert_eq!(errors.len(), 1, "{}", head(&run.out));
    assert!(errors[0].contains(why), "{}", head(errors[0]));
}

/// There is nothing to say about a file, but that so many documents were not judged.
fn passed_over(mib: u64, text: &str, documents: usize) {
    let run = check_beside_good(mib, &[("hostile.yaml", text.as_bytes())]);
    assert_eq!(run.code, 1, "{}", head(&run.out));
    assert!(!run.out.contains("hostile.yaml"), "{}", head(&run.out));
    let count = format!(" {documents} document{} not judged", if documents == 1 { "" } else { "s" });
    assert!(run.out.contains(&count), "{}", head(&run.out));
}

#[test]
fn aliases_that_multiply() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    refused(256, &laughs, "aliases make this document far too large");
    let long = format!("a: &a [{}]\nb: [{}]\n", vec!["x"; 50_000].join(", "), vec!["*a"; 50_000].join(", "));
    refused(256, &long, "aliases make this document far too large");
    let nested = format!("a: {}{}\n", (0..240).map(|n| format!("&a{n} [")).collect::<String>(), "]".repeat(240));
    passed_over(256, &nested, 1);
    let merged = format!("a: &a {{b: c}}\nd:\n  <<: [{}]\n", vec!["*a"; 100_000].join(", "));
    passed_over(256, &merged, 1);
    refused(256, "a: &a [*a]\n", "this alias stands inside its own anchor");
}

#[test]
fn nesting_without_end() {
    const DEEP: usize = 100_000;
    for text in [
        "a: ".to_owned() + &"[".repeat(DEEP) + &"]".repeat(DEEP),
        "a: ".to_owned() + &"{a: ".repeat(DEEP) + &"}".repeat(DEEP),
        "[".repeat(DEEP),
        "{\"a\":".repeat(DEEP),
        "- ".repeat(DEEP) + "a\n",
        (0..2_000).map(|level| " ".repeat(level) + "a:\n").collect(),
        (0..2_000).map(|level| " ".repeat(level) + "-\n").collect(),
        "apiVersion: v1\nkind: Pod\nspec: ".to_owned() + &"{a: ".repeat(DEEP) + &"}".repeat(DEEP),
    ] {
        refused(128, &text, "nested deeper than 250 levels");
    }
    refused(128, &("? ".repeat(DEEP) + "a\n"), "a mapping key must be a scalar");
}

#[test]
fn a_hundred_megabytes() {
    const MIB: usize = 1 << 20;
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  a: ";
    let line = "    ".to_owned() + &"x".repeat(95) + "\n";
    passed_over(400, &(head.to_owned() + "|\n" + &line.repeat(MIB)), 1);
    passed_over(400, &(head.to_owned() + &"x".repeat(100 * MIB) + "\n"), 1);
    passed_over(400, &(head.to_owned() + "\"" + &"\\u0041".repeat(4 * MIB) + "\"\n"), 1);
    // A pod of that size goes to the policy, which has no room for it or answers.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {a: ".to_owned()
        + &"x".repeat(100 * MIB)
        + "}}\nspec: {containers: [{name: c, image: 'i:1'}]}\n";
    let run = check_beside_good(1_000, &[("hostile.yaml", pod.as_bytes())]);
    assert!([1, 2].contains(&run.code) && run.out.contains("hostile.yaml:"), "{}", super::bounded::head(&run.out));
    assert!(run.out.len() < 100_000, "the report does not repeat it");
}

#[test]
fn a_million_documents() {
    const MANY: usize = 1_000_000;
    passed_over(400, &"---\na: b\n".repeat(MANY), MANY);
    passed_over(400, &"---\n".repeat(MANY / 2), MANY / 2);
    passed_over(400, &"{}\n".repeat(MANY / 2), MANY / 2);
    passed_over(400, &"a: b\n...\n".repeat(MANY / 4), MANY / 4);
    passed_over(600, &"%YAML 1.1\n---\n...\n".repeat(MANY / 10), MANY / 10);
    let list =
        "apiVersion: v1\nkind: List\nitems:\n".to_owned() + &"- {apiVersion: v1, kind: Secret}\n".repeat(MANY / 10);
    passed_over(400, &list, MANY / 10);
    // Each of them broken.
    let run = check_beside_good(400, &[("hostile.yaml", "---\na: [\n".repeat(MANY / 20).as_bytes())]);
    assert_eq!((run.code, run.out.matches("hostile.yaml").count()), (2, MANY / 20));
}

#[test]
fn many_of_everything() {
    const MANY: usize = 200_000;
    let keys = |prefix: &str| (0..MANY).map(|n| format!("{prefix}k{n}: v\n")).collect::<String>();
    passed_over(256, &keys(""), 1);
    refused(256, &("a: b\n".to_owned() + &"? a\n".repeat(MANY)), "is there twice (first in line 1)");
    passed_over(256, &("a: \"".to_owned() + &"\n\n".repeat(20 * MANY) + "\"\n"), 1);
    passed_over(256, &("- ".to_owned() + &"a".repeat(100 * MANY) + "\n"), 1);
    passed_over(256, &format!("a: [{}]\n", "é, ".repeat(MANY) + "é"), 1);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n".to_owned()
        + &keys("    ")
        + "spec: {containers: [{name: c, image: 'i:1'}]}\n";
    let run = check_beside_good(400, &[("hostile.yaml", pod.as_bytes())]);
    assert_eq!(run.code, 1, "{}", head(&run.out));
    assert!(run.out.contains("hostile.yaml:"), "{}", head(&run.out));
}

#[test]
fn many_suppressions() {
    // Comments in front of nothing, each for the same line; and annotations on one line of half a megabyte.
    let run = check_beside_good(600, &[("hostile.yaml", "# harden: ignore[x] y\n".repeat(20_000).as_bytes())]);
    assert_eq!((run.code, run.out.matches("hostile.yaml").count()), (1, 20_000), "{}", head(&run.out));
    let annotations: Vec<String> = (0..5_000).map(|n| format!("harden/ignore.x{n}: z")).collect();
    let pod =
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p, annotations: {{{}}}}}\n", annotations.join(", "));
    let pod = pod + "spec: {containers: [{name: c, image: 'i:1'}]}\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pod.yaml"), pod).unwrap();
    let run = super::bounded::harden(folder.path(), 400, &["check", "--no-config", "pod.yaml"]);
    assert_eq!(run.code, 1, "{}", head(&run.out));
    assert!(run.out.len() < 5_000 * 1_000, "the long line is not shown for each");
}

#[test]
fn enormous_numbers() {
    let pod = |spec: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}\n  containers:\n  - name: c\n    image: i:1\n"
        )
    };
    let digits = "9".repeat(1_000_000);
    for (text, why) in [
        (
            pod("  securityContext: {runAsUser: 99999999999999999999999999}"),
            "runAsUser is the number 1e+26, must be a whole",
        ),
        (pod(&format!("  securityContext: {{runAsUser: {digits}}}")), "runAsUser is a string, must be a whole number"),
        (pod("  securityContext: {runAsUser: 1e999999999}"), "runAsUser is a string, must be a whole number"),
    ] {
        let run = check_beside_good(256, &[("hostile.yaml", text.as_bytes())]);
        let said = |line: &&str| line.starts_with("error: ./hostile.yaml:5:21: ") && line.contains(why);
        assert_eq!((run.code, run.out.lines().filter(said).count()), (2, 1), "{}", head(&run.out));
    }
    for spec in [
        format!("  priority: {digits}"),
        "  terminationGracePeriodSeconds: 1e999999999".to_owned(),
        "  x: 0x".to_owned() + &"f".repeat(1_000_000),
    ] {
        let run = check_beside_good(256, &[("hostile.yaml", pod(&spec).as_bytes())]);
        assert!(run.out.contains("hostile.yaml:"), "{}", head(&run.out));
    }
    for quantity in ["1e1000000000", "-1e-1000000000", &(digits.clone() + "Ei"), &format!("0.{digits}")] {
        let text = pod("") + &format!("    resources: {{limits: {{cpu: {quantity}, memory: \"{quantity}\"}}}}\n");
        let run = check_beside_good(256, &[("hostile.yaml", text.as_bytes())]);
        assert!(run.out.contains("hostile.yaml:"), "{}", head(&run.out));
        assert!(run.out.len() < 100_000, "a message does not repeat it");
    }
}

#[test]
fn what_is_no_text() {
    let run = check_beside_good(
        128,
        &[
            ("latin.yaml", b"a: b\nc: \xe9\n"),
            ("half.yaml", b"a: \xe2\x82"),
            ("utf16.yaml", b"\xff\xfea\0:\0 \0b\0"),
            ("nul.yaml", b"apiVersion: v1\nkind: P\0d\n"),
            ("binary.json", &[0; 10_000]),
            ("bell.yaml", b"a: \x07\n"),
            ("separator.yaml", "a: b # \u{2028}kind: Pod\n".as_bytes()),
        ],
    );
    assert_eq!(run.code, 2);
    for line in [
        "latin.yaml: is not text: line 2 is not UTF-8",
        "half.yaml: is not text: line 1 is not UTF-8",
        "utf16.yaml: is not text: line 1 is not UTF-8",
        "nul.yaml:2:8: is not valid YAML: the control character U+0000 is not allowed",
        "binary.json:1:1: is not valid YAML: the control character U+0000 is not allowed",
        "bell.yaml:1:4: is not valid YAML: the control character U+0007 is not allowed",
        "separator.yaml:1:8: is not valid YAML: the invisible line break U+2028 is not allowed",
    ] {
        assert!(run.out.contains(line), "{line}\n{}", run.out);
    }
}
