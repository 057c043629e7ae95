use super::super::testing::{POD, everything, judged};
use super::*;
use lint::summary::Summary;

fn with<T>(files: &[FileReport], look: impl Fn(&Matrix<'_>) -> T) -> T {
    let summary = Summary::of(files);
    look(&Matrix::of(&Report::new(files, &summary, &Default::default())))
}

#[test]
fn every_finding_has_its_cell() {
    let files = [judged("a.yaml", &format!("{POD}---\n{POD}")), judged("b.yaml", "kind: x\n")];
    with(&files, |matrix| {
        assert_eq!(matrix.rows.len(), 2);
        let found: usize = matrix.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.found.len()).sum();
        assert_eq!(found, files[0].findings.len());
        let counts: Vec<usize> =
            matrix.rows.iter().map(|row| row.cells.iter().map(|cell| cell.found.len()).sum()).collect();
        assert_eq!(counts[0], counts[1], "two objects of one name have their own findings");
        assert!(matrix.columns.contains(&"image-tag"), "clean rules are columns too");
    });
}

#[test]
fn the_score_counts_what_a_fix_repairs() {
    let files = [judged("a.yaml", POD)];
    let score = with(&files, |matrix| matrix.score());
    assert!(score.clean > 0 && score.clean < score.clean_after && score.clean_after < score.cells, "{score:?}");
    assert_eq!(Score::percent(199, 200), Some(99));
    assert_eq!(Score::percent(0, 0), None);
}

#[test]
fn muted_findings_are_not_clean() {
    with(&everything(), |matrix| {
        assert!(matrix.count(State::Muted) > 0);
        assert!(matrix.score().clean_after < matrix.score().cells);
    });
}

#[test]
fn what_could_not_be_judged_is_not_clean() {
    let files = [judged("a.yaml", &POD.replace("privileged: true", "privileged: 'yes'"))];
    with(&files, |matrix| {
        // The other rules find what they would find without the field that cannot be read.
        assert_eq!((matrix.score().clean, matrix.count(State::Clean)), (0, 0));
        assert!(matrix.count(State::Unjudged) > 0 && matrix.count(State::Error) > 0);
    });
}
