//! `make publish` as far as it is a script: everything in dist/ to a registry, and the list.

use std::fs;
use std::process::{Command, Output};

use registry::Digest;

use super::client::Client;
use super::registry::{Demands, Registry};
use crate::support::{harden_command, project};

/// Runs the script over the user's folder `dist`.
fn publish(client: &Client, registry: &str, options: &[&str]) -> Output {
    let mut command = Command::new(project("make/publish.sh"));
    command.current_dir(client.path("")).env("DIST", "dist");
    command.env("XDG_CACHE_HOME", client.path("cache")).env("DOCKER_CONFIG", client.path("docker"));
    command.arg(harden_command().get_program()).args([registry, "v9.8.7"]).args(options);
    command.output().unwrap()
}

#[test]
fn everything_that_was_built_is_published_and_listed() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let mut sums = String::new();
    for name in ["hardening", "image-tag", "privileged"] {
        let module = fs::read(project(&format!("dist/{name}.wasm"))).unwrap();
        sums += &format!("{}  {name}.wasm\n", Digest::of(&module).hex());
        client.write(&format!("dist/{name}.wasm"), module);
    }
    client.write("dist/a-rule-of-old.wasm", "not in the sums");
    client.write("dist/SHA256SUMS", &sums);

    let namespace = format!("{}/org/policies", registry.host());
    let done = publish(&client, &namespace, &["--insecure"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let list = fs::read_to_string(client.path("dist/digests.txt")).unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), list);
    let lines: Vec<(&str, &str)> = list.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(lines.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["hardening", "image-tag", "privileged"]);
    for (name, reference) in lines {
        assert!(reference.starts_with(&format!("registry://{namespace}/{name}:v9.8.7@sha256:")), "{reference}");
        client.pinned(&["pull", reference, "--insecure"]);
        let pulled = fs::read(client.path(&format!("{name}.wasm"))).unwrap();
        assert_eq!(pulled, fs::read(client.path(&format!("dist/{name}.wasm"))).unwrap());
    }
    // The manifests are pinned to what was pushed.
    let pinned = list.lines().find_map(|line| line.strip_prefix("hardening ")).unwrap().replace(":v9.8.7@", "@");
    for profile in ["hardening", "baseline", "restricted"] {
        let written = fs::read_to_string(client.path(&format!("dist/manifests/{profile}/{profile}.yaml"))).unwrap();
        assert!(written.contains(&format!("module: {pinned}\n")), "{written}");
        assert!(client.path(&format!("dist/manifests/{profile}/kustomization.yaml")).exists());
    }
    let left: Vec<_> = fs::read_dir(client.path("dist")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[test]
fn nothing_is_listed_unless_everything_is_there() {
    let client = Client::new();
    let said = |registry: &str| {
        let done = publish(&client, registry, &["--insecure"]);
        assert!(!done.status.success() && done.stdout.is_empty());
        assert!(!client.path("dist/digests.txt").exists() && !client.path("dist/manifests").exists());
        String::from_utf8(done.stderr).unwrap()
    };
    client.write("dist/x", "");
    assert!(said("127.0.0.1:9/x").contains("run `make policies` first"));
    let module = fs::read(project("dist/privileged.wasm")).unwrap();
    client.write("dist/privileged.wasm", &module);
    client.write("dist/SHA256SUMS", format!("{}  privileged.wasm\n", Digest::of(b"other").hex()));
    assert!(said("127.0.0.1:9/x").contains("privileged.wasm"));
    client.write("dist/SHA256SUMS", format!("{}  privileged.wasm\n", Digest::of(&module).hex()));
    assert!(said("127.0.0.1:9/x").contains("cannot push to `registry://127.0.0.1:9/x/privileged:v9.8.7`"));
    client.write("dist/SHA256SUMS", format!("{}  x\n", Digest::of(b"").hex()));
    assert!(said("127.0.0.1:9/x").contains("names no policy"));
}

#[test]
fn s19_layouts_are_pushed_without_harden() {
    let client = Client::new();
    let mut sums = String::new();
    for name in ["image-tag", "privileged"] {
        let module = fs::read(project(&format!("dist/{name}.wasm"))).unwrap();
        sums += &format!("{}  {name}.wasm\n", Digest::of(&module).hex());
        client.write(&format!("dist/{name}.wasm"), module);
    }
    client.write("dist/SHA256SUMS", &sums);
    let run = |script: &str, args: &[&str]| {
        let path = format!("{}:{}", client.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(project(script));
        command.current_dir(client.path("")).env("DIST", "dist").env("PATH", path).args(args).output().unwrap()
    };
    let harden = harden_command().get_program().to_str().unwrap().to_owned();
    let done = run("make/layouts.sh", &[&harden, "v9.8.7"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut expected = String::new();
    for line in String::from_utf8(done.stdout).unwrap().lines() {
        let (place, digest) = line.split_once('@').unwrap();
        let name = place.strip_prefix("oci:dist/oci/").unwrap().strip_suffix(":v9.8.7").unwrap();
        // The layout holds the module, whole, under a manifest that is what the index says.
        let folder = client.path(&format!("dist/oci/{name}"));
        let json = |path: &str| -> serde_json::Value {
            serde_json::from_slice(&fs::read(folder.join(path)).unwrap()).unwrap()
        };
        let index = json("index.json");
        let blob = |digest: &str| format!("blobs/sha256/{}", digest.strip_prefix("sha256:").unwrap());
        assert_eq!(index["manifests"][0]["digest"], digest);
        assert_eq!(index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"], "v9.8.7");
        let manifest = json(&blob(digest));
        assert!(manifest["annotations"]["io.kubewarden.policy.title"].is_string(), "{manifest}");
        for part in [&manifest["layers"][0], &manifest["config"]] {
            let bytes = fs::read(folder.join(blob(part["digest"].as_str().unwrap()))).unwrap();
            assert_eq!(
                (Digest::of(&bytes).to_string().as_str(), bytes.len() as u64),
                (part["digest"].as_str().unwrap(), part["size"].as_u64().unwrap())
            );
        }
        let module = fs::read(client.path(&format!("dist/{name}.wasm"))).unwrap();
        assert_eq!(manifest["layers"][0]["digest"], Digest::of(&module).to_string());
        expected += &format!("{name} registry://registry.example/org/{name}:v9.8.7@{digest}\n");
    }
    assert_eq!(expected.lines().count(), 2);

    // Stands in for oras: it copies nothing, and knows what was copied.
    let oras = |resolve: &str| {
        let script = format!(
            "#!/bin/bash\necho \"$@\" >> calls\ncase $1 in\n  cp) echo \"${{3##*@}}\" > pushed ;;\n  resolve) {resolve} ;;\nesac\n"
        );
        client.write("bin/oras", script);
        fs::set_permissions(client.path("bin/oras"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    if Command::new("jq").arg("--version").output().is_err() {
        println!("skipped: jq not installed");
        return;
    }
    oras("echo sha256:other");
    let wrong = run("make/push-layouts.sh", &["registry.example/org", "v9.8.7"]);
    assert!(!wrong.status.success() && !client.path("dist/digests.txt").exists());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("is sha256:other, not sha256:"));
    oras("cat pushed");
    let done = run("make/push-layouts.sh", &["registry.example/org", "v9.8.7"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(String::from_utf8(done.stdout).unwrap(), expected);
    assert_eq!(fs::read_to_string(client.path("dist/digests.txt")).unwrap(), expected);
    let calls = fs::read_to_string(client.path("calls")).unwrap();
    assert!(
        calls.contains("cp --from-oci-layout dist/oci/privileged@sha256:")
            && calls.contains(" registry.example/org/privileged:v9.8.7"),
        "{calls}"
    );
}
