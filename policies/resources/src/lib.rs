//! Kubewarden policy `resources`: see [`hardening::rules::resources`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::resources::Resources>);
