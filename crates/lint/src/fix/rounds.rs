//! Judges, edits and judges again, until nothing more can be done.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use hardening::violation::Edit;

use super::answer::mutated;
use super::choice::{Choose, Declined, Identity, identity};
use super::policies::Policies;
use super::subject::Subject;
use crate::dockerfile::DOCKERFILE_USER;
use crate::error::Error;
use crate::facts::{IMAGE_USER, ImageJudge};
use crate::finding::{Finding, Violation};
use crate::judge::Judge;
use crate::text::Text;
use crate::unreadable;
use kube_yaml::patch::{self, Applied, Group, Refusal};
use kube_yaml::yaml::Parsed;

/// Most rounds: a repair can make another possible, such as `privileged: false` one of `allowPrivilegeEscalation`.
const ROUNDS: usize = 4;

/// Why what a rule wants at a path of an object, by its index, was not done.
pub(super) type Reasons = BTreeMap<(usize, String, String), Refusal>;

/// Edits a text in rounds.
pub(super) struct Rounds<'r> {
    pub(super) policies: &'r Policies<'r>,
    pub(super) reasons: Reasons,
    /// Who is asked before anything is changed.
    pub(super) choose: Option<&'r Choose<'r>>,
    pub(super) declined: Declined,
}

/// The versions of a text that came of its rounds, for as long as their trees are needed.
pub(super) struct Versions(Vec<OnceCell<String>>);

impl Versions {
    /// Makes room for one version a round.
    pub(super) fn new(policies: &Policies<'_>) -> Versions {
        Versions(vec![OnceCell::new(); ROUNDS + 1 + policies.judges.len()])
    }

    /// Keeps the next version.
    fn keep(&self, version: String) -> Option<Text<'_>> {
        let free = self.0.iter().find(|version| version.get().is_none())?;
        Some(Text::new(free.get_or_init(|| version)))
    }

    /// The last version, if there is one.
    pub(super) fn into_last(self) -> Option<String> {
        self.0.into_iter().filter_map(OnceCell::into_inner).last()
    }
}

/// A change of an object that a rule, or another policy, wants.
pub(super) struct Wish {
    pub(super) subject: usize,
    pub(super) rule: String,
    /// Where the violation is; empty if the policy does not say.
    path: String,
    /// The finding in words.
    pub(super) said: String,
    pub(super) identity: Identity,
    pub(super) edits: Vec<Edit>,
}

impl Wish {
    /// The repair of a finding in the object `subject`, if it has one.
    fn of(finding: Finding, subject: usize) -> Option<Wish> {
        let said = finding.said().to_string();
        let violation = finding.violation;
        let is_open = violation.fixable && !violation.fix.is_empty();
        let identity = identity(subject, &violation);
        let Violation { rule, path, fix: edits, .. } = violation;
        is_open.then_some(Wish { subject, rule, path, said, identity, edits })
    }
}

impl Rounds<'_> {
    /// Does what the built-in rules want, then what each further policy wants of that; gives the last version of the
    /// text, if it changed.
    pub(super) fn run<'t>(
        &mut self,
        first: &Text<'t>,
        versions: &'t Versions,
        subjects: &mut [Subject],
    ) -> Option<Text<'t>> {
        let mut last: Option<Text<'t>> = None;
        let mut open: BTreeSet<usize> = (0..subjects.len()).collect();
        for _ in 0..ROUNDS {
            let text = last.as_ref().unwrap_or(first);
            let wishes: Vec<Wish> =
                open.iter().flat_map(|index| self.of_rules(*index, &mut subjects[*index], text.parsed())).collect();
            open = wishes.iter().map(|wish| wish.subject).collect();
            let wishes = self.chosen(text, wishes, subjects);
            self.reasons.clear();
            let Some(new) = self.made(text, &wishes, subjects) else { break };
            last = versions.keep(new);
        }
        // What they made read-only may lack a volume of the image.
        if let Some(facts) = self.policies.facts {
            let text = last.as_ref().unwrap_or(first);
            let all = subjects.iter_mut().enumerate();
            let wishes: Vec<Wish> =
                all.flat_map(|(index, subject)| self.of_facts(facts, index, subject, text.parsed())).collect();
            let wishes = self.chosen(text, wishes, subjects);
            if let Some(new) = self.made(text, &wishes, subjects) {
                last = versions.keep(new);
            }
        }
        for judge in self.policies.judges.iter().filter(|judge| !judge.is_built_in()) {
            let text = last.as_ref().unwrap_or(first);
            let all = subjects.iter_mut().enumerate();
            let wishes: Vec<Wish> =
                all.filter_map(|(index, subject)| of_policy(judge, index, subject, text.parsed())).collect();
            let wishes = self.chosen(text, wishes, subjects);
            if let Some(new) = self.made(text, &wishes, subjects) {
                last = versions.keep(new);
            }
        }
        last
    }

    /// Collects the changes of an object that the built-in rules want, but for those that are suppressed in it.
    fn of_rules(&self, index: usize, subject: &mut Subject, parsed: &Parsed<'_>) -> Vec<Wish> {
        let Policies { listing, facts, .. } = self.policies;
        let Some(node) =
            subject.node(parsed).filter(|node| listing.is_built_in() && listing.wants(node, &subject.object))
        else {
            return Vec::new();
        };
        let (quiet, mut spared) = subject.muted();
        // Which is none of the bundle's.
        spared.retain(|(rule, _)| ![IMAGE_USER, DOCKERFILE_USER].contains(rule));
        let own = match spared.is_empty() {
            true => Ok(None),
            false => listing.sparing(&spared).map(Some),
        };
        let own = match own {
            Ok(own) => own,
            Err(error) => {
                subject.add_problem(node, &error);
                return Vec::new();
            }
        };
        let wish = |mut finding: Finding| {
            if let Some(facts) = facts {
                facts.fill_in(node, &mut finding);
            }
            let is_meant = !quiet.contains(&finding.violation.rule.as_str());
            Wish::of(finding, index).filter(|_| is_meant)
        };
        let listing = own.as_ref().unwrap_or(listing);
        unreadable::examine(listing, node, &subject.object).findings.into_iter().filter_map(wish).collect()
    }

    /// Collects the changes of an object that follow from what is known about its images.
    fn of_facts(&self, facts: &ImageJudge, index: usize, subject: &mut Subject, parsed: &Parsed<'_>) -> Vec<Wish> {
        let Some(node) = subject.node(parsed) else { return Vec::new() };
        match facts.repairs(node, &subject.object, self.policies.overwrite) {
            Ok(repairs) => {
                let (quiet, spared) = subject.muted();
                let is_meant = |finding: &Finding| {
                    let Violation { rule, container, .. } = &finding.violation;
                    let is_spared = |(one, name): &(&str, &str)| *one == rule && Some(*name) == container.as_deref();
                    !quiet.contains(&rule.as_str()) && !spared.iter().any(is_spared)
                };
                repairs.into_iter().filter(is_meant).filter_map(|finding| Wish::of(finding, index)).collect()
            }
            Err(error) => {
                subject.add_problem(node, &error);
                Vec::new()
            }
        }
    }

    /// The text with every wish that can be granted; `None` if that changes nothing.
    fn made(&mut self, text: &Text<'_>, wishes: &[Wish], subjects: &mut [Subject]) -> Option<String> {
        let group = |wish: &Wish| (subjects[wish.subject].document, subjects[wish.subject].path.clone());
        let places: Vec<_> = wishes.iter().map(group).collect();
        let groups = wishes.iter().zip(&places);
        let groups = groups.map(|(wish, (document, path))| Group { document: *document, path, edits: &wish.edits });
        let Applied { text: new, refused } = patch::apply(text.as_str(), text.parsed(), &groups.collect::<Vec<_>>());
        let is_changed = new != text.as_str();
        let mut open: BTreeSet<usize> = BTreeSet::new();
        for refusal in refused {
            let Wish { subject, rule, path, .. } = &wishes[refusal.group];
            open.insert(refusal.group);
            self.reasons.entry((*subject, rule.clone(), path.clone())).or_insert(refusal);
        }
        for (_, wish) in wishes.iter().enumerate().filter(|(index, _)| is_changed && !open.contains(index)) {
            let changed = &mut subjects[wish.subject].changed;
            changed.extend(wish.edits.iter().map(|edit| patch::edit_path(edit).to_owned()));
        }
        is_changed.then_some(new)
    }
}

/// Collects the changes of an object that another policy wants: the difference to its answer.
fn of_policy(judge: &Judge, index: usize, subject: &mut Subject, parsed: &Parsed<'_>) -> Option<Wish> {
    let node = subject.node(parsed).filter(|node| judge.wants(node, &subject.object))?;
    if subject.muted().0.contains(&judge.name()) {
        return None;
    }
    let json = subject.object.to_json(node);
    let edits = mutated(judge, &json, &subject.object).and_then(|new| difference(&json, new));
    match edits {
        Ok(edits) if edits.is_empty() => None,
        Ok(edits) => {
            let said = format!("{}: the policy changes it", subject.object);
            let whole = Violation::whole(judge.name(), said.clone(), true);
            let identity = identity(index, &whole);
            Some(Wish { subject: index, rule: whole.rule, path: whole.path, said, identity, edits })
        }
        Err(error) => {
            subject.add_problem(node, &error);
            None
        }
    }
}

/// The edits from one object to another.
fn difference(old: &str, new: Option<String>) -> Result<Vec<Edit>, Error> {
    let Some(new) = new else { return Ok(Vec::new()) };
    let read = |text: &str| serde_json::from_str(text).map_err(Error::Object);
    Ok(patch::edits(&read(old)?, &read(&new)?))
}
