//! Asks registries what a reference to an image stands for, and what the image's configuration says.

mod mirror;
mod parts;

use std::collections::BTreeMap;
use std::time::Duration;

use images::facts::Source;
use images::{Build, Digest, Entry, Facts, Image, Platform};

use self::parts::{Child, Parts};
use crate::access::{Access, Action};
use crate::connection::{Connection, Transport};
use crate::reference::server_of;
use crate::repository::Repository;
use crate::{Error, LONGEST, converse_for, credential};

pub use mirror::{Mirror, MirrorError};

/// The platforms that are asked for unless somebody says others; an image need not have both.
const USUAL: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// Most bytes of the configuration of an image.
const LARGEST_CONFIGURATION: u64 = 4 << 20;

/// How images are asked for.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// How to talk to the registries.
    pub transport: Transport,
    /// The registries that are asked in place of others.
    pub mirrors: Vec<Mirror>,
    /// The platforms that every image must have; `linux/amd64` and `linux/arm64`, as far as the image has them, if none
    /// is given.
    pub platforms: Vec<Platform>,
    /// The longest conversation about one image; ten minutes if nobody says.
    pub patience: Option<Duration>,
}

impl Images {
    /// Asks for the digest that a reference stands for now. `known` is the digest that it stood for: if the registry says
    /// that it still does, nothing more is asked; another digest is believed only with the bytes that have it.
    ///
    /// # Errors
    /// [`Error::Resolve`]: a registry that cannot be reached, refuses, has no such tag, or sends something else than it
    /// promised.
    pub fn digest(&self, image: &Image, known: Option<&Digest>) -> Result<Digest, Error> {
        self.ask(image, async |repository| {
            let Some(tag) = image.tag() else {
                return Ok(Digest::of(&repository.manifest(None, digest_of(image)?.as_ref()).await?));
            };
            match repository.digest(tag).await? {
                Some(digest) if Some(&digest) == known => Ok(digest),
                _ => Ok(Digest::of(&repository.manifest(Some(tag), None).await?)),
            }
        })
    }

    /// Asks for everything that the lock keeps: by the digest of a reference that has one, else by its tag.
    ///
    /// # Errors
    /// As [`Images::digest`], and an image that lacks a platform or has a configuration that cannot be read.
    pub fn entry(&self, image: &Image) -> Result<Entry, Error> {
        self.ask(image, async |repository| {
            let bytes = repository.manifest(image.tag(), digest_of(image)?.as_ref()).await?;
            let digest = Digest::of(&bytes);
            let platforms = match Parts::of(&bytes)? {
                Parts::Artifact => BTreeMap::new(),
                Parts::Image { configuration } => {
                    let (platform, facts) = configured(&repository, &configuration).await?;
                    if !self.platforms.is_empty() && !self.platforms.contains(&platform) {
                        return Err(missing(&self.platforms, &[platform]));
                    }
                    BTreeMap::from([(platform, build(digest.clone(), facts))])
                }
                Parts::Index { children } => self.of_index(&repository, children).await?,
            };
            Ok(Entry { digest, platforms })
        })
    }

    /// The images of an index for the platforms that are wanted.
    async fn of_index(
        &self,
        repository: &Repository<'_>,
        children: Vec<Child>,
    ) -> Result<BTreeMap<Platform, Build>, Error> {
        let mut found = BTreeMap::new();
        for child in self.chosen(&children)? {
            let bytes = repository.manifest(None, Some(&child.digest)).await?;
            let facts = match Parts::of(&bytes)? {
                Parts::Image { configuration } => Some(configured(repository, &configuration).await?.1),
                Parts::Artifact => None,
                Parts::Index { .. } => return Err(Error::Nested),
            };
            let build = Build {
                digest: child.digest.clone(),
                facts: facts.into_iter().map(|facts| (Source::Image, facts)).collect(),
            };
            found.insert(child.platform.clone(), build);
        }
        Ok(found)
    }

    /// The first child for each platform that is wanted.
    fn chosen<'i>(&self, children: &'i [Child]) -> Result<Vec<&'i Child>, Error> {
        let first = |platform: &Platform| children.iter().find(|child| child.platform == *platform);
        if self.platforms.is_empty() {
            let usual = USUAL.iter().filter_map(|text| first(&text.parse().ok()?));
            let usual: Vec<&Child> = usual.collect();
            // An index of attachments alone is not run.
            return if usual.is_empty() && !children.is_empty() {
                let had: Vec<Platform> = children.iter().map(|child| child.platform.clone()).collect();
                Err(Error::Platform(USUAL.join(" or "), listed(&had)))
            } else {
                Ok(usual)
            };
        }
        let had: Vec<Platform> = children.iter().map(|child| child.platform.clone()).collect();
        let lacking: Vec<Platform> =
            self.platforms.iter().filter(|platform| first(platform).is_none()).cloned().collect();
        if lacking.is_empty() {
            Ok(self.platforms.iter().filter_map(first).collect())
        } else {
            Err(missing(&lacking, &had))
        }
    }

    /// Has a conversation with the registry of an image, or with its mirror.
    fn ask<T>(
        &self,
        image: &Image,
        conversation: impl AsyncFnOnce(Repository<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let asked = || {
            let (host, name) = Mirror::place_of(&self.mirrors, image);
            let connection = Connection::open(&host, server_of(&host), &self.transport)?;
            let credential = credential::of_user(&host)?;
            converse_for(self.patience.unwrap_or(LONGEST), async {
                let access = Access::gain(&connection, &name, credential, Action::Pull).await?;
                conversation(Repository::new(&connection, &access, &name)).await
            })
        };
        asked().map_err(|error| Error::Resolve(image.to_string(), Box::new(error)))
    }
}

/// The digest in a reference, which must be one that the lock can hold.
fn digest_of(image: &Image) -> Result<Option<Digest>, Error> {
    Ok(image.digest().map(Digest::parse).transpose()?)
}

/// Gets the configuration of an image and reads it.
async fn configured(
    repository: &Repository<'_>,
    configuration: &parts::Configuration,
) -> Result<(Platform, Facts), Error> {
    if configuration.size > LARGEST_CONFIGURATION {
        return Err(Error::PartTooLarge("configuration", configuration.size, LARGEST_CONFIGURATION));
    }
    let bytes = repository.blob("configuration", &configuration.digest, configuration.size).await?;
    Ok(Facts::of_configuration(&bytes)?)
}

fn build(digest: Digest, facts: Facts) -> Build {
    Build { digest, facts: BTreeMap::from([(Source::Image, facts)]) }
}

fn missing(lacking: &[Platform], had: &[Platform]) -> Error {
    Error::Platform(listed(lacking), listed(had))
}

fn listed(platforms: &[Platform]) -> String {
    let mut texts: Vec<String> = platforms.iter().map(Platform::to_string).collect();
    texts.sort();
    texts.dedup();
    texts.join(", ")
}
