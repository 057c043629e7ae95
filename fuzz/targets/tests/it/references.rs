//! Every distinct reference of the examples and of a corpus is read as a second reader of the runtimes' grammar has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz_targets::reference;
use hardening::reference::Reference;
use kube_yaml::yaml;
use lint::images::named;

fn texts_below(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|ending| ending.to_str()) {
            _ if path.is_dir() => texts_below(&path, texts),
            Some("yaml" | "yml" | "json") => texts.push(fs::read_to_string(&path).unwrap()),
            _ => {}
        }
    }
}

#[test]
fn of_examples_and_corpus() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..");
    let mut texts = Vec::new();
    texts_below(&root.join("examples"), &mut texts);
    let of_examples = texts.len();
    let shape = corpus::Shape { files: 200, documents: 800, workloads: 300, bytes: 2_000_000 };
    texts.extend(corpus::files(&shape, 7).into_iter().map(|file| file.text));
    let mut seen = BTreeSet::new();
    for text in &texts {
        let parsed = yaml::parse(text);
        for found in named(&parsed, None).0 {
            seen.extend(found.mention.reference.map(|written| written.into_owned()));
        }
    }
    for written in &seen {
        assert!(Reference::parse(written).is_ok(), "{written:?}");
        reference::run(written.as_bytes());
    }
    assert!(of_examples > 10 && seen.len() > 40, "{of_examples} files, {} references", seen.len());
    println!("{} references", seen.len());
}
