//! The checks, natively and compiled, against the oracle: verdict for verdict, check for check.

use std::collections::BTreeSet;

use hardening::standard::{self, Level, Version};
use serde_json::Value;

use super::oracle::Facts;
use super::{Cell, cells, compiled, each, expected, expected_in, fixtures, native, pods, request, settings, typed};

fn assert_native(pod: &Value, cells: &[Cell]) {
    let text = pod.to_string();
    let typed = typed(pod);
    let facts = Facts::of(&typed);
    for (cell, found) in cells.iter().zip(native(&text, cells)) {
        assert_eq!(found, expected_in(&facts, *cell), "{cell:?}: {text}");
    }
}

fn assert_compiled(pod: &Value, cell: Cell) {
    let expected: BTreeSet<String> = expected(&typed(pod), cell).into_iter().map(str::to_owned).collect();
    let found = compiled(&settings(cell), &request(pod)).unwrap_or_else(|error| panic!("{error}: {pod}"));
    assert_eq!(found, (expected.is_empty(), expected), "{cell:?}: {pod}");
}

fn systematic() -> Vec<Value> {
    let mut all = Vec::new();
    pods::systematic(&mut |pod| all.push(pod));
    all
}

fn random() -> Vec<Value> {
    let mut all = Vec::new();
    pods::random(12_000, 4, &mut |pod| all.push(pod));
    all
}

#[test]
fn every_value_of_every_field_in_every_cell() {
    let (pods, cells) = (systematic(), cells());
    assert!(pods.len() > 12_000, "{}", pods.len());
    each(&pods, |_, pod| assert_native(pod, &cells));
}

#[test]
fn any_combination_of_fields_in_every_cell() {
    let cells = cells();
    each(&random(), |_, pod| assert_native(pod, &cells));
}

/// Every pod in one cell, so that each cell gets its share.
#[test]
fn the_compiled_bundle_decides_the_same() {
    let cells = cells();
    each(&systematic(), |at, pod| assert_compiled(pod, cells[at * 31 % cells.len()]));
    each(&random(), |at, pod| assert_compiled(pod, cells[at * 31 % cells.len()]));
}

/// As many as Kubernetes' own, and each on the compiled bundle: what is right is written beside the pod.
#[test]
fn fixtures_of_every_check_in_every_cell() {
    let fixtures = fixtures::fixtures();
    assert!(fixtures.len() > 4_500, "{}", fixtures.len());
    each(&fixtures, |_, fixture| {
        let (accepted, ids) = compiled(&settings(fixture.cell), &request(&fixture.pod)).unwrap();
        let is_right = match &fixture.refused_by {
            None => accepted && ids.is_empty(),
            Some(check) => !accepted && ids.contains(check),
        };
        assert!(is_right, "{:?}, {:?} and not {ids:?}: {}", fixture.cell, fixture.refused_by, fixture.pod);
        assert_native(&fixture.pod, &[fixture.cell]);
    });
}

/// Every check of every cell is the only one to refuse some pod, so that none hides behind another.
#[test]
fn every_check_is_seen_alone() {
    let cells = cells();
    let mut alone = BTreeSet::new();
    for pod in systematic() {
        let typed = typed(&pod);
        let facts = Facts::of(&typed);
        for cell in &cells {
            let mut refusing = expected_in(&facts, *cell).into_iter();
            if let (Some(id), None) = (refusing.next(), refusing.next()) {
                alone.insert((*cell, id));
            }
        }
    }
    let asked: BTreeSet<_> =
        cells.iter().flat_map(|cell| standard::checks(cell.0, cell.1).map(move |(id, _)| (*cell, id))).collect();
    assert_eq!(asked.difference(&alone).collect::<Vec<_>>(), Vec::<&(Cell, &str)>::new());
}

#[test]
fn random_pods_are_accepted_and_refused() {
    let pods = random();
    for level in [Level::Baseline, Level::Restricted] {
        let cell = (level, Version::LATEST);
        let accepted = pods.iter().filter(|pod| expected(&typed(pod), cell).is_empty()).count();
        assert!(accepted > pods.len() / 20 && accepted < pods.len() / 2, "{cell:?}: {accepted} of {}", pods.len());
    }
}
