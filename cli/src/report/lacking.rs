//! Fields that are not set in one place, in few lines: one a rule, below the object that they belong in.

use std::collections::BTreeMap;

use lint::escape::one_line;
use lint::finding::{Finding, Level};

use super::wrap::wrapped;

/// Columns that a frame puts before each line, at most.
const INDENT: usize = 4;

/// The rules with fields of one object, such as `securityContext`, or one rule with a field of its own.
struct Section<'r> {
    level: Level,
    /// The object, if more than one field belongs in it.
    parent: Option<&'r str>,
    rules: Vec<Rule<'r>>,
}

/// The demands of one rule.
struct Rule<'r> {
    id: &'r str,
    demands: Vec<Demand<'r>>,
}

/// A demand on some fields.
struct Demand<'r> {
    fields: Vec<&'r str>,
    wanted: &'r str,
}

/// Puts findings, the worst first, into sections of lines of at most `width` columns, each with its level. The level of
/// the frame is `own`: a section of that level does not name it. `link` makes a rule's id a link.
pub(super) fn sections(
    own: Level,
    findings: &[&Finding],
    width: usize,
    link: &dyn Fn(&str) -> String,
) -> Vec<(Level, String)> {
    let demands: Vec<(&Finding, &str, &str)> = findings
        .iter()
        .filter_map(|finding| {
            let said = finding.said();
            Some((*finding, said.field, said.lacking()?))
        })
        .collect();
    let mut siblings: BTreeMap<(Level, &str), usize> = BTreeMap::new();
    for (finding, field, _) in &demands {
        *siblings.entry((finding.level, parent(field))).or_default() += 1;
    }
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (finding, field, wanted) in demands {
        let (level, rule) = (finding.level, finding.violation.rule.as_str());
        let parent = Some(parent(field)).filter(|parent| !parent.is_empty() && siblings[&(level, *parent)] > 1);
        let field = parent.map_or(field, |parent| &field[parent.len() + 1..]);
        let is_here = |section: &Section<'_>| {
            section.level == level
                && section.parent == parent
                && (parent.is_some() || section.rules.iter().all(|other| other.id == rule))
        };
        match sections.iter_mut().find(|section| is_here(section)) {
            Some(section) => section.add(rule, field, wanted),
            None => {
                let mut section = Section { level, parent, rules: Vec::new() };
                section.add(rule, field, wanted);
                sections.push(section);
            }
        }
    }
    let text = |section: &Section<'_>| {
        let named = if section.level == own { 0 } else { super::words::word(section.level).len() + 2 };
        (section.level, section.text(width.saturating_sub(named), link))
    };
    sections.iter().map(text).collect()
}

/// The demands of one rule on fields of one place, such as `resources: limits.cpu, limits.memory must be set`; `None` if
/// one of the findings is about something else.
pub(crate) fn together(findings: &[&Finding]) -> Option<String> {
    let mut demands = Vec::new();
    for finding in findings {
        let said = finding.said();
        demands.push((said.field, said.lacking()?));
    }
    let first = parent(demands.first()?.0);
    let shared =
        Some(first).filter(|first| !first.is_empty() && demands.iter().all(|(field, _)| parent(field) == *first));
    let mut rule = Rule { id: "", demands: Vec::new() };
    for (field, wanted) in demands {
        rule.add(shared.map_or(field, |parent| &field[parent.len() + 1..]), wanted);
    }
    let before = shared.map(|parent| format!("{parent}: ")).unwrap_or_default();
    Some(before + &rule.text())
}

/// The object that a field of a container belongs in; nothing for other fields.
fn parent(field: &str) -> &str {
    let is_whole = field.starts_with("spec.") || field.starts_with("metadata.");
    field.split_once('.').filter(|_| !is_whole).map_or("", |(parent, _)| parent)
}

impl<'r> Section<'r> {
    fn add(&mut self, id: &'r str, field: &'r str, wanted: &'r str) {
        let rule = match self.rules.iter_mut().position(|rule| rule.id == id) {
            Some(at) => &mut self.rules[at],
            None => {
                self.rules.push(Rule { id, demands: Vec::new() });
                let last = self.rules.len() - 1;
                &mut self.rules[last]
            }
        };
        rule.add(field, wanted);
    }

    fn text(&self, width: usize, link: &dyn Fn(&str) -> String) -> String {
        let mut before = self.parent.map(|parent| format!("{parent}: ")).unwrap_or_default();
        let line = |rule: &Rule<'_>| {
            let id = one_line(rule.id);
            let text = one_line(&format!("{}{} [{id}]", std::mem::take(&mut before), rule.text()));
            let lines = wrapped(&text, width, INDENT + 2).join("\n  ");
            lines.replacen(&format!("[{id}]"), &format!("[{}]", link(rule.id)), 1)
        };
        self.rules.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl<'r> Rule<'r> {
    fn add(&mut self, field: &'r str, wanted: &'r str) {
        match self.demands.iter_mut().find(|demand| demand.wanted == wanted) {
            Some(demand) => demand.fields.push(field),
            None => self.demands.push(Demand { fields: vec![field], wanted }),
        }
    }

    /// `runAsGroup must be a group id other than 0, runAsUser a user id other than 0`
    fn text(&self) -> String {
        let mut text = String::new();
        let mut verb = "";
        for Demand { fields, wanted } in &self.demands {
            let separator = if text.is_empty() { "" } else { ", " };
            // The verb that they share is said once.
            let rest = wanted.strip_prefix(verb).filter(|_| !verb.is_empty()).unwrap_or(wanted);
            text += &format!("{separator}{} {rest}", fields.join(", "));
            verb = if wanted.starts_with("must be ") { "must be " } else { "" };
        }
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{POD, judged};
    use super::*;

    #[test]
    fn a_line_names_every_field_and_demand_of_a_rule() {
        let bare = POD.split_once("      securityContext").unwrap().0;
        let report = judged("pod.yaml", bare);
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| finding.badness());
        let sections = sections(Level::Error, &findings, 100, &str::to_owned);
        let text = sections.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
        assert_eq!(text.lines().count(), 7, "{text}");
        for line in [
            "securityContext: privileged must be false [privileged]",
            "runAsGroup must be a group id other than 0, runAsUser a user id other than 0 [run-as-user]",
            "resources: limits.cpu, limits.memory, requests.cpu, requests.memory must be set [resources]",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line:?} is missing in:\n{text}");
        }
        assert!(text.lines().all(|line| line.len() <= 96), "{text}");
    }
}
