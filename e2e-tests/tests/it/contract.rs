//! The contract of every compiled policy, whatever its rule.

use std::collections::BTreeSet;

use cases::BUNDLE;
use cases::examples::Manifests;
use e2e_tests::policies::{ids, modules};
use hardening::catalogue;
use hardening::workload::WORKLOADS;
use sandbox::{METADATA_SECTION, PolicyMetadata, custom_section};
use serde_json::{Value, json};

use crate::support::{payload, pod_request, policies, reply, scalars};
use wasmparser::{Parser, Payload};

/// Largest module of a rule, and of the bundle.
const RULE_LIMIT: usize = 192 << 10;
const BUNDLE_LIMIT: usize = 384 << 10;

#[test]
fn modules_import_from_wapc_only() {
    for (id, wasm) in modules(&ids()).unwrap() {
        for part in Parser::new(0).parse_all(&wasm) {
            if let Payload::ImportSection(section) = part.unwrap() {
                for import in section.into_imports() {
                    let import = import.unwrap();
                    assert_eq!(import.module, "wapc", "{id} imports {}.{}", import.module, import.name);
                }
            }
        }
    }
}

#[test]
fn modules_export_what_wapc_calls() {
    for (id, wasm) in modules(&ids()).unwrap() {
        let mut exports = BTreeSet::new();
        for part in Parser::new(0).parse_all(&wasm) {
            if let Payload::ExportSection(section) = part.unwrap() {
                exports.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
            }
        }
        for name in ["memory", "__guest_call", "wapc_init"] {
            assert!(exports.contains(name), "{id} does not export {name}, only {exports:?}");
        }
    }
}

#[test]
fn modules_are_small() {
    for (id, wasm) in modules(&ids()).unwrap() {
        let limit = if id == BUNDLE { BUNDLE_LIMIT } else { RULE_LIMIT };
        assert!(wasm.len() <= limit, "{id}: {} bytes, {limit} allowed", wasm.len());
    }
}

#[test]
fn metadata_names_every_workload_kind_and_subresource() {
    let wanted: BTreeSet<(&str, &str)> = WORKLOADS.iter().map(|w| (w.groups[0], w.resource)).collect();
    for (id, wasm) in modules(&ids()).unwrap() {
        let metadata = PolicyMetadata::from_wasm(&wasm).unwrap().unwrap_or_else(|| panic!("{id} has no metadata"));
        assert_eq!(metadata.protocol_version.as_deref(), Some("v1"), "{id}");
        assert_eq!(metadata.execution_mode, "kubewarden-wapc", "{id}");
        assert!(metadata.background_audit, "{id}");
        let rule = catalogue::every().into_iter().find(|rule| rule.id == id);
        assert_eq!(metadata.mutating, rule.is_none_or(|rule| rule.mutates), "{id}");

        let (created, updated) = (watched(&metadata, "CREATE"), watched(&metadata, "UPDATE"));
        assert_eq!(created, wanted, "{id}");
        let parts = BTreeSet::from([("", "pods/ephemeralcontainers"), ("", "pods/resize")]);
        assert_eq!(updated, wanted.union(&parts).copied().collect(), "{id}");

        let section: Value = serde_json::from_slice(custom_section(&wasm, METADATA_SECTION).unwrap().unwrap()).unwrap();
        for key in ["title", "description", "author", "license", "severity", "version"] {
            let value = &section["annotations"][format!("io.kubewarden.policy.{key}")];
            assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{id} has no {key}");
        }
    }
}

/// API group and resource of everything that the policy wants to see on `operation`.
fn watched<'m>(metadata: &'m PolicyMetadata, operation: &str) -> BTreeSet<(&'m str, &'m str)> {
    let mut watched = BTreeSet::new();
    for rule in metadata.rules.iter().filter(|rule| rule.operations.iter().any(|o| o == operation)) {
        for group in &rule.api_groups {
            watched.extend(rule.resources.iter().map(|resource| (group.as_str(), resource.as_str())));
        }
    }
    watched
}

#[test]
fn the_protocol_is_v1() {
    for (id, policy) in policies().iter() {
        assert_eq!(policy.protocol_version().unwrap(), "v1", "{id}");
    }
}

#[test]
fn default_settings_are_valid_and_noise_is_not() {
    for (id, policy) in policies().iter() {
        for fine in ["{}", "null"] {
            assert!(policy.validate_settings(fine).unwrap().valid, "{id}: {fine}");
        }
        for bad in [&b""[..], b"{", b"hunter2", b"[]", b"7", b"{\"hunter2\":1,\"hunter2\":1}", b"{} {}", &[0xff, 0xfe]]
        {
            let answer = policy.call("validate_settings", bad).unwrap();
            let verdict: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(verdict["valid"], json!(false), "{id}: {bad:?}");
            assert!(verdict["message"].as_str().is_some_and(|text| !text.is_empty()), "{id}: {bad:?}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bare = json!({ "name": "app", "image": "app", "securityContext": { "capabilities": { "add": ["A", "B"] } } });
    let spec = json!({ "containers": [bare, bare], "initContainers": [bare], "hostNetwork": true });
    for (id, policy) in policies().iter() {
        for settings in [json!({}), json!({ "action": "warn" }), json!({ "action": "mutate", "overwrite": true })] {
            let payload = payload(&settings, &pod_request(&spec));
            let first = reply(policy, payload.as_bytes());
            for _ in 0..3 {
                assert_eq!(reply(policy, payload.as_bytes()), first, "{id} {settings}");
            }
        }
    }
}

/// Whatever no rule looks at comes out as it went in, to the byte: every rule that repairs anything repairs its own
/// example.
#[test]
fn mutation_keeps_the_text_of_what_it_does_not_touch() {
    let of_pod = r#""big":123456789012345678901234567890,"float":1.50e0"#;
    let of_container = r#""escaped":"\u00e9\/","order":{"z":1,"a":[ 1 , 2 ]}"#;
    for rule in catalogue::all().into_iter().filter(|rule| rule.mutates) {
        let mut settings = match rule.id {
            "run-as-user" => json!({ "user": { "default": 1 }, "group": { "default": 1 } }),
            "resources" => json!({ "requests": {}, "limits": { "cpu": { "default": 1 }, "memory": { "default": 1 } } }),
            _ => json!({}),
        };
        settings["action"] = json!("mutate");
        settings["overwrite"] = json!(true);
        let spec = Manifests::of(&rule).unwrap().rejected["spec"].to_string();
        let containers = r#""containers":[{"#;
        assert!(spec.contains(containers), "{}: {spec}", rule.id);
        let spec = spec.replacen(containers, &format!("{containers}{of_container},"), 1);
        let spec = spec.replacen('{', &format!("{{{of_pod},"), 1);
        let request = format!(r#"{{"operation":"CREATE","kind":{{"kind":"Pod"}},"object":{{"spec":{spec}}}}}"#);
        let response = policies().get(rule.id).unwrap().validate(&settings.to_string(), &request).unwrap();
        let mutated = response.mutated_object.unwrap_or_else(|| {
            panic!("{}: {:?}: name settings here that repair its example", rule.id, response.message)
        });
        for text in [of_pod, of_container] {
            assert!(mutated.get().contains(text), "{}: {text} is lost in {}", rule.id, mutated.get());
        }
    }
}

/// Plants a secret in every place of a request, one after another, and makes something unreadable: the error
/// must not tell it.
#[test]
fn errors_never_quote_the_payload() {
    const SECRET: &str = "hunter2-swordfish";
    let container = json!({
        "name": "app", "image": "app:1", "securityContext": { "privileged": true, "capabilities": { "drop": ["ALL"] } },
        "resources": { "limits": { "cpu": "1" } }, "env": [{ "name": "TOKEN", "value": "x" }],
        "volumeMounts": [{ "name": "v", "mountPath": "/v", "readOnly": true }], "ports": [{ "hostPort": 1 }],
        "livenessProbe": { "httpGet": { "host": "h" } },
    });
    let request = json!({
        "uid": "u", "operation": "CREATE", "namespace": "n", "subResource": "",
        "kind": { "group": "", "version": "v1", "kind": "Pod" },
        "object": {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "n", "namespace": "n", "annotations": { "a": "b" }, "deletionTimestamp": "t" },
            "spec": {
                "containers": [container], "initContainers": [container], "os": { "name": "linux" },
                "securityContext": {
                    "runAsUser": 1, "runAsNonRoot": true, "supplementalGroups": [1], "fsGroup": 1,
                    "seccompProfile": { "type": "RuntimeDefault" }, "seLinuxOptions": { "type": "t" },
                    "sysctls": [{ "name": "s" }], "windowsOptions": { "hostProcess": false },
                },
                "hostNetwork": false, "volumes": [{ "name": "v", "hostPath": { "path": "/" } }],
                "serviceAccountName": "s",
            },
        },
    });
    let policy = policies().get(BUNDLE).unwrap();
    let mut errors = 0;
    for place in scalars(&request) {
        // The text, the text in an object (its key too), in a list, and a number that shows it was read.
        for planted in [json!(SECRET), json!({ SECRET: SECRET }), json!([SECRET]), json!([{ SECRET: [SECRET] }])] {
            let mut request = request.clone();
            *request.pointer_mut(&place).unwrap() = planted;
            let whole = payload(&json!({}), &request);
            // Cut off in the middle of the secret, too.
            let cut = whole.find(SECRET).map(|at| &whole[..at + SECRET.len() - 2]);
            for payload in [Some(whole.as_str()), cut].into_iter().flatten() {
                if let Err(error) = reply(policy, payload.as_bytes()) {
                    errors += 1;
                    assert!(!error.contains("hunter2"), "{place}: {error}");
                }
            }
        }
    }
    assert!(errors > 100, "only {errors} of the payloads were errors");
}
