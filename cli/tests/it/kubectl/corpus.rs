//! Texts with what `kubectl` would create from them, for machines without it.
//!
//! With `BLESS=1` and a `kubectl`, its answers are written anew, and the texts that the differential test found are
//! added.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::generate::Mode;
use super::holes::HOLES;
use super::oracle::Kubectl;
use super::seen::{seen, unseen};
use crate::support::project;

/// A text and what `kubectl` sends for it.
#[derive(Serialize, Deserialize)]
struct Answered {
    /// Which hole it is, or which mode of the generator made it.
    name: String,
    text: String,
    created: Vec<Value>,
}

#[test]
fn the_corpus_is_read_as_kubectl_reads_it() {
    if blesses() {
        bless(&[]);
    }
    let corpus = read();
    for (name, text) in HOLES {
        let known = corpus.iter().any(|entry| entry.name == name && entry.text == text);
        assert!(known, "{name} is not in the corpus: run BLESS=1 cargo test --release -p harden --test it kubectl");
    }
    let (mut created, mut refused) = (0, 0);
    for Answered { name, text, created: sent } in &corpus {
        let unseen = unseen(text, sent);
        assert!(unseen.is_empty(), "{name}\n{text}\nkubectl: {}\nharden: {:?}", unseen[0], seen(text));
        created += usize::from(!sent.is_empty());
        refused += usize::from(!sent.is_empty() && seen(text).is_err());
    }
    // To refuse everything would be easy.
    assert!(created > 300 && refused * 2 < created, "{created} texts make objects, and {refused} of these are refused");
}

pub(crate) fn blesses() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

fn path() -> PathBuf {
    project("cli/tests/it/kubectl/corpus.jsonl")
}

fn read() -> Vec<Answered> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks `kubectl` for the answers again, and adds texts.
pub(crate) fn bless(found: &[(Mode, String)]) {
    let Some(kubectl) = Kubectl::find() else { return };
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap();
    let holes = HOLES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let known = read().into_iter().map(|entry| (entry.name, entry.text));
    let known = known.filter(|(name, _)| Mode::ALL.iter().any(|mode| mode.name() == *name));
    let found = found.iter().map(|(mode, text)| (mode.name(), text.clone()));
    let mut texts: Vec<(String, String)> = holes.chain(known).chain(found).collect();
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|(_, text)| seen.insert(text.clone()));
    let only: Vec<String> = texts.iter().map(|(_, text)| text.clone()).collect();
    let entries = texts.into_iter().zip(kubectl.created_from(&only));
    let lines =
        entries.map(|((name, text), created)| serde_json::to_string(&Answered { name, text, created }).unwrap() + "\n");
    fs::write(path(), lines.collect::<String>()).unwrap();
}
