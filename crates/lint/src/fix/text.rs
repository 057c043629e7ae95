//! Fixes one text.

use std::collections::BTreeMap;

use super::choice::{Choose, Declined};
use super::policies::Policies;
use super::rounds::{Rounds, Versions};
use super::subject::Subject;
use super::why::Why;
use crate::facts::ImageJudge;
use crate::finding::{Finding, Place, Problem};
use crate::judge::Judge;
use crate::text::Text;
use kube_yaml::patch::Refusal;

/// Mutes the findings of a text that its suppressions are for, and adds findings about these.
pub type Mute<'s> = dyn Fn(&Text<'_>, &mut Vec<Finding>) + Sync + 's;

/// The policies that judge a text and those that fix it.
pub struct Fixer<'s> {
    policies: Policies<'s>,
    mute: &'s Mute<'s>,
    choose: Option<&'s Choose<'s>>,
}

/// The result for a text.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The text as it was.
    pub old: String,
    /// The text as it is now.
    pub new: String,
    /// The fixed findings: the rule of each finding that is gone, or the path of each change if no finding is.
    pub fixed: Vec<String>,
    /// The remaining findings, in the order of the text.
    pub left: Vec<Left>,
    /// Changes that were wanted without a finding and could not be made.
    pub refused: Vec<Refusal>,
    /// Everything that could not be judged.
    pub problems: Vec<Problem>,
    /// Objects that were left alone because it is only a part of an object.
    pub notes: Vec<Problem>,
    /// The findings before anything was fixed.
    before: Vec<Finding>,
}

/// A finding that is still there.
#[derive(Debug)]
pub struct Left {
    /// The finding, with its place in the new text.
    pub finding: Finding,
    /// Why it is still there; `None` if it is about a suppression, and says itself what to do.
    pub why: Option<Why>,
}

impl Left {
    /// Looks up why a finding is left.
    fn new(finding: Finding, whys: &[(Place, String, Why)]) -> Left {
        let is_it = |(place, message, _): &&(Place, String, Why)| {
            *place == finding.place && *message == finding.violation.message
        };
        let why = whys.iter().find(is_it).map(|(.., why)| why.clone());
        Left { finding, why }
    }
}

impl<'s> Fixer<'s> {
    /// Fixes what `listing`, which is `judge` as [`Judge::listing`] makes it, wants, then what the further
    /// policies want; what is muted is left as it is.
    pub fn new(judge: &'s Judge, listing: &'s Judge, extras: &'s [Judge], mute: &'s Mute<'s>) -> Self {
        let judges = std::iter::once(judge).chain(extras).collect();
        let policies = Policies { judges, listing, facts: None, overwrite: false };
        Fixer { policies, mute, choose: None }
    }

    /// The same, which repairs by what is known about the images of containers; `overwrite` says whether it may replace what
    /// the author wrote.
    #[must_use]
    pub fn with_facts(self, facts: Option<&'s ImageJudge>, overwrite: bool) -> Self {
        Fixer { policies: Policies { facts, overwrite, ..self.policies }, ..self }
    }

    /// The same, which makes only the changes that `choose` wants.
    #[must_use]
    pub fn choosing(self, choose: Option<&'s Choose<'s>>) -> Self {
        Fixer { choose, ..self }
    }

    /// Fixes a text. `in_place`: the new text takes the old one's place, so places of findings are its.
    pub fn fix(&self, text: String, in_place: bool) -> Fixed {
        self.fix_as(text, in_place, false)
    }

    /// The same; `is_patch` says that a kustomization patches with the text.
    pub fn fix_as(&self, text: String, in_place: bool, is_patch: bool) -> Fixed {
        let versions = Versions::new(&self.policies);
        let first = Text::new(&text);
        let parsed = first.parsed();
        let mut fixed = Fixed::default();
        let mut subjects = Subject::all(&self.policies, parsed, is_patch, &mut fixed.problems, &mut fixed.notes);
        fixed.problems.extend(parsed.errors.iter().map(Problem::of_yaml));
        self.mark_muted(&first, &mut subjects);
        let mut rounds = Rounds {
            policies: &self.policies,
            reasons: BTreeMap::new(),
            choose: self.choose,
            declined: Declined::default(),
        };
        let last = rounds.run(&first, &versions, &mut subjects);
        let Rounds { reasons, declined, .. } = rounds;
        // The other policies may undo what the rules did.
        let new = last.as_ref().filter(|last| last.as_str() != text).map(Text::parsed);
        let shown = last.as_ref().filter(|_| in_place).unwrap_or(&first);
        let mut whys: Vec<(Place, String, Why)> = Vec::new();
        let mut left = Vec::new();
        for (index, subject) in subjects.iter_mut().enumerate() {
            let now = new.filter(|_| !subject.changed.is_empty()).and_then(|new| subject.node(new));
            let mut found = match now.map(|node| self.policies.judge(node, &subject.object)) {
                Some((found, problems)) => {
                    // Those of the policies' answers to the object as it was stay.
                    if in_place && problems.len() == subject.problems.len() {
                        subject.problems = problems;
                    }
                    found
                }
                None => subject.before.clone(),
            };
            fixed.fixed.extend(subject.fixed(&found));
            if let Some(node) = subject.node(shown.parsed()) {
                found.iter_mut().for_each(|finding| finding.place = Place::find(node, &finding.violation.path));
            }
            let unsaid = reasons.iter().filter(|((object, ..), _)| *object == index);
            let unsaid = unsaid.filter(|((_, rule, _), _)| !subject.before.iter().any(|f| f.violation.rule == *rule));
            fixed.refused.extend(unsaid.map(|(_, refusal)| refusal.clone()));
            let why = |f: &Finding| (f.place, f.violation.message.clone(), Why::of(f, index, &reasons, &declined));
            whys.extend(found.iter().map(why));
            left.append(&mut found);
            fixed.problems.append(&mut subject.problems);
        }
        (self.mute)(shown, &mut left);
        left.retain(|finding| finding.muted.is_none());
        left.sort_by_key(|finding| finding.place);
        fixed.left = left.into_iter().map(|finding| Left::new(finding, &whys)).collect();
        fixed.before = subjects.into_iter().flat_map(|subject| subject.before).filter(|f| f.muted.is_none()).collect();
        drop((first, last));
        Fixed { new: versions.into_last().unwrap_or_else(|| text.clone()), old: text, ..fixed }
    }

    /// Marks the findings that are muted.
    fn mark_muted(&self, text: &Text<'_>, subjects: &mut [Subject]) {
        let mut all: Vec<Finding> = subjects.iter().flat_map(|subject| subject.before.iter().cloned()).collect();
        (self.mute)(text, &mut all);
        all.retain(|finding| finding.muted.is_some());
        for finding in subjects.iter_mut().flat_map(|subject| &mut subject.before) {
            let same =
                |muted: &&Finding| muted.place == finding.place && muted.violation.message == finding.violation.message;
            finding.muted = all.iter().find(same).and_then(|muted| muted.muted.clone());
        }
    }
}

/// Returns the identity of a finding within its text, wherever it stands.
fn key(finding: &Finding) -> [&str; 3] {
    let violation = &finding.violation;
    [&violation.rule, &violation.path, &violation.message]
}

impl Fixed {
    /// Makes the result of a text that cannot be read.
    pub fn unreadable(message: String) -> Fixed {
        Fixed { problems: vec![Problem::new(message)], ..Fixed::default() }
    }

    /// The same, but nothing was fixed, because the new text could not be written.
    #[must_use]
    pub fn undone(self, message: String) -> Fixed {
        // What was left anyway keeps its reason.
        let whys: BTreeMap<[&str; 3], &Option<Why>> =
            self.left.iter().map(|left| (key(&left.finding), &left.why)).collect();
        let left = self.before.iter().map(|finding| {
            let why = whys.get(&key(finding)).map_or(Some(Why::NotWritten), |why| (*why).clone());
            Left { finding: finding.clone(), why }
        });
        let mut left: Vec<Left> = left.collect();
        left.sort_by_key(|left| left.finding.place);
        let problems = self.problems.into_iter().chain([Problem::new(message)]).collect();
        Fixed { new: self.old.clone(), old: self.old, left, problems, ..Fixed::default() }
    }
}
