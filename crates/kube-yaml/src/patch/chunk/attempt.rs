//! One attempt to make some groups, which counts only if the new text means what it should.

use std::collections::{BTreeMap, BTreeSet};

use hardening::edit;
use hardening::violation::Edit;
use serde_json::Value;

use super::super::diff::{Change, Kind, at, diff, same};
use super::super::plan::{Holder, Place, Plan, Refused};
use super::super::splice::{self, Replacement};
use super::super::tree::{Id, Tree};
use super::{Editor, Failure, read};
use crate::yaml::Segment;

impl Editor<'_> {
    /// Makes some groups, unless the text would not mean what it should.
    pub(super) fn attempt(&self, chosen: &BTreeSet<usize>) -> Result<(String, Vec<Replacement>), Failure> {
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
