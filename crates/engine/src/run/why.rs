//! Why a pod is not ready, in words.

use std::time::Duration;

use trial::Readiness;
use trial::pod::{Container, Role};

use super::live::Live;

/// A pod that is not ready because of a container.
pub(super) fn readiness(container: &Container, why: String) -> Readiness {
    Readiness::Not { container: container.name.clone(), why, log: Vec::new() }
}

/// The container that kept a pod from being ready in time.
pub(super) fn late(lives: &[Live<'_>], limit: Duration) -> Readiness {
    let failing = lives.iter().find(|live| live.failing.is_some() && !live.done);
    let kept =
        failing.or(lives.iter().find(|live| !live.done && live.container.role != Role::Sidecar)).or(lives.last());
    let seconds = limit.as_secs();
    match kept {
        Some(live) => {
            let why = live.failing.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            readiness(live.container, format!("was not ready within {seconds} s{why}"))
        }
        None => Readiness::Not {
            container: String::new(),
            why: format!("was not started within {seconds} s"),
            log: Vec::new(),
        },
    }
}

/// The cause at the end of a runtime's words.
pub(super) fn cause(said: &str) -> &str {
    let text = said.split("unable to start container process: ").last().unwrap_or(said);
    text.split(": OCI ").next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_what_a_reader_can_use() {
        for (said, expected) in [
            (
                "runc: runc create failed: unable to start container process: exec: \"/x\": stat /x: no such file or \
                 directory: OCI runtime attempted to invoke a command that was not found",
                "exec: \"/x\": stat /x: no such file or directory",
            ),
            (
                "unable to find user app: no matching entries in passwd file",
                "unable to find user app: no matching entries in passwd file",
            ),
        ] {
            assert_eq!(cause(said), expected);
        }
    }
}
