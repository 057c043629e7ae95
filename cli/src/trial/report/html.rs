//! The page: workload by rule as the hardened files are judged, with a column of proof.

use std::io::{self, Write};

use super::{Row, TrialReport, Word, words};
use crate::report::proof::{Proof, ProofKind};
use crate::report::{self, Repairs, Report};

/// Writes the page.
pub(super) fn write(report: &TrialReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let proofs: Vec<Proof> = report.rows.iter().map(proof).collect();
    let (summary, repairs) = (report.summary(), Repairs::default());
    let page = Report { about: Some(report.about), proofs: &proofs, ..Report::new(report.judged, &summary, &repairs) };
    report::html::write(&page, out)
}

fn proof(row: &Row<'_>) -> Proof {
    let kind = match row.word() {
        Word::Proven => ProofKind::Proven,
        Word::Needs => ProofKind::Needs,
        Word::NotProvable | Word::NotReady | Word::NotTried => ProofKind::Open,
    };
    let rules = row.telling().flat_map(|(rule, verdict)| {
        words::verdict(row, verdict).into_iter().map(move |said| format!("{rule}: {said}"))
    });
    let said = [words::sentence(row)].into_iter().chain(words::given(row)).chain(rules);
    Proof { file: row.file.to_owned(), object: row.object.clone(), kind, said: said.collect() }
}
