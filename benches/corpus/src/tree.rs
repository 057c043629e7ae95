//! The content to write: a tree without positions or styles.

/// A value of a manifest.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// Keys and values, in order.
    Map(Vec<(String, Tree)>),
    /// Items.
    List(Vec<Tree>),
    /// A string; quoted where YAML needs it.
    Text(String),
    /// A number, boolean or null, as written.
    Word(&'static str),
    /// A number.
    Number(usize),
    /// A string of several lines.
    Lines(String),
    /// Prose, which may be wrapped.
    Prose(String),
    /// A value that aliases repeat.
    Anchor(&'static str, Box<Tree>),
    /// The value of an anchor.
    Alias(&'static str),
}

impl Tree {
    pub(crate) fn text(text: impl Into<String>) -> Tree {
        Tree::Text(text.into())
    }

    pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Tree {
        Tree::List(texts.into_iter().map(Tree::text).collect())
    }

    /// Whether it stands on one line.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self, Tree::Text(_) | Tree::Word(_) | Tree::Number(_))
    }
}

/// A mapping of these entries.
pub(crate) fn map<const N: usize>(entries: [(&str, Tree); N]) -> Tree {
    Tree::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A mapping of these entries, `None` left out.
pub(crate) fn some<const N: usize>(entries: [(&str, Option<Tree>); N]) -> Tree {
    let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Tree::Map(entries.collect())
}

/// A Kubernetes object.
pub(crate) fn object(api_version: &str, kind: &str, metadata: Tree, body: Vec<(&str, Tree)>) -> Tree {
    let head = [("apiVersion", Tree::text(api_version)), ("kind", Tree::text(kind)), ("metadata", metadata)];
    Tree::Map(head.into_iter().chain(body).map(|(key, value)| (key.to_owned(), value)).collect())
}
