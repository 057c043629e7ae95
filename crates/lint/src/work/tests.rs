//! However many threads there are, the reports are the same.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::config::Configs;
use crate::search;
use crate::session::{self, Choices, Policies};
use crate::summary::Summary;

fn session(sources: &[Source], threads: usize) -> Session {
    let policy = embedded::bundle(&session::engine(threads, sources.len()).unwrap()).unwrap();
    let policies = Policies { policy, further: BTreeMap::new(), image_user: None, lock: None };
    let today = "2026-08-01".parse().unwrap();
    Session::new(policies, &Choices::default(), Configs::fixed(None), sources, today).unwrap()
}

fn reports(paths: &[PathBuf], threads: usize) -> String {
    let sources = search::find(paths).unwrap();
    let session = session(&sources, threads);
    format!("{:#?}", judge_all(&session, &sources, threads, &|| {}))
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
    // One that is spread and has suppressions, so that the trees of its shares are put together.
    let muted = large.replace("containers:", "containers: # harden: ignore[run-as-user] a test");
    assert_ne!(muted, large);
    std::fs::write(folder.path().join("muted.yaml"), &muted).unwrap();
    std::fs::write(folder.path().join("latin.yaml"), b"a: \xe9\n").unwrap();

    for paths in
        [vec![folder.path().to_owned()], vec![folder.path().join("muted.yaml")], vec![folder.path().join("large.yaml")]]
    {
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
        let shared: Vec<Chunk<'_>> = shares(text).into_iter().flatten().collect();
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
        threads(NonZeroUsize::new(jobs), &search::find(&paths).unwrap())
    };
    assert_eq!(count(8, &[&small]), 1);
    assert_eq!(count(8, &[&large]), 8);
    assert_eq!(count(8, &[&small, &small]), 1, "what is named twice is judged once");
    assert_eq!(count(8, &[&small, &large]), 2);
    assert_eq!(count(1, &[&small, &large]), 1);
}

#[test]
fn a_panic_on_one_file_is_its_problem() {
    let folder = tempfile::tempdir().unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n";
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        std::fs::write(folder.path().join(name), pod).unwrap();
    }
    let sources = search::find(&[folder.path().to_owned()]).unwrap();
    let session = session(&sources, 1);
    let judged = |source: &Source| {
        assert!(!source.name.ends_with("b.yaml"), "no room for {}", source.name);
        judge(&session, source, false)
    };
    let usual = judge_all(&session, &sources, 1, &|| {});
    for threads in [1, 3] {
        let steps = AtomicUsize::new(0);
        let step = || {
            steps.fetch_add(1, Ordering::Relaxed);
        };
        let reports = each(&session, &sources, threads, &step, judged);
        assert_eq!((reports.len(), steps.into_inner()), (3, 3));
        for at in [0, 2] {
            assert!(!usual[at].findings.is_empty());
            assert_eq!(format!("{:?}", reports[at]), format!("{:?}", usual[at]));
        }
        let FileReport { path, problems, .. } = &reports[1];
        assert_eq!(*path, sources[1].name);
        assert!(problems[0].message.contains("harden panicked (no room for "), "{problems:?}");
        assert_eq!(Summary::of(&reports).exit_code(), 2);
    }
}
