//! `harden fix` and `harden level` of what helm and kustomize render, and `harden fix` as Helm's post-renderer.

use std::fs;
use std::path::Path;

use super::{DEPLOYMENT, FEW};
use crate::support::*;

/// What the stand-ins for helm and kustomize write.
const CHART: &str = "---\n# Source: web/templates/config.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a:   'b' }\n---\n# Source: web/templates/web.yaml\n";

/// A folder with stand-ins for helm and kustomize.
fn programs() -> tempfile::TempDir {
    let folder = folder(&[("web/Chart.yaml", "name: web\n"), ("overlay/kustomization.yaml", "")]);
    program(folder.path(), "helm", &format!("/bin/cat <<'E'\n{CHART}{DEPLOYMENT}E"));
    program(folder.path(), "kustomize", &format!("/bin/cat <<'E'\n{DEPLOYMENT}E"));
    folder
}

fn with_programs(folder: &Path, args: &[&str]) -> Run {
    run(harden_command().current_dir(folder).env("PATH", folder.join("bin")).args(args).output().unwrap())
}

/// What `fix` makes of text on standard input.
fn filtered(text: &str) -> String {
    harden_with_stdin(Path::new("."), &["fix", "--settings-json", FEW, "-"], text).out
}

#[test]
fn f10_what_is_rendered_is_fixed_on_standard_output() {
    let folder = programs();
    let args = ["fix", "--settings-json", FEW, "--helm", "web", "--set", "a=b"];
    let run = with_programs(folder.path(), &args);
    let chart = filtered(&format!("{CHART}{DEPLOYMENT}"));
    assert_eq!(run.out, chart);
    assert!(chart.starts_with(CHART), "what is no workload stays byte for byte");
    assert!(run.code == 1 && run.err.contains("<helm web>: 2 fixed, 1 left\n"), "{}", run.err);
    assert_eq!(with_programs(folder.path(), &[&args[..], &["--fail-on", "never", "-q"]].concat()).code, 0);

    let both = with_programs(folder.path(), &[&args[..], &["--kustomize", "overlay"]].concat());
    assert_eq!(both.out, filtered(DEPLOYMENT) + &chart, "{}", both.err);
    let diff = with_programs(folder.path(), &[&args[..], &["--diff"]].concat());
    assert!(diff.code == 1 && diff.out.starts_with("--- a/<helm web>\t\n+++ b/<helm web>\t\n@@ "), "{}", diff.out);
    program(folder.path(), "helm", "echo 'Error: no such chart' >&2; exit 1");
    let failed = with_programs(folder.path(), &args);
    assert_eq!((failed.code, failed.out.as_str()), (2, ""));
    assert!(failed.err.contains("no such chart"), "{}", failed.err);
}

#[test]
fn f10_what_is_rendered_has_a_level() {
    let folder = programs();
    let run = with_programs(folder.path(), &["level", "--helm", "web", "--kustomize", "overlay"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let heads: Vec<&str> = run.out.lines().filter(|line| line.starts_with('<')).collect();
    assert_eq!(heads, ["<kustomize overlay>", "<helm web>"], "{}", run.out);
    assert_eq!(run.out.matches("  Deployment web  baseline ").count(), 2, "{}", run.out);
    let below = with_programs(folder.path(), &["level", "--helm", "web", "--at-least", "restricted"]);
    assert_eq!(below.code, 1, "{}", below.out);
}

/// The command of the plugin for Helm 4, as `packaging/helm/plugin.yaml` says it.
fn plugin() -> Vec<String> {
    let text = fs::read_to_string(project("packaging/helm/plugin.yaml")).unwrap();
    let (_, yaml) = text.split_once("apiVersion: ").unwrap();
    let page = fs::read_to_string(project("docs/integrations.md")).unwrap();
    assert!(page.contains(&format!("```yaml\napiVersion: {yaml}```\n")), "docs/integrations.md shows another plugin");
    let plugin: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
    for (key, value) in
        [("apiVersion", "v1"), ("type", "postrenderer/v1"), ("name", "harden"), ("runtime", "subprocess")]
    {
        assert_eq!(plugin[key].as_str(), Some(value), "{key}");
    }
    assert_eq!(plugin["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    let command = &plugin["runtimeConfig"]["platformCommand"][0];
    assert_eq!(command["command"].as_str(), Some("harden"));
    let args = command["args"].as_sequence().unwrap();
    args.iter().map(|arg| arg.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_post_renderer_passes_everything_through() {
    let args = plugin();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let folder = folder(&[]);
    let post_render = |text: &str| harden_with_stdin(folder.path(), &args, text);
    let run = post_render(&format!("{CHART}{DEPLOYMENT}"));
    assert_eq!((run.code, run.err.as_str()), (0, ""), "what is left does not stop helm");
    assert!(run.out.starts_with(CHART) && run.out.contains("privileged: false"), "{}", run.out);
    assert_eq!(post_render(CHART).out, CHART);
    assert_eq!(post_render("").out, "");
    let run = post_render("a: b: c\n");
    assert!(run.code == 2 && run.err.starts_with("error: <stdin>:1:5: is not valid YAML"), "{}", run.err);
    // Helm puts the arguments of --post-renderer-args behind them.
    let more = harden_with_stdin(folder.path(), &[&args[..], &["--rule", "privileged"]].concat(), DEPLOYMENT);
    assert!(more.out.contains("privileged: false") && !more.out.contains("drop:"), "{}", more.out);
}
