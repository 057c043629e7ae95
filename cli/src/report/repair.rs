//! The fixes of findings in a file: the edits that `harden fix` makes, by the same means.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::OnceLock;

use kube_yaml::patch::{self, Group, Replacement, Separate};
use kube_yaml::yaml::{self, Parsed};
use lint::finding::{Finding, Muted};
use lint::outcome::FileReport;
use lint::parallel;

/// How much text is read to work out fixes, in bytes. For a count of a single text, and for the edits of a whole report:
/// most need their container or object, but where anchors share text each needs its whole document, and a huge one with
/// a thousand findings would take minutes.
pub(super) const LARGEST: usize = 16 << 20;

/// The fixes of a file's findings.
pub(super) struct Fixes<'f> {
    groups: Vec<Group<'f>>,
    /// For each finding its group, if it can be made.
    of_finding: Vec<Option<usize>>,
    /// Groups that must be taken as one: each alone would write what the others write, too.
    sets: Vec<Vec<usize>>,
    /// For each group its set.
    set_of: Vec<usize>,
    separate: Separate<'f>,
    /// The replacements that are known, by set.
    known: BTreeMap<usize, Rc<[Replacement]>>,
}

impl<'f> Fixes<'f> {
    /// Works out which findings of a file, which `parsed` was read from, can be fixed.
    pub(super) fn of(file: &'f FileReport, parsed: &'f Parsed<'f>) -> Fixes<'f> {
        let (groups, of_finding) = made(file, parsed);
        let made: BTreeSet<usize> = of_finding.iter().copied().flatten().collect();
        let sets = patch::together(parsed, &groups);
        let sets = sets.into_iter().map(|set| set.into_iter().filter(|group| made.contains(group)).collect());
        let sets: Vec<Vec<usize>> = sets.collect();
        let mut set_of = vec![0; groups.len()];
        for (index, set) in sets.iter().enumerate() {
            set.iter().for_each(|group| set_of[*group] = index);
        }
        Fixes { groups, of_finding, sets, set_of, separate: Separate::new(&file.text, parsed), known: BTreeMap::new() }
    }

    /// The replacements that repair a finding, by its index, and those that cannot be repaired without it or it without
    /// them: nothing if it is not repaired, `None` if more than `budget` bytes would have to be read for it.
    pub(super) fn replacements(&mut self, finding: usize, budget: usize) -> Option<Rc<[Replacement]>> {
        let Some(group) = self.of_finding[finding] else { return Some(Rc::from(Vec::new())) };
        let set = self.set_of[group];
        if let Some(known) = self.known.get(&set) {
            return Some(Rc::clone(known));
        }
        let groups: Vec<Group<'_>> = self.sets[set].iter().map(|group| self.groups[*group]).collect();
        let replacements: Rc<[Replacement]> = self.separate.replacements(&groups, budget)?.into();
        self.known.insert(set, Rc::clone(&replacements));
        Some(replacements)
    }

    /// Bytes that were read again so far.
    pub(super) fn read(&self) -> usize {
        self.separate.read()
    }
}

/// Which findings `harden fix` repairs; worked out when the first format asks.
#[derive(Debug, Default)]
pub struct Repairs {
    known: OnceLock<Vec<Vec<bool>>>,
}

impl Repairs {
    /// For every file and each of its findings, whether `harden fix` repairs it.
    pub(super) fn of(&self, files: &[FileReport], threads: usize) -> &[Vec<bool>] {
        self.known.get_or_init(|| {
            let mut all = Vec::with_capacity(files.len());
            let keep = |repaired| {
                all.push(repaired);
                Ok::<(), Infallible>(())
            };
            let Ok(()) = parallel::in_order(threads, files, repaired, keep);
            all
        })
    }
}

/// For every finding of a file, in their order, whether `harden fix` repairs it.
pub(super) fn repaired(file: &FileReport) -> Vec<bool> {
    let is_fixable = |finding: &Finding| finding.is_fixable() && finding.muted.is_none();
    // What was rendered is in no file that could be fixed.
    if file.origin.is_some() || file.text.len() > LARGEST || !file.findings.iter().any(is_fixable) {
        return vec![false; file.findings.len()];
    }
    let chunks: BTreeSet<usize> = file.workloads.iter().map(|workload| workload.chunk.start).collect();
    made(file, &yaml::parse_at(&file.text, &chunks)).1.iter().map(Option::is_some).collect()
}

/// The edits of a file's findings, and for each finding its own, if they can be made.
fn made<'f>(file: &'f FileReport, parsed: &Parsed<'_>) -> (Vec<Group<'f>>, Vec<Option<usize>>) {
    let spared: Vec<&Finding> = file.findings.iter().filter(|finding| finding.is_suppressed()).collect();
    let mut groups: Vec<Group<'f>> = Vec::new();
    let mut of_finding = Vec::new();
    for finding in &file.findings {
        let group = group(file, parsed, finding, &spared);
        of_finding.push(group.map(|_| groups.len()));
        groups.extend(group);
    }
    let refused = patch::apply(&file.text, parsed, &groups).refused;
    let is_refused = |group: usize| refused.binary_search_by_key(&group, |refusal| refusal.group).is_ok();
    of_finding.iter_mut().for_each(|group| *group = group.filter(|group| !is_refused(*group)));
    for (at, finding) in file.findings.iter().enumerate().filter(|(_, finding)| finding.policy.is_some()) {
        of_finding[at] = taken_along(file, finding, &of_finding);
    }
    (groups, of_finding)
}

/// The edits that repair a finding of another policy, too: those of a built-in rule that wants the same.
fn taken_along(file: &FileReport, finding: &Finding, of_finding: &[Option<usize>]) -> Option<usize> {
    let Finding { violation, place, object, .. } = finding;
    let wants_same = |other: &Finding| {
        (&other.violation.path, other.place, &other.object) == (&violation.path, *place, object)
            && violation.fix.iter().all(|edit| other.violation.fix.contains(edit))
    };
    if violation.fix.is_empty() || finding.muted.is_some() {
        return None;
    }
    let made = file.findings.iter().zip(of_finding);
    made.filter(|(other, _)| other.policy.is_none() && wants_same(other)).find_map(|(_, group)| *group)
}

/// The edits that repair a finding, if `harden fix` makes them; `spared` are the findings that are suppressed.
fn group<'f>(
    file: &'f FileReport,
    parsed: &Parsed<'_>,
    finding: &'f Finding,
    spared: &[&Finding],
) -> Option<Group<'f>> {
    let violation = &finding.violation;
    let is_exempt = matches!(finding.muted, Some(Muted::Exemption { .. }));
    if !finding.is_fixable() || finding.is_suppressed() || is_exempt {
        return None;
    }
    let workload = &file.workloads[file.workload_of(finding)?];
    // What is written for the pod would reach the container that is to stay as it is.
    let reaches = |other: &&Finding| {
        other.object == finding.object
            && other.violation.rule == violation.rule
            && (other.violation.container.is_none()
                || other.violation.fix.iter().any(|edit| violation.fix.contains(edit)))
    };
    let document = workload.document_in(parsed)?;
    let group = Group { document, path: &workload.path, edits: &violation.fix };
    (!spared.iter().any(reaches)).then_some(group)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
