//! JUnit's XML: a suite for every file, a case for every workload and rule.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use super::concise::{line, problem_line};
use super::escape::visible;
use super::frame::frame;
use super::matrix::{Cell, Matrix, Row};
use super::words::{exempt, word};
use lint::escape::one_line;
use lint::finding::{Finding, Muted, Problem};
use lint::outcome::FileReport;

/// Writes one document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let matrix = Matrix::without_repairs(report);
    let mut document = quick_junit::Report::new("harden");
    let mut rows = matrix.rows.iter().peekable();
    for (index, file) in report.files.iter().enumerate() {
        let mut suite = TestSuite::new(one_line(&file.path));
        while let Some(row) = rows.next_if(|row| row.file_index == index) {
            let judged = matrix.columns.iter().zip(&row.cells).filter(|(_, cell)| cell.is_judged());
            suite.add_test_cases(judged.map(|(rule, cell)| cell_case(row, rule, cell)));
        }
        suite.add_test_cases(file.problems.iter().map(|problem| problem_case(file, problem)));
        document.add_test_suite(suite);
    }
    write_document(&document, out)
}

/// Writes a document as XML.
///
/// # Errors
/// Fails if `out` cannot be written.
pub(crate) fn write_document(document: &quick_junit::Report, out: &mut dyn Write) -> io::Result<()> {
    // The writer of XML hides what kind an error of the output is, and whoever reads has gone needs no message.
    let text = document.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// A case; its name and class are written on one line.
pub(crate) fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(one_line(name), status);
    case.set_classname(one_line(class));
    case
}

/// The status of a case that failed or could not be run; `detail` may have several lines.
pub(crate) fn failed(kind: NonSuccessKind, cause: &str, message: &str, detail: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(one_line(cause)).set_message(one_line(message));
    if !detail.is_empty() {
        status.set_description(visible(detail));
    }
    status
}

/// The status of a case that does not count.
pub(crate) fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(one_line(why));
    status
}

fn cell_case(row: &Row<'_>, rule: &str, cell: &Cell<'_>) -> TestCase {
    let file = row.file;
    let (failing, others): (Vec<&Finding>, Vec<&Finding>) = cell.findings().partition(|finding| file.fails(finding));
    let (open, muted): (Vec<&Finding>, Vec<&Finding>) = others.iter().partition(|finding| finding.muted.is_none());
    let status = match (failing.as_slice(), open.as_slice(), muted.as_slice()) {
        ([first, rest @ ..], ..) => {
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            let message = format!("{}{more}", first.violation.message);
            failed(NonSuccessKind::Failure, &first.violation.rule, &message, &frames(file, &failing))
        }
        (_, [], [first, ..]) => skipped(&reason(first)),
        _ => TestCaseStatus::success(),
    };
    let mut case = case(&file.path, &format!("{}: {rule}", row.object), status);
    if let [first, ..] = open.as_slice() {
        let text = format!("{}, does not fail:\n{}", word(first.level), frames(file, &open));
        case.set_system_out(visible(&text));
    }
    case
}

fn frames(file: &FileReport, findings: &[&Finding]) -> String {
    let frames = findings.iter().map(|finding| format!("{}\n\n{}", line(file, finding), frame(file, finding)));
    frames.collect::<Vec<_>>().join("\n\n")
}

/// Why a muted finding does not count.
fn reason(finding: &Finding) -> String {
    match &finding.muted {
        Some(Muted::Exemption { reason }) => format!("exempt: {}", exempt(reason)),
        Some(Muted::Suppression { reason, line }) => format!("suppressed in line {line}: {reason}"),
        Some(Muted::Revision { revision }) => format!("{revision} has it, too"),
        Some(Muted::Baseline) | None => "known from the baseline".to_owned(),
    }
}

fn problem_case(file: &FileReport, problem: &Problem) -> TestCase {
    let place = problem.place.map(|place| format!(" (line {})", place.line)).unwrap_or_default();
    let detail = problem_line(file, problem);
    let status = failed(NonSuccessKind::Error, "not-judged", &problem.message, &detail);
    case(&file.path, &format!("can be judged{place}"), status)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Format;
    use super::super::testing::{everything, written};

    #[test]
    fn cases_add_up_and_nothing_breaks_out() {
        let files = everything();
        let xml = written(Format::Junit, &files);
        let number = |part: &str, name: &str| -> usize {
            let from = part.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
            part[from..].split('"').next().unwrap().parse().unwrap()
        };
        let root = xml.lines().nth(1).unwrap();
        assert_eq!(number(root, "tests"), xml.matches("<testcase ").count());
        assert_eq!(number(root, "failures"), xml.matches("<failure ").count());
        assert_eq!(number(root, "errors"), 2);
        assert_eq!(xml.matches("<testsuite ").count(), files.len());
        assert_eq!(xml.matches("<skipped ").count(), 2, "{xml}");
        assert!(xml.contains("suppressed in line 3: runs &lt;as&gt; root &amp; must"), "{xml}");
        assert!(!xml.contains("<script>") && !xml.contains('\u{1b}'), "{xml}");
        assert!(xml.contains("classname=\"a b/pod,1.yaml\""), "{xml}");
    }
}
