//! Kubewarden policy `windows-host-process`: see [`hardening::rules::windows_host_process`].

hardening::policy!(hardening::policy::Single<hardening::rules::windows_host_process::WindowsHostProcess>);
