//! What hostile input can do to the real binary: nothing but be named in an error. Every run has bounds on time and
//! memory, and judges the file beside the hostile one.

mod bounded;
mod files;
mod grammar;
mod policies;
mod texts;
