//! JSON that a pod cannot be made of: Kubernetes' decoder refuses it, so it is never accepted.

use hardening::standard::{Level, Version};
use serde_json::json;

use super::{bundle, cells, settings};
use crate::support::reply;

/// The answer to a Pod written as text.
fn answer(cell: super::Cell, pod: &str) -> Result<bool, String> {
    let request = format!(
        r#"{{"uid":"u","operation":"CREATE","kind":{{"group":"","version":"v1","kind":"Pod"}},"object":{pod}}}"#
    );
    let payload = format!(r#"{{"settings":{},"request":{request}}}"#, settings(cell));
    reply(bundle(), payload.as_bytes()).map(|answer| answer["accepted"] == json!(true))
}

/// A pod that passes restricted, with text put into it: members of the pod spec, of its security context, of
/// the container and of the container's context.
fn pod(spec: &str, context: &str, container: &str, own: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p"}},"spec":{{
            "securityContext":{{"runAsNonRoot":true,"seccompProfile":{{"type":"RuntimeDefault"}}{context}}},
            "containers":[{{"name":"a","securityContext":{{"allowPrivilegeEscalation":false,"capabilities":{{"drop":["ALL"]}}{own}}}{container}}}]{spec}}}}}"#
    )
}

#[test]
fn the_pod_itself_passes() {
    for cell in cells() {
        assert_eq!(answer(cell, &pod("", "", "", "")), Ok(true), "{cell:?}");
    }
}

#[test]
fn values_of_another_type_are_refused() {
    let newest = [Level::Baseline, Level::Restricted].map(|level| (level, Version::LATEST));
    for cell in newest {
        for bad in [
            pod(r#","hostNetwork":"true""#, "", "", ""),
            pod(r#","hostPID":1"#, "", "", ""),
            pod(r#","hostIPC":"false""#, "", "", ""),
            pod(r#","hostUsers":"false""#, "", "", ""),
            pod(r#","os":"windows""#, "", "", ""),
            pod(r#","os":{"name":["windows"]}"#, "", "", ""),
            pod(r#","volumes":{}"#, "", "", ""),
            pod(r#","volumes":["a"]"#, "", "", ""),
            pod(r#","volumes":[{"name":"v","hostPath":"/"}]"#, "", "", ""),
            pod(r#","volumes":[{"name":"v","emptyDir":"x"}]"#, "", "", ""),
            pod(r#","volumes":[{"name":"v","secret":[]}]"#, "", "", ""),
            pod(r#","volumes":[{"name":"v","configMap":false}]"#, "", "", ""),
            pod(r#","initContainers":{}"#, "", "", ""),
            pod(r#","ephemeralContainers":["a"]"#, "", "", ""),
            pod("", r#","runAsUser":"1""#, "", ""),
            pod("", r#","runAsUser":1.0"#, "", ""),
            pod("", r#","runAsUser":0.0"#, "", ""),
            pod("", r#","runAsUser":1e0"#, "", ""),
            pod("", r#","runAsUser":1E3"#, "", ""),
            pod("", r#","runAsUser":9223372036854775808"#, "", ""),
            pod("", r#","runAsUser":-9223372036854775809"#, "", ""),
            pod("", r#","runAsUser":123456789012345678901234567890"#, "", ""),
            pod("", r#","sysctls":{}"#, "", ""),
            pod("", r#","sysctls":["a"]"#, "", ""),
            pod("", r#","sysctls":[{"name":1}]"#, "", ""),
            pod("", r#","appArmorProfile":"RuntimeDefault""#, "", ""),
            pod("", r#","appArmorProfile":{"type":1}"#, "", ""),
            pod("", r#","seLinuxOptions":{"type":false}"#, "", ""),
            pod("", r#","windowsOptions":{"hostProcess":"true"}"#, "", ""),
            pod("", "", r#","ports":{}"#, ""),
            pod("", "", r#","ports":[{"hostPort":"80"}]"#, ""),
            pod("", "", r#","ports":[{"hostPort":80.0}]"#, ""),
            pod("", "", r#","ports":[{"hostPort":0.0}]"#, ""),
            pod("", "", r#","ports":[{"hostPort":4294967296}]"#, ""),
            pod("", "", r#","livenessProbe":{"httpGet":{"host":1}}"#, ""),
            pod("", "", r#","lifecycle":{"preStop":{"tcpSocket":"x"}}"#, ""),
            pod("", "", "", r#","privileged":"true""#),
            pod("", "", "", r#","privileged":1"#),
            pod("", "", "", r#","procMount":true"#),
            pod("", "", "", r#","runAsNonRoot":"true""#),
            pod("", "", "", r#","runAsUser":0.0"#),
            pod("", "", "", r#","seccompProfile":["RuntimeDefault"]"#),
            // Twice: which one counts is for nobody to guess.
            pod("", "", "", r#","capabilities":{}"#),
            pod("", "", "", r#","allowPrivilegeEscalation":true"#),
            pod(r#","containers":[]"#, "", "", ""),
            pod(r#","hostPID":false,"hostPID":true"#, "", "", ""),
        ] {
            assert_ne!(answer(cell, &bad), Ok(true), "{cell:?}: {bad}");
        }
    }
}

#[test]
fn nothing_is_read_into_unset_empty_and_unknown() {
    for cell in cells() {
        for fine in [
            pod(r#","hostNetwork":null,"hostUsers":null,"os":null,"volumes":null,"initContainers":null"#, "", "", ""),
            pod(r#","os":{},"volumes":[],"ephemeralContainers":[]"#, "", "", ""),
            pod(r#","volumes":[null,{"name":"v"},{"name":"w","nfs":null}]"#, "", "", ""),
            pod(r#","hostpid":true,"HostPID":true,"hostpath":[{}]"#, "", "", ""),
            pod("", r#","runAsUser":null,"sysctls":null,"seLinuxOptions":{},"windowsOptions":{}"#, "", ""),
            pod("", r#","seLinuxOptions":{"type":"","user":"","role":""},"runasuser":0"#, "", ""),
            pod(
                "",
                "",
                r#","ports":[null,{},{"hostPort":0},{"hostPort":null}],"livenessProbe":{},"lifecycle":null"#,
                "",
            ),
            pod("", "", r#","livenessProbe":{"httpGet":{"host":""}},"unknown":{"hostPort":1}"#, ""),
            pod("", "", "", r#","privileged":null,"procMount":null,"Privileged":true"#),
        ] {
            assert_eq!(answer(cell, &fine), Ok(true), "{cell:?}: {fine}");
        }
    }
}
