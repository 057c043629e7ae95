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
    Ok(())
}

/// Adds the rule to the table of src/rules/mod.rs, which is sorted.
fn add_line(root: &Path, line: &str) -> Outcome {
    let path = root.join("src/rules/mod.rs");
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
