//! Kubewarden policy `allow-privilege-escalation`: see [`hardening::rules::allow_privilege_escalation`].

hardening::policy!(hardening::policy::Single<hardening::rules::allow_privilege_escalation::AllowPrivilegeEscalation>);
