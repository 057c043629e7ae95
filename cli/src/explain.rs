//! `harden rules` and `harden explain`: what the rules demand, from their own documentation.

use std::io::{self, Write};

use hardening::policy::HARDENING;
use hardening::rules::{self, RuleDoc};
use hardening::settings::Field;
use hardening::standard::{Level, Version, checks};

/// Lists every rule: id, severity, whether it can be fixed, the profiles that demand it, and what it demands.
///
/// # Errors
/// What writing to `out` says.
pub fn write_rules(out: &mut dyn Write) -> io::Result<()> {
    let docs = rules::all();
    let width = docs.iter().map(|doc| doc.id.len()).max().unwrap_or_default();
    writeln!(out, "{:width$}  severity  fix  profiles                       demands", "rule")?;
    for doc in docs {
        let fix = if doc.mutates { "fix" } else { "" };
        let profiles = profiles(doc.id).join(",");
        writeln!(out, "{:width$}  {:8}  {fix:3}  {profiles:29}  {}", doc.id, doc.severity.word(), doc.title)?;
    }
    Ok(())
}

/// The profiles that have a rule or a check of its name, at the newest version.
pub fn profiles(id: &str) -> Vec<&'static str> {
    let level = |level| checks(level, Version::LATEST).any(|(check, _)| check == id);
    let all = [
        ("hardening", HARDENING.contains(&id)),
        ("baseline", level(Level::Baseline)),
        ("restricted", level(Level::Restricted)),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(profile, _)| profile).collect()
}

/// Explains one rule; gives `false`, with a hint on `err`, if there is no rule of that name.
///
/// # Errors
/// What writing to `out` or `err` says.
pub fn write_explanation(id: &str, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<bool> {
    let docs = rules::all();
    let Some(doc) = docs.iter().find(|doc| doc.id == id) else {
        let known: Vec<&str> = docs.iter().map(|doc| doc.id).collect();
        writeln!(err, "error: there is no rule {id}; rules: {}", known.join(", "))?;
        return Ok(false);
    };
    write_doc(doc, out)?;
    Ok(true)
}

fn write_doc(doc: &RuleDoc, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}: {}\n", doc.id, doc.title)?;
    writeln!(
        out,
        "Severity {}. {}\n",
        doc.severity.word(),
        if doc.mutates { "Can be fixed." } else { "Needs a person." }
    )?;
    writeln!(out, "{}\n", doc.doc)?;
    if !doc.settings.is_empty() {
        writeln!(out, "## Settings\n")?;
        doc.settings.iter().try_for_each(|field| write_field(field, out))?;
        writeln!(out)?;
    }
    writeln!(out, "## Settings of every rule\n")?;
    rules::common_settings(false).iter().try_for_each(|field| write_field(field, out))?;
    writeln!(out, "\n## Sources\n")?;
    doc.sources.iter().try_for_each(|source| writeln!(out, "- {source}"))
}

fn write_field(field: &Field, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "- `{}` (default `{}`): {}", field.key, field.default, field.doc.replace('\n', " "))
}
