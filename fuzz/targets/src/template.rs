//! Pod templates: the pod that a trial makes of one never reaches beyond its own containers and volumes.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};
use trial::pod::{Container, File, Mount, Pod};
use trial::{ImageFacts, Objects, Workload, translate};

/// Capabilities that no manifest gets.
const NEVER: [&str; 5] = ["ALL", "SYS_ADMIN", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH"];

/// Reads `bytes` as objects, one JSON value behind the other, and translates every pod template among them.
pub fn run(bytes: &[u8]) {
    let objects: Vec<Value> = Deserializer::from_slice(bytes).into_iter().map_while(Result::ok).collect();
    let mut all = Objects::default();
    for object in &objects {
        if let Err(error) = all.add(object) {
            assert!(!error.to_string().is_empty());
        }
    }
    let image = ImageFacts { user: "1000".to_owned(), ..ImageFacts::default() };
    let images = BTreeMap::from([("app:1".to_owned(), image)]);
    let workloads = objects.iter().filter_map(|object| Workload::all_of(object, &[]).ok()).flatten();
    for workload in workloads {
        match translate(&workload, &all, &images) {
            Ok(pod) => stays_within(&pod),
            Err(error) => {
                let message = error.to_string();
                assert!(message.starts_with(&workload.label()), "{message}");
            }
        }
    }
}

fn stays_within(pod: &Pod) {
    pod.volumes.iter().flat_map(|volume| &volume.files).for_each(file);
    for container in &pod.containers {
        container.mounts.iter().for_each(|one| mount(pod, one));
        rights(container);
    }
    let there = pod.clone().at("10.0.0.5");
    let variables = there.containers.iter().flat_map(Container::variables).map(|(_, value)| value);
    let words = there.containers.iter().flat_map(|container| container.command.iter().chain(&container.args)).flatten();
    assert!(variables.chain(words).all(|text| !text.contains('\0')), "{there:?}");
}

fn file(file: &File) {
    assert!(!file.path.is_empty() && stays(&file.path) && file.mode <= 0o777, "{file:?}");
}

fn mount(pod: &Pod, mount: &Mount) {
    assert!(mount.path.strip_prefix('/').is_some_and(|path| !path.is_empty() && stays(path)), "{mount:?}");
    assert!(mount.sub_path.as_deref().is_none_or(stays), "{mount:?}");
    let volume = pod.volumes.iter().find(|volume| volume.name == mount.volume);
    assert!(volume.is_some_and(|volume| volume.writable || mount.read_only), "{mount:?}");
}

fn rights(container: &Container) {
    let capabilities = container.security.capabilities();
    assert!(NEVER.iter().all(|name| !capabilities.contains(name)), "{capabilities:?}");
    let security = &container.security;
    assert!(!security.non_root || security.user != Some(0), "{security:?}");
}

/// Whether a relative path leads nowhere but below where it begins.
fn stays(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|name| name != "..")
}
