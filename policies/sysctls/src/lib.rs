//! Kubewarden policy `sysctls`: see [`hardening::rules::sysctls`].

hardening::policy!(hardening::policy::Single<hardening::rules::sysctls::Sysctls>);
