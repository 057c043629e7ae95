//! Kubewarden policy `sysctls`: see [`hardening::rules::sysctls`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::sysctls::Sysctls>);
