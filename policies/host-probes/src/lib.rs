//! Kubewarden policy `host-probes`: see [`hardening::rules::host_probes`].

hardening::policy!(hardening::policy::Single<hardening::rules::host_probes::HostProbes>);
