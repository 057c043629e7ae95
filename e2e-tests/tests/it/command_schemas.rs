//! The JSON schemas of `harden.yaml`, of suites and of the user's own configuration are schemas, take what the documentation shows, and refuse slips.

use std::fs;

use boon::{Compiler, SchemaIndex, Schemas};
use e2e_tests::policies::root;
use kube_yaml::yaml;
use serde_json::Value;

/// A committed schema, compiled: which checks it against the schema of schemas.
struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn load(name: &str) -> Validator {
        let text = fs::read_to_string(root().join("docs").join(name)).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource(name, serde_json::from_str(&text).unwrap()).unwrap();
        let index = compiler.compile(name, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        Validator { schemas, index }
    }

    fn takes(&self, text: &str) -> Result<(), String> {
        let parsed = yaml::parse(text);
        assert!(parsed.errors.is_empty(), "{text}");
        let value: Value = serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap();
        self.schemas.validate(&value, self.index).map_err(|error| error.to_string())
    }
}

/// The first block of YAML in a page.
fn first_example(page: &str) -> String {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let (_, rest) = text.split_once("```yaml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_users_own_configuration() {
    let validator = Validator::load("user.schema.json");
    for good in [first_example("docs/trust.md"), "{}\n".to_owned()] {
        validator.takes(&good).unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    for bad in ["trust: ~/work\n", "trusted: [/a]\n"] {
        assert!(validator.takes(bad).is_err(), "{bad}");
    }
}

#[test]
fn suites() {
    let validator = Validator::load("harden-test.schema.json");
    let example = fs::read_to_string(root().join("examples/tests/harden-test.yaml")).unwrap();
    for text in [example, first_example("docs/test.md")] {
        validator.takes(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let test = |keys: &str| format!("tests: [{{name: t, file: a, {keys}}}]\n");
    for good in [
        test("expect: allowed"),
        test("expect: {verdict: failed, messageMatches: '^a'}"),
        test("expect: {mutation: unchanged}"),
        test("expect: {mutation: {patch: [{op: add, path: /a, value: 1}]}}"),
        test("objects: [{object: Pod a, expect: denied}]"),
    ] {
        validator.takes(&good).unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    for bad in [
        "name: nothing is tested\n".to_owned(),
        "tests: []\n".to_owned(),
        "test: [{name: t, file: a, expect: allowed}]\n".to_owned(),
        test("expect: alowed"),
        test("expect: {}"),
        test("expect: {verdct: allowed}"),
        test("expect: {violations: [{rules: a}]}"),
        test("expect: {mutation: {object: {}, contains: {}}}"),
        test("expect: {mutation: other}"),
        test("operation: create"),
        test("object: text"),
        format!("policies: [{{profile: strict}}]\n{}", test("expect: allowed")),
        format!("policies: [{{rule: privileged, setting: {{}}}}]\n{}", test("expect: allowed")),
    ] {
        assert!(validator.takes(&bad).is_err(), "{bad}");
    }
}

#[test]
fn configurations() {
    let validator = Validator::load("harden.schema.json");
    for text in [first_example("docs/configuration.md"), "profile: restricted\n".to_owned(), "{}\n".to_owned()] {
        validator.takes(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    for bad in
        ["profil: baseline\n", "failOn: sometimes\n", "rules: {privilege: false}\n", "overrides: [{path: [a]}]\n"]
    {
        assert!(validator.takes(bad).is_err(), "{bad}");
    }
}
