//! Checks of a mutated object.

use serde_json::Value;

use crate::diff;
use crate::expected::Expected;

/// How `after` differs from `before` otherwise than the case says, a line each.
pub fn differences(before: &Value, after: &Value, expected: &Expected) -> Vec<String> {
    let mut lines = Vec::new();
    let changed = diff::changed(before, after);
    for (path, value) in &expected.mutated {
        let actual = diff::at(after, path);
        if actual != value {
            lines.push(format!("{path}: expected {value}, got {actual}"));
        } else if !changed.iter().any(|changed| diff::is_below(changed, path)) {
            lines.push(format!("{path}: was {value} before"));
        }
    }
    let stray = changed.iter().filter(|path| !expected.mutated.keys().any(|place| diff::is_below(path, place)));
    lines.extend(stray.map(|path| format!("{path}: became {}", diff::at(after, path))));
    lines
}
