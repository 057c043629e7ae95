//! Kubewarden policy `seccomp-profile`: see [`hardening::rules::seccomp_profile`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::seccomp_profile::SeccompProfile>);
