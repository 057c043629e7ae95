//! The text of a `harden.yaml`.

use std::fmt::Write;

use lint::escape::one_line;

use super::BASELINE;
use super::found::{Chart, Found};
use crate::level::PodLevel;
use crate::report::plural;

/// At most so many things of one kind are listed.
const MOST: usize = 5;

/// The configuration for what was found.
pub(super) fn text(found: &Found, with_baseline: bool) -> String {
    let mut out = String::from(
        "# What harden demands of the manifests below this folder. `harden config PATH` shows what is in force for a file,
# `harden explain RULE` what a rule demands and how it is set, `harden schema` every key.

",
    );
    profile(found, with_baseline, &mut out);
    out.push_str(
        "
# The version of Kubernetes whose Pod Security Standards count; the newest if left out.
# kubernetesVersion: v1.33

# The lowest severity that fails a run: low, medium, high, critical; with warning, warnings fail, too.
# failOn: low

# Changes of single rules: false, warn, or settings.
# rules:
#   image-tag: {requireDigest: true}
#   resources: warn

# Exceptions, which hold in the cluster, too: `harden manifests` writes them into the policies.
# exemptions:
#   - namespaces: [kube-system]
#     reason: not ours

# Other choices for some files.
# overrides:
#   - paths: [vendor/]
#     reason: manifests of third parties
#     profile: baseline
",
    );
    exclude(found, &mut out);
    dockerfiles(found, &mut out);
    out
}

/// Writes the profile, and why this one.
fn profile(found: &Found, with_baseline: bool, out: &mut String) {
    let counts: Vec<String> = PodLevel::ALL
        .into_iter()
        .zip(found.counts)
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{count} {}", level.word()))
        .collect();
    let count = found.counts.iter().sum();
    out.push_str("# hardening (ten rules and all of baseline), or a level of the Pod Security Standards: baseline, restricted.\n");
    let levels = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    line(out, &format!("# {} by `harden level`{levels}.", plural(count, "workload")));
    let profile = match found.lowest() {
        _ if with_baseline => "hardening",
        None | Some(PodLevel::Hardening) => "hardening",
        Some(PodLevel::Restricted) => "restricted",
        Some(PodLevel::Baseline | PodLevel::Privileged) => "baseline",
    };
    if !found.privileged.is_empty() {
        out.push_str("# Below baseline:\n");
        list(found.privileged.iter().map(|workload| format!("#   {workload}")), out);
    }
    line(out, &format!("profile: {profile}"));
    if with_baseline {
        out.push_str("\n# What was found when this was written; only what is new fails.\n");
        line(out, &format!("baseline: {BASELINE}"));
    }
}

/// Writes what cannot be judged as it is, and how it is judged.
fn exclude(found: &Found, out: &mut String) {
    out.push_str("\n# Files and folders that are not judged.\n");
    let mut lines: Vec<String> = Vec::new();
    for Chart { path, has_charts } in &found.charts {
        let within = |part: &str| if path == "." { format!("/{part}/") } else { format!("/{path}/{part}/") };
        lines.push(format!("  # Templates of Helm; judge what they render: harden check --helm {path}"));
        lines.push(format!("  - {}", quoted(&within("templates"))));
        if *has_charts {
            lines.push("  # Charts of others, which are rendered with it.".to_owned());
            lines.push(format!("  - {}", quoted(&within("charts"))));
        }
    }
    for (path, why) in &found.unreadable {
        lines.push(format!("  # Cannot be judged; repair it and remove this: {why}"));
        lines.push(format!("  - {}", quoted(&format!("/{path}"))));
    }
    out.push_str(if lines.is_empty() { "# exclude: [generated/]\n" } else { "exclude:\n" });
    lines.iter().for_each(|text| line(out, text));
    if !found.kustomizations.is_empty() {
        out.push_str("\n# Kustomizations are judged as they are built by:\n");
        list(found.kustomizations.iter().map(|path| format!("#   harden check --kustomize {path}")), out);
    }
}

/// Writes the Dockerfiles, whose images only people know.
fn dockerfiles(found: &Found, out: &mut String) {
    if found.dockerfiles.is_empty() {
        return;
    }
    out.push_str(
        "\n# Dockerfiles, whose USER must agree with the manifests; name the images that are built from them.\n",
    );
    out.push_str("# dockerfiles:\n");
    let entry = |path: &String| format!("#   - {{image: ghcr.io/org/app, path: {}}}", quoted(path));
    list(found.dockerfiles.iter().map(entry), out);
}

/// Writes the first lines, and how many more there are.
fn list(lines: impl ExactSizeIterator<Item = String>, out: &mut String) {
    let more = lines.len().saturating_sub(MOST);
    lines.take(MOST).for_each(|text| line(out, &text));
    if more > 0 {
        line(out, &format!("#   and {more} more"));
    }
}

/// Writes a line; nothing that was found can end it.
fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", one_line(text));
}

/// A path as a string of YAML; what a glob would read as more than a letter stands for itself.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let glob: String =
        path.chars().flat_map(|c| if "*?[]{}\\".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
    if path.chars().all(is_plain) { glob } else { serde_json::Value::from(glob).to_string() }
}
