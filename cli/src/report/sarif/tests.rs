#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::super::Format;
use super::super::excerpt::Lines;
use super::super::testing::{POD, everything, judged, written};

fn run(files: &[super::FileReport]) -> Value {
    let log: Value = serde_json::from_str(&written(Format::Sarif, files)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    log["runs"][0].clone()
}

#[test]
fn every_result_has_its_rule_region_and_fingerprint() {
    let files = everything();
    let run = run(&files);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), files.iter().map(|file| file.findings.len()).sum::<usize>());
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().len() > 100, "{rule}");
        assert!(rule["properties"]["security-severity"].is_string());
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b/pod%2C1.yaml");
        let number = |key: &str| location["region"][key].as_u64().unwrap();
        assert!((number("startLine"), number("startColumn")) < (number("endLine"), number("endColumn")), "{location}");
        assert_eq!(result["partialFingerprints"]["harden/v1"].as_str().unwrap().len(), 16);
    }
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    assert_eq!(of("privileged")["suppressions"][0]["kind"], "inSource");
    assert_eq!(of("read-only-root-filesystem")["suppressions"][0]["kind"], "external");
    assert!(of("capabilities").get("suppressions").is_none());
}

#[test]
fn every_address_is_that_of_a_page_of_this_release() {
    let run = run(&everything());
    let driver = &run["tool"]["driver"];
    let addresses = driver["rules"].as_array().unwrap().iter().map(|rule| &rule["helpUri"]);
    let released = format!("{}/blob/v{}/", env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let root = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..");
    for address in addresses.chain([&driver["informationUri"]]) {
        let page = address.as_str().unwrap().strip_prefix(&released).unwrap();
        assert!(root.join(page).is_file(), "{page}");
    }
}

#[test]
fn problems_are_notifications() {
    let invocation = &run(&everything())["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 2);
    assert_eq!(run(&[judged("a.yaml", "# nothing\n")])["invocations"][0]["executionSuccessful"], true);
}

/// Applies a fix as a viewer does.
fn applied(text: &str, fix: &Value) -> String {
    let lines = Lines::of(text);
    let offset = |line: &Value, column: &Value| {
        let wanted = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
        (0..=text.len()).find(|at| text.is_char_boundary(*at) && lines.position(*at) == wanted).unwrap()
    };
    let mut text = text.to_owned();
    for replacement in fix["artifactChanges"][0]["replacements"].as_array().unwrap().iter().rev() {
        let region = &replacement["deletedRegion"];
        let range =
            offset(&region["startLine"], &region["startColumn"])..offset(&region["endLine"], &region["endColumn"]);
        text.replace_range(range, replacement["insertedContent"]["text"].as_str().unwrap());
    }
    text
}

#[test]
fn a_fix_can_be_applied_by_its_lines_and_columns() {
    for text in [POD.to_owned(), POD.trim_end().to_owned(), POD.replace('\n', "\r\n"), format!("# é\n---\n{POD}")] {
        let files = [judged("pod.yaml", &text)];
        let mut fixes = 0;
        for result in run(&files)["results"].as_array().unwrap() {
            let Some(fix) = result.get("fixes") else { continue };
            let after = judged("pod.yaml", &applied(&text, &fix[0]));
            assert!(after.problems.is_empty() && after.findings.len() < files[0].findings.len(), "{fix}");
            fixes += 1;
        }
        assert!(fixes > 2, "{fixes}");
    }
}
