//! Markdown for comments on pull requests.

use std::io::{self, Write};

use super::order::worst_first;
use super::rules::RuleDocs;
use super::words::{plural, refused, sentence, verdict, word};
use super::{Report, statistics};
use lint::escape::one_line;

/// Findings that are listed: a comment takes 65,536 characters.
const LISTED: usize = 150;

/// Writes a table of the rules and one of the findings.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## harden: {}\n\n{}", verdict(report), escaped(&sentence(report)))?;
    write_rules(report, out)?;
    write_problems(report, out)?;
    write_findings(report, out)
}

fn write_rules(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = statistics::count(report);
    if counts.is_empty() {
        return Ok(());
    }
    let docs = RuleDocs::read();
    writeln!(out, "\n| rule | severity | violations | warnings | demands |\n|---|---|--:|--:|---|")?;
    for count in counts {
        let rule = docs.rule(count.rule);
        let (errors, warnings) = (count.errors, count.warnings);
        let (id, severity) = (escaped(count.rule), rule.severity_word());
        writeln!(out, "| {id} | {severity} | {errors} | {warnings} | {} |", escaped(&rule.title))?;
    }
    Ok(())
}

fn write_problems(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.summary.problems == 0 {
        return Ok(());
    }
    writeln!(out, "\n### Not judged\n")?;
    for file in report.files {
        for problem in &file.problems {
            writeln!(out, "- {} {}", code(&problem.place_in(&file.path)), escaped(&problem.message))?;
        }
    }
    Ok(())
}

fn write_findings(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = worst_first(report);
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details>\n<summary>{}</summary>\n", plural(findings.len(), "finding"))?;
    writeln!(out, "| place | | rule | workload | finding |\n|---|---|---|---|---|")?;
    for (at, finding) in findings.iter().take(LISTED) {
        let file = &report.files[*at];
        let place = code(&format!("{}:{}:{}", file.path, finding.place.line, finding.place.column));
        let (level, said) = (word(finding.level), finding.said());
        let (rule, workload) = (escaped(&finding.violation.rule), escaped(&said.subject));
        let message = escaped(&format!("{}{}{}", said.field, said.rest, refused(finding)));
        writeln!(out, "| {place} | {level} | {rule} | {workload} | {message} |")?;
    }
    if let Some(more) = findings.len().checked_sub(LISTED).filter(|more| *more > 0) {
        writeln!(
            out,
            "\n{} more are not listed here, so that this fits a comment; these are the worst.",
            plural(more, "finding")
        )?;
    }
    writeln!(out, "\n</details>")
}

/// Escapes Markdown, table cells included.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            // Keeps `@name` in an image reference from notifying a GitHub user.
            '@' => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    out
}

/// A code span; its bars would end a table's cell.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text).replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::{POD, everything, judged, written};
    use super::*;

    #[test]
    fn text_means_itself() {
        assert_eq!(escaped("a|b `c` <d> *e* @f"), "a\\|b \\`c\\` &lt;d&gt; \\*e\\* @\u{200b}f");
        assert_eq!(code("a|`b"), "`a\\|'b`");
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_table() {
        let out = written(Format::Markdown, &everything());
        for line in out.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(line.replace("\\|", "").matches('|').count(), 6, "{line}");
        }
        assert!(!out.contains("<script>") && out.contains("### Not judged"), "{out}");
        assert!(out.starts_with("## harden: 9 violations; 1 input could not be judged\n"), "{out}");
    }

    #[test]
    fn it_fits_a_comment_and_says_what_is_missing() {
        let many: String = (0..60).map(|at| format!("---\n{}", POD.replace("web", &format!("web-{at}")))).collect();
        let out = written(Format::Markdown, &[judged("pods.yaml", &many)]);
        assert!(out.len() < 65_536, "{}", out.len());
        assert!(out.contains(" more are not listed here"), "{out}");
    }
}
