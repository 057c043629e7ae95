//! `cargo xtask new-rule ID`: everything a rule needs, ready to be filled in.

use std::fs;
use std::path::Path;

use crate::Outcome;

/// Writes the files of a new rule and its line in the table.
///
/// # Errors
/// An id that is not kebab case or is taken, a file that cannot be written.
pub(crate) fn add(root: &Path, id: &str) -> Outcome {
    let is_kebab = id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
    if !is_kebab {
        return Err(format!("{id} is not kebab case, as in `host-ports`"));
    }
    let module = id.replace('-', "_");
    let name: String = id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    let fill = |text: &str| text.replace("{id}", id).replace("{module}", &module).replace("{Name}", &name);

    let rule = root.join(format!("src/rules/{module}.rs"));
    if rule.exists() {
        return Err(format!("there is a rule {id} already: {}", rule.display()));
    }
    write(&rule, &fill(include_str!("templates/rule.rs.txt")))?;
    let policy = root.join(format!("policies/{id}"));
    write(&policy.join("Cargo.toml"), &fill(include_str!("templates/policy.toml.txt")))?;
    write(&policy.join("src/lib.rs"), &fill(include_str!("templates/policy.rs.txt")))?;
    write(&root.join(format!("e2e-tests/cases/{id}/cases.yml")), &fill(include_str!("templates/cases.yml.txt")))?;
    add_line(root, &fill("    {module}::{Name},"))?;
    println!("wrote src/rules/{module}.rs, policies/{id}/ and e2e-tests/cases/{id}/cases.yml; see CONTRIBUTING.md");
    println!("`cargo xtask generate` writes what follows from the rule: metadata, form, schema, README");
    Ok(())
}

/// Adds the rule to the table of src/rules.rs, which is sorted.
fn add_line(root: &Path, line: &str) -> Outcome {
    let path = root.join("src/rules.rs");
    let text = fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let broken = || format!("{} has no table `rules! {{ … }}`", path.display());
    let start = text.find("\nrules! {\n").ok_or_else(broken)? + "\nrules! {\n".len();
    let end = start + text[start..].find("\n}").ok_or_else(broken)?;
    let mut lines: Vec<&str> = text[start..end].lines().chain([line]).collect();
    lines.sort_unstable();
    write(&path, &[&text[..start], &lines.join("\n"), &text[end..]].concat())
}

fn write(path: &Path, text: &str) -> Outcome {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const RULES: &str = "src/rules.rs";

    fn here() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// What a new rule is added to.
    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join(RULES), &fs::read_to_string(here().join(RULES)).unwrap()).unwrap();
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
        let table = fs::read_to_string(folder.path().join(RULES)).unwrap();
        let lines: Vec<&str> = table.lines().filter(|line| line.starts_with("    host_")).collect();
        assert!(lines.contains(&"    host_names::HostNames,") && lines.is_sorted(), "{lines:?}");

        let described = table.split("pub trait Described").nth(1).unwrap().split("\n}").next().unwrap();
        let rule = fs::read_to_string(folder.path().join("src/rules/host_names.rs")).unwrap();
        let consts: Vec<&str> =
            described.lines().filter_map(|line| line.trim().strip_prefix("const ")?.split(':').next()).collect();
        assert!(consts.len() > 5, "{consts:?}");
        for name in consts {
            assert!(rule.contains(&format!("const {name}:")), "{name}");
        }
    }

    #[test]
    fn bad_ids_are_refused_and_nothing_is_written() {
        for id in ["HostNames", "host_names", "host--names", "", "-host", "h0st"] {
            let folder = tree();
            assert!(add(folder.path(), id).unwrap_err().contains("is not kebab case"), "{id}");
            assert_eq!(below(folder.path()).len(), 1, "{id}");
        }
        let folder = tree();
        add(folder.path(), "host-names").unwrap();
        assert!(add(folder.path(), "host-names").unwrap_err().contains("there is a rule host-names already"));
    }
}
