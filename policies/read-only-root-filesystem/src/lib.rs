//! Kubewarden policy `read-only-root-filesystem`: see [`hardening::rules::read_only_root_filesystem`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::read_only_root_filesystem::ReadOnlyRootFilesystem>);
