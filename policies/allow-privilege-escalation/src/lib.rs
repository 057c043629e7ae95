//! Kubewarden policy `allow-privilege-escalation`: see [`hardening::rules::allow_privilege_escalation`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::allow_privilege_escalation::AllowPrivilegeEscalation>);
