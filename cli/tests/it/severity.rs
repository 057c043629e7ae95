//! `--severity`: reports of the worst only.

use serde_json::Value;

use crate::support::*;

/// Findings of every severity.
const FILES: [(&str, &str); 1] = [("deploy/pod.yaml", PRIVILEGED)];

fn json(folder: &std::path::Path, args: &[&str]) -> (i32, Value) {
    let run = harden(folder, &[&["check", "--format", "json"], args, &["deploy"]].concat());
    (run.code, serde_json::from_str(&run.out).unwrap())
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn what_is_less_severe_is_hidden_counted_and_fails_all_the_same() {
    let folder = folder(&FILES);
    let (code, all) = json(folder.path(), &[]);
    assert_eq!((code, &all["summary"]["hidden"], rules(&all).len()), (1, &Value::from(0), 11));
    let mut shown = 12;
    for severity in ["low", "medium", "high", "critical"] {
        let (code, report) = json(folder.path(), &["--severity", severity]);
        let summary = &report["summary"];
        let count = |key: &str| summary[key].as_u64().unwrap() as usize;
        assert_eq!(code, 1, "{severity}");
        assert_eq!(rules(&report).len(), count("errors"), "{severity}: counts are of what is shown");
        assert_eq!(count("errors") + count("hidden"), 11, "{severity}");
        assert_eq!((count("failing"), count("hiddenFailing")), (11, count("hidden")), "{severity}");
        assert!(rules(&report).contains(&"privileged") && count("errors") < shown, "{severity}: {summary}");
        shown = if severity == "low" { 12 } else { count("errors") };
    }
    assert_eq!(rules(&json(folder.path(), &["--severity", "critical"]).1), ["privileged"]);
    // What fails is another question.
    let (code, report) = json(folder.path(), &["--severity", "critical", "--fail-on", "never"]);
    assert_eq!((code, &report["summary"]["hiddenFailing"]), (0, &Value::from(0)));
}

#[test]
fn no_report_calls_clean_what_is_hidden() {
    let folder = folder(&FILES);
    let clean = PRIVILEGED.replace("privileged: true", "privileged: false");
    std::fs::write(folder.path().join("deploy/pod.yaml"), &clean).unwrap();
    for format in lint::config::Format::WORDS {
        let run = harden(folder.path(), &["check", "--severity", "critical", "--format", format, "deploy"]);
        assert_eq!(run.code, 1, "{format}");
        // A rule that was looked at and is not shown has no column, no case and no line.
        assert!(!run.out.contains("seccomp-profile"), "{format}: {}", run.out);
        let says = ["text", "matrix", "github", "markdown", "html"].contains(format);
        let said = "no violations shown in 1 workload; 1 file read, 0 documents not judged; 10 hidden by --severity, 10 of them fail the run";
        assert_eq!(run.out.contains(said), says, "{format}: {}", run.out);
        if ["markdown", "html"].contains(format) {
            assert!(run.out.contains("10 violations hidden") && !run.out.contains("passed"), "{format}: {}", run.out);
        }
    }
    let quiet = harden(folder.path(), &["check", "--severity", "critical", "--quiet", "deploy"]);
    assert!(quiet.code == 1 && quiet.out.lines().count() == 1 && quiet.out.contains("10 hidden"), "{}", quiet.out);
}

#[test]
fn findings_without_a_severity_are_always_shown_and_muted_ones_add_up() {
    let own = PRIVILEGED.replace("name: app\n", "name: app # harden: ignore[resources] measured soon\n");
    let folder = folder(&[("deploy/pod.yaml", &own.replace("name: web", "name: web # harden: ignore[sysctls] none"))]);
    let (_, all) = json(folder.path(), &[]);
    let (_, high) = json(folder.path(), &["--severity", "high"]);
    assert!(rules(&high).contains(&"unused-suppression") && !rules(&high).contains(&"resources"), "{high}");
    let total = |report: &Value| {
        let keys = ["errors", "warnings", "suppressed", "hidden"];
        keys.iter().map(|key| report["summary"][key].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((total(&all), all["summary"]["suppressed"].as_u64()), (total(&high), Some(4)));
}

#[test]
fn an_unknown_severity_is_an_error_and_a_baseline_holds_everything() {
    let folder = folder(&FILES);
    let wrong = harden(folder.path(), &["check", "--severity", "hig"]);
    assert!(wrong.code == 2 && wrong.err.contains("must be low, medium, high or critical"), "{}", wrong.err);
    let baseline = ["check", "--severity", "high", "--baseline", "known.json", "--write-baseline"];
    let both = harden(folder.path(), &baseline);
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{}", both.err);
}
