//! Kubewarden policy `volume-types`: see [`hardening::rules::volume_types`].

hardening::policy!(hardening::policy::Single<hardening::rules::volume_types::VolumeTypes>);
