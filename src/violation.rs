//! Violations: what a rule found, where, and how it could be fixed.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::value::RawValue;

use crate::host::Host;
use crate::index::{chained, hash};
use crate::json;
use crate::line;
use crate::path;
use crate::pod::Volume;
use crate::unjudged::Unjudged;
use crate::view::{ContainerKind, ContainerView, View};

/// The value at a violation's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or `null`.
    Unset,
    /// A value, as JSON text.
    Json(String),
}

impl Found {
    /// A string that was found.
    pub fn text(text: &str) -> Found {
        Found::Json(json::string(text))
    }

    /// A number or boolean that was found.
    pub fn plain(value: impl ToString) -> Found {
        Found::Json(value.to_string())
    }

    /// Any value that was found, on one line.
    pub fn raw(value: &RawValue) -> Found {
        let (mut quoted, mut escaped) = (false, false);
        let is_text = |c: &char| {
            quoted ^= *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            quoted || !c.is_ascii_whitespace()
        };
        Found::Json(value.get().chars().filter(is_text).collect())
    }

    /// A list of strings that was found.
    pub fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Found {
        let mut out = String::from("[");
        for text in texts {
            if out.len() > 1 {
                out.push_str(", ");
            }
            json::push_string(&mut out, text);
        }
        out.push(']');
        Found::Json(out)
    }
}

/// One change to an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// Sets the field, and makes the objects on the way to it.
    Set {
        /// Field path.
        path: String,
        /// JSON text.
        value: String,
    },
    /// Adds an element to the list at the path, which is made if it is not there.
    Append {
        /// Field path of the list.
        path: String,
        /// JSON text.
        value: String,
    },
    /// Takes the field or element away.
    Remove {
        /// Field path.
        path: String,
    },
}

impl Edit {
    /// A hash to find equal edits by. The value counts: ten thousand volumes may be appended to one list.
    pub(crate) fn hash(&self) -> u64 {
        match self {
            Edit::Set { path, value } | Edit::Append { path, value } => chained(hash(path), value),
            Edit::Remove { path } => hash(path),
        }
    }
}

/// How a violation can be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The edits, in order.
    pub edits: Vec<Edit>,
    /// Whether it replaces or removes what the author wrote, which needs `overwrite`.
    pub overwrites: bool,
}

/// The containers that a violation concerns. One that joins them is worse off for an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All that the rule judges.
    Pod,
    /// These, by [`ContainerView::ordinal`], in order.
    Containers(Vec<usize>),
    /// The containers that mount the volume of this name.
    Volume(String),
}

/// The consequence of a violation, within what the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// `action` decides.
    Demand,
    /// A warning, whatever `action` says.
    Advice,
    /// A gap that `mutate` fills; where it stays, nothing is refused or said.
    Gap,
}

/// A place that a rule does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Id of the rule.
    pub rule: &'static str,
    /// Field path in the object.
    pub path: String,
    /// The container, unless the violation is the pod's.
    pub container: Option<(ContainerKind, String)>,
    /// The value found.
    pub found: Found,
    /// The demand: the end of the sentence "*path* is *found*, …".
    pub wanted: Cow<'static, str>,
    /// Further details that identify the violation but are not in its message.
    pub detail: String,
    /// Whom it concerns.
    pub reach: Reach,
    /// A repair, if there is a safe value.
    pub fix: Option<Fix>,
    /// How much it weighs.
    pub weight: Weight,
}

impl Violation {
    /// A violation of a container at the whole path `path`.
    pub fn in_container(
        container: &ContainerView<'_>,
        path: String,
        found: Found,
        wanted: impl Into<Cow<'static, str>>,
    ) -> Violation {
        let owner = Some((container.kind, container.name().to_owned()));
        let reach = Reach::Containers(vec![container.ordinal]);
        Violation { container: owner, reach, ..Violation::at(path, found, wanted) }
    }

    /// A violation of the pod at `field` of its spec.
    pub fn in_pod(view: &View<'_>, field: &str, found: Found, wanted: impl Into<Cow<'static, str>>) -> Violation {
        Violation::at(view.spec_path(field), found, wanted)
    }

    /// A violation of `volume` at `field` of the pod's spec.
    pub fn in_volume(view: &View<'_>, volume: &Volume<'_>, field: &str, found: Found, wanted: &str) -> Violation {
        let name = volume.name.as_deref().unwrap_or_default();
        let wanted = [wanted, " (volume ", &json::string(name), ")"].concat();
        Violation { reach: Reach::Volume(name.to_owned()), ..Violation::in_pod(view, field, found, wanted) }
    }

    /// A violation at the whole path `path`, of no particular container.
    pub fn at(path: String, found: Found, wanted: impl Into<Cow<'static, str>>) -> Violation {
        let (rule, wanted) = ("", wanted.into());
        Violation {
            rule,
            path,
            container: None,
            found,
            wanted,
            detail: String::new(),
            reach: Reach::Pod,
            fix: None,
            weight: Weight::Demand,
        }
    }

    /// The same violation of a value of the pod, which only these containers inherit.
    pub fn inherited<'v>(self, by: impl IntoIterator<Item = &'v ContainerView<'v>>) -> Violation {
        let reach = Reach::Containers(by.into_iter().map(|container| container.ordinal).collect());
        Violation { reach, ..self }
    }

    /// The same violation, which another detail makes another one.
    pub fn with_detail(self, detail: Option<&str>) -> Violation {
        Violation { detail: detail.unwrap_or_default().to_owned(), ..self }
    }

    /// The same violation, repaired by setting its own path to `value` (JSON text).
    pub fn fixed_by(self, value: impl Into<String>) -> Violation {
        let edit = Edit::Set { path: self.path.clone(), value: value.into() };
        let overwrites = self.found != Found::Unset;
        self.with_fix(vec![edit], overwrites)
    }

    /// The same violation, repaired by taking away what stands at its path.
    pub fn removed(self) -> Violation {
        let edit = Edit::Remove { path: self.path.clone() };
        self.with_fix(vec![edit], true)
    }

    /// The same violation; without its repair unless `is_possible`.
    pub fn fixed_only_if(mut self, is_possible: bool) -> Violation {
        if !is_possible {
            self.fix = None;
        }
        self
    }

    /// The same violation, repaired by `edits`.
    pub fn with_fix(mut self, edits: Vec<Edit>, overwrites: bool) -> Violation {
        self.fix = Some(Fix { edits, overwrites });
        self
    }

    /// The same violation as a gap that `mutate` fills, and nobody minds otherwise.
    pub fn as_gap(mut self) -> Violation {
        self.weight = Weight::Gap;
        self
    }

    /// The same violation as advice, which never refuses.
    pub fn as_advice(mut self) -> Violation {
        self.weight = Weight::Advice;
        self
    }

    /// The sentence for people: who, where, what was found, what is wanted. One line, whatever the object holds.
    pub fn message(&self) -> String {
        let mut out = String::new();
        self.push_message(&mut out);
        out
    }

    /// Appends [`Violation::message`].
    pub(crate) fn push_message(&self, out: &mut String) {
        if let Some((kind, name)) = &self.container {
            out.push_str(kind.title());
            out.push(' ');
            line::push(out, &json::string(name), QUOTED);
            out.push_str(": ");
        }
        line::push(out, &self.path, LONGEST);
        match &self.found {
            Found::Unset => out.push_str(" is not set"),
            Found::Json(found) => {
                out.push_str(" is ");
                line::push(out, found, QUOTED);
            }
        }
        // What is not set must be set: that need not be said twice.
        let wanted = match self.wanted.strip_prefix("must be set:") {
            Some(why) if self.found == Found::Unset => {
                out.push(':');
                why
            }
            _ => {
                out.push_str(", ");
                &self.wanted
            }
        };
        line::push(out, wanted, LONGEST);
    }

    /// Whether both are the same violation, wherever it stands: rule, container, field and all that was found,
    /// but not the place of the container in its list.
    pub fn is_same(&self, other: &Violation) -> bool {
        self.rule == other.rule
            && self.container == other.container
            && self.found == other.found
            && self.detail == other.detail
            && path::without_indices(&self.wanted) == path::without_indices(&other.wanted)
            && path::without_indices(&self.path) == path::without_indices(&other.path)
    }

    /// A hash of what [`Violation::is_same`] compares.
    pub fn identity_hash(&self) -> u64 {
        let mut all = hash(self.rule);
        if let Some((kind, name)) = &self.container {
            all = chained(chained(all, kind.word()), name);
        }
        all = chained(chained(all, &path::without_indices(&self.path)), &self.detail);
        match &self.found {
            Found::Json(found) => chained(all, found),
            Found::Unset => all,
        }
    }
}

/// Longest name or found value that a message quotes, in bytes.
const QUOTED: usize = 120;
/// Longest path, and longest sentence about what is wanted. Both can quote names of any length.
const LONGEST: usize = 500;

/// Collects what one rule finds in one pod template.
#[derive(Debug, Default)]
pub struct Report {
    /// Violations in the order they were found.
    pub violations: Vec<Violation>,
    /// Why the template cannot be judged, if the rule says so.
    pub unjudged: Option<Unjudged>,
    /// Who answers what the rule asks; nobody if `None`.
    pub host: Option<Rc<dyn Host>>,
}

impl Report {
    /// Adds a violation.
    pub fn add(&mut self, violation: Violation) {
        self.violations.push(violation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Core 8: whatever names and values an object holds.
    #[test]
    fn messages_are_one_line_and_bounded() {
        let hostile = ["a\nok: everything is fine\u{2028}\u{202e}", &"x".repeat(100_000)].concat();
        let violation = Violation {
            container: Some((ContainerKind::Init, hostile.clone())),
            ..Violation::at(["spec.", &hostile].concat(), Found::text(&hostile), hostile)
        };
        let message = violation.message();
        assert!(message.starts_with(r#"init container "a\nok: everything is fine��xxx"#), "{message}");
        assert!(message.contains("spec.a�ok: everything is fine"), "{message}");
        assert!(message.len() < 1_500, "{}", message.len());
        assert!(!message.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}')), "{message:?}");
    }
}
