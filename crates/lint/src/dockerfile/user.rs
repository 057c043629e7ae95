//! The user of an image.

use std::fmt;

use super::Error;
use super::stage::Stage;

/// A user or group as `USER` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// A numeric id.
    Number(u32),
    /// A name, which only the image's own files resolve.
    Name(String),
}

impl Id {
    fn of(text: &str) -> Id {
        text.parse().map_or_else(|_| Id::Name(text.to_owned()), Id::Number)
    }

    /// Whether it is root.
    pub fn is_root(&self) -> bool {
        matches!(self, Id::Number(0)) || matches!(self, Id::Name(name) if name == "root")
    }
}

/// A `USER` instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub user: Id,
    /// The group, if it is written.
    pub group: Option<Id>,
    /// The line of the instruction.
    pub line: usize,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Number(id) => id.fmt(f),
            Id::Name(name) => f.write_str(name),
        }
    }
}

/// Writes the user as `USER` has it.
impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.user.fmt(f)?;
        self.group.as_ref().map_or(Ok(()), |group| write!(f, ":{group}"))
    }
}

/// Who a container of an image runs as, unless the manifest says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageUser {
    /// The last `USER`.
    Written(User),
    /// No `USER` on the way: whoever the base image runs as.
    Inherited {
        /// The base image; `scratch` runs as root.
        base: String,
        /// The line of its `FROM`.
        line: usize,
    },
}

/// The user of the stage `target`, or of the last one: its own, else that of the stage it builds on.
///
/// # Errors
/// A stage that is not there.
pub(super) fn of(stages: &[Stage], target: Option<&str>) -> Result<ImageUser, Error> {
    let named = |name: &str, below: usize| {
        let is = |stage: &&Stage| stage.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
        stages[..below].iter().rposition(|stage| is(&stage))
    };
    let mut at = match target {
        None => stages.len().saturating_sub(1),
        Some(target) => {
            match named(target, stages.len()).or_else(|| target.parse().ok().filter(|at| *at < stages.len())) {
                Some(at) => at,
                None => return Err(Error { line: 1, message: format!("there is no stage {target}") }),
            }
        }
    };
    loop {
        let Some(stage) = stages.get(at) else {
            return Err(Error { line: 1, message: "there is no stage".to_owned() });
        };
        if let Some((text, line)) = &stage.user {
            let (user, group) = match text.split_once(':') {
                Some((user, group)) => (user, Some(Id::of(group)).filter(|_| !group.is_empty())),
                None => (text.as_str(), None),
            };
            return Ok(ImageUser::Written(User { user: Id::of(user), group, line: *line }));
        }
        // A stage can only build on those before it.
        match named(&stage.base, at) {
            Some(parent) => at = parent,
            None => return Ok(ImageUser::Inherited { base: stage.base.clone(), line: stage.line }),
        }
    }
}
