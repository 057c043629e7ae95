//! Pods with a real engine, of an image that is made from nothing. Skipped with a word where there is none.

#![allow(clippy::unwrap_used, clippy::panic)]

mod left;
mod pods;
mod probes;
mod security;
mod services;
mod support;
