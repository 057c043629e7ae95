//! Fingerprints that identify a finding after lines have moved.

use std::collections::BTreeMap;

use hardening::path::without_indices;

use lint::finding::Finding;

/// Gives every finding of a report a fingerprint of its own.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: BTreeMap<u64, usize>,
}

impl Fingerprints {
    /// The fingerprint of the next finding: of its file, object, container, rule, field and value, not of
    /// lines and list indices. Of findings that agree in all of them, the second and further are numbered.
    pub(super) fn of(&mut self, file: &str, finding: &Finding) -> String {
        let violation = &finding.violation;
        let path = without_indices(&violation.path);
        let object = &finding.object;
        let parts = [
            file,
            &object.api_version,
            &object.kind,
            &object.namespace,
            &object.name,
            violation.container_type.as_deref().unwrap_or_default(),
            violation.container.as_deref().unwrap_or_default(),
            &violation.rule,
            &path,
            violation.found.as_ref().map_or("", |found| found.get()),
        ];
        self.number(hash(&parts))
    }

    /// The fingerprint of something else.
    pub(super) fn of_text(&mut self, file: &str, text: &str) -> String {
        self.number(hash(&[file, text]))
    }

    fn number(&mut self, hash: u64) -> String {
        let count = self.seen.entry(hash).or_default();
        *count += 1;
        if *count == 1 { format!("{hash:016x}") } else { format!("{hash:016x}-{count}") }
    }
}

/// FNV-1a, 64 bit, of the parts with their ends.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{POD, judged};
    use super::*;

    #[test]
    fn moved_lines_and_containers_change_nothing() {
        let of = |text: &str| {
            let report = judged("pod.yaml", text);
            let mut fingerprints = Fingerprints::default();
            let mut all: Vec<String> = report.findings.iter().map(|f| fingerprints.of(&report.path, f)).collect();
            all.sort();
            all
        };
        let before = of(POD);
        assert!(before.len() > 3);
        let mut distinct = before.clone();
        distinct.dedup();
        assert_eq!(distinct, before);
        assert_eq!(of(&format!("# moved\n\n{POD}")), before);
        assert_ne!(of(&POD.replace("name: app", "name: other")), before);
    }
}
