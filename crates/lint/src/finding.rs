//! Findings: violations with a place in a file.

use std::borrow::Cow;
use std::sync::Arc;

use hardening::rules::RuleMeta;
use hardening::rules::allow_privilege_escalation::AllowPrivilegeEscalation;
use hardening::violation::Edit;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use kube_yaml::patch;
use kube_yaml::yaml::{self, Node, Segment, Style, Value};

/// The mark of every comment that suppresses a finding.
pub(crate) const MARK: &str = "harden: ignore";

/// A violation as policies list it in `audit_annotations["violations"]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Id of the rule.
    pub rule: String,
    /// Field path in the object.
    pub path: String,
    /// Name of the container, unless it is the pod's.
    pub container: Option<String>,
    /// `container`, `initContainer` or `ephemeralContainer`.
    pub container_type: Option<String>,
    /// The value found, as JSON; `None` if there is none.
    pub found: Option<Box<RawValue>>,
    /// The message for readers.
    pub message: String,
    /// Whether a fix is known that the settings allow.
    #[serde(default)]
    pub fixable: bool,
    /// Whether it refuses the request; else it is a warning.
    #[serde(default = "yes")]
    pub rejects: bool,
    /// The edits that repair it.
    #[serde(default, with = "patch::wire")]
    pub fix: Vec<Edit>,
}

impl Violation {
    /// Makes a violation that is about the whole object: without a field, a container or a fix. It refuses the
    /// request if `rejects` says so; else it is a warning.
    pub(crate) fn whole(rule: &str, message: String, rejects: bool) -> Violation {
        Violation {
            rule: rule.to_owned(),
            path: String::new(),
            container: None,
            container_type: None,
            found: None,
            message,
            fixable: false,
            rejects,
            fix: Vec::new(),
        }
    }
}

fn yes() -> bool {
    true
}

/// How much a finding matters for the exit code; what is worse is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The cluster would refuse the object.
    Error,
    /// The cluster would warn.
    Warning,
}

/// The object that a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`, or `generateName`; empty if it has neither.
    pub name: String,
    /// `metadata.namespace`; empty if unset.
    pub namespace: String,
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Object { kind, namespace, name, .. } = self;
        match (namespace.is_empty(), name.is_empty()) {
            (true, true) => write!(f, "{kind}"),
            (true, false) => write!(f, "{kind} {name}"),
            (false, _) => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// First byte.
    #[serde(skip)]
    pub start: usize,
    /// The byte behind the last.
    #[serde(skip)]
    pub end: usize,
    /// Whether the field itself stands here; else what lacks it.
    pub exact: bool,
}

/// A violation with its place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The violation that the policy reported.
    pub violation: Violation,
    /// How much it matters.
    pub level: Level,
    /// The object.
    pub object: Object,
    /// Where the field stands, or the container if the field is unset.
    pub place: Place,
    /// The name of the policy that found it, if that is not built in.
    pub policy: Option<Arc<str>>,
    /// Why it does not count; `None` if it does.
    pub muted: Option<Muted>,
}

impl Finding {
    /// Whether a comment or an annotation lets it pass.
    pub fn is_suppressed(&self) -> bool {
        matches!(self.muted, Some(Muted::Suppression { .. }))
    }

    /// Whether `harden fix` may write its edits: those that another policy lists take effect only where that policy
    /// mutates.
    pub fn is_fixable(&self) -> bool {
        self.violation.fixable && !self.violation.fix.is_empty() && self.policy.is_none()
    }

    /// Why the API server would refuse what the rule demands; `None` if it would not.
    pub fn refused(&self) -> Option<&'static str> {
        let Violation { rule, fix, .. } = &self.violation;
        let is_refused = rule == AllowPrivilegeEscalation::ID && fix.is_empty() && self.policy.is_none();
        is_refused.then_some(AllowPrivilegeEscalation::BY_HAND)
    }
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum Muted {
    /// A suppression in the manifest, with its reason.
    Suppression {
        /// Why, as its author wrote it.
        reason: String,
        /// The line of the suppression.
        line: usize,
    },
    /// It is in the baseline: it was known before.
    Baseline,
    /// The revision of `--since` has it, too.
    Revision {
        /// The revision, as it was named.
        revision: String,
    },
    /// An exemption in the settings leaves it alone, with its reason.
    Exemption {
        /// Why, as the owner of the settings wrote it; empty if there is no reason.
        reason: String,
    },
}

impl Place {
    /// The place of a node, or of its key if it has one.
    pub fn of(node: &Node<'_>, key: Option<&Node<'_>>, exact: bool) -> Place {
        let span = key.unwrap_or(node).span;
        // Of a value that spans lines, the first is enough to point at.
        let end = if node.span.line == span.line { node.span.end } else { span.end };
        Place {
            line: span.line as usize,
            column: span.column as usize,
            start: span.start as usize,
            end: end.max(span.end) as usize,
            exact,
        }
    }

    /// Where the field `path` of the object `root` stands; if it is unset, the container that lacks it, or
    /// else the nearest field around it.
    pub fn find(root: &Node<'_>, path: &str) -> Place {
        let segments = segments(path);
        let located = root.locate(&segments);
        if located.depth == segments.len() && !segments.is_empty() {
            return Place::of(located.node, located.key, true);
        }
        let is_container = |pair: &[Segment]| matches!(pair, [Segment::Key(list), Segment::Index(_)] if list.to_lowercase().ends_with("containers"));
        let container = segments.windows(2).position(is_container).map(|at| at + 2);
        let around = container.map(|end| root.locate(&segments[..end])).filter(|c| Some(c.depth) == container);
        let around = around.unwrap_or(located);
        match around.node.as_mapping().and_then(|pairs| pairs.first()) {
            // `- name: app` says more than the dash.
            Some((key, value)) if around.key.is_none() => Place { exact: false, ..Place::of(value, Some(key), false) },
            _ => Place::of(around.node, around.key, false),
        }
    }
}

/// A field path as steps into a YAML document; none if it is not a path.
pub fn segments(path: &str) -> Vec<Segment> {
    hardening::path::parse(path).unwrap_or_default()
}

/// The fields that an item of a typed list takes from it.
pub(crate) const NAMED_BY_LIST: [&str; 2] = ["apiVersion", "kind"];

impl Object {
    /// Reads what names the object.
    pub fn of(root: &Node<'_>) -> Object {
        let text = |node: Option<&Node<'_>>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
        let metadata = root.get("metadata");
        let field = |key: &str| text(metadata.and_then(|m| m.get(key)));
        let name = field("name");
        Object {
            api_version: text(root.get("apiVersion")),
            kind: text(root.get("kind")),
            name: if name.is_empty() { field("generateName") } else { name },
            namespace: field("namespace"),
        }
    }

    /// The object at `node` as the API server gets it: an item of a typed list need not say what it is.
    pub fn complete<'n, 'a>(&self, node: &'n Node<'a>) -> Cow<'n, Node<'a>> {
        let said = |key: &str| node.get(key).and_then(Node::as_str).is_some_and(|value| !value.is_empty());
        if NAMED_BY_LIST.iter().any(|key| said(key)) {
            return Cow::Borrowed(node);
        }
        let text = |text: &str| Node {
            value: Value::String(text.to_owned().into()),
            span: node.span,
            style: Style::Absent,
            aliased: true,
        };
        let named = NAMED_BY_LIST.iter().zip([&self.api_version, &self.kind]);
        let named = named.map(|(key, value)| (text(key), text(value)));
        let own = node.as_mapping().unwrap_or_default().iter().cloned();
        let own = own.filter(|(key, _)| !NAMED_BY_LIST.iter().any(|name| key.as_str() == Some(name)));
        Cow::Owned(Node { value: Value::Mapping(named.chain(own).collect()), ..node.clone() })
    }

    /// The same as JSON.
    pub fn to_json(&self, node: &Node<'_>) -> String {
        self.complete(node).to_json()
    }
}

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Where, if it is known.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The problem and what to do about it.
    pub message: String,
}

impl Problem {
    /// A problem of a file as a whole.
    pub fn new(message: impl Into<String>) -> Problem {
        Problem { place: None, message: message.into() }
    }

    /// Where it is in a file: `FILE:LINE:COLUMN`, or the file alone.
    pub fn place_in(&self, file: &str) -> String {
        self.place.map_or_else(|| file.to_owned(), |place| format!("{file}:{}:{}", place.line, place.column))
    }

    /// A problem with the text of a file.
    pub fn of_yaml(error: &yaml::Error) -> Problem {
        let place =
            Place { line: error.line, column: error.column, start: error.offset, end: error.offset, exact: true };
        let message = if error.templated {
            "is an unrendered Helm template; judge what it renders: `harden check --helm CHART`".to_owned()
        } else {
            format!("is not valid YAML: {}", error.message)
        };
        Problem { place: Some(place), message }
    }
}
