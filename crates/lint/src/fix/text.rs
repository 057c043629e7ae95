//! Fixes one text.

use std::collections::BTreeMap;

use super::answer::take_mutated;
use super::run::{Run, why};
use super::seen::Seen;
use super::step::{At, problem};
use crate::dockerfile::Image;
use crate::finding::{Finding, Place, Problem};
use crate::judge::Judge;
use crate::unreadable;
use kube_yaml::patch::Refusal;
use kube_yaml::yaml::{self, Parsed};

/// Mutes the findings of a text that its suppressions are for, and adds findings about these.
pub type Mute<'s> = dyn Fn(&str, &mut Vec<Finding>) + Sync + 's;

/// The policies that judge a text and those that fix it.
pub struct Fixer<'s> {
    pub(super) judges: Vec<&'s Judge>,
    pub(super) mutating: &'s Judge,
    pub(super) mute: &'s Mute<'s>,
    /// Images whose Dockerfiles say the ids of their containers.
    pub(super) images: &'s [Image],
}

/// What came of a text.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The text as it was.
    pub old: String,
    /// The text as it is now.
    pub new: String,
    /// What was fixed: the rule of each finding that is gone, or the path of each change if no finding is.
    pub fixed: Vec<String>,
    /// What is left, in the order of the places.
    pub left: Vec<Left>,
    /// Changes that were wanted without a finding and could not be made.
    pub refused: Vec<Refusal>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// What was left alone because it is only a part of an object.
    pub notes: Vec<Problem>,
    /// The findings before anything was fixed.
    before: Vec<Finding>,
}

/// A finding that is still there.
#[derive(Debug)]
pub struct Left {
    /// The finding, with its place in the new text.
    pub finding: Finding,
    /// Why it is still there.
    pub why: String,
}

impl Left {
    /// Looks up why a finding is left; one about a suppression has no reason but itself.
    fn new(finding: Finding, whys: &[(Place, String, String)]) -> Left {
        let is_it = |(place, message, _): &&(Place, String, String)| {
            *place == finding.place && *message == finding.violation.message
        };
        let why = whys.iter().find(is_it).map_or_else(|| "needs a person".to_owned(), |(.., why)| why.clone());
        Left { finding, why }
    }
}

impl<'s> Fixer<'s> {
    /// Fixes by `mutating`, which is `judge` in mutate mode, then by the further policies; what is muted is
    /// left as it is.
    pub fn new(judge: &'s Judge, mutating: &'s Judge, extras: &'s [Judge], mute: &'s Mute<'s>) -> Self {
        Fixer { judges: std::iter::once(judge).chain(extras).collect(), mutating, mute, images: &[] }
    }

    /// The same, which takes the ids that are unset in containers of `images` from their Dockerfiles.
    #[must_use]
    pub fn with_images(self, images: &'s [Image]) -> Self {
        Fixer { images, ..self }
    }

    /// Fixes a text. `in_place`: the new text takes the old one's place, so places of findings are its.
    pub fn fix(&self, text: String, in_place: bool) -> Fixed {
        self.fix_as(text, in_place, false)
    }

    /// The same; `is_patch` says that a kustomization patches with the text.
    pub fn fix_as(&self, text: String, in_place: bool, is_patch: bool) -> Fixed {
        let parsed = yaml::parse(&text);
        let mut fixed = Fixed::default();
        let objects = At::all(self, &parsed, is_patch, &mut fixed);
        let mut seen: Vec<Seen> = objects.iter().map(|at| self.look(at, &parsed, &mut fixed.problems)).collect();
        fixed.problems.extend(parsed.errors.iter().map(Problem::of_yaml));
        self.mark_muted(&text, &mut seen);
        let chosen: Vec<usize> = (0..seen.len()).filter(|index| seen[*index].wants_change()).collect();
        let mut run = Run { fixer: self, objects: &objects, text: text.clone(), reasons: BTreeMap::new() };
        run.until_done(chosen, &mut seen, &mut fixed.problems);
        let Run { text: new_text, reasons, .. } = run;
        let new = (new_text != text).then(|| yaml::parse(&new_text));
        let shown = new.as_ref().filter(|_| in_place).unwrap_or(&parsed);
        let mut whys: Vec<(Place, String, String)> = Vec::new();
        let mut left = Vec::new();
        for (index, (at, seen)) in objects.iter().zip(&mut seen).enumerate() {
            let mut found = match (&new, seen.paths.is_empty()) {
                (Some(new), false) => self.judge(at, new, &mut fixed.problems),
                _ => seen.before.clone(),
            };
            seen.settle(&found);
            if let Some(node) = at.node(shown) {
                found.iter_mut().for_each(|finding| finding.place = Place::find(node, &finding.violation.path));
            }
            let unsaid = reasons.iter().filter(|((object, ..), _)| *object == index);
            let unsaid = unsaid.filter(|((_, rule, _), _)| !seen.before.iter().any(|f| f.violation.rule == *rule));
            fixed.refused.extend(unsaid.map(|(_, refusal)| refusal.clone()));
            let why = |f: &Finding| (f.place, f.violation.message.clone(), why(f, index, &reasons));
            whys.extend(found.iter().map(why));
            left.append(&mut found);
        }
        (self.mute)(if in_place { &new_text } else { &text }, &mut left);
        left.retain(|finding| finding.muted.is_none());
        left.sort_by_key(|finding| finding.place);
        fixed.left = left.into_iter().map(|finding| Left::new(finding, &whys)).collect();
        fixed.fixed = seen.iter_mut().flat_map(|seen| std::mem::take(&mut seen.fixed)).collect();
        fixed.before = seen.into_iter().flat_map(|seen| seen.before).filter(|f| f.muted.is_none()).collect();
        drop((parsed, new));
        Fixed { old: text, new: new_text, ..fixed }
    }

    /// What the policies say of an object as it is.
    fn look(&self, at: &At, parsed: &Parsed<'_>, problems: &mut Vec<Problem>) -> Seen {
        let mut seen = Seen::default();
        let Some(node) = at.node(parsed) else { return seen };
        for judge in &self.judges {
            let mut known = None;
            match judge.ask(node, &at.object) {
                Ok(None) => {}
                Ok(Some(mut response)) => {
                    match take_mutated(judge, &mut response, &at.object) {
                        Ok(mutated) => known = mutated,
                        Err(message) => problems.push(problem(node, at, &message)),
                    }
                    seen.before.extend(judge.findings(node, &at.object, response));
                }
                Err(_) => problems.extend(unreadable::examine(judge, node, &at.object).problems),
            }
            seen.mutated.push(known);
        }
        seen
    }

    /// Marks the findings that are muted.
    fn mark_muted(&self, text: &str, seen: &mut [Seen]) {
        let mut all: Vec<Finding> = seen.iter().flat_map(|seen| seen.before.iter().cloned()).collect();
        (self.mute)(text, &mut all);
        all.retain(|finding| finding.muted.is_some());
        for finding in seen.iter_mut().flat_map(|seen| &mut seen.before) {
            let same =
                |muted: &&Finding| muted.place == finding.place && muted.violation.message == finding.violation.message;
            finding.muted = all.iter().find(same).and_then(|muted| muted.muted.clone());
        }
    }

    /// What the policies say of an object that has changed.
    pub(super) fn judge(&self, at: &At, parsed: &Parsed<'_>, problems: &mut Vec<Problem>) -> Vec<Finding> {
        let Some(node) = at.node(parsed) else { return Vec::new() };
        let mut found = Vec::new();
        for judge in &self.judges {
            match judge.ask(node, &at.object) {
                Ok(None) => {}
                Ok(Some(response)) => found.extend(judge.findings(node, &at.object, response)),
                Err(message) => problems.push(problem(node, at, &message)),
            }
        }
        found
    }
}

/// What tells a finding of a text from the others, wherever it stands.
fn key(finding: &Finding) -> [&str; 3] {
    let violation = &finding.violation;
    [&violation.rule, &violation.path, &violation.message]
}

impl Fixed {
    /// Of a text that cannot be read.
    pub fn unreadable(message: String) -> Fixed {
        Fixed { problems: vec![Problem::new(message)], ..Fixed::default() }
    }

    /// The same, but nothing was fixed, because the new text could not be written.
    #[must_use]
    pub fn undone(self, message: String) -> Fixed {
        // What was left anyway keeps its reason.
        let whys: BTreeMap<[&str; 3], &str> =
            self.left.iter().map(|left| (key(&left.finding), left.why.as_str())).collect();
        let left = self.before.iter().map(|finding| {
            let why = whys.get(&key(finding)).copied().unwrap_or("the file was not changed");
            Left { finding: finding.clone(), why: why.to_owned() }
        });
        let mut left: Vec<Left> = left.collect();
        left.sort_by_key(|left| left.finding.place);
        let problems = self.problems.into_iter().chain([Problem::new(message)]).collect();
        Fixed { new: self.old.clone(), old: self.old, left, problems, ..Fixed::default() }
    }
}
