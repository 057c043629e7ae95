//! The reports, with the real binary.

use lint::config::Format;
use serde_json::Value;

use crate::support::*;

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = folder(&[("bad.yaml", PRIVILEGED), ("clean.yaml", "# nothing\n"), ("broken.yaml", "a: b: c\n")]);
    for (path, code) in [("bad.yaml", 1), ("clean.yaml", 0), ("broken.yaml", 2), (".", 2)] {
        for format in Format::WORDS {
            let run = harden(folder.path(), &["check", "--format", format, path]);
            assert_eq!(run.code, code, "{format} {path}: {}", run.err);
            assert_eq!(run.err, "", "{format} {path}");
            let again = harden(folder.path(), &["check", "--format", format, path]);
            assert_eq!(run.out, again.out, "{format} {path}: the same bytes every time");
        }
    }
}

/// Friction 21, and a full disk.
#[test]
fn every_format_says_alike_that_it_cannot_be_written() {
    let pods: String =
        (0..400).map(|at| format!("---\n{}", PRIVILEGED.replace("name: web", &format!("name: web-{at}")))).collect();
    let folder = folder(&[("pods.yaml", &pods)]);
    for format in lint::config::Format::WORDS {
        let check = || {
            let mut command = harden_command();
            command.current_dir(folder.path()).args(["check", "--format", format, "pods.yaml"]);
            command
        };
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let full = run(check().stdout(full).stderr(std::process::Stdio::piped()).output().unwrap());
        let said = "error: cannot write the report: No space left on device (os error 28)\n";
        assert_eq!((full.code, full.err.as_str()), (2, said), "{format}");
        // The reader is gone before anything is written.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = run(check().stdout(writer).stderr(std::process::Stdio::piped()).output().unwrap());
        assert_eq!((gone.code, gone.err.as_str()), (141, ""), "{format}");
    }
}

#[test]
fn quiet_says_nothing_if_nothing_fails() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("clean.yaml", "# nothing\n")]);
    assert_eq!(harden(folder.path(), &["check", "--quiet", "clean.yaml"]).out, "");
    let warn = r#"{"action": "warn"}"#;
    let warned = harden(folder.path(), &["check", "-q", "--settings-json", warn, "pod.yaml"]);
    assert_eq!((warned.code, warned.out.as_str()), (0, ""));
}

#[test]
fn the_matrix_is_a_command_and_a_format() {
    let folder = folder(&[("deploy/pod.yaml", PRIVILEGED)]);
    let run = harden(folder.path(), &["matrix", "deploy"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.out, harden(folder.path(), &["check", "--format", "matrix", "deploy"]).out);
    let page = harden(folder.path(), &["matrix", "-o", "matrix.html", "deploy"]);
    assert_eq!((page.code, page.out.as_str()), (1, ""));
    assert!(std::fs::read_to_string(folder.path().join("matrix.html")).unwrap().starts_with("<!DOCTYPE html>"));
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

/// Validates with the part of JSON schema that `docs/report.schema.json` and a plain `harden.yaml` use; a keyword that is not known here
/// fails.
pub(crate) fn validate(schema: &Value, root: &Value, value: &Value, at: &str) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" | "default" => {}
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                validate(&root["$defs"][name], root, value, at);
            }
            "const" => assert_eq!(value, wanted, "{at}"),
            "enum" => assert!(wanted.as_array().unwrap().contains(value), "{at}: {value}"),
            "minLength" => assert!(value.as_str().unwrap().len() as u64 >= wanted.as_u64().unwrap(), "{at}: {value}"),
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
