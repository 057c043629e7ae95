//! No bad pod is accepted: not by the rule, not by the bundle, not as wasm, not from a file.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hardening::bundle::{Bundle, HARDENING};
use hardening::catalogue::{self, RuleDoc};
use hardening::evaluate;
use hardening::policy::Load;
use hardening::unjudged::Unjudged;
use lint::scan::judge_text;
use sandbox::ErrorKind;
use serde_json::Value;

use super::good::{CARRIERS, Carrier, payload, pod};
use super::pods::Dice;
use super::veil::{Veil, render, variants};
use super::ways::{UNSET, WAYS, Way};
use super::{pick, say, text, wanted};

/// The verdict on a bad pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused,
    Unreadable,
    Accepted,
}

impl Verdict {
    fn of(answer: Result<Vec<u8>, Unjudged>) -> Verdict {
        match answer {
            Err(_) => Verdict::Unreadable,
            Ok(answer) if answer.starts_with(br#"{"accepted":false,"#) => Verdict::Refused,
            Ok(_) => Verdict::Accepted,
        }
    }
}

/// How many pods of each rule were refused, and how many could not be read.
#[derive(Default)]
pub(crate) struct Count {
    rules: BTreeMap<&'static str, [usize; 2]>,
    accepted: Vec<String>,
}

impl Count {
    pub(crate) fn add(&mut self, rule: &'static str, verdict: Verdict, what: impl FnOnce() -> String) {
        match verdict {
            Verdict::Refused => self.rules.entry(rule).or_default()[0] += 1,
            Verdict::Unreadable => self.rules.entry(rule).or_default()[1] += 1,
            Verdict::Accepted => self.accepted.push(what()),
        }
    }

    fn merge(&mut self, other: Count) {
        for (rule, [refused, unreadable]) in other.rules {
            let all = self.rules.entry(rule).or_default();
            *all = [all[0] + refused, all[1] + unreadable];
        }
        self.accepted.extend(other.accepted);
    }

    /// Prints the counts; panics if one was accepted, or a rule was never asked or never refused.
    pub(crate) fn finish(self, title: &str) {
        let total: usize = self.rules.values().flatten().sum();
        say(&format!("{title}: {} bad pods, {} accepted", total + self.accepted.len(), self.accepted.len()));
        for (rule, [refused, unreadable]) in &self.rules {
            say(&format!("  {rule}: {refused} refused, {unreadable} unreadable, 0 accepted"));
        }
        for what in self.accepted.iter().take(20) {
            say(&format!("accepted: {what}"));
        }
        assert!(self.accepted.is_empty(), "{} bad pods were accepted", self.accepted.len());
        for id in catalogue::IDS {
            assert!(self.rules.get(id).is_some_and(|[refused, _]| *refused > 0), "{id} refused nothing");
        }
    }
}

/// The settings of the bundle that make it judge by this way's rule alone.
pub(crate) fn alone(way: &Way) -> String {
    format!(r#"{{"profile":"privileged","rules":{{"{}":{}}}}}"#, way.rule, way.settings)
}

/// The bundle's settings: the rule alone or, where the defaults have it so, the whole profile.
fn of_bundle(dice: &mut Dice, way: &Way) -> String {
    let is_default = way.settings == "{}" && HARDENING.contains(&way.rule);
    if is_default && dice.below(2) == 0 { "{}".to_owned() } else { alone(way) }
}

/// A pod that passes, with what the way calls good.
pub(crate) fn good_pod(way: &Way, path: &[super::good::Step]) -> Value {
    let veil = Veil::Plain;
    serde_json::from_str(&render(&pod(), path, way.good, veil)).unwrap()
}

/// One bad pod, and how it is asked about.
struct Case {
    way: &'static Way,
    carrier: &'static Carrier,
    /// The object, as text.
    object: String,
    /// A description of what is bad.
    what: String,
}

impl Case {
    fn any(dice: &mut Dice) -> Case {
        let way = pick(dice, WAYS);
        let carrier = &CARRIERS[dice.below(CARRIERS.len())];
        let path = pick(dice, &way.paths()).clone();
        let good = good_pod(way, &path);
        let written = *pick(dice, way.bad);
        let bad = if dice.below(2) == 0 { written.to_owned() } else { pick(dice, &variants(written)).clone() };
        let path = carrier.path(&path);
        let veil = match Veil::any(dice, &path) {
            // Of two members the last counts, for Kubernetes too: after `null`, what is good is good.
            Veil::Twice { depth, .. } if bad == "null" => Veil::Twice { depth, bad_first: false },
            _ if bad == UNSET => Veil::Plain,
            veil => veil,
        };
        let what = format!("{} {} in {} at {path:?}, {veil:?}: {bad}", way.rule, way.settings, carrier.kind);
        Case { way, carrier, object: render(&carrier.object(&good), &path, &bad, veil), what }
    }

    fn payload(&self, settings: &str) -> String {
        payload(&self.carrier.settings(settings), self.carrier, &self.object)
    }
}

fn rule<'r>(docs: &'r [RuleDoc], way: &Way) -> &'r RuleDoc {
    docs.iter().find(|doc| doc.id == way.rule).unwrap()
}

/// The base of all bad pods is good: what is refused is refused for what is bad.
#[test]
fn the_pods_are_good_before_they_are_bad() {
    let docs = catalogue::all();
    for way in WAYS {
        for path in way.paths() {
            let good = good_pod(way, &path);
            for carrier in &CARRIERS {
                let object = carrier.object(&good).to_string();
                let asked = payload(&carrier.settings(way.settings), carrier, &object);
                let answer = rule(&docs, way).validate(asked.as_bytes()).unwrap();
                assert!(answer.starts_with(br#"{"accepted":true"#), "{}: {asked}", String::from_utf8_lossy(&answer));
            }
        }
    }
}

#[test]
fn no_rule_and_no_profile_accepts_a_bad_pod() {
    let total = wanted();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Count::default()));
    let worker = || {
        let docs = catalogue::all();
        let mut count = Count::default();
        loop {
            // Each thousand has its own dice, so that the pods do not depend on the threads.
            let from = next.fetch_add(1_000, Ordering::Relaxed);
            if from >= total {
                break;
            }
            let mut dice = Dice::new(u64::try_from(from).unwrap());
            for _ in from..total.min(from + 1_000) {
                let case = Case::any(&mut dice);
                let alone = case.payload(case.way.settings);
                let verdict = Verdict::of(rule(&docs, case.way).validate(alone.as_bytes()));
                count.add(case.way.rule, verdict, || case.what.clone());
                let bundled = case.payload(&of_bundle(&mut dice, case.way));
                if Verdict::of(evaluate::validate(bundled.as_bytes(), Bundle::load)) == Verdict::Accepted {
                    count.add(case.way.rule, Verdict::Accepted, || format!("by the bundle: {}", case.what));
                }
            }
        }
        all.lock().unwrap().merge(count);
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        scope.spawn(worker);
    });
    all.into_inner().unwrap().finish("natively, by the rule and by the bundle");
}

/// A sample on the wasm that `harden` embeds, and as files: JSON, YAML, lists and streams.
#[test]
fn no_file_with_a_bad_pod_passes() {
    let total = wanted() / 20;
    let engine = sandbox::Engine::new(sandbox::Options::default()).unwrap();
    let bundle = embedded::bundle(&engine).unwrap();
    let judge = lint::judge::Judge::new(embedded::bundle(&engine).unwrap(), "{}".to_owned()).unwrap();
    let (mut wasm, mut files) = (Count::default(), Count::default());
    let mut dice = Dice::new(77);
    for _ in 0..total {
        let case = Case::any(&mut dice);
        let payload = case.payload(&of_bundle(&mut dice, case.way));
        let answer = bundle.call("validate", payload.as_bytes()).map_err(|error| match error.kind {
            ErrorKind::Guest(text) => text,
            _ => panic!("{error}: {payload}"),
        });
        wasm.add(case.way.rule, Verdict::of(answer.map_err(Unjudged::from)), || case.what.clone());
    }
    for way in WAYS {
        let (way, judge) = (way, judge.with_settings(alone(way)).unwrap());
        for _ in 0..total.div_ceil(WAYS.len()) {
            let file = text::any(&mut dice, way);
            let report = judge_text(&judge, "pod.yaml".to_owned(), file.clone());
            let verdict = match (report.findings.is_empty(), report.problems.is_empty()) {
                (false, _) => Verdict::Refused,
                (true, false) => Verdict::Unreadable,
                (true, true) => Verdict::Accepted,
            };
            files.add(way.rule, verdict, || format!("by {}: {file}", way.rule));
        }
    }
    wasm.finish("as wasm");
    files.finish("as files");
}
