//! The summary, counted once more; every format against the JSON report.

use serde_json::Value;

use super::folders::{Dice, Expected, Generated, generate};
use super::formats::{self, Open};
use crate::support::harden;

/// Folders that are generated; `TRUTH_CASES` for more.
fn cases() -> u64 {
    std::env::var("TRUTH_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

const FORMATS: [&str; 9] = ["text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"];

#[test]
fn net5_reports_tell_the_truth() {
    let (mut findings, mut judged) = (0, 0);
    for seed in 0..cases() {
        let Generated { folder, expected, further } = generate(&mut Dice::of(seed));
        let out = tempfile::tempdir().unwrap();
        let path = |format: &str| out.path().join(format).display().to_string();
        let mut args = vec!["check".to_owned(), ".".to_owned()];
        for format in FORMATS {
            args.extend(["--format".to_owned(), format!("{format}={}", path(format))]);
        }
        // What is named twice is judged once.
        if seed % 3 == 0 {
            args.extend([".".to_owned(), "z.yaml".to_owned()]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let run = harden(folder.path(), &args);
        let case = format!("seed {seed} in {}", folder.path().display());
        let report =
            |format: &str| std::fs::read_to_string(path(format)).unwrap_or_else(|_| panic!("{case}: {}", run.err));
        let json: Value = serde_json::from_str(&report("json")).unwrap();
        assert_eq!(summary(&json), expected, "{case}");
        let code = if expected.problems > 0 { 2 } else { i32::from(expected.errors > 0) };
        assert_eq!(run.code, code, "{case}: {}", run.err);
        recount(&json, &case);
        let open = formats::open(&json);
        assert_eq!(
            open.iter().filter(|finding| finding.rule == "evil.wasm").count() > 0,
            further && expected.judged > 0
        );
        for format in FORMATS {
            formats::same_findings(format, &report(format), &json, &case);
            formats::in_its_place(format, &report(format), &case);
        }
        (findings, judged) = (findings + open.len(), judged + expected.judged);
    }
    assert!(findings > 100 && judged > 100, "{findings} findings in {judged} objects");
    println!("{} folders, {judged} objects, {findings} findings in {} formats", cases(), FORMATS.len());
}

fn number(json: &Value, key: &str) -> usize {
    usize::try_from(json["summary"][key].as_u64().unwrap()).unwrap()
}

/// Returns the summary of the JSON report.
fn summary(json: &Value) -> Expected {
    let of = |key: &str| number(json, key);
    Expected {
        files: of("files"),
        errors: of("errors"),
        warnings: of("warnings"),
        suppressed: of("suppressed"),
        problems: of("problems"),
        judged: of("judged"),
        with_findings: of("withFindings"),
        without_template: of("withoutTemplate"),
        not_kubernetes: of("notKubernetes"),
        partial: of("partial"),
        empty: of("empty"),
    }
}

/// The lists of the JSON report add up to its summary.
fn recount(json: &Value, case: &str) {
    let open: Vec<Open> = formats::open(json);
    let level = |level: &str| open.iter().filter(|finding| finding.level == level).count();
    assert_eq!((level("error"), level("warning")), (number(json, "errors"), number(json, "warnings")), "{case}");
    assert_eq!(number(json, "failing"), level("error"), "{case}");
    assert_eq!(json["problems"].as_array().unwrap().len(), number(json, "problems"), "{case}");
    let muted = json["findings"].as_array().unwrap().len() - open.len();
    assert_eq!(muted, number(json, "suppressed") + number(json, "known") + number(json, "exempted"), "{case}");
}
