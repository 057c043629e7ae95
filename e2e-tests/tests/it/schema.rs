//! The generated JSON schemas take the settings that the policies take, and refuse what the policies refuse, as far
//! as a schema can tell.

use std::collections::BTreeMap;
use std::fs;

use boon::{Compiler, SchemaIndex, Schemas};
use cases::tables;
use e2e_tests::policies::{ids, root};
use hardening::bundle;
use hardening::catalogue::{self, RuleDoc};
use serde_json::{Value, json};

/// Refusals of what a schema cannot express: values that contradict each other, and texts in a language of their own.
const BEYOND_SCHEMA: &[&str] = &[
    "has no effect unless ",
    "has no effect while required is ",
    "is not a glob: ",
    "matches no ",
    "must not be greater than ",
    "must be the name of a profile with type Localhost, and only then",
    "does not match localhostProfiles",
    "never allows 0",
    "is not in allowedTypes",
    "is not in allowedLevels",
    "is not in ranges",
    "too; keep one",
    "which wins; keep one",
    "is given twice; keep one",
    "is a check of the Pod Security Standards that this profile and version lack",
];

/// The committed schemas, compiled: which checks each against the schema of schemas.
struct Validators {
    schemas: Schemas,
    indices: BTreeMap<&'static str, SchemaIndex>,
}

impl Validators {
    fn load() -> Validators {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let mut load = |id: &'static str| {
            let path = root().join(format!("policies/{id}/settings.schema.json"));
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let schema: Value = serde_json::from_str(&text).unwrap();
            let url = schema["$id"].as_str().unwrap().to_owned();
            compiler.add_resource(&url, schema).unwrap();
            let index = compiler.compile(&url, &mut schemas);
            (id, index.unwrap_or_else(|error| panic!("{}: {error:#}", path.display())))
        };
        let indices = ids().into_iter().map(&mut load).collect();
        Validators { schemas, indices }
    }

    /// Returns the schema's complaint about the settings.
    fn refusal(&self, id: &str, settings: &Value) -> Option<String> {
        self.schemas.validate(settings, self.indices[id]).err().map(|error| error.to_string())
    }
}

/// The settings of every case of every policy, each once.
fn settings() -> BTreeMap<String, Vec<Value>> {
    let policies = tables::read(&root().join("e2e-tests/cases"), &catalogue::every()).unwrap();
    let of = |policy: tables::PolicyCases| {
        let mut all: Vec<Value> = vec![json!({}), Value::Null];
        for placed in policy.cases {
            // The schema of harden.lock says the rest about entries of images.
            let has_entries = placed.case.settings.get("images").is_some();
            if !has_entries && !all.contains(&placed.case.settings) {
                all.push(placed.case.settings);
            }
        }
        (policy.id, all)
    };
    policies.into_iter().map(of).collect()
}

/// Settings with one value replaced by each of several of other types, and with a key too many.
fn spoilt(settings: &Value) -> Vec<Value> {
    let others =
        [json!(null), json!(true), json!(-1), json!(7.5), json!(""), json!("text"), json!([]), json!([[]]), json!({})];
    let mut all = Vec::new();
    for place in places(settings) {
        for other in &others {
            let mut spoilt = settings.clone();
            *spoilt.pointer_mut(&place).unwrap() = other.clone();
            all.push(spoilt);
        }
        let mut spoilt = settings.clone();
        if let Some(object) = spoilt.pointer_mut(&place).and_then(Value::as_object_mut) {
            object.insert("noSuchSetting".to_owned(), json!(1));
            all.push(spoilt);
        }
    }
    all
}

/// JSON pointers to everything in `value`, itself included.
fn places(value: &Value) -> Vec<String> {
    let below = |key: String, value: &Value| -> Vec<String> {
        let key = key.replace('~', "~0").replace('/', "~1");
        places(value).into_iter().map(|rest| format!("/{key}{rest}")).collect()
    };
    let mut all = vec![String::new()];
    match value {
        Value::Object(members) => all.extend(members.iter().flat_map(|(key, value)| below(key.clone(), value))),
        Value::Array(items) => all.extend(items.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value))),
        _ => {}
    }
    all
}

/// Asked natively: the cases show that the wasm says the same.
#[test]
fn schemas_and_policies_agree() {
    let docs: Vec<RuleDoc> = catalogue::every().into_iter().chain([bundle::doc()]).collect();
    let validators = Validators::load();
    let (mut accepted, mut refused, mut beyond) = (0, 0, 0);
    let mut differences = Vec::new();
    for (id, settings) in settings() {
        let doc = docs.iter().find(|doc| doc.id == id).unwrap();
        let all: Vec<Value> = settings.iter().cloned().chain(settings.iter().flat_map(spoilt)).collect();
        for settings in all {
            match (doc.refusal(&settings.to_string()), validators.refusal(&id, &settings)) {
                (None, None) => accepted += 1,
                (Some(_), Some(_)) => refused += 1,
                (Some(why), None) if BEYOND_SCHEMA.iter().any(|text| why.contains(text)) => beyond += 1,
                (None, Some(why)) => differences.push(format!("{id}: the schema refuses {settings}: {why}")),
                (Some(why), None) => differences.push(format!("{id}: the schema takes {settings}: {why}")),
            }
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
    // Each of the ways to be judged occurs, or the test would say nothing.
    assert!(accepted > 100 && refused > 100 && beyond > 10, "{accepted} {refused} {beyond}");
    println!("{accepted} accepted by both, {refused} refused by both, {beyond} refused for what a schema cannot say");
}
