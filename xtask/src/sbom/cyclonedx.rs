//! CycloneDX 1.6 as JSON.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::crates::{Crate, Crates, Id};
use crate::checksums;

/// The subject of the bill.
pub(super) struct Subject<'a> {
    /// Name of the policy.
    pub(super) name: &'a str,
    /// Name of the file.
    pub(super) file: &'a str,
    /// Target it is compiled for.
    pub(super) target: &'a str,
    /// SHA-256 of the file.
    pub(super) sha256: &'a str,
}

/// The compiler, whose standard library is linked, too.
pub(super) struct Compiler {
    pub(super) release: String,
    pub(super) commit: String,
}

/// The document. No time and no random number: the serial number is made from the content.
///
/// # Errors
/// None that these values allow; serialisation can in theory fail.
pub(super) fn document(subject: &Subject<'_>, crates: &Crates, compiler: &Compiler) -> Result<String> {
    let std = json!({
        "type": "library",
        "bom-ref": format!("pkg:generic/rust-std@{}", compiler.release),
        "name": "rust-std",
        "version": compiler.release,
        "description": "The Rust standard library with the crates it brings",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": format!("pkg:generic/rust-std@{}", compiler.release),
        "properties": [{ "name": "rustc:commit-hash", "value": compiler.commit }],
    });
    let others = crates.all.iter().filter(|(id, _)| **id != crates.root);
    let components: Vec<Value> = others.map(|(id, of)| component(id, of)).chain([std.clone()]).collect();
    let own = crates.all.get(&crates.root).context("the program's own crate is missing")?;
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [
                { "type": "application", "name": "cargo xtask sbom", "version": env!("CARGO_PKG_VERSION") },
                { "type": "application", "name": "rustc", "version": compiler.release },
            ] },
            "component": {
                "type": "application",
                "bom-ref": reference(&crates.root),
                "name": subject.name,
                "version": crates.root.1,
                "hashes": [{ "alg": "SHA-256", "content": subject.sha256 }],
                "licenses": [{ "expression": own.licence }],
                "purl": reference(&crates.root),
                "properties": [
                    { "name": "file", "value": subject.file },
                    { "name": "rustc:target", "value": subject.target },
                ],
            },
        },
        "components": components,
        "dependencies": dependencies(crates, &std),
    });
    document["serialNumber"] = serial_number(&document.to_string()).into();
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

/// The package URL, which is a crate's name in the document, too.
fn reference((name, version): &Id) -> String {
    // Of a version's characters only the plus sign of build metadata needs it.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

fn component(id: &Id, of: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(id),
        "name": id.0,
        "version": id.1,
        "scope": "required",
        "licenses": [{ "expression": of.licence }],
        "purl": reference(id),
    });
    if let Some(sha256) = &of.sha256 {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
    }
    component
}

/// Every crate and what it needs; the program needs the standard library.
fn dependencies(crates: &Crates, std: &Value) -> Vec<Value> {
    let entry = |(id, of): (&Id, &Crate)| {
        let mut needs: Vec<Value> = of.needs.iter().map(|id| reference(id).into()).collect();
        if *id == crates.root {
            needs.push(std["bom-ref"].clone());
        }
        json!({ "ref": reference(id), "dependsOn": needs })
    };
    crates.all.iter().map(entry).chain([json!({ "ref": std["bom-ref"] })]).collect()
}

/// A UUID (version 8, made by rules of one's own) from the content.
fn serial_number(content: &str) -> String {
    let hex = checksums::hex(content.as_bytes());
    format!("urn:uuid:{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30])
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::super::crates::{checksums_of_lock, linked};
    use super::*;

    fn of_privileged() -> (Crates, Value) {
        let root = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..");
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let packages = ["policy-privileged".to_owned()];
        let crates = linked(&root, &packages, crate::policies::WASM, &checksums_of_lock(&lock)).unwrap().remove(0);
        let compiler = Compiler { release: "1.2.3".to_owned(), commit: "c0ffee".to_owned() };
        let sha256 = "a".repeat(64);
        let subject = Subject { name: "privileged", file: "privileged.wasm", target: "wasm32", sha256: &sha256 };
        let text = document(&subject, &crates, &compiler).unwrap();
        assert_eq!(text, document(&subject, &crates, &compiler).unwrap());
        (crates, serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_policy_s_bill_lists_what_is_linked_and_nothing_else() {
        let (crates, document) = of_privileged();
        let names: BTreeSet<&str> = crates.all.keys().map(|(name, _)| name.as_str()).collect();
        for linked in ["hardening", "policy-privileged", "serde_json", "wapc-guest"] {
            assert!(names.contains(linked), "{linked} is missing");
        }
        for tool in ["serde_derive", "syn", "proptest", "kubewarden-policy-sdk", "wasmtime"] {
            assert!(!names.contains(tool), "{tool} is not linked");
        }
        let listed: Vec<&str> =
            document["components"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert!(listed.contains(&"rust-std") && !listed.contains(&"policy-privileged"), "{listed:?}");
        assert_eq!(listed.len(), crates.all.len());
    }

    /// Every part has what the schema requires, and every reference has a target.
    #[test]
    fn what_the_schema_requires_is_there() {
        let (_, document) = of_privileged();
        assert_eq!((&document["bomFormat"], &document["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
        let serial = document["serialNumber"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
        assert_eq!(serial.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(!document.to_string().contains("timestamp"));

        let main = &document["metadata"]["component"];
        let mut licences: BTreeMap<&str, &str> = BTreeMap::new();
        for component in document["components"].as_array().unwrap().iter().chain([main]) {
            for key in ["type", "name", "version", "bom-ref", "purl"] {
                assert!(component[key].as_str().is_some_and(|text| !text.is_empty()), "{key} in {component}");
            }
            let licence = component["licenses"][0]["expression"].as_str().unwrap();
            assert!(licences.insert(component["bom-ref"].as_str().unwrap(), licence).is_none(), "twice: {component}");
            let from_registry = component["name"] != "hardening" && component["name"] != "rust-std";
            let hashes = component["hashes"].as_array().map_or(&[][..], Vec::as_slice);
            assert_eq!(hashes.len(), usize::from(from_registry), "{component}");
            for hash in hashes {
                let content = hash["content"].as_str().unwrap();
                assert!(hash["alg"] == "SHA-256" && content.len() == 64, "{component}");
            }
        }
        let dependencies = document["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len(), licences.len());
        for dependency in dependencies {
            let needs = dependency["dependsOn"].as_array().map_or(&[][..], Vec::as_slice);
            for reference in needs.iter().chain([&dependency["ref"]]) {
                assert!(licences.contains_key(reference.as_str().unwrap()), "{reference} is no component");
            }
        }
    }
}
