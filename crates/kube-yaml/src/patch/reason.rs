//! The reasons why a change cannot be made safely.

use thiserror::Error;

/// Why a change cannot be made, worded to follow the path of what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Reason {
    /// The text is laid out in a way that the editor does not know.
    #[error("this layout is not one that can be edited safely")]
    Layout,
    /// The edit would change something else.
    #[error("the text around it cannot be edited without changing something else")]
    Surroundings,
    /// The value is written elsewhere.
    #[error("comes through an alias from line {line}, where others may share it")]
    Alias {
        /// Line of the anchor's value.
        line: usize,
    },
    /// The value is merged into its mapping.
    #[error("comes through a merge key from line {line}, where others may share it")]
    Merge {
        /// Line of the anchor's value.
        line: usize,
    },
    /// Others use the value too, and do not want the edit.
    #[error("is shared by the anchor on line {line}, whose other uses must stay as they are")]
    Anchor {
        /// Line of the anchor.
        line: usize,
    },
    /// A comment holds an action of a template.
    #[error("is in a template: the comment on line {line} decides what is in the document")]
    Template {
        /// Line of the comment.
        line: usize,
    },
    /// A part of the chunk is not valid YAML.
    #[error("a part of this document cannot be read")]
    Unreadable,
    /// The document nests deeper than JSON may.
    #[error("is nested too deeply")]
    Deep,
    /// The document has no value at the group's path.
    #[error("is not in this document")]
    Absent,
    /// The text has fewer documents.
    #[error("there is no document {0}")]
    NoDocument(usize),
}
