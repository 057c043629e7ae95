//! Violations by what they are recognised by, for an object before and after a change.

use crate::index::Hashed;
use crate::violation::Violation;

/// A multiset of violations that finds one by its identity in logarithmic time.
pub(crate) struct Known<'v> {
    entries: Hashed,
    violations: Vec<&'v Violation>,
    /// For the first entry of each hash, how many of that hash are taken.
    taken: Vec<usize>,
}

impl<'v> Known<'v> {
    pub(crate) fn new(violations: &'v [(usize, Violation)]) -> Known<'v> {
        Known::of(violations.iter().map(|(_, violation)| violation))
    }

    pub(crate) fn of(violations: impl Iterator<Item = &'v Violation>) -> Known<'v> {
        let violations: Vec<&Violation> = violations.collect();
        let entries = Hashed::new(violations.iter().map(|violation| violation.identity_hash()));
        let taken = vec![0; violations.len()];
        Known { entries, violations, taken }
    }

    /// Whether there is one of the same identity.
    pub(crate) fn has(&self, violation: &Violation) -> bool {
        self.find(violation, |_| 0).is_some()
    }

    /// Takes one of the same identity out; gives whether there was one.
    pub(crate) fn take(&mut self, violation: &Violation) -> bool {
        // Those that are taken stand in front. With equal hashes the identities are equal, too, unless somebody
        // makes them collide, which costs only time.
        let Some((first, at)) = self.find(violation, |first| self.taken[first]) else { return false };
        self.entries.0.swap(first + self.taken[first], at);
        self.taken[first] += 1;
        true
    }

    /// The first entry of the violation's hash, and the one of its identity, leaving out as many in front as
    /// `skip` says.
    fn find(&self, violation: &Violation, skip: impl Fn(usize) -> usize) -> Option<(usize, usize)> {
        if self.violations.is_empty() {
            return None;
        }
        let hash = violation.identity_hash();
        let first = self.entries.first(hash);
        let is_of_hash = |at: &usize| self.entries.0.get(*at).is_some_and(|(known, _)| *known == hash);
        if !is_of_hash(&first) {
            return None;
        }
        let mut places = (first + skip(first)..).take_while(is_of_hash);
        places.find(|at| self.violations[self.entries.0[*at].1].is_same(violation)).map(|at| (first, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::ContainerKind;
    use crate::violation::Found;

    fn violation(index: usize, name: &str, found: &str) -> Violation {
        let path = format!("spec.containers[{index}].image");
        Violation {
            container: Some((ContainerKind::Container, name.to_owned())),
            ..Violation::at(path, Found::text(found), "must be y")
        }
    }

    #[test]
    fn each_is_taken_once_wherever_it_stands() {
        let old: Vec<(usize, Violation)> =
            [violation(0, "a", "x"), violation(1, "b", "x"), violation(2, "b", "x")].map(|v| (0, v)).into();
        let mut known = Known::new(&old);
        assert!(known.has(&violation(9, "a", "x")));
        assert!(known.take(&violation(7, "b", "x")) && known.take(&violation(1, "b", "x")));
        assert!(!known.take(&violation(1, "b", "x")), "there were two");
        assert!(!known.take(&violation(0, "a", "y")) && !known.take(&violation(0, "c", "x")));
        assert!(known.take(&violation(0, "a", "x")) && !known.take(&violation(0, "a", "x")));
        assert!(!Known::new(&[]).take(&violation(0, "a", "x")));
    }
}
