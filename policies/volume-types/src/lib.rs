//! Kubewarden policy `volume-types`: see [`hardening::rules::volume_types`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::volume_types::VolumeTypes>);
