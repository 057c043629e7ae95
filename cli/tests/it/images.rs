//! `harden images` and `harden.lock`: against Debian's docker-registry, against servers that do what a registry must not,
//! and without any.

mod answers;
mod facts;
mod life;
mod offline;
mod registries;
mod texts;
pub(crate) mod world;
