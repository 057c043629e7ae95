//! Indexes as git writes them, and as nobody does.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use super::*;

/// An index without statistics, of `version`, whose objects have names of `hash` bytes.
fn index(version: u32, hash: usize, paths: &[&str], extensions: &[u8]) -> Vec<u8> {
    let mut bytes = [&b"DIRC"[..], &version.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
    let mut last = "";
    for path in paths {
        let start = bytes.len();
        bytes.extend(vec![7; STAT + hash]);
        bytes.extend((path.len().min(0xfff) as u16).to_be_bytes());
        if version == 4 {
            let kept = last.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
            assert!(last.len() - kept < 128, "one byte is enough here");
            bytes.push((last.len() - kept) as u8);
            bytes.extend(&path.as_bytes()[kept..]);
            bytes.push(0);
        } else {
            bytes.extend(path.as_bytes());
            let padding = 8 - (bytes.len() - start) % 8;
            bytes.extend(vec![0; padding]);
        }
        last = path;
    }
    bytes.extend(extensions);
    bytes.extend(vec![9; hash]);
    bytes
}

const PATHS: [&str; 4] = ["a.yaml", "a/b/c.yaml", "a/b/d.yaml", "ü/x"];

#[test]
fn every_version_and_hash_is_read() {
    let tree = [&b"TREE"[..], &3_u32.to_be_bytes(), b"abc"].concat();
    for version in 2..=4 {
        for hash in HASHES {
            for extensions in [&[][..], &tree] {
                let tracked = Tracked::read(&index(version, hash, &PATHS, extensions)).unwrap();
                let paths: Vec<&[u8]> = tracked.paths().collect();
                assert_eq!(paths, PATHS.map(str::as_bytes), "version {version}, {hash}");
                for (path, is_folder, expected) in [
                    ("a.yaml", false, true),
                    ("a", true, true),
                    ("a/b", true, true),
                    ("a/b/c.yaml", false, true),
                    ("a", false, false),
                    ("a/b/e.yaml", false, false),
                    ("ü", true, true),
                    ("", true, false),
                    ("z", true, false),
                ] {
                    assert_eq!(tracked.holds(Path::new(path), is_folder), expected, "{path}");
                }
            }
        }
    }
    // A folder that is an entry, as in a sparse index.
    let sparse = Tracked::read(&index(3, 20, &["a/b/"], &[])).unwrap();
    assert!(sparse.holds(Path::new("a/b/c/d.yaml"), false) && sparse.holds(Path::new("a/b"), true));
    assert!(!sparse.holds(Path::new("a/c"), true));
}

#[test]
fn what_is_not_an_index_is_refused() {
    let good = index(2, 20, &PATHS, &[]);
    for version in 2..=4 {
        let good = index(version, 20, &PATHS, &[]);
        for end in 0..good.len() {
            assert!(Tracked::read(&good[..end]).is_err(), "version {version}, cut at {end}");
        }
    }
    let unsorted = index(2, 20, &["b", "a"], &[]);
    let many = [&good[..8], &u32::MAX.to_be_bytes(), &good[12..]].concat();
    let endless = index(2, 20, &["a"], &[&b"TREE"[..], &u32::MAX.to_be_bytes()].concat());
    let long = index(2, 20, &[&"x".repeat(LONGEST_PATH + 1)], &[]);
    for (bytes, why) in [
        (&b""[..], "is not an index"),
        (b"not an index", "is not an index"),
        (&[b"DIRC", &5_u32.to_be_bytes()[..], &[0; 40]].concat(), "of a version of git that"),
        (&unsorted, "damaged"),
        (&many, "damaged"),
        (&endless, "damaged"),
        (&long, "damaged"),
    ] {
        assert!(Tracked::read(bytes).unwrap_err().to_string().contains(why), "{why}");
    }
}

/// Runs git in `folder`; `false`, said aloud, where it is missing or does not take the arguments.
fn git(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    let done = command.output().is_ok_and(|output| output.status.success());
    if !done {
        eprintln!("skipped: git {}", args.join(" "));
    }
    done
}

#[test]
fn git_and_this_reader_agree() {
    let names = ["a.yaml", "b/c.yaml", "b/d/e.yaml", "b/d/f.yaml", "new.yaml", "z"];
    for (format, version, split) in [
        ("sha1", "2", false),
        ("sha1", "4", false),
        ("sha256", "2", false),
        ("sha256", "4", false),
        ("sha1", "2", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in names {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "x: 1\n").unwrap();
        }
        let object_format = format!("--object-format={format}");
        if !git(root, &["init", "--quiet", &object_format]) {
            continue;
        }
        assert_eq!(Tracked::of(root).unwrap().paths().count(), 0, "nothing is tracked yet");
        assert!(git(root, &["update-index", "--index-version", version]) && git(root, &["add", "b", "z"]));
        assert!(!split || git(root, &["update-index", "--split-index"]));
        // An entry with more flags, which makes version 3 of version 2; and what changes after the split.
        assert!(git(root, &["add", "--intent-to-add", "new.yaml"]));
        let tracked = Tracked::of(root).unwrap();
        for name in names {
            assert_eq!(tracked.holds(Path::new(name), false), name != "a.yaml", "{format} {version} {name}");
        }
        assert!(tracked.holds(Path::new("b/d"), true));
        // A work tree beside it names its folder in a file.
        let linked = root.join("linked");
        let commit = ["-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "m", "b"];
        if git(root, &commit) && git(root, &["worktree", "add", "--quiet", "linked"]) {
            assert!(Tracked::of(&linked).unwrap().holds(Path::new("b/c.yaml"), false), "{format} {version}");
        }
    }
}

#[test]
fn a_git_file_that_names_no_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "gitdir /x\n", &"gitdir: x".repeat(1000)] {
        fs::write(folder.path().join(".git"), text).unwrap();
        assert!(
            Tracked::of(folder.path()).unwrap_err().to_string().contains("is not a link to a folder of git"),
            "{text}"
        );
    }
}
