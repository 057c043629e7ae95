//! Hostile input can do nothing to the real binary but be named in an error. Every run has bounds on time and memory,
//! and judges the file beside the hostile one.

mod bounded;
mod files;
mod grammar;
mod policies;
mod texts;
