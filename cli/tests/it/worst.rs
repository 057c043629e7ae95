//! Reports lead with the worst, name the object, and say what `harden fix` repairs.

use std::fs;
use std::path::Path;

use crate::support::*;

const BARE: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
";

/// A CronJob whose worst finding is the last of its text, beside a password.
const CRON: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: app
              image: nginx
              env: [{name: PW, value: hunter2}]
              securityContext:
                privileged: true
";

#[test]
fn p5_a_bare_container_takes_eight_lines_of_a_hundred_columns() {
    let folder = folder(&[("pod.yaml", BARE)]);
    let run = harden(folder.path(), &["check", "pod.yaml"]);
    let (frame, summary) = run.out.split_once("\n\n").unwrap();
    assert!(summary.starts_with("11 violations in 1 of 1 workload, 5 of them fixed by `harden fix`; "), "{}", run.out);
    assert!(frame.lines().count() <= 8, "{frame}");
    assert!(frame.lines().all(|line| line.len() <= 100), "{frame}");
    assert!(frame.starts_with("error[privileged]: Pod web, container \"app\": "), "{frame}");
    for (rule, field, wanted) in [
        ("allow-privilege-escalation", "allowPrivilegeEscalation", "must be false"),
        ("capabilities", "capabilities.drop", "must contain ALL"),
        ("privileged", "securityContext.privileged", "must be false"),
        ("read-only-root-filesystem", "readOnlyRootFilesystem", "must be true"),
        ("resources", "limits.cpu, limits.memory, requests.cpu, requests.memory", "must be set"),
        ("run-as-user", "runAsGroup", "must be a group id other than 0"),
        ("run-as-user", "runAsUser", "a user id other than 0"),
        ("seccomp-profile", "seccompProfile.type", "must be RuntimeDefault or Localhost"),
    ] {
        let line = frame.lines().find(|line| line.contains(&format!("[{rule}]"))).unwrap_or_default();
        assert!(line.contains(field) && line.contains(wanted), "{rule} {field}: {frame}");
    }
}

#[test]
fn f2_the_head_of_a_list_is_as_narrow_as_the_list() {
    let long = BARE.replace("name: app", &format!("name: {}", "a-long-name-".repeat(5) + "app"));
    let folder = folder(&[("pod.yaml", &long), ("cron.yaml", CRON)]);
    let run = harden(folder.path(), &["check", "pod.yaml"]);
    let frame = run.out.split("\n\n").next().unwrap();
    assert!(frame.lines().all(|line| line.len() <= 100), "{frame}");
    assert!(frame.contains("-app\":\n                   securityContext.privileged must be false\n-->"), "{frame}");
    let run = harden(folder.path(), &["check", "cron.yaml"]);
    let head = "error[allow-privilege-escalation]: CronJob shop/nightly, container \"app\":\n";
    assert!(run.out.contains(head), "{}", run.out);
}

#[test]
fn f2_a_narrow_terminal_stays_readable() {
    let folder = folder(&[("pod.yaml", BARE), ("cron.yaml", CRON)]);
    let Some(out) = on_a_terminal(folder.path(), 60, "check --color never .") else { return };
    assert!(out.contains("error[privileged]"), "{out}");
    // The lines of a manifest, places and single words stay whole.
    let own = out.lines().take_while(|line| !line.contains(" read, ")).filter(|line| !line.contains("-->"));
    let long: Vec<&str> =
        own.filter(|line| line.chars().count() > 60 && !line.contains(" | ") && line.trim().contains(' ')).collect();
    assert!(long.is_empty(), "{long:#?}\n{out}");
}

#[test]
fn f2_the_worst_finding_of_an_object_comes_first() {
    let folder = folder(&[("cron.yaml", CRON)]);
    let run = harden(folder.path(), &["check", "cron.yaml"]);
    let heads: Vec<&str> = run.out.lines().filter(|line| line.starts_with("error[")).collect();
    let expected = [
        "error[privileged]: CronJob shop/nightly, container \"app\": securityContext.privileged is true, must be false",
        "error[allow-privilege-escalation]: ",
        "error[image-tag]: ",
    ];
    assert_eq!(heads.len(), expected.len(), "{}", run.out);
    for (head, expected) in heads.iter().zip(expected) {
        assert!(head.starts_with(expected), "{head}\n{}", run.out);
    }
}

#[test]
fn f3_every_report_says_what_fix_repairs() {
    let folder = folder(&[("pod.yaml", BARE), ("cron.yaml", CRON)]);
    let fixed = harden(folder.path(), &["fix", "--diff", "."]);
    let count = fixed.err.lines().last().unwrap().split(' ').next().unwrap().to_owned();
    assert!(count.parse::<usize>().unwrap() > 5, "{}", fixed.err);
    let said = format!("{count} of them fixed by `harden fix`");
    for format in ["text", "concise", "matrix", "github", "markdown", "html"] {
        let run = harden(folder.path(), &["check", "--format", format, "."]);
        let text = run.out.replace("\\`", "`").replace("<code>", "`").replace("</code>", "`");
        assert!(text.contains(&said), "{format}: {}", run.out);
    }
    // One line each, and no second look at everything for a count.
    let quiet = harden(folder.path(), &["check", "--quiet", "."]).out;
    assert!(quiet.lines().last().unwrap().contains(", some of them fixed by `harden fix`; "), "{quiet}");
    // What nothing repairs is not promised.
    let clean = harden(folder.path(), &["check", "--rule", "image-tag", "."]).out;
    assert!(!clean.contains("fixed by") && clean.contains("1 violation"), "{clean}");
}

#[test]
fn b9_one_line_reports_name_the_object_and_the_container() {
    let folder = folder(&[("cron.yaml", CRON)]);
    let of = |args: &[&str]| harden(folder.path(), &[&["check"], args, &["cron.yaml"]].concat()).out;
    let named = "CronJob shop/nightly, container \"app\": securityContext.privileged is true, must be false";
    assert!(of(&["--quiet"]).contains(&format!("cron.yaml:16:17: error[privileged] {named}\n")), "{}", of(&["-q"]));
    assert!(of(&["--format", "concise"]).contains(&format!(": error[privileged] {named}\n")));
    assert!(of(&["--format", "github"]).contains(&format!("title=harden%3A privileged::{named}%0Ahelp: ")));
    assert!(of(&["--format", "gitlab"]).contains(&format!("\"description\": {}", serde_json::json!(named))));
}

/// A folder with stand-ins for kubectl and helm that print the CronJob, and harden's report in a format.
fn rendered(files: &[(&str, &str)], source: &str, args: &[&str]) -> String {
    let folder = folder(files);
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for program in ["kubectl", "helm"] {
        let path = bin.join(program);
        script(&path, &format!("#!/bin/sh\n/bin/cat <<'E'\n---\n{source}{CRON}E\n"));
    }
    let run = harden_command().current_dir(folder.path()).env("PATH", &bin).arg("check").args(args).output().unwrap();
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn b8_what_is_rendered_is_shown_in_a_file_of_the_repository() {
    let kustomization = [("deploy/prod/kustomization.yaml", "resources: []\n")];
    let chart = [("charts/web/Chart.yaml", "name: web\n"), ("charts/web/templates/cron.yaml", "{{ x }}\n")];
    let own = "# Source: web/templates/cron.yaml\n";
    // A template of a dependency that is an archive.
    let packed = "# Source: web/charts/db/templates/cron.yaml\n";
    for (files, source, input, expected) in [
        (&kustomization[..], "", ["--kustomize", "deploy/prod"], "deploy/prod/kustomization.yaml"),
        (&chart, own, ["--helm", "charts/web"], "charts/web/templates/cron.yaml"),
        (&chart, packed, ["--helm", "charts/web"], "charts/web/Chart.yaml"),
    ] {
        let out = |format: &str| rendered(files, source, &[&input[..], &["--format", format]].concat());
        let github = out("github");
        assert!(github.contains(&format!("::error file={expected},line=1,title=")), "{expected}: {github}");
        assert!(!github.contains("file=<") && !github.contains("file=web/"), "{github}");
        let gitlab: serde_json::Value = serde_json::from_str(&out("gitlab")).unwrap();
        assert_eq!(gitlab[0]["location"], serde_json::json!({"path": expected, "lines": {"begin": 1}}));
        let sarif: serde_json::Value = serde_json::from_str(&out("sarif")).unwrap();
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], expected);
        assert_eq!(place["region"], serde_json::json!({"startLine": 1}));
        // Nothing is promised of what `fix` cannot write.
        assert!(!out("text").contains("fixed by"), "{}", out("text"));
    }
}

#[test]
fn f6_lists_are_cut_behind_the_worst() {
    let many: String = (0..40).map(|at| format!("---\n{}", BARE.replace("web", &format!("web-{at}")))).collect();
    let folder = folder(&[("a.yaml", &many), ("z.yaml", CRON)]);
    let markdown = harden(folder.path(), &["check", "--format", "markdown", "."]).out;
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), 150);
    assert!(rows[..41].iter().all(|row| row.contains("| privileged |")), "{markdown}");
    assert!(rows.iter().any(|row| row.contains("z.yaml") && row.contains("privileged is true")), "{markdown}");
    assert!(!markdown.contains("| error | resources |"), "{markdown}");
    let github = harden(folder.path(), &["check", "--format", "github", "."]).out;
    assert!(github.lines().take(41).all(|line| line.contains("title=harden%3A privileged::")), "{github}");
}

#[test]
fn f20_reports_show_no_line_beside_the_one_in_question() {
    let folder = folder(&[("cron.yaml", CRON)]);
    for format in ["text", "concise", "matrix", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"] {
        let run = harden(folder.path(), &["check", "--format", format, "cron.yaml"]);
        assert!(run.out.contains("privileged") && !run.out.contains("hunter2"), "{format}: {}", run.out);
    }
}

/// `BLESS=1` writes them.
#[test]
fn the_page_about_reports_shows_what_is_printed() {
    let path = project("docs/reports.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let block = |page: &str, title: &str| {
        let mark = page.find(&format!("\n<!-- {title} -->\n\n```")).unwrap();
        let start = mark + page[mark..].find("```").unwrap();
        let start = start + page[start..].find('\n').unwrap() + 1;
        start..start + page[start..].find("```").unwrap()
    };
    let folder = folder(&[("deploy/pod.yaml", &page[block(&page, "deploy/pod.yaml")])]);
    let few = &["--rule", "run-as-user"][..];
    for (format, further) in [("text", &[][..]), ("concise", few), ("matrix", &[]), ("github", few)] {
        let run = harden(folder.path(), &[&["check", "--format", format], further, &["deploy"]].concat());
        let shown = block(&page, format);
        if std::env::var_os("BLESS").is_some() {
            page.replace_range(shown, &run.out);
        } else {
            assert_eq!(page[shown], run.out, "{format} in docs/reports.md; BLESS=1 writes it anew");
        }
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, page).unwrap();
    }
}

#[test]
fn f16_rules_are_in_order() {
    let rules = harden(Path::new("."), &["rules"]).out;
    let ids: Vec<&str> = rules.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert!(ids.is_sorted() && ids.contains(&"run-as-non-root"), "{rules}");
}

#[test]
fn f20_the_page_says_what_it_is_about() {
    let folder = folder(&[("shop/.git/HEAD", ""), ("shop/deploy/pod.yaml", BARE)]);
    let page = |args: &[&str]| {
        let args = [&["check", "--format", "html"], args, &["."]].concat();
        harden(&folder.path().join("shop/deploy"), &args).out
    };
    let out = page(&["--profile", "baseline", "--kubernetes-version", "v1.33"]);
    assert!(out.contains("<title>Hardening report: shop</title>"), "{out}");
    assert!(out.contains(">shop · profile baseline · Kubernetes v1.33<"), "{out}");
    assert!(page(&[]).contains(">shop · profile hardening · Kubernetes v1."));
    assert!(page(&["--settings-json", "{}"]).contains("<p class=\"about\">shop</p>"));
}
