//! Reads the tables of cases.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
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
    /// The pieces of every rule's cases.
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
pub fn read(cases: &Path, rules: &[RuleDoc]) -> Result<Vec<PolicyCases>> {
    let known = |name: &str| name == EVERY_RULE || name == BUNDLE || rules.iter().any(|rule| rule.id == name);
    if let Some(stray) = names(cases)?.into_iter().find(|name| !known(name)) {
        bail!("cases/{stray}: there is no such policy");
    }
    let shared = files(cases, EVERY_RULE)?;
    let ids = rules.iter().map(|rule| (rule.id, Some(rule))).chain([(BUNDLE, None)]);
    ids.map(|(id, rule)| of_policy(cases, id, rule, &shared)).collect()
}

fn of_policy(cases: &Path, id: &str, rule: Option<&RuleDoc>, shared: &[File]) -> Result<PolicyCases> {
    let own = files(cases, id)?;
    let tables: Vec<Table> = own.iter().map(|file| file.table.clone()).collect();
    let fragments = Fragments::of(&tables).with_context(|| format!("cases/{id}"))?;
    let mut policy = PolicyCases { id: id.to_owned(), cases: Vec::new(), fragments };
    for (file, is_shared) in own.iter().map(|file| (file, false)).chain(shared.iter().map(|file| (file, true))) {
        for (value, line) in file.table.cases.iter().zip(&file.lines) {
            let place = format!("{}:{line}", file.name);
            if is_shared && !policy.fragments.have_all(value) {
                continue;
            }
            let case = read_case(&policy.fragments, value).with_context(|| place.clone())?;
            if is_shared && !is_for(&case, id, rule) {
                continue;
            }
            if policy.cases.iter().any(|known| known.case.name == case.name) {
                bail!("{place}: another case of {id} is called {:?}", case.name);
            }
            policy.cases.push(Placed { place, case });
        }
    }
    Ok(policy)
}

fn read_case(fragments: &Fragments, value: &Value) -> Result<Case> {
    let case: Case = serde_json::from_value(fragments.fill(value)?)?;
    case.verify().with_context(|| case.name.clone())?;
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

fn names(folder: &Path) -> Result<Vec<String>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(unreadable)?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.with_context(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The tables of one folder, by file name; none if there is no folder, which coverage then reports.
fn files(cases: &Path, folder: &str) -> Result<Vec<File>> {
    let path = cases.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    names(&path)?.iter().map(|name| read_file(&path.join(name), format!("{folder}/{name}"))).collect()
}

fn read_file(path: &Path, name: String) -> Result<File> {
    if path.extension().is_none_or(|ending| ending != "yml") {
        bail!("{name}: not a table of cases (.yml)");
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let parsed = yaml::parse(&text);
    if let Some(error) = parsed.errors.first() {
        bail!("{name}: {error:?}");
    }
    let [document] = parsed.documents.as_slice() else { bail!("{name}: must hold one document") };
    let root: Value = serde_json::from_str(&document.root.to_json()).with_context(|| name.clone())?;
    let table = Table::deserialize(&root).with_context(|| name.clone())?;
    let cases = document.root.get("cases").and_then(|cases| cases.as_sequence()).unwrap_or_default();
    Ok(File { name, table, lines: cases.iter().map(|case| case.span.line).collect() })
}
