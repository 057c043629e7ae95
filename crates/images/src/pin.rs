//! The edits that write a digest behind a reference, and that take it away.

use hardening::reference::Reference;
use hardening::violation::Edit;
use kube_yaml::yaml::{Segment, to_text};
use serde_json::Value;
use thiserror::Error;

use crate::digest::Digest;
use crate::places::{Holder, Mention};

/// The reason for which a reference is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Left {
    /// A chart's values are used as its templates see fit.
    #[error("is a value of a chart, which harden reports and does not edit: set the digest as the chart wants it")]
    Values,
    /// A digest without a tag says all there is to say.
    #[error("has a digest and no tag, so that nothing says which one should take its place")]
    NoTag,
    /// The tag is written elsewhere.
    #[error("has no tag here: it comes from elsewhere")]
    Elsewhere,
    /// It is not a reference.
    #[error("is not the name of an image")]
    NotAnImage,
}

/// Returns the edit that pins a reference to `digest`; `None` if it has that digest already.
///
/// # Errors
/// A reference that must stay as it is.
pub fn pin(mention: &Mention<'_, '_>, digest: &Digest) -> Result<Option<Edit>, Left> {
    let (written, reference) = parts(mention)?;
    let digest = digest.to_string();
    if reference.digest == Some(digest.as_str()) {
        return Ok(None);
    }
    if reference.tag.is_none() && reference.digest.is_some() {
        return Err(Left::NoTag);
    }
    Ok(Some(match mention.holder {
        Holder::Kustomization(_) => set(&beside(mention), digest),
        _ => {
            let tag = if reference.tag.is_none() { ":latest" } else { "" };
            set(&mention.path, format!("{}{tag}@{digest}", without_digest(written)))
        }
    }))
}

/// Returns the edit that takes the digest of a reference away; `None` if it has none.
///
/// # Errors
/// A reference that must stay as it is.
pub fn unpin(mention: &Mention<'_, '_>) -> Result<Option<Edit>, Left> {
    let (written, reference) = parts(mention)?;
    if reference.digest.is_none() {
        return Ok(None);
    }
    if reference.tag.is_none() {
        return Err(Left::NoTag);
    }
    Ok(Some(match mention.holder {
        Holder::Kustomization(_) => Edit::Remove { path: to_text(&beside(mention)) },
        _ => set(&mention.path, without_digest(written).to_owned()),
    }))
}

/// The reference of an editable place, as written and as read.
fn parts<'m>(mention: &'m Mention<'_, '_>) -> Result<(&'m str, Reference<'m>), Left> {
    if mention.holder == Holder::Values {
        return Err(Left::Values);
    }
    let written = mention.reference.as_deref().ok_or(Left::Elsewhere)?;
    Ok((written, Reference::parse(written).map_err(|_| Left::NotAnImage)?))
}

fn without_digest(written: &str) -> &str {
    written.split_once('@').map_or(written, |(name, _)| name)
}

/// The field `digest` of the entry that a mention stands in.
fn beside(mention: &Mention<'_, '_>) -> Vec<Segment> {
    let mut path = mention.path.clone();
    path.pop();
    path.push(Segment::Key("digest".to_owned()));
    path
}

fn set(path: &[Segment], text: String) -> Edit {
    Edit::Set { path: to_text(path), value: Value::String(text).to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kube_yaml::yaml;

    use super::*;
    use crate::places::{in_kustomization, in_object, in_values};

    #[test]
    fn references_are_pinned_and_unpinned() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        for (written, pinned) in [
            ("nginx:1.27", Ok(Some(format!("nginx:1.27@{a}")))),
            ("nginx", Ok(Some(format!("nginx:latest@{a}")))),
            ("localhost:5000/x", Ok(Some(format!("localhost:5000/x:latest@{a}")))),
            (&format!("nginx:1.27@{b}"), Ok(Some(format!("nginx:1.27@{a}")))),
            (&format!("nginx:1.27@{a}"), Ok(None)),
            (&format!("nginx@{a}"), Ok(None)),
            (&format!("nginx@{b}"), Err(Left::NoTag)),
            ("Not An Image", Err(Left::NotAnImage)),
        ] {
            let text = format!("containers: [{{image: \"{written}\"}}]\n");
            let parsed = yaml::parse(&text);
            let found = &in_object(&parsed.documents[0].root)[0];
            let expected =
                |text: String| Edit::Set { path: "containers[0].image".to_owned(), value: format!("{text:?}") };
            assert_eq!(pin(found, &a), pinned.map(|edit| edit.map(expected)), "{written}");
            let bare = written.split_once('@').map(|(name, _)| name.to_owned());
            let has_tag = !written.starts_with("nginx@");
            let unpinned = match bare {
                Some(_) if !has_tag => Err(Left::NoTag),
                _ if written.contains(' ') => Err(Left::NotAnImage),
                bare => Ok(bare.map(expected)),
            };
            assert_eq!(unpin(found), unpinned, "{written}");
        }
    }

    #[test]
    fn a_kustomization_gets_a_digest_beside_its_tag_and_values_stay() {
        let digest = Digest::of(b"a");
        let parsed = yaml::parse("images: [{name: nginx, newTag: '1'}, {name: app, newName: b}]\nimage: x:1\n");
        let root = &parsed.documents[0].root;
        let found = in_kustomization(root);
        let path = || "images[0].digest".to_owned();
        assert_eq!(pin(&found[0], &digest), Ok(Some(Edit::Set { path: path(), value: format!("\"{digest}\"") })));
        assert_eq!((unpin(&found[0]), pin(&found[1], &digest)), (Ok(None), Err(Left::Elsewhere)));
        assert_eq!(pin(&in_values(root)[0], &digest), Err(Left::Values));

        let text = format!("images: [{{name: nginx, newTag: '1', digest: '{digest}'}}]\n");
        let parsed = yaml::parse(&text);
        let found = in_kustomization(&parsed.documents[0].root);
        assert_eq!((pin(&found[0], &digest), unpin(&found[0])), (Ok(None), Ok(Some(Edit::Remove { path: path() }))));
    }
}
