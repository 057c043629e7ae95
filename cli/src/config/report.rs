//! Shows people what is in force: one line a choice, with its origin.

use std::io::{self, Write};

use lint::escape::one_line;
use serde_json::Value;

use super::{Choice, InForce};

/// Writes it.
///
/// # Errors
/// Fails if `out` cannot be written.
pub(super) fn text(in_force: &InForce, out: &mut dyn Write) -> io::Result<()> {
    let none = || Choice { value: "none".into(), from: "default".to_owned() };
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut row = |name: &str, choice: &Choice| rows.push([name.to_owned(), plain(&choice.value), choice.from.clone()]);
    row("profile", &in_force.profile);
    row("kubernetesVersion", &in_force.kubernetes_version);
    row("failOn", &in_force.fail_on);
    in_force.settings.iter().for_each(|setting| row(&setting.key, &setting.choice));
    match &in_force.excluded {
        Some(choice) => row("excluded by", choice),
        None => row("excluded by", &none()),
    }
    row("baseline", in_force.baseline.as_ref().unwrap_or(&none()));
    for (name, list) in [
        ("exemption", &in_force.exemptions),
        ("output", &in_force.outputs),
        ("policy", &in_force.policies),
        ("dockerfile", &in_force.dockerfiles),
    ] {
        list.iter().for_each(|choice| row(name, choice));
    }
    let mut rules: Vec<[String; 3]> = Vec::new();
    for rule in &in_force.rules {
        let settings =
            if rule.settings.is_empty() { String::new() } else { format!(" {}", Value::Object(rule.settings.clone())) };
        rules.push([rule.id.clone(), rule.action.clone() + &settings, rule.from.clone()]);
    }
    let from = in_force.configuration.as_deref().map_or_else(
        || "no configuration".to_owned(),
        |file| {
            let trust = if in_force.trusted { "" } else { ", which reaches no further than its folder" };
            format!("{file}{trust}")
        },
    );
    writeln!(out, "{}", one_line(&format!("{}: {from}", in_force.path)))?;
    writeln!(out)?;
    table(&rows, out)?;
    writeln!(out, "\nrules")?;
    table(&rules, out)
}

/// A value as people write it: a word without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Writes rows in columns; a value that is longer than the others leaves its column.
fn table(rows: &[[String; 3]], out: &mut dyn Write) -> io::Result<()> {
    const WIDEST: usize = 40;
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count().min(WIDEST)).max().unwrap_or(0);
    let (name, value) = (width(0), width(1));
    for [first, second, third] in rows {
        let line = format!("  {first:name$}  {second:value$}  {third}");
        writeln!(out, "{}", one_line(line.trim_end()))?;
    }
    Ok(())
}
