//! Kubewarden policy `windows-host-process`: see [`hardening::rules::windows_host_process`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::windows_host_process::WindowsHostProcess>);
