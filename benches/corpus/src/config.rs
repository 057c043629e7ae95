//! ConfigMaps and Secrets: text inside of text, some of which looks like manifests.

use crate::random::Random;
use crate::tree::{Tree, map, object};
use crate::words;

/// A ConfigMap of several texts, about `bytes` bytes.
pub(crate) fn config_map(random: &mut Random, bytes: usize) -> Tree {
    let name = format!("{}-config", words::name(random));
    let mut data = Vec::new();
    let mut written = 0;
    while data.is_empty() || written < bytes {
        let (ending, text) = match random.below(7) {
            0 => ("yaml", manifest(random)),
            1 => ("conf", server(random)),
            2 => ("sh", script(random)),
            3 => ("json", dashboard(random, 600.min(bytes))),
            4 => ("properties", properties(random)),
            5 => (
                "toml",
                format!("[server]\nlisten = \"0.0.0.0:{}\"\n\n[log]\nlevel = \"info\"\n", random.between(1024, 9999)),
            ),
            _ => ("", words::prose(random, 40)),
        };
        written += text.len() + 20;
        let key =
            if ending.is_empty() { format!("KEY_{}", data.len()) } else { format!("file-{}.{ending}", data.len()) };
        let value = if text.contains('\n') { Tree::Lines(text) } else { Tree::Prose(text) };
        data.push((key, value));
    }
    let metadata = words::metadata(random, &name, true);
    object("v1", "ConfigMap", metadata, vec![("data", Tree::Map(data))])
}

/// A Secret with long lines.
pub(crate) fn secret(random: &mut Random) -> Tree {
    let name = format!("{}-secret", words::name(random));
    let mut data = Vec::new();
    for index in 0..random.between(1, 4) {
        let digits = random.pick(&[16, 40, 64, 1200, 4000]);
        data.push((format!("secret-{index}"), Tree::Text(words::base64(random, digits))));
    }
    let metadata = words::metadata(random, &name, true);
    object("v1", "Secret", metadata, vec![("type", Tree::text("Opaque")), ("data", Tree::Map(data))])
}

/// A manifest as text, which must not be judged.
fn manifest(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.between(1, 4) {
        let (name, image) = (words::name(random), words::image(random));
        text.push_str(&format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      \
             containers:\n        - name: app\n          image: {image}\n          securityContext:\n            \
             privileged: true\n\n"
        ));
    }
    text
}

fn server(random: &mut Random) -> String {
    let mut text = String::from("worker_processes auto;\nevents {\n\tworker_connections 1024;\n}\nhttp {\n");
    for _ in 0..random.between(1, 12) {
        let host = words::name(random);
        text.push_str(&format!(
            "\tserver {{\n\t\tlisten 8080;\n\t\tserver_name {host}.example.com; # front: door\n\t\tlocation / {{\n\t\t\t\
             proxy_pass http://{host}:80;\n\t\t}}\n\t}}\n"
        ));
    }
    text.push_str("}\n");
    text
}

fn script(random: &mut Random) -> String {
    let mut text = String::from("#!/bin/sh\nset -eu\n\n# --- start ---\n");
    for _ in 0..random.between(1, 10) {
        let name = words::name(random);
        text.push_str(&format!(
            "if [ -z \"${{{0}:-}}\" ]; then\n  echo \"missing: {0}\" >&2\n\texit 1\nfi\nkubectl get deploy {0} -o yaml | sed 's/a: b/c: d/'\n",
            name.replace('-', "_").to_uppercase()
        ));
    }
    text
}

fn properties(random: &mut Random) -> String {
    (0..random.between(2, 20))
        .map(|_| format!("{}.url=jdbc:db://{}:5432\n", words::word(random), words::name(random)))
        .collect()
}

/// A dashboard as JSON text of about so many bytes.
pub(crate) fn dashboard(random: &mut Random, bytes: usize) -> String {
    let mut panels = Vec::new();
    for id in 0..bytes.div_ceil(300) {
        panels.push(map([
            ("id", Tree::Number(id)),
            ("title", Tree::Text(words::prose(random, 20))),
            ("type", Tree::text("timeseries")),
            (
                "gridPos",
                map([
                    ("h", Tree::Number(8)),
                    ("w", Tree::Number(12)),
                    ("x", Tree::Number(0)),
                    ("y", Tree::Number(8 * id)),
                ]),
            ),
            (
                "targets",
                Tree::List(vec![map([
                    (
                        "expr",
                        Tree::Text(format!("sum(rate({}_total{{job=~\"$job\"}}[5m])) by (pod)", words::word(random))),
                    ),
                    ("legendFormat", Tree::text("{{pod}}")),
                    ("refId", Tree::text("A")),
                ])]),
            ),
        ]));
    }
    let root = map([
        ("panels", Tree::List(panels)),
        ("schemaVersion", Tree::Number(39)),
        ("title", Tree::text(words::word(random))),
    ]);
    crate::json::json(&root, if bytes > 2000 { 2 } else { 0 })
}
