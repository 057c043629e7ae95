use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::need::Relaxation;

fn need(name: u8) -> Need {
    let container = if name.is_multiple_of(5) { "sidecar" } else { "app" }.to_owned();
    Need { container, relaxation: Relaxation::Capability(format!("C{name:02}")) }
}

fn needs(names: &[u8]) -> BTreeSet<Need> {
    names.iter().map(|name| need(*name)).collect()
}

fn outcome(is_ready: bool) -> Outcome {
    let log = vec!["denied".to_owned(), " ".to_owned()];
    let not = || Readiness::Not { container: "app".to_owned(), why: "ended with 1".to_owned(), log };
    let readiness = if is_ready { Readiness::Ready } else { not() };
    Outcome { readiness, evidence: BTreeMap::new(), took: Duration::ZERO }
}

/// Searches in a world whose pod is ready with the sets of `is_ready`, among so many candidates of which some are likely.
fn found_in(
    is_ready: impl Fn(&BTreeSet<Need>) -> bool,
    candidates: u8,
    likely: &BTreeSet<Need>,
    most: usize,
) -> (Searched, usize) {
    let ran = Cell::new(0);
    let of = |_: &Outcome| {
        (0..candidates).map(need).map(|need| Candidate { is_likely: likely.contains(&need), need }).collect()
    };
    let searched = search(most, of, |set: &BTreeSet<Need>| {
        ran.set(ran.get() + 1);
        Ok::<_, Infallible>(outcome(is_ready(set)))
    });
    let Ok(searched) = searched;
    (searched, ran.get())
}

fn set_of(found: &Found) -> Option<BTreeSet<Need>> {
    match found {
        Found::Needs(needs) => Some(needs.keys().cloned().collect()),
        _ => None,
    }
}

#[test]
fn what_runs_hardened_is_proven_by_two_runs() {
    let (searched, ran) = found_in(|_| true, 10, &needs(&[]), 30);
    assert_eq!((searched, ran), (Searched { found: Found::Proven, runs: 2 }, 2));
}

#[test]
fn a_hint_that_is_right_saves_most_runs() {
    let world = |set: &BTreeSet<Need>| needs(&[3, 7]).is_subset(set);
    let (without, _) = found_in(world, 20, &needs(&[]), 100);
    let (with, _) = found_in(world, 20, &needs(&[3, 7]), 100);
    assert_eq!((set_of(&with.found), set_of(&without.found)), (Some(needs(&[3, 7])), Some(needs(&[3, 7]))));
    // Nothing twice, the set twice, each without one twice.
    assert_eq!(with.runs, 8);
    assert!(without.runs > 2 * with.runs, "{}", without.runs);
    let Found::Needs(found) = with.found else { panic!("{with:?}") };
    assert!(found.values().all(|failure| failure.last_line() == Some("denied")), "each is told how it fails");
    let (wrong, _) = found_in(world, 20, &needs(&[1, 2, 3]), 100);
    assert_eq!(set_of(&wrong.found), Some(needs(&[3, 7])), "a hint that is wrong costs runs, and nothing else");
}

#[test]
fn the_most_dangerous_is_left_out_where_another_does() {
    let either = |set: &BTreeSet<Need>| set.contains(&need(2)) || set.contains(&need(9));
    let (searched, _) = found_in(either, 10, &needs(&[]), 100);
    assert_eq!(set_of(&searched.found), Some(needs(&[2])));
}

#[test]
fn what_cannot_be_proven_says_why() {
    let why = |searched: Searched| match searched.found {
        Found::NotProvable(why) => why,
        found => panic!("{found:?}"),
    };
    let (never, ran) = found_in(|_| false, 8, &needs(&[1]), 30);
    assert!(why(never).contains("everything that may help given back: app: ended with 1") && ran == 4);
    let (bounded, ran) = found_in(|set| needs(&[1, 6, 11]).is_subset(set), 16, &needs(&[]), 6);
    assert_eq!(ran, 6);
    let why_bounded = why(bounded);
    assert!(why_bounded.starts_with("the search ended after 6 runs, with "), "{why_bounded}");
    let count = Cell::new(0);
    let (unstable, ran) = found_in(
        |_| {
            count.set(count.get() + 1);
            count.get() > 1
        },
        8,
        &needs(&[]),
        30,
    );
    assert!(why(unstable).contains("unstable") && ran == 2);
}

/// A pod of which every verdict is drawn: it never gets one that two runs do not bear.
#[test]
fn a_failing_engine_ends_the_search() {
    let found = search(9, |_| Vec::new(), |_| Err::<Outcome, &str>("no engine"));
    assert_eq!(found, Err("no engine"));
}

#[test]
fn later_failures_name_further_candidates() {
    let ready = needs(&[1, 2]);
    let of = |outcome: &Outcome| {
        let second = matches!(&outcome.readiness, Readiness::Not { why, .. } if why == "second");
        vec![Candidate { need: need(if second { 2 } else { 1 }), is_likely: true }]
    };
    let searched = search(30, of, |set: &BTreeSet<Need>| {
        let mut outcome = outcome(ready.is_subset(set));
        if let Readiness::Not { why, .. } = &mut outcome.readiness {
            *why = if set.contains(&need(1)) { "second" } else { "first" }.to_owned();
        }
        Ok::<_, Infallible>(outcome)
    });
    let Ok(Searched { found, .. }) = searched;
    assert_eq!(set_of(&found), Some(needs(&[1, 2])));
}

proptest! {
    /// Monotone worlds with one smallest set: it is found, whatever is likely, in few runs.
    #[test]
    fn the_smallest_set_is_found(
        wanted in prop::collection::btree_set(0u8..18, 1..5),
        likely in prop::collection::btree_set(0u8..18, 0..5),
    ) {
        let wanted: BTreeSet<Need> = wanted.into_iter().map(need).collect();
        let likely: BTreeSet<Need> = likely.into_iter().map(need).collect();
        let (searched, ran) = found_in(|set| wanted.is_subset(set), 18, &likely, 500);
        prop_assert_eq!(set_of(&searched.found), Some(wanted.clone()));
        prop_assert_eq!(searched.runs, ran);
        prop_assert!(ran <= 16 + 18 * wanted.len(), "{} runs for {}", ran, wanted.len());
    }

    /// Any world: no member of what is found can be left out, and each was tried. The runs are bounded.
    #[test]
    fn nothing_can_be_left_out_in_any_world(verdicts in any::<[u64; 4]>(), most in 1usize..60) {
        let index = |set: &BTreeSet<Need>| (0u8..8).filter(|name| set.contains(&need(*name))).map(|name| 1usize << name).sum::<usize>();
        let is_ready = |set: &BTreeSet<Need>| {
            let index = index(set);
            index == 255 || index != 0 && verdicts[index / 64] >> (index % 64) & 1 == 1
        };
        let (searched, ran) = found_in(is_ready, 8, &needs(&[]), most);
        prop_assert!(ran <= most && searched.runs == ran);
        match &searched.found {
            Found::Proven => prop_assert!(false, "nothing fails"),
            Found::NotProvable(why) => prop_assert!(why.contains("the search ended"), "{}", why),
            Found::Needs(_) => {
                let found = set_of(&searched.found).unwrap_or_default();
                prop_assert!(is_ready(&found));
                for left_out in &found {
                    let without: BTreeSet<Need> = found.iter().filter(|need| *need != left_out).cloned().collect();
                    prop_assert!(!is_ready(&without));
                }
            }
        }
    }

    /// Containers that fail at random: a verdict needs two runs of one end.
    #[test]
    fn an_unstable_container_is_never_proven_by_one_run(ends in prop::collection::vec(any::<bool>(), 60)) {
        let at = Cell::new(0);
        let (searched, ran) = found_in(|_| { at.set(at.get() + 1); ends[at.get() - 1] }, 6, &needs(&[]), 60);
        prop_assert!(ran >= 2);
        if searched.found == Found::Proven {
            prop_assert!(ends[0] && ends[1]);
        }
    }
}
