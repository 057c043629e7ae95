//! The bundle: every rule in one Kubewarden policy, see [`hardening::policy::Bundle`].

hardening::policy!(hardening::policy::Bundle);
