//! Which volumes belong to the group of `fsGroup`.

use serde_json::Value;

/// The kinds whose owner the kubelet leaves as it is.
const UNCHANGED: [&str; 8] = ["azureFile", "cephfs", "flexVolume", "glusterfs", "hostPath", "image", "nfs", "quobyte"];
/// The kinds that everybody may write into, or nobody.
const FOR_ALL: [&str; 5] = ["configMap", "downwardAPI", "emptyDir", "projected", "secret"];

/// Whether the kubelet gives a volume of a kind to `fsGroup`.
pub(crate) fn takes_group(kind: &str) -> bool {
    !UNCHANGED.contains(&kind)
}

/// Whether a volume of a pod's `spec` is like a new disk: it belongs to root until `fsGroup` gives it to a group. A
/// volume that the pod does not name is a claim of its StatefulSet.
pub(crate) fn is_disk(pod: &Value, name: &str) -> bool {
    let volume = pod["volumes"].as_array().into_iter().flatten().find(|volume| volume["name"] == name);
    let Some(volume) = volume.and_then(Value::as_object) else { return true };
    let kind = volume.iter().find(|(key, value)| *key != "name" && !value.is_null());
    // One without a kind is an `emptyDir`.
    kind.is_some_and(|(kind, _)| takes_group(kind) && !FOR_ALL.contains(&kind.as_str()))
}
