//! Suppressions in comments and annotations.

use hardening::catalogue::IDS;
use kube_yaml::yaml;
use lint::finding::{Finding, Level, Object, Place, Violation};
use lint::suppress::{self, Date};
use lint::text::Text;

/// Reads the suppressions of `bytes`, a manifest. Findings are muted, added and put in order, never lost; without a
/// suppression everything stays as it is.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(date) = text.trim().parse::<Date>() {
        assert_eq!(date.to_string(), text.trim());
    }
    let Ok(today) = "2026-06-30".parse() else { return };
    let before = findings(text);
    let mut after = before.clone();
    suppress::apply(&Text::new(text), &mut after, IDS, &|_| true, today);
    let kept = after.iter().filter(|finding| IDS.contains(&finding.violation.rule.as_str())).count();
    assert_eq!(kept, before.len(), "{text:?}");
    assert!(after.is_sorted_by_key(|finding| finding.place), "{text:?}");
    let is_untouched = after.len() == before.len() && after.iter().all(|finding| finding.muted.is_none());
    assert!(is_untouched || suppress::mentioned(text), "{text:?}");
    for finding in &after {
        assert!(finding.place.end <= text.len(), "{text:?}: {:?}", finding.place);
    }
}

/// A finding of every rule about every container of every document.
fn findings(text: &str) -> Vec<Finding> {
    let parsed = yaml::parse(text);
    let mut found = Vec::new();
    for document in &parsed.documents {
        let containers = document.root.get("spec").and_then(|spec| spec.get("containers"));
        let count = containers.and_then(|list| list.as_sequence()).map_or(0, |list| list.len().min(4));
        for index in 0..count {
            for rule in IDS {
                let path = format!("spec.containers[{index}].securityContext");
                found.push(Finding {
                    place: Place::find(&document.root, &path),
                    level: Level::Error,
                    object: Object::of(&document.root),
                    violation: Violation {
                        rule: (*rule).to_owned(),
                        path,
                        container: None,
                        container_type: None,
                        found: None,
                        message: String::new(),
                        fixable: false,
                        rejects: true,
                        fix: Vec::new(),
                    },
                    policy: None,
                    muted: None,
                });
            }
        }
    }
    found.sort_by_key(|finding| finding.place);
    found
}
