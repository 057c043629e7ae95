//! The user of an image.

use super::Error;
use super::stage::Stage;

/// Who a container of an image runs as, unless the manifest says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageUser {
    /// The last `USER`.
    Written {
        /// Its text, with the values of its variables.
        user: String,
        /// Its line.
        line: usize,
    },
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
        if let Some((user, line)) = &stage.user {
            return Ok(ImageUser::Written { user: user.clone(), line: *line });
        }
        // A stage can only build on those before it.
        match named(&stage.base, at) {
            Some(parent) => at = parent,
            None => return Ok(ImageUser::Inherited { base: stage.base.clone(), line: stage.line }),
        }
    }
}
