//! The workloads of the given texts, as they are written and as `fix` would write them.

use std::collections::BTreeMap;

use hardening::workload::Pointer;
use kube_yaml::yaml::Segment;
use lint::finding::{Finding, Object, Place, Problem};
use lint::fix::Fixer;
use lint::judge::Judge;
use lint::objects::{Item, items};
use lint::search::Source;
use lint::session::Session;
use lint::text::Text;
use serde_json::Value;
use trial::{Objects, Workload};

use crate::error::Error;

/// An object of a text that has workloads.
pub(super) struct Subject {
    /// Index of its source.
    pub(super) source: usize,
    /// Index of its document.
    pub(super) document: usize,
    /// From the document to the object.
    pub(super) path: Vec<Segment>,
    /// Its identity.
    pub(super) object: Object,
    /// Where it stands.
    pub(super) place: Place,
    /// It as its author wrote it.
    pub(super) written: Value,
    /// It as `fix` would write it.
    pub(super) fixed: Value,
    /// Its workloads: the template as it is written and as `fix` would write it.
    pub(super) workloads: Vec<(Workload, Workload)>,
}

/// A text that holds subjects.
pub(super) struct Given<'s> {
    pub(super) source: &'s Source,
    pub(super) text: String,
}

/// Everything that is given.
#[derive(Default)]
pub(super) struct Subjects<'s> {
    pub(super) texts: Vec<Given<'s>>,
    pub(super) all: Vec<Subject>,
    /// The objects that the workloads refer to.
    pub(super) objects: Objects,
    /// Everything that could not be read, each with its file.
    pub(super) problems: Vec<(String, Problem)>,
}

impl<'s> Subjects<'s> {
    /// Reads every source. With `overwrite`, the fix replaces what the author wrote, too.
    ///
    /// # Errors
    /// Policies that cannot fix.
    pub(super) fn read(session: &Session, sources: &'s [Source], overwrite: bool) -> Result<Subjects<'s>, Error> {
        let mut subjects = Subjects::default();
        let mut listings: BTreeMap<&str, Judge> = BTreeMap::new();
        // A patch is a part of a workload, which its base completes.
        for source in sources.iter().filter(|source| !source.is_patch()) {
            let judge = session.judge_of(source);
            if !listings.contains_key(judge.settings()) {
                listings.insert(judge.settings(), judge.listing(overwrite)?);
            }
            let text = match source.read() {
                Ok(text) => text,
                Err(why) => {
                    subjects.problems.push((source.name.clone(), Problem::new(why.to_string())));
                    continue;
                }
            };
            let mute = |text: &Text<'_>, findings: &mut Vec<Finding>| session.mute(source, text, findings);
            let listing = &listings[judge.settings()];
            let fixer = Fixer::new(judge, listing, session.extras(source), &mute);
            let fixed = fixer.with_facts(session.image_judge_of(source), overwrite).fix(text.clone(), true);
            let pointers = session.config(source.config()).map(|file| file.config.pod_templates.as_slice());
            subjects.add(source, text, &fixed.new, pointers.unwrap_or_default());
        }
        Ok(subjects)
    }

    fn add(&mut self, source: &'s Source, text: String, fixed: &str, pointers: &[Pointer]) {
        let at = self.texts.len();
        let (written_text, fixed_text) = (Text::new(&text), Text::new(fixed));
        let mut say = |place: Option<Place>, message: String| {
            self.problems.push((source.name.clone(), Problem { place, message }));
        };
        written_text.parsed().errors.iter().for_each(|error| {
            let Problem { place, message } = Problem::of_yaml(error);
            say(place, message);
        });
        for item in items(written_text.parsed()) {
            let (document, path, node, object) = match item {
                Item::Object { document, path, node, object } => (document, path, node, object),
                Item::Unclear { node, message } => {
                    say(Some(Place::find(node, "")), message);
                    continue;
                }
                Item::Empty | Item::NotKubernetes => continue,
            };
            let place = Place::find(node, "");
            let value = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
            let written = value(&object.to_json(node));
            if let Err(error) = self.objects.add(&written) {
                say(Some(place), error.to_string());
            }
            let in_fixed = fixed_text.parsed().documents.get(document).and_then(|document| document.root.at(&path));
            let fixed = in_fixed.map_or_else(|| written.clone(), |node| value(&object.to_json(node)));
            let workloads = Workload::all_of(&written, pointers).and_then(|before| {
                let after = Workload::all_of(&fixed, pointers)?;
                Ok(before.into_iter().zip(after).collect::<Vec<_>>())
            });
            match workloads {
                Ok(workloads) if workloads.is_empty() => {}
                Ok(workloads) => {
                    self.all.push(Subject { source: at, document, path, object, place, written, fixed, workloads });
                }
                Err(error) => say(Some(place), error.to_string()),
            }
        }
        drop((written_text, fixed_text));
        self.texts.push(Given { source, text });
    }

    /// Every workload, as it is written.
    pub(super) fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.all.iter().flat_map(|subject| &subject.workloads).map(|(written, _)| written)
    }
}
