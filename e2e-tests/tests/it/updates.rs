//! An update never makes a container's effective state worse: a model of what containers get, written on Kubernetes'
//! own types and apart from the rules, says when an UPDATE must be refused and when it must not.

mod generate;
mod model;
mod policies;

use std::collections::BTreeMap;
use std::fmt::Write;

use generate::{Carrier, Case, Choices};
use model::Member;
use policies::{POLICIES, Verdict};

/// How many updates are generated, unless `UPDATE_CASES` says.
const CASES: u64 = 2_000;

/// Makes the update that is asked about of a generated one.
type Makes = fn(Case) -> Option<Case>;
/// A wrong verdict of a policy about an update.
type Finds = fn(&Case, &policies::Policy) -> Option<String>;

#[test]
fn an_update_that_makes_a_container_worse_off_is_refused() {
    search(Some, |case, policy| {
        let (old, new) = (model::members(&case.old), model::members(&case.new));
        for container in new.iter().filter(|container| !case.exemption.covers(container)) {
            let bad = (policy.bad)(container);
            if bad.is_empty() {
                continue;
            }
            if policy.create(case) != Verdict::Refused {
                return Some(format!("{} has {bad:?}, and CREATE is not refused", container.name()));
            }
            let had = old.iter().find(|old| case.continues(old, container)).map(policy.bad).unwrap_or_default();
            if let Some(worse) = bad.difference(&had).next()
                && !case.is_let_go()
                && policy.update(case) != Verdict::Refused
            {
                return Some(format!("{} newly has {worse:?}, and UPDATE is not refused", container.name()));
            }
        }
        None
    });
}

#[test]
fn an_update_that_changes_nothing_of_that_is_not_refused() {
    let reordered = |case: Case| Some(case.reordered());
    search(reordered, |case, policy| {
        (policy.update(case) != Verdict::Accepted)
            .then(|| "nothing but the order and a label has changed, and UPDATE is refused".into())
    });
}

#[test]
fn a_rollout_is_not_refused() {
    let rollout = |case: Case| case.rollout();
    search(rollout, |case, policy| {
        let judges_images = policy.id == "image-tag" || policy.settings.contains("profile");
        (!judges_images && policy.update(case) != Verdict::Accepted)
            .then(|| "only images have changed, and UPDATE is refused".into())
    });
}

/// A capability that is spelt so that no runtime takes it is not made one that it takes (peers 1).
#[test]
fn a_mutation_makes_no_container_worse_off() {
    search(Some, |case, policy| {
        let mutated = policy.mutated(case)?;
        let written = model::members(&case.new);
        model::members(&mutated).iter().find_map(|container| {
            let had = written.iter().find(|old| is_same_container(old, container)).map(policy.bad).unwrap_or_default();
            let worse = (policy.bad)(container).difference(&had).next().cloned()?;
            Some(format!("{} newly has {worse:?} by mutation", container.name()))
        })
    });
}

/// Looks for updates that are judged wrongly, one for each policy and kind of object, and shows them as small as they
/// get.
fn search(makes: Makes, finds: Finds) {
    let count = std::env::var("UPDATE_CASES").map_or(CASES, |text| text.parse().expect("UPDATE_CASES is a number"));
    let mut found: BTreeMap<(usize, Carrier), Vec<u16>> = BTreeMap::new();
    for seed in 0..count {
        let choices = Choices::random(seed);
        let Some(case) = makes(Case::new(&choices)) else { continue };
        for (index, policy) in POLICIES.iter().enumerate() {
            if !found.contains_key(&(index, case.carrier)) && finds(&case, policy).is_some() {
                found.insert((index, case.carrier), choices.clone());
            }
        }
    }
    let mut report = String::new();
    for ((index, carrier), choices) in found {
        let policy = &POLICIES[index];
        let fails = |case: &Case| case.carrier == carrier && finds(case, policy).is_some();
        let shrunk = shrink(choices, |choices| makes(Case::new(choices)).is_some_and(|case| fails(&case)));
        let case = makes(Case::new(&shrunk)).unwrap();
        let problem = finds(&case, policy).unwrap();
        writeln!(report, "{} {}, {carrier:?}: {problem}\n{case}", policy.id, policy.settings).unwrap();
    }
    assert!(report.is_empty(), "{count} updates:\n{report}");
}

/// Makes every choice the first one for which it still fails.
fn shrink(mut choices: Vec<u16>, fails: impl Fn(&[u16]) -> bool) -> Vec<u16> {
    for _ in 0..2 {
        for at in 0..choices.len() {
            let was = std::mem::take(&mut choices[at]);
            if !fails(&choices) {
                choices[at] = was;
            }
        }
    }
    choices
}

/// Names of containers are unique in a pod.
fn is_same_container(old: &Member<'_>, new: &Member<'_>) -> bool {
    old.kind == new.kind && old.name() == new.name()
}
