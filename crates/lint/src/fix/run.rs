//! The steps of a fix, until nothing more can be done.

use std::collections::BTreeMap;

use super::answer::mutated;
use super::seen::Seen;
use super::settings;
use super::step::{At, Step, problem, write};
use super::text::Fixer;
use crate::dockerfile;
use crate::finding::{Finding, Problem};
use kube_yaml::patch::Refusal;
use kube_yaml::yaml::{self, Node};

/// Why what a rule wants of a container was not done.
pub(super) type Reasons = BTreeMap<(usize, String, Option<String>), Refusal>;

/// A text on its way.
pub(super) struct Run<'r> {
    pub(super) fixer: &'r Fixer<'r>,
    pub(super) objects: &'r [At],
    pub(super) text: String,
    pub(super) reasons: Reasons,
}

/// Most rounds over the objects that cannot get all of it at once.
const ROUNDS: usize = 4;

impl Run<'_> {
    /// Fixes the chosen objects, and those that could not get everything again: an edit can make room for one that
    /// text shared by an anchor was in the way of.
    pub(super) fn until_done(&mut self, mut chosen: Vec<usize>, seen: &mut [Seen], problems: &mut Vec<Problem>) {
        for _ in 0..ROUNDS {
            if chosen.is_empty() {
                return;
            }
            let before = self.text.clone();
            self.reasons.clear();
            chosen = self.all_at_once(&chosen, seen, problems);
            if self.text == before {
                return;
            }
            let parsed = yaml::parse(&self.text);
            for index in &chosen {
                let mut found = self.fixer.judge(&self.objects[*index], &parsed, problems);
                (self.fixer.mute)(&self.text, &mut found);
                seen[*index].open = Some(found);
            }
        }
    }

    /// Gives every object what all policies want, one after the other. Of an object that cannot get all of
    /// it, each rule is tried for itself, and each container; these objects are given back.
    fn all_at_once(&mut self, chosen: &[usize], seen: &mut [Seen], problems: &mut Vec<Problem>) -> Vec<usize> {
        let Fixer { judges, mutating, images, .. } = self.fixer;
        let chain = |index: usize, node: &Node<'_>| {
            let object = &self.objects[index].object;
            let (quiet, spared) = seen[index].muted();
            let own = match quiet.is_empty() && spared.is_empty() {
                true => None,
                false => Some(settings::tuned(mutating, &quiet, &spared)?),
            };
            let filled = dockerfile::fill(images, node, &seen[index].before);
            let mut json: Option<String> = None;
            for (place, judge) in judges.iter().enumerate() {
                // A policy that mutates by its own settings has answered already, if this is what it saw.
                let next = match &json {
                    _ if quiet.contains(&judge.name()) => None,
                    None if judge.is_built_in() => {
                        let start = filled.clone().unwrap_or_else(|| node.to_json());
                        mutated(own.as_ref().unwrap_or(mutating), &start, object)?.or_else(|| filled.clone())
                    }
                    None if seen[index].paths.is_empty() => seen[index].mutated[place].clone(),
                    None => mutated(judge, &node.to_json(), object)?,
                    Some(json) => mutated(judge, json, object)?,
                };
                json = next.or(json);
            }
            Ok(json)
        };
        let step = write(&self.text, self.objects, chosen, chain);
        let refused = self.take(step, seen, problems);
        let stuck: Vec<usize> = chosen.iter().copied().filter(|index| refused.contains_key(index)).collect();
        if stuck.is_empty() {
            return stuck;
        }
        let wanted = |index: usize, node: &Node<'_>| Ok(dockerfile::fill(images, node, &seen[index].before));
        let step = write(&self.text, self.objects, &stuck, wanted);
        let without_ids = self.take(step, seen, problems);
        self.keep(without_ids, "run-as-user", None);
        for (place, judge) in judges.iter().enumerate() {
            if judge.is_built_in() {
                let mut by_settings = refused.clone();
                by_settings.retain(|index, _| seen[*index].mutated[place].is_some());
                self.keep(by_settings, judge.name(), None);
                self.rule_by_rule(&stuck, seen, problems);
            } else if judges.len() > 1 {
                let wanted = |index: usize, node: &Node<'_>| match seen[index].paths.is_empty() {
                    true => Ok(seen[index].mutated[place].clone()),
                    false => mutated(judge, &node.to_json(), &self.objects[index].object),
                };
                let step = write(&self.text, self.objects, &stuck, wanted);
                let refused = self.take(step, seen, problems);
                self.keep(refused, judge.name(), None);
            } else {
                self.keep(refused.clone(), judge.name(), None);
            }
        }
        stuck
    }

    /// Each rule for itself, on the objects that cannot get the changes of all rules.
    fn rule_by_rule(&mut self, stuck: &[usize], seen: &mut [Seen], problems: &mut Vec<Problem>) {
        let mut rules: Vec<String> = stuck.iter().flat_map(|index| seen[*index].rules()).collect();
        rules.sort();
        rules.dedup();
        for rule in &rules {
            let others: Vec<&str> = rules.iter().filter(|other| *other != rule).map(String::as_str).collect();
            let refused = self.one_rule(stuck, (rule, &others, &[]), seen, problems);
            let containers: Vec<Option<String>> =
                refused.keys().flat_map(|index| seen[*index].containers(rule)).collect();
            let mut names: Vec<String> = containers.iter().flatten().cloned().collect();
            names.sort();
            names.dedup();
            // A container without a name cannot be told from the others; the API server refuses it.
            if names.len() < 2 || containers.contains(&None) || names[0].is_empty() {
                self.keep(refused, rule, None);
                continue;
            }
            let stuck: Vec<usize> = refused.into_keys().collect();
            for name in &names {
                let spared: Vec<&str> = names.iter().filter(|other| *other != name).map(String::as_str).collect();
                let refused = self.one_rule(&stuck, (rule, &others, &spared), seen, problems);
                self.keep(refused, rule, Some(name));
            }
        }
    }

    /// One rule, for all containers but the spared.
    fn one_rule(
        &mut self,
        stuck: &[usize],
        (rule, others, spared): (&str, &[&str], &[&str]),
        seen: &mut [Seen],
        problems: &mut Vec<Problem>,
    ) -> BTreeMap<usize, Refusal> {
        let wanted = |index: usize, node: &Node<'_>| {
            let (mut quiet, mut away) = seen[index].muted();
            quiet.extend(others);
            away.extend(spared.iter().map(|container| (rule, *container)));
            let judge = settings::tuned(self.fixer.mutating, &quiet, &away)?;
            mutated(&judge, &node.to_json(), &self.objects[index].object)
        };
        let step = write(&self.text, self.objects, stuck, wanted);
        self.take(step, seen, problems)
    }

    /// Takes over what a step did; gives the first refusal of each object that it could not change.
    fn take(&mut self, step: Step, seen: &mut [Seen], problems: &mut Vec<Problem>) -> BTreeMap<usize, Refusal> {
        for (index, message) in step.failed {
            let parsed = yaml::parse(&self.text);
            let at = &self.objects[index];
            let found = at.node(&parsed).map(|node| problem(node, at, &message));
            // A policy that failed on the object as it was is likely to say so again.
            problems.extend(found.filter(|found| problems.iter().all(|known| known.message != found.message)));
        }
        self.text = step.text;
        step.made.into_iter().for_each(|(index, path)| seen[index].paths.push(path));
        let mut refused = BTreeMap::new();
        for (index, refusal) in step.refused {
            refused.entry(index).or_insert(refusal);
        }
        refused
    }

    fn keep(&mut self, refused: BTreeMap<usize, Refusal>, rule: &str, container: Option<&str>) {
        let key = |index| (index, rule.to_owned(), container.map(str::to_owned));
        self.reasons.extend(refused.into_iter().map(|(index, refusal)| (key(index), refusal)));
    }
}

/// Why a finding is left.
pub(super) fn why(finding: &Finding, object: usize, reasons: &Reasons) -> String {
    let violation = &finding.violation;
    let own = (object, violation.rule.clone(), violation.container.clone());
    let whole = (object, violation.rule.clone(), None);
    // Of a policy that names no fixes every finding may have been meant.
    let was_tried = !violation.fix.is_empty() || violation.path.is_empty();
    if let Some(refusal) = reasons.get(&own).or_else(|| reasons.get(&whole)).filter(|_| was_tried) {
        return format!("not edited: `{}` {}", refusal.path, refusal.reason);
    }
    match (violation.fixable, violation.fix.is_empty()) {
        (false, false) => "it was written so; --unsafe replaces it".to_owned(),
        (true, false) => "not fixed by this policy's settings".to_owned(),
        _ => "needs a person".to_owned(),
    }
}
