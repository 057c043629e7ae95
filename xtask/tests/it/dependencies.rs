//! Every dependency has a reason: the line above it says what it is for.

use std::fs;

use crate::{files, root};

/// The dependencies of a manifest that nothing is said of. What the workspace names has its reason there, and a
/// path leads to something of our own.
fn unexplained(manifest: &str) -> Vec<&str> {
    let mut section = "";
    let mut before = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        let is_table = line.starts_with('[') && line.ends_with(']');
        if is_table {
            section = line.trim_matches(['[', ']']);
        }
        if let Some((name, value)) = line.split_once(" = ").filter(|_| !is_table && !line.starts_with('#')) {
            let is_elsewhere = value.contains("workspace = true") || value.contains("path = ");
            if section.ends_with("dependencies") && !is_elsewhere && !before.starts_with('#') {
                found.push(name);
            }
        }
        before = line;
    }
    found
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let root = root();
    let paths = files(&root, "Cargo.toml");
    assert!(paths.len() > 25, "only {paths:?}");
    let missing: Vec<String> = paths
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let names: Vec<String> = unexplained(&text).into_iter().map(str::to_owned).collect();
            names.into_iter().map(|name| format!("{}: {name}", path.strip_prefix(&root).unwrap().display()))
        })
        .collect();
    assert!(missing.is_empty(), "write a comment above each that says what it is for: {missing:#?}");
}

#[test]
fn what_lacks_a_reason_is_found() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\n# Reads.\na = \"1\"\nb = { version = \"2\" }\n\
        c = { workspace = true }\n[target.'cfg(unix)'.dependencies]\nd = \"1\"\n[lints]\nworkspace = true\n";
    assert_eq!(unexplained(manifest), ["b", "d"]);
}

/// The lines of a table of a manifest.
fn table<'m>(manifest: &'m str, name: &str) -> Vec<&'m str> {
    let after = manifest.split_once(&format!("\n[{name}]\n")).unwrap().1;
    after.lines().take_while(|line| !line.starts_with('[')).collect()
}

#[test]
fn what_is_built_quickly_is_shipped_optimised() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let [built, shipped] = ["profile.release.package", "profile.dist.package"].map(|name| table(&manifest, name));
    assert!(table(&manifest, "profile.dist").contains(&"opt-level = \"s\""), "what is not named has a level");
    let slow = built.into_iter().filter(|line| !line.contains("opt-level = 3") && line.contains("opt-level"));
    let names: Vec<&str> = slow.map(|line| line.split_once(" = ").unwrap().0).collect();
    assert!(names.contains(&"cranelift-codegen"), "{names:?}");
    for name in names.into_iter().filter(|name| !["benches", "cases", "e2e-tests", "proptest"].contains(name)) {
        let own = shipped.iter().any(|line| line.starts_with(&format!("{name} = ")));
        assert!(own, "Cargo.toml: [profile.dist.package] inherits a low opt-level for {name}: give it one");
    }
}
