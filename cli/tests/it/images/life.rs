//! The life of a digest, from the first lock to the moved tag, against a real registry.

use std::fs;

use serde_json::{Value, json};

use super::world::{OfPlatform, pod};
use crate::oci::client::Client;
use crate::oci::registry::{Demands, Registry};
use crate::support::Run;

/// Runs `harden images` with these arguments; the exit code must be `code`.
fn images(client: &Client, code: i32, args: &[&str]) -> Run {
    let run = client.harden(&[&["images"], args].concat());
    assert_eq!(run.code, code, "{args:?}: {}{}", run.out, run.err);
    run
}

fn read(client: &Client, name: &str) -> String {
    fs::read_to_string(client.path(name)).unwrap()
}

/// The states of the images, by reference.
fn states(client: &Client) -> Vec<(String, String)> {
    let listing: Value = serde_json::from_str(&images(client, 0, &["--format", "json", "app"]).out).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = listing["images"].as_array().unwrap();
    rows.iter().map(|row| (text(&row["reference"]), text(&row["state"]))).collect()
}

#[test]
fn a_digest_lives_from_lock_to_pin_to_a_moved_tag_and_back() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let host = registry.host();
    let config = |user: &str| json!({ "User": user, "Volumes": {"/data": {}}, "ExposedPorts": {"80/tcp": {}} });
    let both =
        [OfPlatform::new("amd64", &config("101:102"), false), OfPlatform::new("arm64", &config("101:102"), false)];
    let web = OfPlatform::put_index(&both, &registry, "org/web", "1.0");
    let tool = OfPlatform::new("amd64", &json!({ "User": "app" }), true);
    let tool_digest = tool.put(&registry, "tool", "v2");
    let docker = [OfPlatform::new("amd64", &json!({}), true), OfPlatform::new("s390x", &json!({}), true)];
    let old = OfPlatform::put_index(&docker, &registry, "old", "latest");

    let client = Client::new();
    let deployment = format!(
        "# The front end.\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:\n\
        \x20     initContainers: [{{name: init, image: \"{host}/tool:v2\"}}]\n      containers:\n\
        \x20     - image: '{host}/org/web:1.0'   # as released\n        name: web\n\
        \x20     volumes:\n      - name: files\n        image: {{reference: {host}/old}}\n"
    );
    let kustomization = format!("images:\n- name: web\n  newName: {host}/org/web\n  newTag: \"1.0\"\n");
    let values = format!("image:\n  registry: {host}\n  repository: org/web\n  tag: \"1.0\"\n");
    client.write("app/harden.yaml", "{}\n");
    client.write("app/web.yaml", &deployment);
    client.write("app/overlay/kustomization.yaml", &kustomization);
    client.write("app/chart/Chart.yaml", "name: chart\n");
    client.write("app/chart/values.yaml", &values);

    let key = |rest: &str| format!("{host}/{rest}");
    let all = |state: &str| ["old:latest", "org/web:1.0", "tool:v2"].map(|rest| (key(rest), state.to_owned())).to_vec();
    assert_eq!(states(&client), all("unknown"));
    let said = images(&client, 1, &["lock", "--check", "app", "--insecure"]).out;
    assert!(said.contains(&format!("{} is not in the lock", key("tool:v2"))), "{said}");
    assert!(!client.path("app/harden.lock").exists());

    // Lock.
    let said = images(&client, 0, &["lock", "app", "--insecure"]).out;
    assert!(said.contains(&format!("locked {}: {web}\n", key("org/web:1.0"))), "{said}");
    assert!(said.ends_with("harden.lock\n") && said.contains("3 images: 3 locked; wrote "), "{said}");
    let text = read(&client, "app/harden.lock");
    let lock: Value = serde_json::from_str(&text).unwrap();
    let facts = json!({ "image": {
        "user": "101:102", "uid": 101, "gid": 102, "volumes": ["/data"], "exposedPorts": ["80/tcp"], "os": "linux",
    }});
    let build =
        |image: &OfPlatform, facts: &Value| json!({ "digest": registry::Digest::of(&image.manifest), "facts": facts });
    let named = json!({ "image": { "user": "app", "os": "linux" } });
    let root = json!({ "image": { "user": "", "os": "linux" } });
    let expected = json!({ "version": 1, "images": {
        key("org/web:1.0"): { "digest": web, "platforms": {
            "linux/amd64": build(&both[0], &facts), "linux/arm64": build(&both[1], &facts),
        }},
        key("tool:v2"): { "digest": tool_digest, "platforms": { "linux/amd64": build(&tool, &named) } },
        key("old:latest"): { "digest": old, "platforms": { "linux/amd64": build(&docker[0], &root) } },
    }});
    assert_eq!(lock, expected);
    assert_eq!(states(&client), all("locked"));
    let said = images(&client, 0, &["lock", "--update", "*", "app", "--insecure"]).out;
    assert!(said.contains("3 as they were; ") && read(&client, "app/harden.lock") == text, "{said}");
    images(&client, 0, &["lock", "--check", "app", "--insecure"]);

    // Pin.
    let diff = images(&client, 1, &["pin", "--diff", "app"]);
    assert_eq!(diff.out.matches("\n+ ").count(), 4, "{}", diff.out);
    assert_eq!(read(&client, "app/web.yaml"), deployment, "--diff changes nothing");
    let said = images(&client, 0, &["pin", "app"]).out;
    assert!(said.contains("is a value of a chart") && said.ends_with("4 references pinned\n"), "{said}");
    let pinned = deployment
        .replace("tool:v2", &format!("tool:v2@{tool_digest}"))
        .replace("web:1.0", &format!("web:1.0@{web}"))
        .replace("/old", &format!("/old:latest@{old}"));
    assert_eq!(read(&client, "app/web.yaml"), pinned);
    let with_digest = kustomization.clone() + &format!("  digest: {web}\n");
    assert_eq!(read(&client, "app/overlay/kustomization.yaml"), with_digest);
    assert_eq!(read(&client, "app/chart/values.yaml"), values);
    images(&client, 0, &["pin", "app"]);
    assert_eq!(read(&client, "app/web.yaml"), pinned, "pinning twice changes nothing more");
    let all_states = states(&client);
    assert!(all_states.iter().filter(|(_, state)| state == "pinned").count() == 3, "{all_states:?}");
    images(&client, 0, &["lock", "--check", "app", "--insecure"]);

    // The tag moves.
    let next = [OfPlatform::new("amd64", &config("103"), false), OfPlatform::new("arm64", &config("103"), false)];
    let moved = OfPlatform::put_index(&next, &registry, "org/web", "1.0");
    let said = images(&client, 1, &["lock", "--check", "app", "--insecure"]).out;
    assert!(said.contains(&format!("moved {}: {web} is now {moved}\n", key("org/web:1.0"))), "{said}");
    images(&client, 0, &["lock", "app", "--insecure"]);
    assert_eq!(read(&client, "app/harden.lock"), text, "what is locked stays until it is updated");
    images(&client, 0, &["lock", "--update", &format!("{host}/tool"), "app", "--insecure"]);
    assert_eq!(read(&client, "app/harden.lock"), text);
    let said = images(&client, 0, &["lock", "--update", &format!("{host}/org/*"), "app", "--insecure"]).out;
    assert!(said.contains(&format!("moved {}", key("org/web:1.0"))), "{said}");
    assert!(read(&client, "app/harden.lock").contains("\"uid\": 103"));
    let said = images(&client, 0, &["app"]).out;
    assert!(said.contains(&format!("differs {web}, the lock has {moved}\n")), "{said}");
    images(&client, 0, &["pin", "app"]);
    assert_eq!(read(&client, "app/web.yaml"), pinned.replace(&web.to_string(), &moved.to_string()));

    // And back.
    images(&client, 0, &["pin", "--unpin", "app"]);
    assert_eq!(read(&client, "app/web.yaml"), deployment.replace("/old", "/old:latest"));
    assert_eq!(read(&client, "app/overlay/kustomization.yaml"), kustomization);
    fs::remove_file(client.path("app/web.yaml")).unwrap();
    let said = images(&client, 0, &["lock", "--prune", "app", "--insecure"]).out;
    assert!(said.contains(&format!("removed {}: none of the paths names it", key("tool:v2"))), "{said}");
    assert_eq!(states(&client), [(key("org/web:1.0"), "locked".to_owned())]);
}

#[test]
fn a_pinned_reference_is_locked_at_its_digest_and_a_digest_alone_is_kept() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let old = OfPlatform::new("amd64", &json!({ "User": "1" }), false);
    let old_digest = old.put(&registry, "app", "v1");
    let new_digest = OfPlatform::new("amd64", &json!({ "User": "2" }), false).put(&registry, "app", "v1");
    assert_ne!(old_digest, new_digest);
    let client = Client::new();
    let alone = format!("{}/app@{old_digest}", registry.host());
    let (tagged, texts) = (format!("{}/app:v1@{old_digest}", registry.host()), ["alone.yaml", "tagged.yaml"]);
    client.write(texts[0], pod(&alone));
    client.write(texts[1], pod(&tagged));
    let said = images(&client, 0, &["lock", "--insecure"]).out;
    assert!(said.ends_with("2 images: 2 locked; wrote harden.lock\n"), "{said}");
    let lock: Value = serde_json::from_str(&read(&client, "harden.lock")).unwrap();
    let entries = lock["images"].as_object().unwrap();
    assert!(entries.contains_key(&alone) && entries.values().all(|entry| entry["digest"] == json!(old_digest)));
    let said = images(&client, 1, &["lock", "--check", "--insecure"]).out;
    assert!(said.contains(&format!("{old_digest} is now {new_digest}")), "{said}");
    images(&client, 0, &["lock", "--update", "*", "--insecure"]);
    images(&client, 0, &["pin"]);
    assert_eq!(read(&client, texts[0]), pod(&alone), "nothing says which digest should take its place");
    assert_eq!(read(&client, texts[1]), pod(&tagged.replace(&old_digest.to_string(), &new_digest.to_string())));
}
