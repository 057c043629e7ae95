//! The modules of every crate form layers: among the children of one module, imports never run in a circle. Outside of
//! `src` that holds for the top-level modules.
//!
//! Read from the text of the files: every path that begins with `crate::`, `super::` or `self::`, in imports and
//! elsewhere, outside comments and tests. An import between two modules counts where their ways part: one of
//! `settings::types` in `rules::sysctls` is an arrow from `rules` to `settings`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module, as the names on the way to it: none for the crate.
type Module = Vec<String>;

/// The module's files below `folder`, with their text.
fn modules(folder: &Path, at: &[String], found: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("names of modules are text").to_owned();
        let module: Module = if name == "lib" { Vec::new() } else { [at, &[name]].concat() };
        if path.is_dir() {
            modules(&path, &module, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(module, std::fs::read_to_string(&path).expect("the file is text"));
        }
    }
}

/// The text without comments, and without what is compiled for tests only: attributed items, wherever they end.
fn of_the_library(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            let mut item = lines.by_ref().skip_while(|line| line.starts_with("#["));
            let first = item.next().unwrap_or_default();
            if !first.ends_with(';') && !first.ends_with('}') {
                lines.by_ref().find(|line| ["}", "};", "];"].contains(line));
            }
        } else {
            out += line.split("//").next().unwrap_or_default();
            out.push('\n');
        }
    }
    out
}

/// Every path in `text` below one of its beginnings: `crate::a::{b, c::d}` is `a, b` and `a, c, d`.
fn paths(text: &str, beginning: &str) -> Vec<Module> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut found = Vec::new();
    for (at, _) in text.match_indices(beginning) {
        // `$crate` is where a macro is used, and `super::super` is counted once.
        if !text[..at].ends_with(|c: char| is_word(c) || c == ':') {
            read(&mut text[at + beginning.len()..].chars().peekable(), &Vec::new(), &mut found);
        }
    }
    found
}

/// Reads a path behind its `::`, or a list of them in braces.
fn read(text: &mut std::iter::Peekable<std::str::Chars<'_>>, before: &Module, found: &mut Vec<Module>) {
    while text.next_if(|c| c.is_whitespace()).is_some() {}
    if text.next_if_eq(&'{').is_some() {
        while text.peek().is_some() && text.next_if_eq(&'}').is_none() {
            read(text, before, found);
            while text.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
        }
        return;
    }
    let mut name = String::new();
    while let Some(c) = text.next_if(|c| c.is_alphanumeric() || *c == '_') {
        name.push(c);
    }
    let here = [before.as_slice(), &[name]].concat();
    if text.next_if_eq(&':').is_some() && text.next_if_eq(&':').is_some() {
        return read(text, &here, found);
    }
    // An alias, and what else may follow in a list.
    while text.next_if(|c| !",}\n;".contains(*c)).is_some() {}
    found.push(here);
}

/// Whether a module, or one above it, is declared for tests only.
fn is_for_tests(modules: &BTreeMap<Module, String>, module: &[String]) -> bool {
    (0..module.len()).any(|at| {
        let text = modules.get(&module[..at]).map_or("", String::as_str);
        let item =
            |rest: &str| rest.lines().find(|line| !line.is_empty() && !line.starts_with("#[")).map(str::to_owned);
        let is_it = |item: String| item.ends_with(&format!("mod {};", module[at]));
        text.split("#[cfg(test)]").skip(1).any(|rest| item(rest).is_some_and(is_it))
    })
}

/// For each module, what its children import from each other.
fn arrows(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<(String, String)>> {
    let mut arrows: BTreeMap<Module, BTreeSet<(String, String)>> = BTreeMap::new();
    for (module, text) in modules.iter().filter(|(module, _)| !is_for_tests(modules, module)) {
        let text = of_the_library(text);
        let parent = &module[..module.len().saturating_sub(1)];
        let within = |from: &[String], beginning: &str| -> Vec<Module> {
            paths(&text, beginning).into_iter().map(|path| [from, &path].concat()).collect()
        };
        let targets = [within(&[], "crate::"), within(parent, "super::"), within(module, "self::")].concat();
        for target in targets {
            let shared = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
            // Between a module and its own children there is no order.
            if shared < module.len() && modules.contains_key(&target[..=shared.min(target.len() - 1)]) {
                let arrow = (module[shared].clone(), target[shared.min(target.len() - 1)].clone());
                arrows.entry(module[..shared].to_vec()).or_default().insert(arrow);
            }
        }
    }
    arrows
}

/// What remains when modules that import nothing, or that nothing imports, are taken away, again and again.
fn circles(arrows: &BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    let mut left = arrows.clone();
    loop {
        let (from, to): (BTreeSet<String>, BTreeSet<String>) = left.iter().cloned().unzip();
        let count = left.len();
        left.retain(|arrow| from.contains(&arrow.1) && to.contains(&arrow.0));
        if left.len() == count {
            return left;
        }
    }
}

#[test]
fn imports_never_run_in_a_circle() {
    let mut found = BTreeMap::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    let arrows = arrows(&found);
    // So that a reader which finds nothing does not pass.
    let known = |from: &str, to: &str| arrows[&Vec::new()].contains(&(from.to_owned(), to.to_owned()));
    assert!(known("rules", "view") && known("evaluate", "policy") && known("catalogue", "evaluate"));
    for (parent, arrows) in &arrows {
        let circle = circles(arrows);
        assert!(circle.is_empty(), "in crate::{}: {circle:?}", parent.join("::"));
    }
}

#[test]
fn imports_of_the_other_crates_never_run_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut count = 0;
    for folder in crates.chain([root.join("cli"), root.join("xtask"), root.join("e2e-tests")]) {
        let mut found = BTreeMap::new();
        modules(&folder.join("src"), &[], &mut found);
        let arrows = arrows(&found).remove(&Vec::new()).unwrap_or_default();
        count += arrows.len();
        let circle = circles(&arrows);
        assert!(circle.is_empty(), "in {}: {circle:?}", folder.display());
    }
    assert!(count > 60, "only {count} imports were read");
}

#[test]
fn a_circle_is_found() {
    let text = |text: &str| text.to_owned();
    let found: BTreeMap<Module, String> = [
        (vec!["a".to_owned()], text("use crate::{c, b::{self, X}};")),
        (vec!["b".to_owned()], text("fn f() -> super::c::Y {}\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n")),
        (vec!["c".to_owned()], text("// use crate::a;\nuse alloc::a;\n")),
    ]
    .into();
    let tidy = arrows(&found)[&Vec::new()].clone();
    assert_eq!(tidy.len(), 3, "{tidy:?}");
    assert!(circles(&tidy).is_empty());
    let back = (vec!["c".to_owned()], text("use crate::b::Z;"));
    let circle = circles(&arrows(&found.into_iter().chain([back]).collect())[&Vec::new()]);
    assert!(circle.contains(&("c".to_owned(), "b".to_owned())), "{circle:?}");
}
