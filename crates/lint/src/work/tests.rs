//! However many threads there are, the reports are the same.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::search;
use crate::session::{self, Choices, Policies};

fn reports(paths: &[PathBuf], threads: usize) -> String {
    let sources = search::find(paths, None);
    let policy = embedded::bundle(&session::engine(threads, sources.len()).unwrap()).unwrap();
    let policies = Policies { policy, further: Vec::new() };
    let today = "2026-08-01".parse().unwrap();
    let session = Session::new(policies, &Choices::default(), None, &sources, today).unwrap();
    format!("{:#?}", judge_all(&session, &sources, threads, &mut || {}))
}

#[test]
fn threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = String::new();
    for file in corpus::files(&corpus::Shape { files: 40, documents: 200, workloads: 40, bytes: 600_000 }, 5) {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &file.text).unwrap();
        all.push_str("---\n");
        all.push_str(&file.text);
    }
    // One file that is spread, with an error in the middle and comments in front.
    let large = format!("# c\n{all}---\na: [\n{all}");
    assert!(large.len() > 3 * LARGE && shares(&large).len() > 10);
    std::fs::write(folder.path().join("large.yaml"), &large).unwrap();
    std::fs::write(folder.path().join("latin.yaml"), b"a: \xe9\n").unwrap();

    for paths in [vec![folder.path().to_owned()], vec![folder.path().join("large.yaml")]] {
        let alone = reports(&paths, 1);
        assert!(alone.contains("Finding"));
        for threads in [2, 5] {
            assert!(reports(&paths, threads) == alone, "{threads} threads report something else");
        }
    }
}

#[test]
fn shares_are_the_chunks_of_the_text() {
    for text in ["", "a: b", "# c\n---\na: b\n---\n", &"---\na: b\r\n".repeat(20_000)] {
        let chunks: Vec<Chunk<'_>> = yaml::chunks(text).collect();
        let shared: Vec<Chunk<'_>> = shares(text).iter().flatten().map(|bounds| bounds.of(text)).collect();
        assert_eq!(shared, chunks);
    }
}

#[test]
fn one_small_file_needs_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (small, large) = (folder.path().join("small.yaml"), folder.path().join("large.yaml"));
    std::fs::write(&small, "a: b\n").unwrap();
    std::fs::write(&large, "a: b\n".repeat(LARGE)).unwrap();
    let count = |jobs, paths: &[&PathBuf]| {
        let paths: Vec<PathBuf> = paths.iter().map(|path| (*path).clone()).collect();
        threads(NonZeroUsize::new(jobs), &search::find(&paths, None))
    };
    assert_eq!(count(8, &[&small]), 1);
    assert_eq!(count(8, &[&large]), 8);
    assert_eq!(count(8, &[&small, &small]), 1, "what is named twice is judged once");
    assert_eq!(count(8, &[&small, &large]), 2);
    assert_eq!(count(1, &[&small, &large]), 1);
}
