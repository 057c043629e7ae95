//! Links between pages lead to files that are there.

use std::fs;

use crate::{files, root};

/// The targets of a page's links that are paths, without their fragments.
fn paths(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

#[test]
fn links_lead_to_files() {
    let root = root();
    let (mut count, mut missing) = (0, Vec::new());
    for page in files(&root, ".md") {
        let text = fs::read_to_string(&page).unwrap();
        for path in paths(&text) {
            count += 1;
            if !page.with_file_name(path).exists() {
                missing.push(format!("{}: {path}", page.strip_prefix(&root).unwrap().display()));
            }
        }
    }
    assert!(count > 100, "only {count} links");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
