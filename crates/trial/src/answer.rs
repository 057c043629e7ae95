//! Draws the verdict on each rule from the trial runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::need::{Need, Relaxation};
use crate::search::Found;

/// The verdict of trial runs on a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The workload keeps the rule and runs.
    Proven,
    /// The workload runs only with these.
    Needs(BTreeSet<Need>),
    /// There is no proof, and why.
    NotProvable(String),
}

/// Rules about what a running container may do. A rule whose settings a trial cannot apply says why.
const RULES: [(&str, Option<&str>); 11] = [
    ("run-as-user", None),
    ("privileged", None),
    ("capabilities", None),
    ("read-only-root-filesystem", None),
    ("allow-privilege-escalation", None),
    ("seccomp-profile", None),
    ("resources", None),
    ("host-namespaces", None),
    ("apparmor-profile", Some("a trial applies no AppArmor profile")),
    ("selinux-options", Some("a trial applies no SELinux options")),
    ("service-account-token", Some("there is no API server in a trial")),
];

/// The rule that a relaxation is about.
pub fn rule(relaxation: &Relaxation) -> &'static str {
    match relaxation {
        Relaxation::Capability(_) => "capabilities",
        Relaxation::WritablePath(_) | Relaxation::WritableRoot => "read-only-root-filesystem",
        Relaxation::User(_) => "run-as-user",
        Relaxation::PrivilegeEscalation => "allow-privilege-escalation",
        Relaxation::Unconfined => "seccomp-profile",
        Relaxation::Memory(_) => "resources",
    }
}

/// The verdict on each of the rules that hold for a workload and that a trial can say something about. `open` are the
/// rules that the hardened workload does not keep, each with the first finding.
pub fn answer(rules: &BTreeSet<String>, open: &BTreeMap<String, String>, found: &Found) -> BTreeMap<String, Verdict> {
    let of_rule = |(id, never): (&str, Option<&str>)| {
        let verdict = match (found, open.get(id), never) {
            (Found::NotProvable(why), ..) => Verdict::NotProvable(why.clone()),
            (Found::Needs(needs), finding, never) => {
                let own: BTreeSet<Need> = needs.keys().filter(|need| rule(&need.relaxation) == id).cloned().collect();
                if own.is_empty() { alone(finding, never) } else { Verdict::Needs(own) }
            }
            (Found::Proven, finding, never) => alone(finding, never),
        };
        rules.contains(id).then(|| (id.to_owned(), verdict))
    };
    RULES.into_iter().filter_map(of_rule).collect()
}

/// The verdict on a rule for which nothing has to be given back.
fn alone(finding: Option<&String>, never: Option<&str>) -> Verdict {
    match (finding, never) {
        (Some(finding), _) => Verdict::NotProvable(finding.clone()),
        (None, Some(why)) => Verdict::NotProvable(why.to_owned()),
        (None, None) => Verdict::Proven,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Failure;

    #[test]
    fn every_rule_gets_the_verdict_of_its_own_needs() {
        let need = Need { container: "app".to_owned(), relaxation: Relaxation::Capability("CHOWN".to_owned()) };
        let failure = Failure { container: "app".to_owned(), why: "ended with 1".to_owned(), log: Vec::new() };
        let rules =
            ["capabilities", "run-as-user", "apparmor-profile", "image-tag", "resources"].map(str::to_owned).into();
        let open = BTreeMap::from([("resources".to_owned(), "no limit".to_owned())]);
        let needs = Found::Needs([(need.clone(), failure)].into());
        let verdicts = answer(&rules, &open, &needs);
        assert_eq!(verdicts.len(), 4, "a trial says nothing about a tag");
        assert_eq!(verdicts["capabilities"], Verdict::Needs([need].into()));
        assert_eq!(verdicts["run-as-user"], Verdict::Proven);
        assert_eq!(verdicts["resources"], Verdict::NotProvable("no limit".to_owned()));
        assert!(matches!(&verdicts["apparmor-profile"], Verdict::NotProvable(why) if why.contains("AppArmor")));
        let never = answer(&rules, &open, &Found::NotProvable("it is unstable".to_owned()));
        assert!(never.values().all(|verdict| *verdict == Verdict::NotProvable("it is unstable".to_owned())));
    }

    #[test]
    fn the_rules_are_those_of_the_suite() {
        for (id, _) in RULES {
            assert!(hardening::catalogue::IDS.contains(&id), "{id}");
        }
    }
}
