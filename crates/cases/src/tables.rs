//! Reads the tables of cases.

use std::fs;
use std::path::Path;

use hardening::catalogue::RuleDoc;
use kube_yaml::yaml;
use serde::Deserialize;
use serde_json::Value;

use crate::BUNDLE;
use crate::case::{Case, Only, Table};
use crate::fragments::Fragments;

/// The folder of cases that run for every rule.
const EVERY_RULE: &str = "every-rule";

/// A case and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    /// `folder/file:line`.
    pub place: String,
    /// The case, fragments filled in.
    pub case: Case,
}

/// All cases of one policy.
#[derive(Debug, Clone, Default)]
pub struct PolicyCases {
    /// Id of the rule, or the bundle's.
    pub id: String,
    /// Its own cases, and those of every rule that are for it.
    pub cases: Vec<Placed>,
    /// What the cases of every rule are made of.
    pub fragments: Fragments,
}

/// A file as it was read.
struct File {
    name: String,
    table: Table,
    /// Line of each case.
    lines: Vec<u32>,
}

/// Reads the cases of all `rules` and the bundle from the folder `cases`.
///
/// # Errors
/// A folder that belongs to no policy, a file that cannot be read, a case that is not well-formed.
pub fn read(cases: &Path, rules: &[RuleDoc]) -> Result<Vec<PolicyCases>, String> {
    let known = |name: &str| name == EVERY_RULE || name == BUNDLE || rules.iter().any(|rule| rule.id == name);
    if let Some(stray) = names(cases)?.into_iter().find(|name| !known(name)) {
        return Err(format!("cases/{stray}: there is no such policy"));
    }
    let shared = files(cases, EVERY_RULE)?;
    let ids = rules.iter().map(|rule| (rule.id, Some(rule))).chain([(BUNDLE, None)]);
    ids.map(|(id, rule)| of_policy(cases, id, rule, &shared)).collect()
}

fn of_policy(cases: &Path, id: &str, rule: Option<&RuleDoc>, shared: &[File]) -> Result<PolicyCases, String> {
    let own = files(cases, id)?;
    let tables: Vec<Table> = own.iter().map(|file| file.table.clone()).collect();
    let fragments = Fragments::of(&tables).map_err(|why| format!("cases/{id}: {why}"))?;
    let mut policy = PolicyCases { id: id.to_owned(), cases: Vec::new(), fragments };
    for (file, is_shared) in own.iter().map(|file| (file, false)).chain(shared.iter().map(|file| (file, true))) {
        for (value, line) in file.table.cases.iter().zip(&file.lines) {
            let place = format!("{}:{line}", file.name);
            if is_shared && !policy.fragments.have_all(value) {
                continue;
            }
            let case = read_case(&policy.fragments, value).map_err(|why| format!("{place}: {why}"))?;
            if is_shared && !is_for(&case, id, rule) {
                continue;
            }
            if policy.cases.iter().any(|known| known.case.name == case.name) {
                return Err(format!("{place}: another case of {id} is called {:?}", case.name));
            }
            policy.cases.push(Placed { place, case });
        }
    }
    Ok(policy)
}

fn read_case(fragments: &Fragments, value: &Value) -> Result<Case, String> {
    let case: Case = serde_json::from_value(fragments.fill(value)?).map_err(|error| error.to_string())?;
    case.verify().map_err(|why| format!("{}: {why}", case.name))?;
    Ok(case)
}

/// Whether a case of every rule is for this one; `rule` is none for the bundle.
fn is_for(case: &Case, id: &str, rule: Option<&RuleDoc>) -> bool {
    let fits = match case.only {
        None => true,
        Some(Only::Mutating) => rule.is_none_or(|rule| rule.mutates),
        Some(Only::NotMutating) => rule.is_some_and(|rule| !rule.mutates),
        Some(Only::OnWindows) => rule.is_some_and(|rule| rule.on_windows),
        Some(Only::WindowsExempt) => rule.is_some_and(|rule| !rule.on_windows),
    };
    fits && !case.except.iter().any(|except| except == id)
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let unreadable = |error| format!("cannot read {}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The tables of one folder, by file name; none if there is no folder, which coverage then reports.
fn files(cases: &Path, folder: &str) -> Result<Vec<File>, String> {
    let path = cases.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    names(&path)?.iter().map(|name| read_file(&path.join(name), format!("{folder}/{name}"))).collect()
}

fn read_file(path: &Path, name: String) -> Result<File, String> {
    if path.extension().is_none_or(|ending| ending != "yml") {
        return Err(format!("{name}: not a table of cases (.yml)"));
    }
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    let parsed = yaml::parse(&text);
    if let Some(error) = parsed.errors.first() {
        return Err(format!("{name}: {error:?}"));
    }
    let [document] = parsed.documents.as_slice() else { return Err(format!("{name}: must hold one document")) };
    let root: Value = serde_json::from_str(&document.root.to_json()).map_err(|error| format!("{name}: {error}"))?;
    let table = Table::deserialize(&root).map_err(|error| format!("{name}: {error}"))?;
    let cases = document.root.get("cases").and_then(|cases| cases.as_sequence()).unwrap_or_default();
    Ok(File { name, table, lines: cases.iter().map(|case| case.span.line).collect() })
}
