//! Check and fix Kubernetes manifests with the policies that guard the cluster.

pub mod args;
pub mod baseline;
pub mod check;
pub mod config;
pub mod console;
mod error;
pub mod explain;
pub mod fix;
mod git;
pub mod images;
pub mod init;
mod known;
pub mod level;
pub mod lock;
pub mod manifests;
pub mod matrix;
mod policies;
mod progress;
pub mod push_pull;
pub mod render;
pub mod report;
pub mod run;
pub mod schema;
pub mod shell;
mod since;
pub mod source;
pub mod suite;
pub mod suppress;
pub mod trial;
pub mod values;

pub use error::Error;
