//! Kubewarden policy `seccomp-profile`: see [`hardening::rules::seccomp_profile`].

hardening::policy!(hardening::policy::Single<hardening::rules::seccomp_profile::SeccompProfile>);
