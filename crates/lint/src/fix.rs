//! Fixes manifests: writes what the policies would fill in into the author's text.
//!
//! The built-in rules list the edits that repair what they find, and another policy's answer becomes edits, too. They
//! are made in the text, which is otherwise left byte for byte as it is, and the policies judge again.

mod answer;
mod choice;
mod policies;
mod rounds;
mod subject;
mod text;
mod why;

pub use self::choice::{Choose, Hunk};
pub use self::text::{Fixed, Fixer, Left, Mute};
pub use self::why::Why;
