//! The crates that are linked into a program: names, licences, digests, and which needs which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, output};

/// Name and version.
pub(super) type Id = (String, String);

/// One crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crate {
    /// An SPDX licence expression.
    pub(super) licence: String,
    /// SHA-256 of the `.crate` file; none for the crates of this repository.
    pub(super) sha256: Option<String>,
    /// Its dependencies.
    pub(super) needs: BTreeSet<Id>,
}

/// A program's own crate and all others.
#[derive(Debug, Clone)]
pub(super) struct Crates {
    /// The program's own.
    pub(super) root: Id,
    /// All, the root too.
    pub(super) all: BTreeMap<Id, Crate>,
}

/// The crates that each of `packages` is linked from, when they are built together for `target`: normal
/// dependencies, no macros.
///
/// # Errors
/// What cargo refuses; a crate without a licence or without a checksum.
pub(super) fn linked(
    root: &Path,
    packages: &[String],
    target: &str,
    checksums: &BTreeMap<Id, String>,
) -> Result<Vec<Crates>> {
    // Unlike `cargo metadata`, this resolves the features of these packages and not of the whole workspace.
    let mut tree = cargo(root);
    tree.args(["tree", "--locked", "--edges", "normal,no-proc-macro", "--no-dedupe", "--prefix", "depth"]);
    tree.args(["--format", "|{p}|{l}", "--target", target]);
    tree.args(packages.iter().flat_map(|package| ["--package", package]));
    let found = read(&output(&mut tree)?, checksums)?;
    let in_order = packages.iter().map(|package| {
        let of_package = found.iter().find(|crates| crates.root.0 == *package);
        of_package.cloned().with_context(|| format!("`cargo tree` prints nothing of {package}"))
    });
    in_order.collect()
}

fn read(tree: &str, checksums: &BTreeMap<Id, String>) -> Result<Vec<Crates>> {
    let mut found: Vec<Crates> = Vec::new();
    let mut above: Vec<Id> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let strange = || format!("`cargo tree` prints a line that cannot be read: {line}");
        let mut parts = line.splitn(3, '|');
        let depth: usize = parts.next().and_then(|depth| depth.parse().ok()).with_context(strange)?;
        let mut words = parts.next().with_context(strange)?.split(' ');
        let name = words.next().with_context(strange)?.to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v')).with_context(strange)?.to_owned();
        // A path, as `(/home/…)`: one of ours.
        let own = words.next().is_some_and(|word| word.starts_with("(/"));
        let licence = parts.next().filter(|licence| !licence.is_empty());
        let licence = spdx(licence.with_context(|| format!("{name} {version} has no licence"))?);
        let id = (name, version);
        let sha256 = checksums.get(&id).cloned();
        if sha256.is_none() && !own {
            bail!("Cargo.lock has no checksum of {} {}", id.0, id.1);
        }
        if depth > above.len() {
            bail!(strange());
        }
        above.truncate(depth);
        if depth == 0 {
            found.push(Crates { root: id.clone(), all: BTreeMap::new() });
        }
        let all = &mut found.last_mut().with_context(strange)?.all;
        if let Some(parent) = above.last().and_then(|parent| all.get_mut(parent)) {
            parent.needs.insert(id.clone());
        }
        all.entry(id.clone()).or_insert(Crate { licence, sha256, needs: BTreeSet::new() });
        above.push(id);
    }
    Ok(found)
}

/// A licence as SPDX writes it; before 2018, crates wrote a slash for `OR`.
fn spdx(licence: &str) -> String {
    licence.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// The checksums in a Cargo.lock.
pub(super) fn checksums_of_lock(lock: &str) -> BTreeMap<Id, String> {
    let value = |block: &str, key: &str| {
        let mut lines = block.lines();
        lines.find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned()))
    };
    let package = |block: &str| Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?));
    lock.split("[[package]]").filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry\"\n\
        checksum = \"aa\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\
        source = \"registry\"\nchecksum = \"bb\"\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";

    fn id(name: &str, version: &str) -> Id {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn a_tree_becomes_a_graph() {
        let checksums = checksums_of_lock(LOCK);
        assert_eq!(checksums.len(), 2);
        let tree = "0|own v0.1.0 (/here)|Apache-2.0\n1|a v1.0.0|MIT/Apache-2.0\n2|b v2.0.0|MIT\n1|b v2.0.0|MIT\n";
        let two = [tree, tree.replace("own", "other").as_str()].concat();
        let found = read(&two, &checksums).unwrap();
        assert_eq!(found.iter().map(|crates| crates.root.0.as_str()).collect::<Vec<_>>(), ["own", "other"]);
        let crates = &found[0];
        assert_eq!(crates.all.len(), 3);
        let a = &crates.all[&id("a", "1.0.0")];
        assert_eq!((a.licence.as_str(), a.sha256.as_deref()), ("MIT OR Apache-2.0", Some("aa")));
        assert_eq!(a.needs, BTreeSet::from([id("b", "2.0.0")]));
        let own = &crates.all[&id("own", "0.1.0")];
        assert_eq!((own.sha256.as_deref(), own.needs.len()), (None, 2));
    }

    #[test]
    fn what_would_make_the_list_incomplete_is_an_error() {
        let checksums = checksums_of_lock(LOCK);
        for (tree, reason) in [
            ("0|own v0.1.0 (/here)|\n", "own 0.1.0 has no licence"),
            ("0|own v0.1.0 (/here)|MIT\n1|c v1.0.0|MIT\n", "no checksum of c 1.0.0"),
            ("0|own v0.1.0 (/here)|MIT\n2|a v1.0.0|MIT\n", "cannot be read"),
            ("1|own v0.1.0 (/here)|MIT\n", "cannot be read"),
            ("own v0.1.0\n", "cannot be read"),
        ] {
            let error = read(tree, &checksums).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
