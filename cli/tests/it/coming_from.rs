//! `docs/coming-from.md` names rules and settings that exist.

use serde_json::{Value, json};

use crate::support::*;

/// The pieces of inline code of a line.
fn code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Returns the last column of a table: rules and settings of harden.
fn last_column(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("|--"));
    rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next()).collect()
}

#[test]
fn every_setting_is_accepted() {
    let text = std::fs::read_to_string(project("docs/coming-from.md")).unwrap();
    let folder = folder(&[("service.yaml", "apiVersion: v1\nkind: Service\n")]);
    let mut count = 0;
    for snippet in last_column(&text).into_iter().flat_map(code) {
        let Some((rule, _)) = snippet.split_once(": {").filter(|(rule, _)| hardening::catalogue::IDS.contains(rule))
        else {
            continue;
        };
        count += 1;
        let rules: Value = serde_yaml_ng::from_str(snippet).unwrap_or_else(|error| panic!("{snippet}: {error}"));
        let settings = json!({"profile": "privileged", "rules": rules}).to_string();
        let run = harden(folder.path(), &["check", "--settings-json", &settings, "service.yaml"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{rule}: {snippet}");
    }
    assert!(count > 40, "{count}");
}

#[test]
fn every_row_has_a_rule_a_profile_a_command_or_says_that_there_is_none() {
    let text = std::fs::read_to_string(project("docs/coming-from.md")).unwrap();
    let (_, tables) = text.split_once("## kube-linter").unwrap();
    let (tables, _) = tables.split_once("## kwctl").unwrap();
    for cell in last_column(tables).into_iter().filter(|cell| *cell != "rule and setting") {
        let is_rule = |code: &str| hardening::catalogue::IDS.contains(&code.split(':').next().unwrap_or_default());
        let known = code(cell).any(is_rule) || cell.contains("profile") || cell.contains("no equivalent");
        assert!(known, "{cell}");
        // A word that looks like a rule is one.
        for word in code(cell).filter(|word| word.contains('-') && !word.contains([' ', ':', '/'])) {
            assert!(hardening::catalogue::IDS.contains(&word), "{word} in {cell}");
        }
    }
}
