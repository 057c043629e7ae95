//! The matrix in the terminal.

use std::io::{self, Write};

use super::concise::problem_line;
use super::matrix::{Matrix, Row, Score, State};
use super::paint::painted;
use super::words::{plural, sentence};
use super::{Report, statistics};
use lint::escape::one_line;

/// Columns where the width is not known.
const WIDTH: usize = 100;
/// The least that is kept for the names of workloads.
const NAMES: usize = 16;
/// Keys of the columns; more rules go to a second matrix below.
const KEYS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Draws workload by rule, then says what the letters mean and how many cells are clean.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let matrix = Matrix::of(report);
    let width = report.style.width.unwrap_or(WIDTH);
    let names = matrix.rows.iter().map(|row| label(row).chars().count()).max().unwrap_or_default() + 2;
    // Two columns a rule and one for the margin, as many as fit beside names cut short.
    let fitting = (width.saturating_sub(NAMES + 1) / 2).clamp(4, KEYS.len());
    let columns: Vec<usize> = (0..matrix.columns.len()).collect();
    for block in columns.chunks(fitting) {
        let names = names.min(width.saturating_sub(1 + 2 * block.len())).max(NAMES);
        let drawing = Drawing { matrix: &matrix, block, names, width, colours: report.style.colours };
        drawing.write(out)?;
    }
    for file in report.files {
        for problem in &file.problems {
            writeln!(out, "{}", problem_line(file, problem))?;
        }
    }
    if report.summary.problems > 0 {
        writeln!(out)?;
    }
    statistics::write(report, out)?;
    if let Some(score) = score(&matrix) {
        writeln!(out, "{score}")?;
    }
    writeln!(out, "{}", sentence(report))
}

/// The part of the matrix that fits the terminal's width.
struct Drawing<'m, 'r> {
    matrix: &'m Matrix<'r>,
    block: &'m [usize],
    names: usize,
    width: usize,
    colours: bool,
}

impl Drawing<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = None;
        self.write_keys(out)?;
        for row in &self.matrix.rows {
            if file != Some(row.file_index) {
                file = Some(row.file_index);
                writeln!(out, "{}", shortened(&one_line(&row.file.path), self.width))?;
            }
            write!(out, "{:1$}", format!("  {}", shortened(&label(row), self.names - 2)), self.names)?;
            for column in self.block {
                write!(out, " {}", self.mark(row.cells[*column].state))?;
            }
            writeln!(out)?;
        }
        if self.matrix.rows.len() > 20 {
            self.write_keys(out)?;
        }
        writeln!(out)?;
        self.write_legend(out)
    }

    fn write_keys(&self, out: &mut dyn Write) -> io::Result<()> {
        let keys: Vec<String> = self.block.iter().map(|column| format!(" {}", key(*column))).collect();
        writeln!(out, "{:1$}{2}", "", self.names, keys.concat())
    }

    /// Explains the letters and marks.
    fn write_legend(&self, out: &mut dyn Write) -> io::Result<()> {
        for column in self.block {
            let cells = || self.matrix.rows.iter().map(|row| &row.cells[*column]);
            let bad = cells().filter(|cell| cell.state > State::Muted).count();
            let judged = cells().filter(|cell| cell.is_judged()).count();
            let count = if bad == 0 { String::new() } else { format!("  {bad} of {}", plural(judged, "workload")) };
            writeln!(out, "{}  {}{count}", key(*column), one_line(self.matrix.columns[*column]))?;
        }
        writeln!(out)?;
        for state in State::ALL {
            if self.matrix.count(state) > 0 {
                writeln!(out, "{}  {}", self.mark(state), state.meaning())?;
            }
        }
        writeln!(out)
    }

    fn mark(&self, state: State) -> String {
        let (mark, colour) = match state {
            State::Off => ("-", "2"),
            State::Unjudged => ("?", "1;35"),
            State::Clean => (".", "32"),
            State::Muted => ("m", "36"),
            State::Warning => ("w", "33"),
            State::Fixable => ("f", "1;33"),
            State::Error => ("X", "1;31"),
        };
        painted(mark, colour, self.colours)
    }
}

/// The share of clean cells now and after a fix; none if nothing was judged.
fn score(matrix: &Matrix<'_>) -> Option<String> {
    let Score { cells, clean, clean_after } = matrix.score();
    let (now, after) = (Score::percent(clean, cells)?, Score::percent(clean_after, cells)?);
    let after =
        if clean_after > clean { format!("; {clean_after} ({after} %) after `harden fix`") } else { String::new() };
    Some(format!("{clean} of {} clean ({now} %){after}", plural(cells, "cell")))
}

fn key(column: usize) -> char {
    char::from(KEYS[column % KEYS.len()])
}

/// `Deployment shop/web`.
fn label(row: &Row<'_>) -> String {
    one_line(&row.object.to_string())
}

/// `text`, cut to `width` characters: its end says more than its start.
fn shortened(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let rest: String = text.chars().skip(length - width.saturating_sub(2)).collect();
    format!("..{rest}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{POD, everything, judged};
    use super::super::{Format, Repairs, Report, ReportStyle, write};
    use lint::outcome::FileReport;
    use lint::summary::Summary;

    fn drawn(files: &[FileReport], width: usize) -> String {
        let summary = Summary::of(files);
        let style = ReportStyle { width: Some(width), ..ReportStyle::default() };
        let mut out = Vec::new();
        let repairs = Repairs::default();
        let report = Report { style, ..Report::new(files, &summary, &repairs) };
        write(Format::Matrix, &report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_fits_the_terminal() {
        let long = POD.replace("name: web", "name: a-name-that-is-longer-than-any-terminal-has-columns-to-show-it");
        let files = [judged("a/very/long/path/of/folders/that/goes/on/pod.yaml", &long)];
        for width in [36, 48, 80, 120] {
            let out = drawn(&files, width);
            let drawing = out.lines().take_while(|line| !line.is_empty());
            assert!(drawing.clone().all(|line| line.chars().count() <= width), "{width}: {out}");
            let legend = out.lines().filter(|line| line.ends_with("image-tag")).count();
            assert_eq!(legend, 1, "every rule once: {out}");
        }
    }

    #[test]
    fn it_says_everything_that_is_there() {
        let out = drawn(&everything(), 100);
        for part in [" a b c", "Pod web", "X  violation", "f  violation", "m  suppressed", ".  clean", " cells clean ("]
        {
            assert!(out.contains(part), "{part:?} is missing in:\n{out}");
        }
        assert!(out.contains("broken.yaml: error: cannot be read") && !out.contains('\u{1b}'), "{out}");
        assert!(drawn(&[], 80).starts_with("nothing to judge") || drawn(&[], 80).contains("nothing to judge"));
    }
}
