//! Kubewarden policy `host-path-volumes`: see [`hardening::rules::host_path_volumes`].

hardening::policy!(hardening::policy::Single<hardening::rules::host_path_volumes::HostPathVolumes>);
