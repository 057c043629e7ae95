//! Fixtures for the tests of the formats.

#![allow(clippy::unwrap_used)]

use super::{Format, Repairs, Report, write};
use lint::finding::{Muted, Problem};
use lint::judge::Judge;
use lint::outcome::FileReport;
use lint::scan::judge_text;
use lint::summary::Summary;
use sandbox::{Engine, Options};

/// A pod with much to find.
pub(super) const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      securityContext:
        privileged: true
";

/// Judges a text with the built-in rules.
pub(super) fn judged(path: &str, text: &str) -> FileReport {
    let policy = embedded::bundle(&Engine::new(Options::default()).unwrap()).unwrap();
    judge_text(&Judge::new(policy, "{}".to_owned()).unwrap(), path.to_owned(), text.to_owned())
}

/// A report with everything in it: findings, a suppressed one, a known one, a clean file, a problem, and
/// names that would break out of what they stand in.
pub(super) fn everything() -> Vec<FileReport> {
    let evil = POD.replace("name: app", "name: '<script>alert(1)</script>|%0A::error'");
    let mut first = judged("a b/pod,1.yaml", &evil);
    let mut mute = |rule: &str, muted: Muted| {
        let finding = first.findings.iter_mut().find(|finding| finding.violation.rule == rule).unwrap();
        finding.muted = Some(muted);
    };
    mute("privileged", Muted::Suppression { reason: "runs <as> root & must".to_owned(), line: 3 });
    mute("read-only-root-filesystem", Muted::Baseline);
    let mut broken = judged("broken.yaml", "a: b: c\n");
    broken.problems.push(Problem::new("cannot be read: <no> \"such\" & file\u{1b}[31m"));
    vec![first, judged("empty.yaml", "# nothing\n"), broken]
}

/// The report in a format.
pub(super) fn written(format: Format, files: &[FileReport]) -> String {
    let summary = Summary::of(files);
    let repairs = Repairs::default();
    let report = Report::new(files, &summary, &repairs);
    let mut out = Vec::new();
    write(format, &report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
