//! `harden rules` and `harden explain`: what the rules demand, from their own documentation.

use std::io::{self, Write};

use hardening::bundle::HARDENING;
use hardening::catalogue::{self, RuleDoc};
use hardening::rules::Severity;
use hardening::settings::Field;
use hardening::standard::docs::{self, CheckDoc, ONLY_CHECKS};

use crate::error::Error;
use crate::report::wrap::wrapped;
use lint::{own_rules, suggest};

/// Lists every rule, then the checks of the Pod Security Standards that no rule stands for: id, severity,
/// whether it can be fixed, the profiles that demand it, and what it demands. A terminal that is too narrow for a table
/// gets the last two below each other.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn write_rules(terminal: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let rules = catalogue::every().into_iter().map(|doc| (doc.id, doc.severity, doc.mutates, doc.title));
    let checks = ONLY_CHECKS.iter().map(|check| (check.id, check.severity, check.mutates, check.title));
    let mut rows: Vec<_> = rules.chain(checks).map(|row| (row, profiles_since(row.0))).collect();
    rows.sort_by_key(|(row, _)| row.0);
    let width = rows.iter().map(|(row, _)| row.0.len()).max().unwrap_or_default();
    let profiles = rows.iter().map(|(_, profiles)| profiles.len()).max().unwrap_or_default();
    let titles = rows.iter().map(|(row, _)| row.3.len()).max().unwrap_or_default();
    let is_table = terminal.is_none_or(|columns| width + profiles + titles + 19 <= columns);
    let heading =
        if is_table { format!("  {:profiles$}  demands", "profiles (since Kubernetes)") } else { String::new() };
    writeln!(out, "{:width$}  severity  fix{heading}", "rule")?;
    for ((id, severity, fixable, title), demanding) in rows {
        let fix = if fixable { "fix" } else { "" };
        let first = format!("{id:width$}  {:8}  {fix:3}", severity.word());
        if is_table {
            writeln!(out, "{first}  {demanding:profiles$}  {title}")?;
        } else {
            let of = if demanding.is_empty() { String::new() } else { format!(": {demanding}") };
            writeln!(out, "{}\n  {title}{of}", first.trim_end())?;
        }
    }
    Ok(())
}

/// The profiles that have a rule or a check of its name, and since which version of Kubernetes, if not always.
fn profiles_since(id: &str) -> String {
    let hardening = HARDENING.contains(&id).then(|| "hardening".to_owned());
    let levels = docs::levels(id).into_iter().map(|(level, since)| match since {
        0 => level.word().to_owned(),
        since => format!("{} (1.{since})", level.word()),
    });
    hardening.into_iter().chain(levels).collect::<Vec<_>>().join(", ")
}

/// Explains one rule, one check of the Pod Security Standards that no rule stands for, or one rule of `harden` itself. On a
/// terminal its paragraphs have the width of that.
///
/// # Errors
/// An unknown rule; an output that cannot be written.
pub fn write_explanation(id: &str, terminal: Option<usize>, out: &mut dyn Write) -> Result<(), Error> {
    let mut text = Vec::new();
    explain(id, &mut text)?;
    match terminal {
        Some(width) => out.write_all(filled(&String::from_utf8_lossy(&text), width).as_bytes())?,
        None => out.write_all(&text)?,
    }
    Ok(())
}

/// Markdown with its paragraphs in lines of `width` columns; lists, tables, headings and code as they are.
fn filled(text: &str, width: usize) -> String {
    let mut is_code = false;
    let blocks = text.split("\n\n").map(|block| {
        let was_code = is_code;
        is_code ^= block.matches("```").count() % 2 == 1;
        let is_paragraph = !was_code && !block.contains("```") && !block.starts_with(['-', '|', '#', ' ', '\n']);
        match block.strip_suffix('\n').unwrap_or(block) {
            paragraph if is_paragraph => {
                let end = &block[paragraph.len()..];
                wrapped(&paragraph.replace('\n', " "), width, 0).join("\n") + end
            }
            _ => block.to_owned(),
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn explain(id: &str, out: &mut dyn Write) -> Result<(), Error> {
    let docs = catalogue::every();
    if let Some(doc) = docs.iter().find(|doc| doc.id == id) {
        write_doc(doc, out)?;
    } else if let Some(check) = ONLY_CHECKS.iter().find(|check| check.id == id) {
        write_check(check, out)?;
    } else if let Some(rule) = own_rules::find(id) {
        writeln!(
            out,
            "# {}: {}\n\nA rule of harden itself, no policy's. Level: {}.\n\n{}",
            id, rule.title, rule.level, rule.doc
        )?;
    } else {
        let checks = ONLY_CHECKS.iter().map(|check| check.id);
        let own = own_rules::OWN_RULES.iter().map(|rule| rule.id);
        let known: Vec<&str> = docs.iter().map(|doc| doc.id).chain(checks).chain(own).collect();
        return Err(Error::Unknown { what: "rule", name: id.to_owned(), hint: suggest::among(id, &known) });
    }
    Ok(())
}

fn write_check(check: &CheckDoc, out: &mut dyn Write) -> io::Result<()> {
    write_head(check.id, check.title, check.severity, check.mutates, out)?;
    writeln!(out, "A check of the profiles of the Pod Security Standards; no policy of its own.\n")?;
    write_standard(check.id, out)?;
    writeln!(out, "## Settings\n")?;
    catalogue::common_settings(true).iter().try_for_each(|field| write_field(field, out))
}

fn write_head(id: &str, title: &str, severity: Severity, fixable: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {id}: {title}\n")?;
    let fixable = if fixable { "Can be fixed." } else { "Needs a person." };
    writeln!(out, "Severity {}. {fixable}\n", severity.word())
}

/// Writes what the Pod Security Standards demand under that name.
fn write_standard(id: &str, out: &mut dyn Write) -> io::Result<()> {
    let standard = docs::explanation(id);
    if standard.is_empty() { Ok(()) } else { writeln!(out, "## In the Pod Security Standards\n\n{standard}") }
}

fn write_doc(doc: &RuleDoc, out: &mut dyn Write) -> io::Result<()> {
    write_head(doc.id, doc.title, doc.severity, doc.mutates, out)?;
    writeln!(out, "{}\n", doc.doc)?;
    if !doc.settings.is_empty() {
        writeln!(out, "## Settings\n")?;
        doc.settings.iter().try_for_each(|field| write_field(field, out))?;
        writeln!(out)?;
    }
    write_standard(doc.id, out)?;
    writeln!(out, "## Settings of every rule\n")?;
    catalogue::common_settings(false).iter().try_for_each(|field| write_field(field, out))?;
    writeln!(out, "\n## Sources\n")?;
    doc.sources.iter().try_for_each(|source| writeln!(out, "- {source}"))
}

fn write_field(field: &Field, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "- `{}` (default `{}`): {}", field.key, field.default, field.doc.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paragraphs_are_filled() {
        let text = "# a heading that is long enough\n\nOne paragraph of words\non two lines.\n\n```yaml\na: the code of an example\n\n\
            b: more of the same code\n```\n\n- an entry of a list that is long\n";
        let narrow = text.replace("words\non two", "words on\ntwo");
        assert_eq!(filled(text, 26), narrow);
        assert_eq!(filled("last words of\nall\n", 80), "last words of all\n");
    }
}
