//! Which workloads another one may ask for something.

use crate::objects::Objects;
use crate::pod::Pod;
use crate::workload::Workload;

/// Whether a pod names a service that selects a workload: in its variables, its commands or its files.
pub fn needs(pod: &Pod, other: &Workload, objects: &Objects) -> bool {
    objects.services_of(other).any(|(name, _)| mentions(pod, name))
}

fn mentions(pod: &Pod, name: &str) -> bool {
    let of_containers = pod.containers.iter().any(|container| {
        let words = container.command.iter().chain(&container.args).flatten();
        let mut all = words.chain(container.env.iter().map(|(_, value)| value));
        all.any(|text| has_word(text.as_bytes(), name.as_bytes()))
    });
    let mut files = pod.volumes.iter().flat_map(|volume| &volume.files);
    of_containers || files.any(|file| has_word(&file.bytes, name.as_bytes()))
}

/// Whether a text has a name that no letter, digit or dash continues.
fn has_word(text: &[u8], name: &[u8]) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let is_at = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        text[at..].starts_with(name) && !goes_on(before) && !goes_on(text.get(at + name.len()))
    };
    !name.is_empty() && (0..text.len()).any(is_at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod::{Container, File, Volume};

    #[test]
    fn a_workload_is_needed_by_the_name_of_its_service() {
        let mut objects = Objects::default();
        let service = |name: &str, app: &str| json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": name }, "spec": { "selector": { "app": app } } });
        for service in [service("db", "db"), service("cache", "other")] {
            assert!(objects.add(&service).is_ok());
        }
        let template =
            json!({ "metadata": { "labels": { "app": "db" } }, "spec": { "containers": [{ "name": "c" }] } });
        let object = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "db" },
            "spec": { "template": template } });
        let Ok(found) = Workload::all_of(&object, &[]) else { panic!("{object}") };
        let with_env = |value: &str| {
            let env = vec![("HOST".to_owned(), value.to_owned())];
            Pod { containers: vec![Container { env, ..Container::default() }], ..Pod::default() }
        };
        for (value, expected) in [
            ("db", true),
            ("postgres://db:5432/x", true),
            ("db.default.svc", true),
            ("my-db", false),
            ("db-2", false),
            ("cache", false),
            ("", false),
        ] {
            assert_eq!(needs(&with_env(value), &found[0], &objects), expected, "{value}");
        }
        let file = File { path: "c".to_owned(), bytes: b"host = db\n".to_vec(), mode: 0o644 };
        let volume =
            Volume { name: "v".to_owned(), files: vec![file], mode: 0o755, takes_group: true, writable: false };
        assert!(needs(&Pod { volumes: vec![volume], ..Pod::default() }, &found[0], &objects));
    }
}
