//! Kubewarden policy `privileged`: see [`hardening::rules::privileged`].

hardening::policy!(hardening::policy::Single<hardening::rules::privileged::Privileged>);
