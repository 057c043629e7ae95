//! The users that the Dockerfiles of a configuration say, for whoever asks about one image.

use std::sync::Arc;

use images::Facts;

use super::image::{Image, named};
use super::of_config;
use crate::config::ConfigFile;
use crate::finding::Problem;

/// The Dockerfiles of a configuration.
#[derive(Debug)]
pub struct Users {
    images: Vec<Arc<Image>>,
}

impl Users {
    /// Reads the Dockerfiles that a configuration names.
    pub fn of(config: &ConfigFile) -> Users {
        Users { images: of_config(config).into_iter().map(Arc::new).collect() }
    }

    /// Returns the facts about an image that is built here; `None` if it is not, or if its Dockerfile does not say the user.
    pub fn of_image(&self, reference: &str) -> Option<Facts> {
        named(&self.images, reference)?.facts()
    }

    /// The Dockerfiles that cannot be read, each with its path and the reason.
    pub fn problems(&self) -> impl Iterator<Item = (String, Problem)> {
        self.images.iter().filter_map(|image| Some((image.path.display().to_string(), image.problem()?)))
    }
}
