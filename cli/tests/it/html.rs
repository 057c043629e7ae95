//! The page, with the real binary, and in Chromium where it is installed.

use std::path::Path;
use std::process::Command;

use crate::support::*;

/// Two workloads, one of them with markup in its names.
const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      securityContext:
        privileged: true
---
apiVersion: v1
kind: Pod
metadata:
  name: '<script>document.title=1</script>'
spec:
  containers:
    - name: '\"><img src=x onerror=alert(1)>'
      image: ghcr.io/org/app:1
";

fn page(folder: &Path) -> String {
    let run = harden(folder, &["check", "--format", "html", "--output", "report.html", "pods.yaml"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", ""));
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

#[test]
fn the_page_stands_alone() {
    let folder = folder(&[("pods.yaml", PODS)]);
    let page = page(folder.path());
    assert_eq!(page.matches("<th scope=\"row\">").count(), 2);
    for part in ["src=\"", "<link", "@import", "url(", "<img", "document.title=1</script>"] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("&lt;script&gt;document.title=1&lt;/script&gt;"));
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<caption>") && page.contains("<th scope=\"col\""));
}

/// Chromium, if there is one.
fn chromium() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| runs(name))
}

#[test]
fn a_cell_opens_its_findings_in_a_browser() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: chromium not installed");
        return;
    };
    let folder = folder(&[("pods.yaml", PODS)]);
    let page = page(folder.path());
    let cell = page.split("<td ").find(|cell| cell.contains("title=\"privileged: violation")).unwrap();
    let id = cell.split("href=\"#").nth(1).unwrap().split('"').next().unwrap();
    let url = format!("file://{}#{id}", folder.path().join("report.html").display());
    let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--virtual-time-budget=2000",
    ];
    let output = Command::new(browser).args(flags).args([&profile, "--dump-dom", &url]).output().unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    let open: Vec<&str> = dom.split("<article ").filter(|article| article.contains("data-open=\"\"")).collect();
    assert_eq!(open.len(), 1, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(open[0].contains(&format!("id=\"{id}\"")), "{}", open[0]);
    assert!(open[0].contains("<mark>privileged: true</mark>"), "{}", open[0]);
    assert!(dom.contains("aria-current=\"true\""), "the cell says that it is open");
    assert!(dom.contains("<title>Hardening report: "), "no script of a manifest has run");
}
