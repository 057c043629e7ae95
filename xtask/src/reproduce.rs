//! `cargo xtask reproduce`: builds policies a second time, elsewhere, and compares them byte for byte.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::checksums::hex;
use crate::policies;
use crate::{Outcome, metadata};

/// Built when no policy is named: the bundle, which has all the code, and two small ones that differ from it
/// in profile and content.
const SAMPLE: [&str; 3] = ["privileged", "image-tag", metadata::BUNDLE];

/// Builds the policies `ids` (a sample if empty; all with `every`) from a copy of the tree in a temporary folder,
/// with another target folder and another cargo home, and compares them with dist/.
///
/// # Errors
/// A policy that differs; dist/ that is not built from the sources that stand here; a failed build.
pub(crate) fn check(root: &Path, ids: &[String], every: bool) -> Outcome {
    let sample: Vec<String> = SAMPLE.map(str::to_owned).to_vec();
    let ids = policies::select(if ids.is_empty() && !every { &sample } else { ids })?;
    if let Some(old) = ids.iter().find(|id| !policies::is_current(root, id)) {
        bail!("dist/{old}.wasm is not built from the sources that stand here: run `make policies` first");
    }
    let elsewhere = tempfile::Builder::new().prefix("reproduce-").tempdir();
    let elsewhere = elsewhere.context("cannot make a temporary folder")?;
    let copy = elsewhere.path().join("another place/of the sources");
    let target = elsewhere.path().join("its-target");
    copy_tree(root, &copy, &[root.join("dist"), policies::target_folder(root)])
        .with_context(|| format!("cannot copy the sources to {}", copy.display()))?;
    let home = elsewhere.path().join("its-cargo");
    other_home(&home).with_context(|| format!("cannot make {}", home.display()))?;
    let env = [
        ("CARGO_HOME", home),
        // A build folder of its own, whatever is configured.
        ("CARGO_BUILD_BUILD_DIR", target.clone()),
        ("CARGO_NET_OFFLINE", "true".into()),
        ("TZ", "Asia/Kolkata".into()),
    ];
    let mut differ = Vec::new();
    for (id, again) in policies::modules(&copy, &target, &ids, &env)? {
        let path = root.join(format!("dist/{id}.wasm"));
        let first = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if first == again {
            println!("dist/{id}.wasm: the same again, sha256 {}", hex(&first));
            continue;
        }
        let place = first.iter().zip(&again).take_while(|(one, other)| one == other).count();
        let path = policies::target_folder(root).join(format!("reproduce-{id}.wasm"));
        policies::write(&path, &again)?;
        differ.push(format!("dist/{id}.wasm differs from byte {place} on from {}", path.display()));
    }
    if differ.is_empty() { Ok(()) } else { bail!(differ.join("\nerror: ")) }
}

/// Names of folders that are built or fetched, and so not sources.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Copies the sources; leaves out the folders `built`, which hold what is made of them.
fn copy_tree(from: &Path, to: &Path, built: &[PathBuf]) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !built.contains(&path) && !SKIPPED.iter().any(|skipped| name == *skipped) {
                copy_tree(&path, &to.join(name), built)?;
            }
        } else if kind.is_file() {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// A cargo home with the crates of the real one under another path.
fn other_home(home: &Path) -> io::Result<()> {
    fs::create_dir_all(home)?;
    let real = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let real = real.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    for entry in fs::read_dir(real)? {
        let entry = entry?;
        std::os::unix::fs::symlink(entry.path(), home.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_exists_and_the_copy_leaves_out_what_is_built() {
        assert!(SAMPLE.iter().all(|id| policies::all().contains(id)));
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for name in [
            "src/lib.rs",
            "dist/a.wasm",
            "target/x",
            ".git/HEAD",
            "own-target/x",
            "crates/dist/a.rs",
            ".cargo/config.toml",
        ] {
            fs::create_dir_all(from.join(name).parent().unwrap()).unwrap();
            fs::write(from.join(name), name).unwrap();
        }
        copy_tree(&from, &to, &[from.join("dist"), from.join("own-target")]).unwrap();
        let mut names: Vec<_> = fs::read_dir(&to).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".cargo", "crates", "src"]);
        assert!(to.join("crates/dist/a.rs").exists());
        assert_eq!(fs::read_to_string(to.join("src/lib.rs")).unwrap(), "src/lib.rs");
    }
}
