//! From lines to instructions: continuations, comments, parser directives, here-documents.
//!
//! The crate `parse-dockerfile` refuses `3<<EOF`, which builders take, and refuses a whole file for a `COPY` or
//! `HEALTHCHECK` that does not matter here; it leaves the arguments of `ARG` and `ENV` unsplit.

use super::Error;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// Its name in upper case.
    pub(super) name: String,
    /// The text behind the name, continuations joined.
    pub(super) rest: String,
    /// The character that continues lines and escapes `$`.
    pub(super) escape: char,
}

/// The instructions of a Dockerfile.
///
/// # Errors
/// A here-document without its end.
pub(super) fn instructions(text: &str) -> Result<Vec<Instruction>, Error> {
    let escape = escape_directive(text);
    let mut found = Vec::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    while let Some((index, first)) = lines.next() {
        if is_nothing(first) {
            continue;
        }
        let mut joined = String::new();
        let mut current = first;
        // Comments and empty lines within a continued instruction are no part of it.
        while let Some(part) = continued(current, escape) {
            joined.push_str(part);
            let Some((_, next)) = lines.by_ref().find(|(_, line)| !is_nothing(line)) else {
                current = "";
                break;
            };
            current = next;
        }
        joined.push_str(current);
        let joined = joined.trim();
        let (name, rest) = joined.split_once(char::is_whitespace).unwrap_or((joined, ""));
        let instruction =
            Instruction { line: index + 1, name: name.to_uppercase(), rest: rest.trim().to_owned(), escape };
        for end in here_documents(&instruction) {
            let closes = |line: &str| line == end.word || (end.tabs && line.trim_start_matches('\t') == end.word);
            if !lines.by_ref().any(|(_, line)| closes(line.trim_end_matches('\r'))) {
                let message = format!("the here-document <<{} has no end", end.word);
                return Err(Error { line: instruction.line, message });
            }
        }
        found.push(instruction);
    }
    Ok(found)
}

fn is_nothing(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The line without its continuation, if it is continued.
fn continued(line: &str, escape: char) -> Option<&str> {
    line.trim_end().strip_suffix(escape)
}

/// The escape character: `# escape=` among the comments at the top, else a backslash.
fn escape_directive(text: &str) -> char {
    for line in text.lines() {
        let Some((key, value)) = line.trim().strip_prefix('#').and_then(|line| line.split_once('=')) else { break };
        if key.trim().eq_ignore_ascii_case("escape") {
            return value.trim().chars().next().filter(|c| matches!(c, '\\' | '`')).unwrap_or('\\');
        }
    }
    '\\'
}

struct HereDocument {
    word: String,
    /// Whether tabs before the end do not count (`<<-`).
    tabs: bool,
}

/// The here-documents that an instruction opens; only some take them.
fn here_documents(instruction: &Instruction) -> Vec<HereDocument> {
    if !matches!(instruction.name.as_str(), "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for word in instruction.rest.split_whitespace() {
        let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { continue };
        let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let word: String = match quote {
            Some(quote) => rest[1..].chars().take_while(|c| *c != quote).collect(),
            None => rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')).collect(),
        };
        if !word.is_empty() {
            found.push(HereDocument { word, tabs });
        }
    }
    found
}
