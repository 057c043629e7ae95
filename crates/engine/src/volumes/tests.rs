//! Which volumes a pod needs, and what is in them.

use std::io::Read as _;

use super::*;

fn volume(name: &str, files: &[&str]) -> Volume {
    let file = |path: &&str| File { path: (*path).to_owned(), bytes: path.as_bytes().to_vec(), mode: 0o600 };
    Volume {
        name: name.to_owned(),
        files: files.iter().map(file).collect(),
        writable: files.is_empty(),
        mode: 0o777,
        takes_group: true,
    }
}

fn mount(volume: &str, path: &str, sub_path: Option<&str>) -> Mount {
    let sub_path = sub_path.map(str::to_owned);
    Mount { volume: volume.to_owned(), path: path.to_owned(), sub_path, read_only: false }
}

fn pod(volumes: Vec<Volume>, mounts: Vec<Vec<Mount>>) -> Pod {
    let containers = mounts.into_iter().map(|mounts| Container { mounts, ..Container::default() }).collect();
    Pod { volumes, containers, ..Pod::default() }
}

/// The entries of an archive: path, mode, group, content.
fn entries(archive: &[u8]) -> Vec<(String, u32, u64, String)> {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        (path, entry.header().mode().unwrap(), entry.header().gid().unwrap(), text)
    };
    archive.entries().unwrap().map(read).collect()
}

fn entry(path: &str, mode: u32, group: u64, text: &str) -> (String, u32, u64, String) {
    (path.to_owned(), mode, group, text.to_owned())
}

#[test]
fn a_volume_is_made_once_and_each_part_of_it_apart() {
    let pod = pod(
        vec![volume("data", &[]), volume("unused", &[])],
        vec![
            vec![mount("data", "/a", None), mount("data", "/b", Some("b"))],
            vec![mount("data", "/c", None), mount("data", "/d", Some("/b/")), mount("missing", "/e", None)],
        ],
    );
    let shared = shared(&pod);
    assert_eq!(shared.iter().map(|shared| shared.sub_path).collect::<Vec<_>>(), [None, Some("b")]);
    let numbers = |container: usize| {
        let mounts = mounted(&pod, &shared, &pod.containers[container]);
        mounts.into_iter().map(|(mount, mounted)| (mount.path.as_str(), mounted)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [("/a", Mounted::Shared(0)), ("/b", Mounted::Shared(1))]);
    assert_eq!(numbers(1), [("/c", Mounted::Shared(0)), ("/d", Mounted::Shared(1))]);
    assert_eq!(split(&shared), BTreeSet::from(["data"]));
}

#[test]
fn a_file_of_a_volume_is_no_volume() {
    let pod = pod(
        vec![volume("config", &["app.conf", "more/a", "more/b/c"])],
        vec![vec![mount("config", "/etc/app.conf", Some("app.conf")), mount("config", "/etc/more", Some("more"))]],
    );
    let shared = shared(&pod);
    assert_eq!(shared.len(), 1);
    let mounts = mounted(&pod, &shared, &pod.containers[0]);
    assert_eq!(mounts[0].1, Mounted::File(&pod.volumes[0].files[0]));
    assert_eq!(mounts[1].1, Mounted::Shared(0));
    assert_eq!(
        entries(&shared[0].archive().unwrap()),
        [
            entry("./", 0o777, 0, ""),
            entry("a", 0o600, 0, "more/a"),
            entry("b/", 0o755, 0, ""),
            entry("b/c", 0o600, 0, "more/b/c")
        ]
    );
    let archive = files([("/etc/app.conf", &pod.volumes[0].files[0])].into_iter(), Some(7)).unwrap();
    assert_eq!(entries(&archive), [entry("etc/app.conf", 0o640, 7, "app.conf")]);
}

#[test]
fn the_group_of_the_file_system_owns_all() {
    let mut pod = pod(vec![volume("config", &["x/y"])], vec![vec![mount("config", "/c", None)]]);
    pod.fs_group = Some(2000);
    assert_eq!(
        entries(&shared(&pod)[0].archive().unwrap()),
        [entry("./", 0o2777, 2000, ""), entry("x/", 0o2755, 2000, ""), entry("x/y", 0o640, 2000, "x/y")]
    );
}

#[test]
fn long_names_are_kept() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(150));
    let pod = pod(vec![volume("config", &[&long])], vec![vec![mount("config", "/c", None)]]);
    let paths: Vec<String> = entries(&shared(&pod)[0].archive().unwrap()).into_iter().map(|entry| entry.0).collect();
    assert_eq!(paths[2], long);
}
