//! Kubewarden policy `apparmor-profile`: see [`hardening::rules::apparmor_profile`].

hardening::policy!(hardening::policy::Single<hardening::rules::apparmor_profile::ApparmorProfile>);
