//! Kubewarden policy `host-path-volumes`: see [`hardening::rules::host_path_volumes`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::host_path_volumes::HostPathVolumes>);
