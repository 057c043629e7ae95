//! Writes what was proven into the texts, and what was seen into the lock.

use std::collections::{BTreeMap, BTreeSet};

use images::facts::Source as Origin;
use images::{Facts, Image, Lock};
use kube_yaml::patch::{self, Applied, Group};
use lint::text::Text;
use serde_json::Value;
use trial::search::Found;
use trial::{Relaxation, paths, relax, spec};

use super::flow::{Ending, Hardened, Tried};
use super::subjects::{Subject, Subjects};

/// The new text of a source, and what could not be written into it.
pub(super) struct Written {
    pub(super) text: String,
    /// The subjects, by index, that had to be changed.
    pub(super) wanted: BTreeSet<usize>,
    /// The subjects, by index, whose changes are not in the text, each with the reason.
    pub(super) refused: BTreeMap<usize, String>,
}

/// Puts what was proven of the workloads into the text with this index; `tried` has the results of each subject's workloads.
pub(super) fn text(subjects: &Subjects<'_>, at: usize, tried: &[Vec<Option<Tried>>]) -> Written {
    let old = subjects.texts[at].text.as_str();
    let parsed = Text::new(old);
    let own: Vec<(usize, &Subject)> =
        subjects.all.iter().enumerate().filter(|(_, subject)| subject.source == at).collect();
    let edits: Vec<_> =
        own.iter().map(|(index, subject)| patch::edits(&subject.written, &object(subject, &tried[*index]))).collect();
    let wanted = own.iter().zip(&edits).filter(|(_, edits)| !edits.is_empty());
    let groups: Vec<(usize, Group<'_>)> = wanted
        .map(|((index, subject), edits)| (*index, Group { document: subject.document, path: &subject.path, edits }))
        .collect();
    let bare: Vec<Group<'_>> = groups.iter().map(|(_, group)| *group).collect();
    let Applied { text, refused } = patch::apply(old, parsed.parsed(), &bare);
    let mut why = BTreeMap::new();
    for refusal in refused {
        let said = format!("line {}: `{}` {}", refusal.line, refusal.path, refusal.reason);
        why.entry(groups[refusal.group].0).or_insert(said);
    }
    let wanted = groups.iter().map(|(index, _)| *index).collect();
    Written { text, wanted, refused: why }
}

/// A subject as it was proven: its workloads that were, in what `fix` would write if all were, else in what is written.
fn object(subject: &Subject, tried: &[Option<Tried>]) -> Value {
    let proven: Vec<_> = tried.iter().map(|tried| tried.as_ref().and_then(proven)).collect();
    let is_whole = proven.iter().all(Option::is_some);
    let mut object = if is_whole { subject.fixed.clone() } else { subject.written.clone() };
    for hardened in proven.into_iter().flatten() {
        let at = &hardened.workload.at;
        let place = at.iter().try_fold(&mut object, |value, step| match value {
            Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?),
            value => value.get_mut(step),
        });
        if let Some(place) = place {
            *place = hardened.workload.template.clone();
        }
    }
    object
}

/// A workload that runs hardened, with or without needs.
pub(super) fn proven(tried: &Tried) -> Option<&Hardened> {
    match &tried.ending {
        Ending::Hardened(hardened) if !matches!(hardened.found, Found::NotProvable(_)) => Some(hardened),
        _ => None,
    }
}

/// Files what was seen of the images beside the other facts; gives the images that the lock lacks.
pub(super) fn facts<'t>(tried: impl Iterator<Item = &'t Tried>, lock: &mut Lock) -> Vec<String> {
    let mut found: BTreeMap<String, Facts> = BTreeMap::new();
    for hardened in tried.filter_map(proven) {
        let pod = &hardened.workload.template["spec"];
        for (name, seen) in &hardened.seen {
            let Some(image) = spec::container(pod, name).and_then(|container| container["image"].as_str()) else {
                continue;
            };
            let facts = found.entry(image.to_owned()).or_default();
            let written = paths::written(&seen.written, &[]).directories;
            facts.written_paths.extend(written.into_iter().map(|directory| directory.path));
            facts.memory = facts.memory.max(seen.memory);
            if let Found::Needs(needs) = &hardened.found {
                let needs = needs.keys().cloned().collect();
                for relaxation in relax::of(&needs, name) {
                    match relaxation {
                        Relaxation::Capability(name) => facts.capabilities.push(name.clone()),
                        Relaxation::WritablePath(path) => facts.written_paths.push(path.clone()),
                        _ => {}
                    }
                }
            }
        }
    }
    let mut lacking = Vec::new();
    for (reference, mut facts) in found {
        for list in [&mut facts.written_paths, &mut facts.capabilities] {
            list.sort_unstable();
            list.dedup();
        }
        let entry = Image::parse(&reference).ok().and_then(|image| lock.get_mut(&image));
        let Some(entry) = entry else {
            lacking.push(reference);
            continue;
        };
        for build in entry.platforms.values_mut() {
            build.facts.insert(Origin::Try, facts.clone());
        }
    }
    lacking
}
