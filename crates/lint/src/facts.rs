//! Judges the images of an object by what the lock knows, with the rule `image-user`: the same wasm as in the cluster, which
//! gets the lock's entries in its settings, as it does there, and asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use hardening::violation::Edit;
use images::places::{Holder, in_object};
use images::{Entry, Facts, Image, Index};
use kube_yaml::yaml::{Node, Segment};
use sandbox::Policy;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::finding::{Finding, Object, Place, Problem, Violation, segments};
use crate::judge::{Judge, exempted};
use crate::unreadable::{self, Examined};

/// The rule that judges by what is known about images.
pub const IMAGE_USER: &str = "image-user";
/// The rule that demands ids.
const RUN_AS_USER: &str = "run-as-user";

/// The lock of a run, with the policy that judges by it.
pub struct Locked {
    policy: Arc<Policy>,
    index: Index,
    /// The keys of images that the lock lacks, of those that were met.
    lacking: Mutex<BTreeSet<String>>,
}

/// The rule with one choice of settings, which judges by the lock.
#[derive(Clone)]
pub struct ImageJudge {
    locked: Arc<Locked>,
    judge: Judge,
}

/// The images of an object that the lock has.
#[derive(Default)]
struct Known {
    /// By key.
    entries: BTreeMap<String, Entry>,
    /// The containers that run one: type and name.
    containers: BTreeSet<(&'static str, String)>,
    /// Entries that cannot be read.
    problems: Vec<Problem>,
}

/// The judges of an object: a policy, and the rule about its images where there is a lock.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'j> {
    pub(crate) judge: &'j Judge,
    pub(crate) images: Option<&'j ImageJudge>,
}

impl<'j> From<&'j Judge> for Bench<'j> {
    fn from(judge: &'j Judge) -> Bench<'j> {
        Bench { judge, images: None }
    }
}

impl Bench<'_> {
    /// Adds what is known about the images of an object to what the policy found in it.
    pub(crate) fn add(
        self,
        node: &Node<'_>,
        object: &Object,
        findings: &mut Vec<Finding>,
        problems: &mut Vec<Problem>,
    ) {
        let Some(images) = self.images else { return };
        findings.iter_mut().for_each(|finding| images.fill_in(node, finding));
        let mut examined = images.examine(node, object);
        findings.append(&mut examined.findings);
        problems.append(&mut examined.problems);
    }
}

impl Locked {
    /// A lock that `policy`, the rule `image-user`, judges by.
    pub fn new(policy: Policy, index: Index) -> Locked {
        Locked { policy: Arc::new(policy), index, lacking: Mutex::default() }
    }

    /// The lock.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// How many images were met that the lock lacks, each counted once.
    pub fn lacking(&self) -> usize {
        self.lacking.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The entry of an image; `None` if there is none, or if it is about other bytes than the reference's digest names.
    fn entry(&self, image: &Image) -> Result<Option<Entry>, String> {
        let entry = self.index.get(image).map_err(|error| format!("harden.lock {error}"))?;
        let is_meant = |entry: &Entry| image.digest().is_none_or(|digest| digest == entry.digest.to_string());
        let entry = entry.filter(|entry| is_meant(entry) && entry.facts().next().is_some());
        if entry.is_none() {
            self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(image.key());
        }
        Ok(entry)
    }

    /// The images of an object that the lock has. Other rules complain of a text that is not a reference.
    fn known(&self, node: &Node<'_>) -> Known {
        let mut known = Known::default();
        for mention in in_object(node) {
            let Holder::Container(kind, name) = &mention.holder else { continue };
            let Some(image) = mention.reference.as_deref().and_then(|text| Image::parse(text).ok()) else { continue };
            match self.entry(&image) {
                Ok(Some(entry)) => {
                    known.entries.insert(image.key(), entry);
                    known.containers.insert((kind.word(), name.clone()));
                }
                Ok(None) => {}
                Err(message) => {
                    known.problems.push(Problem { place: Some(Place::of(mention.node, None, true)), message })
                }
            }
        }
        known
    }
}

impl ImageJudge {
    /// The rule with these settings.
    ///
    /// # Errors
    /// Settings that the rule does not take.
    pub(crate) fn new(locked: &Arc<Locked>, mut settings: Map<String, Value>) -> Result<ImageJudge, Error> {
        // A check lists what is wrong before anything is filled in, and nobody is asked.
        settings.retain(|key, value| key != "overwrite" && (key != "action" || value == "warn"));
        settings.insert("unanswered".to_owned(), "violation".into());
        let judge = Judge::of_rule(Arc::clone(&locked.policy), IMAGE_USER, Value::Object(settings).to_string());
        let judge = judge.map_err(|error| match error {
            Error::Settings(message) => Error::Settings(format!("rules.{IMAGE_USER}.{message}")),
            error => error,
        })?;
        Ok(ImageJudge { locked: Arc::clone(locked), judge })
    }

    /// The findings of the rule in an object, by what the lock knows. An image that it lacks gives none.
    pub(crate) fn examine(&self, node: &Node<'_>, object: &Object) -> Examined {
        self.examine_as(&self.judge, node, object)
    }

    /// The exemptions that left something alone so far.
    pub(crate) fn met_exemptions(&self) -> impl Iterator<Item = &exempted::Key> {
        self.judge.met_exemptions()
    }

    /// The repairs of the rule in an object: of what it finds, and the volumes of images that nothing covers. Ids that are
    /// merely unset are for the rule that demands them, see [`ImageJudge::fill_in`].
    ///
    /// # Errors
    /// Settings that do not allow it.
    pub(crate) fn repairs(&self, node: &Node<'_>, object: &Object, overwrite: bool) -> Result<Vec<Finding>, Error> {
        let found = self.examine(node, object).findings;
        let listing = self.judge.listing(overwrite)?;
        let mut repairs = self.examine_as(&listing, node, object).findings;
        repairs.retain(|repair| {
            let (violation, is_muted) = (&repair.violation, repair.muted.is_some());
            let is_found = || found.iter().any(|finding| finding.violation.path == violation.path);
            let adds = |edit: &Edit| matches!(edit, Edit::Append { .. });
            !is_muted && violation.fixable && (violation.fix.iter().all(adds) || is_found())
        });
        Ok(repairs)
    }

    fn examine_as(&self, judge: &Judge, node: &Node<'_>, object: &Object) -> Examined {
        if !judge.wants(node, object) {
            return Examined::default();
        }
        let Known { entries, containers, problems } = self.locked.known(node);
        if entries.is_empty() {
            return Examined { problems, ..Examined::default() };
        }
        let images = serde_json::to_string(&entries).unwrap_or_default();
        let ask = |judge: &Judge| {
            let mut examined = unreadable::examine(&judge.with_images(&images), node, object);
            let is_known = |finding: &Finding| {
                let Violation { container, container_type, .. } = &finding.violation;
                let named = |(kind, name): &(&str, String)| {
                    Some(*kind) == container_type.as_deref() && Some(name) == container.as_ref()
                };
                containers.iter().any(named)
            };
            examined.findings.retain(is_known);
            examined
        };
        let mut examined = ask(judge);
        let exempted = judge.exempted(&|judge| ask(judge).findings, &examined.findings);
        examined.findings.extend(exempted);
        // What cannot be read in the object was said by the bundle.
        Examined { problems, ..examined }
    }

    /// Lets the repair of a finding that misses an id write the one that the image says. Root is never filled in.
    pub(crate) fn fill_in(&self, node: &Node<'_>, finding: &mut Finding) {
        let violation = &mut finding.violation;
        if violation.rule != RUN_AS_USER || violation.found.is_some() {
            return;
        }
        if let Some(id) = self.id_of(node, &violation.path) {
            violation.fix = vec![Edit::Set { path: violation.path.clone(), value: id.to_string() }];
            violation.fixable = true;
        }
    }

    /// The id for the field at `path`, `….containers[0].securityContext.runAsUser`, from the container's image: the one that
    /// it has for every platform.
    fn id_of(&self, node: &Node<'_>, path: &str) -> Option<u32> {
        let segments = segments(path);
        let [container @ .., Segment::Key(_), Segment::Key(field)] = segments.as_slice() else { return None };
        let image = Image::parse(node.at(container)?.get("image")?.as_str()?).ok()?;
        let entry = self.locked.entry(&image).ok()??;
        let id = |facts: &Facts| match field.as_str() {
            "runAsUser" => facts.uid,
            "runAsGroup" => facts.gid,
            _ => None,
        };
        let on_linux = entry.facts().filter(|(platform, _)| platform.os() != "windows");
        let ids: BTreeSet<Option<u32>> = on_linux.map(|(_, facts)| id(facts)).collect();
        match ids.into_iter().collect::<Vec<_>>().as_slice() {
            [Some(id)] if *id != 0 => Some(*id),
            _ => None,
        }
    }
}
