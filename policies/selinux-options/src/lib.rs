//! Kubewarden policy `selinux-options`: see [`hardening::rules::selinux_options`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::selinux_options::SelinuxOptions>);
