//! The proof that trial runs give of a workload, beside the findings of its rules.

use lint::finding::Object;
use lint::outcome::FileReport;

/// The result of the trial runs of a workload.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    /// Its file.
    pub(crate) file: String,
    /// Its object.
    pub(crate) object: Object,
    /// How far it is proven.
    pub(crate) kind: ProofKind,
    /// The verdict and what it rests on, a sentence each.
    pub(crate) said: Vec<String>,
}

/// How far a workload is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofKind {
    /// It runs hardened.
    Proven,
    /// It runs with something given back.
    Needs,
    /// It does not, or nobody knows.
    Open,
}

impl ProofKind {
    /// Class, sign and words: colour is never the only sign.
    pub(super) fn looks(self) -> (&'static str, &'static str, &'static str) {
        match self {
            ProofKind::Proven => ("clean", "✓", "proven"),
            ProofKind::Needs => ("fixable", "±", "needs something"),
            ProofKind::Open => ("error", "✗", "not proven"),
        }
    }
}

/// The proofs of an object; there is more than one if it has more than one workload.
pub(super) fn of<'p>(proofs: &'p [Proof], file: &FileReport, object: &Object) -> Vec<&'p Proof> {
    proofs.iter().filter(|proof| proof.file == file.path && proof.object == *object).collect()
}
