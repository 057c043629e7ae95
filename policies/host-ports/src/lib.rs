//! Kubewarden policy `host-ports`: see [`hardening::rules::host_ports`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::host_ports::HostPorts>);
