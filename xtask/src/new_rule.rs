//! `cargo xtask new-rule ID`: everything a rule needs, ready to be filled in.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::Outcome;

/// Writes the files of a new rule and its lines in the lists.
///
/// # Errors
/// An id that is not kebab case or is taken, a file that cannot be written.
pub(crate) fn add(root: &Path, id: &str) -> Outcome {
    let is_kebab = id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
    if !is_kebab {
        bail!("{id} is not kebab case, as in `host-ports`");
    }
    let module = id.replace('-', "_");
    let name: String = id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    let fill = |text: &str| text.replace("{id}", id).replace("{module}", &module).replace("{Name}", &name);

    let rule = root.join(format!("src/rules/{module}.rs"));
    if rule.exists() {
        bail!("there is a rule {id} already: {}", rule.display());
    }
    write(&rule, &fill(include_str!("templates/rule.rs.txt")))?;
    let policy = root.join(format!("policies/{id}"));
    write(&policy.join("Cargo.toml"), &fill(include_str!("templates/policy.toml.txt")))?;
    write(&policy.join("src/lib.rs"), &fill(include_str!("templates/policy.rs.txt")))?;
    write(&root.join(format!("e2e-tests/cases/{id}/cases.yml")), &fill(include_str!("templates/cases.yml.txt")))?;
    for (list, line) in LISTS.into_iter().zip(["pub mod {module};", "    {module}::{Name},"]) {
        add_line(root, list, &fill(line))?;
    }
    println!("wrote src/rules/{module}.rs, policies/{id}/ and e2e-tests/cases/{id}/cases.yml; see CONTRIBUTING.md");
    println!("`cargo xtask generate` writes what follows from the rule: metadata, form, schema, README");
    Ok(())
}

/// The lists that name every rule: their file, the line before the first entry, what follows the last one.
const LISTS: [(&str, &str, &str); 2] =
    [("src/rules.rs", "\n// One line a rule", "\n\n"), ("src/catalogue.rs", "\nrules! {", "\n}")];

/// Adds a line to a list, which is sorted.
fn add_line(root: &Path, (file, before, after): (&str, &str, &str), line: &str) -> Outcome {
    let path = root.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let broken = || format!("{} has no list after `{}`", path.display(), before.trim());
    let heading = text.find(before).with_context(broken)? + 1;
    let start = heading + text[heading..].find('\n').with_context(broken)? + 1;
    let end = start + text[start..].find(after).with_context(broken)?;
    let mut lines: Vec<&str> = text[start..end].lines().chain([line]).collect();
    lines.sort_unstable();
    write(&path, &[&text[..start], &lines.join("\n"), &text[end..]].concat())
}

fn write(path: &Path, text: &str) -> Outcome {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn here() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// Makes a tree to add a new rule to.
    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (list, ..) in LISTS {
            write(&folder.path().join(list), &fs::read_to_string(here().join(list)).unwrap()).unwrap();
        }
        folder
    }

    /// Files below `folder`, relative to it.
    fn below(folder: &Path) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                files.extend(below(&path).into_iter().map(|file| format!("{name}/{file}")));
            } else if !name.ends_with(".wasm") {
                files.insert(name);
            }
        }
        files
    }

    /// Together they are every file that a rule has: nothing is left to be written by hand, nothing is written twice.
    #[test]
    fn generate_writes_what_a_new_rule_lacks() {
        let folder = tree();
        add(folder.path(), "host-names").unwrap();
        let new = below(&folder.path().join("policies/host-names"));
        let generated: BTreeSet<String> = crate::generate::files()
            .unwrap()
            .iter()
            .filter_map(|file| file.path.strip_prefix("policies/capabilities/").map(str::to_owned))
            .collect();
        assert!(new.is_disjoint(&generated));
        assert_eq!(
            new.union(&generated).cloned().collect::<BTreeSet<_>>(),
            below(&here().join("policies/capabilities"))
        );
        assert!(folder.path().join("e2e-tests/cases/host-names/cases.yml").is_file());
    }

    #[test]
    fn the_rule_has_everything_that_is_asked_of_a_rule() {
        let folder = tree();
        add(folder.path(), "host-names").unwrap();
        let text = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        for ((file, ..), start, line) in
            [(LISTS[0], "pub mod host_", "pub mod host_names;"), (LISTS[1], "    host_", "    host_names::HostNames,")]
        {
            let text = text(file);
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(start)).collect();
            assert!(lines.contains(&line) && lines.is_sorted(), "{lines:?}");
        }

        let rules = text("src/rules.rs");
        let described = rules.split("pub trait RuleMeta").nth(1).unwrap().split("\n}").next().unwrap();
        let rule = text("src/rules/host_names.rs");
        // What has a default may be left out.
        let demanded = described.lines().filter(|line| !line.contains(" = "));
        let consts: Vec<&str> =
            demanded.filter_map(|line| line.trim().strip_prefix("const ")?.split(':').next()).collect();
        assert!(consts.len() > 5, "{consts:?}");
        for name in consts {
            assert!(rule.contains(&format!("const {name}:")), "{name}");
        }
    }

    #[test]
    fn bad_ids_are_refused_and_nothing_is_written() {
        for id in ["HostNames", "host_names", "host--names", "", "-host", "h0st"] {
            let folder = tree();
            assert!(add(folder.path(), id).unwrap_err().to_string().contains("is not kebab case"), "{id}");
            assert_eq!(below(folder.path()).len(), LISTS.len(), "{id}");
        }
        let folder = tree();
        add(folder.path(), "host-names").unwrap();
        assert!(
            add(folder.path(), "host-names").unwrap_err().to_string().contains("there is a rule host-names already")
        );
    }
}
