//! Checks `host-path-volumes` and `volume-types`: where volumes come from.

use super::context::by_rule;
use crate::pod::Volume;
use crate::rules::host_path_volumes::HostPathVolumes;
use crate::view::View;
use crate::violation::{Found, Report, Violation};

const HOST_PATH: &str = "hostPath";

/// Sources of the restricted level, in every version: `image`, which came with 1.33, counts for older ones too.
const SOURCES: &[&str] = &[
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

/// Since 1.0: no volume is a path of the node.
pub(super) fn host_path_volumes_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&HostPathVolumes { allowed_paths: Vec::new() }, view, report);
}

/// Since 1.0: every volume has a source of the list, or none, which the API server makes an `emptyDir`.
pub(super) fn volume_types_1_0(view: &View<'_>, report: &mut Report) {
    for (index, volume) in view.volumes() {
        // The standard is content with one good source; the API server refuses a second.
        if volume.sources().any(|source| SOURCES.contains(&source)) {
            continue;
        }
        if let Some(source) = volume.sources().next() {
            let wanted = format!("must be a volume of another type: {}", SOURCES.join(", "));
            report.add(violation(view, index, volume, source, &wanted));
        }
    }
}

#[inline(never)]
fn violation(view: &View<'_>, index: usize, volume: &Volume<'_>, source: &str, wanted: &str) -> Violation {
    let found = if source == HOST_PATH {
        volume.host_path.as_ref().and_then(|host_path| host_path.path.as_deref()).map(Found::text)
    } else {
        volume.other(source).map(Found::raw)
    };
    let field = if source == HOST_PATH { "hostPath.path" } else { source };
    let field = format!("volumes[{index}].{field}");
    Violation::in_volume(view, volume, &field, found.unwrap_or(Found::Unset), wanted)
}

#[cfg(test)]
use super::cases::{BASELINE, Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const HOST_PATH_CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v"}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","hostPath":null}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","emptyDir":{}},{"name":"v","nfs":{}}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","emptyDir":{}},{"name":"v","hostPath":{"path":"/x"}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.volumes[1].hostPath.path"])] },
    Case { pod: r#"{"volumes":[{"name":"v","hostPath":{}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.volumes[0].hostPath.path"])] },
    Case { pod: r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"},"emptyDir":{}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.volumes[0].hostPath.path"])] },
];

#[cfg(test)]
#[rustfmt::skip]
pub(super) const TYPE_CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v"}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","emptyDir":null}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","nfs":null}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","configMap":{}},{"name":"v","csi":{}},{"name":"v","downwardAPI":{}},{"name":"v","emptyDir":{}},{"name":"v","ephemeral":{}},{"name":"v","image":{}},{"name":"v","persistentVolumeClaim":{}},{"name":"v","projected":{}},{"name":"v","secret":{}}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","awsElasticBlockStore":{}},{"name":"v","azureDisk":{}},{"name":"v","azureFile":{}},{"name":"v","cephfs":{}},{"name":"v","cinder":{}},{"name":"v","fc":{}},{"name":"v","flexVolume":{}},{"name":"v","flocker":{}},{"name":"v","gcePersistentDisk":{}},{"name":"v","gitRepo":{}},{"name":"v","glusterfs":{}},{"name":"v","iscsi":{}},{"name":"v","nfs":{}},{"name":"v","photonPersistentDisk":{}},{"name":"v","portworxVolume":{}},{"name":"v","quobyte":{}},{"name":"v","rbd":{}},{"name":"v","scaleIO":{}},{"name":"v","storageos":{}},{"name":"v","vsphereVolume":{}},{"name":"v","unheardOf":{}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.volumes[0].awsElasticBlockStore", "spec.volumes[1].azureDisk", "spec.volumes[2].azureFile", "spec.volumes[3].cephfs", "spec.volumes[4].cinder", "spec.volumes[5].fc", "spec.volumes[6].flexVolume", "spec.volumes[7].flocker", "spec.volumes[8].gcePersistentDisk", "spec.volumes[9].gitRepo", "spec.volumes[10].glusterfs", "spec.volumes[11].iscsi", "spec.volumes[12].nfs", "spec.volumes[13].photonPersistentDisk", "spec.volumes[14].portworxVolume", "spec.volumes[15].quobyte", "spec.volumes[16].rbd", "spec.volumes[17].scaleIO", "spec.volumes[18].storageos", "spec.volumes[19].vsphereVolume", "spec.volumes[20].unheardOf"])] },
    Case { pod: r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.volumes[0].hostPath.path"])] },
    Case { pod: r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"},"emptyDir":{}}]}"#, bad: &[] },
    Case { pod: r#"{"volumes":[{"name":"v","nfs":{},"hostPath":{}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.volumes[0].hostPath.path"])] },
];
