//! `harden push`, `harden pull` and `registry://` policies, against Debian's docker-registry and against servers
//! that do what a registry must not.

pub(crate) mod client;
pub(crate) mod fake;
pub(crate) mod http;
mod login;
mod lying;
mod publish;
mod real;
pub(crate) mod registry;
mod tls;
