//! The result for a file: findings, problems and counts.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::config::{FailOn, severity};
use crate::finding::{Finding, Level, Object, Place, Problem};
use hardening::rules::Severity;
use kube_yaml::yaml::{Node, Parsed, Segment};

/// The result for one file.
#[derive(Debug, Default)]
pub struct FileReport {
    /// Path as the user gave it or as it was found.
    pub path: String,
    /// The text; empty if it could not be read.
    pub text: String,
    /// Findings in the order of their places.
    pub findings: Vec<Finding>,
    /// Everything that could not be judged.
    pub problems: Vec<Problem>,
    /// Objects that were not judged because it is only a part of an object, or stands where no rule looks.
    pub notes: Vec<Problem>,
    /// The counts.
    pub counts: Counts,
    /// The severity that fails the run in this file.
    pub fail_on: FailOn,
    /// The number of the configuration that governs the file.
    pub config: Option<usize>,
    /// The workloads, in the order of the text.
    pub workloads: Vec<Workload>,
    /// Objects without a pod template that only further policies judged.
    pub further: Vec<Workload>,
    /// Whether it is a file that was named or found, and was read.
    pub is_read: bool,
    /// The file of the repository that stands for a rendered text, such as Chart.yaml; `None` of what was not rendered.
    pub origin: Option<String>,
    /// The rules that hold here; not known of a policy that is not built in.
    pub rules: Option<Arc<[&'static str]>>,
}

/// An object that a policy is to judge, and where it stands.
#[derive(Debug, Clone)]
pub struct Workload {
    /// The identity of the object.
    pub object: Object,
    /// Where it starts.
    pub place: Place,
    /// The bytes of the text that hold it.
    pub extent: Range<usize>,
    /// The bytes of its chunk: what can be read and edited on its own.
    pub chunk: Range<usize>,
    /// Index of its document in the chunk.
    pub document: usize,
    /// Steps from the document to the object: none, or `items[i]` of a `List`.
    pub path: Vec<Segment>,
    /// The file of a chart that helm made it of.
    pub source: Option<Template>,
    /// Whether a policy answered about it.
    pub is_judged: bool,
}

/// The file of a chart that helm made an object of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its path.
    pub path: String,
    /// Whether a reader of the report is likely to have the file: it is there, or nothing is known of the chart.
    pub is_at_hand: bool,
}

impl Workload {
    /// Index of its document in the whole text, which `parsed` was read from.
    pub fn document_in(&self, parsed: &Parsed<'_>) -> Option<usize> {
        let first = parsed.documents.partition_point(|document| document.chunk.start < self.chunk.start);
        let at = first + self.document;
        parsed.documents.get(at).filter(|document| document.chunk == self.chunk).map(|_| at)
    }

    /// Its content in the whole text, which `parsed` was read from.
    pub(crate) fn node<'n, 'a>(&self, parsed: &'n Parsed<'a>) -> Option<&'n Node<'a>> {
        parsed.documents[self.document_in(parsed)?].root.at(&self.path)
    }
}

impl FileReport {
    /// The findings that count.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.muted.is_none())
    }

    /// The file of a chart that a finding's object was rendered from.
    pub fn source_of(&self, finding: &Finding) -> Option<&str> {
        self.template_of(finding).map(|template| template.path.as_str())
    }

    fn template_of(&self, finding: &Finding) -> Option<&Template> {
        self.workloads.get(self.workload_of(finding)?)?.source.as_ref()
    }

    /// The file to show a finding at if its object was rendered, so that its own place is in no file: the template, else
    /// what stands for the whole text.
    pub fn origin_of(&self, finding: &Finding) -> Option<&str> {
        let template = self.template_of(finding).filter(|template| template.is_at_hand || self.origin.is_none());
        template.map(|template| template.path.as_str()).or(self.origin.as_deref())
    }

    /// Makes a problem of everything that was not judged and may hold a workload; `is_known` tells whether a
    /// path is one where nobody expects a Kubernetes object.
    pub fn be_strict(&mut self, is_known: impl FnOnce(&str) -> bool) {
        let parts =
            self.notes.drain(..).map(|note| Problem { message: format!("was not judged: {}", note.message), ..note });
        self.problems.extend(parts);
        if self.counts.not_kubernetes > 0 && !is_known(&self.path) {
            let what = match self.counts.not_kubernetes {
                1 => "1 document is not a Kubernetes object".to_owned(),
                count => format!("{count} documents are not Kubernetes objects"),
            };
            self.problems.push(Problem::new(format!("was not judged: {what}")));
        }
    }

    /// Makes it a problem that a stream holds no object: the program that was to write it may have failed.
    pub fn demand_object(&mut self) {
        let Counts { judged, without_template, elsewhere, partial, .. } = self.counts;
        if self.problems.is_empty() && judged + without_template + elsewhere + partial == 0 {
            let why = "holds no Kubernetes object, so nothing was judged; did the program before the pipe fail?";
            self.problems.push(Problem::new(why));
        }
    }

    /// Counts the judged objects that have findings, each by its place: two may have the same name.
    pub(crate) fn recount(&mut self) {
        let owner = |finding: &Finding| {
            let own = |objects: &[Workload]| owner(objects, finding).filter(|at| objects[*at].is_judged);
            own(&self.workloads).map(|at| (false, at)).or_else(|| own(&self.further).map(|at| (true, at)))
        };
        self.counts.with_findings = self.open().filter_map(owner).collect::<BTreeSet<_>>().len();
    }

    /// Takes out the findings of rules below `least`, and these rules: where nobody is to see what a rule found, it must
    /// not look as if it found nothing. What has no severity stays.
    pub(crate) fn hide_below(&mut self, least: Severity) {
        let is_shown = |rule: &str| severity(rule).is_none_or(|own| own >= least);
        self.findings.retain(|finding| is_shown(&finding.violation.rule));
        self.rules = self.rules.as_ref().map(|rules| rules.iter().copied().filter(|rule| is_shown(rule)).collect());
        self.recount();
    }

    /// Counts objects that only further policies judged.
    pub(crate) fn add_further(&mut self, judged: Vec<Workload>) {
        let starts = |objects: &[Workload]| -> BTreeSet<usize> {
            objects.iter().filter(|object| object.is_judged).map(|object| object.extent.start).collect()
        };
        let known: BTreeSet<usize> = &starts(&self.workloads) | &starts(&self.further);
        let is_new = |object: &Workload| object.is_judged && !known.contains(&object.extent.start);
        for object in judged.into_iter().filter(is_new) {
            self.counts.judged += 1;
            match self.workloads.iter_mut().find(|own| own.extent == object.extent) {
                Some(own) => own.is_judged = true,
                None => {
                    let counts = &mut self.counts;
                    let other =
                        if counts.without_template > 0 { &mut counts.without_template } else { &mut counts.elsewhere };
                    *other = other.saturating_sub(1);
                    self.further.push(object);
                }
            }
        }
        self.further.sort_by_key(|object| object.extent.start);
    }

    /// Whether a finding fails the run.
    pub fn fails(&self, finding: &Finding) -> bool {
        finding.muted.is_none()
            && match (self.fail_on, finding.level) {
                (FailOn::Never, _) => false,
                (FailOn::Warning, _) => true,
                (_, level) => level == Level::Error,
            }
    }

    /// How many findings fail the run.
    pub(crate) fn failing(&self) -> usize {
        self.findings.iter().filter(|finding| self.fails(finding)).count()
    }

    /// Index of the workload that a finding is about. What came through an alias stands elsewhere.
    pub fn workload_of(&self, finding: &Finding) -> Option<usize> {
        owner(&self.workloads, finding)
    }
}

/// Index of the object that a finding is about.
fn owner(objects: &[Workload], finding: &Finding) -> Option<usize> {
    let is_same = |at: &usize| objects[*at].object == finding.object;
    let behind = objects.partition_point(|object| object.extent.start <= finding.place.start);
    behind.checked_sub(1).filter(is_same).or_else(|| objects.iter().position(|object| object.object == finding.object))
}

/// How many documents and objects were seen, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Objects that were judged.
    pub judged: usize,
    /// Judged objects with a finding.
    pub with_findings: usize,
    /// Objects without a pod template.
    pub without_template: usize,
    /// Objects without a pod template that hold containers where no rule looks.
    #[serde(rename = "containersElsewhere")]
    pub elsewhere: usize,
    /// Documents that are not Kubernetes objects.
    pub not_kubernetes: usize,
    /// Parts of objects, as the patches of kustomize.
    pub partial: usize,
    /// Documents without content.
    pub empty: usize,
}

impl Counts {
    /// Adds what was counted elsewhere.
    pub(crate) fn add(&mut self, other: Counts) {
        self.judged += other.judged;
        self.with_findings += other.with_findings;
        self.without_template += other.without_template;
        self.elsewhere += other.elsewhere;
        self.not_kubernetes += other.not_kubernetes;
        self.partial += other.partial;
        self.empty += other.empty;
    }

    /// Documents and objects that were seen but not judged.
    pub fn not_judged(&self) -> usize {
        self.without_template + self.elsewhere + self.not_kubernetes + self.partial + self.empty
    }
}
