//! The evidence of a container, gathered while it runs and after.

use std::collections::BTreeSet;

use bollard::models::{ContainerInspectResponse, ContainerTopResponse, FilesystemChange};
use bollard::query_parameters::{LogsOptions, StatsOptions, TopOptions};
use futures_util::StreamExt as _;
use trial::pod::Container;
use trial::{Change, ChangeKind, Evidence};

use crate::Choice;
use crate::api::{self, Api};
use crate::local::Processes;

/// How many lines of a log are kept, and how much of each.
const LINES: usize = 20;
const LINE: usize = 500;

/// The code of a process that was killed.
const KILLED: i64 = 137;

/// The state of a container.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) running: bool,
    pub(crate) pid: Option<i64>,
    pub(crate) exit: Option<i64>,
    pub(crate) out_of_memory: bool,
}

impl State {
    pub(crate) fn of(inspected: ContainerInspectResponse) -> State {
        let state = inspected.state.unwrap_or_default();
        let running = state.running.unwrap_or_default();
        State {
            running,
            pid: state.pid.filter(|pid| *pid > 0),
            exit: state.exit_code.filter(|_| !running),
            out_of_memory: state.oom_killed.unwrap_or_default(),
        }
    }
}

/// Adds what a running container does at this moment.
pub(crate) async fn sample(api: &Api, id: &str, state: &State, seen: &mut Evidence) {
    let local = state.pid.filter(|_| api.local).and_then(|pid| Processes::of(pid, id));
    if let Some(processes) = local {
        seen.users.extend(processes.users());
        seen.ports.extend(processes.ports());
        seen.memory = seen.memory.max(processes.peak_memory());
        seen.processor = seen.processor.max(processes.processor());
        return;
    }
    let arguments = if api.kind == Choice::Docker { "-eo pid,uid" } else { "pid,user" };
    let options = TopOptions { ps_args: arguments.to_owned() };
    if let Ok(top) = api.docker.top_processes(id, Some(options)).await {
        seen.users.extend(users(&top));
    }
    let mut stats = api.docker.stats(id, Some(StatsOptions { stream: false, one_shot: true })).boxed();
    if let Some(Ok(stats)) = stats.next().await {
        let memory = stats.memory_stats.unwrap_or_default();
        seen.memory = seen.memory.max(memory.max_usage.max(memory.usage));
        let used = stats.cpu_stats.and_then(|cpu| cpu.cpu_usage?.total_usage);
        seen.processor = seen.processor.max(used.map(std::time::Duration::from_nanos));
    }
}

/// The numeric users in an engine's list of processes; podman gives names where the image has one.
fn users(top: &ContainerTopResponse) -> BTreeSet<u32> {
    let number = |row: &Vec<String>| {
        let user = row.get(1)?;
        if user == "root" { Some(0) } else { user.parse().ok() }
    };
    top.processes.iter().flatten().filter_map(number).collect()
}

/// Adds what is known of a container when a run is over: how it ended, what it wrote.
pub(crate) async fn finish(api: &Api, id: &str, container: &Container, state: Option<State>, seen: &mut Evidence) {
    if let Some(state) = state {
        seen.exit = state.exit;
        // Engines do not always see why the kernel killed it.
        seen.out_of_memory |= state.out_of_memory || (state.exit == Some(KILLED) && container.memory.is_some());
    }
    // What is listed with a read-only root is what the engine made to mount something on.
    if !container.security.read_only_root
        && let Ok(changes) = api.docker.container_changes(id).await
    {
        seen.written = written(changes.unwrap_or_default(), container, api.kind);
    }
    seen.log = log(api, id, LINES).await;
}

/// The last lines that a container wrote.
pub(crate) async fn log(api: &Api, id: &str, lines: usize) -> Vec<String> {
    let options = LogsOptions { stdout: true, stderr: true, tail: lines.to_string(), ..LogsOptions::default() };
    let text = api::text(api.docker.logs(id, Some(options)).boxed()).await;
    let all: Vec<&str> = text.lines().collect();
    let last = all.len().saturating_sub(lines);
    all[last..].iter().map(|line| line.trim_end().chars().take(LINE).collect()).collect()
}

/// The changes that a container made, without those of the engine that started it.
fn written(changes: Vec<FilesystemChange>, container: &Container, kind: Choice) -> Vec<Change> {
    let mut changes: Vec<Change> = changes
        .into_iter()
        .map(|change| {
            let kind = match i32::from(change.kind as i8) {
                1 => ChangeKind::Added,
                2 => ChangeKind::Deleted,
                _ => ChangeKind::Changed,
            };
            Change { path: change.path, kind }
        })
        .filter(|change| !is_engines(&change.path, container, kind))
        .collect();
    changes.sort();
    // A folder is listed as changed if anything in it is; so is the one that the engine mounts its own files in.
    let paths: BTreeSet<String> = changes.iter().map(|change| change.path.clone()).collect();
    let holds = |folder: &str| {
        let inside = format!("{folder}/");
        paths.range(inside.clone()..).next().is_some_and(|path| path.starts_with(&inside))
    };
    changes.retain(|change| {
        let mounts = matches!(change.path.as_str(), "/etc" | "/run" | "/var" | "/var/run");
        !(mounts && change.kind == ChangeKind::Changed) || holds(&change.path)
    });
    changes
}

/// Whether the engine made a path: its own files, and the places of mounts.
fn is_engines(path: &str, container: &Container, kind: Choice) -> bool {
    const FILES: [&str; 6] =
        ["/.dockerenv", "/run/.containerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"];
    const FOLDERS: [&str; 3] = ["/dev", "/proc", "/sys"];
    let below = |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let mount = |target: &str| {
        let target = target.trim_end_matches('/');
        below(target) || target.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    };
    // Podman gives a user that the image does not know a line of its own.
    let line =
        kind == Choice::Podman && container.security.user.is_some() && matches!(path, "/etc/passwd" | "/etc/group");
    FILES.contains(&path)
        || FOLDERS.iter().any(|folder| below(folder))
        || line
        || container.mounts.iter().any(|one| mount(&one.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::ChangeType;
    use trial::pod::{Mount, Security};

    fn changes(all: &[(&str, ChangeType)]) -> Vec<FilesystemChange> {
        all.iter().map(|(path, kind)| FilesystemChange { path: (*path).to_owned(), kind: *kind }).collect()
    }

    fn container(user: Option<u32>, mounts: &[&str]) -> Container {
        let mount =
            |path: &&str| Mount { volume: "v".to_owned(), path: (*path).to_owned(), sub_path: None, read_only: false };
        let security = Security { user, ..Security::default() };
        Container { security, mounts: mounts.iter().map(mount).collect(), ..Container::default() }
    }

    fn paths(changes: Vec<Change>) -> Vec<(String, ChangeKind)> {
        changes.into_iter().map(|change| (change.path, change.kind)).collect()
    }

    #[test]
    fn what_the_engine_does_is_not_what_the_container_does() {
        use ChangeType::{_0 as CHANGED, _1 as ADDED, _2 as DELETED};
        let all = changes(&[
            ("/etc", CHANGED),
            ("/etc/passwd", ADDED),
            ("/run", CHANGED),
            ("/run/.containerenv", ADDED),
            ("/srv", ADDED),
            ("/srv/data", ADDED),
            ("/srv/data/x", ADDED),
            ("/tmp", CHANGED),
            ("/tmp/a", DELETED),
        ]);
        let tmp = [("/tmp".to_owned(), ChangeKind::Changed), ("/tmp/a".to_owned(), ChangeKind::Deleted)];
        assert_eq!(paths(written(all.clone(), &container(Some(1), &["/srv/data"]), Choice::Podman)), tmp);
        let own = paths(written(all, &container(None, &[]), Choice::Podman));
        assert_eq!(own.first(), Some(&("/etc".to_owned(), ChangeKind::Changed)), "it changed /etc/passwd itself");
        assert!(own.iter().any(|(path, _)| path == "/srv/data/x"));
    }

    #[test]
    fn users_are_numbers() {
        let row = |user: &str| vec!["1".to_owned(), user.to_owned()];
        let top = ContainerTopResponse { titles: None, processes: Some(vec![row("root"), row("101"), row("nginx")]) };
        assert_eq!(users(&top), BTreeSet::from([0, 101]));
    }
}
