//! Generated texts: what `kubectl` would create and `harden` neither sees alike nor refuses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use super::corpus::{bless, blesses};
use super::generate::Mode;
use super::oracle::Kubectl;
use super::seen::{seen, unseen};

/// How many of the differences in a mode's texts are shown.
const SHOWN: usize = 5;

/// How many of them become part of the corpus, with BLESS=1.
const KEPT: usize = 60;

/// How many texts a mode makes; KUBECTL_TEXTS if it is set.
pub(crate) fn count() -> usize {
    number("KUBECTL_TEXTS").unwrap_or(400)
}

/// The first seed; KUBECTL_SEED if it is set.
pub(crate) fn seed() -> u64 {
    number("KUBECTL_SEED").unwrap_or(1)
}

fn number<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse().ok();
    assert!(number.is_some(), "{variable} must be a number, not `{text}`");
    number
}

#[test]
fn every_object_that_kubectl_would_create_is_seen_alike_or_refused() {
    let Some(kubectl) = Kubectl::find() else { return };
    let mut differences = String::new();
    let mut found = Vec::new();
    for mode in Mode::ALL {
        let texts = mode.texts(seed(), count());
        let created = kubectl.created_from(&texts);
        let mut silent = 0;
        let (mut accepted, mut refused) = (0, BTreeMap::new());
        for (text, created) in texts.iter().zip(&created).filter(|(_, created)| !created.is_empty()) {
            accepted += 1;
            if let Err(why) = seen(text) {
                *refused.entry(class(&why)).or_insert(0) += 1;
            }
            // Some that both read alike, too.
            if accepted <= KEPT / 3 {
                found.push((mode, text.clone()));
            }
            let unseen = unseen(text, created);
            if let Some(object) = unseen.first() {
                silent += 1;
                if silent <= KEPT {
                    found.push((mode, text.clone()));
                }
                if silent <= SHOWN {
                    writeln!(differences, "--- {mode:?}\n{text}\nkubectl: {object}\nharden: {:?}\n", seen(text))
                        .unwrap();
                }
            }
        }
        let total: usize = refused.values().sum();
        // Not through the macros: the test runner would keep it for itself.
        let mut err = std::io::stderr();
        let _ = writeln!(
            err,
            "kubectl: {mode:?}: {} texts, {accepted} accepted by kubectl, {total} of these refused, {silent} silent differences",
            texts.len()
        );
        assert!(accepted * 20 > texts.len(), "{mode:?} makes few texts that kubectl accepts");
        if texts.len() > 5000 {
            for (why, count) in refused {
                let _ = writeln!(err, "  {count:6} {why}");
            }
        }
        if silent > 0 {
            writeln!(differences, "{mode:?}: {silent} silent differences").unwrap();
        }
    }
    if blesses() && !differences.is_empty() {
        bless(&found);
    }
    assert!(differences.is_empty(), "{differences}");
}

/// A message without what is of one text only.
fn class(message: &str) -> String {
    let message =
        message.split_once(": ").filter(|(place, _)| place.starts_with("line ")).map_or(message, |split| split.1);
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(index, part)| if index % 2 == 1 { "`…`" } else { part });
    parts.collect::<String>().chars().filter(|part| !part.is_ascii_digit()).collect()
}
