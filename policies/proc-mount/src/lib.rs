//! Kubewarden policy `proc-mount`: see [`hardening::rules::proc_mount`].

hardening::policy!(hardening::policy::Single<hardening::rules::proc_mount::ProcMount>);
