//! Reading a corpus whole, in one thread, and doing nothing with it.

use kube_yaml::yaml;
use serde::Deserialize;

use crate::command::Corpus;

/// Reads every document; gives how many it could read.
type Read = fn(&Corpus) -> usize;

/// Ours.
pub const OURS: &str = "harden";
/// The reader it is compared with.
pub const REFERENCE: &str = "serde_yaml_ng";
/// The readers that are measured.
pub const ALL: [(&str, Read); 3] = [(OURS, harden), ("events", events), (REFERENCE, serde)];

fn harden(corpus: &Corpus) -> usize {
    corpus.files.iter().map(|file| yaml::parse(&file.text).documents.len()).sum()
}

/// Without the reader of what people write.
fn events(corpus: &Corpus) -> usize {
    corpus.files.iter().map(|file| yaml::parse_by_events(&file.text).documents.len()).sum()
}

fn serde(corpus: &Corpus) -> usize {
    let documents = |text| serde_yaml_ng::Deserializer::from_str(text).map(serde_yaml_ng::Value::deserialize);
    corpus.files.iter().map(|file| documents(&file.text).filter(Result::is_ok).count()).sum()
}
