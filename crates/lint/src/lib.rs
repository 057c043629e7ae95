//! Judges Kubernetes manifests with the policies that guard the cluster, and fixes them.

pub mod baseline;
pub mod config;
pub mod dockerfile;
pub mod document;
mod elsewhere;
pub mod escape;
pub mod finding;
pub mod fix;
mod fixing;
pub mod judge;
pub mod named;
pub mod objects;
pub mod outcome;
pub mod owner;
pub mod parallel;
mod partial;
mod provenance;
pub mod scan;
pub mod search;
pub mod session;
pub mod suggest;
pub mod suppress;
pub mod trust;
mod unreadable;
pub mod unused;
pub mod work;
