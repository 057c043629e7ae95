//! A corpus of manifests as real repositories hold them: many small files, long definitions with no pod
//! template, ConfigMaps with manifests inside of block scalars, what Helm renders, `List`s, JSON, comments,
//! anchors, brackets, quoted keys, Windows line breaks. About every seventh document is a workload.
//!
//! The same shape and seed give the same bytes. [`Census`] says what a reader has to find.

mod config;
mod emit;
mod json;
mod plan;
mod random;
mod schema;
mod small;
mod style;
mod tree;
mod words;
mod workload;

pub use plan::{File, Shape, files};

/// The contents of a corpus, as `harden check` counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Files.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: usize,
    /// YAML documents.
    pub documents: usize,
    /// Objects with a pod template.
    pub workloads: usize,
    /// Objects without one.
    pub without_template: usize,
    /// Documents that are not Kubernetes objects.
    pub not_kubernetes: usize,
    /// Documents without content.
    pub empty: usize,
}

impl Census {
    /// Counts files together.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f File>) -> Census {
        files.into_iter().fold(Census::default(), |sum, file| {
            let more = file.census;
            Census {
                files: sum.files + 1,
                bytes: sum.bytes + file.text.len(),
                documents: sum.documents + more.documents,
                workloads: sum.workloads + more.workloads,
                without_template: sum.without_template + more.without_template,
                not_kubernetes: sum.not_kubernetes + more.not_kubernetes,
                empty: sum.empty + more.empty,
            }
        })
    }
}
