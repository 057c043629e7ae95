//! Committed files that `harden` and its crates write: schemas of files that users write, `deploy/`, and
//! the pictures of README.md.

use std::collections::BTreeMap;

use crate::manifests::deploy::{expected, files_below, write};
use crate::support::*;

#[test]
fn generated_files_are_up_to_date() {
    let mut files: BTreeMap<String, String> =
        expected().into_iter().map(|(name, text)| (format!("deploy/{name}"), text)).collect();
    for (name, schema) in [
        ("harden", lint::config::schema()),
        ("harden-test", harden::suite::schema()),
        ("lock", ::images::lock::schema()),
        ("user", lint::trust::schema()),
    ] {
        files.insert(format!("docs/{name}.schema.json"), format!("{schema:#}\n"));
    }
    files.extend(crate::pictures::all());
    let strays = || {
        let found = files_below(&project("deploy")).into_keys().map(|name| format!("deploy/{name}"));
        found.filter(|name| !files.contains_key(name)).collect::<Vec<_>>()
    };
    if std::env::var_os("BLESS").is_some() {
        strays().iter().for_each(|name| std::fs::remove_file(project(name)).unwrap());
        write(&project(""), &files);
    }
    let is_stale = |name: &str, text: &str| std::fs::read_to_string(project(name)).ok().as_deref() != Some(text);
    let stale = files.iter().filter(|(name, text)| is_stale(name, text)).map(|(name, _)| name.clone());
    let stale: Vec<String> = stale.chain(strays()).collect();
    assert!(stale.is_empty(), "stale, `make generate` writes them anew: {stale:?}");
}
