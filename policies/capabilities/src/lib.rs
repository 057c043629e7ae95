//! Kubewarden policy `capabilities`: see [`hardening::rules::capabilities`].

hardening::policy!(hardening::policy::Single<hardening::rules::capabilities::Capabilities>);
