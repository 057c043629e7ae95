//! Kubewarden policy `host-ports`: see [`hardening::rules::host_ports`].

hardening::policy!(hardening::policy::Single<hardening::rules::host_ports::HostPorts>);
