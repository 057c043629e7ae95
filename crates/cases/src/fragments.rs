//! The pieces of every rule's cases: each rule's own good and bad containers and templates.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::case::Table;

/// The fragments of one rule: what `$good-container`, `$bad-container`, `$good` and `$bad` stand for.
#[derive(Debug, Clone, Default)]
pub struct Fragments {
    values: BTreeMap<&'static str, Value>,
    /// The value of `$at`: places in `$bad-container`.
    at_container: Vec<String>,
    /// The value of `$bad-at`: places in `$bad`.
    at_template: Vec<String>,
}

const BAD: &str = "$bad";
const GOOD: &str = "$good";
const BAD_CONTAINER: &str = "$bad-container";
const GOOD_CONTAINER: &str = "$good-container";
const AT: &str = "$at";
const BAD_AT: &str = "$bad-at";

impl Fragments {
    /// The fragments that a rule's tables declare.
    ///
    /// # Errors
    /// A fragment that is declared twice, or without its counterpart.
    pub fn of(tables: &[Table]) -> Result<Fragments> {
        let mut fragments = Fragments::default();
        for table in tables {
            let declared = [
                (GOOD_CONTAINER, &table.good_container),
                (BAD_CONTAINER, &table.bad_container),
                (GOOD, &table.good),
                (BAD, &table.bad),
            ];
            for (name, value) in declared.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))) {
                if fragments.values.insert(name, value).is_some() {
                    bail!("{} is declared twice", &name[1..]);
                }
            }
            if fragments.values.contains_key(BAD_CONTAINER) {
                fragments.at_container.extend(table.at.iter().cloned());
            } else {
                fragments.at_template.extend(table.at.iter().cloned());
            }
        }
        fragments.derive_templates();
        match (
            fragments.values.contains_key(BAD),
            fragments.values.contains_key(GOOD),
            fragments.at_template.is_empty(),
        ) {
            (true, true, false) | (false, false, true) => Ok(fragments),
            _ => bail!("good-container, bad-container and at (or good, bad and at) belong together"),
        }
    }

    fn derive_templates(&mut self) {
        for (from, to) in [(GOOD_CONTAINER, GOOD), (BAD_CONTAINER, BAD)] {
            if let Some(container) = self.values.get(from) {
                let template = json!({ "spec": { "containers": [container] } });
                self.values.insert(to, template);
            }
        }
        let in_first = self.at_container.iter().map(|at| placed("spec.containers[0].$at", AT, at));
        self.at_template.extend(in_first.collect::<Vec<_>>());
    }

    /// Whether the rule declares what the case `value` refers to.
    pub fn have_all(&self, value: &Value) -> bool {
        match value {
            Value::String(text) if text.ends_with(AT) => !self.at_container.is_empty(),
            Value::String(text) if text.starts_with('$') => text == BAD_AT || self.values.contains_key(text.as_str()),
            Value::Array(items) => items.iter().all(|item| self.have_all(item)),
            Value::Object(members) => members.iter().all(|(key, value)| {
                (!key.starts_with('$') || self.values.contains_key(key.as_str())) && self.have_all(value)
            }),
            _ => true,
        }
    }

    /// `value` with every fragment in its place: the string `$bad`, or `$bad: {more: fields}`, which sets
    /// fields of the fragment. A string with `$at` in a list becomes one for every place.
    ///
    /// # Errors
    /// A fragment that the rule does not declare.
    pub fn fill(&self, value: &Value) -> Result<Value> {
        match value {
            Value::String(text) if text.starts_with('$') => self.get(text),
            Value::Array(items) => {
                let mut filled = Vec::with_capacity(items.len());
                for item in items {
                    match item.as_str().and_then(|text| self.places(text)) {
                        Some(places) => filled.extend(places.into_iter().map(Value::String)),
                        None => filled.push(self.fill(item)?),
                    }
                }
                Ok(Value::Array(filled))
            }
            Value::Object(members) => match members.iter().next() {
                Some((name, more)) if members.len() == 1 && name.starts_with('$') => {
                    let (mut fragment, more) = (self.get(name)?, self.fill(more)?);
                    merge(&mut fragment, &more);
                    Ok(fragment)
                }
                _ => {
                    let fill = |(key, value): (&String, &Value)| Ok((key.clone(), self.fill(value)?));
                    members.iter().map(fill).collect::<Result<Map<_, _>>>().map(Value::Object)
                }
            },
            other => Ok(other.clone()),
        }
    }

    /// The paths that a path with a placeholder stands for.
    fn places(&self, text: &str) -> Option<Vec<String>> {
        let (placeholder, places) = match text {
            _ if text.ends_with(BAD_AT) => (BAD_AT, &self.at_template),
            _ if text.ends_with(AT) => (AT, &self.at_container),
            _ => return None,
        };
        Some(places.iter().map(|at| placed(text, placeholder, at)).collect())
    }

    fn get(&self, name: &str) -> Result<Value> {
        self.values.get(name).cloned().with_context(|| format!("there is no fragment {name}"))
    }

    /// A container that the rule accepts, called `name`.
    pub fn good_container(&self, name: &str) -> Value {
        let mut container = self.values.get(GOOD_CONTAINER).cloned().unwrap_or_else(|| json!({}));
        merge(&mut container, &json!({ "name": name }));
        container
    }
}

/// `pattern` with `at` in place of the placeholder; the bundle's rule id stays in front.
fn placed(pattern: &str, placeholder: &str, at: &str) -> String {
    match at.split_once(' ') {
        Some((rule, path)) => format!("{rule} {}", pattern.replace(placeholder, path)),
        None => pattern.replace(placeholder, at),
    }
}

/// Sets the members of `more` in `value`, objects member by member; `null` takes a member away.
pub fn merge(value: &mut Value, more: &Value) {
    let (Value::Object(members), Value::Object(more)) = (&mut *value, more) else {
        *value = more.clone();
        return;
    };
    for (key, new) in more {
        if new.is_null() {
            members.remove(key);
        } else {
            merge(members.entry(key).or_insert(Value::Null), new);
        }
    }
}
