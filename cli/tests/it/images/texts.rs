//! Pinning over the round-trip texts: no byte changes but those of the references.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use images::{Digest, Entry, Image, Lock};
use kube_yaml::yaml;
use lint::images::named;

use crate::support::{harden, project};

/// The texts, by name.
fn texts() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(project("cli/tests/roundtrip")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.display().to_string().contains(".in."));
    files.sort();
    files
        .iter()
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(file).unwrap()))
        .collect()
}

/// A digest that says nothing but which reference it is for.
fn digest_of(image: &Image) -> Digest {
    Digest::of(image.key().as_bytes())
}

/// A reference with the quotes around it.
fn text_of<'t>(text: &'t str, found: &lint::images::Named<'_, '_>) -> &'t str {
    &text[found.mention.node.span.range()]
}

#[test]
fn pinning_changes_no_byte_but_those_of_the_references() {
    let folder = tempfile::tempdir().unwrap();
    let mut lock = Lock::default();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, text) in texts() {
        fs::write(folder.path().join(&name), &text).unwrap();
        let parsed = yaml::parse(&text);
        for found in named(&parsed, None).0 {
            let image = Image::parse(found.mention.reference.as_deref().unwrap()).unwrap();
            lock.insert(&image, Entry { digest: digest_of(&image), platforms: BTreeMap::new() });
            *counts.entry(name.clone()).or_default() += 1;
        }
    }
    let total: usize = counts.values().sum();
    assert!(counts.len() > 90 && total > 100, "{} texts, {total} references", counts.len());
    fs::write(folder.path().join("harden.lock"), lock.to_text().unwrap()).unwrap();

    let run = harden(folder.path(), &["images", "pin"]);
    let mut pinned = 0;
    for (name, before) in texts() {
        let after = fs::read_to_string(folder.path().join(&name)).unwrap();
        let mut rest = after.clone();
        for found in named(&yaml::parse(&before), None).0 {
            let image = Image::parse(found.mention.reference.as_deref().unwrap()).unwrap();
            let digest = format!("@{}", digest_of(&image));
            pinned += rest.matches(&digest).count();
            let default = if found.mention.reference.as_deref().unwrap().contains(':') { "" } else { ":latest" };
            // In brackets, a colon is not written without quotes where there was none before.
            let written = found.mention.reference.as_deref().unwrap();
            let is_new = !text_of(&before, &found).contains(':') && !text_of(&before, &found).starts_with(['"', '\'']);
            if is_new && rest.contains(&format!("\"{written}{default}{digest}\"")) {
                rest = rest.replace(&format!("\"{written}{default}{digest}\""), written);
            }
            rest = rest.replace(&format!("{default}{digest}"), "");
        }
        assert_eq!(rest, before, "{name}");
    }
    assert!(run.code < 2 && pinned * 10 > total * 9, "{pinned} of {total}: {}{}", run.out, run.err);
    println!("{pinned} of {total} references in {} texts pinned", counts.len());

    let run = harden(folder.path(), &["images", "pin", "--unpin"]);
    assert!(run.code < 2, "{}{}", run.out, run.err);
    for (name, before) in texts() {
        let after = fs::read_to_string(folder.path().join(&name)).unwrap();
        let plain = |text: &str| text.replace(":latest", "").replace("\"a/b\"", "a/b");
        assert_eq!(plain(&after), plain(&before), "{name}");
    }
}

/// Every distinct reference of a generated corpus, which the runtimes' grammar takes, and what becomes of it.
#[test]
fn every_reference_of_a_corpus_is_read_pinned_and_unpinned() {
    let files = corpus::files(&corpus::Shape { files: 200, documents: 800, workloads: 300, bytes: 2_000_000 }, 16);
    let mut seen = std::collections::BTreeSet::new();
    for file in &files {
        let parsed = yaml::parse(&file.text);
        for found in named(&parsed, None).0 {
            let written = found.mention.reference.as_deref().unwrap();
            let image = Image::parse(written).unwrap();
            let again = Image::parse(&image.to_string()).unwrap();
            assert_eq!(again, image, "{written}");
            seen.insert(written.to_owned());
            let edit = match images::pin::pin(&found.mention, &digest_of(&image)) {
                Ok(edit) => edit,
                Err(why) => {
                    assert_eq!((why, image.tag()), (images::pin::Left::NoTag, None), "{written}");
                    continue;
                }
            };
            let pinned = edit.map_or_else(|| written.to_owned(), |edit| text_set(&edit));
            assert_eq!(Image::parse(&pinned).unwrap().key(), image.key(), "{written}");
        }
    }
    assert!(seen.len() > 20, "{} references", seen.len());
}

/// The text that an edit sets.
fn text_set(edit: &hardening::violation::Edit) -> String {
    let hardening::violation::Edit::Set { value, .. } = edit else { panic!("{edit:?}") };
    serde_json::from_str(value).unwrap()
}
