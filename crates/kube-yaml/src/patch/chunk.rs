//! Edits of one chunk of a text.

use std::collections::{BTreeMap, BTreeSet};

use hardening::edit;
use hardening::violation::Edit;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::diff::{Change, Kind, at, diff, same};
use super::layout;
use super::plan::{Holder, Place, Plan, Refused};
use super::reason::Reason;
use super::share::{edit_path, sharing};
use super::splice::{self, Replacement};
use super::style::Style;
use super::text::line_number;
use super::tree::{Id, Tree};
use super::{Group, Refusal};
use crate::yaml::{self, Chunk, Document, Parsed, Segment, to_text};

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
        let is_json = is_json(text);
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
            styles: documents.iter().map(|document| Style::of(text, &document.root, is_json)).collect(),
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

    /// Makes some groups, unless the text would not mean what it should.
    fn attempt(&self, chosen: &BTreeSet<usize>) -> Result<(String, Vec<Replacement>), Failure> {
        let mut wanted: Vec<Option<Value>> = Vec::new();
        let mut changes: Vec<(usize, Change)> = Vec::new();
        let mut of_document: BTreeMap<usize, Vec<&Edit>> = BTreeMap::new();
        for (group, edits) in chosen.iter().map(|group| &self.groups[*group]) {
            of_document.entry(group.document).or_default().extend(edits);
        }
        for (document, old) in self.old.iter().enumerate() {
            let edits = distinct(of_document.remove(&document).unwrap_or_default());
            if edits.is_empty() {
                wanted.push(None);
                continue;
            }
            let new = applied(&self.json[document], &edits).ok_or_else(Failure::default)?;
            changes.extend(diff(old, &new).into_iter().map(|change| (document, change)));
            wanted.push(Some(new));
        }
        let mut first = None;
        let mut overrides = BTreeSet::new();
        loop {
            let (replacements, mut refused) = self.write(&changes, &overrides);
            let text = replacements.as_ref().map(|replacements| splice::apply(self.text, replacements));
            let now = text.as_ref().and_then(|text| self.values(text, &wanted));
            if let (Some(text), Some(replacements), true) =
                (text, replacements, now.as_ref().is_some_and(|now| are_same(now, &wanted)))
            {
                return Ok((text, replacements));
            }
            refused.retain(|id, _| {
                let (document, change) = &changes[*id];
                let now = now.as_ref().and_then(|now| now[*document].as_ref());
                !now.zip(wanted[*document].as_ref()).is_some_and(|(now, wanted)| is_there(change, now, wanted))
            });
            // What comes through a merge key, and did not change with it, gets a key of its own.
            let overridable = refused.iter().filter(|(_, refused)| refused.overridable).map(|(id, _)| *id);
            overrides = overridable.collect();
            if first.is_some() || overrides.is_empty() {
                return Err(Failure { changes, refused: first.unwrap_or(refused) });
            }
            first = Some(refused);
        }
    }

    /// Plans changes; gives what makes them, unless two are in each other's way, and those that cannot be made.
    fn write(
        &self,
        changes: &[(usize, Change)],
        overrides: &BTreeSet<Id>,
    ) -> (Option<Vec<Replacement>>, BTreeMap<Id, Refused>) {
        let mut splices = Vec::new();
        let mut refused = BTreeMap::new();
        let mut first = 0;
        for own in changes.chunk_by(|(before, _), (after, _)| before == after) {
            let document = own[0].0;
            let tree = Tree::build(own.iter().enumerate().map(|(at, (_, change))| (first + at, change)));
            first += own.len();
            let mut plan = Plan {
                text: self.text,
                style: &self.styles[document],
                overrides,
                lines_before: self.lines_before,
                splices: Vec::new(),
                refused: BTreeMap::new(),
            };
            plan.visit(&self.documents[document].root, &Place { holder: Holder::Root, entry: None, depth: 0 }, &tree);
            splices.append(&mut plan.splices);
            refused.append(&mut plan.refused);
        }
        (splice::merge(self.text, splices), refused)
    }

    /// The meaning of the changed documents in the new text; `None` if it cannot be read, or another one
    /// means something else.
    fn values(&self, text: &str, wanted: &[Option<Value>]) -> Option<Vec<Option<Value>>> {
        let new = read(text);
        // The line that ends the chunk is where the next one starts.
        let ends_as_before = text.ends_with('\n') == self.text.ends_with('\n');
        if new.documents.len() != self.documents.len() || !new.errors.is_empty() || !ends_as_before {
            return None;
        }
        let values = new.documents.iter().zip(&self.json).zip(wanted).map(|((new, old), wanted)| {
            let json = new.root.to_json();
            match wanted {
                Some(_) => serde_json::from_str(&json).ok().map(Some),
                None => (json == *old).then_some(None),
            }
        });
        values.collect()
    }

    /// Lists the edits of a group that cannot be made, and why.
    fn refusals(&self, group: usize, failure: &Failure) -> Vec<Refusal> {
        let (Group { document, path, .. }, edits) = &self.groups[group];
        let paths: Vec<Vec<Segment>> =
            edits.iter().filter_map(|edit| hardening::path::parse(edit_path(edit))).collect();
        let touches = |change: &[Segment]| {
            paths.iter().any(|path| {
                let shorter = path.len().min(change.len());
                path[..shorter] == change[..shorter]
            })
        };
        let own =
            failure.changes.iter().enumerate().filter(|(_, (at, change))| at == document && touches(&change.path));
        let own: Vec<(Id, &Change)> = own.map(|(id, (_, change))| (id, change)).collect();
        let refusal = |change: &[Segment], reason: Reason| Refusal {
            group,
            path: to_text(change.get(path.len()..).unwrap_or_default()),
            line: self.line(*document, change),
            reason,
        };
        let planned =
            own.iter().filter_map(|(id, change)| Some(refusal(&change.path, failure.refused.get(id)?.reason)));
        let planned: Vec<Refusal> = planned.collect();
        if !planned.is_empty() {
            return planned;
        }
        let shared = own.iter().filter_map(|(_, change)| Some(refusal(&change.path, self.shared(*document, change)?)));
        let shared: Vec<Refusal> = shared.collect();
        match (shared.is_empty(), own.is_empty()) {
            (false, _) => shared,
            (_, false) => own.iter().map(|(_, change)| refusal(&change.path, Reason::Surroundings)).collect(),
            _ => paths.first().map(|path| refusal(path, Reason::Surroundings)).into_iter().collect(),
        }
    }

    /// The line of a field, or of the nearest one around it that is written here.
    fn line(&self, document: usize, path: &[Segment]) -> usize {
        let root = &self.documents[document].root;
        let lines = (0..=path.len()).rev().filter_map(|depth| {
            let located = root.locate(&path[..depth]);
            let node = located.key.unwrap_or(located.node);
            (located.depth == depth && !node.aliased).then_some(node.span.line as usize)
        });
        lines.max().unwrap_or(1) + self.lines_before
    }

    /// The anchor around a change, which others may use too.
    fn shared(&self, document: usize, change: &Change) -> Option<Reason> {
        let mut node = &self.documents[document].root;
        for segment in &change.path {
            let (entry, below) = match segment {
                Segment::Key(key) => {
                    let (key, value) = node.entry(key)?;
                    (layout::entry(self.text, key, value).ok()?, value)
                }
                Segment::Index(index) => {
                    let mut items = layout::items(self.text, node).ok()?;
                    let entry = (*index < items.len()).then(|| items.swap_remove(*index))?;
                    (entry, node.as_sequence()?.get(*index)?)
                }
            };
            if let Some(at) = layout::anchor(self.text, &entry) {
                return Some(Reason::Anchor { line: line_number(self.text, at) + self.lines_before });
            }
            node = below;
        }
        None
    }
}

/// The edits of a group with paths that start at the document.
fn in_document(group: &Group<'_>) -> Vec<Edit> {
    let prefix = to_text(group.path);
    let whole = |path: &str| {
        let dot = if prefix.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
        [&prefix, dot, path].concat()
    };
    let edit = |edit: &Edit| match edit {
        Edit::Set { path, value } => Edit::Set { path: whole(path), value: value.clone() },
        Edit::Append { path, value } => Edit::Append { path: whole(path), value: value.clone() },
        Edit::Remove { path } => Edit::Remove { path: whole(path) },
    };
    group.edits.iter().map(edit).collect()
}

/// Edits, each once: two containers may ask for the same change of their pod.
fn distinct(edits: Vec<&Edit>) -> Vec<Edit> {
    let mut seen = BTreeSet::new();
    edits.into_iter().filter(|edit| seen.insert(*edit)).cloned().collect()
}

/// Applies edits to a document; `None` if one does not fit. Only here a document can be replaced as a whole.
fn applied(json: &str, edits: &[Edit]) -> Option<Value> {
    let whole = edits.iter().find_map(|edit| match edit {
        Edit::Set { path, value } if path.is_empty() => Some(value),
        _ => None,
    });
    match whole {
        Some(value) => serde_json::from_str(value).ok(),
        None => serde_json::from_str(&edit::apply(json, edits).ok()?).ok(),
    }
}

fn are_same(now: &[Option<Value>], wanted: &[Option<Value>]) -> bool {
    now.iter().zip(wanted).all(|pair| match pair {
        (Some(now), Some(wanted)) => same(now, wanted),
        _ => true,
    })
}

/// Whether a change is in a document: with another, because a shared anchor was edited.
fn is_there(change: &Change, now: &Value, wanted: &Value) -> bool {
    let path = match (&change.kind, change.path.split_last()) {
        (Kind::Insert(_) | Kind::Remove, Some((Segment::Index(_), list))) => list,
        _ => &change.path,
    };
    match (at(now, path), at(wanted, path)) {
        (Some(now), Some(wanted)) => same(now, wanted),
        (now, wanted) => now.is_none() && wanted.is_none(),
    }
}

/// Reads the text of a chunk for itself.
fn read(text: &str) -> Parsed<'_> {
    yaml::parse_chunk(&Chunk { text, start: 0, line: 1 })
}

/// Whether a chunk is JSON, one value or several.
fn is_json(text: &str) -> bool {
    let text = text.strip_prefix("---").unwrap_or(text).trim_start();
    text.starts_with(['{', '['])
        && serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>().all(|v| v.is_ok())
}
