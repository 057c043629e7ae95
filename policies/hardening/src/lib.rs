//! The bundle: every rule in one Kubewarden policy, see [`hardening::bundle::Bundle`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::bundle::Bundle);
