//! The findings that a suppression covers.

use std::ops::Range;

use crate::finding::Finding;
use kube_yaml::yaml::Node;

/// The findings that a suppression is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// None: there is no content at its line.
    Nothing,
    /// Findings whose place lies in these bytes.
    Bytes(Range<usize>),
    /// Findings in an object, or in a template in it, and there of one container.
    Object {
        /// The object's bytes.
        bytes: Range<usize>,
        /// Path of the template with a trailing dot; empty for the object.
        prefix: String,
        /// The container; all and the pod itself if `None`.
        container: Option<String>,
    },
}

impl Scope {
    /// The outermost node that begins on a line: a field with all below it, a container, the whole document.
    pub(super) fn of_line(root: &Node<'_>, line: usize) -> Scope {
        outermost(root, root, line).map_or(Scope::Nothing, Scope::Bytes)
    }

    /// Whether the finding is meant.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        match self {
            Scope::Nothing => false,
            Scope::Bytes(bytes) => bytes.contains(&finding.place.start),
            Scope::Object { bytes, prefix, container } => {
                let violation = &finding.violation;
                bytes.contains(&finding.place.start)
                    && violation.path.starts_with(prefix.as_str())
                    && (container.is_none() || *container == violation.container)
            }
        }
    }
}

/// The bytes of `node`, which `first` opens (its key, if it has one), or of the node in it, that begins on
/// the line.
fn outermost(first: &Node<'_>, node: &Node<'_>, line: usize) -> Option<Range<usize>> {
    if node.aliased {
        return None;
    }
    if first.span.line as usize == line {
        return Some(first.span.start as usize..node.span.end.max(first.span.end) as usize);
    }
    match (node.as_mapping(), node.as_sequence()) {
        (Some(pairs), _) => pairs.iter().find_map(|(key, value)| outermost(key, value, line)),
        (_, Some(items)) => items.iter().find_map(|item| outermost(item, item, line)),
        _ => None,
    }
}
