//! Dockerfiles, as far as they say who a container runs as: `USER`, stages, `ARG` and `ENV`.
//!
//! ```text
//! text ─ lines ─▶ instructions ─ stage ─▶ stages ─ user ─▶ the image's user
//! ```

mod check;
mod expand;
mod fill;
mod image;
mod lines;
mod load;
mod stage;
mod user;

pub use check::DOCKERFILE_USER;
pub use check::unmet;
pub(crate) use check::{check, compare, unknown};
pub(crate) use fill::fill_in;
pub use image::Image;
pub use load::Mapping;
pub use load::load;
pub use user::{Id, ImageUser, User};

use std::collections::BTreeMap;
use std::fmt;

/// A Dockerfile that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Values of variables, by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// The user of the image that a Dockerfile builds.
///
/// `target` is the stage that is built, the last if `None`; `args` are the `--build-arg`s.
///
/// # Errors
/// A text that is no Dockerfile, a stage that is not there; with the line.
pub fn image_user(text: &str, target: Option<&str>, args: &BTreeMap<String, String>) -> Result<ImageUser, Error> {
    let instructions = lines::instructions(text)?;
    let stages = stage::stages(&instructions, args)?;
    user::of(&stages, target)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
