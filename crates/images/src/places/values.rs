//! The values of a chart, as charts usually lay them out.

use std::borrow::Cow;

use kube_yaml::yaml::{Node, Segment, Value};

use super::{Holder, Mention};

/// Finds what looks like an image in the values of a chart: a text called `image`, or `repository` with `tag`, `digest`
/// or `registry` beside it. Without a tag or digest, the chart's templates say it.
pub fn in_values<'n, 'a>(root: &'n Node<'a>) -> Vec<Mention<'n, 'a>> {
    let mut found = Vec::new();
    visit(root, &mut Vec::new(), &mut found);
    found
}

fn visit<'n, 'a>(node: &'n Node<'a>, path: &mut Vec<Segment>, found: &mut Vec<Mention<'n, 'a>>) {
    match &node.value {
        Value::Mapping(pairs) => {
            found.extend(of_parts(node, path));
            for (key, value) in pairs {
                let Some(name) = key.as_str() else { continue };
                path.push(Segment::Key(name.to_owned()));
                if let Some(text) = value.as_str().filter(|text| name == "image" && !text.is_empty()) {
                    let reference = Some(Cow::Borrowed(text));
                    found.push(Mention { path: path.clone(), key, node: value, holder: Holder::Values, reference });
                }
                visit(value, path, found);
                path.pop();
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Segment::Index(index));
                visit(item, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The image whose parts are members of a mapping.
fn of_parts<'n, 'a>(node: &'n Node<'a>, path: &[Segment]) -> Option<Mention<'n, 'a>> {
    let (key, repository) = node.entry("repository")?;
    let name = repository.as_str().filter(|name| !name.is_empty() && !name.contains("://"))?;
    let is_image = matches!(path.last(), Some(Segment::Key(key)) if key.to_lowercase().ends_with("image"));
    if !is_image && !["tag", "digest", "registry"].iter().any(|part| node.get(part).is_some()) {
        return None;
    }
    let part = |field: &str, before: &str, behind: &str| match &node.get(field)?.value {
        Value::String(text) | Value::Number(text) if !text.is_empty() => Some([before, text, behind].concat()),
        _ => None,
    };
    let (tag, digest) = (part("tag", ":", ""), part("digest", "@", ""));
    let is_whole = tag.is_some() || digest.is_some() || name.contains('@');
    let parts = [part("registry", "", "/"), Some(name.to_owned()), tag, digest];
    let reference = is_whole.then(|| Cow::Owned(parts.into_iter().flatten().collect()));
    let path = path.iter().cloned().chain([Segment::Key("repository".to_owned())]).collect();
    Some(Mention { path, key, node: repository, holder: Holder::Values, reference })
}
