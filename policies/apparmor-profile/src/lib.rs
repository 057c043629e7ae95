//! Kubewarden policy `apparmor-profile`: see [`hardening::rules::apparmor_profile`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::apparmor_profile::ApparmorProfile>);
