//! JUnit's XML: a suite for every file, a case for every workload and rule.

use std::io::{self, Write};

use super::Report;
use super::concise::{line, word};
use super::escape::{attribute, markup};
use super::matrix::{Matrix, Row};
use super::text::frame;
use lint::finding::{Finding, Muted, Problem};
use lint::outcome::FileReport;

/// Counts of a suite or of the whole.
#[derive(Default, Clone, Copy)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// Writes one document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let matrix = Matrix::without_repairs(report);
    let mut suites = String::new();
    let mut total = Counts::default();
    let mut rows = matrix.rows.iter().peekable();
    for (index, file) in report.files.iter().enumerate() {
        let mut cases = String::new();
        let mut counts = Counts::default();
        while let Some(row) = rows.next_if(|row| row.file_index == index) {
            write_row(&matrix, row, &mut cases, &mut counts);
        }
        for problem in &file.problems {
            write_problem(file, problem, &mut cases, &mut counts);
        }
        total = total.plus(counts);
        let name = attribute(&file.path);
        suites.push_str(&format!("  <testsuite name=\"{name}\" {}>\n{cases}  </testsuite>\n", counts.attributes(true)));
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"harden\" {}>\n{suites}</testsuites>", total.attributes(false))
}

fn write_row(matrix: &Matrix<'_>, row: &Row<'_>, out: &mut String, counts: &mut Counts) {
    for (rule, cell) in matrix.columns.iter().zip(&row.cells).filter(|(_, cell)| cell.is_judged()) {
        counts.tests += 1;
        let name = attribute(&format!("{}: {rule}", row.object));
        out.push_str(&format!("    <testcase classname=\"{}\" name=\"{name}\"", attribute(&row.file.path)));
        let inner = inner(row.file, &cell.findings().collect::<Vec<_>>(), counts);
        if inner.is_empty() {
            out.push_str("/>\n");
        } else {
            out.push_str(&format!(">\n{inner}    </testcase>\n"));
        }
    }
}

/// The failure of a case, or why it does not fail.
fn inner(file: &FileReport, findings: &[&Finding], counts: &mut Counts) -> String {
    let frames = |of: &[&Finding]| {
        let frames: Vec<String> =
            of.iter().map(|finding| format!("{}\n\n{}", line(file, finding), frame(file, finding))).collect();
        markup(&frames.join("\n\n"))
    };
    let (failing, others): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| file.fails(finding));
    let (open, muted): (Vec<&Finding>, Vec<&Finding>) = others.iter().partition(|finding| finding.muted.is_none());
    let mut out = String::new();
    match (failing.as_slice(), open.as_slice(), muted.as_slice()) {
        ([first, rest @ ..], ..) => {
            counts.failures += 1;
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            let message = attribute(&format!("{}{more}", first.violation.message));
            let rule = attribute(&first.violation.rule);
            out.push_str(&format!(
                "      <failure message=\"{message}\" type=\"{rule}\">{}</failure>\n",
                frames(&failing)
            ));
        }
        (_, [], [first, ..]) => {
            counts.skipped += 1;
            out.push_str(&format!("      <skipped message=\"{}\"/>\n", attribute(&reason(first))));
        }
        _ => {}
    }
    if let [first, ..] = open.as_slice() {
        let level = word(first.level);
        out.push_str(&format!("      <system-out>{level}, does not fail:\n{}</system-out>\n", frames(&open)));
    }
    out
}

/// Why a muted finding does not count.
fn reason(finding: &Finding) -> String {
    match &finding.muted {
        Some(Muted::Suppression { reason, line }) => format!("suppressed in line {line}: {reason}"),
        _ => "known from the baseline".to_owned(),
    }
}

fn write_problem(file: &FileReport, problem: &Problem, out: &mut String, counts: &mut Counts) {
    counts.tests += 1;
    counts.errors += 1;
    let place = problem.place.map(|place| format!(" (line {})", place.line)).unwrap_or_default();
    let detail = markup(&super::concise::problem_line(file, problem));
    out.push_str(&format!(
        "    <testcase classname=\"{}\" name=\"can be judged{place}\">\n      <error message=\"{}\" type=\"not-judged\">{detail}</error>\n    </testcase>\n",
        attribute(&file.path),
        attribute(&problem.message)
    ));
}

impl Counts {
    fn plus(self, other: Counts) -> Counts {
        Counts {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    fn attributes(self, with_skipped: bool) -> String {
        let Counts { tests, failures, errors, skipped } = self;
        // The schema in use has no `skipped` at the root.
        let skipped = if with_skipped { format!(" skipped=\"{skipped}\"") } else { String::new() };
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"{skipped}")
    }
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
