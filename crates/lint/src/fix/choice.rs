//! Lets somebody choose among the changes that the policies want.

use std::collections::BTreeSet;

use hardening::path;

use super::rounds::{Rounds, Wish};
use super::subject::Subject;
use crate::finding::{Finding, Violation};
use crate::text::Text;
use kube_yaml::patch::{self, Applied, Group};

/// A change that is made as a whole or not at all.
pub struct Hunk<'h> {
    /// Which of the changes it is, from 1, and how many there are as long as none makes another possible.
    pub number: (usize, usize),
    /// The rule, or the policy, and each finding that it repairs, in words.
    pub repairs: Vec<(&'h str, &'h str)>,
    /// The text with what was chosen before.
    pub old: &'h str,
    /// The same with this change.
    pub new: &'h str,
}

/// Says whether a change should be made.
pub type Choose<'s> = dyn Fn(&Hunk<'_>) -> bool + 's;

/// The identity of what was declined, wherever it stands: the object's index, the rule, the container, the path without
/// indices, the value found.
pub(super) type Identity = (usize, String, Option<String>, String, Option<String>);

/// The changes that nobody is asked about again.
#[derive(Debug, Default)]
pub(super) struct Declined(BTreeSet<Identity>);

impl Declined {
    /// Whether the repair of a finding in the object `subject` was declined.
    pub(super) fn has(&self, subject: usize, finding: &Finding) -> bool {
        !self.0.is_empty() && self.0.contains(&identity(subject, &finding.violation))
    }
}

/// The identity of a violation in the object `subject`.
pub(super) fn identity(subject: usize, violation: &Violation) -> Identity {
    let found = violation.found.as_ref().map(|found| found.get().to_owned());
    let field = path::without_indices(&violation.path);
    (subject, violation.rule.clone(), violation.container.clone(), field, found)
}

impl Rounds<'_> {
    /// Asks about each of the wishes, if there is somebody to ask; gives those that are granted.
    pub(super) fn chosen(&mut self, text: &Text<'_>, wishes: Vec<Wish>, subjects: &[Subject]) -> Vec<Wish> {
        let Some(choose) = self.choose else { return wishes };
        let mut hunks: Vec<Vec<Wish>> = Vec::new();
        for wish in wishes.into_iter().filter(|wish| !self.declined.0.contains(&wish.identity)) {
            match hunks.iter_mut().find(|hunk| hunk[0].subject == wish.subject && hunk[0].edits == wish.edits) {
                Some(hunk) => hunk.push(wish),
                None => hunks.push(vec![wish]),
            }
        }
        let mut granted: Vec<Wish> = Vec::new();
        let mut old = text.as_str().to_owned();
        let count = hunks.len();
        for (index, hunk) in hunks.into_iter().enumerate() {
            let new = made(text, granted.iter().chain(hunk.first()), subjects);
            // Nobody is asked about what cannot be made, which the report says, or is made already.
            if new != old {
                let repairs = hunk.iter().map(|wish| (wish.rule.as_str(), wish.said.as_str())).collect();
                if !choose(&Hunk { number: (index + 1, count), repairs, old: &old, new: &new }) {
                    self.declined.0.extend(hunk.into_iter().map(|wish| wish.identity));
                    continue;
                }
                old = new;
            }
            granted.extend(hunk);
        }
        granted
    }
}

/// The text with those of the wishes that can be granted.
fn made<'w>(text: &Text<'_>, wishes: impl Iterator<Item = &'w Wish>, subjects: &[Subject]) -> String {
    let group = |wish: &'w Wish| {
        let subject = &subjects[wish.subject];
        (subject.document, subject.path.as_slice(), wish.edits.as_slice())
    };
    let groups = wishes.map(group).map(|(document, path, edits)| Group { document, path, edits });
    let Applied { text, .. } = patch::apply(text.as_str(), text.parsed(), &groups.collect::<Vec<_>>());
    text
}
