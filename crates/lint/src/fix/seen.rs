//! What is known of an object on its way.

use crate::finding::Finding;

/// An object, what was found in it and what is to become of it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) before: Vec<Finding>,
    /// What is found in it after a first round; not known before.
    pub(super) open: Option<Vec<Finding>>,
    /// For each judge, the object as it wants it, if that is known already.
    pub(super) mutated: Vec<Option<String>>,
    /// What was fixed.
    pub(super) fixed: Vec<String>,
    /// Where it was changed.
    pub(super) paths: Vec<String>,
}

impl Seen {
    /// Whether a policy may have something to change.
    pub(super) fn wants_change(&self) -> bool {
        self.mutated.iter().any(Option::is_some) || self.before.iter().any(|finding| finding.muted.is_none())
    }

    /// The rules that a suppression silences, and those that it silences for a container.
    pub(super) fn muted(&self) -> (Vec<&str>, Vec<(&str, &str)>) {
        let (mut rules, mut containers) = (Vec::new(), Vec::new());
        for Finding { violation, .. } in self.before.iter().filter(|finding| finding.muted.is_some()) {
            match violation.container.as_deref() {
                Some(container) => containers.push((violation.rule.as_str(), container)),
                None => rules.push(violation.rule.as_str()),
            }
        }
        (rules, containers)
    }

    /// What is found in it as it is.
    fn current(&self) -> &[Finding] {
        self.open.as_deref().unwrap_or(&self.before)
    }

    /// The rules that know a fix for something here.
    pub(super) fn rules(&self) -> impl Iterator<Item = String> {
        let open = self.current().iter().filter(|finding| finding.muted.is_none());
        let fixable = open.filter(|finding| !finding.violation.fix.is_empty());
        fixable.map(|finding| finding.violation.rule.clone())
    }

    /// The containers that a rule knows a fix for; `None` among them is the pod.
    pub(super) fn containers(&self, rule: &str) -> impl Iterator<Item = Option<String>> {
        let own = self.current().iter().map(|finding| &finding.violation);
        let own = own.filter(move |violation| violation.rule == rule && !violation.fix.is_empty());
        own.map(|violation| violation.container.clone())
    }

    /// Notes what was fixed, now that it is known what is left.
    pub(super) fn settle(&mut self, left: &[Finding]) {
        let count = |found: &[Finding], rule: &str| found.iter().filter(|f| f.violation.rule == rule).count();
        let mut rules: Vec<&str> = self.before.iter().map(|finding| finding.violation.rule.as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        for rule in rules {
            let gone = count(&self.before, rule).saturating_sub(count(left, rule));
            self.fixed.extend(std::iter::repeat_n(rule.to_owned(), gone));
        }
        if self.fixed.is_empty() {
            self.fixed.append(&mut self.paths);
        }
    }
}
