use std::path::Path;

use hardening::bundle::Bundle;
use hardening::policy::Load;
use hardening::settings::read_group;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::*;

fn read(config: Value) -> Result<Config, String> {
    let raw: Box<RawValue> = to_raw_value(&config).unwrap();
    read_group(&raw).map_err(|error| error.to_string())
}

fn settings(config: Value) -> Value {
    read(config).unwrap().settings()
}

#[test]
fn the_configuration_becomes_the_bundles_settings() {
    for (config, expected) in [
        (json!({}), json!({})),
        (json!({"profile": "hardening", "kubernetesVersion": "v1.30"}), json!({})),
        (
            json!({"profile": "baseline", "kubernetesVersion": "v1.30", "warn": "restricted", "warnVersion": "v1.31"}),
            json!({"profile": "baseline", "version": "v1.30", "warn": "restricted", "warnVersion": "v1.31"}),
        ),
        (
            json!({"rules": {"image-tag": {"requireDigest": true}, "resources": "warn", "selinux-options": false}}),
            json!({"rules": {"image-tag": {"requireDigest": true}, "resources": "warn", "selinux-options": false}}),
        ),
        (
            json!({
                "podTemplates": ["/spec/pod"], "unknownKinds": "reject", "existingViolations": "reject",
                "exemptions": [{"namespaces": ["kube-system"], "reason": "not ours"}],
            }),
            json!({
                "podTemplates": ["/spec/pod"], "unknownKinds": "reject", "existingViolations": "reject",
                "exemptions": [{"namespaces": ["kube-system"], "reason": "not ours"}],
            }),
        ),
    ] {
        assert_eq!(settings(config.clone()), expected, "{config}");
    }
}

#[test]
fn an_exemption_for_some_rules_goes_to_these() {
    let exemption = json!({"containers": ["agent"]});
    let of = |rules: Value| {
        settings(json!({
            "rules": rules,
            "exemptions": [{"containers": ["agent"], "rules": ["privileged", "volume-types"]}],
        }))["rules"]
            .clone()
    };
    assert_eq!(of(json!({})), json!({"privileged": {"exemptions": [exemption]}}), "volume-types is not in the profile");
    assert_eq!(of(json!({"privileged": "warn"}))["privileged"], json!({"action": "warn", "exemptions": [exemption]}));
    assert_eq!(of(json!({"privileged": false}))["privileged"], json!(false));
    let own = json!({"containers": ["other"]});
    let both = of(json!({"privileged": {"requireExplicit": false, "exemptions": [own]}, "volume-types": true}));
    assert_eq!(both["privileged"], json!({"requireExplicit": false, "exemptions": [own, exemption]}));
    assert_eq!(both["volume-types"], json!({"exemptions": [exemption]}));
}

#[test]
fn rules_below_the_threshold_warn() {
    let rules =
        settings(json!({"failOn": "critical", "rules": {"image-tag": {"requireDigest": true}, "resources": "reject"}}))
            ["rules"]
            .clone();
    assert_eq!(rules["image-tag"], json!({"requireDigest": true, "action": "warn"}));
    assert_eq!(rules["resources"], json!("reject"), "what is written stays");
    assert_eq!(rules["seccomp-profile"], json!("warn"));
    assert_eq!(rules.get("privileged"), None, "privileged is critical");
    let never = settings(json!({"failOn": "never", "profile": "baseline"}));
    assert!(never["rules"].as_object().unwrap().values().all(|entry| entry == "warn"), "{never}");
}

#[test]
fn overrides_hold_for_their_files_and_not_for_the_cluster() {
    let config = read(json!({
        "rules": {"privileged": "warn", "image-tag": false},
        "overrides": [
            {"paths": ["charts/"], "profile": "baseline", "rules": {"privileged": false}, "failOn": "never"},
            {"paths": ["charts/ours/"], "profile": "restricted", "exemptions": [{"containers": ["x"]}]},
        ],
    }))
    .unwrap();
    let of = |path: &str| config.settings_for(Path::new(path));
    assert_eq!(of("app/web.yaml"), config.settings());
    assert_eq!(of("charts/x.yaml")["profile"], "baseline");
    assert_eq!(of("charts/x.yaml")["rules"]["privileged"], json!(false));
    assert_eq!(of("charts/x.yaml")["rules"].get("image-tag"), None, "the root's rules are not those of this profile");
    assert_eq!(of("charts/ours/x.yaml")["profile"], "restricted");
    assert_eq!(of("charts/ours/x.yaml")["rules"]["privileged"], json!("warn"), "as failOn has it");
    assert_eq!(of("charts/ours/x.yaml")["exemptions"], json!([{"containers": ["x"]}]));
    assert_eq!(config.fail_on_for(Path::new("charts/x.yaml")), FailOn::Never);
    assert_eq!(config.fail_on_for(Path::new("app/x.yaml")), FailOn::Low);
}

#[test]
fn what_is_not_allowed_is_named() {
    for (config, message) in [
        (json!({"profil": "baseline"}), "profil: unknown setting"),
        (json!({"rules": {"privilege": false}}), "rules.privilege: unknown rule, did you mean privileged?"),
        (json!({"overrides": [{"rules": {}}]}), "overrides[0].paths: must name at least one glob"),
        (json!({"exemptions": [{"reason": "x"}]}), "exemptions[0]: an exemption needs at least one of"),
        (json!({"exemptions": [{"containers": ["a"], "rules": ["x-y"]}]}), "exemptions[0].rules[0]: unknown rule"),
        (json!({"exclude": ["a["]}), "exclude[0]: \"a[\" is not a glob"),
        (json!({"failOn": "sometimes"}), "failOn: must be one of: warning, low"),
        (json!({"outputs": [{"format": "json"}, {"format": "text"}]}), "outputs[1].path: two outputs"),
        (json!({"policies": [{}]}), "policies[0].module: must name a file"),
        (json!({"dockerfiles": [{"image": "app"}]}), "dockerfiles[0].path: must name a Dockerfile"),
    ] {
        let error = read(config.clone()).unwrap_err();
        assert!(error.starts_with(message), "{config}: {error}");
    }
}

#[test]
fn the_bundle_takes_every_composed_setting() {
    for profile in ["hardening", "baseline", "restricted", "privileged"] {
        for fail_on in FailOn::WORDS {
            for version in ["v1.0", "v1.22", "v1.37", "latest"] {
                let settings = settings(json!({
                    "profile": profile, "failOn": fail_on, "kubernetesVersion": version, "warn": "restricted",
                    "exemptions": [{"containers": ["x"], "rules": ["privileged", "capabilities", "run-as-non-root"]}],
                }));
                let raw = to_raw_value(&settings).unwrap();
                assert!(Bundle::load(Some(&raw)).is_ok(), "{settings}: {:?}", Bundle::load(Some(&raw)).err());
            }
        }
    }
}
