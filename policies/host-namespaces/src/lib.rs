//! Kubewarden policy `host-namespaces`: see [`hardening::rules::host_namespaces`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::host_namespaces::HostNamespaces>);
