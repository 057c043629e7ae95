//! Which file of a chart a document was rendered from: `# Source: chart/templates/x.yaml`, as helm writes it.

use std::path::Path;

use memchr::memmem;

use crate::outcome::{Template, Workload};

const MARK: &str = "# Source: ";

/// Sets the source of each workload that says one. A path below `chart`, the folder that was rendered, becomes one
/// from here.
pub(crate) fn mark(text: &str, workloads: &mut [Workload], chart: Option<&Path>) {
    if memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
        return;
    }
    for workload in workloads {
        workload.source = text.get(..workload.extent.start).and_then(above).map(|path| match chart {
            Some(chart) => located(path, chart),
            None => Template { path: path.to_owned(), is_at_hand: true },
        });
    }
}

/// The source that the comments of a document say, at the end of the text in front of its content. Of an item of a
/// list, the document's.
fn above(before: &str) -> Option<&str> {
    for line in before.rsplit('\n') {
        if let Some(path) = line.strip_prefix(MARK) {
            return Some(path.trim());
        }
        if line == "---" || line.starts_with("--- ") || line.trim_end() == "---" {
            return None;
        }
    }
    None
}

/// A path that starts with the chart's name, as a path of the chart's folder if there is such a file.
fn located(path: &str, chart: &Path) -> Template {
    let inside = path.split_once('/').map(|(_, inside)| chart.join(inside)).filter(|file| file.is_file());
    match inside {
        Some(file) => Template { path: file.display().to_string(), is_at_hand: true },
        // The template is in an archive, or in the chart of a dependency that is.
        None => Template { path: path.to_owned(), is_at_hand: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_of_the_document_counts() {
        for (before, expected) in [
            ("---\n# Source: a/templates/x.yaml\n", Some("a/templates/x.yaml")),
            ("---\n# Source: a/x.yaml\r\n# more\n", Some("a/x.yaml")),
            ("# Source: a/x.yaml\n", Some("a/x.yaml")),
            ("# Source: a/x.yaml\nkind: Service\n---\n", None),
            ("# Source: a/x.yaml\nkind: Service\n--- \n# other\n", None),
            ("---\n# Source: a/x.yaml\nkind: List\nitems:\n- ", Some("a/x.yaml")),
            ("", None),
        ] {
            assert_eq!(above(before), expected, "{before:?}");
        }
    }
}
