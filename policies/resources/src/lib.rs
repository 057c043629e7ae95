//! Kubewarden policy `resources`: see [`hardening::rules::resources`].

hardening::policy!(hardening::policy::Single<hardening::rules::resources::Resources>);
