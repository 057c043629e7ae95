//! Rule `volume-types`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::json;
use crate::path::push_key;
use crate::pod::Volume;
use crate::settings::{SettingsError, alone};
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::setting_words! {
    /// The types of volume that Kubernetes has or has had, by the field of their source.
    pub enum VolumeType {
        /// A disk of AWS.
        AwsElasticBlockStore = "awsElasticBlockStore",
        /// A disk of Azure.
        AzureDisk = "azureDisk",
        /// A file share of Azure.
        AzureFile = "azureFile",
        /// A Ceph filesystem.
        CephFs = "cephfs",
        /// A disk of OpenStack.
        Cinder = "cinder",
        /// Keys of a `ConfigMap` as files.
        ConfigMap = "configMap",
        /// A driver of the container storage interface, for the pod alone.
        Csi = "csi",
        /// Fields of the pod as files.
        DownwardApi = "downwardAPI",
        /// Scratch space that goes with the pod.
        EmptyDir = "emptyDir",
        /// A claim that is made for the pod and goes with it.
        Ephemeral = "ephemeral",
        /// A device of a Fibre Channel network.
        Fc = "fc",
        /// A driver installed on the node.
        FlexVolume = "flexVolume",
        /// A dataset of Flocker.
        Flocker = "flocker",
        /// A disk of Google Compute Engine.
        GcePersistentDisk = "gcePersistentDisk",
        /// A git repository that the node clones.
        GitRepo = "gitRepo",
        /// A GlusterFS volume.
        Glusterfs = "glusterfs",
        /// A file or directory of the node.
        HostPath = "hostPath",
        /// Files of an image or artifact.
        Image = "image",
        /// A device of an iSCSI target.
        Iscsi = "iscsi",
        /// An NFS export.
        Nfs = "nfs",
        /// A claim of the pod's namespace.
        PersistentVolumeClaim = "persistentVolumeClaim",
        /// A disk of Photon.
        PhotonPersistentDisk = "photonPersistentDisk",
        /// A Portworx volume.
        PortworxVolume = "portworxVolume",
        /// Several of `configMap`, `downwardAPI`, `secret` and tokens in one directory.
        Projected = "projected",
        /// A Quobyte volume.
        Quobyte = "quobyte",
        /// A device of a Ceph cluster.
        Rbd = "rbd",
        /// A ScaleIO volume.
        ScaleIo = "scaleIO",
        /// Keys of a `Secret` as files.
        Secret = "secret",
        /// A StorageOS volume.
        Storageos = "storageos",
        /// A disk of vSphere.
        VsphereVolume = "vsphereVolume",
        /// All of them; a word of the settings only.
        Any = "*",
    }
}

crate::settings! {
    /// Pods mount only types of volume that are allowed.
    ///
    /// Volumes of the node's files and devices lead out of the container, and network storage named in the
    /// pod itself goes past the claims, classes and quotas that administrators keep; with `gitRepo`, a
    /// repository could run programs as root on the node (CVE-2024-10220). What is allowed by default holds
    /// the pod's own data, or storage that somebody with the right to do so has set up.
    ///
    /// **Restricted fields:** the sources in `spec.volumes[*]`.
    ///
    /// **Allowed values:** those of `allowedTypes`. A volume without a source counts as `emptyDir`, as the
    /// API server fills it in. A source that Kubernetes 1.37 does not know is a violation.
    ///
    /// **Kubernetes:** all versions; the default is what the restricted standard allows. Applies to Windows
    /// pods too.
    pub struct VolumeTypes {
        /// Types that may be used, by the field of their source, such as `configMap`; `*` alone for all that
        /// Kubernetes has.
        allowed_types("allowedTypes"): Vec<VolumeType> = RESTRICTED.to_vec() => alone(VolumeType::Any.word()),
    }
    check(this) {
        if this.allows_any() && this.allowed_types.len() > 1 {
            return Err(SettingsError::new("`*` allows every type; leave the others out").under("allowedTypes"));
        }
    }
}

/// Sources of the restricted level, in every version: `image`, which came with 1.33, counts for older ones too.
const RESTRICTED: [VolumeType; 9] = [
    VolumeType::ConfigMap,
    VolumeType::Csi,
    VolumeType::DownwardApi,
    VolumeType::EmptyDir,
    VolumeType::Ephemeral,
    VolumeType::Image,
    VolumeType::PersistentVolumeClaim,
    VolumeType::Projected,
    VolumeType::Secret,
];

impl RuleMeta for VolumeTypes {
    const ID: &'static str = "volume-types";
    const TITLE: &'static str = "Only allowed types of volume are used";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = false;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/concepts/storage/volumes/#volume-types",
    ];
    const BY_HAND: &'static str = "choose where the data should live";
    const EXAMPLE: Example = Example {
        rejected: "{containers: [{volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, nfs: \
              {server: files.example.com, path: /data}}]}",
        accepted: "{containers: [{volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, \
              persistentVolumeClaim: {claimName: data}}]}",
        fix: "Let an administrator set the storage up as a `PersistentVolume` or a storage class, and mount it \
              through a `persistentVolumeClaim`.",
    };
}

impl Rule for VolumeTypes {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for (index, volume) in view.volumes() {
            let path = format!("volumes[{index}]");
            let mut add = |path: &str, found: Found, demand: &str| {
                report.add(Violation::in_volume(view, volume, path, found, demand));
            };
            // The API server refuses several sources, so each of them is judged.
            for source in volume.sources().filter(|source| !self.allows(source)) {
                let mut at = path.clone();
                push_key(&mut at, source);
                add(&at, found(volume, source), &self.demand(source));
            }
            if volume.sources().next().is_none() && !self.allows(EMPTY_DIR) {
                let name = json::string(volume.name.as_deref().unwrap_or_default());
                let found = Found::Json(["{\"name\":", &name, "}"].concat());
                let demand = ["must have a source, without one it is an emptyDir, which ", &self.demand(EMPTY_DIR)];
                add(&path, found, &demand.concat());
            }
        }
    }
}

/// Whether Kubernetes has or had such a type of volume.
fn is_known(source: &str) -> bool {
    source != VolumeType::Any.word() && VolumeType::WORDS.contains(&source)
}

/// The type of a volume without a source.
const EMPTY_DIR: &str = "emptyDir";

/// Returns the value of the source. It is part of what tells a violation from the one before an update: another
/// server's export is another violation.
fn found(volume: &Volume<'_>, source: &str) -> Found {
    let (key, value) = match (source, &volume.host_path, &volume.image) {
        ("hostPath", Some(host_path), _) => ("path", &host_path.path),
        ("image", _, Some(image)) => ("reference", &image.reference),
        _ => return volume.other(source).map_or(Found::Unset, Found::raw),
    };
    let value = value.as_deref().map_or("null".to_owned(), json::string);
    Found::Json(["{\"", key, "\":", &value, "}"].concat())
}

impl VolumeTypes {
    fn allows_any(&self) -> bool {
        self.allowed_types.contains(&VolumeType::Any)
    }

    fn allows(&self, source: &str) -> bool {
        is_known(source) && (self.allows_any() || self.allowed_types.iter().any(|allowed| allowed.word() == source))
    }

    /// Describes what is wanted instead of a volume of `source`.
    fn demand(&self, source: &str) -> String {
        if !is_known(source) {
            return "must not be used, Kubernetes has no such type of volume".to_owned();
        }
        if self.allowed_types.is_empty() {
            return "must not be used".to_owned();
        }
        let allowed: Vec<&str> = self.allowed_types.iter().map(|allowed| allowed.word()).collect();
        ["must not be used, only ", &allowed.join(", "), " may"].concat()
    }
}

standard!(VolumeTypes {
    /// `volumes[]`
    Restricted "volume-types" instead of "host-path-volumes", upstream "restrictedVolumes" {
        0 => "only `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, \
              `projected`, `secret`, or no source, which becomes an `emptyDir`", check restricted_1_0;
    }
});

/// The standard is content with one good source; the API server refuses a second.
fn restricted_1_0(view: &View<'_>, report: &mut Report) {
    for (index, volume) in view.volumes() {
        if volume.sources().any(|source| RESTRICTED.iter().any(|allowed| allowed.word() == source)) {
            continue;
        }
        if let Some(source) = volume.sources().next() {
            let wanted = format!("must be a volume of another type: {}", RESTRICTED.map(VolumeType::word).join(", "));
            report.add(bad_source(view, index, volume, source, &wanted));
        }
    }
}

#[inline(never)]
fn bad_source(view: &View<'_>, index: usize, volume: &Volume<'_>, source: &str, wanted: &str) -> Violation {
    let is_host_path = source == VolumeType::HostPath.word();
    let found = if is_host_path {
        volume.host_path.as_ref().and_then(|host_path| host_path.path.as_deref()).map(Found::text)
    } else {
        volume.other(source).map(Found::raw)
    };
    let field = if is_host_path { "hostPath.path" } else { source };
    let field = format!("volumes[{index}].{field}");
    Violation::in_volume(view, volume, &field, found.unwrap_or(Found::Unset), wanted)
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        pod(r#"{"volumes":[{"name":"v"}]}"#),
        pod(r#"{"volumes":[{"name":"v","emptyDir":null}]}"#),
        pod(r#"{"volumes":[{"name":"v","nfs":null}]}"#),
        pod(r#"{"volumes":[{"name":"v","configMap":{}},{"name":"v","csi":{}},{"name":"v","downwardAPI":{}},
            {"name":"v","emptyDir":{}},{"name":"v","ephemeral":{}},{"name":"v","image":{}},{"name":"v",
            "persistentVolumeClaim":{}},{"name":"v","projected":{}},{"name":"v","secret":{}}]}"#),
        pod(r#"{"volumes":[{"name":"v","awsElasticBlockStore":{}},{"name":"v","azureDisk":{}},{"name":"v",
            "azureFile":{}},{"name":"v","cephfs":{}},{"name":"v","cinder":{}},{"name":"v","fc":{}},
            {"name":"v","flexVolume":{}},{"name":"v","flocker":{}},{"name":"v","gcePersistentDisk":{}},
            {"name":"v","gitRepo":{}},{"name":"v","glusterfs":{}},{"name":"v","iscsi":{}},{"name":"v",
            "nfs":{}},{"name":"v","photonPersistentDisk":{}},{"name":"v","portworxVolume":{}},{"name":"v",
            "quobyte":{}},{"name":"v","rbd":{}},{"name":"v","scaleIO":{}},{"name":"v","storageos":{}},
            {"name":"v","vsphereVolume":{}},{"name":"v","unheardOf":{}}]}"#)
        .restricted(
            0..,
            "spec.volumes[0].awsElasticBlockStore spec.volumes[1].azureDisk spec.volumes[2].azureFile
                 spec.volumes[3].cephfs spec.volumes[4].cinder spec.volumes[5].fc spec.volumes[6].flexVolume
                 spec.volumes[7].flocker spec.volumes[8].gcePersistentDisk spec.volumes[9].gitRepo
                 spec.volumes[10].glusterfs spec.volumes[11].iscsi spec.volumes[12].nfs
                 spec.volumes[13].photonPersistentDisk spec.volumes[14].portworxVolume spec.volumes[15].quobyte
                 spec.volumes[16].rbd spec.volumes[17].scaleIO spec.volumes[18].storageos
                 spec.volumes[19].vsphereVolume spec.volumes[20].unheardOf",
        ),
        pod(r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}"#).restricted(0.., "spec.volumes[0].hostPath.path"),
        pod(r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"},"emptyDir":{}}]}"#),
        pod(r#"{"volumes":[{"name":"v","nfs":{},"hostPath":{}}]}"#).restricted(0.., "spec.volumes[0].hostPath.path"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::settings::Setting;

    /// The types that the restricted standard allows.
    const DEFAULT: &[&str] = &[
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];

    /// A pod with these volumes.
    fn pod(volumes: &Value) -> String {
        json!({ "volumes": volumes, "containers": [{}] }).to_string()
    }

    /// The paths below `spec.` of the violations of a pod with these volumes.
    fn found(settings: &str, volumes: &Value) -> Vec<String> {
        paths::<VolumeTypes>(settings, &pod(volumes)).into_iter().map(|at| at.replacen("spec.", "", 1)).collect()
    }

    #[test]
    fn every_type_is_judged_by_the_list() {
        let types: Vec<&&str> = VolumeType::WORDS.iter().filter(|word| is_known(word)).collect();
        assert!(types.is_sorted());
        assert_eq!(types.len(), 30);
        for word in types {
            let volumes = json!([{ "name": "v", *word: {} }]);
            let refused = vec![format!("volumes[0].{word}")];
            let by_default = if DEFAULT.contains(word) { vec![] } else { refused.clone() };
            assert_eq!(found("{}", &volumes), by_default, "{word}");
            let alone = json!({ "allowedTypes": [word] }).to_string();
            assert_eq!(found(&alone, &volumes), Vec::<String>::new(), "{word}");
            assert_eq!(found(r#"{"allowedTypes":["*"]}"#, &volumes), Vec::<String>::new(), "{word}");
            assert_eq!(found(r#"{"allowedTypes":[]}"#, &volumes), refused, "{word}");
            let other = if *word == "nfs" { "rbd" } else { "nfs" };
            assert_eq!(found(&json!({ "allowedTypes": [other] }).to_string(), &volumes), refused, "{word}");
        }
    }

    #[test]
    fn any_type_is_one_that_kubernetes_has() {
        let any = r#"{"allowedTypes":["*"]}"#;
        for (source, expected) in [("*", "volumes[0][\"*\"]"), ("unheardOf", "volumes[0].unheardOf")] {
            assert_eq!(found(any, &json!([{ "name": "v", source: {} }])), [expected]);
        }
        assert_eq!(found(any, &json!([{ "name": "v" }])), Vec::<String>::new());
        let error = settings_error::<VolumeTypes>(r#"{"allowedTypes":["*","nfs"]}"#).unwrap();
        assert_eq!(error, "allowedTypes: `*` allows every type; leave the others out");
    }

    #[test]
    fn the_default_is_the_standard() {
        assert_eq!(VolumeTypes::default().allowed_types.to_json(), json!(DEFAULT));
    }
}
