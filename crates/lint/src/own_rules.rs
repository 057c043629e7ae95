//! The rules of `harden` itself: ids that findings carry and no policy has.

use crate::baseline::GONE;
use crate::dockerfile::DOCKERFILE_USER;
use crate::suppress::{EXPIRED, INVALID, UNUSED};

/// Rule id of findings about `podTemplates`.
pub const UNUSED_POINTER: &str = "unused-pod-template";
/// Rule id of findings about exemptions that leave nothing alone.
pub const UNUSED_EXEMPTION: &str = "unused-exemption";
/// Rule id of findings about exemptions without a reason.
pub const NO_REASON: &str = "exemption-without-reason";
/// Rule id of findings about `dockerfiles`.
pub const UNUSED_DOCKERFILE: &str = "unused-dockerfile";

/// A rule of `harden` itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnRule {
    /// Id of the rule.
    pub id: &'static str,
    /// Its demand in a few words.
    pub title: &'static str,
    /// Whether its findings fail a run: always, never, or as the text says.
    pub level: &'static str,
    /// The meaning of a finding and what to do about it, Markdown.
    pub doc: &'static str,
}

/// All of them, sorted by id.
pub const OWN_RULES: [OwnRule; 9] = [
    OwnRule {
        id: DOCKERFILE_USER,
        title: "The image's user is that of the manifest, and not root",
        level: "error; a warning where nobody can tell",
        doc: "\
Compares the `USER` of the Dockerfiles that `dockerfiles` in harden.yaml or `--dockerfile` names with the manifests. In
the Dockerfile, a `USER` that is root is an error; one that is missing, or is a name, which Kubernetes cannot tell from
root, is a warning. In the manifest, a `runAsUser` or `runAsGroup` that differs from the image's is an error: there the
rule `image-user` judges, with its settings, by the Dockerfile's facts, unless harden.lock knows the image.

Write `USER` with numeric ids other than 0, such as `USER 1000:1000`, and the same ids in the manifest, or leave them
out there: `harden fix` fills them in.",
    },
    OwnRule {
        id: NO_REASON,
        title: "An exemption says why",
        level: "warning",
        doc: "\
An exemption in harden.yaml has no `reason`. It holds all the same, in the cluster too, and nobody can tell whether it is
still needed. A suppression without a reason hides nothing; this is only a warning because policies take exemptions
without one.

Write `reason`.",
    },
    OwnRule {
        id: EXPIRED,
        title: "A suppression is over",
        level: "warning",
        doc: "\
The last day of a suppression, its `until`, is over, and what it hid counts again.

Repair what it hid and remove the suppression, or write a later date if the reason still holds.",
    },
    OwnRule {
        id: GONE,
        title: "Known findings are gone",
        level: "warning",
        doc: "\
The baseline lists findings that the run did not find again, in files that were judged or are no longer there.

Run `harden baseline prune` with the same paths and options: what is no longer listed cannot come back unseen.",
    },
    OwnRule {
        id: INVALID,
        title: "A suppression cannot hold",
        level: "error",
        doc: "\
A suppression names no rule that there is, has no reason, a date that is not one, or stands in an annotation that
Kubernetes would refuse. It hides nothing.

Write it as `# harden: ignore[RULE] REASON`, or as an annotation `harden/ignore.RULE: REASON`.",
    },
    OwnRule {
        id: UNUSED_DOCKERFILE,
        title: "No container runs the image of a Dockerfile",
        level: "warning",
        doc: "\
`dockerfiles` in harden.yaml names an image that no container in its folder has, so that nothing is compared with the
Dockerfile.

Correct `image`, a glob on the name without tag and digest, or remove the entry.",
    },
    OwnRule {
        id: UNUSED_EXEMPTION,
        title: "An exemption leaves nothing alone",
        level: "warning",
        doc: "\
An exemption in harden.yaml had no effect in a run that judged the whole folder: what it was for was repaired, or it
matches nothing.

Remove it. If only the cluster needs it, say so behind it: `# harden: ignore[unused-exemption] REASON`.",
    },
    OwnRule {
        id: UNUSED_POINTER,
        title: "A pointer leads to no pod template",
        level: "warning",
        doc: "\
`podTemplates` has a pointer that leads to no pod template in anything that was judged, so that nothing is judged by it.

Correct the pointer: it leads to the template, the object that has `spec.containers`, not to its `spec`.",
    },
    OwnRule {
        id: UNUSED,
        title: "A suppression hides nothing",
        level: "warning",
        doc: "\
A suppression is for a rule that has no finding where it stands: what it hid was repaired, or it stands in the wrong
place.

Remove it, or move it to the field, the container or the document that it is for.",
    },
];

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static OwnRule> {
    OWN_RULES.iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_sorted_and_no_policy_has_them() {
        assert!(OWN_RULES.is_sorted_by_key(|rule| rule.id));
        assert!(OWN_RULES.iter().all(|rule| !crate::config::known_ids().contains(&rule.id)));
        assert_eq!(find(GONE).map(|rule| rule.id), Some(GONE));
    }
}
