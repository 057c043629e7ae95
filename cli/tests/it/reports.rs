//! The reports, with the real binary.

use serde_json::Value;

use crate::support::*;

const FORMATS: [&str; 10] =
    ["text", "concise", "matrix", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"];

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = folder(&[("bad.yaml", PRIVILEGED), ("clean.yaml", "# nothing\n"), ("broken.yaml", "a: b: c\n")]);
    for (path, code) in [("bad.yaml", 1), ("clean.yaml", 0), ("broken.yaml", 2), (".", 2)] {
        for format in FORMATS {
            let run = harden(folder.path(), &["check", "--format", format, path]);
            assert_eq!(run.code, code, "{format} {path}: {}", run.err);
            assert_eq!(run.err, "", "{format} {path}");
            let again = harden(folder.path(), &["check", "--format", format, path]);
            assert_eq!(run.out, again.out, "{format} {path}: the same bytes every time");
        }
    }
}

#[test]
fn concise_is_one_line_a_finding() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("broken.yaml", "a: b: c\n")]);
    let run = harden(folder.path(), &["check", "--format", "concise", "."]);
    let privileged = "./pod.yaml:10:9: error[privileged] container \"app\": ";
    assert!(run.out.lines().any(|line| line.starts_with(privileged)), "{}", run.out);
    assert!(run.out.contains("./broken.yaml:1:5: error: is not valid YAML"), "{}", run.out);
    assert!(run.out.lines().all(|line| line.starts_with("./")), "{}", run.out);
}

#[test]
fn quiet_says_what_fails_and_nothing_else() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("clean.yaml", "# nothing\n")]);
    assert_eq!(harden(folder.path(), &["check", "--quiet", "clean.yaml"]).out, "");
    let warn = r#"{"action": "warn"}"#;
    let warned = harden(folder.path(), &["check", "-q", "--settings-json", warn, "pod.yaml"]);
    assert_eq!((warned.code, warned.out.as_str()), (0, ""));
    let run = harden(folder.path(), &["check", "-q", "pod.yaml"]);
    let (summary, findings) = run.out.trim_end().rsplit_once('\n').map(|(a, b)| (b, a)).unwrap();
    assert!(findings.lines().all(|line| line.starts_with("pod.yaml:") && line.contains(": error[")), "{}", run.out);
    assert!(summary.contains("in 1 of 1 workload; 1 file read"), "{summary}");
}

#[test]
fn statistics_count_the_most_violated_rule_first() {
    let folder = folder(&[("pod.yaml", &format!("{PRIVILEGED}---\n{PRIVILEGED}"))]);
    let run = harden(folder.path(), &["check", "--statistics", "pod.yaml"]);
    let counts: Vec<(usize, &str)> = run
        .out
        .lines()
        .filter_map(|line| line.split_once("  "))
        .filter_map(|(count, rule)| Some((count.trim().parse().ok()?, rule)))
        .filter(|(_, rule): &(usize, &str)| !rule.contains(' '))
        .collect();
    assert!(counts.len() > 4, "{}", run.out);
    let sorted = counts.is_sorted_by_key(|(count, rule)| (std::cmp::Reverse(*count), *rule));
    assert!(sorted, "{counts:?}");
    let json: Value = serde_json::from_str(&harden(folder.path(), &["check", "--format", "json", "."]).out).unwrap();
    let of_json: Vec<(usize, &str)> = (json["statistics"].as_array().unwrap().iter())
        .map(|count| (count["errors"].as_u64().unwrap() as usize, count["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(of_json, counts);
}

#[test]
fn the_matrix_is_a_command_and_a_format() {
    let folder = folder(&[("deploy/pod.yaml", PRIVILEGED)]);
    let run = harden(folder.path(), &["matrix", "deploy"]);
    assert_eq!(run.code, 1, "{}", run.err);
    for part in ["deploy/pod.yaml", "  Pod web", "image-tag", "X  violation", " cells clean ("] {
        assert!(run.out.contains(part), "{part:?} is missing in:\n{}", run.out);
    }
    assert_eq!(run.out, harden(folder.path(), &["check", "--format", "matrix", "deploy"]).out);
    let page = harden(folder.path(), &["matrix", "--format", "html", "-o", "matrix.html", "deploy"]);
    assert_eq!((page.code, page.out.as_str()), (1, ""));
    assert!(std::fs::read_to_string(folder.path().join("matrix.html")).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn no_colour_and_no_link_reaches_a_pipe() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    for format in FORMATS {
        let run = harden(folder.path(), &["check", "--format", format, "pod.yaml"]);
        assert!(!run.out.contains('\u{1b}'), "{format}");
    }
}

#[test]
fn the_score_after_a_fix_is_what_a_fix_gives() {
    let folder = folder(&[]);
    for entry in std::fs::read_dir(examples().join("insecure")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let score = || {
        let out = harden(folder.path(), &["matrix", "."]).out;
        out.lines().find(|line| line.contains(" clean (")).unwrap_or_else(|| panic!("{out}")).to_owned()
    };
    let before = score();
    let promised = before.split("; ").nth(1).unwrap().split(' ').next().unwrap();
    harden(folder.path(), &["fix", "."]);
    let after = score();
    assert_eq!(after.split(' ').next().unwrap(), promised, "{before}\n{after}");
}

#[test]
fn suppressed_findings_are_marked_where_the_format_can() {
    let pod = PRIVILEGED.replace("privileged: true", "privileged: true # harden: ignore[privileged] it loads drivers");
    let folder = folder(&[("pod.yaml", &pod)]);
    let report = |format: &str| harden(folder.path(), &["check", "--format", format, "pod.yaml"]).out;
    for format in ["text", "concise", "github", "gitlab", "markdown"] {
        let out = report(format);
        assert!(
            !out.contains("error[privileged]") && !out.contains("\"check_name\": \"privileged\""),
            "{format}: {out}"
        );
    }
    assert!(report("junit").contains("<skipped message=\"suppressed in line 10: it loads drivers\"/>"));
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let suppressed = |result: &&Value| result["ruleId"] == "privileged";
    let result = sarif["runs"][0]["results"].as_array().unwrap().iter().find(suppressed).unwrap();
    assert_eq!(result["suppressions"][0]["justification"], "it loads drivers");
    assert!(report("matrix").contains("m  suppressed"));
    assert!(report("html").contains("Suppressed in line 10: it loads drivers"));
}

/// What of JSON schema `docs/report.schema.json` uses; a keyword that is not known here fails.
fn validate(schema: &Value, root: &Value, value: &Value, at: &str) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                validate(&root["$defs"][name], root, value, at);
            }
            "const" => assert_eq!(value, wanted, "{at}"),
            "enum" => assert!(wanted.as_array().unwrap().contains(value), "{at}: {value}"),
            "minimum" => assert!(value.as_u64() >= wanted.as_u64(), "{at}: {value}"),
            "type" => {
                let is = |kind: &str| match kind {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("{at}: type {other}"),
                };
                let kinds = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                assert!(kinds.iter().any(|kind| is(kind.as_str().unwrap())), "{at}: {value}");
            }
            "properties" => {
                for (key, below) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(key) {
                        validate(below, root, value, &format!("{at}.{key}"));
                    }
                }
            }
            "required" => {
                for key in wanted.as_array().unwrap() {
                    assert!(value.get(key.as_str().unwrap()).is_some(), "{at}: {key} is missing");
                }
            }
            "additionalProperties" => {
                assert_eq!(*wanted, Value::Bool(false), "{at}");
                for key in value.as_object().unwrap().keys() {
                    assert!(schema["properties"].get(key).is_some(), "{at}: {key} is not in the schema");
                }
            }
            "items" => {
                for (index, item) in value.as_array().unwrap().iter().enumerate() {
                    validate(wanted, root, item, &format!("{at}[{index}]"));
                }
            }
            other => panic!("{at}: keyword {other}"),
        }
    }
}

#[test]
fn the_json_report_is_what_its_schema_says() {
    let text = std::fs::read_to_string(project("docs/report.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let suppressed =
        PRIVILEGED.replace("privileged: true", "privileged: true # harden: ignore[privileged] it loads drivers");
    let folder = folder(&[("pod.yaml", &suppressed), ("other.yaml", PRIVILEGED), ("broken.yaml", "a: b: c\n")]);
    std::fs::write(folder.path().join("latin.yaml"), b"a: \xe9\n").unwrap();
    for args in [&["other.yaml"][..], &["pod.yaml"], &["."], &["--profile", "privileged", "pod.yaml"]] {
        let run = harden(folder.path(), &[&["check", "--format", "json"], args].concat());
        validate(&schema, &schema, &serde_json::from_str(&run.out).unwrap(), "report");
    }
}
