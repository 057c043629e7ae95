//! The forms are what Rancher understands, and what it makes of them is what the policies take.

use std::collections::BTreeSet;

use anyhow::Result;
use hardening::bundle;
use hardening::catalogue;

use super::*;
use crate::generate::schema::fields;

fn docs() -> Vec<RuleDoc> {
    catalogue::every().into_iter().chain([bundle::doc()]).collect()
}

/// Whether the policy takes the settings.
fn takes(doc: &RuleDoc, settings: &Value) -> Result<()> {
    doc.refusal(&settings.to_string()).map_or(Ok(()), |error| Err(anyhow::anyhow!("{}: {settings}: {error}", doc.id)))
}

/// Every question of a form, those below others too.
fn all(questions: &[Value]) -> Vec<&Value> {
    let below = |question: &Value| {
        ["subquestions", "sequence_questions"].into_iter().filter_map(|key| question[key].as_array().cloned()).count()
    };
    questions
        .iter()
        .flat_map(|question| {
            assert!(below(question) <= 1, "{question}");
            let below = question["subquestions"].as_array().or(question["sequence_questions"].as_array());
            std::iter::once(question).chain(below.map(|below| all(below)).unwrap_or_default())
        })
        .collect()
}

fn get<'v>(settings: &'v Value, variable: &str) -> &'v Value {
    variable.split('.').fold(settings, |value, key| &value[key])
}

fn set(settings: &mut Value, variable: &str, answer: Value) {
    let place = variable.split('.').fold(settings, |value, key| &mut value[key]);
    *place = answer;
}

/// Rancher's conditions, as far as they are used here: `a=b||c=d`, and a variable that has an answer.
fn is_shown(question: &Value, settings: &Value) -> bool {
    let Some(condition) = question["show_if"].as_str() else { return true };
    condition.split("||").any(|part| match part.split_once('=') {
        Some((variable, wanted)) => get(settings, variable).as_str() == Some(wanted),
        None => !get(settings, part).is_null(),
    })
}

/// Writes the settings that Rancher writes when it shows the form: the default of every question that it shows, but
/// for lists of groups.
fn show(questions: &[Value], settings: &mut Value) {
    for question in questions.iter().filter(|question| question["variable"].is_string()) {
        if !is_shown(question, settings) {
            continue;
        }
        let variable = question["variable"].as_str().unwrap();
        if let Some(default) = question.get("default").filter(|_| question["type"] != "sequence[")
            && get(settings, variable).is_null()
        {
            set(settings, variable, default.clone());
        }
        if let Some(below) = question["subquestions"].as_array() {
            show(below, settings);
        }
    }
}

fn shown(doc: &RuleDoc) -> Value {
    let mut settings = json!({});
    show(&questions(doc), &mut settings);
    settings
}

#[test]
fn questions_have_what_rancher_reads() {
    const TYPES: [&str; 7] = ["string", "boolean", "int", "enum", "array[", "map[", "sequence["];
    const KEYS: [&str; 16] = [
        "variable",
        "label",
        "type",
        "options",
        "description",
        "tooltip",
        "default",
        "group",
        "required",
        "show_if",
        "hide_input",
        "value_multiline",
        "subquestions",
        "sequence_questions",
        "min",
        "max",
    ];
    for doc in docs() {
        let questions = questions(&doc);
        let variables: BTreeSet<&str> = all(&questions).iter().filter_map(|q| q["variable"].as_str()).collect();
        for question in all(&questions) {
            let object = question.as_object().unwrap();
            for key in object.keys() {
                assert!(KEYS.contains(&key.as_str()), "{}: {key} in {question}", doc.id);
            }
            for key in ["variable", "label", "type", "tooltip", "group"] {
                assert!(question[key].as_str().is_some_and(|text| !text.is_empty()), "{}: {question}", doc.id);
            }
            let kind = question["type"].as_str().unwrap();
            assert!(TYPES.contains(&kind), "{}: {kind}", doc.id);
            assert_eq!(object.contains_key("options"), kind == "enum", "{}: {question}", doc.id);
            assert_eq!(object.contains_key("sequence_questions"), kind == "sequence[", "{}: {question}", doc.id);
            if let (Some(default), Some(options)) = (question.get("default"), question["options"].as_array()) {
                assert!(options.contains(default), "{}: {question}", doc.id);
            }
            // Rancher adds an element to the default of a list that is not there yet.
            assert!(kind != "sequence[" || question["default"].is_array(), "{}: {question}", doc.id);
            if question.get("show_if").is_some() {
                let condition = question["show_if"].as_str().unwrap();
                let known = |part: &str| variables.contains(part.split('=').next().unwrap_or_default());
                assert!(condition.split("||").all(known), "{}: {condition}", doc.id);
            }
        }
    }
}

#[test]
fn every_setting_has_its_question() {
    for doc in docs() {
        let questions = questions(&doc);
        for field in fields(&doc) {
            let own = |question: &&Value| question["variable"] == field.key;
            let question = questions.iter().find(own);
            if doc.id == BUNDLE && field.key == "rules" {
                let ids = field.schema["properties"].as_object().unwrap().keys();
                for id in ids {
                    assert!(questions.iter().any(|q| q["variable"] == format!("rules.{id}")), "rules.{id}");
                }
                continue;
            }
            let question = question.unwrap_or_else(|| panic!("{}: no question for {}", doc.id, field.key));
            assert_eq!(
                question["tooltip"].as_str().unwrap().split(['.', ':']).next(),
                field.doc.replace('\n', " ").split(['.', ':']).next()
            );
            if !(question["type"] == "map[") {
                assert_eq!(question.get("default").is_none(), field.default.is_null(), "{}: {question}", doc.id);
            }
        }
    }
}

/// A form that is shown and saved as it is leaves every setting at its default.
#[test]
fn an_untouched_form_gives_the_defaults() {
    for doc in docs() {
        let settings = shown(&doc);
        takes(&doc, &settings).unwrap();
        for field in fields(&doc) {
            let written = &settings[field.key];
            assert!(is_part(written, &field.default), "{}: {}: {written}", doc.id, field.key);
        }
    }
}

/// Whether all that is written is the default: of groups, some keys may be left out.
fn is_part(written: &Value, default: &Value) -> bool {
    match written {
        Value::Null => true,
        Value::Object(members) => members.iter().all(|(key, value)| is_part(value, &default[key])),
        other => other == default,
    }
}

/// Whatever one answer is given, the policy takes the settings, unless the answer is a text of the operator's own.
#[test]
fn any_answer_is_taken() {
    for doc in docs() {
        for question in all(&questions(&doc)) {
            let answers = match question["type"].as_str().unwrap() {
                "boolean" => vec![json!(true), json!(false)],
                "enum" => question["options"].as_array().unwrap().clone(),
                "array[" => vec![json!([])],
                _ => continue,
            };
            let variable = question["variable"].as_str().unwrap();
            let is_it = |top: &&Value| top["variable"] == variable;
            if questions(&doc).iter().find(is_it).is_some_and(|top| top["type"] != question["type"]) {
                // A question of an element that is called as another setting.
                continue;
            }
            for answer in answers.into_iter().filter(|answer| !is_beside_others(&doc, variable, answer)) {
                let mut settings = shown(&doc);
                if get(&settings, variable.split('.').next().unwrap()).is_null() && question.get("default").is_some() {
                    // A question of an element, or one that is not shown yet.
                    continue;
                }
                set(&mut settings, variable, answer);
                takes(&doc, &settings).unwrap();
            }
        }
    }
}

/// Answers that contradict the other defaults: the policy says so.
fn is_beside_others(doc: &RuleDoc, variable: &str, answer: &Value) -> bool {
    match (doc.id, variable) {
        ("apparmor-profile" | "seccomp-profile", "allowedTypes") => true,
        ("apparmor-profile", "default.type") => answer != "RuntimeDefault",
        ("proc-mount", "allowedTypes") => true,
        (BUNDLE, variable) => {
            variable.ends_with(".allowedTypes")
                || matches!(variable, "version" | "warnVersion" | "rules.run-as-non-root.action")
        }
        _ => false,
    }
}

/// A condition hides exactly what the policy refuses without it.
#[test]
fn conditions_are_the_policys_own() {
    let doc = bundle::doc();
    for (variable, answer) in [
        ("overwrite", json!(true)),
        ("unfixable", json!("warn")),
        ("version", json!("v1.30")),
        ("warnVersion", json!("v1.30")),
        ("rules.run-as-non-root", json!("warn")),
    ] {
        let questions = questions(&doc);
        let question = questions.iter().find(|question| question["variable"] == variable).unwrap();
        assert!(!is_shown(question, &shown(&doc)), "{variable}");
        let mut settings = json!({});
        set(&mut settings, variable, answer);
        assert!(takes(&doc, &settings).is_err(), "{variable}");
        for condition in question["show_if"].as_str().unwrap().split("||") {
            let (other, word) = condition.split_once('=').unwrap();
            let mut settings = settings.clone();
            settings[other] = word.into();
            assert!(is_shown(question, &settings));
            takes(&doc, &settings).unwrap();
        }
    }
}

#[test]
fn labels_are_words() {
    for (key, wanted) in [
        ("requiredDrop", "Required drop"),
        ("allowHostPID", "Allow host PID"),
        ("action", "Action"),
        ("min", "Min"),
        ("fsGroup", "Fs group"),
        ("", ""),
    ] {
        assert_eq!(label(key), wanted);
    }
}
