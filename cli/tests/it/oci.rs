//! `harden push`, `harden pull` and `registry://` policies, against Debian's docker-registry and against servers
//! that do what a registry must not.

mod client;
mod fake;
mod http;
mod login;
mod lying;
mod publish;
mod real;
mod registry;
mod tls;
