//! Updates of objects with pods in them, from lists of choices: small pools of values, so that old and new often
//! share some and differ in others.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Capabilities, Container, ContainerPort, EphemeralContainer, HTTPGetAction, HostPathVolumeSource,
    ImageVolumeSource, NFSVolumeSource, PodSecurityContext, PodSpec, Probe, ResourceRequirements, SELinuxOptions,
    SeccompProfile, SecurityContext, Sysctl, TCPSocketAction, Volume, VolumeMount, WindowsSecurityContextOptions,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use super::is_same_container;
use super::model::{Kind, Member};

/// A list of choices.
pub(crate) struct Choices<'c>(std::slice::Iter<'c, u16>);

impl<'c> Choices<'c> {
    /// As many as a case can take.
    pub(crate) fn random(seed: u64) -> Vec<u16> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as u16
        };
        (0..400).map(|_| next()).collect()
    }

    fn new(choices: &'c [u16]) -> Choices<'c> {
        Choices(choices.iter())
    }

    /// One of so many; the first if the list is at its end.
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % count
    }

    /// One of these; the first is the usual one.
    fn of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    fn rarely(&mut self) -> bool {
        self.below(4) == 3
    }
}

/// A pod with what its object says beside the spec.
#[derive(Clone, Default)]
pub(crate) struct Pod {
    /// Its annotations.
    pub(crate) annotations: BTreeMap<String, String>,
    /// Its spec.
    pub(crate) spec: PodSpec,
    is_labelled: bool,
}

/// The object that carries the pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Carrier {
    Pod,
    Deployment,
    Rollout,
    /// A kind of somebody else's.
    ForeignPod,
}

/// The exemption in the settings.
#[derive(Clone, Copy)]
pub(crate) enum Exemption {
    /// Nothing.
    None,
    /// A container by name.
    Name,
    /// A container by image.
    Image,
    /// Init containers.
    Init,
}

impl Exemption {
    /// The settings' list.
    pub(crate) fn to_json(self) -> Value {
        match self {
            Exemption::None => json!([]),
            Exemption::Name => json!([{ "containers": ["b"] }]),
            Exemption::Image => json!([{ "images": ["registry.example/tool:*"] }]),
            Exemption::Init => json!([{ "containerTypes": ["initContainer"] }]),
        }
    }

    /// Whether it leaves the container alone.
    pub(crate) fn covers(self, container: &Member<'_>) -> bool {
        match self {
            Exemption::None => false,
            Exemption::Name => container.name() == "b",
            Exemption::Image => container.image().starts_with("registry.example/tool:"),
            Exemption::Init => container.kind == Kind::Init,
        }
    }
}

/// An update.
pub(crate) struct Case {
    /// The object that carries the pod.
    pub(crate) carrier: Carrier,
    /// The part of a pod that is changed; empty for the whole object.
    sub_resource: &'static str,
    is_deleted: bool,
    /// The exemption in the settings.
    pub(crate) exemption: Exemption,
    /// The pod before.
    pub(crate) old: Pod,
    /// The pod after.
    pub(crate) new: Pod,
    requests: Requests,
}

/// What every policy is asked about a case, written once.
#[derive(Default)]
struct Requests {
    create: OnceCell<String>,
    update: OnceCell<String>,
}

const NAMES: [&str; 3] = ["a", "b", "c"];
const IMAGES: [&str; 4] =
    ["registry.example/app:1", "registry.example/tool:1", "registry.example/app:2", "evil:latest"];

impl Case {
    /// The case that the choices make.
    pub(crate) fn new(choices: &[u16]) -> Case {
        let choices = &mut Choices::new(choices);
        let carrier = choices.of(&[Carrier::Pod, Carrier::Deployment, Carrier::Rollout, Carrier::ForeignPod]);
        let is_deleted = choices.rarely();
        let part = choices.of(&["", "", "ephemeralcontainers", "resize"]);
        let sub_resource = if carrier == Carrier::Pod { part } else { "" };
        let exemption =
            choices.of(&[Exemption::None, Exemption::None, Exemption::Name, Exemption::Image, Exemption::Init]);
        let mut pod = Pod::default();
        pod.add(choices);
        for _ in 0..12 {
            pod.change(choices);
        }
        let old = pod.clone();
        for _ in 0..=choices.below(3) {
            pod.change(choices);
        }
        Case { carrier, sub_resource, is_deleted, exemption, old, new: pod, requests: Requests::default() }
    }

    /// Whether `new` is the container that `old` was. Another image in a Pod is another program.
    pub(crate) fn continues(&self, old: &Member<'_>, new: &Member<'_>) -> bool {
        is_same_container(old, new) && (self.carrier != Carrier::Pod || old.image() == new.image())
    }

    /// Whether it is of a pod that is being deleted and whose spec stays, which passes: nothing is started there.
    pub(crate) fn is_let_go(&self) -> bool {
        self.carrier == Carrier::Pod && self.is_deleted && self.old.spec == self.new.spec
    }

    /// The update that only reorders and labels what was there.
    pub(crate) fn reordered(&self) -> Case {
        let mut new = Pod { is_labelled: true, ..self.old.clone() };
        new.spec.containers.reverse();
        new.spec.volumes.iter_mut().for_each(|volumes| volumes.reverse());
        self.changed(new)
    }

    /// The update that only brings other images, if it is one that may.
    pub(crate) fn rollout(&self) -> Option<Case> {
        let by_image = matches!(self.exemption, Exemption::Image);
        let mut new = self.old.clone();
        new.spec.containers.iter_mut().for_each(|container| container.image = Some("registry.example/app:9".into()));
        (self.carrier != Carrier::Pod && !by_image).then(|| self.changed(new))
    }

    fn changed(&self, new: Pod) -> Case {
        Case { old: self.old.clone(), new, requests: Requests::default(), ..*self }
    }

    /// The admission request that makes the new object, as JSON.
    pub(crate) fn create(&self) -> &str {
        self.requests.create.get_or_init(|| {
            let object = self.object(&self.new);
            json!({ "operation": "CREATE", "kind": self.kind(), "namespace": "shop", "object": object }).to_string()
        })
    }

    /// The admission request that changes the old object, as JSON.
    pub(crate) fn update(&self) -> &str {
        self.requests.update.get_or_init(|| {
            let (object, old) = (self.object(&self.new), self.object(&self.old));
            json!({
                "operation": "UPDATE", "kind": self.kind(), "subResource": self.sub_resource, "namespace": "shop",
                "object": object, "oldObject": old,
            })
            .to_string()
        })
    }

    /// The pod in an object that carries it.
    pub(crate) fn pod_of(&self, object: &Value) -> Pod {
        let pod = if self.carrier == Carrier::Pod { object } else { &object["spec"]["template"] };
        Pod {
            annotations: serde_json::from_value(pod["metadata"]["annotations"].clone()).unwrap_or_default(),
            spec: serde_json::from_value(pod["spec"].clone()).unwrap(),
            is_labelled: false,
        }
    }

    fn kind(&self) -> Value {
        let (group, version, kind) = match self.carrier {
            Carrier::Pod => ("", "v1", "Pod"),
            Carrier::Deployment => ("apps", "v1", "Deployment"),
            Carrier::Rollout => ("argoproj.io", "v1alpha1", "Rollout"),
            Carrier::ForeignPod => ("example.com", "v1", "Pod"),
        };
        json!({ "group": group, "version": version, "kind": kind })
    }

    fn object(&self, pod: &Pod) -> Value {
        let mut metadata = json!({ "name": "x", "annotations": pod.annotations });
        if self.is_deleted {
            metadata["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        if pod.is_labelled {
            metadata["labels"] = json!({ "tier": "web" });
        }
        let pod = json!({ "metadata": metadata, "spec": pod.spec });
        if self.carrier == Carrier::Pod {
            pod
        } else {
            json!({ "metadata": { "name": "x" }, "spec": { "template": pod } })
        }
    }
}

/// The update, for people.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  exemptions {}", self.exemption.to_json())?;
        writeln!(f, "  {} {} old {}", self.kind(), self.sub_resource, self.object(&self.old))?;
        writeln!(f, "  {} new {}", self.kind(), self.object(&self.new))
    }
}

impl Pod {
    /// Adds a compliant container under a name that is free.
    fn add(&mut self, choices: &mut Choices<'_>) {
        let taken: Vec<String> = super::model::members(self).iter().map(|member| member.name().to_owned()).collect();
        let Some(name) = NAMES.into_iter().find(|name| !taken.iter().any(|taken| taken == name)) else { return };
        let container = compliant(name);
        self.spec.automount_service_account_token.get_or_insert(false);
        match choices.below(4) {
            1 => self.spec.init_containers.get_or_insert_default().push(container),
            2 => self.spec.ephemeral_containers.get_or_insert_default().push(EphemeralContainer {
                name: container.name,
                image: container.image,
                security_context: container.security_context,
                ..EphemeralContainer::default()
            }),
            _ => self.spec.containers.push(container),
        }
        if self.spec.containers.is_empty() {
            self.spec.containers.push(compliant("main"));
        }
    }

    /// Changes one thing.
    fn change(&mut self, choices: &mut Choices<'_>) {
        match choices.below(12) {
            0 => self.change_context_of_pod(choices),
            1 => self.change_host(choices),
            2 => self.change_volume(choices),
            3 => self.add(choices),
            4 => self.change_annotation(choices),
            _ => self.change_container(choices),
        }
    }

    fn change_context_of_pod(&mut self, choices: &mut Choices<'_>) {
        let context = self.spec.security_context.get_or_insert_default();
        let PodSecurityContext { run_as_user, run_as_group, run_as_non_root, seccomp_profile, .. } = context;
        match choices.below(9) {
            0 => *run_as_user = choices.of(&[None, Some(0), Some(1000)]),
            1 => *run_as_group = choices.of(&[None, Some(0), Some(1000)]),
            2 => *run_as_non_root = choices.of(&[None, Some(true), Some(false)]),
            3 | 4 => *seccomp_profile = seccomp(choices),
            5 => context.app_armor_profile = apparmor(choices),
            6 => context.se_linux_options = selinux(choices),
            7 => context.windows_options = host_process(choices),
            _ => {
                let names = [("kernel.shm_rmid_forced", "1"), ("kernel.msgmax", "1"), ("kernel.msgmax", "2")];
                let (name, value) = choices.of(&names);
                context.sysctls = Some(vec![Sysctl { name: name.into(), value: value.into() }]);
            }
        }
    }

    fn change_host(&mut self, choices: &mut Choices<'_>) {
        let flag = choices.of(&[None, Some(true), Some(false)]);
        match choices.below(5) {
            0 => self.spec.host_pid = flag,
            1 => self.spec.host_ipc = flag,
            2 => self.spec.host_network = flag,
            3 => self.spec.automount_service_account_token = flag,
            _ => self.spec.service_account_name = choices.of(&[None, Some("admin".to_owned())]),
        }
    }

    fn change_volume(&mut self, choices: &mut Choices<'_>) {
        let name = choices.of(&["v", "w"]).to_owned();
        let host = |path: &str| Some(HostPathVolumeSource { path: path.to_owned(), type_: None });
        let nfs = |server: &str| NFSVolumeSource { path: "/".into(), server: server.into(), read_only: None };
        let image = |reference: &str| ImageVolumeSource { reference: Some(reference.into()), pull_policy: None };
        let mut volume = Volume { name: name.clone(), ..Volume::default() };
        match choices.below(8) {
            0 => volume.empty_dir = Some(Default::default()),
            1 => volume.host_path = host("/var/log"),
            2 => volume.host_path = host("/etc"),
            3 => volume.host_path = host("/"),
            4 => volume.nfs = Some(nfs("files")),
            5 => volume.nfs = Some(nfs("other")),
            6 => volume.image = Some(image("evil:latest")),
            _ => volume.image = Some(image("registry.example/data:1")),
        }
        let volumes = self.spec.volumes.get_or_insert_default();
        volumes.retain(|volume| volume.name != name);
        volumes.push(volume);
    }

    fn change_annotation(&mut self, choices: &mut Choices<'_>) {
        let key = ["container.apparmor.security.beta.kubernetes.io/", choices.of(&NAMES)].concat();
        match choices.of(&[None, Some("runtime/default"), Some("unconfined")]) {
            Some(value) => self.annotations.insert(key, value.to_owned()),
            None => self.annotations.remove(&key),
        };
    }

    fn change_container(&mut self, choices: &mut Choices<'_>) {
        let (containers, init) = (self.spec.containers.len(), self.spec.init_containers.iter().flatten().count());
        let debuggers = self.spec.ephemeral_containers.iter().flatten().count();
        let at = choices.below(containers + init + debuggers);
        if at < containers {
            change_container(&mut self.spec.containers[at], choices);
        } else if let Some(list) = self.spec.init_containers.as_mut().filter(|_| at < containers + init) {
            change_container(&mut list[at - containers], choices);
        } else if let Some(list) = &mut self.spec.ephemeral_containers {
            let debugger = &mut list[at - containers - init];
            let context = debugger.security_context.get_or_insert_default();
            match choices.below(4) {
                0 => debugger.image = Some(choices.of(&IMAGES).to_owned()),
                1 => debugger.volume_mounts = mounts(choices),
                _ => change_context(context, choices),
            }
        }
    }
}

fn compliant(name: &str) -> Container {
    let amounts = || ["cpu", "memory"].map(|name| (name.to_owned(), Quantity("1".to_owned())));
    Container {
        name: name.to_owned(),
        image: Some(IMAGES[0].to_owned()),
        resources: Some(ResourceRequirements { limits: Some(amounts().into()), ..ResourceRequirements::default() }),
        security_context: Some(SecurityContext {
            privileged: Some(false),
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities { add: None, drop: Some(vec!["ALL".to_owned()]) }),
            run_as_user: Some(1000),
            run_as_group: Some(1000),
            run_as_non_root: Some(true),
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..SecurityContext::default()
        }),
        ..Container::default()
    }
}

fn change_container(container: &mut Container, choices: &mut Choices<'_>) {
    match choices.below(10) {
        0 => container.image = Some(choices.of(&IMAGES).to_owned()),
        1 | 2 => container.volume_mounts = mounts(choices),
        3 => {
            let port = |port| ContainerPort { container_port: 80, host_port: Some(port), ..ContainerPort::default() };
            container.ports = choices.of(&[None, Some(80), Some(443)]).map(|number| vec![port(number)]);
        }
        4 => {
            let host = choices.of(&[None, Some("10.0.0.1".to_owned()), Some("10.0.0.2".to_owned())]);
            let port = IntOrString::Int(80);
            container.liveness_probe = Some(if choices.rarely() {
                Probe { tcp_socket: Some(TCPSocketAction { host, port }), ..Probe::default() }
            } else {
                Probe { http_get: Some(HTTPGetAction { host, port, ..HTTPGetAction::default() }), ..Probe::default() }
            });
        }
        5 => {
            let limits = container.resources.get_or_insert_default().limits.get_or_insert_default();
            let name = choices.of(&["cpu", "memory"]).to_owned();
            match choices.of(&["1", "2", ""]) {
                "" => limits.remove(&name),
                amount => limits.insert(name, Quantity(amount.to_owned())),
            };
        }
        _ => change_context(container.security_context.get_or_insert_default(), choices),
    }
}

fn change_context(context: &mut SecurityContext, choices: &mut Choices<'_>) {
    let flag = [None, Some(true), Some(false)];
    match choices.below(13) {
        0 => context.privileged = choices.of(&flag),
        1 => context.allow_privilege_escalation = choices.of(&flag),
        2 => context.read_only_root_filesystem = choices.of(&flag),
        3 => context.run_as_non_root = choices.of(&flag),
        4 => context.run_as_user = choices.of(&[None, Some(0), Some(1000)]),
        5 => context.run_as_group = choices.of(&[None, Some(0), Some(1000)]),
        6 | 7 => context.seccomp_profile = seccomp(choices),
        8 => context.app_armor_profile = apparmor(choices),
        9 => context.se_linux_options = selinux(choices),
        10 => context.windows_options = host_process(choices),
        11 => context.proc_mount = choices.of(&[None, Some("Default".to_owned()), Some("Unmasked".to_owned())]),
        _ => {
            let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
            let capabilities = context.capabilities.get_or_insert_default();
            capabilities.drop = choices.of(&[list(&["ALL"]), list(&["CHOWN"]), None]);
            capabilities.add =
                choices.of(&[None, list(&["SYS_ADMIN"]), list(&["SYS_ADMIN", "NET_RAW"]), list(&["CAP_CHOWN"])]);
        }
    }
}

fn mounts(choices: &mut Choices<'_>) -> Option<Vec<VolumeMount>> {
    let mut mounts = Vec::new();
    for name in ["v", "w"] {
        if let Some(read_only) = choices.of(&[None, Some(None), Some(Some(true)), Some(Some(false))]) {
            let mount_path = ["/", name].concat();
            mounts.push(VolumeMount { name: name.into(), mount_path, read_only, ..VolumeMount::default() });
        }
    }
    Some(mounts)
}

fn seccomp(choices: &mut Choices<'_>) -> Option<SeccompProfile> {
    let kind = choices.of(&[None, Some("RuntimeDefault"), Some("Unconfined")])?;
    Some(SeccompProfile { type_: kind.to_owned(), localhost_profile: None })
}

fn apparmor(choices: &mut Choices<'_>) -> Option<AppArmorProfile> {
    let kind = choices.of(&[None, Some("RuntimeDefault"), Some("Unconfined")])?;
    Some(AppArmorProfile { type_: kind.to_owned(), localhost_profile: None })
}

fn selinux(choices: &mut Choices<'_>) -> Option<SELinuxOptions> {
    let kind = choices.of(&[None, Some(Some("container_t")), Some(Some("spc_t")), Some(None)])?;
    let user = choices.of(&[None, Some("root".to_owned())]);
    Some(SELinuxOptions { type_: kind.map(str::to_owned), user, ..SELinuxOptions::default() })
}

fn host_process(choices: &mut Choices<'_>) -> Option<WindowsSecurityContextOptions> {
    let host_process = choices.of(&[None, Some(Some(true)), Some(Some(false))])?;
    Some(WindowsSecurityContextOptions { host_process, ..WindowsSecurityContextOptions::default() })
}
