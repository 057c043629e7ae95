//! Kubewarden policy `run-as-user`: see [`hardening::rules::run_as_user`].

hardening::policy!(hardening::policy::Single<hardening::rules::run_as_user::RunAsUser>);
