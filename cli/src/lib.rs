//! Check and fix Kubernetes manifests with the policies that guard the cluster.

pub mod admission;
#[cfg(feature = "embedded")]
pub mod baseline;
mod bounded;
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
#[cfg(feature = "registry")]
pub mod oci;
mod owner;
#[cfg(feature = "embedded")]
mod parallel;
pub mod patch;
#[cfg(feature = "embedded")]
pub mod report;
pub mod run;
pub mod sandbox;
#[cfg(feature = "embedded")]
pub mod shell;
mod shorten;
pub mod source;
pub mod suggest;
#[cfg(feature = "embedded")]
pub mod suite;
#[cfg(feature = "embedded")]
pub mod suppress;
#[cfg(feature = "embedded")]
pub mod trust;
pub mod yaml;
