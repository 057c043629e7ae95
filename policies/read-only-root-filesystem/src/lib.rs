//! Kubewarden policy `read-only-root-filesystem`: see [`hardening::rules::read_only_root_filesystem`].

hardening::policy!(hardening::policy::Single<hardening::rules::read_only_root_filesystem::ReadOnlyRootFilesystem>);
