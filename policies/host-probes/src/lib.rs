//! Kubewarden policy `host-probes`: see [`hardening::rules::host_probes`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::host_probes::HostProbes>);
