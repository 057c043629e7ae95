//! Kubewarden policy `capabilities`: see [`hardening::rules::capabilities`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::capabilities::Capabilities>);
