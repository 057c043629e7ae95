//! From a pod template to a pod as a container engine can run it, field by field as the kubelet does it.

mod env;
mod error;
mod expand;
mod fields;
mod given;
mod mounts;
mod probes;
mod resources;
mod security;
mod services;
mod template;
#[cfg(test)]
mod tests;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

pub use error::{Refusal, TranslateError};

use given::Given;
use template::Template;

use crate::image::ImageFacts;
use crate::objects::{self, Objects};
use crate::pod::{ADDRESS, Container, Pod, Restart, Role, Volume};
use crate::workload::Workload;

/// The pod that the kubelet would run for a workload.
///
/// `images` says what is known of images, by their references as they are written. Nothing that reaches beyond the pod
/// is passed on, whatever the template says: what is left out is in [`Pod::notes`].
///
/// # Errors
/// A template that the API server refuses, and a container that the kubelet does not start:
/// [`TranslateError::outcome`] tells them apart.
pub fn translate(
    workload: &Workload,
    objects: &Objects,
    images: &BTreeMap<String, ImageFacts>,
) -> Result<Pod, TranslateError> {
    let template: Template = objects::read(&workload.template).map_err(|error| TranslateError::Type {
        workload: workload.label(),
        prefix: given::prefix(workload),
        error,
    })?;
    let given = Given::new(workload, objects, images, &template);
    let spec = &template.spec;
    let is_windows = |os: &str| os == "windows";
    if is_windows(&spec.os.name) || spec.node_selector.get("kubernetes.io/os").is_some_and(|os| is_windows(os)) {
        return Err(TranslateError::Windows { workload: workload.label() });
    }
    security::note_what_the_pod_leaves_out(&given);
    let hostname = hostname(&given);
    let names = services::names(&given, &hostname);
    let services = services::variables(&given);
    let volumes = volumes::volumes(&given)?;
    let containers = containers(&given, &volumes, &services)?;
    let mounted: BTreeSet<&str> =
        containers.iter().flat_map(|container| &container.mounts).map(|mount| mount.volume.as_str()).collect();
    let aliases = spec.host_aliases.iter();
    Ok(Pod {
        name: workload.name.clone(),
        hostname: if spec.set_hostname_as_fqdn { full_name(&given, &hostname) } else { hostname },
        names,
        forwards: services::forwards(&given),
        runs_once: workload.runs_once,
        restart: restart(&given)?,
        volumes: volumes.iter().filter(|volume| mounted.contains(volume.name.as_str())).cloned().collect(),
        fs_group: spec.security_context.fs_group,
        host_aliases: aliases
            .flat_map(|alias| alias.hostnames.iter().map(|name| (name.clone(), alias.ip.clone())))
            .collect(),
        sysctls: security::sysctls(&given),
        containers,
        notes: given.notes(),
    })
}

fn restart(given: &Given<'_>) -> Result<Restart, TranslateError> {
    match given.template.spec.restart_policy.as_str() {
        "" | "Always" => Ok(Restart::Always),
        "OnFailure" => Ok(Restart::OnFailure),
        "Never" => Ok(Restart::Never),
        other => {
            let why = format!("{other:?} is none of Always, OnFailure and Never");
            Err(given.value("spec.restartPolicy", why))
        }
    }
}

/// The name that the pod has for itself, cut to what the kernel takes.
fn hostname(given: &Given<'_>) -> String {
    let spec = &given.template.spec;
    let written = [&spec.hostname_override, &spec.hostname].into_iter().find(|name| !name.is_empty());
    let name = written.map_or_else(|| given.workload.pod_name(), String::clone);
    name.chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_owned()
}

fn full_name(given: &Given<'_>, hostname: &str) -> String {
    match given.template.spec.subdomain.as_str() {
        "" => hostname.to_owned(),
        subdomain => format!("{hostname}.{subdomain}.{}.svc.cluster.local", given.namespace_name()),
    }
}

fn containers(
    given: &Given<'_>,
    volumes: &[Volume],
    services: &[(String, String)],
) -> Result<Vec<Container>, TranslateError> {
    let mut containers: Vec<Container> = Vec::new();
    for (at, written) in given.containers() {
        let container = container(given, &at, written, volumes, services)?;
        if container.name.is_empty() || containers.iter().any(|other| other.name == container.name) {
            let why = format!("{:?} must be a name that no other container of the pod has", container.name);
            return Err(given.value(&format!("{at}.name"), why));
        }
        containers.push(container);
    }
    if !containers.iter().any(|container| container.role == Role::Main) {
        return Err(given.value("spec.containers", "is empty; write a container"));
    }
    Ok(containers)
}

fn container(
    given: &Given<'_>,
    at: &str,
    written: &template::Container,
    volumes: &[Volume],
    services: &[(String, String)],
) -> Result<Container, TranslateError> {
    if written.image.is_empty() {
        return Err(given.value(&format!("{at}.image"), "is not set; write the image"));
    }
    let env = env::env(given, at, written, services)?;
    let service_env: Vec<(String, String)> =
        services.iter().filter(|(name, _)| env::get(&env, name).is_none()).cloned().collect();
    let variable = |name: &str| env::get(&env, name).or_else(|| env::get(&service_env, name));
    let words = |words: &[String]| -> Option<Vec<String>> {
        let expanded = |word: &String| expand::expand_known(word, variable);
        (!words.is_empty()).then(|| words.iter().map(expanded).collect())
    };
    let (command, args) = (words(&written.command), words(&written.args));
    let all = command.iter().flatten().chain(args.iter().flatten()).chain(env.iter().map(|(_, value)| value));
    if all.into_iter().any(|text| text.replace(ADDRESS, "").contains('\0')) {
        return Err(given.value(at, "has a NUL in a command, an argument or a variable, which none can have"));
    }
    let mounts = mounts::mounts(given, at, written, volumes, &variable)?;
    let (memory, millicores) = resources::limits(given, at, written)?;
    let probe = |name: &str, probe| probes::probe(given, &format!("{at}.{name}"), written, probe);
    Ok(Container {
        name: written.name.clone(),
        role: match (at.starts_with("spec.initContainers"), written.restart_policy.as_str()) {
            (true, "Always") => Role::Sidecar,
            (true, _) => Role::Init,
            (false, _) => Role::Main,
        },
        image: written.image.clone(),
        command,
        args,
        service_env,
        env,
        working_dir: Some(written.working_dir.clone()).filter(|folder| !folder.is_empty()),
        stdin: written.stdin,
        tty: written.tty,
        mounts,
        security: security::security(given, at, written)?,
        memory,
        millicores,
        startup: probe("startupProbe", written.startup_probe.as_ref())?,
        readiness: probe("readinessProbe", written.readiness_probe.as_ref())?,
        liveness: probe("livenessProbe", written.liveness_probe.as_ref())?,
        post_start: probes::post_start(given, at, written)?,
    })
}
