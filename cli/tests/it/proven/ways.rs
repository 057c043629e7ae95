//! Every documented way to be bad: rule by rule, the field and the values that must not pass.

use super::good::Step;
use super::good::Step::{At, Key};

/// The object that a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The pod's metadata.
    Metadata,
    /// The pod spec.
    Spec,
    /// The pod's security context.
    Pod,
    /// A container of any list.
    Container,
    /// A container that can have resources: all but ephemeral ones.
    Lasting,
    /// The security context of a container of any list.
    Context,
}

/// Not there, or `null`.
pub(crate) const UNSET: &str = "";

/// A field with values that a rule must refuse.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) rule: &'static str,
    pub(crate) settings: &'static str,
    pub(crate) place: Place,
    pub(crate) key: &'static str,
    /// A value that passes, as JSON; [`UNSET`] if that does.
    pub(crate) good: &'static str,
    /// Values that must not, as JSON.
    pub(crate) bad: &'static [&'static str],
}

impl Way {
    /// Where the field can stand in a pod.
    pub(crate) fn paths(&self) -> Vec<Vec<Step>> {
        let containers = [("containers", 0), ("containers", 1), ("initContainers", 0), ("ephemeralContainers", 0)];
        let of = |list: &[(&'static str, usize)], below: &[Step]| -> Vec<Vec<Step>> {
            let path = |&(list, at): &(&'static str, usize)| {
                [&[Key("spec"), Key(list), At(at)], below, &[Key(self.key)]].concat()
            };
            list.iter().map(path).collect()
        };
        match self.place {
            Place::Metadata => vec![vec![Key("metadata"), Key(self.key)]],
            Place::Spec => vec![vec![Key("spec"), Key(self.key)]],
            Place::Pod => vec![vec![Key("spec"), Key("securityContext"), Key(self.key)]],
            Place::Container => of(&containers, &[]),
            Place::Lasting => of(&containers[..3], &[]),
            Place::Context => of(&containers, &[Key("securityContext")]),
        }
    }
}

const fn way(
    rule: &'static str,
    settings: &'static str,
    place: Place,
    key: &'static str,
    good: &'static str,
    bad: &'static [&'static str],
) -> Way {
    Way { rule, settings, place, key, good, bad }
}

const ID: &str = "{}";
const NON_ROOT: &str = r#"{"user":{"require":"nonRoot"},"group":{"require":"any"}}"#;
const EITHER: &str = r#"{"user":{"require":"idOrNonRoot"},"group":{"require":"notRoot"}}"#;
const GROUPS: &str =
    r#"{"fsGroup":{"ranges":[{"min":1000,"max":2000}]},"supplementalGroups":{"ranges":[{"min":1000,"max":2000}]}}"#;
const LIMITS: &str = r#"{"limits":{"memory":{"max":"1Gi"},"cpu":{"min":"10m"}},"requests":{}}"#;
const REGISTRIES: &str =
    r#"{"allowedRegistries":["registry.example","docker.io/org"],"rejectedRegistries":["registry.example/evil"]}"#;
const PATHS: &str = r#"{"allowedPaths":[{"pathPrefix":"/var/log"}]}"#;
const SOCKETS: &str =
    r#"{"allowedPaths":[{"pathPrefix":"/"}],"rejectedPaths":["/var/run/docker.sock","/run/containerd"]}"#;
const BUT_ADMIN: &str = r#"{"requiredDrop":[],"allowedAdd":["*"],"rejectedAdd":["SYS_ADMIN"]}"#;
const SETS: &str = r#"{"allowed":[{"user":"u","type":"a_t","level":"s0"},{"type":"b_t"}]}"#;
const SOME_OPTIONS: &str = r#"{"requireExplicit":true,"allowed":[{"user":"*","role":"*","type":"*"}]}"#;
const UNLIMITED: &str = r#"{"requests":{},"limits":{"ephemeral-storage":{"required":"never"}}}"#;
const MUST_RUN_AS: &str = r#"{"user":{"require":"any"},"group":{"require":"any"},"fsGroup":{"require":true},"supplementalGroups":{"require":true}}"#;
const PINNED: &str = r#""app@sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f""#;
const TYPE: &str = r#"{"type":"RuntimeDefault"}"#;

/// Every way.
#[rustfmt::skip]
pub(crate) const WAYS: &[Way] = &[
    way("run-as-user", ID, Place::Pod, "runAsUser", "10001", &["0", "-1", "4294967296", UNSET]),
    way("run-as-user", ID, Place::Context, "runAsUser", "10001", &["0", "-1", "4294967296"]),
    way("run-as-user", ID, Place::Pod, "runAsGroup", "10001", &["0", "-1", "4294967296", UNSET]),
    way("run-as-user", ID, Place::Context, "runAsGroup", "10001", &["0", "-1"]),
    way("run-as-user", ID, Place::Context, "runAsNonRoot", "true", &["false"]),
    way("run-as-user", ID, Place::Pod, "runAsNonRoot", "true", &["false"]),
    way("run-as-user", NON_ROOT, Place::Pod, "runAsNonRoot", "true", &["false", UNSET]),
    way("run-as-user", NON_ROOT, Place::Context, "runAsNonRoot", "true", &["false"]),
    way("run-as-user", NON_ROOT, Place::Context, "runAsUser", "10001", &["0"]),
    way("run-as-user", EITHER, Place::Context, "runAsUser", "10001", &["0", "-5"]),
    way("run-as-user", EITHER, Place::Context, "runAsGroup", "10001", &["0"]),
    way("run-as-user", EITHER, Place::Context, "runAsNonRoot", "true", &["false"]),
    way("run-as-user", GROUPS, Place::Pod, "fsGroup", "1500", &["0", "999", "2001", "-1"]),
    way("run-as-user", GROUPS, Place::Pod, "supplementalGroups", "[1500]", &["[0]", "[1500,0]", "[2001]", "[-1,1500]"]),
    way("run-as-user", MUST_RUN_AS, Place::Pod, "fsGroup", "1500", &["0", "-1", UNSET]),
    way("run-as-user", MUST_RUN_AS, Place::Pod, "supplementalGroups", "[1500]", &["[0]", "[]", UNSET]),

    way("privileged", "{}", Place::Context, "privileged", "false", &["true", UNSET]),
    way("privileged", r#"{"requireExplicit":false}"#, Place::Context, "privileged", "false", &["true"]),

    way("capabilities", "{}", Place::Context, "capabilities", r#"{"drop":["ALL"]}"#, &[
        UNSET, "{}", r#"{"drop":[]}"#, r#"{"drop":null}"#, r#"{"drop":["NET_RAW"]}"#, r#"{"drop":["all"]}"#,
        r#"{"drop":["All"]}"#, r#"{"drop":["CAP_ALL"]}"#, r#"{"drop":["ALL "]}"#, r#"{"drop":[null]}"#, r#"{"drop":[""]}"#,
        r#"{"drop":["ALL"],"add":["SYS_ADMIN"]}"#, r#"{"drop":["ALL"],"add":["CAP_SYS_ADMIN"]}"#,
        r#"{"drop":["ALL"],"add":["sys_admin"]}"#, r#"{"drop":["ALL"],"add":["ALL"]}"#, r#"{"drop":["ALL"],"add":["NONSENSE"]}"#,
        r#"{"drop":["ALL"],"add":[""]}"#, r#"{"drop":["ALL"],"add":[null]}"#, r#"{"drop":["ALL"],"add":["KILL"]}"#,
        r#"{"add":["SYS_ADMIN"],"drop":["ALL"],"add":[]}"#, r#"{"add":[],"drop":["ALL"],"add":["SYS_ADMIN"]}"#,
        r#"{"drop":["ALL"],"drop":[]}"#, r#"{"Drop":["ALL"]}"#, r#"{"drop":["ALL"],"\u0061dd":["SYS_ADMIN"]}"#,
        r#"{"drop":["ALL"],"add":[["SYS_ADMIN"]]}"#, r#"{"drop":[["ALL"]]}"#, r#"{"drop":"ALL"}"#, r#"{"drop":["ALL"],"add":"SYS_ADMIN"}"#,
    ]),
    way("capabilities", r#"{"requiredDrop":["NET_RAW"],"allowedAdd":["CHOWN"]}"#, Place::Context, "capabilities", r#"{"drop":["NET_RAW"]}"#, &[
        "{}", r#"{"drop":["CHOWN"]}"#, r#"{"drop":["CAP_NET_RAW"]}"#, r#"{"drop":["net_raw"]}"#,
        r#"{"drop":["NET_RAW"],"add":["SYS_ADMIN"]}"#, r#"{"drop":["NET_RAW"],"add":["cap_chown"]}"#, r#"{"drop":["NET_RAW"],"add":["ALL"]}"#,
    ]),
    way("capabilities", BUT_ADMIN, Place::Context, "capabilities", r#"{"add":["KILL"]}"#, &[
        r#"{"add":["SYS_ADMIN"]}"#, r#"{"add":["KILL","SYS_ADMIN"]}"#, r#"{"add":["ALL"]}"#, r#"{"add":["all"]}"#, r#"{"add":["CAP_SYS_ADMIN"]}"#,
        r#"{"add":["sys_admin"]}"#, r#"{"add":["*"]}"#, r#"{"add":[""]}"#, r#"{"add":["NONSENSE"]}"#, r#"{"add":["SYS\u005fADMIN"]}"#,
    ]),

    way("read-only-root-filesystem", "{}", Place::Context, "readOnlyRootFilesystem", "true", &["false", UNSET]),
    way("allow-privilege-escalation", "{}", Place::Context, "allowPrivilegeEscalation", "false", &["true", UNSET]),

    way("seccomp-profile", "{}", Place::Pod, "seccompProfile", TYPE, &[
        UNSET, "{}", r#"{"type":null}"#, r#"{"type":""}"#, r#"{"type":"Unconfined"}"#, r#"{"type":"unconfined"}"#,
        r#"{"type":"runtimeDefault"}"#, r#"{"type":"RuntimeDefault "}"#, r#"{"type":"Localhost"}"#, r#"{"Type":"RuntimeDefault"}"#,
        r#"{"type":"RuntimeDefault","type":"Unconfined"}"#, r#"{"type":"Unconfined","type":"RuntimeDefault"}"#,
        r#"{"type":["RuntimeDefault"]}"#,
    ]),
    way("seccomp-profile", "{}", Place::Context, "seccompProfile", TYPE, &[
        r#"{"type":"Unconfined"}"#, r#"{"type":"\u0055nconfined"}"#, r#"{"type":"Other"}"#, r#"{"type":"Localhost"}"#,
        r#"{"type":"Localhost","localhostProfile":""}"#, "{}",
    ]),
    way("seccomp-profile", r#"{"localhostProfiles":["a/*"]}"#, Place::Context, "seccompProfile", TYPE, &[
        r#"{"type":"Localhost","localhostProfile":"b/x"}"#, r#"{"type":"Localhost","localhostProfile":"xa/b"}"#,
        r#"{"type":"Localhost"}"#,
    ]),
    way("seccomp-profile", r#"{"requireExplicit":false}"#, Place::Context, "seccompProfile", UNSET, &[
        r#"{"type":"Unconfined"}"#, "{}", r#"{"type":""}"#, r#"{"type":"Localhost"}"#,
    ]),
    way("seccomp-profile", "{}", Place::Metadata, "annotations", UNSET, &[
        r#"{"seccomp.security.alpha.kubernetes.io/pod":"unconfined"}"#,
        r#"{"container.seccomp.security.alpha.kubernetes.io/first":"unconfined"}"#,
        r#"{"seccomp.security.alpha.kubernetes.io/pod":"RuntimeDefault"}"#,
    ]),

    way("resources", "{}", Place::Lasting, "resources", r#"{"limits":{"cpu":"1","memory":"1Mi"}}"#, &[
        UNSET, "{}", r#"{"limits":{}}"#, r#"{"limits":null}"#, r#"{"limits":{"cpu":"1"}}"#, r#"{"limits":{"memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":null,"memory":"1Mi"}}"#, r#"{"requests":{"cpu":"1","memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":"1x","memory":"1Mi"}}"#, r#"{"limits":{"cpu":"","memory":"1Mi"}}"#, r#"{"limits":{"cpu":"-1","memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":"1","memory":"1Mi"},"requests":{"cpu":"2"}}"#, r#"{"limits":{"cpu":1,"memory":1048576},"requests":{"memory":"2Mi"}}"#,
        r#"{"limits":{"cpu":"0","memory":"1Mi"}}"#, r#"{"limits":{"cpu":0,"memory":"1Mi"}}"#, r#"{"limits":{"cpu":0.0,"memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":-0,"memory":"1Mi"}}"#, r#"{"limits":{"cpu":0e0,"memory":"1Mi"}}"#, r#"{"limits":{"cpu":"0m","memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":"1","memory":"0"}}"#, r#"{"limits":{"cpu":true,"memory":"1Mi"}}"#, r#"{"limits":{"cpu":["1"],"memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":"1","CPU":"1"}}"#, r#"{"limits":["cpu","memory"]}"#, r#"{"limits":{"cpu":"1","memory":"1Mi","cpu":"0"}}"#,
    ]),
    way("resources", LIMITS, Place::Lasting, "resources", r#"{"limits":{"cpu":"1","memory":"1Mi"}}"#, &[
        r#"{"limits":{"cpu":"1","memory":"2Gi"}}"#, r#"{"limits":{"cpu":"1","memory":1073741825}}"#, r#"{"limits":{"cpu":"1","memory":"1.1e9"}}"#,
        r#"{"limits":{"cpu":"9m","memory":"1Mi"}}"#, r#"{"limits":{"cpu":0.009,"memory":"1Mi"}}"#, r#"{"limits":{"cpu":9e-3,"memory":"1Mi"}}"#,
        r#"{"limits":{"cpu":"1","memory":1e400}}"#, r#"{"limits":{"cpu":"1","memory":"9999999999Ei"}}"#,
    ]),
    way("resources", UNLIMITED, Place::Lasting, "resources", r#"{"limits":{"memory":"1Mi"}}"#, &[
        r#"{"limits":{"ephemeral-storage":"1"}}"#, r#"{"limits":{"ephemeral-storage":0}}"#, r#"{"limits":{"ephemer\u0061l-storage":"1"}}"#,
        r#"{"limits":{"ephemeral-storage":"x"}}"#,
    ]),

    way("image-tag", "{}", Place::Container, "image", r#""registry.example/app:1""#, &[
        UNSET, r#""""#, r#""app""#, r#""app:latest""#, r#""app:la\u0074est""#, r#""registry.example:5000/app""#, r#""registry.example/app:""#,
        r#"" app:1""#, r#""app:1 ""#, r#""App:1""#, r#""app@sha256:12""#, r#""app:latest@sha256:""#, r#""app:1:2""#, r#""docker.io/library/app:latest""#,
        r#""app:1\n""#,
    ]),
    way("image-tag", r#"{"requireDigest":true}"#, Place::Container, "image", PINNED, &[r#""app:1""#, r#""app:1@sha256:x""#]),
    way("image-tag", REGISTRIES, Place::Container, "image", r#""registry.example/app:1""#, &[
        r#""app:1""#, r#""organ/app:1""#, r#""registry.example.evil/app:1""#, r#""registry.example:80/app:1""#,
        r#""registry.example/evil/app:1""#, r#""Registry.Example/evil/app:1""#, r#""index.docker.io/app:1""#,
    ]),
    way("image-tag", r#"{"requireTag":false,"rejectedRegistries":["docker.io"]}"#, Place::Container, "image", r#""registry.example/app""#, &[
        r#""app""#, r#""docker.io/app:1""#, r#""index.docker.io/org/app""#, r#""registry.example/App""#, r#""""#, UNSET,
    ]),
    way("image-tag", "{}", Place::Spec, "volumes", "[]", &[
        r#"[{"name":"v","image":{"reference":"app:latest"}}]"#, r#"[{"name":"v","image":{}}]"#, r#"[{"name":"a","emptyDir":{}},{"name":"v","image":{"reference":"app"}}]"#,
    ]),

    way("apparmor-profile", "{}", Place::Context, "appArmorProfile", TYPE, &[
        r#"{"type":"Unconfined"}"#, r#"{"type":"unconfined"}"#, r#"{"type":"Localhost"}"#, r#"{"type":"Localhost","localhostProfile":""}"#, r#"{"type":"Other"}"#,
    ]),
    way("apparmor-profile", "{}", Place::Pod, "appArmorProfile", TYPE, &[r#"{"type":"Unconfined"}"#, r#"{"type":"Localhost"}"#]),
    way("apparmor-profile", r#"{"require":true}"#, Place::Pod, "appArmorProfile", TYPE, &[UNSET, "{}", r#"{"type":""}"#]),
    way("apparmor-profile", "{}", Place::Metadata, "annotations", UNSET, &[
        r#"{"container.apparmor.security.beta.kubernetes.io/first":"unconfined"}"#, r#"{"container.apparmor.security.beta.kubernetes.io/first":"localhost/"}"#,
        r#"{"container.apparmor.security.beta.kubernetes.io/debug":"unconfined"}"#, r#"{"container.apparmor.security.beta.kubernetes.io/init":"x"}"#,
        r#"{"container.apparmor.security.beta.kubernetes.io/nobody":"runtime/default"}"#, r#"{"container.apparmor.security.beta.kubernetes.io/":"unconfined"}"#,
        r#"{"container.apparmor.security.beta.kubernetes.io/first":"RuntimeDefault"}"#, r#"{"container.apparmor.security.beta.kubernetes.io/first":"Localhost"}"#,
    ]),

    way("selinux-options", "{}", Place::Context, "seLinuxOptions", r#"{"type":"container_t"}"#, &[
        r#"{"type":"spc_t"}"#, r#"{"type":"unconfined_t"}"#, r#"{"type":"container_t "}"#, r#"{"type":"Container_t"}"#, r#"{"user":"system_u"}"#,
        r#"{"role":"system_r"}"#, r#"{"type":"container_t","user":"u"}"#, r#"{"type":"container_t","type":"spc_t"}"#,
    ]),
    way("selinux-options", "{}", Place::Pod, "seLinuxOptions", r#"{"type":"container_t"}"#, &[r#"{"type":"spc_t"}"#, r#"{"user":"u"}"#, r#"{"role":"r"}"#]),
    way("selinux-options", r#"{"required":{"level":"s0:c1,c2"}}"#, Place::Pod, "seLinuxOptions", r#"{"level":"s0:c1,c2"}"#, &[
        UNSET, "{}", r#"{"level":"s0"}"#, r#"{"level":"s0:c1"}"#, r#"{"level":"s0:c1,c2,c3"}"#, r#"{"level":"s1:c1,c2"}"#,
    ]),
    way("selinux-options", SETS, Place::Context, "seLinuxOptions", r#"{"user":"u","type":"a_t"}"#, &[
        r#"{"user":"u","type":"b_t"}"#, r#"{"type":"c_t"}"#, r#"{"type":"a_t","level":"s1"}"#, r#"{"type":"container_t"}"#, r#"{"role":"r"}"#, r#"{"type":"*"}"#,
    ]),
    way("selinux-options", SOME_OPTIONS, Place::Pod, "seLinuxOptions", r#"{"type":"spc_t"}"#, &[UNSET, "{}", r#"{"type":""}"#, r#"{"level":null}"#]),

    way("host-namespaces", "{}", Place::Spec, "hostNetwork", "false", &["true"]),
    way("host-namespaces", "{}", Place::Spec, "hostPID", "false", &["true"]),
    way("host-namespaces", "{}", Place::Spec, "hostIPC", "false", &["true"]),

    way("host-ports", "{}", Place::Container, "ports", "[]", &[
        r#"[{"hostPort":80}]"#, r#"[{"containerPort":1},{"containerPort":80,"hostPort":8080}]"#, r#"[{"hostPort":-1}]"#, r#"[{"hostPort":65536}]"#,
        r#"[{"hostPort":8e1}]"#, r#"[{"hostPort":80.0}]"#, r#"[{"hostPort":"80"}]"#, r#"[[{"hostPort":80}]]"#, r#"[null,{"hostPort":80}]"#,
        r#"[{"hostPort":0,"hostPort":80}]"#, r#"[{"hostPort":80,"hostPort":0}]"#, r#"[{"\u0068ostPort":80}]"#,
    ]),
    way("host-ports", r#"{"allowed":[{"min":8000,"max":9000}]}"#, Place::Container, "ports", r#"[{"hostPort":8000}]"#, &[
        r#"[{"hostPort":80}]"#, r#"[{"hostPort":9001}]"#, r#"[{"hostPort":8000},{"hostPort":7999}]"#,
    ]),

    way("host-path-volumes", "{}", Place::Spec, "volumes", "[]", &[
        r#"[{"name":"v","hostPath":{"path":"/"}}]"#, r#"[{"name":"v","hostPath":{}}]"#, r#"[{"name":"v","hostPath":{"path":""}}]"#, r#"[{"hostPath":{"path":"/x"}}]"#,
        r#"[{"name":"a","emptyDir":{}},{"name":"v","hostPath":{"path":"/var/run/docker.sock"}}]"#, r#"[{"name":"v","emptyDir":{},"hostPath":{"path":"/"}}]"#,
        r#"[{"name":"v","hostPath":null,"hostPath":{"path":"/"}}]"#, r#"[{"name":"v","hostPath":{"path":"/"},"hostPath":null}]"#,
        r#"[{"name":"v","host\u0050ath":{"path":"/"}}]"#, r#"[[{"name":"v","hostPath":{"path":"/"}}]]"#, r#"[null,{"name":"v","hostPath":{"path":"/"}}]"#,
    ]),
    way("host-path-volumes", PATHS, Place::Spec, "volumes", r#"[{"name":"v","hostPath":{"path":"/var/log/x"}}]"#, &[
        r#"[{"name":"v","hostPath":{"path":"/var/logs"}}]"#, r#"[{"name":"v","hostPath":{"path":"/var/log/../lib"}}]"#, r#"[{"name":"v","hostPath":{"path":"/var/log/.."}}]"#,
        r#"[{"name":"v","hostPath":{"path":"var/log"}}]"#, r#"[{"name":"v","hostPath":{"path":"/var"}}]"#, r#"[{"name":"v","hostPath":{"path":"\\var\\log"}}]"#,
        r#"[{"name":"v","hostPath":{"path":"/var/log\\..\\..\\etc"}}]"#, r#"[{"name":"v","hostPath":{"path":"/Var/log"}}]"#,
    ]),
    way("host-path-volumes", SOCKETS, Place::Spec, "volumes", r#"[{"name":"v","hostPath":{"path":"/var/lib/x"}}]"#, &[
        r#"[{"name":"v","hostPath":{"path":"/var/run/docker.sock"}}]"#, r#"[{"name":"v","hostPath":{"path":"/run/docker.sock"}}]"#, r#"[{"name":"v","hostPath":{"path":"/"}}]"#,
        r#"[{"name":"v","hostPath":{"path":"/var"}}]"#, r#"[{"name":"v","hostPath":{"path":"//var/./run/"}}]"#, r#"[{"name":"v","hostPath":{"path":"/run"}}]"#,
        r#"[{"name":"v","hostPath":{"path":"/var/lib/../run/docker.sock"}}]"#, r#"[{"name":"v","hostPath":{"path":"/var/run/containerd/containerd.sock"}}]"#,
        r#"[{"name":"v","hostPath":{"path":"/var/lib/x"}},{"name":"w","hostPath":{"path":"/run/containerd/"}}]"#,
    ]),

    way("volume-types", "{}", Place::Spec, "volumes", "[]", &[
        r#"[{"name":"v","nfs":{"server":"s","path":"/"}}]"#, r#"[{"name":"v","hostPath":{"path":"/"}}]"#, r#"[{"name":"v","gitRepo":{"repository":"r"}}]"#,
        r#"[{"name":"v","flexVolume":{"driver":"d"}}]"#, r#"[{"name":"v","unheardOf":{}}]"#, r#"[{"name":"v","emptyDir":{},"nfs":{}}]"#,
        r#"[{"name":"a","emptyDir":{}},{"name":"v","iscsi":{}}]"#, r#"[{"name":"v","NFS":{}}]"#, r#"[{"name":"v","n\u0066s":{}}]"#,
    ]),
    way("volume-types", r#"{"allowedTypes":["configMap"]}"#, Place::Spec, "volumes", "[]", &[r#"[{"name":"v","secret":{}}]"#, r#"[{"name":"v"}]"#, r#"[{"name":"v","emptyDir":null}]"#, "[null]"]),

    way("volume-types", r#"{"allowedTypes":["*"]}"#, Place::Spec, "volumes", r#"[{"name":"v","nfs":{}}]"#, &[r#"[{"name":"v","unheardOf":{}}]"#, r#"[{"name":"v","*":{}}]"#, r#"[{"name":"v","NFS":{}}]"#]),

    way("proc-mount", "{}", Place::Context, "procMount", r#""Default""#, &[r#""Unmasked""#, r#""unmasked""#, r#""default""#, r#""""#, r#""Unm\u0061sked""#]),

    way("sysctls", "{}", Place::Pod, "sysctls", "[]", &[
        r#"[{"name":"kernel.msgmax","value":"1"}]"#, r#"[{"name":"net/ipv4/ip_forward","value":"1"}]"#, r#"[{"name":"net/ipv4/tcp_syncookies","value":"1"}]"#, r#"[{"name":"","value":"1"}]"#, r#"[{"value":"1"}]"#, "[null]", "[{}]",
        r#"[{"name":"net.ipv4.tcp_syncookies","value":"1"},{"name":"vm.swappiness","value":"1"}]"#, r#"[{"name":"NET.IPV4.TCP_SYNCOOKIES","value":"1"}]"#,
        r#"[{"name":"net.ipv4.tcp_syncookies ","value":"1"}]"#, r#"[{"name":"net.ipv4.tcp_syncookies","value":"1+kernel.core_pattern=|/x"}]"#,
        r#"[{"name":"net.ipv4.tcp_syncookies","value":"1\u002bkernel.x"}]"#, r#"[{"name":"net.ipv4.tcp_syncookies","value":1}]"#,
        r#"[{"name":"net.ipv4.tcp_syncookies","name":"kernel.msgmax"}]"#, r#"[{"name":"kernel.msgmax","name":"net.ipv4.tcp_syncookies"}]"#,
    ]),
    way("sysctls", r#"{"forbidden":["net.ipv4.*"],"allowed":["kernel.msg*"]}"#, Place::Pod, "sysctls", r#"[{"name":"kernel.msgmax"}]"#, &[
        r#"[{"name":"net.ipv4.tcp_syncookies"}]"#, r#"[{"name":"net/ipv4/tcp_syncookies"}]"#, r#"[{"name":"kernel.sem"}]"#, r#"[{"name":"kernel.msgmax","value":"1=2"}]"#,
    ]),

    way("windows-host-process", "{}", Place::Pod, "windowsOptions", "{}", &[r#"{"hostProcess":true}"#, r#"{"hostProcess":false,"hostProcess":true}"#]),
    way("windows-host-process", "{}", Place::Context, "windowsOptions", r#"{"hostProcess":false}"#, &[r#"{"hostProcess":true}"#, r#"{"host\u0050rocess":true}"#, r#"{"hostProcess":"true"}"#]),

    way("host-probes", "{}", Place::Container, "livenessProbe", "{}", &[
        r#"{"httpGet":{"host":"169.254.169.254","port":80}}"#, r#"{"tcpSocket":{"host":"x","port":1}}"#, r#"{"httpGet":{"host":" "}}"#,
        r#"{"httpGet":{"host":"","host":"x"}}"#, r#"{"httpGet":{"host":["x"]}}"#,
    ]),
    way("host-probes", "{}", Place::Container, "readinessProbe", UNSET, &[r#"{"httpGet":{"host":"x"}}"#]),
    way("host-probes", "{}", Place::Container, "startupProbe", UNSET, &[r#"{"tcpSocket":{"host":"x"}}"#]),
    way("host-probes", "{}", Place::Container, "lifecycle", "{}", &[
        r#"{"postStart":{"httpGet":{"host":"x"}}}"#, r#"{"preStop":{"httpGet":{"host":"x"}}}"#, r#"{"preStop":{"tcpSocket":{"host":"x"}}}"#,
    ]),
    way("host-probes", r#"{"allowedHosts":["localhost"]}"#, Place::Container, "livenessProbe", r#"{"httpGet":{"host":"localhost"}}"#, &[
        r#"{"httpGet":{"host":"localhost.evil"}}"#, r#"{"httpGet":{"host":"LOCALHOST"}}"#,
    ]),

    way("service-account-token", "{}", Place::Spec, "automountServiceAccountToken", "false", &["true", UNSET]),
];
