//! Namespace selectors: kubectl's syntax and excluded names, as a `LabelSelector`.
//!
//! kube-core has the types of a selector, but reads none from text.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use thiserror::Error;

use super::names::{NameError, check_label_key, check_label_value};

/// The label that every namespace carries with its own name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A text that is not a selector, or one that a `LabelSelector` cannot hold.
#[derive(Debug, PartialEq, Error)]
pub(super) enum SelectorError {
    #[error("unexpected `{0}`")]
    Bracket(char),
    #[error("`)` is missing")]
    Unclosed,
    #[error(
        "a requirement is empty; expected `key=value`, `key!=value`, `key in (a,b)`, `key notin (a,b)`, `key` or `!key`"
    )]
    Empty,
    #[error("`{0}` compares by size, which a LabelSelector cannot")]
    Compares(String),
    #[error("`{0}`: expected `key in (a,b)` or `key notin (a,b)`")]
    Operator(String),
    #[error("`{0}` names no value")]
    NoValue(String),
    #[error("`{0}` cannot have two values at once; write `{0} in (…)` for either")]
    TwoValues(String),
    #[error(transparent)]
    Label(#[from] NameError),
}

/// Reads a selector as `kubectl get -l` takes it: `env=prod,tier!=web,zone in (a,b),!legacy`.
///
/// # Errors
/// Text that is not a selector, and comparisons by size, which a `LabelSelector` does not have.
pub(super) fn parse(text: &str) -> Result<LabelSelector, SelectorError> {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    let mut expressions = Vec::new();
    for part in split(text)? {
        match requirement(part)? {
            Requirement::Equals(key, value) => {
                if labels.get(&key).is_some_and(|known| *known != value) {
                    return Err(SelectorError::TwoValues(key));
                }
                labels.insert(key, value);
            }
            Requirement::Expression(expression) => expressions.push(expression),
        }
    }
    Ok(LabelSelector {
        match_labels: Some(labels).filter(|labels| !labels.is_empty()),
        match_expressions: Some(expressions).filter(|expressions| !expressions.is_empty()),
    })
}

/// The selector without the namespaces of these names.
pub(super) fn exclude(selector: LabelSelector, names: &[String]) -> LabelSelector {
    if names.is_empty() {
        return selector;
    }
    let mut expressions = selector.match_expressions.unwrap_or_default();
    expressions.push(expression(NAME_LABEL, "NotIn", names.to_vec()));
    LabelSelector { match_expressions: Some(expressions), ..selector }
}

enum Requirement {
    Equals(String, String),
    Expression(LabelSelectorRequirement),
}

/// The parts between the commas that stand outside brackets.
fn split(text: &str) -> Result<Vec<&str>, SelectorError> {
    let mut parts = Vec::new();
    let (mut start, mut inside) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' if !inside => inside = true,
            b')' if inside => inside = false,
            b'(' | b')' => return Err(SelectorError::Bracket(char::from(byte))),
            b',' if !inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if inside {
        return Err(SelectorError::Unclosed);
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn requirement(text: &str) -> Result<Requirement, SelectorError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(SelectorError::Empty);
    }
    if text.contains(['<', '>']) {
        return Err(SelectorError::Compares(text.to_owned()));
    }
    if let Some(key) = text.strip_prefix('!') {
        return without_values(key.trim(), "DoesNotExist");
    }
    if let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let words: Vec<&str> = head.split_whitespace().collect();
        let (key, operator) = match words.as_slice() {
            [key, "in"] => (*key, "In"),
            [key, "notin"] => (*key, "NotIn"),
            _ => return Err(SelectorError::Operator(text.to_owned())),
        };
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if values == [""] {
            return Err(SelectorError::NoValue(text.to_owned()));
        }
        return with_values(key, operator, values);
    }
    if let Some((key, value)) = text.split_once("!=") {
        return with_values(key.trim(), "NotIn", vec![value.trim().to_owned()]);
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        let (key, value) = (key.trim(), value.trim());
        check_label_key(key)?;
        check_label_value(value)?;
        return Ok(Requirement::Equals(key.to_owned(), value.to_owned()));
    }
    without_values(text, "Exists")
}

fn without_values(key: &str, operator: &str) -> Result<Requirement, SelectorError> {
    check_label_key(key)?;
    Ok(Requirement::Expression(expression(key, operator, Vec::new())))
}

fn with_values(key: &str, operator: &str, values: Vec<String>) -> Result<Requirement, SelectorError> {
    check_label_key(key)?;
    values.iter().try_for_each(|value| check_label_value(value))?;
    Ok(Requirement::Expression(expression(key, operator, values)))
}

fn expression(key: &str, operator: &str, values: Vec<String>) -> LabelSelectorRequirement {
    LabelSelectorRequirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: Some(values).filter(|values| !values.is_empty()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<serde_json::Value, SelectorError> {
        parse(text).map(|selector| serde_json::to_value(selector).unwrap())
    }

    #[test]
    fn kubectls_syntax() {
        let expression = |key: &str, operator: &str, values: &[&str]| match values {
            [] => json!({"key": key, "operator": operator}),
            _ => json!({"key": key, "operator": operator, "values": values}),
        };
        let only = |expression| json!({ "matchExpressions": [expression] });
        for (text, expected) in [
            ("env=prod", json!({"matchLabels": {"env": "prod"}})),
            ("env==prod", json!({"matchLabels": {"env": "prod"}})),
            ("env=", json!({"matchLabels": {"env": ""}})),
            (" env = prod , tier = web ", json!({"matchLabels": {"env": "prod", "tier": "web"}})),
            ("env!=prod", only(expression("env", "NotIn", &["prod"]))),
            ("env in (a, b)", only(expression("env", "In", &["a", "b"]))),
            ("env notin (a)", only(expression("env", "NotIn", &["a"]))),
            ("env in(a)", only(expression("env", "In", &["a"]))),
            ("env", only(expression("env", "Exists", &[]))),
            ("! example.com/legacy", only(expression("example.com/legacy", "DoesNotExist", &[]))),
            (
                "a=1,b in (x,y),!c",
                json!({"matchLabels": {"a": "1"}, "matchExpressions": [expression("b", "In", &["x", "y"]), expression("c", "DoesNotExist", &[])]}),
            ),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_selector() {
        for (text, expected) in [
            ("", "is empty"),
            ("a=b,", "is empty"),
            ("a in (b", "`)` is missing"),
            ("a in b)", "unexpected `)`"),
            ("a in ((b))", "unexpected `(`"),
            ("a of (b)", "expected `key in"),
            ("a in ()", "names no value"),
            ("a>1", "compares by size"),
            ("a=b c", "is not a label value"),
            ("a b", "is not a label key"),
            ("=b", "is not a label key"),
            ("a=1,a=2", "two values"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(read("a=1,a=1").is_ok());
    }

    #[test]
    fn excluded_names_come_last() {
        let selector = exclude(parse("env=prod,!x").unwrap(), &["kube-system".to_owned(), "b".to_owned()]);
        let expressions = selector.match_expressions.unwrap();
        assert_eq!((expressions.len(), expressions[1].key.as_str()), (2, NAME_LABEL));
        assert_eq!(expressions[1].values.as_deref(), Some(["kube-system".to_owned(), "b".to_owned()].as_slice()));
        assert_eq!(exclude(LabelSelector::default(), &[]), LabelSelector::default());
    }
}
