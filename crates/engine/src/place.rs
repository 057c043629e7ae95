//! Makes what a pod needs before its containers start: sandbox, volumes, copies of images with files in them.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bollard::models::{
    ContainerConfig, ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, Mount, MountType,
    MountVolumeOptions, NetworkingConfig, VolumeCreateRequest,
};
use bollard::query_parameters::{
    CommitContainerOptions, CreateContainerOptions, RemoveContainerOptions, UploadToContainerOptions,
};
use trial::pod::{Container, File, Pod};
use trial::{Failure, ImageFacts};

use crate::api::{Api, is_gone};
use crate::body::{Around, body};
use crate::network::Network;
use crate::session::Run;
use crate::volumes::{self, Mounted, Shared};
use crate::ways::Ways;
use crate::{EngineError, image, sandbox};

/// The parts that are the same for all pods of a run.
pub(crate) struct Site<'a> {
    pub(crate) api: &'a Api,
    pub(crate) ways: &'a Ways,
    /// The sandbox's image.
    pub(crate) image: &'a str,
    pub(crate) run: &'a Run,
    pub(crate) network: Network,
    /// Whether containers reach what lies outside.
    pub(crate) open: bool,
    /// The names of all pods, and where they lead.
    pub(crate) hosts: Vec<(String, Ipv4Addr)>,
}

/// A pod that has its sandbox and its volumes.
pub(crate) struct Placed<'p> {
    pub(crate) pod: &'p Pod,
    pub(crate) address: Ipv4Addr,
    /// The id of the sandbox.
    pub(crate) sandbox: String,
    shared: Vec<Shared<'p>>,
    names: Vec<String>,
    number: usize,
}

impl Site<'_> {
    fn error<'e>(&self, what: &'e str) -> impl Fn(bollard::errors::Error) -> EngineError + use<'_, 'e> {
        let api = self.api;
        move |error| api.error(what, &error)
    }

    /// A name in the engine, unlike any other.
    fn name(&self, pod: usize, part: &str) -> String {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let part: String = part.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
        format!("{}-{pod}-{part}", self.run.name())
    }

    /// Makes the sandbox and the volumes of the pod with a number.
    pub(crate) async fn place<'p>(&self, pod: &'p Pod, number: usize) -> Result<Placed<'p>, EngineError> {
        let docker = &self.api.docker;
        let address = self.network.address(number);
        let shared = volumes::shared(pod);
        let mut names = Vec::new();
        for part in 0..shared.len() {
            let name = self.name(number, &format!("volume-{part}"));
            let request = VolumeCreateRequest {
                name: Some(name.clone()),
                labels: Some(self.run.labels()),
                ..VolumeCreateRequest::default()
            };
            docker.create_volume(request).await.map_err(self.error("make a volume"))?;
            names.push(name);
        }
        let mut host = self.ways.host();
        host.sysctls = self.ways.sysctls(&pod.sysctls);
        let names_of_pods = self.hosts.iter().map(|(name, address)| format!("{name}:{address}"));
        let aliases = pod.host_aliases.iter().map(|(name, address)| format!("{name}:{address}"));
        host.extra_hosts = Some(names_of_pods.chain(aliases).collect());
        // Without a way out, an answer at once is better than one that never comes.
        host.dns = (!self.open).then(|| vec!["127.0.0.1".to_owned()]);
        host.mounts = Some(names.iter().enumerate().map(|(part, name)| volume(name, &inside(part))).collect());
        let id = self.sandbox(number, &pod.hostname, host).await?;
        for (part, shared) in shared.iter().enumerate() {
            let archive = shared.archive().map_err(|source| EngineError::Io { path: inside(part).into(), source })?;
            self.upload(&id, &inside(part), archive).await?;
        }
        Ok(Placed { pod, address, sandbox: id, shared, names, number })
    }

    /// Starts the sandbox at the address with a number, and returns its id.
    pub(crate) async fn sandbox(
        &self,
        number: usize,
        hostname: &str,
        mut host: HostConfig,
    ) -> Result<String, EngineError> {
        let docker = &self.api.docker;
        let address = self.network.address(number);
        host.network_mode = Some(self.network.name().to_owned());
        host.ipc_mode = Some("shareable".to_owned());
        host.readonly_rootfs = Some(true);
        host.cap_drop = Some(vec!["ALL".to_owned()]);
        host.security_opt = Some(vec!["no-new-privileges:true".to_owned()]);
        let own = self.hosts.iter().filter(|(_, at)| *at == address);
        let endpoint = EndpointSettings {
            ipam_config: Some(EndpointIpamConfig {
                ipv4_address: Some(address.to_string()),
                ..EndpointIpamConfig::default()
            }),
            aliases: Some(own.map(|(name, _)| name.clone()).collect()),
            ..EndpointSettings::default()
        };
        let body = ContainerCreateBody {
            image: Some(self.image.to_owned()),
            hostname: Some(hostname.to_owned()).filter(|name| !name.is_empty()),
            entrypoint: Some(vec![sandbox::PROGRAM.to_owned()]),
            labels: Some(self.run.sandbox_labels()),
            stop_signal: Some("SIGKILL".to_owned()),
            host_config: Some(host),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(self.network.name().to_owned(), endpoint)])),
            }),
            ..ContainerCreateBody::default()
        };
        let name = CreateContainerOptions { name: Some(self.name(number, "pod")), ..Default::default() };
        let id = docker.create_container(Some(name), body).await.map_err(self.error("make a pod's sandbox"))?.id;
        docker.start_container(&id, None).await.map_err(self.error("start a pod's sandbox"))?;
        Ok(id)
    }

    async fn upload(&self, container: &str, path: &str, archive: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptions {
            path: path.to_owned(),
            // Otherwise all would belong to the user of the container.
            copy_uidgid: Some("false".to_owned()),
            ..UploadToContainerOptions::default()
        };
        let uploaded =
            self.api.docker.upload_to_container(container, Some(options), bollard::body_full(archive.into()));
        uploaded.await.map_err(self.error("fill a volume"))
    }

    /// Makes a container of a pod: its id, and what is not as in a cluster.
    ///
    /// # Errors
    /// `Ok(Err(why))` is the engine's word on this container.
    pub(crate) async fn create(
        &self,
        placed: &Placed<'_>,
        container: &Container,
    ) -> Result<Result<(String, Vec<String>), Failure>, EngineError> {
        let api = self.api;
        let facts = image::facts(api, &container.image, false).await?;
        let mut files = Vec::new();
        let mut mounts = Vec::new();
        for (mount, mounted) in volumes::mounted(placed.pod, &placed.shared, container) {
            match mounted {
                Mounted::File(file) => files.push((mount.path.as_str(), file)),
                Mounted::Shared(part) => {
                    let read_only = mount.read_only || !placed.shared[part].is_writable();
                    mounts.push((placed.names[part].clone(), mount.path.clone(), read_only));
                }
            }
        }
        let copy;
        let image = if files.is_empty() {
            container.image.as_str()
        } else {
            copy = self.bake(placed, container, &files).await?;
            copy.as_str()
        };
        let (body, notes) = self.body(placed, container, image, &facts, mounts);
        let name =
            CreateContainerOptions { name: Some(self.name(placed.number, &container.name)), ..Default::default() };
        match api.docker.create_container(Some(name), body).await {
            Ok(created) => Ok(Ok((created.id, notes))),
            Err(error) if is_gone(&error) => Err(EngineError::ImageMissing(container.image.clone())),
            Err(error) => Ok(Err(Failure(api.said(&error)))),
        }
    }

    fn body(
        &self,
        placed: &Placed<'_>,
        container: &Container,
        image: &str,
        facts: &ImageFacts,
        mounts: Vec<(String, String, bool)>,
    ) -> (ContainerCreateBody, Vec<String>) {
        let around = Around {
            kind: self.api.kind,
            ways: self.ways,
            sandbox: &placed.sandbox,
            hostname: &placed.pod.hostname,
            image,
            facts,
            mounts,
            labels: self.run.labels(),
        };
        body(container, around)
    }

    /// Copies an image with files in it, and returns the copy's id.
    async fn bake(
        &self,
        placed: &Placed<'_>,
        container: &Container,
        files: &[(&str, &File)],
    ) -> Result<String, EngineError> {
        let docker = &self.api.docker;
        let what = "copy an image with a volume's file in it";
        let body = ContainerCreateBody {
            image: Some(container.image.clone()),
            labels: Some(self.run.labels()),
            host_config: Some(self.ways.host()),
            ..ContainerCreateBody::default()
        };
        let name = format!("{}-files", container.name);
        let name = CreateContainerOptions { name: Some(self.name(placed.number, &name)), ..Default::default() };
        let id = docker.create_container(Some(name), body).await.map_err(self.error(what))?.id;
        let archive = volumes::files(files.iter().copied(), placed.pod.fs_group)
            .map_err(|source| EngineError::Io { path: container.name.clone().into(), source })?;
        self.upload(&id, "/", archive).await?;
        let options = CommitContainerOptions { container: Some(id.clone()), pause: false, ..Default::default() };
        let config = ContainerConfig { labels: Some(self.run.labels()), ..ContainerConfig::default() };
        let copy = docker.commit_container(options, config).await.map_err(self.error(what))?.id;
        let options = RemoveContainerOptions { force: true, v: true, link: false };
        docker.remove_container(&id, Some(options)).await.map_err(self.error(what))?;
        Ok(copy)
    }
}

impl<'p> Placed<'p> {
    /// Sentences on volumes that are not as in a cluster.
    pub(crate) fn notes(&self) -> Vec<String> {
        let split = volumes::split(&self.shared).into_iter();
        split.map(|name| format!("Volume {name}: a subPath of it is a volume of its own here.")).collect()
    }
}

/// Where the sandbox has a volume.
fn inside(part: usize) -> String {
    format!("/volumes/{part}")
}

fn volume(name: &str, target: &str) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name.to_owned()),
        target: Some(target.to_owned()),
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }
}
