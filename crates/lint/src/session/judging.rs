//! Judges a text with everything that holds for its source.

use super::{Session, names, scope_of, spared};
use crate::dockerfile::{self, DOCKERFILE_USER};
use crate::finding::{Finding, Problem};
use crate::images;
use crate::judge::Judge;
use crate::outcome::FileReport;
use crate::own_rules;
use crate::provenance;
use crate::scan::Part;
use crate::search::Source;
use crate::suppress;
use crate::text::Text;
use kube_yaml::yaml;

impl Session {
    /// The report of a source that cannot be read.
    pub fn unreadable(&self, source: &Source, message: String) -> FileReport {
        self.name(source, FileReport { problems: vec![Problem::new(message)], ..FileReport::default() })
    }

    /// Judges the text of a source.
    pub fn judge_text(&self, source: &Source, text: &str) -> FileReport {
        let bench = self.bench_of(source);
        let whole = Text::new(text);
        let part = if self.needs_whole(source, text) {
            Part::of_parsed(bench, whole.parsed(), source.is_patch())
        } else {
            Part::of_chunks(bench, yaml::chunks(text))
        };
        self.finish(source, &whole, part)
    }

    /// Whether the tree of a whole text is needed: most texts are judged chunk by chunk, which takes less memory, and
    /// time where outlines will do.
    pub(crate) fn needs_whole(&self, source: &Source, text: &str) -> bool {
        source.is_patch() || !self.extras(source).is_empty() || self.demands_lock || self.may_suppress(text)
    }

    /// Reports the outcome of the whole `text` of a source.
    pub(crate) fn finish(&self, source: &Source, text: &Text<'_>, judged: Part) -> FileReport {
        let mut report = self.name(source, judged.finish());
        report.rules = self.judge_of(source).rules();
        report.is_read = true;
        if source.is_rendered() {
            provenance::mark(text.as_str(), &mut report.workloads, source.rendered_from());
        }
        judge_further(self.extras(source), text, source.is_patch(), &mut report);
        if let Some(locked) = self.locked.as_ref().filter(|_| self.demands_lock) {
            report.problems.extend(images::lacking(text.parsed(), source.place(), locked.index()));
        }
        self.mute(source, text, &mut report.findings);
        spared::relist(self.judge_of(source), text, &mut report);
        report.recount();
        // Only what is reported needs the text it stands in.
        if !report.findings.is_empty() || !report.problems.is_empty() {
            report.text = text.as_str().to_owned();
        }
        report
    }

    fn name(&self, source: &Source, report: FileReport) -> FileReport {
        let (path, config) = (source.name.clone(), source.config());
        let origin = source.origin().map(|path| path.display().to_string());
        FileReport { path, fail_on: self.fail_on(source), config, origin, ..report }
    }

    /// A report for every Dockerfile that leaves a container root, cannot be verified or cannot be read, or that the
    /// command line names for an image that no container has.
    pub fn judge_dockerfiles(&self) -> Vec<FileReport> {
        if !self.judges_rule(DOCKERFILE_USER) {
            return Vec::new();
        }
        let mut reports = Vec::new();
        for (config, image) in self.images() {
            let Some(mut report) = dockerfile::check(image) else { continue };
            report.config = config;
            self.mute_in(scope_of(config), &Text::new(&report.text), &mut report.findings);
            report.recount();
            reports.push(report);
        }
        reports
    }

    /// Mutes the findings of a source's text that its suppressions are for.
    pub fn mute(&self, source: &Source, text: &Text<'_>, findings: &mut Vec<Finding>) {
        self.mute_in(self.assigned[source.index].scope, text, findings);
    }

    fn mute_in(&self, scope: usize, text: &Text<'_>, findings: &mut Vec<Finding>) {
        if self.may_suppress(text.as_str()) {
            let names = names(&self.scopes[scope..=scope]);
            suppress::apply(text, findings, &names, &|rule| self.judges_rule(rule), self.today);
        }
    }

    fn may_suppress(&self, text: &str) -> bool {
        self.suppressions && suppress::mentioned(text)
    }

    /// Mutes findings about a configuration, whose `text` it is, that its own comments want to be ignored.
    pub(crate) fn mute_own(&self, text: &str, findings: &mut Vec<Finding>) {
        if self.may_suppress(text) {
            let names: Vec<&str> = own_rules::OWN_RULES.iter().map(|rule| rule.id).collect();
            suppress::apply(&Text::new(text), findings, &names, &|_| true, self.today);
        }
    }
}

/// Adds what further policies say.
fn judge_further(extras: &[Judge], text: &Text<'_>, is_patch: bool, report: &mut FileReport) {
    for extra in extras {
        let FileReport { findings, problems, workloads, .. } = Part::of_parsed(extra, text.parsed(), is_patch).finish();
        report.findings.extend(findings);
        report.add_further(workloads);
        // What is no YAML was said by the first policy.
        let is_new = |problem: &Problem| !report.problems.iter().any(|known| known.message == problem.message);
        let problems: Vec<Problem> = problems.into_iter().filter(is_new).collect();
        report.problems.extend(problems);
    }
    report.findings.sort_by_key(|finding| finding.place);
}
