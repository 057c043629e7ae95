//! Dockerfiles, as far as they say who a container runs as: `USER`, stages, `ARG` and `ENV`.
//!
//! ```text
//! text ─ lines ─▶ instructions ─ stage ─▶ stages ─ user ─▶ the image's user ─ image ─▶ facts
//! ```

mod check;
mod expand;
mod image;
mod lines;
mod load;
mod stage;
mod user;
mod users;

pub use check::DOCKERFILE_USER;
pub use check::unmet;
pub(crate) use check::{check, unknown};
pub use image::Image;
pub(crate) use image::named;
pub use load::{Mapping, MappingError};
pub(crate) use load::{given, of_config};
pub use user::ImageUser;
pub use users::Users;

use std::collections::BTreeMap;

/// A Dockerfile that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Error {
    /// The line, from 1; 0 if there is no text.
    pub line: usize,
    /// The reason.
    pub message: String,
}

/// Values of variables, by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// The user of the image that a Dockerfile builds.
///
/// `target` is the stage that is built, the last if `None`; `args` are the `--build-arg`s.
///
/// # Errors
/// A text that is not a Dockerfile, or a stage that it does not have; with the line.
pub fn image_user(text: &str, target: Option<&str>, args: &BTreeMap<String, String>) -> Result<ImageUser, Error> {
    let instructions = lines::instructions(text)?;
    let stages = stage::stages(&instructions, args)?;
    user::of(&stages, target)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
