//! Check and fix Kubernetes manifests with the policies that guard the cluster.

pub mod baseline;
pub mod check;
pub mod config;
pub mod dockerfile;
pub mod embedded;
pub mod escape;
pub mod explain;
pub mod finding;
pub mod fix;
pub mod level;
pub mod manifests;
pub mod matrix;
mod owner;
mod parallel;
pub mod push_pull;
pub mod report;
pub mod run;
pub mod shell;
pub mod source;
pub mod suggest;
pub mod suite;
pub mod suppress;
pub mod trust;
