//! Kubewarden policy `run-as-user`: see [`hardening::rules::run_as_user`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::run_as_user::RunAsUser>);
