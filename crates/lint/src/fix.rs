//! Fixes manifests: writes what the policies would fill in into the author's text.
//!
//! The policy runs in mutate mode in the sandbox; the difference between the object and its mutation is
//! applied to the text, which is otherwise left byte for byte as it is.

mod answer;
mod run;
mod seen;
mod settings;
mod step;
mod text;

pub use self::settings::mutating;
pub use self::text::{Fixed, Fixer, Left, Mute};
