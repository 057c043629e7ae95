//! Kubewarden policy `privileged`: see [`hardening::rules::privileged`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::privileged::Privileged>);
