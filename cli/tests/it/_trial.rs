//! `harden try` with a real engine: apps that need what real ones need, of an image that is made from nothing. Skipped with
//! a word where there is no engine.

mod apps;
mod interrupted;
mod sound;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use serde_json::Value;

use self::apps::{APPS, App};
use self::sound::{Ends, assert_sound};
use crate::reports::validate;
use crate::support::*;

/// Tries what is in a folder; gives the report, which is what its schema says.
fn tried(folder: &Path, args: &[&str]) -> (Run, Value) {
    let all = [&["try", "--no-config", "--for", "500ms", "--timeout", "20s", "--format", "json"], args].concat();
    let run = harden(folder, &all);
    let report: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    let schema = std::fs::read_to_string(project("docs/try.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    validate(&schema, &schema, &report, "report");
    (run, report)
}

/// The workloads of a report by name.
fn by_name(report: &Value) -> BTreeMap<&str, &Value> {
    let workloads = report["workloads"].as_array().unwrap();
    workloads.iter().map(|workload| (workload["object"]["name"].as_str().unwrap(), workload)).collect()
}

/// What a workload needs, `capability CHOWN` each.
fn needs(workload: &Value) -> BTreeSet<String> {
    let rules = workload["rules"].as_array().unwrap();
    let needs = rules.iter().flat_map(|rule| rule["needs"].as_array().into_iter().flatten());
    let said = |need: &Value| {
        let value = need["value"].as_str().map_or_else(|| need["value"].to_string(), str::to_owned);
        assert!(need["without"].is_string(), "how it fails without is told: {need}");
        format!("{} {value}", need["what"].as_str().unwrap())
    };
    needs.map(said).collect()
}

/// The rules that the report does not call proven.
fn open(workload: &Value) -> BTreeSet<&str> {
    let rules = workload["rules"].as_array().unwrap().iter();
    rules.filter(|rule| rule["verdict"] != "proven").map(|rule| rule["rule"].as_str().unwrap()).collect()
}

#[test]
fn apps_get_what_they_need_and_no_more() {
    let Some(image) = testbox::image() else { return };
    // They wait more than they work.
    thread::scope(|scope| {
        for apps in APPS.chunks(3) {
            scope.spawn(move || get_what_they_need(apps, image));
        }
    });
}

/// Tries apps in a folder of their own, as they are written and as they are written then.
fn get_what_they_need(apps: &[App], image: &str) {
    let texts: Vec<(String, String)> =
        apps.iter().map(|app| (format!("{}.yaml", app.name), app.manifest.replace("IMAGE", image))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&files);
    let code = i32::from(apps.iter().any(|app| app.verdict == "notReady"));
    let (first, report) = tried(folder.path(), &["--write", "."]);
    eprintln!("{}", first.err);
    assert_eq!(first.code, code, "1 if one is never ready: {}", first.out);
    let workloads = by_name(&report);
    for App { name, verdict, needed, seen, .. } in apps {
        let workload = workloads[name];
        println!("{name}: {verdict}, {} runs in {} s", workload["runs"], workload["seconds"]);
        let said = (workload["verdict"].as_str().unwrap(), needs(workload));
        let wanted: BTreeSet<String> = needed.iter().map(|need| (*need).to_owned()).collect();
        assert_eq!(said, (*verdict, wanted), "{name}: {workload:#}");
        assert_eq!(workload["written"], *verdict != "notReady", "{name}");
        assert_sound(workload, &Ends::of(workload, &first.err));
        assert!(workload.to_string().contains(seen), "{name} does not say {seen:?}: {workload:#}");
    }

    // What was written is what was run: it is ready at once, and `check` finds nothing that a report calls proven.
    let (second, repeated) = tried(folder.path(), &["."]);
    assert_eq!(second.code, code, "1 if one is never ready: {}{}", second.out, second.err);
    let repeated = by_name(&repeated);
    assert_eq!(repeated.keys().collect::<Vec<_>>(), workloads.keys().collect::<Vec<_>>());
    for (name, workload) in &repeated {
        let (verdict, runs) = if *name == "never" { ("notReady", 1) } else { ("proven", 3) };
        assert_eq!((&workload["verdict"], &workload["runs"]), (&verdict.into(), &runs.into()), "{name}: {workload:#}");
        assert_eq!(needs(workload), BTreeSet::new(), "{name}");
        // What it was found to need is what is now written against the rules.
        let rules = workload["rules"].as_array().unwrap().iter();
        let written = rules.filter(|rule| rule["verdict"] == "butFor").map(|rule| rule["rule"].as_str().unwrap());
        let found = workloads[name]["rules"].as_array().unwrap().iter();
        let needed = found.filter(|rule| rule["verdict"] == "needs").map(|rule| rule["rule"].as_str().unwrap());
        assert_eq!(written.collect::<BTreeSet<_>>(), needed.collect::<BTreeSet<_>>(), "{name}: {workload:#}");
    }
    let check = harden(folder.path(), &["check", "--no-config", "--format", "json", "."]);
    let check: Value = serde_json::from_str(&check.out).unwrap();
    for finding in check["findings"].as_array().unwrap() {
        let name = finding["object"]["name"].as_str().unwrap();
        let Some(workload) = workloads.get(name).filter(|workload| workload["verdict"] != "notReady") else { continue };
        let rule = finding["rule"].as_str().unwrap();
        // A short one may be measured at the second time only, which gives it limits that are not written.
        let still = open(repeated[name]).contains(rule) || repeated[name]["given"] != serde_json::json!([]);
        assert!(open(workload).contains(rule) && still, "{name}: {finding:#}");
    }
}

/// The lines of a text without its numbers, which are not the same on any two machines.
fn lines(text: &str) -> BTreeSet<String> {
    let without = |line: &str| line.chars().filter(|c| !c.is_ascii_digit()).collect();
    text.lines().map(without).collect()
}

/// The block of `docs/try.md` between these two lines.
fn block<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    page.split_once(start).and_then(|(_, rest)| rest.split_once(end)).unwrap().0
}

#[test]
fn the_page_shows_what_is_written() {
    let Some(image) = testbox::image() else { return };
    let page = std::fs::read_to_string(project("docs/try.md")).unwrap();
    let manifest = block(&page, "```yaml\n", "```\n");
    let manifest = manifest.replace("ghcr.io/example/shop:1.4", image).replace("ghcr.io/example/mail:2.0", image);
    let folder = folder(&[("shop.yaml", &manifest)]);
    let level = || harden(folder.path(), &["level", "--no-config", "shop.yaml"]).out;
    let shown = lines(block(&page, "$ harden level shop.yaml\n", "$ harden try"));
    assert!(lines(&level()).is_superset(&shown), "{}", level());
    let args = ["try", "--no-config", "--for", "500ms", "--write", "shop.yaml"];
    let run = harden(folder.path(), &args);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let shown =
        lines(&block(&page, "$ harden try shop.yaml\n", "```\n").replace("  `harden try --write` writes it\n", ""));
    let written = lines(&run.out);
    let missing: Vec<&String> = shown.difference(&written).collect();
    assert!(missing.is_empty(), "{missing:#?} is not in\n{}", run.out);
    assert!(level().contains("Deployment shop  hardening"), "{}", level());
}

#[test]
fn an_image_that_is_not_there_is_said() {
    if testbox::image().is_none() {
        return;
    }
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'localhost/none:1'}]}\n";
    let folder = folder(&[("pod.yaml", pod)]);
    let (run, report) = tried(folder.path(), &["--write", "pod.yaml"]);
    let workload = &report["workloads"][0];
    assert_eq!((run.code, &workload["verdict"], &workload["runs"]), (2, &"notTried".into(), &0.into()), "{}", run.err);
    assert!(workload["why"].as_str().unwrap().contains("image localhost/none:1 is not on this machine"), "{workload}");
    assert_eq!(std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), pod);
}

#[test]
fn without_an_engine_or_a_workload_it_says_so() {
    let folder =
        folder(&[("pod.yaml", ONE_LINE), ("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n")]);
    let none = harden(folder.path(), &["try", "map.yaml"]);
    assert_eq!((none.code, none.out.as_str()), (0, "no workload was found\n"), "{}", none.err);
    let mut command = harden_command();
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock").current_dir(folder.path());
    let unreachable = run(command.args(["try", "pod.yaml"]).output().unwrap());
    assert_eq!((unreachable.code, unreachable.out.as_str()), (2, ""), "{}", unreachable.err);
    assert!(unreachable.err.contains("/nowhere/docker.sock"), "{}", unreachable.err);
    let stdin = harden_with_stdin(folder.path(), &["try", "--write", "-"], ONE_LINE);
    assert!(stdin.code == 2 && stdin.err.contains("--diff"), "{}", stdin.err);
}
