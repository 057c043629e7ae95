//! Kubewarden policy `selinux-options`: see [`hardening::rules::selinux_options`].

hardening::policy!(hardening::policy::Single<hardening::rules::selinux_options::SelinuxOptions>);
