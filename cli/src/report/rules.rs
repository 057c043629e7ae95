//! Documentation of rules, as reports quote it.

use hardening::catalogue::{self, RuleDoc};
use hardening::rules::Severity;

use lint::config::severity;
use lint::own_rules;

/// A rule as reports describe it.
pub(super) struct Rule {
    /// Its id.
    pub(super) id: String,
    /// Its demand in a few words; its id if it has no documentation.
    pub(super) title: String,
    /// How much it matters; `None` of a rule that is not built in.
    pub(super) severity: Option<Severity>,
    /// Its documentation, Markdown; empty of a rule that is not built in.
    pub(super) doc: String,
    /// Where the demand comes from.
    pub(super) sources: &'static [&'static str],
    /// The page that documents it, from the root of the repository; none of a rule that is not built in.
    page: Option<String>,
}

/// The documentation of all rules, read once a report.
pub(super) struct RuleDocs {
    docs: Vec<RuleDoc>,
}

impl RuleDocs {
    pub(super) fn read() -> RuleDocs {
        RuleDocs { docs: catalogue::every() }
    }

    /// Describes the rule or check `id`.
    pub(super) fn rule(&self, id: &str) -> Rule {
        match self.docs.iter().find(|doc| doc.id == id) {
            Some(doc) => Rule {
                id: id.to_owned(),
                title: doc.title.to_owned(),
                severity: Some(doc.severity),
                doc: doc.doc.trim().to_owned(),
                sources: doc.sources,
                page: Some(format!("policies/{id}/README.md")),
            },
            None if let Some(own) = own_rules::find(id) => Rule {
                id: id.to_owned(),
                title: own.title.to_owned(),
                severity: None,
                doc: own.doc.to_owned(),
                sources: &[],
                page: None,
            },
            None => {
                let severity = severity(id);
                // A check of the standard that no rule is named after.
                let title = if severity.is_some() { format!("Pod Security Standards: {id}") } else { id.to_owned() };
                let page = severity.map(|_| "docs/pod-security-standards.md".to_owned());
                Rule { id: id.to_owned(), title, severity, doc: String::new(), sources: &[], page }
            }
        }
    }
}

/// The address of a page of the repository, as it was when this version was released. GitHub, GitLab and Forgejo take it.
pub(super) fn released(page: &str) -> String {
    format!("{}/blob/v{}/{page}", env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"))
}

impl Rule {
    /// The address of its documentation.
    pub(super) fn address(&self) -> Option<String> {
        self.page.as_deref().map(released)
    }

    /// The word for its severity.
    pub(super) fn severity_word(&self) -> &'static str {
        self.severity.map_or("unknown", Severity::word)
    }
}
