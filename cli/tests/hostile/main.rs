//! What hostile input can do to the real binary: nothing but be named in an error. Every run has bounds on time and
//! memory, and judges the file beside the hostile one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod bounded;
mod files;
mod grammar;
mod policies;
#[path = "../support/mod.rs"]
mod support;
mod texts;
