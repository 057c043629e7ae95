//! Runs every target, on stable Rust, over the committed inputs and over what comes of changing them.

use std::fs;
use std::path::PathBuf;

use fuzz_targets::{TARGETS, manifest};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

/// Inputs of each kind for each target; `FUZZ_CASES` asks for another number.
fn cases() -> u32 {
    std::env::var("FUZZ_CASES").map_or(1000, |count| count.parse().expect("FUZZ_CASES is a number"))
}

fn folder(target: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../seeds").join(target)
}

/// The committed inputs of a target, sorted by name.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_target_has_inputs_and_every_folder_a_target() {
    for (target, _) in TARGETS {
        assert!(seeds(target).len() >= 3, "{target}");
    }
    let folders = fs::read_dir(folder(".")).unwrap();
    let names: Vec<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let is_known = |name: &String| TARGETS.iter().any(|(target, _)| target == name) || name == "json.dict";
    assert!(names.iter().all(is_known), "{names:?}");
    assert!(manifest::is_whole(), "the embedded bundle cannot be loaded");
}

#[test]
fn committed_inputs() {
    for (target, run) in TARGETS {
        for seed in seeds(target) {
            run(&seed);
        }
        run(b"");
    }
}

/// A change of bytes: those in a range are replaced.
fn change() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    let word = prop::sample::select(WORDS.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let bytes = prop::collection::vec(any::<u8>(), 0..4);
    (any::<Index>(), 0..12usize, prop_oneof![3 => word, 1 => bytes])
}

/// Pieces that readers stumble over.
const WORDS: [&str; 30] = [
    "", "\"", "{", "}", "[", "]", ":", ",", "null", "1e999", "-0", "\\ud800", "\n", "  ", "\t", "- ", "#", "|", "&a ",
    "*a", "<<: ", "---\n", "'", "\u{feff}", "?", "a:", "&a:b ", "!x,", "'a'#", "\n\t",
];

#[test]
fn changed_inputs() {
    for (target, run) in TARGETS {
        let seeds = seeds(target);
        let input = (prop::sample::select(seeds), prop::collection::vec(change(), 1..4));
        let mut runner = TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&input, |(mut bytes, changes)| {
            for (at, length, new) in changes {
                let start = at.index(bytes.len() + 1);
                let end = (start + length).min(bytes.len());
                bytes.splice(start..end, new);
            }
            run(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{target}: {failure}"));
    }
}

#[test]
fn any_bytes() {
    for (target, run) in TARGETS {
        let mut runner = TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
        let input = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            any::<String>().prop_map(String::into_bytes),
            "[ -~\n]{0,60}".prop_map(String::into_bytes),
        ];
        let outcome = runner.run(&input, |bytes| {
            run(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{target}: {failure}"));
    }
}
