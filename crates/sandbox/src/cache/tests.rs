//! A cache that is damaged, foreign, full or not there changes nothing but the time.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::time::SystemTime;

use super::super::{Engine, Options, Policy, aot};
use super::*;
use guests::{accepting, answering};

fn engine(cache: &Cache) -> Engine {
    Engine::new(Options { cache: Some(cache.clone()), ..Options::default() }).unwrap()
}

fn run(cache: &Cache, wasm: &[u8]) -> Policy {
    let policy = engine(cache).policy_from_wasm("p", wasm).unwrap();
    assert!(policy.validate("{}", "{}").unwrap().accepted);
    policy
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The module in the cache, if there is one that is taken.
fn cached(cache: &Cache, wasm: &[u8]) -> Option<Module> {
    let engine = wasmtime::Engine::new(&super::super::config::config()).unwrap();
    aot::load_cached(&engine, &cache.load(&engine, wasm)?).ok()
}

struct Place {
    folder: tempfile::TempDir,
    cache: Cache,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("below/harden"));
    Place { folder, cache }
}

#[test]
fn a_policy_is_compiled_once() {
    let Place { folder: _folder, cache } = place();
    let wasm = accepting();
    assert!(cached(&cache, &wasm).is_none() && !cache.folder.exists(), "reading makes no folder");
    run(&cache, &wasm);
    let entry = entries(&cache.folder).remove(0);
    let stored = fs::read(&entry).unwrap();
    assert!(cached(&cache, &wasm).is_some());
    run(&cache, &wasm);
    assert_eq!(entries(&cache.folder), std::slice::from_ref(&entry));
    assert_eq!(fs::read(entry).unwrap(), stored);
    // Another policy is another entry.
    assert!(cached(&cache, &answering("{\"accepted\":true} ", "{}")).is_none());
}

#[test]
fn what_is_damaged_is_compiled_anew() {
    let Place { folder: _folder, cache } = place();
    let wasm = accepting();
    run(&cache, &wasm);
    let entry = entries(&cache.folder).remove(0);
    let good = fs::read(&entry).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged = [
        Vec::new(),
        good[..7].to_vec(),
        good[..40].to_vec(),
        good[..good.len() - 1].to_vec(),
        [good.clone(), vec![0]].concat(),
        flipped(0),
        flipped(20),
        flipped(40),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
        vec![0; good.len()],
    ];
    for bytes in damaged {
        fs::write(&entry, &bytes).unwrap();
        assert!(cached(&cache, &wasm).is_none(), "{} bytes", bytes.len());
        run(&cache, &wasm);
        assert_eq!(fs::read(&entry).unwrap(), good, "it is repaired");
    }
}

#[test]
fn code_of_another_policy_is_not_taken() {
    let Place { folder: _folder, cache } = place();
    let (wasm, other) = (accepting(), answering("{\"accepted\":false}", "{}"));
    engine(&cache).policy_from_wasm("p", &other).unwrap();
    let from = entries(&cache.folder).remove(0);
    run(&cache, &wasm);
    let to = entries(&cache.folder).into_iter().find(|path| *path != from).unwrap();
    fs::copy(from, to).unwrap();
    assert!(cached(&cache, &wasm).is_none());
    run(&cache, &wasm);
}

/// Code that another program stored under this one's key is not used.
#[test]
fn code_of_another_wasmtime_or_of_other_settings_is_not_taken() {
    let Place { folder: _folder, cache } = place();
    let wasm = accepting();
    run(&cache, &wasm);
    let ours = wasmtime::Engine::new(&super::super::config::config()).unwrap();
    let entry = entries(&cache.folder).remove(0);
    let good = fs::read(&entry).unwrap();
    let mut other_version = super::super::config::config();
    other_version.module_version(wasmtime::ModuleVersionStrategy::Custom("47.0.0".to_owned())).unwrap();
    let mut other_settings = super::super::config::config();
    other_settings.epoch_interruption(false);
    for config in [other_version, other_settings] {
        let theirs = wasmtime::Engine::new(&config).unwrap();
        assert_ne!(key(&theirs, &wasm), key(&ours, &wasm), "it is looked for under another name");
        let artifact = Module::from_binary(&theirs, &wasm).unwrap().serialize().unwrap();
        assert!(entry::write(&entry, &key(&ours, &wasm), &artifact));
        assert!(entry::read(&entry, &key(&ours, &wasm)).is_some(), "the checksum is right");
        assert!(cached(&cache, &wasm).is_none());
        run(&cache, &wasm);
        assert_eq!(fs::read(&entry).unwrap(), good, "it is repaired");
    }
    // No code at all.
    assert!(entry::write(&entry, &key(&ours, &wasm), b"no code"));
    assert!(cached(&cache, &wasm).is_none());
}

#[test]
fn what_a_module_may_import_is_checked_with_a_cache_too() {
    let Place { folder: _folder, cache } = place();
    let wasm = guests::assemble(
        r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
            (memory (export "memory") 1)
            (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#,
    );
    let options = Options { cache: Some(cache.clone()), allow_wasi: true, ..Options::default() };
    Engine::new(options).unwrap().policy_from_wasm("p", &wasm).unwrap();
    assert_eq!(entries(&cache.folder).len(), 1);
    assert!(engine(&cache).policy_from_wasm("p", &wasm).is_err());
}

#[test]
fn files_and_folders_are_the_users_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let Place { folder, cache } = place();
    let wasm = accepting();
    run(&cache, &wasm);
    let entry = entries(&cache.folder).remove(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&cache.folder), mode(&entry)), (0o700, 0o600));

    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (path, bad, good) in [
        (&entry, 0o620, 0o600),
        (&entry, 0o602, 0o600),
        (&cache.folder, 0o770, 0o700),
        (&cache.folder, 0o702, 0o700),
        (&folder.path().join("below"), 0o777, 0o700),
    ] {
        set(path, bad);
        assert!(cached(&cache, &wasm).is_none(), "{} with mode {bad:o}", path.display());
        set(path, good);
        assert!(cached(&cache, &wasm).is_some());
    }

    // Only the administrator can give files away.
    if rustix::process::geteuid().is_root() {
        for path in [&entry, &cache.folder] {
            std::os::unix::fs::chown(path, Some(65_534), None).unwrap();
            assert!(cached(&cache, &wasm).is_none(), "{} of somebody else", path.display());
            std::os::unix::fs::chown(path, Some(0), None).unwrap();
            assert!(cached(&cache, &wasm).is_some());
        }
    }

    // Links lead out of the folder.
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&entry, &elsewhere).unwrap();
    symlink(&elsewhere, &entry).unwrap();
    assert!(cached(&cache, &wasm).is_none());
    run(&cache, &wasm);
    assert!(!entry.is_symlink(), "the link is replaced, not followed");
    let linked = Cache::at(folder.path().join("linked"));
    symlink(&cache.folder, &linked.folder).unwrap();
    assert!(cached(&linked, &wasm).is_none());
}

#[test]
fn no_cache_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below"), "/proc/none/harden".into(), "".into()] {
        run(&Cache::at(path), &accepting());
    }
    assert_eq!(fs::read(file).unwrap(), b"");
}

#[test]
fn a_folder_that_cannot_be_written_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt;

    let Place { folder: _folder, cache } = place();
    run(&cache, &accepting());
    fs::set_permissions(&cache.folder, fs::Permissions::from_mode(0o500)).unwrap();
    assert!(cached(&cache, &accepting()).is_some());
    run(&cache, &answering("{\"accepted\":true} ", "{}"));
    fs::set_permissions(&cache.folder, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn runs_at_once_do_not_disturb_each_other() {
    let Place { folder: _folder, cache } = place();
    let wasm = accepting();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..4).for_each(|_| drop(run(&cache, &wasm))));
        }
    });
    assert_eq!(entries(&cache.folder).len(), 1, "no temporary file is left");
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let Place { folder: _folder, cache } = place();
    let policies: Vec<Vec<u8>> =
        (0..6).map(|n| answering(&format!("{{\"accepted\":true}}{}", " ".repeat(n)), "{}")).collect();
    run(&cache, &policies[0]);
    let size = fs::metadata(&entries(&cache.folder)[0]).unwrap().len();
    // Room for four and a half.
    let cache = Cache { limit: size * 9 / 2, ..cache };
    let day = std::time::Duration::from_secs(86_400);
    for (age, wasm) in (1..5_u32).rev().zip(&policies) {
        run(&cache, wasm);
        let newest = SystemTime::now() - day * age * 10;
        let mut paths = entries(&cache.folder);
        paths.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
        fs::File::options().append(true).open(paths.last().unwrap()).unwrap().set_modified(newest).unwrap();
    }
    // The first is used again, so that the second is the oldest.
    run(&cache, &policies[0]);
    let left = cache.folder.join(".harden-left");
    fs::write(&left, "cut off").unwrap();
    fs::File::options().append(true).open(&left).unwrap().set_modified(SystemTime::now() - day * 2).unwrap();
    run(&cache, &policies[4]);
    let kept: Vec<bool> = policies.iter().map(|wasm| cached(&cache, wasm).is_some()).collect();
    assert_eq!(kept, [true, false, true, true, true, false]);
    assert!(!left.exists());
}

#[test]
fn variables_say_where_it_is() {
    type Variables = [(&'static str, &'static str)];
    let cases: [(&Variables, Option<&str>); 9] = [
        (
            &[("HOME", "/user")],
            Some(if cfg!(target_os = "macos") {
                "/user/Library/Caches/harden/compiled"
            } else {
                "/user/.cache/harden/compiled"
            }),
        ),
        (&[("HOME", "/user"), ("XDG_CACHE_HOME", "/c")], Some("/c/harden/compiled")),
        (&[("XDG_CACHE_HOME", "/c"), ("HARDEN_CACHE", "off")], None),
        (&[("XDG_CACHE_HOME", "/c"), ("HARDEN_CACHE", "/d")], Some("/d")),
        (&[("XDG_CACHE_HOME", "/c"), ("HARDEN_CACHE", "")], Some("/c/harden/compiled")),
        (&[("XDG_CACHE_HOME", "/c"), ("HARDEN_CACHE", "d")], None),
        (&[("XDG_CACHE_HOME", "c")], None),
        (
            &[("XDG_CACHE_HOME", "c"), ("HOME", "/h")],
            Some(if cfg!(target_os = "macos") {
                "/h/Library/Caches/harden/compiled"
            } else {
                "/h/.cache/harden/compiled"
            }),
        ),
        (&[], None),
    ];
    for (variables, expected) in cases {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        assert_eq!(user_folder(variable, COMPILED), expected.map(PathBuf::from), "{variables:?}");
        // What comes from registries follows the same variables; a folder that was named holds it in one of its own.
        let beside = expected.map(|path| match path {
            "/d" => "/d/oci".to_owned(),
            path => path.replace(COMPILED, "oci"),
        });
        assert_eq!(user_folder(variable, "oci"), beside.map(PathBuf::from), "{variables:?}");
    }
}
