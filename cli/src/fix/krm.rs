//! `harden fix --krm`: a KRM function. Reads a `ResourceList`, fixes its items and adds what is left as `results`.
//!
//! The function's configuration, `functionConfig`, is a `harden.yaml`: as the `spec` of any kind, or as the `data` of a
//! ConfigMap, each of whose values is YAML.

use std::io::Write;
use std::path::PathBuf;

use hardening::violation::Edit;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::args::FixArgs;
use super::fixing::Fixing;
use super::report::Totals;
use crate::console::Console;
use crate::error::Error;
use kube_yaml::patch::{self, Group, Reason};
use kube_yaml::yaml::{self, Node, Parsed};
use lint::config::{ConfigFile, Configs, FailOn};
use lint::finding::{Level, Object, Place, Problem};
use lint::fix::{Fixed, Left};
use lint::outcome::FileReport;
use lint::search::Source;

/// Why standard input is not a list that a function could work on.
#[derive(Debug, Error)]
enum NotAList {
    #[error("standard input cannot be read: {0}")]
    Unreadable(#[from] lint::search::Unreadable),
    #[error("standard input is not valid YAML: line {line}: {message}")]
    NotYaml { line: usize, message: String },
    #[error(
        "standard input is not a ResourceList of config.kubernetes.io/v1, as --krm reads it; without --krm any manifest is fixed"
    )]
    OtherKind,
    #[error("functionConfig: {0}")]
    Config(#[from] lint::Error),
    #[error("functionConfig: data.{0} is not valid YAML")]
    Data(String),
    #[error("results cannot be added to the list: {0}")]
    Results(Reason),
}

/// Fixes the list on standard input; gives the exit code: 1 if one of the results is an error.
///
/// # Errors
/// What is not a list, a configuration or policies that cannot be used, an output that cannot be written.
pub(super) fn run(args: &FixArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let here = [PathBuf::from("-")];
    let mut configs = args.policy.configs()?;
    let stdin = args.input.search().find(&here, &mut configs)?.sources;
    let Some(stdin) = stdin.first() else { return Ok(2) };
    let (source, config) = read(stdin).map_err(Error::of)?;
    if let Some(config) = config {
        configs = Configs::fixed(Some(config));
    }
    let main = configs.of_all(&here)?;
    let sources = [source.governed_by(main)];
    let fixing = Fixing::of(args, console, configs, main, &sources)?;
    let done = fixing.fix(&sources[0], None);
    err.write_all(done.report.as_bytes())?;
    if done.fixed.new.is_empty() {
        // Nothing came of it; the report says why.
        return Ok(2);
    }
    let mut totals = Totals::default();
    totals.files += 1;
    totals.add(&done.fixed, done.fail_on);
    let (text, has_errors) = with_results(&done.fixed, done.fail_on).map_err(Error::of)?;
    out.write_all(text.as_bytes())?;
    fixing.end(totals, err)?;
    Ok(u8::from(has_errors))
}

/// The list as a source of manifests, with the configuration in it.
///
/// # Errors
/// What is not a list, and a configuration that cannot be used.
fn read(stdin: &Source) -> Result<(Source, Option<ConfigFile>), NotAList> {
    let text = stdin.read()?;
    let config = {
        let parsed = yaml::parse(&text);
        let config = list(&parsed)?.get("functionConfig").filter(|config| !config.is_null());
        config.map(settings).transpose()?.flatten()
    };
    let config = config.map(|settings| ConfigFile::of_text(settings.to_string(), "functionConfig")).transpose()?;
    // Whoever calls a function does so in the folder that it is about.
    let source = Source::rendered(0, stdin.name.clone(), PathBuf::from("."), Ok::<_, NotAList>(text));
    Ok((source, config))
}

/// The only document of a text, which is a list of resources.
fn list<'n, 'a>(parsed: &'n Parsed<'a>) -> Result<&'n Node<'a>, NotAList> {
    if let Some(error) = parsed.errors.first() {
        return Err(NotAList::NotYaml { line: error.line, message: error.message.to_string() });
    }
    let [document] = parsed.documents.as_slice() else { return Err(NotAList::OtherKind) };
    let Object { api_version, kind, .. } = Object::of(&document.root);
    let is_list = kind == "ResourceList" && api_version.starts_with("config.kubernetes.io/");
    if is_list { Ok(&document.root) } else { Err(NotAList::OtherKind) }
}

/// The settings that a function's configuration holds.
fn settings(config: &Node<'_>) -> Result<Option<Value>, NotAList> {
    let is_map = Object::of(config).kind == "ConfigMap";
    let Some(held) = config.get(if is_map { "data" } else { "spec" }).filter(|held| !held.is_null()) else {
        return Ok(None);
    };
    if !is_map {
        return Ok(Some(value(held)));
    }
    let mut settings = Map::new();
    for (key, text) in held.as_mapping().unwrap_or_default() {
        let key = key.as_str().unwrap_or_default();
        let parsed = yaml::parse(text.as_str().unwrap_or_default());
        let [document] = parsed.documents.as_slice() else { return Err(NotAList::Data(key.to_owned())) };
        if !parsed.errors.is_empty() {
            return Err(NotAList::Data(key.to_owned()));
        }
        settings.insert(key.to_owned(), value(&document.root));
    }
    Ok(Some(Value::Object(settings)))
}

fn value(node: &Node<'_>) -> Value {
    serde_json::from_str(&node.to_json()).unwrap_or_default()
}

/// The fixed list with a result for everything that is left, and whether one of them is an error.
///
/// # Errors
/// A layout to which no results can be added.
fn with_results(fixed: &Fixed, fail_on: FailOn) -> Result<(String, bool), NotAList> {
    let parsed = yaml::parse(&fixed.new);
    let root = list(&parsed)?;
    let items = root.get("items").and_then(Node::as_sequence).unwrap_or_default();
    let report = FileReport { fail_on, ..FileReport::default() };
    let left = fixed.left.iter().filter(|left| left.finding.muted.is_none());
    let left = left.map(|left| of_finding(left, if report.fails(&left.finding) { "error" } else { "warning" }, items));
    let problems = fixed.problems.iter().map(|problem| of_problem(problem, "error", items));
    let notes = fixed.notes.iter().map(|note| of_problem(note, "info", items));
    let new: Vec<Value> = left.chain(problems).chain(notes).collect();
    let has_errors = new.iter().any(|result| result["severity"] == "error");
    if new.is_empty() {
        return Ok((fixed.new.clone(), false));
    }
    let known = root.get("results").and_then(Node::as_sequence).unwrap_or_default();
    let results: Vec<Value> = known.iter().map(value).chain(new).collect();
    let edits = [Edit::Set { path: "results".to_owned(), value: Value::Array(results).to_string() }];
    let applied = patch::apply(&fixed.new, &parsed, &[Group { document: 0, path: &[], edits: &edits }]);
    match applied.refused.first() {
        Some(refusal) => Err(NotAList::Results(refusal.reason)),
        None => Ok((applied.text, has_errors)),
    }
}

fn of_finding(left: &Left, severity: &str, items: &[Node<'_>]) -> Value {
    let Left { finding, why } = left;
    let (object, violation) = (&finding.object, &finding.violation);
    let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let mut result = json!({
        "message": format!("{}{why}", violation.message),
        "severity": if finding.level == Level::Warning { "warning" } else { severity },
        "resourceRef": {"apiVersion": object.api_version, "kind": object.kind, "name": object.name},
        "tags": {"rule": violation.rule},
    });
    if !object.namespace.is_empty() {
        result["resourceRef"]["namespace"] = json!(object.namespace);
    }
    if !violation.path.is_empty() {
        result["field"] = json!({"path": violation.path});
        if let Some(found) = &violation.found {
            result["field"]["currentValue"] = serde_json::from_str(found.get()).unwrap_or_default();
        }
    }
    with_file(result, Some(finding.place), items)
}

fn of_problem(problem: &Problem, severity: &str, items: &[Node<'_>]) -> Value {
    with_file(json!({"message": problem.message, "severity": severity}), problem.place, items)
}

/// Adds the file that the annotations of the item around a place name.
fn with_file(mut result: Value, place: Option<Place>, items: &[Node<'_>]) -> Value {
    let around = |item: &&Node<'_>| place.is_some_and(|place| item.span.range().contains(&place.start));
    let annotations = items.iter().find(around).and_then(|item| item.get("metadata")?.get("annotations"));
    let annotation = |key: &str| {
        let named = |group: &str| annotations?.get(&format!("{group}/{key}")).and_then(Node::as_str);
        named("internal.config.kubernetes.io").or_else(|| named("config.kubernetes.io"))
    };
    if let Some(path) = annotation("path") {
        result["file"] = json!({"path": path});
        if let Some(index) = annotation("index").and_then(|index| index.parse::<u32>().ok()) {
            result["file"]["index"] = json!(index);
        }
    }
    result
}
