//! Check and fix Kubernetes manifests with the policies that guard the cluster.

pub mod admission;
#[cfg(feature = "embedded")]
pub mod baseline;
#[cfg(feature = "embedded")]
pub mod check;
#[cfg(feature = "embedded")]
pub mod config;
#[cfg(feature = "embedded")]
pub mod dockerfile;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod escape;
pub mod explain;
pub mod finding;
#[cfg(feature = "embedded")]
pub mod fix;
#[cfg(feature = "embedded")]
pub mod level;
#[cfg(feature = "embedded")]
pub mod manifests;
#[cfg(feature = "embedded")]
pub mod matrix;
mod owner;
#[cfg(feature = "embedded")]
mod parallel;
#[cfg(feature = "registry")]
pub mod push_pull;
#[cfg(feature = "embedded")]
pub mod report;
pub mod run;
#[cfg(feature = "embedded")]
pub mod shell;
pub mod source;
pub mod suggest;
#[cfg(feature = "embedded")]
pub mod suite;
#[cfg(feature = "embedded")]
pub mod suppress;
#[cfg(feature = "embedded")]
pub mod trust;
