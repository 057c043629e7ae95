//! Workload by rule: the model behind the page and the terminal's matrix.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Report;
use lint::config::severity;
use lint::finding::{Finding, Level, Object, Place};
use lint::outcome::{FileReport, Workload};

/// Every workload and every rule that holds for one of them.
pub(super) struct Matrix<'r> {
    /// Ids of the rules, those of high severity first.
    pub(super) columns: Vec<&'r str>,
    /// Workloads in the order of the files.
    pub(super) rows: Vec<Row<'r>>,
}

/// A workload.
pub(super) struct Row<'r> {
    /// Index of its file in the report.
    pub(super) file_index: usize,
    /// Its file.
    pub(super) file: &'r FileReport,
    /// Its kind, namespace and name.
    pub(super) object: &'r Object,
    /// One for each column.
    pub(super) cells: Vec<Cell<'r>>,
}

/// The findings of one rule about one workload.
pub(super) struct Cell<'r> {
    pub(super) state: State,
    /// The findings, each with whether `harden fix` repairs it.
    found: Vec<(&'r Finding, bool)>,
}

/// How a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// The rule does not hold here.
    Off,
    /// The workload could not be judged.
    Unjudged,
    /// Nothing to say.
    Clean,
    /// Only findings that do not count.
    Muted,
    /// The cluster would warn.
    Warning,
    /// A violation that `harden fix` repairs.
    Fixable,
    /// A violation that needs a person.
    Error,
}

impl State {
    /// Every state, the worst first.
    pub(super) const ALL: [State; 7] =
        [State::Error, State::Fixable, State::Warning, State::Muted, State::Clean, State::Unjudged, State::Off];

    /// Explains the state in a few words.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            State::Off => "rule not in force",
            State::Unjudged => "not judged",
            State::Clean => "clean",
            State::Muted => "suppressed, exempted or known",
            State::Warning => "warning",
            State::Fixable => "violation that `harden fix` repairs",
            State::Error => "violation that needs a person",
        }
    }
}

/// How many cells are clean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Score {
    /// Cells that were judged.
    pub(super) cells: usize,
    /// Cells without a finding.
    pub(super) clean: usize,
    /// Cells without a finding after `harden fix`.
    pub(super) clean_after: usize,
}

impl Score {
    /// Percent, rounded down: 100 means all.
    pub(super) fn percent(count: usize, of: usize) -> Option<usize> {
        (count * 100).checked_div(of)
    }
}

impl<'r> Matrix<'r> {
    /// The matrix of a report, with what a fix would repair.
    pub(super) fn of(report: &Report<'r>) -> Matrix<'r> {
        Matrix::build(report, report.repairs())
    }

    /// The matrix of a report, without looking for fixes.
    pub(super) fn without_repairs(report: &Report<'r>) -> Matrix<'r> {
        Matrix::build(report, &[])
    }

    fn build(report: &Report<'r>, repairs: &[Vec<bool>]) -> Matrix<'r> {
        let files = report.files;
        let in_force = files.iter().filter(|file| !file.workloads.is_empty()).flat_map(|file| file.rules.iter());
        let mut columns: Vec<&'r str> = in_force.flat_map(|rules| rules.iter().copied()).collect();
        columns.extend(files.iter().flat_map(|file| file.findings.iter().map(|f| f.violation.rule.as_str())));
        columns.sort_unstable();
        columns.dedup();
        columns.sort_by_key(|id| Reverse(severity(id)));
        let column_of: BTreeMap<&str, usize> = columns.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut rows = Vec::new();
        for (file_index, file) in files.iter().enumerate() {
            let first = rows.len();
            rows.extend(file.workloads.iter().map(|workload| Row {
                file_index,
                file,
                object: &workload.object,
                cells: empty_cells(file, workload, &columns),
            }));
            let repaired = repairs.get(file_index).map(Vec::as_slice).unwrap_or_default();
            for (at, finding) in file.findings.iter().enumerate() {
                let repaired = repaired.get(at).is_some_and(|repaired| *repaired);
                let row = row_of(&mut rows, first, file_index, file, finding, columns.len());
                if let Some(column) = column_of.get(finding.violation.rule.as_str()) {
                    rows[row].cells[*column].add(finding, repaired);
                }
            }
        }
        Matrix { columns, rows }
    }

    /// How many cells are clean, now and after `harden fix`.
    pub(super) fn score(&self) -> Score {
        let mut score = Score::default();
        for cell in self.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.is_judged()) {
            score.cells += 1;
            score.clean += usize::from(cell.state == State::Clean);
            score.clean_after += usize::from(cell.found.iter().all(|(_, repaired)| *repaired));
        }
        score
    }

    /// How many cells have this state.
    pub(super) fn count(&self, state: State) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.state == state).count()
    }
}

/// The cells of a workload without findings.
fn empty_cells<'r>(file: &FileReport, workload: &Workload, columns: &[&'r str]) -> Vec<Cell<'r>> {
    // What a rule does not find fault with may be clean, or be in the field that could not be read.
    let is_inside = |place: Place| workload.extent.contains(&place.start);
    let judged = workload.is_judged && !file.problems.iter().any(|problem| problem.place.is_some_and(is_inside));
    let holds = |id: &str| match &file.rules {
        // What a policy that is not built in looks at is known by what it found elsewhere.
        None => true,
        Some(rules) => rules.contains(&id) || severity(id).is_none(),
    };
    let state = |id: &&str| match (holds(id), judged) {
        (false, _) => State::Off,
        (true, false) => State::Unjudged,
        (true, true) => State::Clean,
    };
    columns.iter().map(|id| Cell { state: state(id), found: Vec::new() }).collect()
}

/// The row of a finding; a new one if it is about something that is not a workload.
fn row_of<'r>(
    rows: &mut Vec<Row<'r>>,
    first: usize,
    file_index: usize,
    file: &'r FileReport,
    finding: &'r Finding,
    columns: usize,
) -> usize {
    if let Some(workload) = file.workload_of(finding) {
        return first + workload;
    }
    let further = first + file.workloads.len();
    if let Some(at) = rows[further..].iter().position(|row| *row.object == finding.object) {
        return further + at;
    }
    let cells = (0..columns).map(|_| Cell { state: State::Off, found: Vec::new() }).collect();
    rows.push(Row { file_index, file, object: &finding.object, cells });
    rows.len() - 1
}

impl<'r> Cell<'r> {
    fn add(&mut self, finding: &'r Finding, repaired: bool) {
        self.found.push((finding, repaired));
        let open = || self.found.iter().filter(|(finding, _)| finding.muted.is_none());
        let errors = || open().filter(|(finding, _)| finding.level == Level::Error);
        self.state = match (errors().next(), open().next()) {
            (Some(_), _) if errors().all(|(_, repaired)| *repaired) => State::Fixable,
            (Some(_), _) => State::Error,
            (None, Some(_)) => State::Warning,
            (None, None) => State::Muted,
        };
    }

    /// All findings, muted ones too.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'r Finding> {
        self.found.iter().map(|(finding, _)| *finding)
    }

    /// All findings, each with whether `harden fix` repairs it.
    pub(super) fn found(&self) -> &[(&'r Finding, bool)] {
        &self.found
    }

    /// Whether the rule looked at the workload.
    pub(super) fn is_judged(&self) -> bool {
        !matches!(self.state, State::Off | State::Unjudged)
    }
}

#[cfg(test)]
mod tests;
