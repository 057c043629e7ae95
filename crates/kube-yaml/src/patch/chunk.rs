//! Edits of one chunk of a text.

mod attempt;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};

use hardening::violation::Edit;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::diff::Change;
use super::edit_path::{edit_path, moved_to};
use super::plan::Refused;
use super::reason::Reason;
use super::share::sharing;
use super::splice::Replacement;
use super::style::Style;
use super::text::line_number;
use super::tree::Id;
use super::{Group, Refusal};
use crate::yaml::{self, Chunk, Document, Parsed, to_text};

/// Bytes that are read at most to find out which groups can be made together.
const MAX_READ: usize = 64 << 20;

/// Most attempts, however small the text is.
const MAX_ATTEMPTS: usize = 250;

/// The result for a chunk.
#[derive(Default)]
pub(super) struct Edited {
    /// The new text; none if nothing could be changed.
    pub(super) text: Option<String>,
    /// The same as replacements in the chunk.
    pub(super) replacements: Vec<Replacement>,
    pub(super) refused: Vec<Refusal>,
}

/// One chunk and what is to change in it.
pub(super) struct Editor<'e> {
    text: &'e str,
    lines_before: usize,
    documents: Vec<Document<'e>>,
    /// The values of the documents.
    json: Vec<String>,
    old: Vec<Value>,
    styles: Vec<Style>,
    /// For each group the edits of its document.
    groups: Vec<(Group<'e>, Vec<Edit>)>,
    /// The groups that can be made together.
    good: BTreeSet<usize>,
    /// The text with these groups made, and its replacements.
    made: Option<(String, Vec<Replacement>)>,
    failures: BTreeMap<usize, Failure>,
    attempts_left: usize,
}

/// Why some groups cannot be made together.
#[derive(Default)]
struct Failure {
    /// The intended changes, each in a document.
    changes: Vec<(usize, Change)>,
    /// Which of these are not there, and why.
    refused: BTreeMap<Id, Refused>,
}

impl<'e> Editor<'e> {
    /// Edits a chunk by groups, each with its index, whose documents are counted in the chunk.
    pub(super) fn edit(chunk: &Chunk<'e>, groups: &[(usize, Group<'e>)]) -> Edited {
        let text = chunk.text;
        let documents = read(text).documents;
        let lines_before = chunk.line - 1;
        if let Some(at) = documents.iter().find_map(|document| yaml::control_in_comment(text, &document.root)) {
            let line = line_number(text, at) + lines_before;
            let reason = Reason::Template { line };
            let refused = groups.iter().map(|(index, _)| Refusal::new(*index, chunk.line, reason)).collect();
            return Edited { refused, ..Edited::default() };
        }
        let json: Vec<String> = documents.iter().map(|document| document.root.to_json()).collect();
        let old: Vec<Option<Value>> = json.iter().map(|json| serde_json::from_str(json).ok()).collect();
        let mut refused = Vec::new();
        let mut there: Vec<usize> = Vec::new();
        let mut own = Vec::new();
        for (index, group) in groups {
            let document = documents.get(group.document);
            let is_there = document.is_some_and(|document| document.root.at(group.path).is_some());
            if is_there && old[group.document].is_some() {
                there.push(*index);
                own.push((*group, in_document(group)));
            } else {
                let reason = if is_there { Reason::Deep } else { Reason::Absent };
                refused.push(Refusal::new(*index, chunk.line, reason));
            }
        }
        let mut editor = Editor {
            text,
            lines_before,
            styles: documents.iter().map(|document| style(text, &document.root)).collect(),
            documents,
            json,
            old: old.into_iter().map(Option::unwrap_or_default).collect(),
            groups: own,
            good: BTreeSet::new(),
            made: None,
            failures: BTreeMap::new(),
            attempts_left: (MAX_READ / text.len().max(1)).clamp(8, MAX_ATTEMPTS),
        };
        editor.make();
        for (group, index) in there.iter().enumerate().filter(|(group, _)| !editor.good.contains(group)) {
            let own = editor.refusals(group, editor.failures.get(&group).unwrap_or(&Failure::default()));
            refused.extend(own.into_iter().map(|refusal| Refusal { group: *index, ..refusal }));
        }
        match editor.made.filter(|(new, _)| new != text) {
            Some((text, replacements)) => Edited { text: Some(text), replacements, refused },
            None => Edited { refused, ..Edited::default() },
        }
    }

    /// Makes as many groups as go together. One can make room for another, so what was refused has a second chance.
    fn make(&mut self) {
        let plain: Vec<Group<'_>> = self.groups.iter().map(|(group, _)| *group).collect();
        let sets = sharing(&self.documents, &plain);
        loop {
            let before = self.good.len();
            let open = |set: &Vec<usize>| set.iter().copied().filter(|group| !self.good.contains(group)).collect();
            let open: Vec<Vec<usize>> = sets.iter().map(open).filter(|set: &Vec<usize>| !set.is_empty()).collect();
            self.grow(&open);
            if self.good.len() == before || self.good.len() == self.groups.len() {
                return;
            }
        }
    }

    /// Adds as many of the sets as can be made together: all at once, or else by halves.
    fn grow(&mut self, sets: &[Vec<usize>]) {
        if sets.is_empty() || self.attempts_left == 0 {
            return;
        }
        self.attempts_left -= 1;
        let more: BTreeSet<usize> = self.good.iter().chain(sets.iter().flatten()).copied().collect();
        match (self.attempt(&more), sets) {
            (Ok(made), _) => (self.good, self.made) = (more, Some(made)),
            (Err(failure), [set]) => match set.as_slice() {
                [group] => drop(self.failures.insert(*group, failure)),
                groups => groups.iter().for_each(|group| self.grow(&[vec![*group]])),
            },
            (Err(_), sets) => {
                let (left, right) = sets.split_at(self.split(sets));
                self.grow(left);
                self.grow(right);
            }
        }
    }

    /// Where to split: between two objects if there are several, else in the middle.
    fn split(&self, sets: &[Vec<usize>]) -> usize {
        let middle = sets.len() / 2;
        let object = |index: usize| {
            sets[index].first().map(|group| (self.groups[*group].0.document, self.groups[*group].0.path))
        };
        let between = (1..sets.len()).filter(|index| object(*index) != object(index - 1));
        between.min_by_key(|index| index.abs_diff(middle)).unwrap_or(middle)
    }
}

/// The edits of a group with paths that start at the document.
fn in_document(group: &Group<'_>) -> Vec<Edit> {
    let prefix = to_text(group.path);
    let whole = |path: &str| {
        let dot = if prefix.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
        [&prefix, dot, path].concat()
    };
    group.edits.iter().map(|edit| moved_to(edit, whole(edit_path(edit)))).collect()
}

/// Reads the text of a chunk for itself.
fn read(text: &str) -> Parsed<'_> {
    yaml::parse_chunk(&Chunk { text, start: 0, line: 1 })
}

/// How a document is written; one whose value is JSON stays JSON, whatever is around it.
fn style(text: &str, root: &yaml::Node<'_>) -> Style {
    let value = text.get(root.span.range()).unwrap_or_default();
    let is_json = value.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(value).is_ok();
    Style::of(text, root, is_json)
}
