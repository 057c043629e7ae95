//! Kubewarden policy `proc-mount`: see [`hardening::rules::proc_mount`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::proc_mount::ProcMount>);
