//! Matches violations with those that the object had before.

use crate::index::Hashed;
use crate::violation::Violation;

/// A multiset of violations that finds one by its identity in logarithmic time.
pub(crate) struct Known<'v> {
    entries: Hashed,
    violations: &'v [Violation],
    /// For the first entry of each hash, how many of that hash are taken.
    taken: Vec<usize>,
}

impl<'v> Known<'v> {
    pub(crate) fn new(violations: &'v [Violation]) -> Known<'v> {
        let entries = Hashed::new(violations.iter().map(Violation::identity_hash));
        let taken = vec![0; violations.len()];
        Known { entries, violations, taken }
    }

    /// Takes one of the same identity out, if there is one.
    pub(crate) fn take(&mut self, violation: &Violation) -> Option<&'v Violation> {
        if self.violations.is_empty() {
            return None;
        }
        let hash = violation.identity_hash();
        let first = self.entries.first(hash);
        let is_of_hash = |at: &usize| self.entries.0.get(*at).is_some_and(|(known, _)| *known == hash);
        if !is_of_hash(&first) {
            return None;
        }
        // Those that are taken stand in front. With equal hashes the identities are equal, too, unless somebody
        // makes them collide, which costs only time.
        let next = first + self.taken[first];
        let mut places = (next..).take_while(is_of_hash);
        let at = places.find(|at| self.violations[self.entries.0[*at].1].is_same(violation))?;
        self.entries.0.swap(next, at);
        self.taken[first] += 1;
        Some(&self.violations[self.entries.0[next].1])
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
        let old = [violation(0, "a", "x"), violation(1, "b", "x"), violation(2, "b", "x")];
        let mut known = Known::new(&old);
        let mut take = |index, name, found| known.take(&violation(index, name, found)).is_some();
        assert!(take(7, "b", "x") && take(1, "b", "x"));
        assert!(!take(1, "b", "x"), "there were two");
        assert!(!take(0, "a", "y") && !take(0, "c", "x"));
        assert!(take(0, "a", "x") && !take(0, "a", "x"));
        assert_eq!(Known::new(&[]).take(&violation(0, "a", "x")), None);
    }
}
