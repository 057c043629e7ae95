//! Kubewarden policy `host-namespaces`: see [`hardening::rules::host_namespaces`].

hardening::policy!(hardening::policy::Single<hardening::rules::host_namespaces::HostNamespaces>);
