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
    /// The workload keeps the rule and runs, but for values that are written, which the trials left: what is against the
    /// rule.
    ButFor(Vec<String>),
    /// There is no proof, and why.
    NotProvable(String),
}

/// Something that a hardened workload has or lacks against a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The finding in words.
    pub said: String,
    /// Whether a value is written; else one is missing.
    pub is_written: bool,
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

/// The rules whose settings a trial applies as they are written, whatever they are.
const APPLIED: [&str; 6] = [
    "run-as-user",
    "capabilities",
    "read-only-root-filesystem",
    "allow-privilege-escalation",
    "seccomp-profile",
    "resources",
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
/// rules that the hardened workload does not keep, each with the findings.
pub fn answer(
    rules: &BTreeSet<String>,
    open: &BTreeMap<String, Vec<Open>>,
    found: &Found,
) -> BTreeMap<String, Verdict> {
    let of_rule = |(id, never): (&str, Option<&str>)| {
        let open = open.get(id).map_or(&[][..], Vec::as_slice);
        let verdict = match found {
            Found::NotProvable(why) => Verdict::NotProvable(why.clone()),
            Found::Needs(needs) => {
                let own: BTreeSet<Need> = needs.keys().filter(|need| rule(&need.relaxation) == id).cloned().collect();
                if own.is_empty() { alone(id, open, never) } else { Verdict::Needs(own) }
            }
            Found::Proven => alone(id, open, never),
        };
        rules.contains(id).then(|| (id.to_owned(), verdict))
    };
    RULES.into_iter().filter_map(of_rule).collect()
}

/// The verdict on a rule for which nothing has to be given back.
fn alone(id: &str, open: &[Open], never: Option<&str>) -> Verdict {
    let is_left = |open: &&Open| !open.is_written || !APPLIED.contains(&id);
    match (open, open.iter().find(is_left), never) {
        (_, Some(left), _) => Verdict::NotProvable(left.said.clone()),
        (_, None, Some(why)) => Verdict::NotProvable(why.to_owned()),
        ([], None, None) => Verdict::Proven,
        (written, None, None) => Verdict::ButFor(written.iter().map(|open| open.said.clone()).collect()),
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
        let lacking = Open { said: "no limit".to_owned(), is_written: false };
        let open = BTreeMap::from([("resources".to_owned(), vec![lacking])]);
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
    fn values_that_are_written_are_named_and_the_rest_is_proven() {
        let open = |said: &str, is_written: bool| Open { said: said.to_owned(), is_written };
        let verdict = |id: &str, open: &[Open]| alone(id, open, None);
        let (chown, kill, unset) = (open("adds CHOWN", true), open("adds KILL", true), open("drop is not set", false));
        let both = vec!["adds CHOWN".to_owned(), "adds KILL".to_owned()];
        assert_eq!(verdict("capabilities", &[chown.clone(), kill]), Verdict::ButFor(both));
        let never = Verdict::NotProvable("drop is not set".to_owned());
        assert_eq!(verdict("capabilities", &[chown, unset]), never, "what is missing is not hardened");
        let privileged = open("privileged is true", true);
        let never = Verdict::NotProvable("privileged is true".to_owned());
        assert_eq!(verdict("privileged", &[privileged]), never, "nothing is run so");
    }

    #[test]
    fn the_rules_are_those_of_the_suite() {
        for id in RULES.into_iter().map(|(id, _)| id).chain(APPLIED) {
            assert!(hardening::catalogue::IDS.contains(&id), "{id}");
        }
    }
}
