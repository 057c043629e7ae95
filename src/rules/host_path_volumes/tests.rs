use super::super::testing::*;
use super::*;

/// Whether a pod may mount `path`.
fn is_allowed(settings: &str, path: &str) -> bool {
    let spec = serde_json::json!({ "containers": [{}], "volumes": [{ "name": "data", "hostPath": { "path": path } }] })
        .to_string();
    paths::<HostPathVolumes>(settings, &spec).is_empty()
}

#[test]
fn prefixes_cover_whole_parts() {
    for (prefix, path, expected) in [
        ("/var/log", "/var/log", true),
        ("/var/log", "/var/log/", true),
        ("/var/log", "/var/log/pods/a", true),
        ("/var/log", "//var///log//pods", true),
        ("/var/log", "/./var/./log/.", true),
        ("/var//log/./", "/var/log/pods", true),
        ("/var/log", "/var/logs", false),
        ("/var/log", "/var", false),
        ("/var/log", "/", false),
        ("/var/log", "/VAR/LOG", false),
        ("/var/log", "/x/var/log", false),
        ("/var/log", "var/log", false),
        ("/var/log", "./var/log", false),
        ("/var/log", "", false),
        // Never up again, wherever that leads.
        ("/var/log", "/var/log/..", false),
        ("/var/log", "/var/log/../../etc", false),
        ("/var/log", "/var/log/pods/../pods", false),
        ("/var/log", "/etc/../var/log", false),
        ("/var/log", "/var/log/..pods", true),
        ("/var/log", "/var/log/...", true),
        // On a Windows node a backslash goes up too.
        ("/var/log", "/var/log\\..\\..\\etc", false),
        ("/var/log", "/var/log/a\\b", false),
        ("/", "/", true),
        ("/", "/any/path", true),
        ("/", "C:/logs", false),
        ("/", "C:\\logs", false),
        ("/", "any", false),
        ("/", "/..", false),
    ] {
        let settings = serde_json::json!({ "allowedPaths": [{ "pathPrefix": prefix }] }).to_string();
        assert_eq!(is_allowed(&settings, path), expected, "{prefix} {path}");
    }
}

#[test]
fn windows_paths() {
    for (prefix, path, expected) in [
        ("C:\\logs", "C:\\logs", true),
        ("C:\\logs", "c:\\logs", false),
        ("C:\\logs", "C:\\Logs", false),
        ("C:\\logs", "C:\\logs\\pods", false),
        ("C:\\logs", "C:\\logs\\", false),
        ("C:\\logs", "C:/logs", false),
        ("C:\\logs", "C:\\logs\\..\\Windows", false),
        ("C:/logs", "C:/logs/pods", true),
        ("C:/logs", "C:/logs\\pods", false),
        ("C:/logs", "C:/logs/../Windows", false),
        ("C:/logs", "D:/logs", false),
        ("C:/logs", "C:logs", false),
        ("C:/logs", "/C:/logs", false),
        ("C:/", "C:/logs", true),
        ("C:/", "/logs", false),
        ("\\\\.\\pipe\\containerd", "\\\\.\\pipe\\containerd", true),
        ("\\\\.\\pipe\\containerd", "\\\\.\\pipe\\other", false),
    ] {
        let settings = serde_json::json!({ "allowedPaths": [{ "pathPrefix": prefix }] }).to_string();
        assert_eq!(is_allowed(&settings, path), expected, "{prefix} {path}");
        let windows = serde_json::json!({
            "os": { "name": "windows" },
            "containers": [{}],
            "volumes": [{ "hostPath": { "path": path } }],
        });
        assert_eq!(paths::<HostPathVolumes>(&settings, &windows.to_string()).is_empty(), expected, "{prefix} {path}");
    }
}

#[test]
fn whatever_reaches_a_rejected_path_is_rejected() {
    for (rejected, path, expected) in [
        ("/var/run/docker.sock", "/var/run/docker.sock", false),
        ("/var/run/docker.sock", "//var//run/./docker.sock/", false),
        ("/var/run/docker.sock", "/run/docker.sock", false),
        ("/var/run/docker.sock", "/run", false),
        ("/var/run/docker.sock", "/var/run", false),
        ("/var/run/docker.sock", "/var", false),
        ("/var/run/docker.sock", "/", false),
        ("/var/run/docker.sock", "/.", false),
        ("/var/lib/kubelet", "/Var/LIB/kubelet", false),
        ("/var/run/docker.sock", "/var/run/docker.sock2", true),
        ("/var/run/docker.sock", "/var/run/containerd.sock", true),
        ("/var/run/docker.sock", "/var/lib", true),
        ("/var/run/docker.sock", "/home/var/run/docker.sock", true),
        ("/run/crio", "/var/run/crio/crio.sock", false),
        ("/run/crio", "/var/run", false),
        // Where /var/run is a link, /var does not lead through it; where it is none, /run is another place.
        ("/run/crio", "/var", true),
        ("/var/lib/kubelet", "/var", false),
        ("/var/lib/kubelet", "/var/lib/kubelet/pods", false),
        ("/var/lib/kubelet", "/run", true),
        ("C:\\docker", "/docker/x", false),
    ] {
        let settings = serde_json::json!({ "allowedPaths": [{ "pathPrefix": "/" }], "rejectedPaths": [rejected] });
        assert_eq!(is_allowed(&settings.to_string(), path), expected, "{rejected} {path}");
    }
}
