//! artifacthub-pkg.yml: what `kwctl scaffold artifacthub` writes from the metadata, with a date that does not change.

use anyhow::Result;
use serde_json::{Value, json};

use super::yaml;
use crate::origin::{AUTHOR, CREATED_AT, LICENSE, SOURCE, VERSION, image};

/// Describes a package of Artifact Hub, from the metadata and the form of its policy.
///
/// # Errors
/// As [`yaml::document`].
pub(super) fn package(metadata: &Value, questions: &str) -> Result<Value> {
    let about = |key: &str| metadata["annotations"][key].as_str().unwrap_or_default();
    let id = about("io.kubewarden.policy.title");
    let image = image(id);
    let mut annotations = json!({
        "kubewarden/mutation": metadata["mutating"].to_string(),
        "kubewarden/resources": about("io.artifacthub.resources"),
        "kubewarden/rules": yaml::document(&metadata["rules"])?,
        "kubewarden/questions-ui": questions,
    });
    // As kwctl does, only where the policy reads other objects of the cluster.
    if metadata["contextAwareResources"].as_array().is_some_and(|resources| !resources.is_empty()) {
        annotations["kubewarden/contextAwareResources"] = yaml::document(&metadata["contextAwareResources"])?.into();
    }
    Ok(json!({
        "version": VERSION,
        "name": id,
        "displayName": about("io.artifacthub.displayName"),
        "createdAt": CREATED_AT,
        "category": "security",
        "description": about("io.kubewarden.policy.description"),
        "license": LICENSE,
        "homeURL": about("io.kubewarden.policy.url"),
        "containersImages": [{ "name": "policy", "image": image }],
        "keywords": about("io.artifacthub.keywords").split(", ").collect::<Vec<_>>(),
        "links": links(id),
        "install": install(&image),
        "maintainers": [{ "name": AUTHOR.0, "email": AUTHOR.1 }],
        "provider": { "name": "kubewarden" },
        "recommendations": [{ "url": "https://artifacthub.io/packages/helm/kubewarden/kubewarden-controller" }],
        "annotations": annotations,
    }))
}

/// Links to the source and, where it is on GitHub, to the module of the release.
fn links(id: &str) -> Vec<Value> {
    let source = json!({ "name": "source", "url": SOURCE });
    if SOURCE.starts_with("https://github.com/") {
        let url = format!("{SOURCE}/releases/download/v{VERSION}/{id}.wasm");
        vec![json!({ "name": "policy", "url": url }), source]
    } else {
        vec![source]
    }
}

fn install(image: &str) -> String {
    format!(
        "Get the policy with [kwctl](https://github.com/kubewarden/kwctl):\n\n\
         ```console\nkwctl pull registry://{image}\n```\n\n\
         Write a manifest for the cluster, and change its settings to your needs:\n\n\
         ```console\nkwctl scaffold manifest --type ClusterAdmissionPolicy registry://{image}\n```\n"
    )
}

/// The description of the repository. Its id is given by Artifact Hub when the repository is added there.
pub(super) fn repository() -> Value {
    json!({ "owners": [{ "name": AUTHOR.0, "email": AUTHOR.1 }] })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use hardening::bundle;

    use super::*;
    use crate::metadata::{BUNDLE, metadata};

    /// Keys of Artifact Hub's format, those it requires first.
    const REQUIRED: [&str; 5] = ["version", "name", "displayName", "createdAt", "description"];
    const OPTIONAL: [&str; 12] = [
        "category",
        "license",
        "homeURL",
        "containersImages",
        "keywords",
        "links",
        "install",
        "maintainers",
        "provider",
        "recommendations",
        "annotations",
        "digest",
    ];

    #[test]
    fn the_format_is_artifact_hubs() {
        let package = package(&metadata(BUNDLE, Some(&bundle::doc()), VERSION), "questions: []\n").unwrap();
        let keys: Vec<&str> = package.as_object().unwrap().keys().map(String::as_str).collect();
        for key in REQUIRED {
            assert!(package[key].as_str().is_some_and(|text| !text.is_empty() && !text.contains('\n')), "{key}");
        }
        for key in keys {
            assert!(REQUIRED.contains(&key) || OPTIONAL.contains(&key), "{key}");
        }
        let name = package["name"].as_str().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name}");
        let numbers: Vec<&str> = VERSION.split(['-', '+']).next().unwrap().split('.').collect();
        assert!(numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok()), "{VERSION}");
        // Keys and values of annotations must be strings.
        assert!(package["annotations"].as_object().unwrap().values().all(Value::is_string));
        assert!(package["maintainers"][0]["email"].as_str().unwrap().contains('@'));
        let image = package["containersImages"][0]["image"].as_str().unwrap();
        assert!(image.split('/').count() >= 3 && image.ends_with(&format!(":v{VERSION}")), "{image}");
    }

    #[test]
    fn the_date_is_rfc_3339() {
        let pattern = "dddd-dd-ddTdd:dd:ddZ";
        let fits = |(found, wanted): (char, char)| if wanted == 'd' { found.is_ascii_digit() } else { found == wanted };
        assert!(CREATED_AT.len() == pattern.len() && CREATED_AT.chars().zip(pattern.chars()).all(fits), "{CREATED_AT}");
    }
}
