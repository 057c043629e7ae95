//! Runs pods with podman or docker, through the API that both have.

mod error;
mod how;

use trial::{ImageFacts, Outcome, Pod};

pub use error::EngineError;
pub use how::{Choice, Event, How, Step};

/// A container engine.
#[derive(Debug)]
pub struct Engine;

impl Engine {
    /// Connects to the chosen engine, else to the one that `DOCKER_HOST` names or whose socket is there; else starts
    /// podman's service.
    ///
    /// # Errors
    /// No engine, or one that does not start containers.
    pub fn connect(_choice: Option<Choice>) -> Result<Engine, EngineError> {
        Err(EngineError::None { asked: "nothing".to_owned() })
    }

    /// Removes what runs that were killed have left, and says how many containers, networks, volumes and images that
    /// were.
    ///
    /// # Errors
    /// What the engine says.
    pub fn clean(&self) -> Result<usize, EngineError> {
        Err(EngineError::Interrupted)
    }

    /// What an image says of itself; pulls it first if it is not there and `pull` asks for that.
    ///
    /// # Errors
    /// No such image, and what the engine says.
    pub fn image(&self, reference: &str, _pull: bool) -> Result<ImageFacts, EngineError> {
        Err(EngineError::ImageMissing(reference.to_owned()))
    }

    /// Runs a pod, with others beside it on its network, and removes them all.
    ///
    /// # Errors
    /// What the engine says, an image that is not there, an interrupt. That a pod is not ready is an outcome.
    pub fn run(
        &self,
        _pod: &Pod,
        _with: &[Pod],
        _how: &How,
        _tell: &mut dyn FnMut(Event),
    ) -> Result<Outcome, EngineError> {
        Err(EngineError::Interrupted)
    }
}
