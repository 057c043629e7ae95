//! README.md: the table of rules between two marks. The rest of the page is written by hand.

use super::{COMMAND, Policy};
use crate::metadata::BUNDLE;
use anyhow::{Context, Result};

const END: &str = "<!-- end of the rules -->";

/// The page with the table of today's rules.
///
/// # Errors
/// A page without the marks.
pub(super) fn page(old: &str, policies: &[Policy]) -> Result<String> {
    let begin = format!("<!-- the rules, written by `{COMMAND}` -->");
    let parts = old.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("README.md lacks the marks `{begin}` and `{END}`"))?;
    Ok([before, &begin, "\n\n", &table(policies), "\n", END, after].concat())
}

fn table(policies: &[Policy]) -> String {
    let mut out = "| rule | demands | part of the profiles |\n|---|---|---|\n".to_owned();
    for Policy { doc, profiles, .. } in policies.iter().filter(|policy| policy.doc.id != BUNDLE) {
        let profiles: Vec<String> = profiles.iter().map(|profile| format!("`{profile}`")).collect();
        let id = doc.id;
        out += &format!("| [`{id}`](policies/{id}/README.md) | {} | {} |\n", doc.title, profiles.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let old = format!("a\n<!-- the rules, written by `{COMMAND}` -->\nold\n{END}\nb\n");
        let new = page(&old, &[]).unwrap();
        assert!(new.starts_with("a\n<!--") && new.ends_with(&format!("{END}\nb\n")) && !new.contains("old"), "{new}");
        assert_eq!(page(&new, &[]).unwrap(), new);
        assert!(page("a\n", &[]).unwrap_err().to_string().contains("lacks the marks"));
    }
}
