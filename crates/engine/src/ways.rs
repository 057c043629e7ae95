//! How this engine starts containers: with which runtime, and without what its machine refuses.
//!
//! An engine may be set up with a runtime that does not work, or raise a limit that its machine does not let it raise.
//! One smallest container tells.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use bollard::models::{ContainerCreateBody, HostConfig, ResourcesUlimits, SystemInfo};
use bollard::query_parameters::{CreateContainerOptions, RemoveContainerOptions};
use trial::Failure;

use crate::EngineError;
use crate::api::Api;
use crate::sandbox;
use crate::session::Session;

/// The lowest port that a process without `NET_BIND_SERVICE` can listen on, in a pod's network.
const PORTS: (&str, &str) = ("net.ipv4.ip_unprivileged_port_start", "1024");

/// The limits of resources are lowered to these where even this process's own are refused: an engine that was started
/// with less cannot hand them on.
const LESS: [i64; 2] = [8192, 1000];

/// How containers are started here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ways {
    /// The runtime; none is the engine's default.
    pub(crate) runtime: Option<String>,
    /// Limits of resources that replace the engine's own; empty leaves them.
    pub(crate) ulimits: Vec<(String, i64)>,
    /// Whether memory and processor time can be limited.
    pub(crate) limits: bool,
    /// Whether the lowest free port can be set.
    pub(crate) ports: bool,
}

impl Ways {
    /// All ways to try, the plainest first.
    fn candidates(info: &SystemInfo, ours: &[(String, i64)]) -> Vec<Ways> {
        let at_most = |most: i64| ours.iter().map(|(name, value)| (name.clone(), most.min(*value))).collect::<Vec<_>>();
        let mut all_ulimits = vec![Vec::new(), ours.to_vec()];
        all_ulimits.extend(LESS.map(at_most));
        all_ulimits.dedup();
        let mut runtimes = vec![None];
        for name in ["runc", "crun"] {
            let known = info.runtimes.as_ref().is_some_and(|runtimes| runtimes.contains_key(name));
            if known && info.default_runtime.as_deref() != Some(name) {
                runtimes.push(Some(name.to_owned()));
            }
        }
        let can_limit = info.memory_limit.unwrap_or(true) && info.cpu_cfs_quota.unwrap_or(true);
        let mut ways = Vec::new();
        for ports in [true, false] {
            for limits in [true, false].into_iter().filter(|limits| can_limit || !limits) {
                for runtime in &runtimes {
                    for ulimits in &all_ulimits {
                        let (runtime, ulimits) = (runtime.clone(), ulimits.clone());
                        ways.push(Ways { runtime, ulimits, limits, ports });
                    }
                }
            }
        }
        ways
    }

    /// Finds the first that starts a container of the sandbox's image.
    pub(crate) async fn find(api: &Api, session: &Session, image: &str) -> Result<Ways, EngineError> {
        let info = api.docker.info().await.map_err(|error| api.error("say what it is", &error))?;
        let mut last = String::new();
        for ways in Ways::candidates(&info, &ours()) {
            match ways.start(api, session, image).await {
                Ok(()) => return Ok(ways),
                Err(Failure(why)) => last = why,
            }
        }
        Err(EngineError::Broken(last))
    }

    async fn start(&self, api: &Api, session: &Session, image: &str) -> Result<(), Failure> {
        let mut host = self.host();
        host.network_mode = Some("none".to_owned());
        host.sysctls = self.sysctls(&BTreeMap::new());
        if self.limits {
            limit(&mut host, Some(64 << 20), Some(500));
        }
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            entrypoint: Some(vec![sandbox::PROGRAM.to_owned()]),
            labels: Some(session.labels()),
            stop_signal: Some("SIGKILL".to_owned()),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let created = api.docker.create_container(None::<CreateContainerOptions>, body).await;
        let id = created.map_err(|error| Failure(api.said(&error)))?.id;
        let started = api.docker.start_container(&id, None).await.map_err(|error| Failure(api.said(&error)));
        let options = RemoveContainerOptions { force: true, v: true, link: false };
        let removed = api.docker.remove_container(&id, Some(options)).await.map_err(|error| Failure(api.said(&error)));
        started.and(removed)
    }

    /// The settings that each container is started with.
    pub(crate) fn host(&self) -> HostConfig {
        let ulimit = |(name, value): &(String, i64)| ResourcesUlimits {
            name: Some(name.clone()),
            soft: Some(*value),
            hard: Some(*value),
        };
        HostConfig {
            runtime: self.runtime.clone(),
            ulimits: (!self.ulimits.is_empty()).then(|| self.ulimits.iter().map(ulimit).collect()),
            ..HostConfig::default()
        }
    }

    /// The sysctls of a pod's sandbox: the lowest free port, unless the pod's own `sysctls` do.
    pub(crate) fn sysctls(&self, own: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
        let ports = self.ports.then(|| (PORTS.0.to_owned(), PORTS.1.to_owned()));
        let own = own.iter().map(|(name, value)| (name.clone(), value.clone()));
        let all: HashMap<String, String> = ports.into_iter().chain(own).collect();
        (!all.is_empty()).then_some(all)
    }

    /// Sentences that each name something that is not as in a cluster here.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.limits {
            notes.push("This engine cannot limit memory and processor time: limits are not tried.".to_owned());
        }
        if !self.ports {
            notes.push("This engine decides which ports need NET_BIND_SERVICE: needs of it are not tried.".to_owned());
        }
        notes
    }
}

/// Limits memory, without swap, and processor time.
pub(crate) fn limit(host: &mut HostConfig, memory: Option<u64>, millicores: Option<u64>) {
    if let Some(memory) = memory {
        let memory = i64::try_from(memory).unwrap_or(i64::MAX);
        host.memory = Some(memory);
        host.memory_swap = Some(memory);
    }
    if let Some(millicores) = millicores {
        host.nano_cpus = Some(i64::try_from(millicores.saturating_mul(1_000_000)).unwrap_or(i64::MAX));
    }
}

/// The limits of this process, which it can hand on where it cannot raise them.
fn ours() -> Vec<(String, i64)> {
    hard_limits(&fs::read_to_string("/proc/self/limits").unwrap_or_default())
}

fn hard_limits(text: &str) -> Vec<(String, i64)> {
    let hard = |title: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(title))?;
        line.split_whitespace().nth(1)?.parse::<i64>().ok()
    };
    let limits = [("nofile", hard("Max open files")), ("nproc", hard("Max processes"))];
    limits.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_the_kernel_writes_them() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max cpu time              unlimited            unlimited            seconds   \n\
                    Max processes             96365                unlimited            processes \n\
                    Max open files            1024                 20000                files     \n";
        assert_eq!(hard_limits(text), [("nofile".to_owned(), 20000)]);
        assert_eq!(hard_limits(""), []);
    }

    #[test]
    fn the_plainest_way_comes_first_and_every_one_once() {
        let info = SystemInfo {
            default_runtime: Some("crun".to_owned()),
            runtimes: Some(HashMap::from(["crun", "runc", "kata"].map(|name| (name.to_owned(), Default::default())))),
            ..SystemInfo::default()
        };
        let ours = [("nofile".to_owned(), 1024)];
        let ways = Ways::candidates(&info, &ours);
        let plain = Ways { limits: true, ports: true, ..Ways::default() };
        assert_eq!(ways[0], plain);
        assert_eq!(ways[1], Ways { ulimits: ours.to_vec(), ..plain.clone() });
        assert_eq!(ways[2].ulimits, [("nofile".to_owned(), 1000)]);
        assert_eq!(ways[3].runtime.as_deref(), Some("runc"));
        assert_eq!(ways.last().map(|ways| (ways.limits, ways.ports)), Some((false, false)));
        assert_eq!(ways.len(), 24);
        let cannot = SystemInfo { memory_limit: Some(false), ..info };
        assert!(Ways::candidates(&cannot, &ours).iter().all(|ways| !ways.limits));
    }
}
