//! Annotations of GitHub Actions: commands that the runner reads from the log.

use std::io::{self, Write};

use super::Report;
use super::excerpt::Lines;
use super::order::worst_first;
use super::words::{help, refused, sentence, word};
use lint::escape::one_line;
use lint::finding::Finding;
use lint::outcome::FileReport;

/// Writes a command for every open finding and problem, then the summary.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // GitHub shows only the first of a step, and what was not judged may hide anything.
    for file in report.files {
        for problem in &file.problems {
            let place = problem.place.filter(|_| file.origin.is_none());
            let place = place.map(|place| format!(",line={},col={}", place.line, place.column));
            let path = property(file.origin.as_ref().unwrap_or(&file.path));
            let (place, message) = (place.unwrap_or_default(), data(&problem.message));
            writeln!(out, "::error file={path}{place},title=harden::{message}")?;
        }
    }
    let lines: Vec<Lines<'_>> = report.files.iter().map(|file| Lines::of(&file.text)).collect();
    for (at, finding) in worst_first(report) {
        let file = &report.files[at];
        if !report.style.quiet || file.fails(finding) {
            writeln!(out, "{}", command(file, &lines[at], finding))?;
        }
    }
    if report.style.quiet && report.summary.exit_code() == 0 {
        return Ok(());
    }
    writeln!(out, "{}", sentence(report))
}

fn command(file: &FileReport, lines: &Lines<'_>, finding: &Finding) -> String {
    let (place, violation) = (finding.place, &finding.violation);
    let (end_line, end_column) = lines.position(place.end);
    let mut region = format!("line={},endLine={end_line},col={}", place.line, place.column);
    // GitHub takes a last column only within one line.
    if end_line == place.line {
        region.push_str(&format!(",endColumn={end_column}"));
    }
    // What was rendered is not in the repository, but what it was made of is.
    let origin = file.origin_of(finding);
    if origin.is_some() {
        region = "line=1".to_owned();
    }
    let help = help(finding).map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    format!(
        "::{} file={},{region},title={}::{}",
        word(finding.level),
        property(origin.unwrap_or(&file.path)),
        property(&format!("harden: {}", violation.rule)),
        data(&format!("{}{}{help}", finding.said(), refused(finding)))
    )
}

/// The message of a command.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| one_line(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A value between the commas of a command.
fn property(text: &str) -> String {
    let text = text.strip_prefix("./").unwrap_or(text);
    one_line(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{POD, everything, judged, written};
    use super::super::{Format, Report};
    use super::*;
    use lint::summary::Summary;

    #[test]
    fn nothing_in_a_manifest_makes_a_command() {
        assert_eq!(data("100%\r\n::error::x"), "100%25\\r%0A\\u{3a}:error::x");
        assert_eq!(property("./a,b:c%"), "a%2Cb%3Ac%25");
        let out = written(Format::Github, &everything());
        for line in out.lines().take_while(|line| !line.contains(" read, ")) {
            assert!(line.starts_with("::error file=") || line.starts_with("::warning file="), "{line}");
            assert_eq!(line.matches(" file=").count(), 1, "{line}");
        }
        assert!(out.contains("file=a b/pod%2C1.yaml,line="), "{out}");
    }

    #[test]
    fn a_finding_is_marked_to_its_last_column() {
        let files = [judged("pod.yaml", POD)];
        let summary = Summary::of(&files);
        let mut out = Vec::new();
        write(&Report::new(&files, &summary, &Default::default()), &mut out).ok();
        let out = String::from_utf8_lossy(&out).into_owned();
        let expected = "::error file=pod.yaml,line=10,endLine=10,col=9,endColumn=25,title=harden%3A privileged::";
        assert!(out.contains(expected), "{out}");
    }
}
