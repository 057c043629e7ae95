//! Requests of an engine, and what it says when it refuses one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{
    CreateImageOptions, ListContainersOptions, ListImagesOptions, ListNetworksOptions, ListVolumesOptions,
    RemoveContainerOptions, RemoveImageOptions, RemoveVolumeOptions,
};
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt as _};
use tokio::time::sleep;

use crate::session::{OWNER, RUN, SANDBOX};
use crate::{Choice, EngineError, sandbox};

/// How long a container that ended may be cleaned up.
const CLEANED_UP: Duration = Duration::from_secs(30);

/// A connection to an engine.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) docker: Docker,
    pub(crate) kind: Choice,
    pub(crate) local: bool,
}

/// Something that was made, with its labels.
#[derive(Debug)]
pub(crate) enum Thing {
    /// A container: its id, and whether it is the sandbox of others, which go before it.
    Container(String, bool),
    Network(String),
    Volume(String),
    Image(String),
}

impl Api {
    /// The message of an error, without the words around it.
    pub(crate) fn said(&self, error: &Error) -> String {
        let text = match error {
            Error::DockerResponseServerError { message, .. } => message.clone(),
            Error::DockerStreamError { error } => error.clone(),
            error => error.to_string(),
        };
        text.trim().replace('\n', " ")
    }

    /// The error of a request: `what` the engine cannot do.
    pub(crate) fn error(&self, what: &str, error: &Error) -> EngineError {
        EngineError::Request { what: what.to_owned(), why: self.said(error) }
    }

    /// Makes the image of sandboxes, and returns its id.
    pub(crate) async fn import(&self, architecture: &str, owner: &str) -> Result<String, EngineError> {
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            changes: vec![format!("LABEL \"{OWNER}\"=\"{owner}\"")],
            ..CreateImageOptions::default()
        };
        let archive = bollard::body_full(sandbox::image(architecture)?.into());
        let mut answers = self.docker.create_image(Some(options), Some(archive), None).boxed();
        let mut id = None;
        while let Some(answer) = answers.next().await {
            let answer = answer.map_err(|error| self.error("import the image of sandboxes", &error))?;
            id = answer.status.filter(|status| status.starts_with("sha256:")).or(id);
        }
        let why = "it names no image".to_owned();
        id.ok_or(EngineError::Request { what: "import the image of sandboxes".to_owned(), why })
    }

    /// The state of a container.
    ///
    /// Podman has a state between running and ended that the API does not know; it passes as soon as a process of
    /// podman's has cleaned up, which takes its time on a busy machine.
    pub(crate) async fn inspect(&self, id: &str) -> Result<ContainerInspectResponse, Error> {
        let begun = Instant::now();
        loop {
            let inspected = self.docker.inspect_container(id, None).await;
            if !matches!(inspected, Err(Error::JsonDataError { .. })) || begun.elapsed() > CLEANED_UP {
                return inspected;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything that carries a label, or a label of a value.
    ///
    /// Podman fails to list images while another process removes one.
    async fn labelled(&self, label: &str) -> Result<Vec<(Thing, HashMap<String, String>)>, EngineError> {
        let mut listed = self.list(label).await;
        for _ in 0..10 {
            if listed.is_ok() {
                break;
            }
            sleep(Duration::from_millis(200)).await;
            listed = self.list(label).await;
        }
        listed
    }

    async fn list(&self, label: &str) -> Result<Vec<(Thing, HashMap<String, String>)>, EngineError> {
        let filters = Some(HashMap::from([("label".to_owned(), vec![label.to_owned()])]));
        let list = |error: Error| self.error("list what harden made", &error);
        let docker = &self.docker;
        let containers = ListContainersOptions { all: true, filters: filters.clone(), ..Default::default() };
        let containers = docker.list_containers(Some(containers)).await.map_err(list)?;
        let networks = ListNetworksOptions { filters: filters.clone() };
        let networks = docker.list_networks(Some(networks)).await.map_err(list)?;
        let volumes = docker.list_volumes(Some(ListVolumesOptions { filters: filters.clone() })).await.map_err(list)?;
        let images = ListImagesOptions { filters, ..Default::default() };
        let images = docker.list_images(Some(images)).await.map_err(list)?;

        let mut things = Vec::new();
        for container in containers {
            let labels = container.labels.unwrap_or_default();
            let sandbox = labels.contains_key(SANDBOX);
            things.extend(container.id.map(|id| (Thing::Container(id, sandbox), labels)));
        }
        for network in networks {
            let labels = network.labels.unwrap_or_default();
            things.extend(network.name.map(|name| (Thing::Network(name), labels)));
        }
        let volumes = volumes.volumes.unwrap_or_default();
        things.extend(volumes.into_iter().map(|volume| (Thing::Volume(volume.name), volume.labels)));
        things.extend(images.into_iter().map(|image| (Thing::Image(image.id), image.labels)));
        Ok(things)
    }

    /// Removes everything that belongs to one run, or only its containers.
    pub(crate) async fn remove_run(&self, run: &str) -> Result<usize, EngineError> {
        let things = self.labelled(&format!("{RUN}={run}")).await?;
        self.remove(things.into_iter().map(|(thing, _)| thing).collect()).await
    }

    /// Removes everything that `is_left` takes for left over.
    pub(crate) async fn remove_left(
        &self,
        is_left: impl Fn(&HashMap<String, String>) -> bool,
    ) -> Result<usize, EngineError> {
        let things = self.labelled(OWNER).await?;
        self.remove(things.into_iter().filter(|(_, labels)| is_left(labels)).map(|(thing, _)| thing).collect()).await
    }

    /// Removes things, users before what they use, and says how many there were.
    async fn remove(&self, things: Vec<Thing>) -> Result<usize, EngineError> {
        let count = things.len();
        for rank in 0..4 {
            let removed = things.iter().filter(|thing| thing.rank() == rank).map(|thing| self.remove_one(thing));
            join_all(removed).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        }
        Ok(count)
    }

    async fn remove_one(&self, thing: &Thing) -> Result<(), EngineError> {
        let docker = &self.docker;
        let removed = match thing {
            Thing::Container(id, _) => {
                let options = RemoveContainerOptions { force: true, v: true, link: false };
                docker.remove_container(id, Some(options)).await
            }
            Thing::Network(name) => docker.remove_network(name).await,
            Thing::Volume(name) => docker.remove_volume(name, Some(RemoveVolumeOptions { force: true })).await,
            Thing::Image(id) => {
                let options = RemoveImageOptions { force: true, ..RemoveImageOptions::default() };
                docker.remove_image(id, Some(options), None).await.map(drop)
            }
        };
        match removed {
            Err(error) if !is_gone(&error) => Err(self.error(&format!("remove {}", thing.name()), &error)),
            _ => Ok(()),
        }
    }

    /// Removes an image.
    pub(crate) async fn remove_image(&self, id: &str) -> Result<(), EngineError> {
        self.remove_one(&Thing::Image(id.to_owned())).await
    }
}

impl Thing {
    fn rank(&self) -> u8 {
        match self {
            Thing::Container(_, false) => 0,
            Thing::Container(_, true) => 1,
            Thing::Network(_) | Thing::Volume(_) => 2,
            Thing::Image(_) => 3,
        }
    }

    fn name(&self) -> String {
        match self {
            Thing::Container(id, _) => format!("container {id}"),
            Thing::Network(name) => format!("network {name}"),
            Thing::Volume(name) => format!("volume {name}"),
            Thing::Image(id) => format!("image {id}"),
        }
    }
}

/// Whether what was asked for is not there, or on its way out.
pub(crate) fn is_gone(error: &Error) -> bool {
    match error {
        Error::DockerResponseServerError { status_code: 404, .. } => true,
        Error::DockerResponseServerError { status_code: 409, message } => message.contains("in progress"),
        _ => false,
    }
}

/// Reads a stream of output to its end, or as far as it comes without an error.
pub(crate) async fn text<E>(
    mut output: impl Stream<Item = Result<bollard::container::LogOutput, E>> + Unpin,
) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(chunk)) = output.next().await {
        bytes.extend_from_slice(&chunk.into_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
