//! Judges the images of an object by the facts of the lock and of Dockerfiles, with the rule `image-user`: the same wasm as
//! in the cluster, which gets the facts in its settings, as it does there, and asks nobody.

mod sources;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::{Arc, OnceLock};

use hardening::policy::{Load, Single};
use hardening::rules::image_user::ImageUser;
use hardening::violation::Edit;
use images::places::{Holder, in_object};
use images::{Entry, Facts};
use kube_yaml::yaml::{Node, Segment};
use sandbox::Policy;
use serde_json::{Map, Value};

use self::sources::{Known, Source};
pub(crate) use self::sources::{Locked, Sources};
use crate::dockerfile::{self, DOCKERFILE_USER};
use crate::error::Error;
use crate::finding::{Finding, Object, Place, Problem, segments};
use crate::judge::{Judge, exempted};
use crate::unreadable::{self, Examined};

/// The rule that judges by what is known about images.
pub const IMAGE_USER: &str = "image-user";
/// The rule that demands ids.
const RUN_AS_USER: &str = "run-as-user";

/// The rule with one choice of settings, which judges by all that is known.
#[derive(Clone)]
pub struct ImageJudge {
    sources: Arc<Sources>,
    judge: Judge,
    /// The judges that list its repairs: what fills gaps, and what replaces what the author wrote, too.
    listings: Arc<[OnceLock<Judge>; 2]>,
    /// The rules whose findings are wanted: one for each source.
    wanted: Arc<[&'static str]>,
}

/// The images of an object that are known.
#[derive(Default)]
struct Met {
    /// By key.
    entries: BTreeMap<String, Entry>,
    /// The containers that run one, by type and name, and what knows it.
    containers: BTreeMap<(&'static str, String), Source>,
    /// Whatever cannot be read.
    problems: Vec<Problem>,
}

/// The judges of an object: a policy, and the rule about its images where something is known about any.
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

impl ImageJudge {
    /// The rule with these settings, whose findings are those of the `wanted` rules; `policy` is its wasm.
    ///
    /// # Errors
    /// Settings that the rule does not take.
    pub(crate) fn new(
        policy: &Arc<Policy>,
        sources: &Arc<Sources>,
        wanted: &Arc<[&'static str]>,
        mut settings: Map<String, Value>,
    ) -> Result<ImageJudge, Error> {
        // A check lists what is wrong before anything is filled in, and nobody is asked.
        settings.retain(|key, value| key != "overwrite" && (key != "action" || value == "warn"));
        settings.insert("unanswered".to_owned(), "violation".into());
        let (policy, settings) = (Arc::clone(policy), Value::Object(settings).to_string());
        let judge = Judge::of_rule(policy, (IMAGE_USER, Single::<ImageUser>::load), settings);
        let judge = judge.map_err(|error| match error {
            Error::Settings(message) => Error::Settings(format!("rules.{IMAGE_USER}.{message}")),
            error => error,
        })?;
        Ok(ImageJudge { sources: Arc::clone(sources), judge, listings: Arc::default(), wanted: Arc::clone(wanted) })
    }

    /// The findings of the rule in an object. An image that nothing is known about gives none.
    pub(crate) fn examine(&self, node: &Node<'_>, object: &Object) -> Examined {
        let mut examined = self.examine_as(&self.judge, node, object);
        if self.wanted.contains(&DOCKERFILE_USER) {
            examined.problems.extend(self.unknown(node, object));
        }
        examined
    }

    /// Says at its image why nobody knows whom a container of an object runs as; `None` if no Dockerfile of theirs is broken.
    pub(crate) fn unknown(&self, node: &Node<'_>, object: &Object) -> Option<Problem> {
        dockerfile::unknown(&self.sources.built, node, object)
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
        let listing = &self.listings[usize::from(overwrite)];
        let listing = match listing.get() {
            Some(known) => known,
            None => {
                let made = self.judge.listing(overwrite)?;
                listing.get_or_init(|| made)
            }
        };
        let found = self.examine(node, object).findings;
        let mut repairs = self.examine_as(listing, node, object).findings;
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
        let Met { entries, containers, problems } = self.met(node);
        if entries.is_empty() {
            return Examined { problems, ..Examined::default() };
        }
        let images = serde_json::to_string(&entries).unwrap_or_default();
        let ask = |judge: &Judge| {
            let mut examined = unreadable::examine(&judge.with_images(&images), node, object);
            let own = |finding: &mut Finding| {
                let (kind, name) = (&finding.violation.container_type, &finding.violation.container);
                let mut known = containers.iter().filter(|((own_kind, own_name), _)| {
                    Some(*own_kind) == kind.as_deref() && Some(own_name) == name.as_ref()
                });
                known.next().is_some_and(|(_, source)| source.claim(finding))
            };
            examined.findings.retain_mut(own);
            examined
        };
        let mut examined = ask(judge);
        let exempted = judge.exempted(&|judge| ask(judge).findings, &examined.findings);
        examined.findings.extend(exempted);
        // What cannot be read in the object was said by the bundle.
        Examined { problems, ..examined }
    }

    /// The images of an object that are known by a source whose findings are wanted.
    fn met(&self, node: &Node<'_>) -> Met {
        let mut met = Met::default();
        for mention in in_object(node) {
            let Holder::Container(kind, name) = &mention.holder else { continue };
            let Some(reference) = mention.reference.as_deref() else { continue };
            match self.sources.know(reference) {
                Ok(Some(Known { key, entry, source })) if self.wanted.contains(&source.rule()) => {
                    match met.entries.entry(key) {
                        Slot::Vacant(slot) => drop(slot.insert(entry)),
                        // Other bytes under the same name; the settings can only say one.
                        Slot::Occupied(slot) if *slot.get() != entry => continue,
                        Slot::Occupied(_) => {}
                    }
                    met.containers.insert((kind.word(), name.clone()), source);
                }
                Ok(_) => {}
                Err(error) => {
                    let (place, message) = (Place::of(mention.node, None, true), format!("harden.lock {error}"));
                    met.problems.push(Problem { place: Some(place), message });
                }
            }
        }
        met
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
        let Known { entry, .. } = self.sources.know(node.at(container)?.get("image")?.as_str()?).ok()??;
        let id = |facts: &Facts| match field.as_str() {
            "runAsUser" => facts.uid,
            "runAsGroup" => facts.gid,
            _ => None,
        };
        let on_linux = entry.facts().filter(|(platform, _)| platform.os() != "windows");
        let mut ids = on_linux.map(|(_, facts)| id(facts));
        let first = ids.next()??;
        (first != 0 && ids.all(|id| id == Some(first))).then_some(first)
    }
}
