//! The images of manifests: where they are named, what they are pinned to, and what is known about them.
//!
//! ```text
//! text ─ places ─▶ mentions ─ image ─▶ keys ─▶ lock: digest, platforms, facts ─ pin ─▶ edits of the text
//! ```

mod digest;
pub mod facts;
mod image;
pub mod lock;
pub mod pin;
pub mod places;
mod platform;
pub mod reply;

pub use digest::{Digest, DigestError};
pub use facts::Facts;
pub use image::{Image, ImageError};
pub use lock::{Build, Entry, Index, Lock};
pub use platform::{Platform, PlatformError};
