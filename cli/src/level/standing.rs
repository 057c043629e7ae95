//! The levels, one on top of the other, and where a workload stands.

use clap::ValueEnum;
use hardening::settings::Setting;
use hardening::standard::Version;
use hardening::workload::Pointer;
use serde_json::{Value, json};

use super::FileLevels;
use crate::error::Error;
use lint::finding::{Level, Object, Problem};
use lint::judge::Judge;
use lint::outcome::FileReport;
use lint::scan::judge_each;
use lint::search::Source;
use sandbox::{Engine, Options};

hardening::setting_words! {
    /// A level; each has all demands of those below it.
    #[derive(PartialOrd, Ord, ValueEnum)]
    pub enum PodLevel {
        /// Nothing is demanded
        Privileged = "privileged",
        /// The baseline level of the Pod Security Standards
        Baseline = "baseline",
        /// The restricted level of the Pod Security Standards
        Restricted = "restricted",
        /// The restricted level and the profile `hardening`
        Hardening = "hardening",
    }
}

impl PodLevel {
    /// Every level, the lowest first.
    pub const ALL: [PodLevel; 4] =
        [PodLevel::Privileged, PodLevel::Baseline, PodLevel::Restricted, PodLevel::Hardening];
}

/// How often a rule keeps a workload from a level.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Missing {
    /// Id of the rule.
    pub rule: String,
    /// Its violations.
    pub count: usize,
}

/// Where a workload stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its kind, namespace and name.
    pub object: Object,
    /// The line it starts on.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The highest level that, with all below it, admits the workload.
    pub level: PodLevel,
    /// The rules that keep it from the next level, the most frequent first.
    pub missing: Vec<Missing>,
}

impl Standing {
    /// The level above.
    pub fn next(&self) -> Option<PodLevel> {
        PodLevel::ALL.into_iter().find(|level| *level > self.level)
    }
}

/// Judges workloads by each level above the lowest.
pub(crate) struct LevelJudges {
    pub(super) version: Version,
    judges: [Judge; 3],
}

impl LevelJudges {
    /// The levels of a version of the standard.
    ///
    /// # Errors
    /// A sandbox that does not work on this machine.
    pub(crate) fn new(version: Version, pointers: &[Pointer]) -> Result<LevelJudges, Error> {
        let engine = Engine::new(Options::default())?;
        let policy = embedded::bundle(&engine)?;
        let settings = |level: PodLevel| {
            let mut settings = json!({ "profile": level.word() });
            if level != PodLevel::Hardening {
                settings["version"] = version.to_json();
            }
            if !pointers.is_empty() {
                settings["podTemplates"] = pointers.iter().map(Setting::to_json).collect::<Vec<Value>>().into();
            }
            settings.to_string()
        };
        let baseline = Judge::new(policy, settings(PodLevel::Baseline))?;
        let restricted = baseline.with_settings(settings(PodLevel::Restricted))?;
        let hardening = baseline.with_settings(settings(PodLevel::Hardening))?;
        Ok(LevelJudges { version, judges: [baseline, restricted, hardening] })
    }

    /// Where the workloads of a source's text stand; `path` is for messages.
    pub(crate) fn judge(&self, path: String, source: &Source, text: &str) -> FileLevels {
        let mut reports = judge_each(self.judges.each_ref(), text, source.is_patch());
        if source.is_nameless() {
            reports[0].demand_object();
        }
        let mut problems: Vec<String> = Vec::new();
        for problem in reports.iter().flat_map(|report| &report.problems) {
            let problem = problem_line(&path, problem);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        let missing: Vec<Vec<Vec<Missing>>> = reports.iter().map(missing).collect();
        let standings = reports[0].workloads.iter().enumerate().map(|(at, workload)| {
            let above = PodLevel::ALL[1..].iter().zip(&missing).find(|(_, missing)| !missing[at].is_empty());
            let reached =
                |next: PodLevel| PodLevel::ALL.into_iter().rfind(|level| *level < next).unwrap_or(PodLevel::Privileged);
            let (level, missing) = match above {
                Some((next, missing)) => (reached(*next), missing[at].clone()),
                None => (PodLevel::Hardening, Vec::new()),
            };
            let place = workload.place;
            Standing { object: workload.object.clone(), line: place.line, column: place.column, level, missing }
        });
        let standings = standings.collect();
        let notes = reports[0].notes.iter().map(|note| problem_line(&path, note)).collect();
        FileLevels { path, standings, problems, notes }
    }
}

/// For each workload of a report, what refuses it.
fn missing(report: &FileReport) -> Vec<Vec<Missing>> {
    let mut all: Vec<Vec<Missing>> = vec![Vec::new(); report.workloads.len()];
    for finding in report.findings.iter().filter(|finding| finding.level == Level::Error) {
        let Some(own) = report.workload_of(finding).and_then(|at| all.get_mut(at)) else { continue };
        let rule = &finding.violation.rule;
        match own.iter_mut().find(|missing| missing.rule == *rule) {
            Some(missing) => missing.count += 1,
            None => own.push(Missing { rule: rule.clone(), count: 1 }),
        }
    }
    for own in &mut all {
        own.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.rule.cmp(&b.rule)));
    }
    all
}

fn problem_line(path: &str, problem: &Problem) -> String {
    format!("{}: {}", problem.place_in(path), problem.message)
}
