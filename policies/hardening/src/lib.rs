//! The bundle: every rule in one Kubewarden policy, see [`hardening::bundle::Bundle`].

hardening::policy!(hardening::bundle::Bundle);
